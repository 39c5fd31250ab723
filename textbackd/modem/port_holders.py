"""Which processes have a serial port open, from /proc.

Of other users' processes only root sees it; to everybody else such a port shows itself as busy when it is opened.
"""

import dataclasses
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

OUR_WORKER = "textbackd.modem.gammu_worker"
"""How the command line of a process begins to be ours: the module that it runs."""

_PROCESSES = Path("/proc")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A process that has the port open."""

    pid: int
    name: str
    """The name of its program; ``textbackd`` for the process that the daemon keeps for each modem."""

    @property
    def is_textbackd(self) -> bool:
        """Whether it is the running textbackd."""
        return self.name == "textbackd"

    def __str__(self) -> str:
        return f"{self.name} (pid {self.pid})"


def holders(devices: Iterable[str]) -> Mapping[str, Sequence[Holder]]:
    """For each of ``devices``, by any of its names, the processes that have it open, sorted by pid.

    This one, and those that we may not see, are left out.
    """
    ports = {device: os.path.realpath(device) for device in devices}
    found: dict[str, list[Holder]] = {device: [] for device in ports}
    for pid in sorted(_processes()):
        files = _open_files(_PROCESSES / str(pid)) if pid != os.getpid() else set()
        for device in (device for device, port in ports.items() if port in files):
            found[device].append(Holder(pid=pid, name=_name(_PROCESSES / str(pid))))
    return found


def remedy(found: Sequence[Holder]) -> str:
    """What to do about them: one sentence without a full stop."""
    if not found:
        return "root sees which: sudo textbackd modem probe"
    if any(holder.name == "ModemManager" for holder in found):
        return (
            "keep ModemManager off it: install 60-textbackd-modem.rules (docs/modem-setup.md) and plug the modem in"
            " again, or systemctl disable --now ModemManager where nothing else needs it"
        )
    if any(holder.is_textbackd for holder in found):
        return "the running textbackd uses it: textbackd status tells how it does"
    return f"stop it (ps {found[0].pid} tells what it is), or give textbackd another port"


def _processes() -> Iterator[int]:
    return (int(entry.name) for entry in _PROCESSES.iterdir() if entry.name.isdecimal())


def _open_files(process: Path) -> set[str]:
    found = set()
    try:
        for link in (process / "fd").iterdir():
            try:
                found.add(str(link.readlink()))
            except OSError:
                continue  # closed meanwhile
    except OSError:
        return found  # gone, or another user's
    return found


def _name(process: Path) -> str:
    try:
        words = (process / "cmdline").read_bytes().split(b"\0")
        if OUR_WORKER.encode() in words:
            return "textbackd"
        return (process / "comm").read_text().strip()
    except OSError:
        return "a process that has ended since"
