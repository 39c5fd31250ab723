"""What a modem says unasked is understood, or nothing to us; never an error."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from tests.emulator import pdu
from textbackd.modem import unasked
from textbackd.modem.unasked import PushedText

NOON = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)


def test_a_text_that_is_handed_out() -> None:
    """Its octets as they came; with a name from the phone book in front or not."""
    (message,) = pdu.encode_deliver("+447700900456", "STOP", NOON, flash=True)
    for head in ("+CMT: ,23", '+CMT: "Bob",23', "+CMT:23"):
        assert PushedText(message) == unasked.read(f"{head}\n{message.hex().upper()}")


@given(st.sampled_from(["+CMT: ,23", "+CDS: 25", ""]), st.binary().map(bytes.hex) | st.text())
def test_any_line_is_understood_or_nothing_to_us(head: str, rest: str) -> None:
    """Also octets that are cut off in the middle of one, or none at all."""
    unasked.read(f"{head}\n{rest}")
    unasked.read(head + rest)


def test_a_text_without_octets_is_none() -> None:
    """What is half lost on the port leaves nothing to keep."""
    for rest in ("", "\n", "\n0791F", "\nno octets"):
        assert unasked.read(f"+CMT: ,23{rest}") is None
