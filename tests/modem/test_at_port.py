"""The AT dialogue on a real pseudo-terminal: answers, errors, and ports that are silent, jammed, taken or gone."""

import os
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.modem.at_far_end import AtFarEnd, ok, said
from textbackd.modem.at_port import Answer, AtPort
from textbackd.modem.port_errors import PortBusy, PortForbidden, PortGone, PortSilent

OTHER_PROGRAM = (
    "import serial, sys; port = serial.Serial(sys.argv[1], exclusive=True); print('open', flush=True); input()"
)


@pytest.fixture
def far_end(tmp_path: Path) -> Iterator[AtFarEnd]:
    """One that knows nothing but AT, ATE1 and AT+CMEE=1."""
    with AtFarEnd(tmp_path / "modem") as far_end:
        yield far_end


def _open(far_end: AtFarEnd) -> AtPort:
    return AtPort(str(far_end.device))


def _asked(far_end: AtFarEnd, command: str) -> Answer:
    with _open(far_end) as port:
        return port.ask(command)


def _has_open(device: str) -> bool:
    """Whether this process does, but for the far end's own."""
    port = os.path.realpath(device)
    return [os.path.realpath(fd) for fd in Path("/proc/self/fd").iterdir()].count(port) > 1


@pytest.mark.parametrize("echo", [True, False])
def test_a_question_is_answered(tmp_path: Path, echo: bool) -> None:
    """Without the echo, whether the modem echoes or not."""
    with AtFarEnd(tmp_path / "modem", {"AT+CSQ": ok("+CSQ: 20,99")}, echo=echo) as far_end:
        answer = _asked(far_end, "AT+CSQ")

    assert Answer(("+CSQ: 20,99",), "OK") == answer
    assert (True, None, "20,99", None) == (answer.ok, answer.cme, answer.value("+CSQ"), answer.value("+CREG"))


def test_what_it_says_unasked_is_no_answer(far_end: AtFarEnd) -> None:
    """Before, between and after the lines that were asked for, also where nobody knows what it is."""
    noise = said("^RSSI: 18", "*PSUTTZ: 2026, 11, 21", "RING")
    far_end.replies |= {"AT+CGMM": noise + ok("E3372") + noise, "AT+CSQ": noise + ok("+CSQ: 7,99")}

    assert "E3372" == _asked(far_end, "AT+CGMM").text("+CGMM")
    assert "7,99" == _asked(far_end, "AT+CSQ").value("+CSQ")


@pytest.mark.parametrize(("line", "expected"), [("SIM7600", "SIM7600"), ('+CGMM: "A7670E"', "A7670E")])
def test_an_answer_with_and_without_its_name(far_end: AtFarEnd, line: str, expected: str) -> None:
    """Makers differ in how they answer AT+CGMM."""
    far_end.replies["AT+CGMM"] = ok(line)

    assert expected == _asked(far_end, "AT+CGMM").text("+CGMM")


@pytest.mark.parametrize(
    ("final", "cme"),
    [("ERROR", None), ("+CME ERROR: 11", 11), ("+CMS ERROR: 500", None), ("+CME ERROR: SIM busy", None),
     ("COMMAND NOT SUPPORT", None)],
)  # fmt: skip
def test_an_error_ends_an_answer(far_end: AtFarEnd, final: str, cme: int | None) -> None:
    """In each of its forms."""
    far_end.replies["AT+CPIN?"] = said(final)

    answer = _asked(far_end, "AT+CPIN?")

    assert (Answer((), final), False, cme) == (answer, answer.ok, answer.cme)


def test_a_half_written_text_is_thrown_away(far_end: AtFarEnd) -> None:
    """A modem that was left in its prompt takes commands again, and sends nothing."""
    far_end.in_prompt = True

    with AtPort(str(far_end.device)) as port:
        port.wake()

    assert (["AT"], []) == (far_end.commands, far_end.texts)


def _seconds_to(raises: type[Exception], act: Callable[[], object]) -> tuple[float, str]:
    began = time.monotonic()
    with pytest.raises(raises) as error:
        act()
    return time.monotonic() - began, str(error.value)


def _wake(far_end: AtFarEnd) -> None:
    with AtPort(str(far_end.device)) as port:
        port.wake()


def test_a_silent_port_is_found_in_under_2_s(far_end: AtFarEnd) -> None:
    """After two tries; and it is closed."""
    far_end.replies["AT"] = None
    far_end.echoes = False

    seconds, why = _seconds_to(PortSilent, lambda: _wake(far_end))

    assert seconds < 2
    assert ["AT", "AT"] == far_end.commands
    assert f"{far_end.device}: no answer to AT within 0.6 s: " in why
    assert not _has_open(str(far_end.device))


def test_a_port_that_only_echoes_is_given_more_time(far_end: AtFarEnd) -> None:
    """It may be a modem that is slow; not for ever."""
    far_end.replies["AT"] = None

    seconds, why = _seconds_to(PortSilent, lambda: _wake(far_end))

    assert 3 < seconds < 5
    assert "no answer to AT within 2 s: " in why


