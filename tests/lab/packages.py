"""The programs that scripts/get-asterisk unpacks, run under the loader and the libraries of their own Debian."""

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


class PackagesMissing(Exception):
    """They could not be fetched, or this host lacks what it takes to run them; the message says what to do."""


def folder(version: int) -> Path:
    """Where the packages of that Asterisk lie, once they are fetched."""
    return ROOT / ".cache" / f"asterisk-{version}"


def fetch(version: int) -> None:
    """Have scripts/get-asterisk unpack that version into .cache, if it is not there yet."""
    done = subprocess.run(
        [ROOT / "scripts" / "get-asterisk", str(version)], capture_output=True, text=True, timeout=600, check=False
    )
    if done.returncode != 0:
        raise PackagesMissing(done.stderr)
    if shutil.which("setpriv") is None:
        raise PackagesMissing("setpriv is missing: sudo apt-get install util-linux")


def command(version: int, program: str) -> list[str]:
    """How to run a program, such as `usr/sbin/asterisk`, as a child that dies when we are killed."""
    packages = folder(version)
    loaders = [
        path
        for pattern in ("lib/*-linux-gnu*/ld-*.so*", "usr/lib/*-linux-gnu*/ld-*.so*")
        for path in sorted(packages.glob(pattern))
        if path.is_file() and not path.is_symlink()
    ]
    libraries = [*packages.glob("lib/*-linux-gnu*"), *packages.glob("usr/lib/*-linux-gnu*"), packages / "usr/lib"]
    return [
        *("setpriv", "--pdeathsig", "KILL"),
        *(str(loaders[0]), "--library-path", ":".join(map(str, libraries))),
        str(packages / program),
    ]
