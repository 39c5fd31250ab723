"""What Asterisk's words mean in ours. Measured on 16.28 and 22.10; ids such as ``f08`` name recorded calls."""

from textbackd.core.channel_events import DialResult, QueueExit, Stage

HOLDING_BRIDGE = "holding_bridge"
"""The technology of a bridge whose members do not hear each other."""

NOBODY_THERE = frozenset(
    {
        "Announcer",
        "AudioSocket",
        "Bridge",
        "CBAnn",
        "CBRec",
        "Message",
        "MulticastRTP",
        "Recorder",
        "Snoop",
        "Surrogate",
        "UnicastRTP",
        "WebSocket",
    }
)
"""Channel technologies that are the PBX itself."""

STAGES = {
    "Dial": Stage.DIAL,
    "VoiceMail": Stage.VOICEMAIL,
    "VoiceMailMain": Stage.MAILBOX,
    "Queue": Stage.QUEUE,
    "BackGround": Stage.MENU,
    "Background": Stage.MENU,
    "WaitExten": Stage.MENU,
    "Read": Stage.MENU,
    "Directory": Stage.MENU,
    "Playback": Stage.ANNOUNCEMENT,
    "ConfBridge": Stage.CONFERENCE,
    "Park": Stage.PARKED,
    "Busy": Stage.BUSY_TONE,
    "Congestion": Stage.CONGESTION_TONE,
}
"""Dialplan application -> where the caller is."""

DIAL_STATUS = {
    "ANSWER": DialResult.ANSWERED,
    "NOANSWER": DialResult.NO_ANSWER,
    "CONTINUE": DialResult.NO_ANSWER,  # a screened leg that was not accepted (``f08``)
    "ABORT": DialResult.NO_ANSWER,
    "BUSY": DialResult.BUSY,
    "CONGESTION": DialResult.UNAVAILABLE,
    "CHANUNAVAIL": DialResult.UNAVAILABLE,
    "CANCEL": DialResult.CANCELLED,
}

QUEUE_STATUS = {
    "TIMEOUT": QueueExit.TIMEOUT,
    "JOINEMPTY": QueueExit.EMPTY,
    "LEAVEEMPTY": QueueExit.EMPTY,
    "JOINUNAVAIL": QueueExit.EMPTY,
    "LEAVEUNAVAIL": QueueExit.EMPTY,
    "FULL": QueueExit.FULL,
    "CONTINUE": QueueExit.OTHER,
    "WITHDRAW": QueueExit.OTHER,
}

HANGUP_CAUSE = {
    **dict.fromkeys(("17", "21"), DialResult.BUSY),  # user busy (486), call rejected (603)
    **dict.fromkeys(
        # unallocated (404), no route, what SIP 480 becomes (19), absent, changed, out of order, congestion (503)
        ("1", "2", "3", "19", "20", "22", "27", "28", "34", "38", "41", "42", "44", "58"),
        DialResult.UNAVAILABLE,
    ),
}
"""Q.850 cause of a leg's hang-up, where it says more than the dialling did."""

HANGUP_CAUSE_OF_CALLER = {"17": DialResult.BUSY}
"""The same of an inbound leg: what the PBX told the caller. 21 is how a dialplan turns somebody away."""


def stage(application: str, data: str, context: str) -> tuple[Stage, str] | None:
    """Where a channel is that runs an application: the stage, and the name of the queue, mailbox or context."""
    found = STAGES.get(application)
    if application == "Hangup" and data == "17":
        found = Stage.BUSY_TONE
    if "blacklist" in context and (found or application == "Hangup"):
        found = Stage.BLOCKED  # whoever is not on the list leaves that context at once
    if found is None:
        return None
    named = found in (Stage.QUEUE, Stage.VOICEMAIL, Stage.CONFERENCE)
    return found, data.partition(",")[0] if named else context
