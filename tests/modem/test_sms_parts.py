"""Parts make texts, whole or with a gap; what is no text is set apart with its octets."""

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.emulator import pdu
from textbackd.core import sms_text
from textbackd.core.sms_text import GSM7_ALPHABET, GSM7_EXTENSION
from textbackd.modem import sms_parts
from textbackd.modem.modem import GAP, DeliveryReport, IncomingSms, Stored, Unread, UnreadMessage
from textbackd.modem.sms_parts import Sorted

BOB, CAROL = "+447700900456", "+447700900789"
NOON = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)


def sorted_out(*messages: bytes) -> Sorted:
    """Of messages in the places 0, 1, 2, …"""
    return sms_parts.sort_out(Stored(place=str(place), pdu=message) for place, message in enumerate(messages))


def only_text(*messages: bytes) -> IncomingSms:
    """All that there is."""
    found = sorted_out(*messages)
    assert (found.unread, found.reports) == ([], [])
    (text,) = found.texts
    return text


def concatenated(user_data: bytes, *, length: int, coding: int, at: dt.datetime = NOON) -> bytes:
    """A part whose user data was cut as no phone should."""
    (whole,) = pdu.encode_deliver(BOB, "", at)
    return bytes((*whole[:8], whole[8] | 0x40, *whole[9:18], coding, *whole[19:26], length)) + user_data


@given(
    st.text(st.sampled_from(GSM7_ALPHABET + GSM7_EXTENSION), min_size=1, max_size=600)
    | st.text(st.sampled_from("ж~😀a\n"), min_size=1, max_size=300),
    st.randoms(),
)
def test_a_text_is_whole_however_its_parts_come(text: str, chance: object) -> None:
    """In any order, any of them twice; the places are all of its parts."""
    parts = pdu.encode_deliver(BOB, text, NOON, reference=200)
    shuffled = [*parts, parts[-1]] if len(parts) > 1 else parts
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    found = only_text(*shuffled)
    assert (found.text, found.missing, sorted(found.places)) == (text, (), sorted(str(i) for i in range(len(shuffled))))
    assert found.concatenation == (f"200/{len(parts)}" if len(parts) > 1 else "")


@given(st.data())
def test_a_gap_stands_for_each_run_of_missing_parts(data: st.DataObject) -> None:
    """What is there is shown, what is missing is told."""
    text = "".join(f"{number:0153}" for number in range(6))
    parts = pdu.encode_deliver(BOB, text, NOON, reference=9)
    there = data.draw(st.sets(st.integers(1, 6), min_size=1, max_size=5))
    found = only_text(*(parts[number - 1] for number in sorted(there)))
    runs = itertools.groupby(range(1, 7), lambda number: number in there)
    pieces = [part for here, run in runs for part in ([f"{number - 1:0153}" for number in run] if here else [GAP])]
    assert found.text == "".join(pieces)
    assert found.missing == tuple(sorted(set(range(1, 7)) - there))
    assert found.concatenation == "9/6"


def test_an_emoji_and_an_escape_cut_in_two_are_put_together() -> None:
    """Some phones cut where they like."""
    octets = "ж😀ж".encode("utf-16-be")
    halves = (bytes((5, 0, 3, 7, 2, 1)) + octets[:4], bytes((5, 0, 3, 7, 2, 2)) + octets[4:])
    assert only_text(*(concatenated(half, length=len(half), coding=8) for half in halves)).text == "ж😀ж"
    # One septet of padding behind a header of 6 octets: 0x1B in the one part, 0x65 ("e", or the euro) in the other.
    halves = (bytes((5, 0, 3, 8, 2, 1, 0x1B << 1)), bytes((5, 0, 3, 8, 2, 2, 0x65 << 1)))
    assert only_text(*(concatenated(half, length=8, coding=0) for half in halves)).text == "€"


def test_a_reference_that_comes_again_is_another_text() -> None:
    """Of the same number or another, at the same time or a day later."""
    old, new = ("old " * 60, "new " * 60)
    texts = [
        *pdu.encode_deliver(BOB, old, NOON, reference=7)[:1],
        *pdu.encode_deliver(BOB, new, NOON + dt.timedelta(days=1), reference=7)[1:],
        *pdu.encode_deliver(CAROL, new, NOON, reference=7),
    ]
    found = sorted_out(*texts).texts
    assert [(text.sender, text.missing) for text in found] == [(BOB, (2,)), (CAROL, ()), (BOB, (1,))]


