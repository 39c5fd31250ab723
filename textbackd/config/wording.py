"""What pydantic found, as a person would say it: what is wrong, what was meant, what there is."""

import difflib
import re
from collections.abc import Collection, Sequence

from pydantic_core import ErrorDetails

from textbackd.config.document import Document, Place, Problem
from textbackd.config.schema import AT_ALL_HOURS, BY_HOURS, SECTIONS
from textbackd.config.values import NEVER_TEXTED, HoursError, WordError

_KINDS = frozenset({"asterisk", "freeswitch", "gammu", "simulated"})

_KINDS_OF = {
    "pbx": "asterisk, or freeswitch, also under FusionPBX",
    "modems": "gammu, or simulated for a try without a modem",
}

_WANTED = {
    "string_too_short": "a text that is not empty",
    "string_type": "a text",
    "path_type": "a path",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list ('- ' before each entry)",
    "dict_type": "a block of 'key: value' lines",
    "model_type": "a block of 'key: value' lines",
    "model_attributes_type": "a block of 'key: value' lines",
}

_FORMS = {
    "self_test": "a time of day is written like 06:30",
    "emergency_number": "an emergency number is 2 to 6 digits, such as 112",
    "device": "give the whole path, such as /dev/serial/by-id/usb-…",
    "strip": "what a PBX puts before a number is made of digits, +, * and #",
    "user": "a user of the directory is written user@domain",
    "pin_credential": "give the name of a credential, such as sim-1-pin, not a path",
    "secret_credential": "give the name of a credential, such as asterisk, not a path",
    "password_credential": "give the name of a credential, such as mail, not a path",
    "server": "give the name of the mail server alone; its port has a key of its own",
    "from": "a mail address is written somebody@example.org",
    "to": "a mail address is written somebody@example.org",
}


def problem(error: ErrorDetails, document: Document) -> Problem:
    """One error of pydantic at its place in the file."""
    path = tuple(part for part in error["loc"] if part not in ("[key]", AT_ALL_HOURS, BY_HOURS))
    if error["type"] == "union_tag_invalid":
        path = (*path, "kind")
    cause = error.get("ctx", {}).get("error")
    return document.problem(
        _without_kinds(path),
        _message(path, error),
        at_key=error["type"] == "extra_forbidden" or "[key]" in error["loc"],
        offset=cause.offset if isinstance(cause, HoursError) else 0,
    )


def did_you_mean(word: str, known: Collection[str]) -> str:
    """``; did you mean 'label'?``, or nothing where no word is close."""
    folded = {name.rpartition("/")[2].casefold(): name for name in known}  # of a time zone, its city alone
    folded |= {name.casefold(): name for name in known}
    close = difflib.get_close_matches(word.casefold(), sorted(folded), n=1, cutoff=0.72)
    return f"; did you mean '{folded[close[0]]}'?" if close else ""


def _without_kinds(path: Place) -> Place:
    """Pydantic puts the kind of a modem behind its place in the list; the file does not."""
    return tuple(part for i, part in enumerate(path) if not (part in _KINDS and i > 0 and isinstance(path[i - 1], int)))


def _message(path: Place, error: ErrorDetails) -> str:
    given, context = error["input"], error.get("ctx", {})
    match error["type"]:
        case "extra_forbidden":
            return _unknown_key([part for part in path if isinstance(part, str)])
        case "missing":
            return f"'{path[-1]}' is missing"
        case "union_tag_not_found":
            return f"'kind' is missing: {_KINDS_OF[str(path[0])]}"
        case "union_tag_invalid":
            return _unknown_word(context["tag"], context["expected_tags"])
        case "enum" | "literal_error":
            return _unknown_word(given, context["expected"])
        case "too_short":
            return f"'{path[-1]}' needs at least one entry"
        case "too_long":
            return f"at most {context['max_length']} {path[-1]} are possible, and here are {context['actual_length']}"
        case "greater_than_equal":
            return f"{given} is too little: at least {context['ge']}"
        case "less_than_equal":
            return f"{given} is too much: at most {context['le']}"
        case "string_pattern_mismatch":
            key = [part for part in path if isinstance(part, str)][-1]
            return f"'{given}' will not do: {_FORMS[key]}"
        case "value_error" if isinstance(context["error"], WordError):
            wrong = context["error"]
            return f"{wrong}{did_you_mean(wrong.word, wrong.known) or ', ' + wrong.example}"
        case "value_error":
            return str(context["error"])
        case kind if kind in _WANTED:
            found = "nothing" if given is None else f"'{given}'" if isinstance(given, str) else "something else"
            return f"{_WANTED[kind]} is wanted here, and this is {found}"
    return error["msg"]


def _unknown_key(path: Sequence[str]) -> str:
    *way, key = path
    here = _keys(tuple(way))
    if suggestion := did_you_mean(key, here):
        return f"unknown key '{key}'{suggestion}"
    elsewhere = [_named(at) for at in SECTIONS if at and key in _keys(at)]
    if elsewhere:
        return f"'{key}' does not go here, but into {elsewhere[0]}"
    return f"unknown key '{key}'; here go {', '.join(here)}"


def _named(section: Sequence[str]) -> str:
    """``modems of kind gammu``; of what every kind has the kind does not matter."""
    kinds = [part for part in section if part in _KINDS]
    name = ".".join(part for part in section if part not in _KINDS)
    return f"{name} of kind {kinds[0]}" if kinds and section[-1] in _KINDS else name


def _keys(section: tuple[str, ...]) -> Collection[str]:
    return SECTIONS[section].names()


def _unknown_word(word: object, expected: str) -> str:
    known = [name for name in re.findall(r"'([^']*)'", expected) if name not in NEVER_TEXTED]
    if not isinstance(word, str):
        return f"one word is wanted here: {', '.join(known)}"
    return f"'{word}' is not possible here{did_you_mean(word, known) or '; there are ' + ', '.join(known)}"
