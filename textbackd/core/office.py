"""The office: its businesses, the numbers that callers dial, and when somebody is there."""

import dataclasses
import datetime as dt
import enum
import zoneinfo
from collections.abc import Collection, Mapping

from textbackd.core import number_plan, opening_hours, phone_numbers
from textbackd.core.accents import Accents
from textbackd.core.library import Language, Trade
from textbackd.core.number_plan import Plan
from textbackd.core.opening_hours import Hours, Moment
from textbackd.core.phone_numbers import E164


class Mark(enum.StrEnum):
    """What is special about a number that callers dial."""

    CLOSED = "closed"
    """Calls come here when nobody works: an announcement, then the end."""
    INFORMATION = "information"
    FAX = "fax"
    IGNORE = "ignore"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Did:
    """A number that callers dial (direct inward dialling)."""

    number: str
    label: str = ""
    business: str = ""
    """The name of its business; empty: the first."""
    marks: frozenset[Mark] = frozenset()
    hours: str = ""
    """As a business's; empty: those of its business."""
    text_on: Mapping[Hours, Collection[str]] | None = dataclasses.field(default=None, hash=False)
    """The outcomes with which calls to it are texted; None: those that the rules name."""
    language: Language | None = None
    """Of its callers; None: that of its business."""
    templates: Mapping[str, str] = dataclasses.field(default_factory=dict, hash=False)
    """Slot -> text, before those of its business."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Business:
    """One business; several may share the PBX."""

    name: str
    phone: str = ""
    """As the caller should read it."""
    hours: str = "24/7"
    """OpenStreetMap's opening_hours syntax."""
    owners: tuple[E164, ...] = ()
    trade: Trade | None = None
    language: Language = Language.EN
    accents: Accents = Accents.FOLD
    templates: Mapping[str, str] = dataclasses.field(default_factory=dict, hash=False)
    """Slot -> text; a slot that is missing takes the shipped one."""
    callback_window: str = ""
    """When callers are rung back, in words: within the hour."""
    link: str = ""
    emergency_number: str = ""
    """Empty: that of the country."""
    modem: str = ""
    """The only one that texts its callers; empty: any."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """All that is known of the house before the phone rings. At least one business."""

    country: str
    """ISO 3166 alpha-2; how national numbers are read."""
    region: str = ""
    """Whose public holidays count (ISO 3166-2, without the country); empty: those of the whole country."""
    time_zone: zoneinfo.ZoneInfo
    businesses: tuple[Business, ...]
    dids: tuple[Did, ...] = ()
    closed_contexts: frozenset[str] = frozenset()
    """Dialplan contexts in which a caller hears that the office is closed."""
    fiction_numbers: bool = False
    """Take the numbers reserved for fiction as mobiles (demo, tests)."""
    own_numbers: frozenset[E164] = dataclasses.field(init=False, compare=False, repr=False)
    """The owners', the DIDs and what the businesses give their callers to ring."""
    _by_name: Mapping[str, Business] = dataclasses.field(init=False, compare=False, repr=False)
    _by_number: Mapping[str, Did] = dataclasses.field(init=False, compare=False, repr=False)
    """The DIDs by the one spelling that all of a number's spellings have."""

    def __post_init__(self) -> None:
        shown = [did.number for did in self.dids] + [b.phone for b in self.businesses if b.phone]
        owners = {owner for business in self.businesses for owner in business.owners}
        object.__setattr__(self, "own_numbers", frozenset(owners.union(filter(None, map(self.e164, shown)))))
        object.__setattr__(self, "_by_name", {business.name: business for business in reversed(self.businesses)})
        by_number = {phone_numbers.dialled(did.number, self.country): did for did in reversed(self.dids)}
        object.__setattr__(self, "_by_number", by_number)  # of two with one number the first counts

    def did(self, dialled: str) -> Did:
        """What is known of a number that was dialled; a plain entry where nothing is."""
        return self._by_number.get(phone_numbers.dialled(dialled, self.country)) or Did(number=dialled)

    def business(self, name: str) -> Business:
        """The business of that name, or the first."""
        return self._by_name.get(name, self.businesses[0])

    def moment(self, did: Did, at: dt.datetime) -> Moment:
        """Whether somebody is there for ``did`` at ``at``, or when next: by the clock, whatever marks the DID has."""
        hours = did.hours or self.business(did.business).hours
        return opening_hours.moment(hours, at, self.time_zone, self.country, self.region)

    def e164(self, number: str) -> E164 | None:
        """A number as shown here in E.164, or None where its plan has no such number."""
        return phone_numbers.e164(number, self.country, fiction=self.fiction_numbers)

    def plan(self, number: E164) -> Plan:
        """What the plan of its country says of a number."""
        return number_plan.plan_of(number, self.country, fiction=self.fiction_numbers)

    def e164_dialled(self, number: str) -> E164 | None:
        """The same of a number that the PBX rang, whatever the carrier or the staff put before it."""
        return phone_numbers.called(number, self.country, fiction=self.fiction_numbers)
