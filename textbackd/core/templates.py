"""Which words a caller gets, and the filling of them.

The slot is chosen by a table, first match wins. A text is plain ``{name}`` substitution: no code, no caller's name.
"""

import datetime as dt
import re
import string
import unicodedata
from collections.abc import Mapping

from textbackd.core import sms_text
from textbackd.core.office import Mark, Office
from textbackd.core.opening_hours import Hours
from textbackd.core.outcomes import Call, Outcome

FIELDS = frozenset({"business", "did_label", "opens", "phone"})

SHIPPED: Mapping[str, str] = {
    "missed": "{business}: sorry, we couldn't get to the phone just now. What can we help with? Text us here. "
    "Reply STOP to opt out.",
    "busy": "{business}: all our lines were busy, sorry. What do you need? A person reads these. "
    "Reply STOP to opt out.",
    "queue": "{business}: sorry that the wait was too long. What can we help with? A person reads these. "
    "Reply STOP to opt out.",
    "closed": "{business}: we're closed until {opens}. Tell us what you need and we'll text or call you then. "
    "Reply STOP to opt out.",
    "closed_undated": "{business}: we're closed just now. Tell us what you need and we'll text or call you back. "
    "Reply STOP to opt out.",
    "voicemail_left": "{business}: thanks, your voicemail reached us. Would a text or a call back suit you better? "
    "Reply STOP to opt out.",
    "voicemail_silent": "{business}: sorry we missed you. No need to leave a message: what can we help with? "
    "Text us here. Reply STOP to opt out.",
}
"""Slot -> text. GSM 7-bit, and one part with a name of 40 characters."""

SERVICE: Mapping[str, str] = {
    "opted_out": "{business}: done - you won't get more texts from us. You can still call {phone}.",
    "opted_in": "{business}: texts are back on for your number. Reply STOP any time to end them.",
    "help": "{business}: we text people whose call we missed. Call {phone}. Reply STOP to end texts. "
    "Msg rates may apply.",
}
"""Answers to STOP, START and HELP; the law's, not the office's, so no configuration changes them."""

GENERAL = "missed"
_WITHOUT_A_TIME = {"closed": "closed_undated"}
"""Where nobody knows when it opens: a DID marked closed while the hours say open."""
SHORTEST = "{business}: sorry we missed you. Text us here. STOP to end."
"""For a name that is very long, or written in letters of which only 70 fit into a part."""

_SLOTS: tuple[tuple[frozenset[Outcome], frozenset[Hours], str], ...] = (
    (frozenset({Outcome.VOICEMAIL_MESSAGE}), frozenset(Hours), "voicemail_left"),
    (frozenset(Outcome), frozenset({Hours.CLOSED, Hours.HOLIDAY}), "closed"),
    (frozenset({Outcome.CLOSED}), frozenset(Hours), "closed"),
    (frozenset({Outcome.VOICEMAIL_SILENT}), frozenset(Hours), "voicemail_silent"),
    (frozenset({Outcome.BUSY}), frozenset(Hours), "busy"),
    (frozenset({Outcome.ABANDONED_QUEUE}), frozenset(Hours), "queue"),
)


class _Text(string.Template):
    """``{name}``; everything else, also a lone brace, stands for itself."""

    pattern = r"\{(?:(?P<named>[a-z_]+)\}|(?P<braced>(?!))|(?P<escaped>(?!))|(?P<invalid>(?!)))"  # type: ignore[assignment]


def problem_with(text: str) -> str | None:
    """What is wrong with a template, or None."""
    names = set(re.findall(r"\{([^}]*)\}", text))
    if unknown := sorted(names - FIELDS):
        return f"{{{unknown[0]}}} is no field; there are {', '.join(sorted('{' + name + '}' for name in FIELDS))}"
    return None


def slot_for(call: Call) -> str:
    """Which template fits the call; who came to a DID marked closed is told so, whatever the clock says."""
    now = Hours.CLOSED if Mark.CLOSED in call.did.marks else call.hours
    for outcomes, hours, slot in _SLOTS:
        if call.outcome in outcomes and now in hours:
            return slot
    return GENERAL


def text_for(call: Call, office: Office) -> tuple[str, str]:
    """The slot and the finished text, always one part.

    A template with a field that has no value, or that would need two parts, is refused in favour of the next: the
    ``closed`` one without a time, the general one, the shipped general one.
    """
    values = values_for(call, office)
    own = office.business(call.business).templates
    slot = slot_for(call)
    candidates = (slot, _WITHOUT_A_TIME.get(slot, slot), GENERAL)
    for candidate, template in (*((c, own.get(c) or SHIPPED[c]) for c in candidates), (GENERAL, SHIPPED[GENERAL])):
        text = filled(template, values)
        if text is not None and len(sms_text.split(text)) == 1:
            return candidate, text
    return GENERAL, _with_as_much_of_the_name_as_fits(SHORTEST, call.business)


def service_text(name: str, business: str, phone: str) -> str:
    """The answer to STOP, START or HELP."""
    text = filled(SERVICE[name], {"phone": phone or "us", "business": "{business}"})
    assert text is not None
    return _with_as_much_of_the_name_as_fits(text, _in_gsm7(business) or phone)


def test_text(business: str, at: dt.datetime) -> str:
    """What ``test-sms`` sends; ``at`` in the office's time."""
    return _with_as_much_of_the_name_as_fits(f"{{business}}: a test of our texts at {at:%H:%M:%S}.", _in_gsm7(business))


def loop_test_text(modem: str, at: dt.datetime) -> str:
    """What a modem sends itself, never the same twice; ``at`` in the office's time."""
    return _with_as_much_of_the_name_as_fits(f"textbackd {{business}} {at:%Y-%m-%d %H:%M:%S}", _in_gsm7(modem))


def _with_as_much_of_the_name_as_fits(template: str, name: str) -> str:
    while name and len(sms_text.split(template.replace("{business}", name))) > 1:
        name = name[:-1]
    return template.replace("{business}", name)


def _in_gsm7(name: str) -> str:
    """The name without its accents, and without the letters that have no place in GSM 7-bit."""
    cost = sms_text.characters_that_cost(name)
    plain = "".join(unicodedata.normalize("NFKD", letter)[0] if letter in cost else letter for letter in name)
    cost = sms_text.characters_that_cost(plain)
    return "".join(letter for letter in plain if letter not in cost).strip()


def values_for(call: Call, office: Office) -> dict[str, str]:
    """The fields that have a value for this call."""
    business = office.business(call.business)
    opens = office.next_opening(call.did, call.record.ended_at)
    values = {
        "business": business.name,
        "did_label": call.did.label,
        "phone": business.phone,
        "opens": in_words(opens, call.record.ended_at.astimezone(office.time_zone)) if opens else "",
    }
    return {name: value for name, value in values.items() if value}


def filled(template: str, values: Mapping[str, str]) -> str | None:
    """The template with its fields filled; None where one has no value."""
    try:
        return _Text(template).substitute(values)
    except KeyError:
        return None


def in_words(moment: dt.datetime, now: dt.datetime) -> str:
    """``8:00``, ``tomorrow 8:00``, ``Monday 8:00``, ``4 January``: as one would say it at ``now``, in its zone."""
    clock = f"{moment.hour}:{moment.minute:02}"
    days = (moment.date() - now.date()).days
    if days == 0:
        return clock
    if days == 1:
        return f"tomorrow {clock}"
    if days < 7:
        return f"{moment:%A} {clock}"
    return f"{moment.day} {moment:%B}"
