"""What of a changed file takes effect at once, and what wants a restart."""

import dataclasses
from pathlib import Path

import pytest

from tests.builders import NOON, seconds
from tests.config.files import written
from tests.config.test_settings import WHOLE
from textbackd import config
from textbackd.config import InForce, Settings
from textbackd.config.in_force import taken, wanting_restart

WANT_RESTART = ("pbxs", "modems", "loop_tests")
"""Of ``Settings``."""


def loaded(folder: Path, *changes: tuple[str, str]) -> Settings:
    """The whole file, with these words replaced."""
    text = WHOLE
    for old, new in changes:
        assert 1 == text.count(old), old
        text = text.replace(old, new)
    return config.load(written(folder, text))


@pytest.mark.parametrize(
    ("old", "new", "keys"),
    [
        ("host: pbx.office", "host: other.office", ["pbx[0].host"]),
        ("port: 5039", "port: 5040", ["pbx[0].port"]),
        ("user: watcher", "user: other", ["pbx[0].user"]),
        ("secret: 0123", "secret: 0124", ["pbx[0].secret"]),
        ("strip: [9, +]", "strip: [9]", ["pbx[0].trunks"]),
        ("    cdr_file: Master.csv\n", "", ["pbx[0].cdr_file"]),
        ("ping_interval: 1m", "ping_interval: 2m", ["pbx[0].ping_interval"]),
        ("did_from: to", "did_from: request", ["pbx[1].did_from"]),
        ("name: back", "name: side", ["pbx"]),
        ("device: /dev/ttyUSB0", "device: /dev/ttyUSB1", ["modems[0].device"]),
        ("pin: 0123", "pin: 0124", ["modems[0].pin"]),
        ("per_minute: 6", "per_minute: 7", ["modems[0].per_minute"]),
        ('number: "+447700900900"', 'number: "+447700900901"', ["modems[0].number"]),
        ('self_test: "14:30"', 'self_test: "14:31"', ["modems[0].self_test"]),
        ('    self_test: "14:30"\n', "", ["modems[0].self_test"]),
        ("folder: box", "folder: case", ["modems[1].folder"]),
        ("  - {name: two, kind: simulated, folder: box}\n", "", ["modems"]),
        (
            "{name: two, kind: simulated, folder: box}",
            "{name: two, kind: gammu, device: /dev/ttyUSB1}",
            ["modems[1].kind"],
        ),
    ],
)
def test_what_wants_a_restart_is_named(tmp_path: Path, old: str, new: str, keys: list[str]) -> None:
    """By its key in the file, and by none beside it."""
    assert keys == wanting_restart(loaded(tmp_path), loaded(tmp_path, (old, new)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("country: GB\nregion: SCT", "country: IM"),
        ("region: SCT", "region: NIR"),
        ("time_zone: Europe/London", "time_zone: Europe/Dublin"),
        ("mode: observe", "mode: live"),
        ("name: Harbour Plumbing", "name: Hill Plumbing"),
        ("hours: Mo-Fr 09:00-17:00; PH off", "hours: Mo-Fr 09:00-18:00; PH off"),
        ("07700 900002]", "07700 900009]"),
        ("{business}: call {phone}", "{business}: ring {phone}"),
        ("label: Sales", "label: Service"),
        ("delay: 1m", "delay: 2m"),
        ("ceiling: 7", "ceiling: 8"),
        ("closed_contexts: [after-hours]", "closed_contexts: []"),
        ("name: ALARM", "name: DIALLER"),
        ('own_numbers: [07700 900004, 101, "sip:50111@192.0.2.1"]', "own_numbers: []"),
        ("boss@office.example", "it2@office.example"),
        ("https://hooks.example/1", "https://hooks.example/2"),
        ("sms: no", "sms: yes"),
        ("level: debug", "level: info"),
    ],
)
def test_all_else_takes_effect_at_once(tmp_path: Path, old: str, new: str) -> None:
    """And wants nothing else."""
    running, changed = loaded(tmp_path), loaded(tmp_path, (old, new))

    assert running != changed
    assert [] == wanting_restart(running, changed)
    assert changed == taken(running, changed)


def test_the_rest_is_taken_beside_what_wants_a_restart(tmp_path: Path) -> None:
    """Each field of the settings comes from the one file or from the other."""
    running = loaded(tmp_path)
    changed = loaded(
        tmp_path,
        ("host: pbx.office", "host: other.office"),
        ("device: /dev/ttyUSB0", "device: /dev/ttyUSB1"),
        ('self_test: "14:30"', 'self_test: "14:31"'),
        ("delay: 1m", "delay: 2m"),
        ("sms: no", "sms: yes"),
        ("level: debug", "level: info"),
    )
    found = taken(running, changed)

    for field in dataclasses.fields(Settings):
        source = running if field.name in WANT_RESTART else changed
        assert getattr(source, field.name) == getattr(found, field.name), field.name
    assert ["pbx[0].host", "modems[0].device", "modems[0].self_test"] == wanting_restart(running, changed)


