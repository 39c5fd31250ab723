"""What can happen in a call on the simulated PBX. A scene is a few steps; a new one is quickly written."""

import dataclasses


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Nothing, for so many seconds."""

    seconds: float


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """These phones ring."""

    phones: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class AllBusy:
    """These phones are dialled, and every one of them is busy."""

    phones: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One of the ringing phones is picked up."""

    phone: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class NobodyAnswers:
    """The PBX lets the phones ring no longer."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Voicemail:
    """The caller hears the greeting of a mailbox."""

    mailbox: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class LeaveMessage:
    """The caller speaks after the beep; stored when he hangs up."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CallerHangsUp:
    """Wherever the caller is."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class PbxHangsUp:
    """The dialplan has nothing more to offer."""


Step = Pause | Ring | AllBusy | Answer | NobodyAnswers | Voicemail | LeaveMessage | CallerHangsUp | PbxHangsUp


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One call from outside; the last step is a hang-up."""

    caller: str
    """As the carrier shows it: a number, or ``anonymous``."""
    did: str
    steps: tuple[Step, ...]
