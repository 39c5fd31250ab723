"""What FreeSWITCH's headers say, each read from where it does not lie."""

import datetime as dt
from collections.abc import Iterator

from textbackd.core import phone_numbers
from textbackd.core.channel_events import QueueExit, Stage
from textbackd.pbx import freeswitch_words as words
from textbackd.pbx.event_socket import Event

LEAST_MESSAGE = 2
"""Seconds of a recording that is more than a hang-up: FusionPBX's own measure."""

Place = tuple[Stage, str]
"""A stage, and the name of the queue, mailbox, context …"""

_NO_TIME = 4 * 10**15
"""Microseconds: what is not before 2096 is no time of a call."""


def number(e: Event, header: str) -> int:
    """A header that is a number; 0 where it is none."""
    text = e.get(header, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0


def moment(e: Event, header: str) -> dt.datetime | None:
    """A header that is a time, in microseconds since 1970; None where it is none, or did not come yet (0)."""
    microseconds = number(e, header)
    return dt.datetime.fromtimestamp(microseconds / 1e6, dt.UTC) if 0 < microseconds < _NO_TIME else None


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


def tells_first_context(e: Event) -> bool:
    """Whether ``Caller-Context`` is where the call began; a list of channels keeps it, an event tells today's."""
    return e.get("Event-Name", "CHANNEL_CREATE") == "CHANNEL_CREATE"


def is_users(e: Event) -> bool:
    """Whether the leg rings a user of the directory: a phone."""
    return bool(e.get("variable_dialed_user"))


def is_withheld(e: Event) -> bool:
    """Whether the caller asked that the number be not shown, though it may show; some carriers only make From
    anonymous, and assert the number beside it.
    """
    asked, user = e.get("variable_sip_Privacy", "").casefold(), e.get("variable_sip_from_user", "")
    names = {e.get(header, "").casefold() for header in ("variable_sip_from_display", "Caller-Caller-ID-Name")}
    return (
        e.get("Caller-Privacy-Hide-Number") == "true"
        or asked not in ("", "none")
        or "anonymous" in names
        or "anonymous" in e.get("variable_sip_from_host", "").casefold()
        or user == "nobody"  # FreeSWITCH's own word for a From without a user
        or (user != "" and phone_numbers.is_withheld(user))
    )


VERIFICATION = (
    "variable_sip_verstat",
    "variable_sip_verstat_detailed",
    "variable_sip_name_params",
    "variable_sip_P-Asserted-Identity",
    "variable_sip_full_from",
)
"""Where the check of who may show the number may be told: by FreeSWITCH's own (``sofia_stir_shaken_vs``), and by the
carrier as a parameter of the identity that counts, of the asserted one, or of From.
"""


def is_refuted(e: Event) -> bool:
    """Whether that check failed; one that was not made is none."""
    return any(phone_numbers.is_refuted(e.get(header, "")) for header in VERIFICATION)


def as_shown(e: Event) -> str:
    """The number that shows, of a caller or of a phone."""
    # A pickup writes another number into the one that shows.
    return e.get("Caller-Orig-Caller-ID-Number") or e.get("Caller-Caller-ID-Number", "")


def rung(e: Event) -> str:
    """The extension or the number outside that was rung."""
    return e.get("variable_dialed_user") or e.get("Caller-Destination-Number", "")


def did(e: Event, header: str) -> str:
    """The number that the caller dialled, from ``header`` where it is there; a transfer changes the destination.

    A gateway that registers has ``gw+NAME`` in the request URI of every call.
    """
    said = e.get(header, "")
    if said and not said.startswith("gw+"):
        return said
    return e.get("Caller-RDNIS") or e.get("Caller-Destination-Number", "")


def dialler(e: Event) -> str:
    """The uuid of the leg that rang this one."""
    return e.get("variable_originator") or e.get("variable_originating_leg_uuid") or queue_caller(e)


def disposition(e: Event) -> str:
    """What came of the last bridge that a leg asked for. Of several at once (``:_:``) it is ``failure``, as it is of
    any while phones ring.
    """
    told = e.get("variable_originate_disposition", "")
    return e.get("variable_originate_failed_cause", "") if told == "failure" and e.get("Hangup-Cause") else told


def last_peer(e: Event) -> str:
    """The uuid of the leg that this one was bridged to last."""
    return e.get("variable_last_bridge_to") or e.get("variable_bridge_uuid", "")


def peer_name(e: Event) -> str:
    """The name of that leg's channel."""
    return e.get("variable_bridge_channel", "")


def was_bridged_there(e: Event) -> bool:
    """Whether the leg was bridged since it came where it is now in the dialplan: a transfer forgets all before."""
    return number(e, "Caller-Channel-Bridged-Time") > 0


def sent_on(e: Event) -> bool:
    """Whether the leg was transferred and not bridged since; a survey behind a talk comes by itself."""
    survey = e.get("variable_transfer_after_bridge", "").partition(":")[0]
    to = e.get("variable_transfer_source", "").rpartition(":")[2].partition("/")[0]
    if survey and to == survey:
        return False
    return not was_bridged_there(e) and transferred(e) > 0


def transferred(e: Event) -> int:
    """When the leg was transferred last (``1795220532:UUID:bl_xfer:101/default/XML``), in Unix seconds; 0: never."""
    return number({"at": e.get("variable_transfer_source", "").partition(":")[0]}, "at")


def queue_caller(e: Event) -> str:
    """The uuid of the caller for whom a queue (mod_callcenter, mod_fifo) does something."""
    in_callcenter = e.get("variable_cc_member_session_uuid") or e.get("CC-Member-Session-UUID", "")
    return in_callcenter or e.get("variable_fifo_bridge_uuid", "")


def queue_that_rings(e: Event) -> str:
    """The queue that rang the leg."""
    return queue(e, "variable_cc_queue") or queue(e, "variable_fifo_name")


def queue_exit(e: Event) -> QueueExit | None:
    """Why the last queue let go of the caller, who had not given up."""
    if e.get("variable_fifo_status") == "TIMEOUT":
        return QueueExit.TIMEOUT
    return words.QUEUE_EXIT.get(e.get("variable_cc_cancel_reason", ""))


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


def last_voicemail(e: Event) -> Place | None:
    """The voicemail in which a leg ended, or a mailbox that was listened to."""
    argument = e.get("variable_last_arg", "")
    if e.get("variable_last_app") == "voicemail":
        listens = argument.partition(" ")[0] in ("check", "auth_only", "authorize_only")
        return (Stage.MAILBOX, "") if listens else (Stage.VOICEMAIL, argument.rpartition(" ")[2])
    # FusionPBX's: where the caller pressed 0 for the operator, something came after it.
    since = number(e, "variable_voicemail_answer_epoch")
    after_all = since > number(e, "variable_bridge_epoch") and since >= transferred(e)
    if after_all and e.get("variable_voicemail_action") == "check":
        return Stage.MAILBOX, ""
    if e.get("variable_last_app") == "record" or after_all:
        return Stage.VOICEMAIL, e.get("variable_dialed_user", "")
    return None


def last_wait(e: Event) -> Place | None:
    """The queue or the slot in which a leg ended."""
    argument = e.get("variable_last_arg", "")
    match e.get("variable_last_app"):
        case "callcenter" | "fifo":
            return Stage.QUEUE, argument.partition(" ")[0].partition("@")[0]
        case "valet_park" | "park":
            return Stage.PARKED, argument.rpartition(" ")[2]
    return None


def last_menu(e: Event) -> Place | None:
    """The menu in which a leg ended."""
    return (Stage.MENU, e.get("Caller-Context", "")) if e.get("variable_last_app") in words.MENUS else None


def last_heard(e: Event) -> Iterator[Place]:
    """What a leg heard that rang nobody, waited nowhere and got no answer to."""
    app, context = e.get("variable_last_app", ""), e.get("Caller-Context", "")
    plays = app in words.ANNOUNCEMENTS
    # Only a menu sends on a caller whom the PBX has answered, and leaves no other trace; whatever else sends one on
    # does so first. What is heard at its end is its own good-bye (``ivr_timeout``), if it does not still play.
    if came_through_a_menu := 0 < number(e, "variable_answer_epoch") < transferred(e):
        yield Stage.MENU, ""
    if plays or (number(e, "variable_playback_ms") and not came_through_a_menu):
        yield Stage.ANNOUNCEMENT, context


def what_the_dialplan_says(e: Event) -> str:
    """What it has set for us in ``textback``; many set ``after_hours`` for themselves."""
    after_hours = "after_hours" if e.get("variable_after_hours", "").casefold() == "true" else ""
    return e.get("variable_textback", "").strip().casefold() or after_hours
