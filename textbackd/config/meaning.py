"""What is wrong with a file whose shape may be right: numbers, names, references, files.

Looks at the plain values and leaves alone what has the wrong shape, so that all problems come out at once.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import phonenumbers

from textbackd.config import hours, secrets
from textbackd.config.document import Document, Place, Problem, Value, entries, word, words
from textbackd.config.wording import did_you_mean
from textbackd.core import number_plan, phone_numbers
from textbackd.core.guards import BARRED
from textbackd.core.number_plan import NumberType
from textbackd.modem import sim_pin
from textbackd.notify.settings import Security

_TRUE = frozenset({"true", "yes", "on", "y", "t", "1"})
"""As pydantic reads it."""

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def problems(document: Document, folder: Path, *, with_secrets: bool) -> Iterator[Problem]:
    """Everything that the schema cannot see. Relative paths begin at ``folder``.

    Without secrets nothing outside of the file is looked at.
    """
    yield from _names(document)
    yield from hours.problems(document)
    yield from _numbers(document)
    yield from _dids(document)
    yield from _exclusions(document)
    yield from _devices(document)
    if with_secrets:
        yield from _names_of_one_port(document)
    yield from _modems_of_businesses(document)
    yield from _trunks(document)
    yield from _secrets(document, folder, read=with_secrets)
    yield from _alarms(document, folder, read=with_secrets)


def notes(document: Document) -> Iterator[Problem]:
    """What is possible and yet unwise."""
    rules = document.data.get("rules")
    guards = rules.get("guards") if isinstance(rules, dict) else None
    ceiling = word(guards, "ceiling")
    if ceiling.isdecimal() and int(ceiling) > BARRED:
        message = f"carriers bar a SIM that texts more than {BARRED} numbers in a day: stay well below"
        yield document.problem(("rules", "guards", "ceiling"), message)
    if isinstance(rules, dict) and "text_on" in rules and not _outcomes_in(rules["text_on"]):
        of_their_own = any("text_on" in did for _, did in entries(document.data, "dids"))
        if not of_their_own:
            yield document.problem(("rules", "text_on"), "no outcome stands here: nobody is texted")
    yield from _owners(document)


def _outcomes_in(text_on: Value) -> bool:
    """Of a list for all hours, or of one for each kind of them."""
    return any(text_on.values()) if isinstance(text_on, dict) else bool(text_on)


def _owners(document: Document) -> Iterator[Problem]:
    """Who gets no texts, and who would get each twice."""
    country = word(document.data, "country")
    fiction = word(document.data, "fiction_numbers").casefold() in _TRUE
    for i, business in entries(document.data, "businesses"):
        seen: dict[str, str] = {}
        for k, owner in words(business, "owners"):
            number = phone_numbers.e164(owner, country, fiction=fiction)
            if number and seen.setdefault(number, owner) is not owner:
                message = f"'{owner}' is the number '{seen[number]}' once more: keep one of them"
                yield document.problem(("businesses", i, "owners", k), message)
            type_ = number and number_plan.plan_of(number, country, fiction=fiction).type
            if type_ in (*number_plan.NOT_A_PHONE_OF_A_PERSON, NumberType.FIXED_LINE):
                told = type_.replace("_", " ")
                message = f"'{owner}' is no mobile ({told}): what is told to the owner would reach nobody"
                yield document.problem(("businesses", i, "owners", k), message)


# --- names ----------------------------------------------------------------------------------------------------------


def _names(document: Document) -> Iterator[Problem]:
    for section in ("businesses", "pbx", "modems"):
        seen: dict[str, int] = {}
        for i, entry in entries(document.data, section):
            name = word(entry, "name")
            if name in seen:
                yield document.problem((section, i, "name"), f"'{name}' is the name of another one in {section}")
            elif name:
                seen[name] = i


def _devices(document: Document) -> Iterator[Problem]:
    seen: set[str] = set()
    for key in ("device", "folder"):
        for i, modem in entries(document.data, "modems"):
            place = word(modem, key)
            if place in seen:
                yield document.problem(("modems", i, key), f"another modem has the {key} '{place}' already")
            elif place:
                seen.add(place)
    for i, modem in entries(document.data, "modems"):
        if word(modem, "self_test") and not word(modem, "number"):
            message = "a modem that texts itself needs its SIM's own number: give it as number"
            yield document.problem(("modems", i, "self_test"), message, at_key=True)


def _names_of_one_port(document: Document) -> Iterator[Problem]:
    """Such as /dev/ttyUSB0 and the /dev/serial/by-id/… that stands for it just now."""
    seen: dict[str, str] = {}
    for i, modem in entries(document.data, "modems"):
        device = word(modem, "device")
        port = os.path.realpath(device) if device.startswith("/") else ""
        if port and seen.setdefault(port, device) != device:
            message = (
                f"'{device}' and '{seen[port]}' are the same port, {port}: one modem is one entry; textbackd modem"
            )
            yield document.problem(("modems", i, "device"), f"{message} probe lists them")


def _modems_of_businesses(document: Document) -> Iterator[Problem]:
    known = {word(modem, "name") for _, modem in entries(document.data, "modems")} - {""}
    for i, business in entries(document.data, "businesses"):
        name = word(business, "modem")
        if name and known and name not in known:
            there_are = ", ".join(f"'{modem}'" for modem in sorted(known))
            suggestion = did_you_mean(name, known) or f"; there are {there_are}"
            yield document.problem(("businesses", i, "modem"), f"there is no modem '{name}'{suggestion}")


def _trunks(document: Document) -> Iterator[Problem]:
    for i, pbx in entries(document.data, "pbx"):
        for k, trunk in entries(pbx, "trunks"):
            if not trunk.get("contexts") and not trunk.get("endpoints"):
                remedy = "name its contexts or its endpoints; textbackd check tells where calls begin"
                yield document.problem(
                    ("pbx", i, "trunks", k), f"nothing says which calls come over this trunk: {remedy}"
                )


# --- numbers --------------------------------------------------------------------------------------------------------


def _numbers(document: Document) -> Iterator[Problem]:
    data = document.data
    country = word(data, "country")
    if country not in phonenumbers.SUPPORTED_REGIONS:
        return
    fiction = word(data, "fiction_numbers").casefold() in _TRUE
    for place, number in _all_numbers(data):
        if message := _problem_with_number(number, country, fiction=fiction):
            yield document.problem(place, message)


def _all_numbers(data: Value) -> Iterator[tuple[Place, str]]:
    for i, business in entries(data, "businesses"):
        if phone := word(business, "phone"):
            yield ("businesses", i, "phone"), phone
        for k, owner in words(business, "owners"):
            yield ("businesses", i, "owners", k), owner
    for i, exclusion in entries(data, "exclusions"):
        if number := word(exclusion, "number"):
            yield ("exclusions", i, "number"), number
    for i, own in words(data, "own_numbers"):
        if not phone_numbers.is_extension(own):
            yield ("own_numbers", i), own
    for i, modem in entries(data, "modems"):
        if number := word(modem, "number"):
            yield ("modems", i, "number"), number


def _problem_with_number(number: str, country: str, *, fiction: bool) -> str | None:
    if phone_numbers.e164(number, country, fiction=fiction):
        return None
    if phone_numbers.e164(number, country, fiction=True):
        return f"{number} is reserved for fiction: give a real number, or set fiction_numbers: true for a trial"
    code = phonenumbers.country_code_for_region(country)
    return f"'{number}' is no phone number: write it as +{code}…, or as it is dialled within {country}"


def _dids(document: Document) -> Iterator[Problem]:
    data = document.data
    country = word(data, "country")
    businesses = {word(business, "name") for _, business in entries(data, "businesses")} - {""}
    seen: dict[str, str] = {}
    for i, did in entries(data, "dids"):
        name = word(did, "business")
        if name and businesses and name not in businesses:
            there_are = ", ".join(f"'{business}'" for business in sorted(businesses))
            suggestion = did_you_mean(name, businesses) or f"; there are {there_are}"
            yield document.problem(("dids", i, "business"), f"there is no business '{name}'{suggestion}")
        number = word(did, "number")
        dialled = phone_numbers.dialled(number, country)
        if number and dialled in seen:
            yield document.problem(("dids", i, "number"), f"this DID is here already, as {seen[dialled]}")
        elif number:
            seen[dialled] = number


def _exclusions(document: Document) -> Iterator[Problem]:
    for i, exclusion in entries(document.data, "exclusions"):
        given = [key for key in ("number", "prefix", "name") if key in exclusion]
        if len(given) != 1:
            found = f"here are {' and '.join(given)}" if given else "here is none"
            place = ("exclusions", i, *given[1:2])
            yield document.problem(
                place, f"an exclusion has exactly one of number, prefix and name; {found}", at_key=bool(given)
            )


# --- secrets --------------------------------------------------------------------------------------------------------


def _secrets(document: Document, folder: Path, *, read: bool) -> Iterator[Problem]:
    for i, pbx in entries(document.data, "pbx"):
        yield from _secret(document, ("pbx", i), pbx, "secret", folder, read=read)
    for i, modem in entries(document.data, "modems"):
        check = sim_pin.problem_with
        yield from _secret(document, ("modems", i), modem, "pin", folder, read=read, optional=True, check=check)


def _secret(
    document: Document,
    place: Place,
    entry: dict[str, Value],
    key: str,
    folder: Path,
    *,
    read: bool,
    optional: bool = False,
    check: Callable[[str], str | None] = lambda _: None,
) -> Iterator[Problem]:
    """Whether it is given in exactly one of its ways (or in none, where that may be), and can be read.

    ``check`` says what is wrong with what lies elsewhere; the schema looks at what stands in the file.
    """
    ways = secrets.ways(key)
    given = [way for way in ways if way in entry]
    if len(given) > 1 or not (given or optional):
        found = f"here are {' and '.join(given)}" if given else "here is none"
        count = "at most" if optional else "exactly"
        message = f"give {count} one of {', '.join(ways)}; {found}"
        yield document.problem((*place, *given[1:2]), message, at_key=bool(given))
    elif read and given and given[0] != key and word(entry, given[0]):
        try:
            problem = check(secrets.read(given[0], word(entry, given[0]), folder))
        except ValueError as error:
            problem = str(error)
        if problem:
            yield document.problem((*place, given[0]), problem)


# --- alarms ---------------------------------------------------------------------------------------------------------


def _alarms(document: Document, folder: Path, *, read: bool) -> Iterator[Problem]:
    alarms = document.data.get("alarms")
    mail = alarms.get("mail") if isinstance(alarms, dict) else None
    webhook = alarms.get("webhook") if isinstance(alarms, dict) else None
    if isinstance(mail, dict):
        place = ("alarms", "mail")
        if "user" in mail:
            yield from _secret(document, place, mail, "password", folder, read=read)
        elif given := [way for way in secrets.ways("password") if way in mail]:
            yield document.problem((*place, given[0]), "a password without a 'user' logs in nowhere", at_key=True)
        if "user" in mail and word(mail, "security") == Security.NONE and word(mail, "server") not in _LOOPBACK:
            message = "the password would cross the network in the clear: take starttls or tls"
            yield document.problem((*place, "security"), message)
    if isinstance(webhook, dict):
        yield from _secret(document, ("alarms", "webhook"), webhook, "secret", folder, read=read, optional=True)
