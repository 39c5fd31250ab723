"""Why a caller was texted, or was not: the codes that are kept with each call and each text, and their words."""

import enum
from collections.abc import Mapping


class Reason(enum.StrEnum):
    """Why a caller was not texted, or ``NOTHING_AGAINST``."""

    OUTCOME_NOT_TEXTED = "outcome_not_texted"
    WITHHELD = "withheld"
    PRIVACY_UNKNOWN = "privacy_unknown"
    SPOOFED = "spoofed"
    NOT_A_PHONE_NUMBER = "not_a_phone_number"
    OWN_NUMBER = "own_number"
    OPTED_OUT = "opted_out"
    ON_HOLD = "on_hold"
    EXCLUDED = "excluded"
    NUMBER_TYPE = "number_type"
    LANDLINE = "landline"
    UNDELIVERABLE = "undeliverable"
    COUNTRY = "country"
    TOO_SHORT = "too_short"
    ALREADY_SERVED = "already_served"
    PERHAPS_SERVED = "perhaps_served"
    REPEAT = "repeat"
    GUARD = "guard"
    STALE = "stale"
    SUPERSEDED = "superseded"
    OBSERVED = "observed"
    NOTHING_AGAINST = "nothing_against"


IN_WORDS: Mapping[Reason, str] = {
    Reason.OUTCOME_NOT_TEXTED: "calls with this outcome are not texted (text_on)",
    Reason.WITHHELD: "the caller withheld the number or asked for privacy",
    Reason.PRIVACY_UNKNOWN: "the call was over before the PBX could say whether the number was withheld",
    Reason.SPOOFED: "the carrier's check of the caller ID failed: somebody else may have shown this number",
    Reason.NOT_A_PHONE_NUMBER: "what the PBX showed is not a number that a text can be sent to",
    Reason.OWN_NUMBER: "the number is one of our own",
    Reason.OPTED_OUT: "the caller asked for no more texts",
    Reason.ON_HOLD: "the caller may have asked for no more texts; a person has to look",
    Reason.EXCLUDED: "the number is on the exclusion list",
    Reason.NUMBER_TYPE: "nobody reads texts at a number of this type",
    Reason.LANDLINE: "the number is a landline",
    Reason.UNDELIVERABLE: "a text to this number could not be delivered lately",
    Reason.COUNTRY: "the number is in a country that is not texted (rules.countries)",
    Reason.TOO_SHORT: "the caller gave up too soon (rules.minimum_wait)",
    Reason.ALREADY_SERVED: "the caller has since been on the line with a person",
    Reason.PERHAPS_SERVED: "somebody may have been on the line with the caller while nobody watched the PBX",
    Reason.REPEAT: "the caller was texted lately (rules.repeat_window, rules.max_per_30_days)",
    Reason.GUARD: "so many texts are not sent in so short a time (rules.guards)",
    Reason.STALE: "the text waited too long to be of use (rules.stale_after)",
    Reason.SUPERSEDED: "a newer notice took its place",
    Reason.OBSERVED: "it would have been sent now, but textbackd only observes (mode)",
    Reason.NOTHING_AGAINST: "nothing spoke against a text",
}


STAFF = "staff"
"""The detail of ``OWN_NUMBER`` where the PBX showed that it is one."""
CONVERSATION = "conversation"
"""The detail of ``ALREADY_SERVED`` where the two are talking by text."""
