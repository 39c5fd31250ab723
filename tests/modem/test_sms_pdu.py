"""PDUs are read as the standard says, whatever an independent writer puts into them, and no octets at all stop us."""

import contextlib
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.emulator import pdu
from textbackd.core.sms_text import GSM7_ALPHABET
from textbackd.modem import sms_pdu
from textbackd.modem.sms_pdu import Alphabet, Deliver, PduError, StatusReport

NOON = dt.datetime(2026, 11, 20, 12, 0, 5, tzinfo=dt.UTC)
HEAD = "07914477000900F0"
"""The service centre +447700900000."""


def deliver(octets: str) -> Deliver:
    """What ``octets`` say."""
    found = sms_pdu.read(bytes.fromhex(octets))
    assert isinstance(found, Deliver)
    return found


@given(
    text=st.text(st.sampled_from(GSM7_ALPHABET), max_size=160) | st.text(st.characters(), max_size=35),
    sender=st.from_regex(r"\A\+?[1-9][0-9]{2,14}\Z") | st.sampled_from(["Vodafone", "E-Plus 24", "60777"]),
    sent_at=st.datetimes(
        dt.datetime(2001, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
        dt.datetime(2098, 1, 1),  # noqa: DTZ001
        timezones=st.integers(-48, 56).map(lambda quarters: dt.timezone(dt.timedelta(minutes=15 * quarters))),
    ),
)
def test_what_was_written_is_read(text: str, sender: str, sent_at: dt.datetime) -> None:
    """Sender, time and words, in either alphabet."""
    written = pdu.encode_deliver(sender, text, sent_at.replace(microsecond=0))
    found = [sms_pdu.read(part) for part in written]
    assert all(isinstance(part, Deliver) for part in found)
    assert {(part.sender, part.sent_at) for part in found if isinstance(part, Deliver)} == {
        (sender, sent_at.replace(microsecond=0))
    }
    if len(found) == 1 and isinstance(found[0], Deliver):
        assert found[0].text == text


def test_a_report_is_read() -> None:
    """Recipient, reference and status."""
    written = pdu.encode_status_report("+447700900123", 255, 0x46, NOON)
    assert sms_pdu.read(written) == StatusReport(recipient="+447700900123", message_reference=255, status=0x46)


@pytest.mark.parametrize("address", ["", "00", "0C914477790000F0", "0F914477000900F0", "03914477000900F0"])
@pytest.mark.parametrize(
    "tpdu",
    [
        *(pdu.encode_status_report("+447700900123", reference, 0, NOON)[8:] for reference in (0, 0x81, 0x91, 255)),
        *(pdu.encode_deliver(sender, "STOP", NOON)[0][8:] for sender in ("+447700900456", "Bob")),
        *(pdu.encode_deliver("+447700900456", text, NOON)[0][8:] for text in ("", "ж")),
    ],
)
def test_the_service_centre_is_missing_or_too_long(address: str, tpdu: bytes) -> None:
    """By the length of the rest it is seen: what is told is what would have been told with a right one."""
    right = bytes.fromhex(HEAD) + tpdu
    assert right == sms_pdu.with_service_centre(right, len(tpdu))
    mended = sms_pdu.with_service_centre(bytes.fromhex(address) + tpdu, len(tpdu))
    assert sms_pdu.read(right) == sms_pdu.read(mended)


def test_a_wrong_length_of_the_rest_does_no_harm() -> None:
    """What can be read as it is stays so."""
    (right,) = pdu.encode_deliver("+447700900456", "STOP", NOON)
    assert {right} == {sms_pdu.with_service_centre(right, length) for length in range(len(right) + 2)}


@given(st.binary(), st.integers(0, 300))
def test_any_octets_with_any_length(octets: bytes, length: int) -> None:
    """None is lost but in front of the rest."""
    assert sms_pdu.with_service_centre(octets, length) in (octets, b"\0" + octets[-length:])


@given(st.binary(min_size=7, max_size=7))
def test_any_octets_may_stand_for_the_time(octets: bytes) -> None:
    """The words are read all the same; a time is read where there is one, and none where there is not."""
    (written,) = pdu.encode_deliver("+447700900456", "STOP", NOON)
    at = written.index(pdu.encode_deliver("+447700900456", "", NOON)[0][-8:-1])
    found = sms_pdu.read(written[:at] + octets + written[at + 7 :])
    assert isinstance(found, Deliver)
    assert (found.sender, found.text) == ("+447700900456", "STOP")
    digits = "".join(f"{octet & 15:x}{octet >> 4:x}" for octet in (*octets[:6], octets[6] & 0xF7))
    try:
        year, *rest = (int(digits[i : i + 2]) for i in range(0, 12, 2))
        local = dt.datetime(2000 + year, *rest)  # type: ignore[arg-type]  # noqa: DTZ001
        quarters = int(digits[12:]) * (-1 if octets[6] & 8 else 1)
    except ValueError:
        assert found.sent_at is None
    else:
        assert found.sent_at == local.replace(tzinfo=dt.UTC) - dt.timedelta(minutes=15 * quarters)


@pytest.mark.parametrize(
    "stamp", ["FFFFFFFFFFFFFF", "00000000000000", "62310210210000", "A2110210210000", "621102102100FF"],
    ids=["empty", "zeros", "month-13", "no-digit", "no-zone"],
)  # fmt: skip
def test_a_time_that_is_none(stamp: str) -> None:
    """Is no reason not to read a STOP."""
    found = deliver(f"{HEAD}040B917407900954F60000{stamp}0453EA130A")
    assert (found.sent_at, found.text) == (None, "STOP")


@given(st.binary(max_size=200))
def test_any_octets_are_read_or_refused(octets: bytes) -> None:
    """What lies on a SIM may be anything."""
    with contextlib.suppress(PduError):
        sms_pdu.read(octets)


@given(st.data())
def test_a_pdu_that_is_cut_off_is_refused(data: st.DataObject) -> None:
    """Never half a text."""
    (whole,) = pdu.encode_deliver("+447700900456", "Ring me after five", NOON)
    with pytest.raises(PduError):
        sms_pdu.read(whole[: data.draw(st.integers(0, len(whole) - 1))])


@pytest.mark.parametrize(
    ("coding", "alphabet"),
    [
        (0x00, Alphabet.GSM7), (0x11, Alphabet.GSM7), (0x04, Alphabet.OCTETS), (0x08, Alphabet.UCS2),
        (0x18, Alphabet.UCS2), (0x20, Alphabet.OCTETS), (0x48, Alphabet.UCS2), (0xC8, Alphabet.GSM7),
        (0xD0, Alphabet.GSM7), (0xE0, Alphabet.UCS2), (0xF0, Alphabet.GSM7), (0xF6, Alphabet.OCTETS),
    ],
)  # fmt: skip
def test_coding_schemes(coding: int, alphabet: Alphabet) -> None:
    """The groups of TS 23.038 §4."""
    assert deliver(f"{HEAD}040B917407900954F600{coding:02X}6211021021000000").alphabet is alphabet


def test_a_header_with_several_elements() -> None:
    """Ports and concatenation side by side, as of a picture message's notice."""
    header = "0B" + "0504" + "0B8423F0" + "0003" + "070201"
    found = deliver(f"{HEAD}440B917407900954F60004" + "62110210210000" + "0E" + header + "BEBE")
    assert found.elements == {0x05: bytes.fromhex("0B8423F0"), 0x00: bytes((7, 2, 1))}
    assert found.alphabet is Alphabet.OCTETS
