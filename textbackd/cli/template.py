"""``textbackd template``: which words callers get, and how they are read."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import click

from textbackd import config
from textbackd.cli import output, template_preview
from textbackd.cli.context import config_option, json_option
from textbackd.core import template_fields, template_lint, templates
from textbackd.core.library import LIBRARY
from textbackd.core.office import Business, Did, Office
from textbackd.core.policy import Policy
from textbackd.core.templates import RETURNING, SLOTS, Choice, Level, Template
from textbackd.errors import UserError


@click.group()
def template() -> None:
    """The words that callers get: what is in force, how long it is, what is unwise about it."""


template.add_command(template_preview.preview)


# --- list -------------------------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _InForce:
    """Which template a slot of a business, or of a DID with words of its own, gets."""

    business: Business
    did: Did | None
    slot: str
    choice: Choice


@template.command("list")
@config_option
@json_option
def list_(config_path: Path, json_wanted: bool) -> None:
    """List for each business, and each DID that differs from it, which template each slot gets.

    With every field at its longest, and as if each had a value; a slot that ends in _returning is for callers who
    called before.
    """
    office = _policy(config_path).office
    in_force = list(_in_force(office))
    if json_wanted:
        output.as_json(
            [
                {
                    "business": each.business.name,
                    "did": each.did.number if each.did else None,
                    **_as_dict(each.choice.template),
                    "slot": each.slot,
                    "refused": dict(each.choice.refused),
                }
                for each in in_force
            ]
        )
        return
    output.table(
        ("BUSINESS", "DID", "SLOT", "TEMPLATE", "LANGUAGE", "NOT"),
        (
            (
                each.business.name,
                (each.did.label or each.did.number) if each.did else "",
                each.slot,
                each.choice.template.name,
                each.choice.template.language,
                "; ".join(f"{name}: {why}" for name, why in each.choice.refused),
            )
            for each in in_force
        ),
        "",
    )


def _in_force(office: Office) -> Iterator[_InForce]:
    for business in office.businesses:
        its = [did for did in office.dids if office.business(did.business) is business]
        for did in (None, *(did for did in its if did.templates or did.language)):
            at = did or Did(number="")
            language = at.language or business.language
            values = template_fields.longest_values(business, office.country, [did] if did else its, language)
            for slot in SLOTS:
                for returning in (False, True):
                    choice = templates.first_that_fits(slot, at, business, values, returning=returning)
                    if not returning or choice.template.slot.endswith(RETURNING):
                        name = f"{slot}{RETURNING}" if returning else slot
                        yield _InForce(business=business, did=did, slot=name, choice=choice)


# --- show -------------------------------------------------------------------------------------------------------------


@template.command()
@config_option
@json_option
@click.argument("name")
def show(config_path: Path, json_wanted: bool, name: str) -> None:
    """Show the templates of a NAME as the list has it, such as en/plumber/missed or business/closed, or of a slot."""
    shown = [each for each in _all(_policy(config_path).office) if name in (each[1].name, each[1].slot)]
    if not shown:
        raise UserError(f"there is no template '{name}'; textbackd template list tells those in force")
    if json_wanted:
        output.as_json([{"of": of} | _as_dict(found) | {"text": found.text} for of, found in shown])
        return
    for of, found in shown:
        click.echo(f"{found.name}{f' ({of})' if of else ''}\n  {found.text}")


def _all(office: Office) -> Iterator[tuple[str, Template]]:
    """Each template that there is, with whose it is: the office's own first, then those of the library."""
    for did in office.dids:
        language = did.language or office.business(did.business).language
        for slot, text in did.templates.items():
            yield did.label or did.number, Template(level=Level.DID, slot=slot, language=language, text=text)
    for business in office.businesses:
        for slot, text in business.templates.items():
            own = Template(level=Level.BUSINESS, slot=slot, language=business.language, text=text)
            yield business.name, own
    for language, words in LIBRARY.items():
        for slot, text in words.texts().items():
            yield "", Template(level=Level.GENERAL, slot=slot, language=language, text=text)
        for trade in words.trades:
            for slot, text in words.texts(trade).items():
                yield "", Template(level=Level.TRADE, slot=slot, language=language, text=text, trade=trade)


# --- lint -------------------------------------------------------------------------------------------------------------


@template.command()
@config_option
@json_option
@click.option("--business", "name", default="", metavar="NAME", help="Whose TEXT it is; by default the first's.")
@click.option(
    "--slot", type=click.Choice(templates.ALL_SLOTS), default=templates.GENERAL, help="What TEXT is about.",
    show_default=True,
)  # fmt: skip
@click.argument("text", required=False)
def lint(config_path: Path, json_wanted: bool, name: str, slot: str, text: str | None) -> None:
    """Tell what is wrong or unwise about TEXT as a business's own template, or about all that are configured.

    The exit code is 1 if there is anything.
    """
    if text is not None and not text.strip():
        raise click.UsageError("TEXT must not be empty; leave it out for all that are configured")
    office = _policy(config_path).office
    if name and name not in (business.name for business in office.businesses):
        raise UserError(f"there is no business '{name}'; there are {', '.join(b.name for b in office.businesses)}")
    if text is not None:
        business = office.business(name)
        its = [did for did in office.dids if office.business(did.business) is business]
        found = [("", finding) for finding in template_lint.lint(text, slot, business, its, office.country)]
    else:
        placed = template_lint.lint_office(enumerate(office.businesses), enumerate(office.dids), office.country)
        found = [(".".join(map(str, place)), finding) for place, finding in placed]
    if json_wanted:
        output.as_json([{"place": place} | dataclasses.asdict(finding) for place, finding in found])
    else:
        for place, finding in found:
            click.echo(f"{f'{place}: ' if place else ''}{finding.severity}: {finding.message} ({finding.code})")
        if not found:
            click.echo("nothing to say against it")
    if found:
        raise SystemExit(1)


# --- all of them ------------------------------------------------------------------------------------------------------


def _policy(config_path: Path) -> Policy:
    return config.load(config_path, with_secrets=False).policy


def _as_dict(found: Template) -> dict[str, str]:
    return {"template": found.name, "slot": found.slot, "level": found.level, "language": found.language}
