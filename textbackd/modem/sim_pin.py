"""The PIN of a SIM, tried once: the third wrong one locks the SIM, and a restarting daemon would soon have tried three.

A mark on disk is written before the try and removed after success. While it is there, the same PIN is not tried
again: it was refused, or nobody saw the answer. Another PIN in the configuration is tried, once.
"""

import dataclasses
import hashlib
import hmac
import json
import os
import re
import secrets
import urllib.parse
from pathlib import Path

from textbackd.modem.port_errors import PinRefused


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SimPin:
    """A PIN and where its tries are remembered."""

    digits: str = dataclasses.field(repr=False)
    """4 to 8 (3GPP TS 31.101 §9.5.1)."""
    modem: str
    """Its name in the configuration. A renamed modem has another mark: one try more."""
    folder: Path
    """Where the mark lies; it must survive a restart, such as the folder of the database."""

    @property
    def mark(self) -> Path:
        """The file that says that a PIN was tried. To have the same one tried again, delete it."""
        return self.folder / f"sim-pin-tried-{urllib.parse.quote(self.modem, safe='')}"

    def forbid_second_try(self) -> None:
        """Raises PinRefused if this PIN was tried before, without success, or if that cannot be found out."""
        try:
            tried = json.loads(self.mark.read_bytes())
            same = hmac.compare_digest(_hash(self.digits, bytes.fromhex(tried["salt"])), bytes.fromhex(tried["hash"]))
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise PinRefused(
                f"the SIM PIN is not tried: whether it was before cannot be read ({error}); if you know it is right,"
                f" delete {self.mark}"
            ) from error
        if same:
            raise PinRefused(
                "the SIM PIN was tried once and is not tried again, since the third wrong one locks the SIM: correct it"
                f" in the configuration, or, if you know it is right, delete {self.mark}"
            )

    def remember_try(self) -> None:
        """On disk when this returns. Raises PinRefused where it cannot be kept: then it must not be tried."""
        salt = secrets.token_bytes(16)
        tried = {"salt": salt.hex(), "hash": _hash(self.digits, salt).hex()}
        new = self.mark.with_name(self.mark.name + ".new")
        try:
            file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(file, "w", encoding="ascii") as written:
                json.dump(tried, written)
                written.flush()
                os.fsync(file)
            new.replace(self.mark)
            self._keep_folder()
        except OSError as error:
            raise PinRefused(f"the SIM PIN is not tried, since that could not be remembered: {error}") from error

    def forget_try(self) -> None:
        """The PIN was right."""
        self.mark.unlink(missing_ok=True)
        self._keep_folder()

    def _keep_folder(self) -> None:
        folder = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def problem_with(digits: str) -> str | None:
    """What is wrong with a PIN, without telling it; None if nothing can be seen."""
    return None if re.fullmatch(r"[0-9]{4,8}", digits) else "a SIM PIN is 4 to 8 digits"


def _hash(digits: str, salt: bytes) -> bytes:
    # Slow, and still no secret to who can read the file: there are only so many PINs. Hence its mode.
    return hashlib.scrypt(digits.encode("ascii"), salt=salt, n=2**14, r=8, p=1)
