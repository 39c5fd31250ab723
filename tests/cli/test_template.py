"""The words that callers get, as a person at the desk sees them."""

import re

import pytest

from tests.cli.conftest import BOB, Desk

OWN = """\
    hours: Mo-Fr 08:00-17:00
    trade: plumber
    templates:
      busy: "{business}: engaged, sorry."
      queue: "{business}: {link} STOP"
"""


@pytest.fixture
def office(desk: Desk) -> Desk:
    """A plumber with a name that folds, two own texts and a DID in German."""
    text = desk.configuration.read_text(encoding="utf-8")
    text = re.sub(
        r"businesses:\n(  .*\n)+", f"businesses:\n  - name: Joe’s Plumbing\n    link: joe.example\n{OWN}", text
    )
    text = re.sub(r"dids:\n(  .*\n)+", "", text)
    text += 'dids:\n  - {number: "01632960101", label: Sales}\n  - {number: "01632960102", language: de}\n'
    text = text.replace("instant_at_night: true", "instant_at_night: false")
    desk.configuration.write_text(text, encoding="utf-8")
    return desk


def test_the_list_tells_what_is_in_force(office: Desk) -> None:
    """For the business, and for the DID that differs; without a database."""
    rows = office.run("template", "list", "--json").json

    got = {(row["did"], row["slot"]): row["template"] for row in rows}
    assert "business/busy" == got[None, "busy"]
    assert "en/plumber/missed" == got[None, "missed"]
    assert "en/plumber/closed" == got[None, "closed"]
    assert "de/general/busy" == got["01632960102", "busy"]
    assert "de/plumber/missed" == got["01632960102", "missed"]
    assert "en/plumber/missed_returning" == got[None, "missed_returning"]
    assert ("en/plumber/closed", "en/general/holiday_undated") == (got[None, "holiday"], got[None, "holiday_undated"])
    assert "Joe’s Plumbing           missed            en/plumber/missed" in re.sub(
        r"(Plumbing) +(missed) +", r"\1           \2            ", office.run("template", "list").out
    )


def test_a_template_is_shown_by_its_name_or_its_slot(office: Desk) -> None:
    """The office's own before those of the library."""
    shown = office.run("template", "show", "busy", "--json").json

    of = ["business/busy", "en/general/busy", "en/dentist/busy", "en/clinic/busy", "en/law/busy", "de/general/busy"]
    assert of == [row["template"] for row in shown][:6]
    assert "Joe’s Plumbing" == shown[0]["of"]
    assert "en/vet/missed\n  {business}: sorry" in office.run("template", "show", "en/vet/missed").out
    unknown = office.run("template", "show", "mised")
    assert (1, "there is no template 'mised'; textbackd template list tells those in force\n") == (
        unknown.code,
        unknown.err,
    )


def test_lint_tells_what_is_configured(office: Desk) -> None:
    """With places, and exit code 1 where there is anything."""
    result = office.run("template", "lint")

    assert 1 == result.code
    assert (
        "businesses.0.templates.busy: note: nobody is told how to get no more texts: "
        'end with "Reply STOP to opt out." (no_opt_out)\n'
    ) in result.out
    assert "businesses.0.name: note: in texts this name is written 'Joe's Plumbing' (accents: fold) (folded)" in (
        result.out
    )


def test_lint_tells_of_a_text(office: Desk) -> None:
    """As if it were the business's own."""
    good = office.run("template", "lint", "{business}: what is it? Reply STOP to opt out.")
    bad = office.run("template", "lint", "--slot", "later", "{business}: {opens} {nobody} STOP")
    json = office.run("template", "lint", "--json", "hello")

    assert (0, "nothing to say against it\n") == (good.code, good.out)
    assert (1, "error: {nobody} is no field; there are") == (bad.code, bad.out[:38])
    assert (1, True) == (json.code, '"code": "no_business"' in json.out)
    empty = office.run("template", "lint", "")
    assert (2, True) == (empty.code, "TEXT must not be empty" in empty.err)
    assert "there is no business 'x'" in office.run("template", "lint", "--business", "x", "hello").err


