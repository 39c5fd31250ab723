"""Plays scenarios and says what was seen: python -m tests.lab.scenarios [--on 16] [--keep FOLDER] [--alone] [ID ...]"""

import asyncio
import tempfile
from pathlib import Path

import click

from tests.lab.lab import Lab
from tests.lab.office import SITES
from tests.lab.scenarios import SCENARIOS


@click.command()
@click.option("--on", "version", type=click.Choice(["16", "22"]), default="22", help="version of Asterisk")
@click.option("--keep", type=click.Path(path_type=Path), help="an empty folder for the stream and Asterisk's log")
@click.option("--alone", is_flag=True, help="one after the other")
@click.argument("ids", nargs=-1)
def main(version: str, keep: Path | None, alone: bool, ids: tuple[str, ...]) -> None:
    """Play these scenarios; ID may be the beginning of several; none: all."""
    chosen = [s for s in SCENARIOS.values() if not ids or s.id.startswith(ids)]

    async def play(folder: Path) -> None:
        async with Lab.open(folder, version=int(version)) as lab:
            results = await lab.play(chosen, at_once=1 if alone else len(SITES))
            cdr = await lab.cdr(call for result in results for call in result.calls)
            for result in results:
                said = ", ".join(
                    f"{call.outcome} ({call.because}; CDR: {cdr[call.record.call_id]})" for call in result.calls
                )
                print(f"{result.scenario.id}: {said}")
            print(lab.complaint(results))

    if keep:
        keep.mkdir(parents=True, exist_ok=True)
        asyncio.run(play(keep))
    else:
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(play(Path(folder)))


main()
