"""The places for messages on the SIM (``SM``) and in the modem (``ME``), and those for delivery reports (``SR``): read,
emptied, counted (TS 27.005 §3, §4).

With commands of our own: gammu stops at the first message that it cannot decode, and cannot delete it either, since it
reads before it deletes. Here a message is octets.
"""

import re
from collections.abc import Callable, Sequence

from textbackd.core.modem_health import SIM_FULL_PERCENT
from textbackd.modem import sms_pdu
from textbackd.modem.modem import Stored
from textbackd.modem.modem_line import ModemLine

_STORES = ("SM", "ME")
_BOTH = "MT"
"""What some modems have in their place."""
_REPORTS = "SR"
"""Where some modems put delivery reports."""
_AS_IT_IS = ""
"""The store that the modem has chosen, where it does not let us choose."""
_LISTING_SECONDS = 30.0
"""A modem may read a whole SIM before it says the first word: 200 messages at up to 0.1 s each."""
_DELETING_SECONDS = 10.0
_RECEIVED = ("0", "1")
"""``stat``: unread and read; 2 and 3 are drafts and copies of what was sent."""
_NO_SUCH_PLACE = re.compile(r"\+CMS ERROR: ?321")


class SmsStore:
    """All places of one modem, each named like ``SM:3``."""

    def __init__(self, line: ModemLine, complain: Callable[[str], None]) -> None:
        self.unreadable = ""
        """Which stores could not be read at the last look, and what the modem said; empty where all could."""
        self._line = line
        self._complain = complain
        self._usage: dict[str, tuple[int, int]] = {}
        self._refusals: dict[str, str] = {}
        """What the modem said to those that could not be chosen when they were last wanted."""
        self._pdus: dict[str, bytes] = {}
        """What was in each place at the last look."""
        self._undeleted: dict[str, bytes] = {}
        """What was to be deleted and could not be."""
        named = _named(line.ask("AT+CPMS=?").value("+CPMS") or "")
        self._names_its_stores = named is not None
        self._stores = _STORES if named is None else _readable(named)
        self._has_reports = named is not None and _REPORTS in named

    @property
    def crowded(self) -> Sequence[str]:
        """The stores that were nearly full at the last look: soon no text finds room there."""
        usage = {store: self._usage.get(store, (0, 0)) for store in self._stores}
        return [store for store, (used, size) in usage.items() if size and 100 * used >= SIM_FULL_PERCENT * size]

    def read(self) -> Sequence[Stored]:
        """What lies there, but what was deleted before and could not be: that is tried again.

        A store that the modem refuses to show hides no other; ``unreadable`` tells of it. Raises LineLost.
        """
        self.unreadable = ""
        # Reports first: the store that stays chosen is one for texts, as it was before.
        stored = list(self._list_reports())
        refused: list[str] = []
        for store in self._stores:
            if self._select(store):
                stored += self._list(store)
            else:
                refused.append(store)
        if len(refused) == len(self._stores):
            stored += self._list_as_it_is()
        elif self._names_its_stores:  # where it does not, one of those that were tried may not be there
            for store in refused:
                self._cannot_read(store, self._refusals[store])
        self._pdus = {message.place: message.pdu for message in stored}
        again = {place: pdu for place, pdu in self._undeleted.items() if self._pdus.get(place) == pdu}
        self._undeleted = {}
        self.delete(list(again))
        return [message for message in stored if message.place not in again]

    def delete(self, places: Sequence[str]) -> None:
        """Empty them; what the modem refuses is tried again at the next look. Raises LineLost.

        A place that has not been looked at since the port was opened keeps what lies there: it may be another SIM's.
        """
        seen = [place for place in places if place in self._pdus]
        for store in (*self._stores, _REPORTS, _AS_IT_IS):
            numbers = [int(place.partition(":")[2]) for place in seen if place.startswith(f"{store}:")]
            selected = bool(numbers) and (store == _AS_IT_IS or self._select(store))
            for number in sorted(numbers):
                refusal = self._delete(number) if selected else "its store cannot be chosen"
                if refusal:
                    place = f"{store}:{number}"
                    self._complain(f"the message at {place} cannot be deleted: {refusal}")
                    self._undeleted[place] = self._pdus[place]

    def usage(self) -> tuple[str, int, int]:
        """Where incoming texts go: the store, the messages in it and its places; ``""``, 0 and 0 where the modem does
        not tell. Where it tells of its stores only how full they are, the fullest. Raises LineLost.
        """
        # <mem1>,<used1>,<total1>,…: the third is that of what comes in (TS 27.005 §3.2.2).
        told = re.findall(r'"(\w+)" *, *(\d+) *, *(\d+)', self._line.ask("AT+CPMS?").value("+CPMS") or "")
        if len(told) == 3:
            store, used, size = told[2]
            return store, int(used), int(size)
        usage = [(store, *self._usage.get(store, (0, 0))) for store in self._stores if self._select(store)]
        return max(usage, key=lambda one: one[1] / one[2] if one[2] else 0, default=("", 0, 0))

    def _delete(self, number: int) -> str:
        """What the modem says against it."""
        answer = self._line.ask(f"AT+CMGD={number}", _DELETING_SECONDS)
        return "" if answer.ok or _NO_SUCH_PLACE.fullmatch(answer.final) else answer.final

    def _select(self, store: str) -> bool:
        """Whether it can be read and deleted from; where new texts go (the third of AT+CPMS) stays as it is."""
        answer = self._line.ask(f'AT+CPMS="{store}"')
        # Some say the store's name in front, as in the answer to the question.
        if found := re.search(r"(\d+) *, *(\d+)", answer.value("+CPMS") or ""):
            self._usage[store] = int(found[1]), int(found[2])
        self._refusals[store] = answer.final
        return answer.ok

    def _cannot_read(self, store: str, refusal: str) -> None:
        self.unreadable = ", ".join(filter(None, (self.unreadable, f"{store or 'its messages'}: {refusal}")))

    def _list_reports(self) -> Sequence[Stored]:
        """It costs a look one command where nothing lies there, and none where the modem has no such store. That it
        cannot be read hides no text, so ``unreadable`` does not tell of it.
        """
        if not self._has_reports or not self._select(_REPORTS) or self._usage.get(_REPORTS, (1, 1))[0] == 0:
            return ()
        answer = self._line.ask("AT+CMGL=4", _LISTING_SECONDS)
        if not answer.ok:
            self._complain(f"the delivery reports in {_REPORTS} cannot be listed: {answer.final}")
        return _messages(_REPORTS, answer.lines)

    def _list(self, store: str) -> Sequence[Stored]:
        answer = self._line.ask("AT+CMGL=4", _LISTING_SECONDS)
        if answer.ok:
            return _messages(store, answer.lines)
        # Some modems give up at a message that they do not understand.
        self._complain(f"the messages of {store} cannot be listed: {answer.final}")
        return self._one_by_one(store, answer.final)

    def _list_as_it_is(self) -> Sequence[Stored]:
        answer = self._line.ask("AT+CMGL=4", _LISTING_SECONDS)
        if not answer.ok:
            self._cannot_read(_AS_IT_IS, answer.final)
        return _messages(_AS_IT_IS, answer.lines)

    def _one_by_one(self, store: str, refusal: str) -> Sequence[Stored]:
        found: list[Stored] = []
        unreadable: list[Stored] = []
        shown = 0  # also drafts, which are none of ours
        used, size = self._usage.get(store, (0, 0))
        for number in range(1, size + 1):
            answer = self._line.ask(f"AT+CMGR={number}")
            if answer.ok:
                shown += bool(answer.lines)
                lines = [line.replace("+CMGR:", f"+CMGL: {number},", 1) for line in answer.lines]
                found += _messages(store, lines)
            elif not _NO_SUCH_PLACE.fullmatch(answer.final):
                unreadable.append(Stored(place=f"{store}:{number}", pdu=b""))
        # Some say something else of an empty place, and of every place when the SIM is gone: only the count tells.
        if shown + len(unreadable) == used and store in self._usage:
            return found + unreadable
        if shown < used or store not in self._usage:
            self._cannot_read(store, refusal)
        return found


