"""``textbackd test-sms`` and ``modem reset``: the real daemon, a loopback AMI server, a simulated modem."""

import json

import pytest

from tests.daemon import commands
from tests.daemon.running import Office

ANN = "+447700900101"


async def test_a_test_text_is_followed_until_it_is_delivered(office: Office) -> None:
    """Each state is told with its time, and the command succeeds."""
    said = await commands.run(office.configuration, "test-sms", "07700 900101")

    assert 0 == said.code
    *changes, end = said.out.splitlines()
    assert ["queued", "sending: gsm", "sent", "delivered: TP-ST 0"] == [line[21:] for line in changes]
    assert "It was delivered." == end
    (line,) = (office.configuration.parent / "modem" / "outbox.jsonl").read_text().splitlines()
    assert ANN == json.loads(line)["number"]
    assert json.loads(line)["text"].startswith("Hill Plumbing: a test of our texts at ")


@pytest.mark.parametrize("mode", ["observe"])
async def test_it_goes_out_also_where_nothing_else_does(office: Office) -> None:
    """Whoever only observes wants to know all the same whether the modem works."""
    said = await commands.run(office.configuration, "test-sms", ANN, "--json")

    assert (0, "delivered") == (said.code, said.json["text"]["state"])
    assert ["delivered"] == [part["state"] for part in said.json["parts"]]


async def test_what_cannot_be_tested_is_said(office: Office) -> None:
    """No number, no such modem, and a number that has said STOP."""
    assert 0 == (await commands.run(office.configuration, "opt-out", "add", ANN)).code
    for words, complaint in (
        (("123",), "'123' is no number that a text can be sent to"),
        ((ANN, "--modem", "other"), "there is no modem 'other'; there are: gsm"),
        ((ANN,), f"{ANN} has said STOP: a START from that phone, or textbackd opt-out remove {ANN}"),
    ):
        said = await commands.run(office.configuration, "test-sms", *words)
        assert (1, f"{complaint}\n") == (said.code, said.problem)
    assert [] == office.daemon.rows("SELECT * FROM outbox")


async def test_nobody_is_there_to_send_it(office: Office) -> None:
    """A command does not open the modem itself: it is the daemon's."""
    await office.daemon.stop()
    said = await commands.run(office.configuration, "test-sms", ANN)

    assert 1 == said.code
    assert "no textbackd is running on" in said.problem


async def test_how_the_modem_is(office: Office) -> None:
    """What it said last, when it last sent, and what it counted since the start."""
    await commands.run(office.configuration, "test-sms", ANN)

    said = await commands.run(office.configuration, "modem", "status", "gsm", "--json")
    (modem,) = said.json
    assert (0, "gsm", "home", 1) == (said.code, modem["name"], modem["registration"], modem["counts"]["parts accepted"])
    assert modem["last_sent_at"] is not None
    told = (await commands.run(office.configuration, "modem", "status")).out
    assert "textbackd simulated, on simulated, signal 100 %" in told
    other = await commands.run(office.configuration, "modem", "status", "other")
    assert (1, "there is no modem 'other'; there are: gsm\n") == (other.code, other.problem)


async def test_a_modem_is_opened_anew(office: Office) -> None:
    """By its name; another is named."""
    assert 0 == (await commands.run(office.configuration, "modem", "reset", "gsm", "--radio")).code
    other = await commands.run(office.configuration, "modem", "reset", "other")
    assert (1, "there is no modem 'other'; there are: gsm\n") == (other.code, other.problem)


async def test_without_a_daemon_nobody_can_tell(office: Office) -> None:
    """The modem is the daemon's."""
    await office.daemon.stop()
    for words in (("status",), ("reset", "gsm")):
        said = await commands.run(office.configuration, "modem", *words)
        assert 1 == said.code
        assert "no textbackd is running on" in said.problem
