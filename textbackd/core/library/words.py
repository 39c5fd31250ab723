"""What a language of the shipped library consists of."""

import dataclasses
import enum
from collections.abc import Mapping, Sequence


class Language(enum.StrEnum):
    """ISO 639-1."""

    EN = "en"
    DE = "de"
    FR = "fr"
    ES = "es"
    IT = "it"
    NL = "nl"
    PT = "pt"


class Trade(enum.StrEnum):
    """What a business lives on: the question that its callers are asked."""

    PLUMBER = "plumber"
    HEATING = "heating"
    ELECTRICIAN = "electrician"
    GARAGE = "garage"
    ROOFER = "roofer"
    LOCKSMITH = "locksmith"
    PEST_CONTROL = "pest_control"
    CLEANING = "cleaning"
    DENTIST = "dentist"
    CLINIC = "clinic"
    VET = "vet"
    LAW = "law"
    ACCOUNTANT = "accountant"
    LETTING = "letting"
    ESTATE_AGENT = "estate_agent"
    RESTAURANT = "restaurant"
    SALON = "salon"


CONFIDENTIAL = frozenset({Trade.CLINIC, Trade.DENTIST, Trade.LAW})
"""Whose callers are not asked what it is about, and are asked to write nothing of it: health data and a client's case
do not belong into an SMS, which nobody encrypts (45 CFR 164.502(b): the minimum necessary). No general text is sent."""
NAMES_THE_EMERGENCY_NUMBER = frozenset({Trade.CLINIC, Trade.DENTIST, Trade.ELECTRICIAN, Trade.HEATING})
"""Whose callers may be in danger of life, by illness, fire or gas: nobody at the desk may read them in time."""


_THANKS = "voicemail_left"


def asking_nothing_else(beginnings: Mapping[str, str], question: str) -> Mapping[str, str]:
    """Slot -> text without its last sentence, of a trade that is confidential, of slot -> how it begins."""
    return {slot: f"{beginning} {question}" for slot, beginning in beginnings.items()}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """All that is said to callers in one language, in letters of the phones' own alphabet (GSM 7-bit).

    Texts are one part with a name of 40 characters, those of a trade that is not confidential with one of 30. The
    opt-out word is STOP in every language: it is the one that textbackd understands in all of them.
    """

    general: Mapping[str, str]
    """Slot -> text without its last sentence, for any business."""
    trades: Mapping[Trade, Mapping[str, str]]
    """The same; a slot that is missing is as in ``general``, but for a trade that is confidential."""
    service: Mapping[str, Sequence[str]]
    """Answers to STOP, START and HELP; of each the first whose fields have values. They are the law's, not the
    office's, so no configuration changes them."""
    shortest: str
    """How the text begins for a name that is very long, or in letters of which only 70 fit into a part."""
    write_here: str
    """How it goes on."""
    when_to_ring: str
    """The same of a trade that is confidential."""
    in_danger: str
    """The same of a trade that names the emergency number: of both there is no room for the name."""
    shortest_opt_out: str
    """How it ends."""
    missed_you: str
    """How a trade's text for a missed call begins."""
    missed_you_again: str
    """And how to callers who called before; what is asked of them is the same."""
    opt_out: str
    """The last sentence of each text."""
    told_to_send: Sequence[str]
    """What stands before a word that is to be sent, in small letters."""
    offers: Sequence[str]
    """Words that turn a service message into advertising (UK PECR reg. 22), in small letters."""
    tomorrow: str
    weekdays: Sequence[str]
    """From Monday on."""
    months: Sequence[str]
    clock: str = "{hour}:{minute:02}"
    date: str = "{day} {month}"
    first: str = ""
    """``date`` for the first of a month, where that is another."""
    _whole: Mapping[Trade | None, Mapping[str, str]] = dataclasses.field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        begun: dict[Trade | None, Mapping[str, str]] = {None: self.general}
        for trade, texts in self.trades.items():
            again = texts["missed"].replace(self.missed_you, self.missed_you_again)
            begun[trade] = ({"missed_returning": again} if again != texts["missed"] else {}) | dict(texts)
        whole = {
            trade: {slot: f"{text} {self.opt_out}" for slot, text in texts.items()} for trade, texts in begun.items()
        }
        object.__setattr__(self, "_whole", whole)

    def general_for(self, trade: Trade | None) -> Mapping[str, str]:
        """Slot -> whole text: those for any business that one of this trade may send.

        They ask what it is about, which a confidential trade must not; and name no emergency number, without which a
        trade that has to name it sends none but thanks for a voicemail.
        """
        texts = self._whole[None]
        if trade in CONFIDENTIAL:
            return {}
        return {_THANKS: texts[_THANKS]} if trade in NAMES_THE_EMERGENCY_NUMBER else texts

    def shortest_for(self, trade: Trade | None) -> str:
        """The whole text for when none of the others fits."""
        goes_on = self.when_to_ring if trade in CONFIDENTIAL else self.write_here
        if trade in NAMES_THE_EMERGENCY_NUMBER:
            goes_on = self.in_danger
        return f"{self.shortest} {goes_on} {self.shortest_opt_out}"

    def texts(self, trade: Trade | None = None) -> Mapping[str, str]:
        """Slot -> whole text: those of a trade, or those for any business."""
        return self._whole[trade]