def test_a_preview_tells_what_a_caller_would_get_and_why(office: Desk) -> None:
    """Folded, with the way there; a note tells of the name."""
    result = office.run("template", "preview", "--did", "01632 960101", "--outcome", "busy", "--at", "2026-11-18 12:00")

    assert 0 == result.code
    assert [
        "DID:      Sales, of Joe’s Plumbing",
        "Call:     busy, ended 2026-11-18 12:00: open",
        "Leaves:   2026-11-18 12:00:00",
        "Slot:     busy, for a new caller, in en",
        "Template: business/busy",
        "  {business}: engaged, sorry.",
        "Text:     Joe's Plumbing: engaged, sorry.",
        "Length:   31 septets, gsm7, 1 part",
        "Note:     the name Joe’s Plumbing is written Joe's Plumbing (accents: fold)",
    ] == result.out.splitlines()


def test_a_preview_waits_for_the_morning(office: Desk) -> None:
    """Where it is night at the caller's, with the words of the morning: the DID is German, and so are they."""
    at = ("--at", "2026-11-19T23:00", "--number", BOB)
    shown = office.run("template", "preview", "--did", "01632960102", *at, "--returning", "--json").json

    assert "2026-11-20T08:00:00+00:00" == shown["sent_at"]
    assert ("later", "de/general/later", "de") == (shown["wanted"], shown["template"], shown["language"])
    assert ("gsm7", 1) == (shown["encoding"], shown["parts"])
    assert shown["length"] == len(shown["text"])


def test_a_preview_tells_what_was_passed_over(office: Desk) -> None:
    """And refuses a number that is none."""
    text = office.configuration.read_text(encoding="utf-8").replace("engaged, sorry.", "{agent} is engaged.")
    office.configuration.write_text(text, encoding="utf-8")
    preview = ("template", "preview", "--did", "1", "--outcome", "busy", "--at", "2026-11-18T12:00")

    assert "Not:      business/busy: {agent} has no value\nTemplate: en/general/busy\n" in office.run(*preview).out
    assert (
        "Note:     dids has no entry for 1: it needs none, and its calls count as the first" in office.run(*preview).out
    )
    assert "'12' is no phone number in GB" in office.run(*preview, "--number", "12").err


@pytest.mark.parametrize(
    ("at", "ended", "leaves"),
    [
        ("2027-10-31T01:59:58", "2027-10-31 01:59", "2027-10-31T01:00:03+00:00"),
        ("2027-03-28T00:59:58", "2027-03-28 00:59", "2027-03-28T02:00:03+01:00"),
        ("2027-03-28T01:30", "2027-03-28 02:30", "2027-03-28T02:30:05+01:00"),
    ],
)
def test_a_preview_in_a_night_of_which_clocks_change(office: Desk, at: str, ended: str, leaves: str) -> None:
    """Five seconds later is no hour later; what the clock skips is told as what it shows then."""
    text = office.configuration.read_text(encoding="utf-8")
    office.configuration.write_text(text.replace("delay: 0s", "delay: 5s"), encoding="utf-8")
    preview = ("template", "preview", "--did", "01632 960101", "--at", at)

    assert leaves == office.run(*preview, "--json").json["sent_at"]
    assert f"ended {ended}" in office.run(*preview).out


@pytest.mark.parametrize(
    ("outcome", "text_on", "silent"),
    [
        ("answered", "", "calls that were 'answered' are never texted"),
        ("not_offered", "", "calls that were 'not_offered' are never texted"),
        ("unknown", "", "calls that were 'unknown' are never texted"),
        ("no_answer", "", ""),
        ("no_answer", "rules: {text_on: [busy]}\n", "'no_answer' is not in rules.text_on while the hours are 'open'"),
    ],
)
def test_a_preview_says_what_is_not_texted(office: Desk, outcome: str, text_on: str, silent: str) -> None:
    """Never, or not with these rules; the words are shown all the same."""
    if text_on:
        text = re.sub(r"rules:\n(  .*\n)+", "", office.configuration.read_text(encoding="utf-8"))
        office.configuration.write_text(text + text_on, encoding="utf-8")
    preview = ("template", "preview", "--did", "1", "--outcome", outcome, "--at", "2026-11-18T12:00")

    assert ([f"Texted:   no: {silent}"] if silent else []) == re.findall("Texted: .*", office.run(*preview).out)
    shown = office.run(*preview, "--json").json
    assert (silent, True) == (shown["silent"], bool(shown["text"]))


