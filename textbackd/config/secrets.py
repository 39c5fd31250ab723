"""A secret from where it lies: the configuration, a file, or a credential of systemd.

Each has three keys, such as ``pin``, ``pin_file`` and ``pin_credential``.
"""

import os
from pathlib import Path


def ways(key: str) -> tuple[str, str, str]:
    """The keys by which the secret ``key`` may be given: itself, from a file, from a credential."""
    return key, f"{key}_file", f"{key}_credential"


def read(way: str, value: str, folder: Path) -> str:
    """The secret. Relative paths begin at ``folder``. Raises ValueError, which says what to do."""
    if way.endswith("_file"):
        return _from_file(folder / value, private=True)
    if not way.endswith("_credential"):
        return value
    directory = os.environ.get("CREDENTIALS_DIRECTORY")
    if directory is None:
        raise ValueError(
            f"only systemd has the credential '{value}': start the service, with"
            f" LoadCredential={value}:/path/of/the/secret in its unit"
        )
    return _from_file(Path(directory) / value, private=False)


def _from_file(path: Path, *, private: bool) -> str:
    try:
        others_may_read = path.stat().st_mode & 0o004
        content = path.read_text(encoding="utf-8").strip("\r\n")
    except FileNotFoundError:
        raise ValueError(f"{path} does not exist: put the secret into it, alone in one line") from None
    except PermissionError:
        raise ValueError(
            f"{path} cannot be read: let the service's user read it (chgrp textbackd {path}; chmod 640 {path})"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} cannot be read: {error}") from error
    if private and others_may_read:
        raise ValueError(f"everybody on this machine can read {path}: chmod 640 {path}")
    if not content or not content.isprintable():
        raise ValueError(f"{path} must hold the secret and nothing else, in one line")
    return content