def _named(told: str) -> Sequence[str] | None:
    """The stores that can be read, of the answer ``("SM","ME"),…``; None where it does not tell."""
    known = re.match(r"\(([^)]*)\)", told)
    return None if known is None else re.findall(r'"(\w+)"', known[1])


def _readable(names: Sequence[str]) -> Sequence[str]:
    """Those with texts, each text in one of them."""
    return [store for store in _STORES if store in names] or [store for store in (_BOTH,) if store in names]


def _messages(store: str, lines: Sequence[str]) -> Sequence[Stored]:
    """Of the lines ``+CMGL: <index>,<stat>,…``, each with its PDU behind it."""
    listed: dict[str, bytes] = {}
    place, length = "", 0
    for line in lines:
        if header := re.match(r"\+CMGL: *(\d+) *, *(\d)(?:.*, *(\d+)$)?", line):
            place = f"{store}:{header[1]}" if header[2] in _RECEIVED else ""
            length = int(header[3] or 0)
            listed |= {place: b""} if place else {}
        elif place and not listed[place] and re.fullmatch(r"(?:[0-9A-Fa-f]{2})+", line):
            listed[place] = sms_pdu.with_service_centre(bytes.fromhex(line), length)
    return [Stored(place=place, pdu=pdu) for place, pdu in listed.items()]
