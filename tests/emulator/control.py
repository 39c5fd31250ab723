"""The emulator's control socket: one JSON line for each command and each answer, so that another process can play.

{"do": "unplug", "seconds": 2}                    {"ok": null}
{"do": "script", "steps": [{"kind": "Ok"}, {"kind": "CmsError", "number": 38}]}
{"do": "set", "name": "network.signal", "value": 99}
{"do": "submitted", "count": 3, "timeout": 30}    {"ok": [{"number": "+447700900123", "text": "…", …}, …]}
anything that failed                              {"error": "TimeoutError: 2 of 3 texts within 30 s"}
"""

import asyncio
import dataclasses
import datetime as dt
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.emulator import faults
from tests.emulator.modem import ModemEmulator
from tests.emulator.network import Report


@asynccontextmanager
async def listening(modem: ModemEmulator, socket: Path) -> AsyncIterator[None]:
    """Obey whoever connects; commands of one connection are done one after the other."""
    control = _Control(modem)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(json.dumps(await control.answer(line)).encode("ascii") + b"\n")
        writer.close()

    server = await asyncio.start_unix_server(serve, socket)
    try:
        yield
    finally:
        server.close()
        _remove(socket)


def _remove(socket: Path) -> None:
    socket.unlink(missing_ok=True)


class _Control:
    def __init__(self, modem: ModemEmulator) -> None:
        self._modem = modem
        network = modem.network
        self._verbs: dict[str, Callable[..., Any]] = {
            "plug": modem.plug,
            "unplug": modem.unplug,
            "jam": modem.jam,
            "unjam": modem.unjam,
            "reboot": modem.reboot,
            "say": modem.say,
            "storm": modem.storm,
            "calm": modem.calm,
            "call": network.call,
            "hang_up": network.hang_up,
            "fault": self._fault,
            "script": self._script,
            "reports": self._reports,
            "report": self._report,
            "deliver_sms": self._deliver_sms,
            "store": self._store,
            "set": self._set,
            "submissions": self._submissions,
            "texts": modem.texts,
            "state": self._state,
        }

    async def answer(self, line: bytes) -> dict[str, Any]:
        try:
            arguments = json.loads(line)
            verb = arguments.pop("do")
            if verb == "submitted":
                return {"ok": [submitted.as_json() for submitted in await self._modem.submitted(**arguments)]}
            return {"ok": self._verbs[verb](**arguments)}
        except Exception as error:  # whatever it is, it is the other side's to know
            return {"error": f"{type(error).__name__}: {error}"}

    def _fault(self, fault: dict[str, Any] | None) -> None:
        self._modem.fault = faults.from_json(fault) if fault else None

    def _script(self, steps: list[dict[str, Any]]) -> None:
        self._modem.script = [faults.from_json(fault) for fault in steps]

    def _reports(self, plan: list[dict[str, Any]], *, once: bool = False) -> None:
        reports = [Report(**report) for report in plan]
        if once:
            self._modem.network.report_script.append(reports)
        else:
            self._modem.network.reports = reports

    def _report(self, submission: int, status: int = 0, reference: int | None = None) -> None:
        self._modem.report(self._modem.submissions[submission], status, reference=reference)

    def _deliver_sms(self, sender: str, text: str, sent_at: str, reference: int = 0) -> None:
        self._modem.deliver_sms(sender, text, dt.datetime.fromisoformat(sent_at), reference=reference)

    def _store(self, pdu: str, store: str | None = None) -> None:
        self._modem.store(bytes.fromhex(pdu), store=store)

    def _set(self, name: str, value: Any) -> None:
        owner: Any = self._modem
        *path, last = name.split(".")
        for step in path:
            owner = getattr(owner, step)
        if isinstance(owner, dict):
            owner[last] = value
        elif hasattr(owner, last):
            setattr(owner, last, value)
        else:
            raise AttributeError(name)

    def _submissions(self, since: int = 0) -> list[dict[str, Any]]:
        return [submitted.as_json() for submitted in self._modem.submissions[since:]]

    def _state(self) -> dict[str, Any]:
        modem = self._modem
        return {
            "plugged": modem.plugged,
            "settings": dataclasses.asdict(modem.settings),
            "sim": dataclasses.asdict(modem.sim),
            "registration": modem.network.registration,
            "held": modem.network.held,
            "stores": {name: sorted(store) for name, store in modem.stores.items()},
            "last_reference": modem.last_reference,
            "submissions": len(modem.submissions),
            "commands": modem.commands,
            "prompted_for": modem.prompted_for,
            "fault": modem.fault and faults.as_json(modem.fault),
            "script": [faults.as_json(fault) for fault in modem.script],
        }
