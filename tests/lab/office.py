"""The lab's office, as tests/lab/etc knows it: a firm with branches that differ in nothing but their numbers.

Each branch has a trunk, DIDs, phones, queues and mailboxes of its own, so that calls at one never meet those at
another. A DID is a branch's prefix and a suffix; the suffixes are the constants here, as full DIDs of the first branch.
"""

from dataclasses import dataclass

DESKS = (1, 2, 3, 5)
"""Those with a phone; desk 4 has one that never registers."""


@dataclass(frozen=True, slots=True)
class Site:
    """A branch by its numbers, all from the ranges reserved for fiction."""

    number: int
    """two digits; its extensions begin with them"""
    prefix: str
    """of its DIDs: eight digits, to which three come"""

    def did(self, did: str) -> str:
        """The DID of this branch with the same meaning as that of the first."""
        return self.prefix + did[-3:]

    def has(self, did: str) -> bool:
        """Whether that DID is one of this branch."""
        return did.startswith(self.prefix)

    def extension(self, desk: int) -> str:
        """101 is desk 1 of branch 10."""
        return f"{self.number}{desk}"


SITES = tuple(
    Site(number, prefix)
    for number, prefix in enumerate(
        (
            *("01632960", "01134960", "01144960", "01154960", "01164960", "01174960", "01184960", "01214960"),
            *("01314960", "01414960", "01514960", "01614960", "01914980", "02079460", "02920180"),
        ),
        start=10,
    )
)

MOBILE = "07700900900"
"""where the office's calls are forwarded to"""

# One phone.
ONE_PHONE = "01632960101"
"""101 for `ring_seconds`, then congestion"""
VOICEMAIL = "01632960102"
"""101 for `ring_seconds`, then its voicemail"""
SECOND_PHONE = "01632960131"
"""102, as ONE_PHONE"""
THIRD_PHONE = "01632960132"
"""103, as ONE_PHONE"""
UNREGISTERED = "01632960112"
"""104, which has no phone: 503 at once"""
PATIENT = "01632960113"
"""101 for a minute"""
ANSWERED_FIRST = "01632960114"
"""answered by the PBX, then as ONE_PHONE"""
TURNED_AWAY_AS_BUSY = "01632960115"
"""hung up at once with cause 17"""
EARLY_NOTICE = "01632960116"
"""an announcement before the answer, then as ONE_PHONE"""
RECORDED_GROUP = "01632960117"
"""answered, recorded, told so, then as RING_GROUP"""
UNREGISTERED_VOICEMAIL = "01632960118"
"""104, which has no phone, then 101's voicemail"""
CALLER_ID_UNTOUCHED = "01632960119"
"""101; the dialplan leaves the caller ID alone, so no NewCallerid event"""
PRESENTATION_RESET = "01632960134"
"""101; the presentation is reset to allowed, as FreePBX does; __CALLINGNUMPRES_SV keeps the caller's wish"""

# Several phones.
RING_GROUP = "01632960103"
"""101 and 102 for `ring_seconds`, then congestion"""
HUNT = "01632960120"
"""101, 102 and 103 one after the other, `ring_seconds` each, then congestion"""
GROUP_VOICEMAIL = "01632960121"
"""101 and 102 for `ring_seconds`, then 101's voicemail"""
GROUP_WITH_A_MAILBOX = "01632960122"
"""101, whose own voicemail answers after a second, and 102, together for 20 s"""
LOCAL_GROUP = "01632960123"
"""101 and 102 by way of Local channels for 2 s, then congestion"""
ESCALATION = "01632960124"
"""101 for `ring_seconds`, then 101, 102 and 103, then congestion"""
SURVEY = "01632960125"
"""101 for `ring_seconds`; after the talk, or without one, a question to the caller"""

SHORTCUT_GROUP = "01632960126"
"""101, and 102 by way of a Local channel that gets out of the way, for 2 s, then congestion"""
HALF_A_GROUP = "01632960127"
"""101, and 104, which has no phone, for `ring_seconds`, then congestion"""
SCREENED = "01632960128"
"""101 for 5 s; who takes it must press 1; then congestion"""
SORRY_GROUP = "01632960129"
"""101, which after a second answers with an announcement, and 102, together for 20 s"""
GROUP_ANNOUNCEMENT = "01632960130"
"""101 and 102 for `ring_seconds`, then an announcement"""

