"""FreeSWITCH's words for what happens, and ours."""

from textbackd.core.channel_events import DialResult, QueueExit, Stage

SUBSCRIPTION = (
    "CHANNEL_CREATE CHANNEL_ANSWER CHANNEL_BRIDGE CHANNEL_UNBRIDGE CHANNEL_HANGUP_COMPLETE HEARTBEAT SHUTDOWN"
    " CUSTOM vm::maintenance callcenter::info fifo::info valet_parking::info conference::maintenance"
)
"""What to ask for; everything behind CUSTOM is taken for a subclass."""
LEAST_SUBSCRIPTION = (
    "CHANNEL_CREATE CHANNEL_ANSWER CHANNEL_BRIDGE CHANNEL_HANGUP_COMPLETE HEARTBEAT CUSTOM vm::maintenance"
)
"""What every verdict can be had from; of queues and slots it tells only at the end of a call."""

CAUSE = {
    "NO_ANSWER": DialResult.NO_ANSWER,
    "ALLOTTED_TIMEOUT": DialResult.NO_ANSWER,
    "NORMAL_CLEARING": DialResult.NO_ANSWER,  # of a leg that answered and was never joined: not accepted
    "USER_BUSY": DialResult.BUSY,
    "CALL_REJECTED": DialResult.BUSY,
    "ORIGINATOR_CANCEL": DialResult.CANCELLED,
    "LOSE_RACE": DialResult.CANCELLED,
    "PICKED_OFF": DialResult.CANCELLED,
    "MANAGER_REQUEST": DialResult.CANCELLED,
    "USER_NOT_REGISTERED": DialResult.UNAVAILABLE,
    "NO_USER_RESPONSE": DialResult.UNAVAILABLE,
    "SUBSCRIBER_ABSENT": DialResult.UNAVAILABLE,
    "NO_ROUTE_DESTINATION": DialResult.UNAVAILABLE,
    "NO_ROUTE_TRANSIT_NET": DialResult.UNAVAILABLE,
    "UNALLOCATED_NUMBER": DialResult.UNAVAILABLE,
    "INVALID_NUMBER_FORMAT": DialResult.UNAVAILABLE,
    "INVALID_GATEWAY": DialResult.UNAVAILABLE,
    "GATEWAY_DOWN": DialResult.UNAVAILABLE,
    "DESTINATION_OUT_OF_ORDER": DialResult.UNAVAILABLE,
    "NETWORK_OUT_OF_ORDER": DialResult.UNAVAILABLE,
    "NORMAL_TEMPORARY_FAILURE": DialResult.UNAVAILABLE,
    "NORMAL_CIRCUIT_CONGESTION": DialResult.UNAVAILABLE,
    "SWITCH_CONGESTION": DialResult.UNAVAILABLE,
    "REQUESTED_CHAN_UNAVAIL": DialResult.UNAVAILABLE,
    "RECOVERY_ON_TIMER_EXPIRE": DialResult.UNAVAILABLE,
    "PROGRESS_TIMEOUT": DialResult.UNAVAILABLE,
    "INCOMPATIBLE_DESTINATION": DialResult.UNAVAILABLE,
    "BEARERCAPABILITY_NOTAVAIL": DialResult.UNAVAILABLE,
    "FACILITY_REJECTED": DialResult.UNAVAILABLE,
    "SERVICE_UNAVAILABLE": DialResult.UNAVAILABLE,
    "SERVICE_NOT_IMPLEMENTED": DialResult.UNAVAILABLE,
    "OUTGOING_CALL_BARRED": DialResult.UNAVAILABLE,
}
"""Why a leg that was rung has ended, or what came of a bridge that rang nobody: ``Hangup-Cause`` and
``originate_disposition``."""


def result_of(cause: str) -> DialResult | None:
    """What a cause means; one that is not listed is some trouble of the PBX or of the network. None: it succeeded, or
    nothing is told.
    """
    if cause in ("", "SUCCESS") or not cause.isupper():  # ``success``, ``failure``: of ``:_:``, while it goes on
        return None
    return CAUSE.get(cause, DialResult.UNAVAILABLE)


MENUS = frozenset({"play_and_get_digits", "play_and_detect_speech", "ivr", "read", "detect_speech", "directory"})
ANNOUNCEMENTS = frozenset({"playback", "endless_playback", "gentones", "say", "phrase", "speak", "loop_playback"})
"""Dialplan applications that only play, or only ask."""

QUEUE_EXIT = {
    "TIMEOUT": QueueExit.TIMEOUT,
    "NO_AGENT_TIMEOUT": QueueExit.EMPTY,
    "EXIT_WITH_KEY": QueueExit.OTHER,
}
"""``cc_cancel_reason`` of mod_callcenter; BREAK_OUT is a caller who gave up."""

TEXTBACK = {
    "closed": Stage.CLOSED,
    "after_hours": Stage.CLOSED,
    "ignore": Stage.BLOCKED,
    "blocked": Stage.BLOCKED,
    "information": Stage.BLOCKED,
}
"""What the dialplan may say in the variable ``textback``, since FreeSWITCH itself has no words for it."""
