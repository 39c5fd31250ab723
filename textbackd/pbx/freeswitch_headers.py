"""What FreeSWITCH's headers say, each read from where it does not lie."""

import datetime as dt

from textbackd.core.channel_events import Stage
from textbackd.pbx import freeswitch_words as words
from textbackd.pbx.event_socket import Event

LEAST_MESSAGE = 2
"""Seconds of a recording that is more than a hang-up: FusionPBX's own measure."""


def number(e: Event, header: str) -> int:
    """A header that is a number; 0 where it is none."""
    text = e.get(header, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0


def moment(e: Event, header: str) -> dt.datetime | None:
    """A header that is a time, in microseconds since 1970; None where it is none, or did not come yet (0)."""
    try:
        return dt.datetime.fromtimestamp(number(e, header) / 1e6, dt.UTC) if number(e, header) else None
    except (ValueError, OverflowError, OSError):
        return None


def one_line(name: str) -> str:
    """A display name is whatever a stranger sent, line ends included."""
    return " ".join("".join(c if c.isprintable() else " " for c in name).split())


def is_loopback(e: Event) -> bool:
    """Whether the leg is half of a pair inside FreeSWITCH."""
    return e.get("Channel-Name", "").startswith("loopback/")


def profile(e: Event) -> str:
    """The sofia profile: ``sofia/internal/101@…`` -> ``internal``."""
    kind, _, rest = e.get("Channel-Name", "").partition("/")
    in_the_name = rest.partition("/")[0] if kind == "sofia" else ""
    return e.get("variable_sofia_profile_name") or in_the_name


def called_us(e: Event) -> bool:
    """Whether the far end began a call with the leg; of a loopback it says so of both halves."""
    return e.get("Call-Direction") == "inbound"


def is_withheld(e: Event) -> bool:
    """Whether the caller asked that the number be not shown, though it may show."""
    asked = e.get("variable_sip_Privacy", "").casefold()
    return e.get("Caller-Privacy-Hide-Number") == "true" or asked not in ("", "none")


def caller(e: Event) -> str:
    """The caller's number; of what was withheld only what is shown."""
    if is_withheld(e):
        return e.get("variable_sip_from_user", "")
    # A pickup writes another number into the one that shows.
    return e.get("Caller-Orig-Caller-ID-Number") or e.get("Caller-Caller-ID-Number", "")


def rung(e: Event) -> str:
    """The extension or the number outside that was rung."""
    return e.get("variable_dialed_user") or e.get("Caller-Destination-Number", "")


def did(e: Event, header: str) -> str:
    """The number that the caller dialled, from ``header`` where it is there; a transfer changes the destination."""
    return e.get(header) or e.get("Caller-RDNIS") or e.get("Caller-Destination-Number", "")


def dialler(e: Event) -> str:
    """The uuid of the leg that rang this one."""
    return e.get("variable_originator") or e.get("variable_originating_leg_uuid") or queue_caller(e)


def queue_caller(e: Event) -> str:
    """The uuid of the caller for whom a queue (mod_callcenter) does something."""
    return e.get("variable_cc_member_session_uuid") or e.get("CC-Member-Session-UUID", "")


def queue(e: Event, header: str) -> str:
    """``support@default`` -> ``support``."""
    return e.get(header, "").partition("@")[0]


def seconds_recorded(e: Event) -> int:
    """Of a message that FusionPBX took: its voicemail is a script of its own."""
    in_application = number(e, "variable_record_seconds") if e.get("variable_last_app") == "record" else 0
    return in_application or number(e, "variable_voicemail_message_seconds")


def left_a_message(e: Event) -> bool:
    """Whether the end of a leg tells of a voicemail message that nothing else told of."""
    return bool(e.get("variable_voicemail_message_len")) or seconds_recorded(e) > LEAST_MESSAGE


def is_told_busy(e: Event) -> bool:
    """Whether the dialplan itself gave the busy signal."""
    no_bridge = not e.get("variable_originate_disposition")
    return no_bridge and e.get("Hangup-Cause") == "USER_BUSY" and e.get("variable_last_app") == "hangup"


def last_voicemail(e: Event) -> tuple[Stage, str] | None:
    """The voicemail in which a leg ended, or a mailbox that was listened to."""
    argument = e.get("variable_last_arg", "")
    if e.get("variable_last_app") == "voicemail":
        listens = argument.partition(" ")[0] in ("check", "auth_only", "authorize_only")
        return (Stage.MAILBOX, "") if listens else (Stage.VOICEMAIL, argument.rpartition(" ")[2])
    # FusionPBX's: a talk may have come after it, where the caller pressed 0 for the operator.
    after_all_talk = number(e, "variable_voicemail_answer_epoch") > number(e, "variable_bridge_epoch")
    if e.get("variable_last_app") == "record" or after_all_talk:
        return Stage.VOICEMAIL, e.get("variable_dialed_user", "")
    return None


def last_wait(e: Event) -> tuple[Stage, str] | None:
    """The queue or the slot in which a leg ended."""
    argument = e.get("variable_last_arg", "")
    match e.get("variable_last_app"):
        case "callcenter" | "fifo":
            return Stage.QUEUE, argument.partition(" ")[0].partition("@")[0]
        case "valet_park":
            return Stage.PARKED, argument.rpartition(" ")[2]
    return None


def last_menu(e: Event) -> tuple[Stage, str] | None:
    """The menu in which a leg ended."""
    return (Stage.MENU, e.get("Caller-Context", "")) if e.get("variable_last_app") in words.MENUS else None


def last_heard(e: Event) -> tuple[Stage, str] | None:
    """What a leg heard that rang nobody, waited nowhere and got no answer to."""
    app, context = e.get("variable_last_app", ""), e.get("Caller-Context", "")
    # A menu that nobody answered sends the caller on by itself, and leaves no other trace (``ivr_timeout``).
    sent_on = number(e, "variable_answer_epoch") and e.get("variable_transfer_source")
    if app not in words.ANNOUNCEMENTS and sent_on:
        return Stage.MENU, context
    heard = app in words.ANNOUNCEMENTS or number(e, "variable_playback_ms")
    return (Stage.ANNOUNCEMENT, context) if heard else None
