"""A text on its way out, and its states as a table.

Two rules: ``sending`` is on disk before the modem sees the text; and from ``sent`` or ``unknown`` nothing leads back to
``sending`` but a person's ``release``, or ``resumed`` for those of its parts that surely did not go out. What may have
gone out is not sent again.
"""

import dataclasses
import datetime as dt
import enum

from textbackd.core.phone_numbers import E164


class MessageState(enum.StrEnum):
    """Where a text is."""

    HELD = "held"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERABLE = "undeliverable"
    UNKNOWN = "unknown"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class MessageEvent(enum.StrEnum):
    """What can happen to it."""

    HOLD = "hold"
    RELEASE = "release"
    CANCEL = "cancel"
    """By STOP, by a person, or because it is no longer needed."""
    GREW_STALE = "grew stale"
    BROKE_OFF = "broke off"
    """It grew stale when some of its parts had gone out and some had not."""
    CLAIMED = "claimed"
    ACCEPTED = "accepted"
    """The network took all of it; of a part whose answer never came a delivery report says so."""
    NOT_SENT = "not sent"
    """Surely not sent; to be tried again."""
    REFUSED = "refused"
    """Surely not sent, or not all of it; not to be tried again."""
    NO_ANSWER = "no answer"
    """Nobody knows whether it was sent; also what a restart finds in ``sending``."""
    RESUMED = "resumed"
    """Delivery reports have settled what was unknown of it, and other parts of it are still to go."""
    REPORTED_DELIVERED = "reported delivered"
    REPORTED_UNDELIVERABLE = "reported undeliverable"


_S, _E = MessageState, MessageEvent

TRANSITIONS: dict[MessageState, dict[MessageEvent, MessageState]] = {
    _S.HELD: {_E.RELEASE: _S.QUEUED, _E.CANCEL: _S.CANCELLED},
    _S.QUEUED: {
        _E.HOLD: _S.HELD,
        _E.CANCEL: _S.CANCELLED,
        _E.GREW_STALE: _S.EXPIRED,
        _E.BROKE_OFF: _S.FAILED,
        _E.CLAIMED: _S.SENDING,
        _E.REPORTED_UNDELIVERABLE: _S.UNDELIVERABLE,
    },
    _S.SENDING: {
        _E.ACCEPTED: _S.SENT,
        _E.NOT_SENT: _S.QUEUED,
        _E.REFUSED: _S.FAILED,
        _E.NO_ANSWER: _S.UNKNOWN,
    },
    _S.SENT: {_E.REPORTED_DELIVERED: _S.DELIVERED, _E.REPORTED_UNDELIVERABLE: _S.UNDELIVERABLE},
    _S.UNKNOWN: {
        _E.RELEASE: _S.QUEUED,
        _E.RESUMED: _S.QUEUED,
        _E.CANCEL: _S.CANCELLED,
        _E.ACCEPTED: _S.SENT,
        _E.REFUSED: _S.FAILED,
        _E.REPORTED_DELIVERED: _S.DELIVERED,
        _E.REPORTED_UNDELIVERABLE: _S.UNDELIVERABLE,
    },
    _S.DELIVERED: {},
    _S.UNDELIVERABLE: {},
    _S.FAILED: {},
    _S.CANCELLED: {},
    _S.EXPIRED: {},
}


class IllegalTransitionError(ValueError):
    """That cannot happen to a text in that state."""

    def __init__(self, state: MessageState, event: MessageEvent) -> None:
        super().__init__(f"{event!s} cannot happen to a text that is {state}")
        self.state = state


def after(state: MessageState, event: MessageEvent) -> MessageState:
    """The state that follows; an event that has no place in ``state`` raises and changes nothing."""
    try:
        return TRANSITIONS[state][event]
    except KeyError:
        raise IllegalTransitionError(state, event) from None


def report_event(status: int) -> MessageEvent | None:
    """What a delivery report says; None while the service centre still tries (3GPP TS 23.040 §9.2.3.15)."""
    if status < 32:
        return MessageEvent.REPORTED_DELIVERED
    if status < 64:
        return None
    return MessageEvent.REPORTED_UNDELIVERABLE


_NOT_FOR_THIS_NUMBER = frozenset({0x40, 0x41, 0x42, 0x43, 0x44, 0x45})
"""TP-ST, of the permanent errors: remote procedure error, incompatible destination, rejected by the phone, not
obtainable, quality of service and interworking not available (3GPP TS 23.040 §9.2.3.15).
"""


def says_never(status: int) -> bool:
    """Whether a delivery report says that no text can be brought to that number, now or later.

    Not where the validity ran out (0x46: the phone was off), the text was deleted (0x47, 0x48) or lost (0x49), nor by
    a code that each service centre has for itself (0x50 to 0x5F): it may be about our SIM. 0x60 to 0x7F are passing.
    """
    return status in _NOT_FOR_THIS_NUMBER


UNASSIGNED_NUMBER = 1
"""The ``+CMS ERROR`` of a network that knows of no such number (TS 24.011 annex E)."""

PERMANENT_REFUSALS = frozenset({UNASSIGNED_NUMBER, 95, 96, 97, 99})
"""``+CMS ERROR`` numbers after which the same text would be refused by any SIM (3GPP TS 27.005 §3.2.5, which takes
them from TS 24.011 annex E): no such number, no valid message. All others are taken for a passing state, also those
that tell of the SIM (8 barred, 28 unidentified subscriber, 50 not subscribed, 310 out) or of a modem that forgot its
settings (304, 305), and those that networks use for anything (29, 111, 127): a try too many loses nobody, and another
modem may do.
"""


class MessageKind(enum.StrEnum):
    """Whom a text is for, and so how urgent it is: the order here is the order of sending."""

    ACKNOWLEDGEMENT = "acknowledgement"
    """The one answer to STOP, START or HELP."""
    CALLER = "caller"
    """The text to a caller whom nobody answered."""
    OWNER = "owner"
    """To the owner, about a lead."""
    STAFF = "staff"
    """Typed by a person of ours to a caller."""
    TEST = "test"
    """To see whether texts go out and arrive: ``test-sms``, and a modem's own to itself."""

    @property
    def priority(self) -> int:
        """Lower goes first."""
        return list(MessageKind).index(self)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMessage:
    """A text as it lies in the outbox."""

    id: int
    kind: MessageKind
    state: MessageState
    business: str
    to: E164
    text: str
    about: E164 | None
    """The caller it is about: ``to`` itself, but in an owner's notice."""
    of_a_reply: bool
    """It tells an owner what somebody wrote."""
    since: dt.datetime
    """When that began which it is about; a person reached after that makes it needless."""
    not_before: dt.datetime
    attempts: int
    """How often the modem was tried."""
    caller_name: str = ""
    """Of the call that made it, as the PBX showed it."""
    simulated: bool = False
