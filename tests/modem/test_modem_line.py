"""AT commands of our own, on a port that is gammu's before and after."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.modem.at_far_end import AtFarEnd, ok
from textbackd.modem.modem_line import ModemLine

SETTINGS = "AT+CNMI?"
REPORT = "07915155000000F106460B915155674523F1621112004283006211120042830000"


@pytest.fixture
def far_end(tmp_path: Path) -> Iterator[AtFarEnd]:
    with AtFarEnd(tmp_path / "modem") as far_end:
        yield far_end


@pytest.fixture
def port(far_end: AtFarEnd) -> Iterator[int]:
    """As gammu opens it."""
    port = os.open(far_end.device, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    yield port
    os.close(port)


@pytest.mark.parametrize(
    "line", ["RDY", "^SYSSTART", "SMS Ready", "+QIND: SMS DONE", "PB DONE", "+CPIN: READY", "+CFUN: 1"]
)
def test_a_start_is_heard_in_the_middle_of_an_answer(far_end: AtFarEnd, port: int, line: str) -> None:
    """And is no part of that."""
    unasked: list[str] = []
    far_end.replies[SETTINGS] = ok(line, "+CNMI: 2,1,0,1,0")
    answer = ModemLine(port, unasked.append).ask(SETTINGS)
    assert (("+CNMI: 2,1,0,1,0",), [line]) == (answer.lines, unasked)


@pytest.mark.parametrize(
    ("first", "rest", "told"),
    [
        ("\r\n+QI", 'ND: "csq",20,99\r\n', '+QIND: "csq",20,99'),
        ("\r\n+CDS: 25\r\n", f"{REPORT}\r\n", f"+CDS: 25\n{REPORT}"),
        (f"\r\n+CDS: 25\r\n{REPORT[:9]}", f"{REPORT[9:]}\r\n", f"+CDS: 25\n{REPORT}"),
    ],
)
def test_what_has_begun_is_heard_to_its_end(far_end: AtFarEnd, port: int, first: str, rest: str, told: str) -> None:
    """Behind an answer, before the port is gammu's again."""
    unasked: list[str] = []
    far_end.replies["AT"] = ok() + first
    line = ModemLine(port, unasked.append)
    line.ask("AT")
    timer = threading.Timer(0.1, lambda: far_end.say(rest))
    timer.start()
    line.listen()
    timer.join()
    assert [told] == unasked


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (REPORT, f"+CDS: 25\n{REPORT}"),
        (REPORT[16:], f"+CDS: 25\n{REPORT[16:]}"),
        (REPORT + "00" * 20, REPORT + "00" * 20),
        (REPORT[:40], REPORT[:40]),
        ("00ZZ", "00ZZ"),
    ],
)
def test_a_pdu_comes_late(far_end: AtFarEnd, port: int, line: str, told: str) -> None:
    """Behind other answers: one as long as was told, with the service centre's address in front or without."""
    far_end.replies |= {"AT": ok() + "\r\n+CDS: 25\r\n", SETTINGS: f"\r\n{line}\r\n" + ok("+CNMI: 2,1,0,1,0")}
    unasked: list[str] = []
    modem = ModemLine(port, unasked.append)
    modem.ask("AT")
    answer = modem.ask("AT+CMGF=0")
    assert ((), []) == (answer.lines, unasked)
    heard = [*modem.ask(SETTINGS).lines, *unasked]
    assert sorted(["+CNMI: 2,1,0,1,0", told]) == sorted(heard)


def test_the_pdu_of_another_is_not_taken(far_end: AtFarEnd, port: int) -> None:
    """A report whose PDU never came, and a message of another length in an answer."""
    far_end.replies |= {"AT": ok() + "\r\n+CDS: 25\r\n", "AT+CMGL=4": ok("+CMGL: 1,0,,12", REPORT[:40])}
    unasked: list[str] = []
    modem = ModemLine(port, unasked.append)
    modem.ask("AT")
    assert (("+CMGL: 1,0,,12", REPORT[:40]), []) == (modem.ask("AT+CMGL=4").lines, unasked)
