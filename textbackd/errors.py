"""The errors of textbackd, as one tree.

    TextbackdError
    ├── UserError                  somebody can mend it: printed without a traceback, with what to do
    ├── pbx.source.PbxError        one door per adapter, see there
    ├── modem.modem.ModemError
    ├── notify.errors.NotifyError
    └── store.database.StoreError

The type says what to do: ``…Unavailable`` (wait and try again), ``…Refused`` (do not try again),
``…Unknown`` (nobody knows what happened).
"""

from collections.abc import Sequence


class TextbackdError(Exception):
    """Anything that textbackd itself reports."""


class UserError(TextbackdError):
    """A mistake that the person at the keyboard can mend.

    Each problem is one line that says what is wrong, where, and what to do about it.
    """

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems: Sequence[str] = problems
