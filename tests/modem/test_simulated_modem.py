"""What is the simulated modem's own: its folder."""

import asyncio
import datetime as dt
import json
from pathlib import Path

import pytest

from textbackd.core.phone_numbers import E164
from textbackd.core.sms_text import Encoding, Segment
from textbackd.modem import simulated_modem
from textbackd.modem.modem import ModemUnavailable
from textbackd.modem.simulated_modem import SimulatedModem, SimulatedSettings

ALICE = E164("+447700900123")
NOON = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)


def a_modem(folder: Path) -> SimulatedModem:
    return SimulatedModem(SimulatedSettings(name="sim", folder=folder))


async def test_outbox_is_one_line_per_part(tmp_path: Path) -> None:
    """It is on disk before ``submit`` returns."""
    reference = await a_modem(tmp_path).submit(ALICE, Segment(text="Désolé 😀\nBob", encoding=Encoding.UCS2))
    (line,) = (tmp_path / "outbox.jsonl").read_text("utf-8").splitlines()
    outgoing = json.loads(line)
    assert dt.datetime.fromisoformat(outgoing.pop("at")).tzinfo is not None
    assert outgoing == {
        "number": ALICE, "text": "Désolé 😀\nBob", "part": 1, "of": 1, "encoding": "ucs2",
        "message_reference": reference,
    }  # fmt: skip


async def test_references_go_on_after_a_restart(tmp_path: Path) -> None:
    """As a SIM's do, round and round 256."""
    references = []
    for _ in range(3):
        modem = a_modem(tmp_path)
        references += [
            await modem.submit(ALICE, Segment(text=str(number), encoding=Encoding.GSM7)) for number in range(100)
        ]
        await modem.close()
    assert references == [number % 256 for number in range(300)]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b'{"sender": "+447700900456", "text": "no time"}',
        b'{"sender": "+447700900456", "text": "no zone", "sent_at": "2026-11-20T12:00:00"}',
        b'{"sender": 447700900456, "text": "no string", "sent_at": "2026-11-20T12:00:00Z"}',
    ],
)
async def test_what_cannot_be_read_is_put_aside(tmp_path: Path, content: bytes) -> None:
    """A malformed file hides no other text, and is kept for whoever wrote it."""
    simulated_modem.inject(tmp_path, "+447700900456", "hello", NOON)
    (tmp_path / "inbox" / "0.json").write_bytes(content)
    modem = a_modem(tmp_path)
    assert [message.text for message in (await modem.receive()).messages] == ["hello"]
    assert (tmp_path / "inbox" / "bad" / "0.json").read_bytes() == content


async def test_a_folder_that_cannot_be_written_is_a_modem_that_is_not_there(tmp_path: Path) -> None:
    """Nothing was sent, and the sender may try again."""
    (tmp_path / "file").touch()
    with pytest.raises(ModemUnavailable):
        await a_modem(tmp_path / "file" / "folder").submit(ALICE, Segment(text="hello", encoding=Encoding.GSM7))


async def test_the_bell_rings_for_what_another_process_puts_there(tmp_path: Path) -> None:
    """Soon, and once for each: a text that stays in the inbox does not ring for ever."""
    modem = a_modem(tmp_path)
    await modem.receive()
    for text in ("one", "two"):
        simulated_modem.inject(tmp_path, "+447700900456", text, NOON)
        async with asyncio.timeout(10):
            await modem.incoming.wait()
        modem.incoming.clear()
    await modem.close()
    assert ["one", "two"] == sorted(message.text for message in simulated_modem._read_inbox(tmp_path / "inbox"))
