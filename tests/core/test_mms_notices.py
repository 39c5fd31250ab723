"""What can be read of the notice that a picture message waits."""

from textbackd.core import mms_notices

NOTICE = (
    bytes.fromhex("0605040b8423f0")
    + b"\x01\x06\x03\xbe\xaf\x84\x8c\x82\x98T123\x00\x8d\x90\x89\x19\x80+447700900123/TYPE=PLMN\x00"
    + b"\x8a\x80\x8e\x03\x01\xa0\x00\x88\x05\x81\x03\x02\xa3\x00\x83http://mms.example/T123\x00"
)


def test_a_notice_says_who_sent_the_picture_and_where_it_lies() -> None:
    """Inside, whatever number of the network's the message came from."""
    notice = mms_notices.read(NOTICE)

    assert ("+447700900123", "http://mms.example/T123") == (notice.sender, notice.location)


def test_half_a_notice_says_what_it_has() -> None:
    """An address that is cut off is none: that of another picture may begin alike."""
    front, back = NOTICE[:-10], NOTICE[-10:]

    assert ("+447700900123", "") == (mms_notices.read(front[:-1]).sender, mms_notices.read(front + b"\x01").location)
    assert ("", "") == (mms_notices.read(back).sender, mms_notices.read(back).location)
    assert "" == mms_notices.read(b"").sender
