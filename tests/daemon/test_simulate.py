"""``textbackd simulate`` and ``mode: observe``: the real daemon, a loopback AMI server, a simulated modem."""

import pytest

from tests import fake_ami
from tests.daemon import commands
from tests.daemon.running import OWNER, WORDS, Office

ANN = "+447700900101"
MISSED = ("simulate", "missed-call", "--from", ANN, "--did", "01632960101")


async def test_a_simulated_call_is_decided_and_sends_nothing(office: Office) -> None:
    """The text is told, no text is queued for anybody, and the call is flagged."""
    said = await commands.run(office.configuration, *MISSED, "--json")

    assert said.code == 0
    assert ("no_answer", "text", ANN, WORDS, False) == tuple(
        said.json[key] for key in ("outcome", "decision", "to", "text", "queued")
    )
    assert [] == office.daemon.rows("SELECT * FROM outbox")
    assert [(1, "simulated")] == [(row["simulated"], row["pbx"]) for row in office.daemon.rows("SELECT * FROM calls")]
    assert [1] == [row["simulated"] for row in office.daemon.rows("SELECT simulated FROM leads")]


async def test_a_did_needs_no_entry_but_may_be_misspelt(office: Office) -> None:
    """It is said that the configuration does not have it; one that it has, in any spelling, is no matter."""
    unknown = ("simulate", "missed-call", "--from", ANN, "--did", "01632960199")
    said = await commands.run(office.configuration, *unknown)
    known = await commands.run(office.configuration, *MISSED[:-1], "+441632960101", "--json")

    assert said.code == 0
    assert "dids has no entry for 01632960199: it needs none" in said.out
    assert "\nTemplate: business/missed\n" in said.out
    assert "\nLeaves:   2" in said.out
    assert known.json["did_configured"]


async def test_a_simulated_call_is_sent_where_that_is_asked_for(office: Office) -> None:
    """To the number and to the owner; and it counts for nothing: a real call is texted all the same."""
    said = await commands.run(office.configuration, *MISSED, "--send")

    assert said.code == 0
    assert f"the caller {ANN}: " in said.out
    assert {(ANN, 1), (OWNER, 1)} == {
        (row["number"], row["simulated"]) for row in office.daemon.rows("SELECT * FROM outbox")
    }

    office.ami.send(*fake_ami.rings_out("1.1", ANN))
    await office.daemon.until("call_ended", call_id="1.1", decision="text")
    real = office.daemon.row("SELECT * FROM leads WHERE NOT simulated")
    assert (ANN, 1) == (real["number"], real["calls"])


async def test_a_simulated_call_meets_the_rules(office: Office) -> None:
    """It is the real ones that decide: a landline's anonymous caller gets nothing, and is told so."""
    said = await commands.run(
        office.configuration, "simulate", "missed-call", "--from", "anonymous", "--did", "01632960101"
    )

    assert said.code == 0
    assert "silent (withheld)" in said.out
    assert "1 simulated" in (await commands.run(office.configuration, "calls")).out


async def test_without_a_daemon_nothing_is_simulated(office: Office) -> None:
    """It is said what to do."""
    await office.daemon.stop()

    said = await commands.run(office.configuration, *MISSED)

    assert said.code == 1
    assert "no textbackd is running on" in said.problem


@pytest.mark.parametrize("mode", ["observe"])
async def test_who_observes_decides_everything_and_sends_nothing(office: Office) -> None:
    """Texts to caller and owner are cancelled when they would have left; a second call is a repeat, as it would be."""
    await office.daemon.until("observing_only")
    office.ami.send(*fake_ami.rings_out("1.1", ANN))
    await office.daemon.until("text_cancelled", reason="observed")
    office.ami.send(*fake_ami.rings_out("2.2", ANN))
    await office.daemon.until("call_ended", call_id="2.2", decision="silent", reason="repeat")

    rows = office.daemon.rows("SELECT * FROM outbox WHERE kind = 'caller'")
    assert [("cancelled", "observed", None)] == [(row["state"], row["reason"], row["sent_at"]) for row in rows]
    assert not (office.configuration.parent / "modem" / "outbox.jsonl").exists()

    said = await commands.run(office.configuration, *MISSED, "--send")
    assert said.code == 1
    assert "mode is observe" in said.problem
    told = (
        await commands.run(office.configuration, "simulate", "missed-call", "--from", "07700 900124", "--did", "1")
    ).out
    assert "Nothing was sent, and nothing is: textbackd only observes (mode)." in told
