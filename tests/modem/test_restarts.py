"""Whether a modem has started anew since it was opened: what it says of it, and what it is asked."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.modem.at_far_end import AtFarEnd, ok, said
from textbackd.modem import restarts as module
from textbackd.modem import unasked
from textbackd.modem.modem_line import ModemLine
from textbackd.modem.restarts import RestartedError, Restarts
from textbackd.modem.unasked import Arrived

SETTINGS, SIM = "AT+CNMI?", "AT+CIMI"


@pytest.fixture
def far_end(tmp_path: Path) -> Iterator[AtFarEnd]:
    """A modem that was told to announce texts."""
    replies = {SETTINGS: ok("+CNMI: 2,1,0,1,0"), SIM: ok("001010123456789")}
    with AtFarEnd(tmp_path / "modem", replies) as far_end:
        yield far_end


@pytest.fixture
def restarts(far_end: AtFarEnd) -> Iterator[Restarts]:
    """Of ``far_end``, just opened."""
    port = os.open(far_end.device, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    restarts = Restarts(ModemLine(port, lambda _: None))
    restarts.begin()
    far_end.commands.clear()
    yield restarts
    os.close(port)


@pytest.mark.parametrize("line", ["RDY", "^SYSSTART", "MODEM:STARTUP"])
def test_a_start_that_is_told_is_believed(restarts: Restarts, far_end: AtFarEnd, line: str) -> None:
    """Though it has saved what it is asked for; also when its SIM is told of behind it."""
    assert unasked.read(line) is Arrived.RESTART
    restarts.take(Arrived.RESTART)
    restarts.take(Arrived.SIM_READY)
    with pytest.raises(RestartedError):
        restarts.look()
    assert far_end.commands == []


@pytest.mark.parametrize("line", ["Call Ready", "SMS Ready", "+QIND: SMS DONE", "PB DONE", "+CPIN: READY", "+CFUN: 1"])
def test_a_sim_that_gets_ready(restarts: Restarts, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    """Soon after the opening that is the end of a start; later it is one, whatever the modem has saved."""
    assert unasked.read(line) is Arrived.SIM_READY
    restarts.take(Arrived.SIM_READY)
    restarts.look()
    monkeypatch.setattr(module, "STARTING_SECONDS", -1)
    restarts.look()
    restarts.take(Arrived.SIM_READY)
    with pytest.raises(RestartedError):
        restarts.look()


@pytest.mark.parametrize("settings", [ok("+CNMI: 0,0,0,0,0"), said("+CME ERROR: 14")])
def test_a_start_soon_after_the_opening(restarts: Restarts, far_end: AtFarEnd, settings: str) -> None:
    """Is seen by what the modem does not know any more."""
    far_end.replies[SETTINGS] = settings
    restarts.take(Arrived.SIM_READY)
    with pytest.raises(RestartedError):
        restarts.look()


def test_what_is_not_told_is_seen(restarts: Restarts, far_end: AtFarEnd, monkeypatch: pytest.MonkeyPatch) -> None:
    """Now and then: settings that are gone, and another SIM; what cannot be had just now proves nothing."""
    far_end.replies |= {SETTINGS: ok("+CNMI: 0,0,0,0,0"), SIM: ok("+CIMI: 262011234567890")}
    restarts.look()
    assert far_end.commands == []
    monkeypatch.setattr(module, "LOOK_SECONDS", -1)
    with pytest.raises(RestartedError, match="started anew"):
        restarts.look()
    far_end.replies[SETTINGS] = said("ERROR")
    with pytest.raises(RestartedError, match="another SIM"):
        restarts.look()
    for nothing in (said("+CME ERROR: 10"), ok("+CIMI: 001010123456789")):
        far_end.replies[SIM] = nothing
        restarts.look()
