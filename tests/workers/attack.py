"""Calls of many numbers into one office, at the speed of simulated time, and what came out of them.

Bounds are counted here by hand, not by the code that keeps them.
"""

import bisect
import dataclasses
import datetime as dt
import random
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from tests.builders import a_call, a_record, seconds
from tests.workers.far_ends import ManualClock, rows
from textbackd.core.alarms import Channel, News, Telling
from textbackd.core.outcomes import Call
from textbackd.core.policy import Policy
from textbackd.store import outbox
from textbackd.store.database import Database, moment
from textbackd.workers import call_book
from textbackd.workers.alarm_texts import AlarmTexts
from textbackd.workers.alarmer import Alarmer
from textbackd.workers.guard_alarms import GuardAlarms
from textbackd.workers.next_text import take_next

HOUR, DAY, MINUTE = dt.timedelta(hours=1), dt.timedelta(days=1), dt.timedelta(minutes=1)
RANG = seconds(20)


class Office:
    """One office under attack, with its owner's mail and SMS."""

    def __init__(self, database: Database, policy: Policy, clock: ManualClock) -> None:
        self.database = database
        self.policy = policy
        self.clock = clock
        self.mails: list[tuple[str, News]] = []
        self._calls = 0
        self._ending = GuardAlarms(database, clock)
        self._texts = AlarmTexts(["gsm"], database, lambda: policy, lambda: None, clock)
        self._mail = Alarmer(Channel.MAIL, lambda: self._deliver, database, clock)

    async def called_by(self, *callers: str) -> None:
        """Missed calls that end now."""
        for caller in callers:
            async with self.database.transaction() as tx:
                await call_book.keep(tx, self._call(caller), self.policy, self.clock())

    async def tell(self) -> None:
        """What the workers on alarms do by the clock."""
        await self._ending.step()
        while await self._texts.step() or await self._mail.step():
            pass

    async def send(self) -> None:
        """Let leave what is due and may, as if a modem took it at once."""
        async with self.database.transaction() as tx:
            while (message := await take_next(tx, self.policy, "gsm", self.clock())) is not None:
                await outbox.accepted(tx, message.id, self.clock())

    async def left(self) -> Sequence[tuple[dt.datetime, str]]:
        """When each text to a caller was given to the modem, and for whom."""
        sql = (
            "SELECT at, number FROM outbox_changes JOIN outbox ON outbox.id = message_id"
            " WHERE event = 'claimed' AND kind = 'caller' ORDER BY at"
        )
        return [(moment(text["at"]), text["number"]) for text in await rows(self.database, sql)]

    async def sent(self) -> Sequence[tuple[dt.datetime, str]]:
        """When each text to a caller was made, and for whom."""
        found = await rows(self.database, "SELECT created_at, number FROM outbox WHERE kind = 'caller' ORDER BY id")
        return [(moment(text["created_at"]), text["number"]) for text in found]

    async def alarm_texts(self) -> Sequence[str]:
        """The first words of the SMS about alarms."""
        sql = "SELECT text FROM outbox WHERE kind = 'owner' AND call_row IS NULL ORDER BY id"
        return [text["text"].split()[0] for text in await rows(self.database, sql)]

    async def leads(self) -> Mapping[str, int]:
        """Every number that is a lead, with its calls; those without a number under the empty one."""
        sql = "SELECT coalesce(number, '') AS number, sum(calls) AS calls FROM leads GROUP BY 1"
        found = await rows(self.database, sql)
        return {lead["number"]: lead["calls"] for lead in found}

    def _call(self, caller: str) -> Call:
        self._calls += 1
        now = self.clock()
        record = dataclasses.replace(a_record(), call_id=f"{self._calls}", caller=caller, ended_at=now)
        return a_call(dataclasses.replace(record, started_at=now - RANG))

    async def _deliver(self, telling: Telling) -> None:
        self.mails.append((telling.alarm.kind, telling.news))


class Forger:
    """Makes up numbers: mobiles at home and abroad, landlines, and what is no number."""

    def __init__(self, home: str, seed: int) -> None:
        self._random = random.Random(seed)
        kinds = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE, PhoneNumberType.PREMIUM_RATE)
        examples = {
            region: [
                phonenumbers.format_number(example, PhoneNumberFormat.E164)
                for kind in kinds
                if (example := phonenumbers.example_number_for_type(region, kind)) is not None
            ]
            for region in sorted(phonenumbers.SUPPORTED_REGIONS)
        }
        self._home = examples[home][0]
        self._abroad = [number for numbers in examples.values() for number in numbers]

    def number(self) -> str:
        """Half of them would be texted."""
        match self._random.randrange(20):
            case 0:
                return self._random.choice(["anonymous", "0", "911", "+999123456789", "bank"])
            case at if at < 10:
                return self._near(self._random.choice(self._abroad), 6)
        return self._near(self._home, 6)

    def near(self, number: str) -> str:
        """One that lies together with it."""
        return self._near(number, 4)

    def _near(self, number: str, digits: int) -> str:
        return number[:-digits] + "".join(self._random.choices("0123456789", k=digits))


# --- by hand ----------------------------------------------------------------------------------------------------------


def most_within(times: Iterable[dt.datetime], window: dt.timedelta) -> int:
    """The most that lie in any window, an end of it left out: a text counts until it is so old."""
    ordered = sorted(times)
    return max((at - bisect.bisect_right(ordered, time - window) + 1 for at, time in enumerate(ordered)), default=0)


def most_numbers_within(sent: Sequence[tuple[dt.datetime, str]], window: dt.timedelta) -> int:
    """The most different numbers in any window."""
    ordered, first, inside, most = sorted(sent), 0, defaultdict[str, int](int), 0
    for time, number in ordered:
        inside[number] += 1
        while ordered[first][0] <= time - window:
            gone = ordered[first][1]
            inside[gone] -= 1
            if not inside[gone]:
                del inside[gone]
            first += 1
        most = max(most, len(inside))
    return most


def bounds_reached(sent: Sequence[tuple[dt.datetime, str]], replied: Collection[str] = ()) -> Mapping[str, int]:
    """The most that ever counted against each bound, by the names of ``Limits``."""
    prefixes = defaultdict[str, list[dt.datetime]](list)
    for at, number in sent:
        prefixes[number[:-4]].append(at)
    times = [at for at, _ in sent]
    return {
        "per_prefix": max((most_within(each, HOUR) for each in prefixes.values()), default=0),
        "per_hour": most_within(times, HOUR),
        "per_day": most_within(times, DAY),
        "callers_per_minute": most_numbers_within(sent, MINUTE),
        "unanswered": max((most_within(e, DAY) for prefix, e in prefixes.items() if prefix not in replied), default=0),
        "ceiling": most_numbers_within(sent, DAY),
    }


def e164s(callers: Iterable[str], policy: Policy) -> Iterator[str]:
    """The numbers of those that have one; the empty one for the others."""
    for caller in callers:
        yield policy.office.e164(caller) or ""
