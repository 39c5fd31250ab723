"""Calls that came while nobody watched, from the PBX's own record: leads for the owner, never texts.

The record (CDR) is wrong too often to text anybody by it; but a caller of whom nothing else is known is worth a look.
"""

import asyncio
import dataclasses
import datetime as dt
import zoneinfo
from collections.abc import Collection, Sequence
from pathlib import Path

import structlog

from textbackd.core import leads, outcomes
from textbackd.core.caller_history import CallerHistory
from textbackd.core.outcomes import Call, Outcome
from textbackd.core.policy import PolicyNow
from textbackd.errors import UserError
from textbackd.pbx.cdr import CdrCall, CdrReader
from textbackd.pbx.trunks import Trunks
from textbackd.store import calls, entrances
from textbackd.workers import call_book
from textbackd.workers.patiently import Write

log = structlog.get_logger()

CUT_OFF = dt.timedelta(seconds=1)
"""A CDR's times have no fractions: a call began up to so much later than they say."""
LONGEST = dt.timedelta(days=7)
"""Of a longer outage only the end: nobody rings back a caller of last week."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Cdr:
    """A PBX's own record of calls, and how to read it."""

    file: Path
    trunks: Trunks
    did_from: str = "request"
    """As for ``CdrReader``."""


class CatchUp:
    """What happened on one PBX between two links to it."""

    def __init__(self, pbx: str, cdr: Cdr, policy: PolicyNow, write: Write) -> None:
        """``write`` runs its argument in a transaction. The file's times are taken for those of the office's zone."""
        self._pbx = pbx
        self._cdr = cdr
        self._policy = policy
        self._write = write

    async def link_back(self, lost_at: dt.datetime, at: dt.datetime, up: Collection[str]) -> bool:
        """All is seen again: catch up on what happened since the link was lost. ``up``: the channels of now.

        Whether that was possible.
        """
        return await self._catch_up(max(lost_at, at - LONGEST), at, up)

    async def _catch_up(self, lost_at: dt.datetime, back_at: dt.datetime, up: Collection[str]) -> bool:
        seen = await self._write(lambda tx: entrances.from_outside(tx, self._pbx))
        cdr = dataclasses.replace(self._cdr, trunks=self._cdr.trunks.seen(seen))
        zone = self._policy().office.time_zone
        try:
            found = await asyncio.to_thread(_calls, cdr, zone, lost_at - CUT_OFF)
        except UserError as error:
            log.warning("cdr_not_read", pbx=self._pbx, error=str(error))
            return False
        known_by_channel = 0
        for call in found:
            call_id, began = call.record.call_id, call.record.started_at
            if "/" in call_id:
                known_by_channel += 1
            # Whatever began before and is up no more is over; its end need not be compared. What began later is seen.
            elif lost_at - CUT_OFF < began <= back_at - CUT_OFF and call_id not in up:
                await self._keep(call, back_at)
        if known_by_channel:
            hint = "loguniqueid=yes in cdr.conf"
            log.warning("cdr_without_uniqueid", pbx=self._pbx, calls=known_by_channel, hint=hint)
        return not known_by_channel

    async def _keep(self, cdr: CdrCall, now: dt.datetime) -> None:
        policy = self._policy()
        told = outcomes.judge(cdr.record, policy.office, pbx=self._pbx, minimum_talk=policy.minimum_talk)
        if not leads.makes_a_lead(told, CallerHistory(), policy):
            await self._write(lambda tx: call_book.perhaps_served(tx, told, policy, now))
            return
        call = _not_watched(told)
        if await call_book.keep_surely(self._write, call, policy, now) is not None:
            log.info("call_caught_up", pbx=self._pbx, call_id=call.record.call_id, cdr=told.outcome)


def _calls(cdr: Cdr, zone: zoneinfo.ZoneInfo, since: dt.datetime) -> Sequence[CdrCall]:
    return list(CdrReader(cdr.file, cdr.trunks, zone, cdr.did_from).calls(since))


def _not_watched(told: Call) -> Call:
    """A call that nobody saw, with what the PBX's record says of it."""
    return dataclasses.replace(
        told,
        record=dataclasses.replace(told.record, seen_whole=False),
        outcome=Outcome.UNKNOWN,
        because=calls.OUT_OF_CALL_RECORD + told.outcome,
        maybe_machine=False,
    )
