"""The folder of the demo: a real configuration file, and what it leads to."""

import importlib.resources
import string
from pathlib import Path

from textbackd.errors import UserError

USER = "textbackd"
"""Logs in to the PBX."""
MODEM = "modem"
"""The simulated modem's folder in the demo's."""


def claim(folder: Path) -> None:
    """Make the folder. Raises UserError where something lies in it already: a caller texted before is not texted."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        taken = any(folder.iterdir())
    except OSError as error:
        raise UserError(f"{folder}: {error.strerror}") from None
    if taken:
        raise UserError(f"{folder} is not empty: name a new folder, or remove it; a demo begins without a past")


def configure(folder: Path, *, port: int, secret: str) -> Path:
    """Write the configuration into the folder: its path."""
    shipped = (importlib.resources.files("textbackd.demo") / "textbackd.yaml").read_text(encoding="utf-8")
    path = folder / "textbackd.yaml"
    path.touch(mode=0o600)  # the secret is in it
    text = string.Template(shipped).substitute(port=port, secret=secret, user=USER, modem=MODEM)
    path.write_text(text, encoding="utf-8")
    return path