# Queues; while they wait, 0 is 103.
QUEUE = "01632960105"
"""answered, then 101 and 102 in turns of `ring_seconds` for 12 s, then hung up"""
SHORT_QUEUE = "01632960501"
"""the same for 3 s"""
QUEUE_VOICEMAIL = "01632960502"
"""the same for 3 s, then 101's voicemail"""
RINGING_QUEUE = "01632960503"
"""the same for 3 s, but not answered: the caller hears ringing"""
STRICT_QUEUE = "01632960504"
"""104, which has no phone, and whoever joins; nobody may wait while no agent is there"""
STRICT_QUEUE_VOICEMAIL = "01632960505"
"""the same, then 101's voicemail"""
FULL_QUEUE = "01632960506"
"""101; one may wait, others are told to ring later"""
LOCAL_QUEUE = "01632960507"
"""101 and 102 by way of Local channels for 3 s, then hung up"""
ANNOUNCING_QUEUE = "01632960508"
"""101 for 15 s; tells the caller where he stands"""
AGENT_TOLD_QUEUE = "01632960509"
"""101 and 102 for 15 s; the agent hears an announcement before the caller"""
OFFICE_HOURS = "01632960510"
"""by a time condition that holds, to SHORT_QUEUE"""
GROUP_QUEUE_VOICEMAIL = "01632960511"
"""as RING_GROUP, then as QUEUE_VOICEMAIL"""
QUEUE_MOBILE = "01632960512"
"""as SHORT_QUEUE, then the mobile for 8 s"""
QUEUE_SURVEY = "01632960513"
"""as QUEUE, with a question to the caller after the talk"""
SHORTCUT_QUEUE = "01632960514"
"""102 by way of a Local channel that gets out of the way, for 3 s"""
UNREGISTERED_QUEUE = "01632960515"
"""104, which has no phone, for 2 s"""
CONFIRMED_QUEUE = "01632960516"
"""102 for 4 s; who takes it must press 1"""
POLITE_QUEUE = "01632960517"
"""101 for 2 s, who is not rung while on the phone"""

# Menus.
MENU = "01632960106"
"""answered; 1 is 101; hung up after the prompt and 5 s"""
LARGE_MENU = "01632960601"
"""1 is 101, 2 the group, 3 the queue, 4 voicemail, 5 an announcement, 6 another menu, 0 103, or an extension; after
two prompts of a second a goodbye
"""
DEFAULT_MENU = "01632960602"
"""whatever is pressed or not leads to the group"""
PIN = "01632960603"
"""four digits, then 101"""
INNER_MENU = "01632960604"
"""1 is the queue"""

# Voicemail.
CLOSED_VOICEMAIL = "01632960108"
"""101's voicemail at once"""
BOBS_VOICEMAIL = "01632960702"
"""102's voicemail at once; 0 is 103, * the way into the mailbox, and a message can be replaced"""
SHARED_VOICEMAIL = "01632960703"
"""one message for 101 and 103, without a greeting"""
MAILBOX = "01632960704"
"""101 listens to its messages; the password is 1234"""
FULL_MAILBOX = "01632960705"
"""105's voicemail at once, which keeps one message"""

# Announcements.
CLOSED = "01632960107"
"""answered, an announcement of about a second, hung up"""
INFORMATION = "01632960711"
"""the same, for information"""
AFTER_HOURS = "01632960712"
"""the same, by a time condition that does not hold"""
AFTER_HOURS_VOICEMAIL = "01632960713"
"""101's voicemail at once"""
CLOSED_CONTEXT = "01632960714"
"""as CLOSED, in a dialplan context of its own"""
RECORDED_NOTICE = "01632960715"
"""as CLOSED, and textbackd knows nothing of this DID"""
AFTER_HOURS_PHONE = "01632960716"
"""as ONE_PHONE"""
AFTER_HOURS_MENU = "01632960717"
"""as LARGE_MENU"""
UNANSWERED_NOTICE = "01632960718"
"""the announcement before the answer, then hung up"""
NO_ANONYMOUS = "01632960719"
"""as ONE_PHONE, but rejects callers without a number"""
OUT_OF_SERVICE = "01632960720"
"""congestion (503) at once"""
UNKNOWN = "01632960999"
"""no such DID: answered, an announcement, hung up"""

# Following and forwarding.
FOLLOW_ME = "01632960801"
"""103 and the mobile together for 8 s"""
FOLLOW_ME_CONFIRMED = "01632960802"
"""the same; who takes it on the mobile must press 1"""
TO_MOBILE = "01632960803"
"""the mobile for 8 s"""
TO_MOBILE_CONFIRMED = "01632960804"
"""the same; who takes it must press 1"""
FOLLOW_ME_LATER = "01632960805"
"""103 for `ring_seconds`, then the mobile for 8 s"""

MARKED_CLOSED = (CLOSED, CLOSED_VOICEMAIL)
MARKED_INFORMATION = (INFORMATION,)
CLOSED_BY_THE_CLOCK = (AFTER_HOURS, AFTER_HOURS_VOICEMAIL, AFTER_HOURS_PHONE, AFTER_HOURS_MENU)
