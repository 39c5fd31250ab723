"""Who is well, who is not, and who has stopped giving signs of life."""

import datetime as dt

from textbackd.health import Condition, Health, Trouble


class HandSet:
    """Two clocks that move when told."""

    def __init__(self) -> None:
        self.at = dt.datetime(2026, 11, 21, 14, 2, tzinfo=dt.UTC)
        self.running = 100.0

    def go(self, seconds: float) -> None:
        self.at += dt.timedelta(seconds=seconds)
        self.running += seconds


def _health() -> tuple[Health, HandSet]:
    clock = HandSet()
    return Health(now=lambda: clock.at, monotonic=lambda: clock.running), clock


def test_what_is_down_says_since_when_and_why() -> None:
    """The time is that of the first failure; the error is the latest."""
    health, clock = _health()
    modem = health.component("sim-1")
    modem.down("no answer")
    lost = clock.at
    clock.go(60)
    modem.down("port is gone")

    assert health.problems() == [Trouble(component="sim-1", since=lost, error="port is gone")]


def test_only_news_is_news() -> None:
    """So that it is logged once when lost and once when back."""
    health, _ = _health()
    pbx = health.component("asterisk")

    assert [pbx.down("refused"), pbx.down("refused"), pbx.up(), pbx.up("22.5"), pbx.down("gone")] == [
        True,
        False,
        True,
        False,
        True,
    ]


def test_the_last_error_stays_after_it_is_back() -> None:
    """It is up, and one can still ask what it was."""
    health, _ = _health()
    pbx = health.component("asterisk")
    pbx.down("refused")
    pbx.up()

    assert (pbx.condition, pbx.last_error, health.problems()) == (Condition.UP, "refused", [])


def test_a_component_is_made_once() -> None:
    """Whoever names it gets the same one."""
    health, _ = _health()

    assert health.component("asterisk") is health.component("asterisk")
    assert [component.name for component in health.components()] == ["asterisk"]


def test_a_worker_that_does_not_tick_is_late() -> None:
    """After its bound, not before; the others need not tick."""
    health, clock = _health()
    sender = health.component("sender", within=10)
    health.component("asterisk")
    clock.go(10)
    in_time = health.late(clock.running)
    clock.go(0.1)
    late = health.late(clock.running)
    sender.tick()

    assert (in_time, late, health.late(clock.running)) == ([], ["sender"], [])


def test_the_status_is_one_line_with_trouble_first() -> None:
    """What starts comes next, then what works; workers only tick and are not in it."""
    health, _ = _health()
    health.component("asterisk").up("22.5")
    health.component("database").up()
    health.component("sim-2")
    health.component("sender", within=10).tick()
    health.component("sim-1").down("no\nanswer")

    assert health.status() == (
        "sim-1 down since 2026-11-21 14:02 UTC: no answer; sim-2 starting; asterisk up (22.5); database up"
    )


def test_an_empty_house_has_a_status_too() -> None:
    """Before anything is made."""
    assert _health()[0].status() == "nothing to watch"