def test_a_preview_of_a_did_that_only_informs_says_that_nobody_is_texted(office: Desk) -> None:
    """Though it is closed too: who rings no phone there is not missed."""
    text = office.configuration.read_text(encoding="utf-8")
    marked = text.replace("label: Sales", "label: Sales, marks: [closed, information]")
    assert marked != text
    office.configuration.write_text(marked, encoding="utf-8")
    told = "a call to it that rings no phone is not missed (marks: information)"

    preview = ("template", "preview", "--json", "--did", "01632 960101", "--outcome")
    assert (told, "") == tuple(office.run(*preview, outcome).json["silent"] for outcome in ("closed", "no_answer"))


def test_a_preview_needs_a_did(office: Desk) -> None:
    """As a simulated call does."""
    refused = office.run("template", "preview", "--did", " ")

    assert (2, True) == (refused.code, "--did must not be empty" in refused.err)


@pytest.mark.parametrize(
    ("at", "leaves"),
    [
        ("2026-11-18T12:00", "2026-11-18T12:00:00+00:00"),
        ("2026-11-18 12:00:07", "2026-11-18T12:00:07+00:00"),
        ("2026-11-18T12:00+01:00", "2026-11-18T11:00:00+00:00"),
        ("2026-11-18T12:00:07Z", "2026-11-18T12:00:07+00:00"),
        ("2026-07-18T12:00", "2026-07-18T12:00:00+01:00"),
    ],
)
def test_a_preview_is_for_a_moment(office: Desk, at: str, leaves: str) -> None:
    """By the office's clock, or with an offset."""
    preview = ("template", "preview", "--did", "1", "--json", "--at")

    assert leaves == office.run(*preview, at).json["sent_at"]


@pytest.mark.parametrize("at", ["", "noon", "2026-11-18", "20261118T12", "2026-13-18T12:00"])
def test_a_preview_refuses_what_is_no_moment(office: Desk, at: str) -> None:
    """And says how one is written."""
    refused = office.run("template", "preview", "--did", "1", "--at", at)

    assert (2, True) == (refused.code, f"'{at}' is no time such as 2026-11-18T21:30, " in refused.err)


def test_a_template_without_a_value_is_told_and_passed_over(office: Desk) -> None:
    """It keeps neither the check nor any other command from its work."""
    text = office.configuration.read_text(encoding="utf-8").replace("{link} STOP", "{callback_window} STOP")
    office.configuration.write_text(text, encoding="utf-8")
    warning = (
        "{callback_window} would be empty: the business has no 'callback_window'; another text is sent in its place"
    )

    people, programs = office.run("check", "--offline"), office.run("check", "--offline", "--json").json
    assert (0, True) == (people.code, f": warning: {warning}\n" in people.out)
    assert [("warning", True)] == [(each["what"], each["ok"]) for each in programs if warning in each["found"]]
    assert f": warning: {warning} (empty_field)" in office.run("template", "lint").out
    listed = {row["slot"]: row for row in office.run("template", "list", "--json").json if row["did"] is None}
    assert {"business/queue": "{callback_window} has no value"} == listed["queue"]["refused"]
    asked = ("--did", "1", "--outcome", "abandoned_queue", "--at", "2026-11-18T12:00")
    shown = office.run("template", "preview", *asked, "--json").json
    assert {"business/queue": "{callback_window} has no value"} == shown["refused"]


def test_check_tells_its_notes_and_fails_for_none(office: Desk) -> None:
    """Each as file:line:column: note."""
    people, programs = office.run("check", "--offline"), office.run("check", "--offline", "--json").json

    assert 0 == people.code
    assert re.search(rf"^{office.configuration}:\d+:\d+: note: in texts this name is written", people.out, re.MULTILINE)
    assert {"configuration", "note"} == {finding["what"] for finding in programs}