def test_another_database_is_a_hindrance(tmp_path: Path) -> None:
    """What is entered there would not be heard of; written in another way it is the same."""
    running = loaded(tmp_path)
    moved = loaded(tmp_path, ("database: data/calls.db", "database: calls.db"))
    respelt = loaded(tmp_path, ("database: data/calls.db", f"database: {tmp_path}/./data/calls.db"))

    (problem,) = config.hindrances(running, moved)
    assert problem.startswith(f"database: it stays {tmp_path}/data/calls.db until a restart; commands go to {tmp_path}")
    assert () == config.hindrances(running, respelt)


def test_the_order_of_entries_is_no_matter(tmp_path: Path) -> None:
    """They are known by their names; the place that is named is that in the new file."""
    whole = written(tmp_path, WHOLE).read_text()
    first, rest = whole.split("  - name: back\n")[0], whole.split("  - name: back\n")[1]
    back, rest = rest.split("modems:\n")
    above, front = first.split("  - name: front\n")
    turned = f"{above}  - name: back\n{back}  - name: front\n{front}modems:\n{rest}"
    running = loaded(tmp_path)

    assert [] == wanting_restart(running, config.load(written(tmp_path, turned)))
    other_port = config.load(written(tmp_path, turned.replace("port: 5039", "port: 5040")))
    assert ["pbx[1].port"] == wanting_restart(running, other_port)


def test_a_secret_in_a_file(tmp_path: Path) -> None:
    """Is compared by what it is, not by where it lies."""
    secret = tmp_path / "secret"
    secret.write_text("one")
    secret.chmod(0o640)
    running = loaded(tmp_path, ("secret: 0123", "secret_file: secret"))
    secret.write_text("two")

    assert ["pbx[0].secret"] == wanting_restart(running, loaded(tmp_path, ("secret: 0123", "secret_file: secret")))


def test_the_sim_in_the_modem_stays_ours(tmp_path: Path) -> None:
    """Until the restart that makes another one of it."""
    running = loaded(tmp_path)
    changed = loaded(tmp_path, ('number: "+447700900900"', 'number: "+447700900901"'))

    assert {"+447700900004", "+447700900900", "+447700900901"} == set(taken(running, changed).policy.own_numbers)


@pytest.mark.parametrize(
    ("old", "new", "modems", "keys"),
    [
        ("    modem: one\n", "    modem: two\n", ("two", ""), []),
        ("    modem: one\n", "", ("", ""), []),
        ("    modem: one\n", "    modem: three\n", ("one", ""), ["modems", "businesses[0].modem"]),
        ("{name: Bay Locks}", "{name: Bay Locks, modem: three}", ("one", ""), ["modems", "businesses[1].modem"]),
        (
            "  - {name: Bay Locks}\n",
            "  - {name: Bay Locks}\n  - {name: New Roofs, modem: three}\n",
            ("one", "", "three"),
            ["modems", "businesses[2].modem"],
        ),
    ],
)
def test_the_modem_of_a_business(tmp_path: Path, old: str, new: str, modems: tuple[str, ...], keys: list[str]) -> None:
    """One that does not run yet is taken by the restart: until then a business keeps its own, and a new one waits."""
    third = "  - {name: two, kind: simulated, folder: box}\n"
    more = f"{third}  - {{name: three, kind: simulated, folder: case}}\n" if "three" in new else third
    in_force = InForce(loaded(tmp_path), NOON)
    changed = loaded(tmp_path, (old, new), (third, more))

    for _ in range(2):  # what was not taken the first time is not taken the second time either
        in_force.take(changed, NOON)

        assert modems == tuple(business.modem for business in in_force.policy().office.businesses)
        assert keys == in_force.want_restart


def test_what_is_told(tmp_path: Path) -> None:
    """When it was loaded, what wants a restart, and of the last try alone whether it failed."""
    in_force = InForce(loaded(tmp_path), NOON)
    begin = in_force.told()
    in_force.take(loaded(tmp_path, ("port: 5039", "port: 5040"), ("delay: 1m", "delay: 2m")), NOON + seconds(1))
    in_force.refuse(["textbackd.yaml:1:1: it is wrong"], NOON + seconds(2))
    wrong = in_force.told()
    in_force.take(loaded(tmp_path), NOON + seconds(3))

    assert {"loaded_at": NOON.isoformat(), "failed_at": None, "problems": [], "want_restart": []} == begin
    assert {
        "loaded_at": (NOON + seconds(1)).isoformat(),
        "failed_at": (NOON + seconds(2)).isoformat(),
        "problems": ["textbackd.yaml:1:1: it is wrong"],
        "want_restart": ["pbx[0].port"],
    } == wrong
    assert begin | {"loaded_at": (NOON + seconds(3)).isoformat()} == in_force.told()
    assert seconds(60) == in_force.policy().delay
