"""``check`` finds out, on a real Asterisk, what an AMI user is not told and may not ask, and says what to write."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.daemon import commands, running
from tests.daemon.commands import Said
from tests.lab import asterisk as lab_asterisk
from tests.lab import behaviour, office, packages
from tests.lab.asterisk import Asterisk
from tests.lab.sip import Carrier, Phone
from textbackd.pbx import asterisk_account

ANN = "+447700900301"
RECOMMENDED = [
    "read = system,call,agent,dialplan",
    *(f"eventfilter = {pattern}" for pattern in asterisk_account.FILTERS),
]

Phones = dict[str, Phone]

both_versions = pytest.mark.parametrize("asterisk_version", [22, 16])


def configuration(folder: Path, asterisk: Asterisk, user: str) -> Path:
    """For a textbackd that logs in as this user."""
    path = running.configuration(folder, host=asterisk.pbx, port=asterisk.ami_port)
    path.write_text(path.read_text().replace("user: textbackd", f"user: {user}"))
    return path


async def check(folder: Path, asterisk: Asterisk, user: str) -> Said:
    """What is told without a call."""
    return await commands.run(configuration(folder, asterisk, user), "check", "--json")


@contextlib.asynccontextmanager
async def listening(folder: Path, asterisk: Asterisk, user: str) -> AsyncIterator["asyncio.Task[Said]"]:
    """``textbackd check --listen`` while the block lasts, and some seconds more."""
    process = await commands.start(configuration(folder, asterisk, user), "check", "--json", "--listen", "6")
    await commands.until_told(process, "make a call from outside now")
    async with asyncio.TaskGroup() as group:
        yield group.create_task(commands.ended(process))


def problems(said: Said) -> list[str]:
    """What was found wrong."""
    return [finding["found"] for finding in said.json if not finding["ok"]]


def seen(said: Said) -> str:
    """What was found right."""
    return "\n".join(finding["found"] for finding in said.json if finding["ok"])


async def talks(carrier: Carrier, phones: Phones) -> None:
    """A call that 101 takes."""
    phones["101"].behaviour = behaviour.ANSWERS
    call = await carrier.call(ANN, did=office.ONE_PHONE)
    await call.answered()
    await call.speak(2.5)  # the channels are listed every second, or a little later
    await call.hang_up()


# --- without a call --------------------------------------------------------------------------------------------------


@both_versions
async def test_the_recommended_account_lacks_nothing(tmp_path: Path, asterisk: Asterisk) -> None:
    """And Asterisk's own version is told, not only that of its manager interface."""
    said = await check(tmp_path, asterisk, "textbackd")

    assert ([], 0) == (problems(said), said.code)
    assert f"Asterisk {asterisk.version}." in seen(said)
    assert "; 0 channels up\n" in seen(said)
    assert "only a call shows whether the AMI user is told of calls" in seen(said)


async def test_looking_around_changes_nothing(tmp_path: Path, asterisk: Asterisk) -> None:
    """The variable that is set to see whether we are told of it is nobody's: no other call has it."""
    with contextlib.closing(await asterisk.ami("full")) as full:
        await check(tmp_path, asterisk, "textbackd")
        told = await full.event("VarSet", Variable="DIALSTATUS")

        assert ("none", "none", "textbackd") == (told["Channel"], told["Uniqueid"], told["Value"])
        assert "" == (await full.action("Getvar", Variable="DIALSTATUS"))["Value"]


@both_versions
async def test_a_user_that_may_not_ask(tmp_path: Path, asterisk: Asterisk) -> None:
    """The line for manager.conf stands there word by word."""
    said = await check(tmp_path, asterisk, "no-reporting")

    (problem,) = problems(said)
    assert problem.startswith("the AMI user may not list the channels: ")
    assert "in manager.conf, under [no-reporting], put this line:\n    write = reporting\n    then run: " in problem
    assert 1 == said.code


