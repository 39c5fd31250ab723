"""What is wrong with opening hours, and where."""

import pytest

from textbackd.core import hours_mistakes


@pytest.mark.parametrize(
    "hours",
    [
        "24/7",
        "off",
        "Su",
        "Mo-Fr 08:00-17:00; PH off",
        "Mo-Fr 08:00-12:00, 13:00-17:00",
        "Mo-Fr 08:00-12:00, Mo-Fr 13:00-17:00, PH off",
        'Mo-Fr 08:00-17:00 "ring, please; PH Mo"; PH off',
        "Mo-Fr sunrise-sunset, Sa 10:00-12:00 || PH off",
        "Sa,Su,PH +1 day off",
        "Jan-Mar PH off",
        "week 1-10 PH off",
        "24/7; Feb 29 off; Dec 31 off; Jan 08:00-12:00",
        "24/7; 2027 Aug 02-2027 Aug 13 off; 2027 Dec 24-2028 Jan 02 off; Dec 24-Jan 02 off",
        '24/7 "Feb 31"',
    ],
)
def test_what_is_right(hours: str) -> None:
    """A comma and a space may begin another rule behind one that says when."""
    assert hours_mistakes.first_in(hours) is None


@pytest.mark.parametrize(
    ("hours", "offset", "begin", "end"),
    [
        ("Mo-Fr 9-17", 6, "'9-17' is not understood here: write hours like", "'Mo-Fr 09:00-17:30; PH off'"),
        ("Mon-Fr 08:00-17:00", 2, "'Mon-Fr' is not understood here", "PH off'"),
        ("Mo ,We 10:00-12:00", 3, "',' is not understood here", "PH off'"),
        ("Mo-Fr 08:00-17:00;", 18, "these hours break off here", "PH off'"),
        ("Mo-Sa 08:00-17:00; Su, PH off", 19, "'Su, ' means that it is open all day on Su", "mean 'Su,PH off'?"),
        ("Sa, Su, PH 10:00-14:00; Mo off", 0, "'Sa, ' means", "did you mean 'Sa,Su,PH 10:00-14:00'?"),
        ("24/7; Mo, We, Fr 09:00-12:00", 6, "'Mo, ' means", "did you mean 'Mo,We,Fr 09:00-12:00'?"),
        ("Mo 10:00-12:00, Su,  PH off || off", 16, "'Su, ' means", "did you mean 'Su,PH off'?"),
        ('"a, b"; Su, PH off', 8, "'Su, ' means", "did you mean 'Su,PH off'?"),
        ("24/7; Dec 24, Dec 25 off", 6, "'Dec 24, ' means", "did you mean 'Dec 24,Dec 25 off'?"),
        ("24/7; Su, Dec 24 off", 6, "'Su, ' means", "such as 'Su off, PH 10:00-12:00'"),
        ("24/7; PH Mo,Tu off", 6, "'PH Mo' can be read in two ways", "write 'PH,Mo'"),
        ("24/7; PH +1 day Mo off", 6, "'PH +1 day Mo' can", "write 'PH +1 day,Mo'"),
        ("Mo-Fr PH 10:00-12:00", 3, "'Fr PH' can be read in two ways", "write 'Fr,PH'"),
        ("Mo[1] SH 10:00-12:00", 0, "'Mo[1] SH' can be read", "write 'Mo[1],SH'"),
        ("24/7; Feb 31 off", 6, "there is no Feb 31: ", "the last day is Feb 29"),
        ("24/7; Apr 01-Apr 31 off", 13, "there is no Apr 31: ", "the last day is Apr 30"),
        ("2027 Aug 20-2027 Aug 01 off", 0, "2027 Aug 20-2027 Aug 01", " ends before it begins"),
    ],
)
def test_what_is_wrong(hours: str, offset: int, begin: str, end: str) -> None:
    """Where, and what was meant, if that can be read."""
    found = hours_mistakes.first_in(hours)

    assert found is not None
    assert offset == found.offset
    assert found.message.startswith(begin), found.message
    assert found.message.endswith(end), found.message
