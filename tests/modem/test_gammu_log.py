"""What became of a text, read from gammu's debug log: of a ``SendSMS`` that failed."""

import pytest

from textbackd.modem import gammu_log
from textbackd.modem.gammu_log import Outcome

PROMPTED = """\
Sat 2026/11/21 19:48:41: Entering GSM_SendSMS
Sat 2026/11/21 19:48:41: Waiting for modem prompt
Sat 2026/11/21 19:48:41: 1 "AT+CMGS=16"
Sat 2026/11/21 19:48:41: 2 "> "
"""
WRITTEN = PROMPTED + "Sat 2026/11/21 19:48:41: Sending SMS\n"
REFERENCE = 'Sat 2026/11/21 19:50:20: 1 "+CMGS: 12"\n'


@pytest.mark.parametrize(
    ("log", "outcome", "reference"),
    [
        ("", Outcome.UNKNOWN, -1),
        (PROMPTED, Outcome.NOT_SENT, -1),
        (WRITTEN, Outcome.UNKNOWN, -1),
        (WRITTEN + REFERENCE, Outcome.ACCEPTED, 12),
        (REFERENCE + WRITTEN, Outcome.UNKNOWN, -1),
        (PROMPTED + REFERENCE, Outcome.NOT_SENT, -1),
    ],
)
def test_what_the_log_proves(log: str, outcome: Outcome, reference: int) -> None:
    """A reference proves that this text was sent, if it was told behind its PDU."""
    verdict = gammu_log.judge(log, write_failed=False)
    assert (outcome, reference) == (verdict.outcome, verdict.reference)


@pytest.mark.parametrize(
    "line",
    [
        "+CMGS: 12",
        "0791447758+CMGS: 12",
        "+CMGS:12",
        "+CMGS:  12 ",
        "+CMGS: 12,0791",
        '+CMGS: 12,"26/11/21,19:20:00+00"',
    ],
)
def test_a_reference_with_more_behind_it(line: str) -> None:
    """The SMS-SUBMIT-REPORT or a time stamp."""
    assert gammu_log.reference_in(["AT+CMGS=16", "> ", line, "OK"]) == 12
    assert gammu_log.reference_in(["AT+CMGS=16", "> ", "OK"]) == -1