@both_versions
@pytest.mark.parametrize("user", ["no-dialplan", "calls-only"])
async def test_a_user_that_is_not_told_of_variables(tmp_path: Path, asterisk: Asterisk, user: str) -> None:
    """By its read classes, or by an eventfilter."""
    said = await check(tmp_path, asterisk, user)

    problem, remedy = problems(said)
    assert "a variable was set, and no VarSet came: " + asterisk_account.WITHOUT["VarSet"] == problem
    assert remedy.startswith("the AMI user's read classes or eventfilters withhold VarSet: ")
    assert f"under [{user}], put these lines in the place of its read and eventfilter:" in remedy
    assert RECOMMENDED == [line.strip() for line in remedy.splitlines()[1:-1]]
    assert 1 == said.code


def test_what_is_recommended_is_documented_and_tried() -> None:
    """The same lines in the documentation, and in the account with which the lab is watched."""
    for path in (packages.ROOT / "docs" / "asterisk.md", lab_asterisk.TEMPLATES / "manager.conf"):
        lines = path.read_text().splitlines()
        account = lines[lines.index("[textbackd]") :][: len(RECOMMENDED) + 5]
        assert [] == [line for line in [*RECOMMENDED, "write = reporting"] if line not in account]


# --- with a call -----------------------------------------------------------------------------------------------------


@both_versions
async def test_nothing_is_withheld_from_the_recommended_account(
    tmp_path: Path, asterisk: Asterisk, carrier: Carrier, phones: Phones
) -> None:
    """Calls through Local channels, a queue, voicemail and a menu raise no false alarm."""
    for phone in phones.values():
        phone.behaviour = behaviour.ANSWERS
    async with listening(tmp_path, asterisk, "textbackd") as checking, asyncio.TaskGroup() as group:
        for number, did in enumerate((office.LOCAL_GROUP, office.QUEUE, office.VOICEMAIL, office.MENU)):
            call = await carrier.call(f"+44770090031{number}", did=did)
            group.create_task(call.speak(3))

    said = await checking
    assert ([], 0) == (problems(said), said.code)
    assert ": 4 calls, the last " in seen(said)


@both_versions
@pytest.mark.parametrize(
    ("user", "withheld"),
    [
        ("no-bridges", ["BridgeEnter"]),
        ("calls-only", ["VarSet", "Newstate", "DialBegin", "BridgeEnter", "Newexten"]),
        ("no-calls", ["Newchannel", "Hangup", "DialBegin", "BridgeEnter"]),
    ],
)
async def test_a_call_shows_what_is_withheld(
    tmp_path: Path, asterisk: Asterisk, carrier: Carrier, phones: Phones, user: str, withheld: list[str]
) -> None:
    """By an exclusion, by filters that let too little through, by read classes: each event by name, with what follows
    from it, and at the end the lines for manager.conf.
    """
    async with listening(tmp_path, asterisk, user) as checking:
        await talks(carrier, phones)

    said = await checking
    *found, remedy = problems(said)
    told = {line.split(" came: ")[0].split()[-1]: line.split(" came: ")[1] for line in found}
    assert {name: asterisk_account.WITHOUT[name] for name in withheld} == told
    assert all(name in remedy.splitlines()[0] for name in withheld)
    assert RECOMMENDED == [line.strip() for line in remedy.splitlines()[1:-1]]
    assert 1 == said.code
    assert "no call began" not in seen(said)


@both_versions
async def test_what_is_withheld_shows_without_a_list_too(
    tmp_path: Path, asterisk: Asterisk, carrier: Carrier, phones: Phones
) -> None:
    """Of an account that may not ask either: a phone answered, and nobody was joined with it."""
    async with listening(tmp_path, asterisk, "mute") as checking:
        await talks(carrier, phones)

    may_not_ask, no_bridge, _remedy = problems(await checking)
    assert "put this line:\n    write = reporting\n" in may_not_ask
    assert " answered, and no BridgeEnter came: every answered call would look unknown" in no_bridge