@pytest.mark.parametrize(("echo", "seconds"), [(True, 0.6), (True, 1.5), (False, 0.9)])
def test_a_slow_modem_answers_what_it_was_asked(tmp_path: Path, echo: bool, seconds: float) -> None:
    """No late answer is taken for that to the next question."""
    replies = {"AT+CSQ": ok("+CSQ: 20,99"), "AT+CPIN?": ok("+CPIN: READY"), "AT+CREG?": said("ERROR")}
    with AtFarEnd(tmp_path / "modem", replies, echo=echo, seconds=seconds) as far_end, _open(far_end) as port:
        port.wake()
        answers = [port.ask(command) for command in replies]

    assert [Answer(("+CSQ: 20,99",), "OK"), Answer(("+CPIN: READY",), "OK"), Answer((), "ERROR")] == answers


def test_what_comes_before_the_echo_is_no_answer(far_end: AtFarEnd) -> None:
    """But the late one to the question before, which was given up."""

    def late() -> str:
        time.sleep(0.7)
        return ok("+CREG: 0,1")

    far_end.replies |= {"AT+CSQ": ok("+CSQ: 20,99"), "AT+CREG?": late}
    with _open(far_end) as port:
        port.wake()
        with pytest.raises(PortSilent):
            port.ask("AT+CREG?")
        answer = port.ask("AT+CSQ", 2)

    assert Answer(("+CSQ: 20,99",), "OK") == answer


def test_one_lost_answer_is_no_silence(far_end: AtFarEnd) -> None:
    """The second try counts."""
    answers = iter([None, ok()])
    far_end.replies["AT"] = lambda: next(answers)

    _wake(far_end)

    assert ["AT", "AT"] == far_end.commands


def test_a_jammed_port_is_found_in_under_2_s(far_end: AtFarEnd) -> None:
    """Where nothing can be written; closing it does not wait either."""
    termios.tcflow(far_end.slave, termios.TCOOFF)

    seconds, why = _seconds_to(PortSilent, lambda: _wake(far_end))
    termios.tcflow(far_end.slave, termios.TCOON)

    assert seconds < 2
    assert "it takes no commands (jammed)" in why


def test_arguments_are_in_no_message(far_end: AtFarEnd) -> None:
    """One may be a PIN."""
    far_end.replies['AT+CPIN="9876"'] = None

    _, why = _seconds_to(PortSilent, lambda: _asked(far_end, 'AT+CPIN="9876"'))

    assert "no answer to AT+CPIN within" in why
    assert "9876" not in why


def test_a_port_in_use_names_its_user(far_end: AtFarEnd) -> None:
    """Program and pid, and what to do."""
    command = [sys.executable, "-c", OTHER_PROGRAM, str(far_end.device)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert "open\n" == other.stdout.readline()
        _, why = _seconds_to(PortBusy, lambda: AtPort(str(far_end.device)))
        other.communicate("\n")

    assert f"{far_end.device}: {Path(sys.executable).name} (pid {other.pid}) has it open: stop it" in why


def test_while_it_is_open_nobody_else_gets_in(far_end: AtFarEnd) -> None:
    """By the lock that gammu takes; after it, they do."""
    command = [sys.executable, "-c", OTHER_PROGRAM, str(far_end.device)]
    with AtPort(str(far_end.device)):
        kept_out = subprocess.run(command, capture_output=True, text=True, input="\n")
    let_in = subprocess.run(command, capture_output=True, text=True, input="\n")

    assert ("", "open\n") == (kept_out.stdout, let_in.stdout)


def test_a_port_that_one_may_not_open(far_end: AtFarEnd) -> None:
    """The remedy names the group and the user."""
    device = os.path.realpath(far_end.device)
    readable, writable = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setuid(65534)
            AtPort(device)
        except BaseException as error:
            os.write(writable, f"{type(error).__name__} {error}".encode())
        finally:
            os._exit(0)
    os.close(writable)
    with os.fdopen(readable) as told:
        why = told.read()
    os.waitpid(child, 0)

    assert why.startswith(f"{PortForbidden.__name__} {device}: nobody may not open it: usermod -aG dialout nobody, ")


@pytest.mark.parametrize(
    ("device", "why"),
    [("/dev/ttyUSB99", "No such file or directory: is the modem plugged in?"), ("/dev/null", "it is no serial port"),
     (__file__, "it is no serial port")],
)  # fmt: skip
def test_what_is_no_port(device: str, why: str) -> None:
    """The two kinds are told apart."""
    assert f"{device}: {why}" in _seconds_to(PortGone, lambda: AtPort(device))[1]


def test_an_unplugged_modem(far_end: AtFarEnd) -> None:
    """In the middle of an answer; at once, and closing it is no error."""
    far_end.replies["AT+CSQ"] = far_end.unplug

    seconds, why = _seconds_to(PortGone, lambda: _asked(far_end, "AT+CSQ"))

    assert seconds < 2
    assert "it went away" in why
