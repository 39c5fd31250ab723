"""Channels hear each other through bridges and through the two halves of a Local channel."""

from textbackd.core.wiring import Wiring


def test_a_channel_alone_hears_only_itself() -> None:
    """Also one that was never heard of."""
    assert {"a"} == Wiring().heard_by("a")


def test_a_bridge_joins_its_members() -> None:
    """Each hears all, until one leaves."""
    wiring = Wiring()
    for channel in ("a", "b", "c"):
        wiring.enter(channel, "bridge")
    wiring.leave("b")

    assert {"a", "c"} == wiring.heard_by("a")
    assert {"b"} == wiring.heard_by("b")
    assert wiring.bridge_of("b") is None


def test_a_channel_is_in_one_bridge_at_a_time() -> None:
    """Entering another means leaving the first."""
    wiring = Wiring()
    wiring.enter("a", "first")
    wiring.enter("b", "first")
    wiring.enter("b", "second")

    assert {"a"} == wiring.heard_by("a")
    assert wiring.bridge_of("b") == "second"


def test_a_chain_of_local_pairs_is_one_wire() -> None:
    """Caller - bridge - Local - bridge - Local - bridge - phone; a ring of them ends."""
    wiring = Wiring()
    for channel, bridge in (("a", "1"), ("x1", "1"), ("x2", "2"), ("y1", "2"), ("y2", "3"), ("b", "3")):
        wiring.enter(channel, bridge)
    wiring.pair("x1", "x2")
    wiring.pair("y1", "y2")
    assert {"a", "x1", "x2", "y1", "y2", "b"} == wiring.heard_by("a")

    wiring.remove("x2")
    assert {"a", "x1"} == wiring.heard_by("a")
    assert {"y1", "y2", "b"} == wiring.heard_by("b")


def test_removing_twice_or_what_is_not_there_is_no_harm() -> None:
    """Hang-ups come twice, and of channels that were never seen."""
    wiring = Wiring()
    wiring.pair("x1", "x2")
    wiring.remove("x1")
    wiring.remove("x1")
    wiring.leave("z")

    assert {"x2"} == wiring.heard_by("x2")