def without_time(message: bytes) -> bytes:
    """The same, with a time stamp that is none."""
    stamp = pdu.encode_deliver(BOB, "", NOON)[0][-8:-1]
    assert message.count(stamp) == 1
    return message.replace(stamp, b"\xff" * 7)


@given(st.data())
def test_parts_without_a_time_join_all_the_same(data: st.DataObject) -> None:
    """Whichever they are, in any order; the text has the time of its first part that has one."""
    text = "".join(f"{number:0153}" for number in range(4))
    lacking = data.draw(st.sets(st.integers(0, 3)))
    parts = [
        without_time(part) if number in lacking else part
        for number, part in enumerate(pdu.encode_deliver(BOB, text, NOON, reference=9))
    ]
    found = only_text(*data.draw(st.permutations(parts)))
    assert (found.text, found.missing, found.sent_at) == (text, (), None if len(lacking) == 4 else NOON)


def test_texts_without_a_time_stand_at_the_end() -> None:
    """In the order in which they lie there."""
    (first,) = pdu.encode_deliver(BOB, "first", NOON)
    (second,) = pdu.encode_deliver(BOB, "second", NOON)
    (third,) = pdu.encode_deliver(BOB, "third", NOON)
    found = sorted_out(without_time(second), without_time(third), first).texts
    assert [(text.text, text.sent_at) for text in found] == [("first", NOON), ("second", None), ("third", None)]


def test_a_16_bit_reference() -> None:
    """§9.2.3.24.8."""
    halves = [bytes((6, 8, 4, 0x12, 0x34, 2, number)) + "жж".encode("utf-16-be") for number in (1, 2)]
    found = only_text(*(concatenated(half, length=len(half), coding=8) for half in halves))
    assert (found.text, found.concatenation) == ("жжжж", f"{0x1234}/2")


def test_our_own_parts_come_back_whole() -> None:
    """What we would send is what we would read."""
    text = "[€]~" * 100
    parts = [pdu.encode_deliver(BOB, segment.text, NOON) for segment in sms_text.segments(text, 5)]
    assert "".join(only_text(*part).text for part in parts) == text


PUSH = bytes.fromhex("0605040B8423F0")
NOTICE = bytes.fromhex("01062703BEAF848C82")


@pytest.mark.parametrize(
    ("user_data", "kind"),
    [
        pytest.param(PUSH + NOTICE, Unread.MMS, id="notice"),
        pytest.param(PUSH + b"\x01\x06\x03application/vnd.wap.mms-message\0", Unread.MMS, id="in-words"),
        pytest.param(bytes.fromhex("0B05040B8423F00003070202") + b"rest", Unread.MMS, id="second-part"),
        pytest.param(PUSH + b"\x01\x06\x01\xae", Unread.BINARY, id="other-push"),
        pytest.param(bytes.fromhex("06050415811581") + b"ringtone", Unread.BINARY, id="ports"),
        pytest.param(bytes.fromhex("0404021112") + b"x", Unread.BINARY, id="8-bit-ports"),
    ],
)
def test_what_is_no_text_is_set_apart(user_data: bytes, kind: Unread) -> None:
    """With its place, its octets and its sender."""
    message = concatenated(user_data, length=len(user_data), coding=4)
    assert sorted_out(message).unread == [UnreadMessage(kind=kind, place="0", pdu=message, sender=BOB)]


@pytest.mark.parametrize("octets", ["", "FF" * 40, "0791", "07914477000900F0040C91447700900021"])
def test_what_makes_no_sense_is_set_apart(octets: str) -> None:
    """It hides nothing else."""
    (text,) = pdu.encode_deliver(BOB, "hello", NOON)
    found = sorted_out(bytes.fromhex(octets), text)
    assert found.unread == [UnreadMessage(kind=Unread.UNDECODABLE, place="0", pdu=bytes.fromhex(octets))]
    assert [text.text for text in found.texts] == ["hello"]


def test_a_part_of_a_number_out_of_range_is_set_apart() -> None:
    """Part 3 of 2."""
    data = bytes((5, 0, 3, 7, 2, 3)) + "ж".encode("utf-16-be")
    assert [message.kind for message in sorted_out(concatenated(data, length=8, coding=8)).unread] == [
        Unread.UNDECODABLE
    ]


def test_a_stored_report_is_found() -> None:
    """With its place."""
    report = DeliveryReport(number=BOB, message_reference=7, status=48)
    assert sorted_out(pdu.encode_status_report(BOB, 7, 48, NOON)).reports == [("0", report)]
