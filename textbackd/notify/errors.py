"""What may go wrong on the way to people.

NotifyError
├── NotifyUnavailable   not now: nobody answers, or the far end is busy; try again
└── NotifyRefused       not like this: a wrong password, an unknown address; a person has to mend it
"""

from textbackd.errors import TextbackdError


class NotifyError(TextbackdError):
    """It was not told."""


class NotifyUnavailable(NotifyError):
    """Not now."""


class NotifyRefused(NotifyError):
    """Not like this."""
