"""Which words a caller gets.

Three questions, in this order: what became of the call and is the office open then (the slot), whose words there are
for that (the DID's, the business's, those of its trade, anybody's), and has the caller called before. What results is
a list; the first template on it whose fields have values and that fits is sent.
"""

import dataclasses
import datetime as dt
import enum
import functools
from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from textbackd.core import sms_text, template_fields
from textbackd.core.accents import Accents, as_sent
from textbackd.core.library import LIBRARY, Language, Trade
from textbackd.core.office import Business, Did, Mark, Office
from textbackd.core.opening_hours import Hours, Moment
from textbackd.core.outcomes import Call, Outcome

SLOTS = (
    "missed",
    "busy",
    "queue",
    "closed",
    "closed_undated",
    "holiday",
    "holiday_undated",
    "voicemail_left",
    "voicemail_silent",
    "later",
)
"""What a text may be about. Each may have a second one for those who called before: ``missed_returning``."""
GENERAL = "missed"
RETURNING = "_returning"
ALL_SLOTS = (*SLOTS, *(f"{slot}{RETURNING}" for slot in SLOTS))
WAITED = dt.timedelta(minutes=30)
"""A text that is sent so long after the call, or when it has opened since, has the words of its own hour."""

_KINDRED: Mapping[str, Sequence[Sequence[str]]] = {
    "closed": [["closed"], ["closed_undated"]],
    "holiday": [["holiday", "closed"], ["holiday_undated", "closed_undated"]],
    "holiday_undated": [["holiday_undated", "closed_undated"]],
}
"""Slot -> what may be said for it. Of those that stand together the best of one level goes before those of the next:
who wrote words of their own for ``closed`` means them for holidays too. The undated ones are for where nobody knows
when it opens: a DID marked closed while the hours say open.
"""
_AT_ONCE, _AT_ANY_TIME = frozenset({False}), frozenset({False, True})
_IN_THE_MORNING = frozenset({True})
_OPEN, _AT_ANY_HOURS = frozenset({Hours.OPEN}), frozenset(Hours)
_SLOTS: tuple[tuple[frozenset[Outcome], frozenset[Hours], frozenset[bool], str], ...] = (
    (frozenset({Outcome.VOICEMAIL_MESSAGE}), _AT_ANY_HOURS, _AT_ANY_TIME, "voicemail_left"),
    (frozenset(Outcome), frozenset({Hours.CLOSED}), _AT_ANY_TIME, "closed"),
    (frozenset(Outcome), frozenset({Hours.HOLIDAY}), _AT_ANY_TIME, "holiday"),
    (frozenset(Outcome), _OPEN, _IN_THE_MORNING, "later"),
    (frozenset({Outcome.CLOSED}), _OPEN, _AT_ONCE, "closed"),
    (frozenset({Outcome.VOICEMAIL_SILENT}), _OPEN, _AT_ONCE, "voicemail_silent"),
    (frozenset({Outcome.BUSY}), _OPEN, _AT_ONCE, "busy"),
    (frozenset({Outcome.ABANDONED_QUEUE}), _OPEN, _AT_ONCE, "queue"),
)
"""Outcomes, hours, whether the text waited -> slot; the first row that fits, else ``GENERAL``."""
_SLOT_FOR: Mapping[tuple[Outcome, Hours, bool], str] = {
    key: slot
    for outcomes, hours, waiting, slot in reversed(_SLOTS)  # so that the first row is the one that stays
    for key in product(outcomes, hours, waiting)
}


