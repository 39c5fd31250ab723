"""What an AMI account must be given in ``manager.conf``, and what goes wrong where it is not."""

READ = "system,call,agent,dialplan"
WRITE = "reporting"
FILTERS = (
    (
        "Event: (FullyBooted|Shutdown|Newchannel|Newstate|NewCallerid|DialBegin|DialState|DialEnd|BridgeEnter|"
        "BridgeLeave|BridgeMerge|HangupRequest|SoftHangupRequest|Hangup|LocalBridge|LocalOptimizationEnd|Pickup|"
        "BlindTransfer|AttendedTransfer|QueueCallerJoin|QueueCallerLeave|QueueCallerAbandon|AgentConnect|"
        "AgentComplete|AgentRingNoAnswer|ParkedCall|UnParkedCall|ParkedCallGiveUp|ParkedCallTimeOut|Rename|"
        "ConfbridgeJoin|ConfbridgeLeave|MessageWaiting|MusicOnHoldStart|MusicOnHoldStop)[[:space:]]"
    ),
    (
        "Event: Newexten.*Application: (VoiceMail|VoiceMailMain|Queue|Answer|Playback|Zapateller|Dial|BackGround|"
        "Background|WaitExten|ConfBridge|Directory|Park|ParkedCall|Read|Record|Hangup|Busy|Congestion)[[:space:]]"
    ),
    (
        "Event: VarSet.*Variable: (VMSTATUS|DIALSTATUS|QUEUESTATUS|ABANDONED|VM_MESSAGEFILE|FROM_DID|__FROM_DID|"
        "PARKINGSLOT|CALLINGNUMPRES_SV|__CALLINGNUMPRES_SV)[[:space:]]"
    ),
)
"""Let through what textbackd looks at, and neither passwords nor the rest; Asterisk 16 knows no shorter syntax."""

WITHOUT = {
    "Newchannel": "no call would be seen at all",
    "Hangup": "no call would ever end",
    "Newstate": "it would be less sure whether a phone rang, and who gave up",
    "DialBegin": "no phone would seem to have been rung; no answer, busy and not reachable would be confused",
    "DialEnd": "it would be less sure how long a phone rang, and what it said",
    "BridgeEnter": "every answered call would look unknown",
    "BridgeLeave": "every talk would seem to last until the hang-up",
    "LocalBridge": "a call answered through a Local channel (queue, ring group, follow-me) would look unknown",
    "Newexten": "who gives up in a menu or in a queue would get no text, and make no lead",
    "QueueCallerJoin": "it would be less sure in which queue a caller waited, and how long",
    "VarSet": "phones that cannot be reached, DIDs and withheld numbers would be missed where the dialplan alone tells",
}
"""An event that textbackd lives on -> what would happen if it never came, by what becomes of recorded calls."""


def remedy_for_writing(user: str) -> str:
    """What to do where the account may not ask what it must."""
    return _remedy(user, "put this line", [f"write = {WRITE}"])


def remedy_for_reading(user: str) -> str:
    """What to do where events are kept from the account."""
    lines = [f"read = {READ}", *(f"eventfilter = {pattern}" for pattern in FILTERS)]
    return _remedy(user, "put these lines in the place of its read and eventfilter", lines)


def _remedy(user: str, what: str, lines: list[str]) -> str:
    return "\n    ".join(
        [
            f"in manager.conf, under [{user}], {what}:",
            *lines,
            'then run: asterisk -rx "manager reload", and restart textbackd: who is logged in keeps the old rights',
        ]
    )