class Level(enum.StrEnum):
    """Whose words."""

    DID = "did"
    BUSINESS = "business"
    TRADE = "trade"
    GENERAL = "general"
    SHORTEST = "shortest"
    """The last resort, with as much of the name as fits."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A text with its fields unfilled, and where it comes from."""

    level: Level
    slot: str
    language: Language
    text: str
    trade: Trade | None = None
    """Of the level TRADE."""
    name: str = dataclasses.field(init=False, compare=False)
    """``did/missed``, ``business/missed``; of what is shipped ``en/plumber/missed``, ``en/general/missed``."""

    def __post_init__(self) -> None:
        own = self.level in (Level.DID, Level.BUSINESS)
        whose = self.level if own else f"{self.language}/{self.trade or self.level}"
        object.__setattr__(self, "name", f"{whose}/{self.slot}")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a caller gets, and what would have come before it."""

    template: Template
    text: str
    """Finished."""
    refused: tuple[tuple[str, str], ...] = ()
    """The names of those, each with what speaks against it."""


def choose(call: Call, office: Office, at: dt.datetime, *, returning: bool) -> Choice:
    """The words for a text about the call that is sent at ``at`` (aware); total."""
    business, moment = office.business(call.business), office.moment(call.did, at)
    words = LIBRARY[call.did.language or business.language]
    opens = template_fields.in_words(moment.opens, moment.local.date(), words) if moment.opens else ""
    agent = call.record.talked_to[-1].name if call.record.talked_to else ""
    return _chosen(slot_for(call, moment), call.did, business, office.country, opens, agent, returning)


@functools.lru_cache(maxsize=1024)
def _chosen(slot: str, did: Did, business: Business, country: str, opens: str, agent: str, returning: bool) -> Choice:
    """Kept: most callers get the very words of the one before."""
    values = template_fields.values(business, country, did_label=did.label, opens=opens, agent=agent)
    return first_that_fits(slot, did, business, values, returning=returning)


def slot_for(call: Call, moment: Moment) -> str:
    """What a text about the call that is sent at that moment is about.

    Who came to a DID marked closed is told so at once, whatever the clock says.
    """
    hours, waited = call.hours, moment.local - call.record.ended_at > WAITED
    if waited or hours is not Hours.OPEN:
        hours = moment.hours
        waited = waited or hours is Hours.OPEN
    elif Mark.CLOSED in call.did.marks:
        hours = Hours.CLOSED
    return _SLOT_FOR.get((call.outcome, hours, waited), GENERAL)


def candidates_for(slot: str, did: Did, business: Business, *, returning: bool) -> Iterator[Template]:
    """All templates that may do, the best first.

    A business's own words are in its own language: callers of a DID with another get those of the library.
    """
    language = did.language or business.language
    words = LIBRARY[language]
    levels: tuple[tuple[Level, Mapping[str, str]], ...] = (
        (Level.DID, did.templates),
        (Level.BUSINESS, business.templates if language is business.language else {}),
        (Level.TRADE, words.texts(business.trade) if business.trade else {}),
        (Level.GENERAL, words.general_for(business.trade)),
    )
    for variants in _variants(slot, returning):
        for level, texts in levels:
            for variant in variants:
                if text := texts.get(variant):
                    trade = business.trade if level is Level.TRADE else None
                    yield Template(level=level, slot=variant, language=language, text=text, trade=trade)


@functools.cache
def _variants(slot: str, returning: bool) -> Sequence[Sequence[str]]:
    """The slots that may stand for it, the nearest first; those of one group are as good as each other."""
    groups = [*_KINDRED.get(slot, [[slot]]), *([] if slot == GENERAL else [[GENERAL]])]
    return [[one for s in group for one in ((f"{s}{RETURNING}", s) if returning else (s,))] for group in groups]


def first_that_fits(slot: str, did: Did, business: Business, values: Mapping[str, str], *, returning: bool) -> Choice:
    """The first whose fields have values and that goes out in no more parts than it may; the shortest, if none does.

    ``values`` as from ``template_fields.values``: an emergency number is always among them.
    """
    refused = []
    for template in candidates_for(slot, did, business, returning=returning):
        filled = template_fields.filled(template.text, values)
        if filled is None:
            empty = [name for name in template_fields.fields_in(template.text) if name not in values]
            refused.append((template.name, f"{{{empty[0]}}} has no value"))
            continue
        text = as_sent(filled, business.accents)
        if problem := problem_on_the_air(text, business.accents):
            refused.append((template.name, problem))
        else:
            return Choice(template=template, text=text, refused=tuple(refused))
    language = did.language or business.language
    text = LIBRARY[language].shortest_for(business.trade)
    emergency, name = values["emergency_number"], as_sent(business.name, business.accents)
    return Choice(
        template=Template(level=Level.SHORTEST, slot=GENERAL, language=language, text=text),
        text=with_as_much_of_the_name_as_fits(text.replace("{emergency_number}", emergency), name),
        refused=tuple(refused),
    )


def problem_on_the_air(text: str, accents: Accents) -> str | None:
    """Why a finished text is not sent, or None."""
    costly = sms_text.characters_that_cost(text)
    if accents is Accents.REFUSE and costly:
        return f"has {', '.join(map(repr, costly[:5]))}, not in the phones' alphabet (accents: refuse)"
    parts, most = len(sms_text.split(text)), accents.most_parts
    if parts <= most:
        return None
    needs = f"needs {parts} parts{'' if most == 1 else f', and may have {most}'}: {sms_text.length(text)} characters"
    if not costly:
        return f"{needs}{' of 160' if most == 1 else ''}, with its fields filled"
    without = f"without {', '.join(map(repr, costly[:5]))} 160 would fit into one"
    return f"{needs}{' of 70' if most == 1 else ''}; {without}"


def with_as_much_of_the_name_as_fits(template: str, name: str) -> str:
    """One part: the template with its ``{business}`` filled, by a shorter name if need be."""
    while name and len(sms_text.split(template.replace("{business}", name))) > 1:
        name = name[:-1]
    return template.replace("{business}", name)
