"""What may stay in an anonymised trace: Asterisk's and FreePBX's own words, which say nothing of an office.

Whatever is not in these lists is replaced. To let a word stay, add it here: it must come from the sources of Asterisk
or from FreePBX's generated dialplan, never from a configuration.
"""

from textbackd.pbx import asterisk_words
from textbackd.pbx.asterisk_events import PRIVACY_QUESTIONS


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


CLASSES = _words(
    "agent agi all aoc call cc cdr command config dialplan dtmf hookresponse log message originate reporting security"
    " system test user verbose"
)
"""Of ``Privilege``."""
CLASSES_ABOUT_CALLS = frozenset({"agent", "call", "dialplan"})

REPETITIONS = _words(
    "CEL DeviceStateChange ExtensionStatus PresenceStateChange QueueMember QueueMemberAdded QueueMemberPause"
    " QueueMemberPenalty QueueMemberRemoved QueueMemberRinginuse QueueMemberStatus QueueParams"
)
"""Events that tell of phones and not of calls, or what others have told."""

TECHNOLOGIES = asterisk_words.NOBODY_THERE | _words(
    "AppDial AppQueue Console DAHDI Dongle H323 IAX2 Jingle Local MGCP Mobile Motif OOH323 PJSIP Phone Quectel SCCP"
    " SIP Skinny USTM mISDN"
)

CONTEXTS = _words(
    "app-announcement app-blackhole app-blacklist app-blacklist-add app-blacklist-check app-blacklist-last"
    " app-blacklist-remove app-cf-busy-off app-cf-busy-on app-cf-off app-cf-on app-cf-toggle app-cf-unavailable-off"
    " app-cf-unavailable-on app-chanspy app-cw-toggle app-daynight app-dialvm app-directory app-dnd-off app-dnd-on"
    " app-dnd-toggle app-echo-test app-fax app-fmf-toggle app-gotrace app-pbdirectory app-pickup app-recordings"
    " app-speakextennum app-speakingclock app-userlogonoff app-vmmain app-zapbarge bad-number block-cf crm-hangup"
    " default disa ext-did ext-did-0001 ext-did-0002 ext-did-catchall ext-did-custom ext-did-post-custom ext-fax"
    " ext-findmefollow ext-group ext-intercom ext-intercom-users ext-local ext-local-confirm ext-local-custom"
    " ext-meetme ext-paging ext-queues ext-queues-custom ext-test ext-trunk findmefollow-ringallv2 from-dahdi"
    " from-did-direct from-did-direct-ivr from-internal from-internal-additional from-internal-additional-custom"
    " from-internal-custom from-internal-noxfer from-internal-noxfer-additional from-internal-xfer from-pstn-custom"
    " from-pstn-e164-us from-queue from-queue-exten-internal from-queue-exten-only from-ringgroups from-sip-external"
    " from-trunk-custom from-zaptel func-apply-sipheaders func-set-sipheader macro-auto-blkvm macro-blkvm-check"
    " macro-blkvm-clr macro-blkvm-set macro-blkvm-setifempty macro-cf-set macro-confirm macro-dial macro-dial-confirm"
    " macro-dial-hunt-predial-hook macro-dial-one macro-dial-ringall-predial-hook macro-dialout"
    " macro-dialout-one-predial-hook macro-dialout-trunk macro-dialout-trunk-predial-hook macro-exten-vm"
    " macro-get-vmcontext macro-hangupcall macro-outbound-callerid macro-outisbusy macro-prepend-cid macro-privacy-mgr"
    " macro-record-enable macro-simple-dial macro-systemrecording macro-user-callerid macro-vm macro-vm-callme"
    " outbound-allroutes outbound-allroutes-custom park-dial park-hints park-orphan-routing parkedcalls"
    " sub-diversion-header sub-flp sub-pincheck sub-presencestate-display sub-record-cancel sub-record-check"
    " sub-rgsetcid timeconditions vm-callme"
)
NUMBERED_CONTEXTS = r"(?:app-announcement|app-daynight|app-languages|ext-did|ivr|outrt|timeconditions)-[0-9]{1,3}"

EXTENSIONS = _words(
    "<unknown> BUSY CANCEL CHANUNAVAIL CONGESTION Custom DIRECTDIAL DND DONTCALL FAILED FMGL FMPR FMR INVALIDNMBR"
    " NOANSWER NOTEXTTOCALL Queue T TORTURE a avail c confbridge default e exit fail failed fax h hang i m n o p park r"
    " return s sip sips start success t vmx"
)
"""Special extensions of a dialplan, and what stands before a number in one or in the name of a device."""

APPLICATIONS = frozenset(asterisk_words.STAGES) | _words(
    "AGI AMD AddQueueMember AgentLogin AgentRequest Answer AppDial AppDial2 AppQueue AttendedTransfer AudioSocket"
    " Authenticate BackgroundDetect BlindTransfer Bridge BridgeAdd BridgeWait Broadcast CELGenUserEvent"
    " CallCompletionCancel CallCompletionRequest ChanIsAvail ChanSpy ChangeMonitor ChannelRedirect ClearHash ConfKick"
    " ContinueWhile ControlPlayback DBdeltree DISA DateTime DeadAGI EAGI Echo Else ElseIf EndIf EndWhile Exec ExecIf"
    " ExecIfTime ExitIf ExitWhile ExtenSpy FollowMe ForkCDR Gosub GosubIf Goto GotoIf GotoIfTime Hangup"
    " HangupCauseClear If ImportVar Incomplete Log MSet Macro MacroExclusive MacroExit MacroIf MailboxExists MeetMe"
    " MeetMeAdmin MeetMeChannelAdmin MeetMeCount MessageSend MixMonitor Monitor MusicOnHold NoCDR NoOp Originate"
    " PJSIPHangup PJSIPNotify Page ParkAndAnnounce ParkedCall PauseMonitor PauseQueueMember Pickup PickupChan PlayTones"
    " PrivacyManager Proceeding Progress QueueLog QueueUpdate RaiseException ReadExten ReceiveFAX ReceiveText Record"
    " Reload RemoveQueueMember ResetCDR RetryDial Return Ringing SIPAddHeader SIPDtmfMode SIPRemoveHeader"
    " SIPSendCustomINFO SayAlpha SayAlphaCase SayDigits SayMoney SayNumber SayOrdinal SayPhonetic SayUnixTime SendDTMF"
    " SendFAX SendImage SendText SendURL Set SetAMAFlags SoftHangup StackPop StartMusicOnHold Stasis StasisBroadcast"
    " StopMixMonitor StopMonitor StopMusicOnHold StopPlayTones StoreDTMF StreamEcho System Transfer TryExec TrySystem"
    " UnpauseMonitor UnpauseQueueMember UserEvent VMAuthenticate VMSayName Verbose VoiceMailPlayMsg Wait WaitDigit"
    " WaitForCondition WaitForNoise WaitForRing WaitForSilence WaitForTone WaitUntil While Zapateller"
)
APPLICATIONS_ON_SOMETHING = frozenset({"ConfBridge", "Dial", "Queue", "VoiceMail", "VoiceMailMain"})
"""Those of which the first argument is an extension or a device; other arguments do not stay."""

VARIABLES_READ = frozenset({"CALLINGNUMPRES_SV", "DIALSTATUS", "FROM_DID", "QUEUESTATUS", "VMSTATUS"})
"""Those that the translator reads, without their underscores."""
VARIABLES = (
    VARIABLES_READ
    | frozenset(PRIVACY_QUESTIONS.values())
    | _words(
        "ABANDONED AMPUSER ANSWEREDTIME ANSWEREDTIME_MS ATTENDEDTRANSFER BACKGROUNDSTATUS BLINDTRANSFER BRIDGEPEER"
        " BRIDGEPVTCALLID CALLINGNAMEPRES_SV CHANLOCALSTATUS CONFBRIDGE_RESULT CUT DB_RESULT DEXTEN DIALEDPEERNAME"
        " DIALEDPEERNUMBER DIALEDTIME DIALEDTIME_MS DIALSTATUS_CW DIAL_OPTIONS DIAL_TRUNK DIRECTION D_OPTIONS EXTTOCALL"
        " FORWARDERNAME GOSUB_RESULT GOSUB_RETVAL HANGUPCAUSE INVALID_EXTEN LOOPCOUNT MACRO_CONTEXT MACRO_DEPTH"
        " MACRO_EXTEN MACRO_PRIORITY MEETMESECS MEMBERCALLS MEMBERDYNAMIC MEMBERINTERFACE MEMBERLASTCALL MEMBERNAME"
        " MEMBERPENALTY MEMBERREALTIME MEXTEN MIXMONITOR_FILENAME MOHCLASS OUTNUM PARKEDLOT PARKINGLOT PARKINGSLOT"
        " PICKUPMARK PICKUPRESULT PLAYBACKSTATUS PROGRESSTIME PROGRESSTIME_MS QCONTEXT QEHOLDTIME QEORIGINALPOS"
        " QUEUEABANDONED QUEUECALLS QUEUECOMPLETED QUEUEHOLDTIME QUEUEJOINTIME QUEUEMAX QUEUENAME QUEUEPOSITION"
        " QUEUESRVLEVEL QUEUESRVLEVELPERF QUEUESTRATEGY QUEUETALKTIME QUEUEWAIT QUEUEWAIT_MS READSTATUS RECORDED_FILE"
        " RECORD_STATUS REVERSAL_REJECT RINGGROUP RINGTIME RINGTIMER RINGTIME_MS RRNODEST RTPAUDIOQOS"
        " RTPAUDIOQOSBRIDGED RTPAUDIOQOSJITTER RTPAUDIOQOSJITTERBRIDGED RTPAUDIOQOSLOSS RTPAUDIOQOSLOSSBRIDGED"
        " RTPAUDIOQOSMES RTPAUDIOQOSMESBRIDGED RTPAUDIOQOSRTT RTPAUDIOQOSRTTBRIDGED RecordMethod RingGroupMethod"
        " SIPCALLID SIPDOMAIN SIPREFERREDBYHDR SIPREFERRINGCONTEXT SIPREFERTOHDR SIPTRANSFER SIPTRANSFER_REFERER SIPURI"
        " TIMEOUT_LOOPCOUNT TOUCH_MONITOR TRANSFERERNAME TRANSFER_CONTEXT TTL USEROPTS VMBOX VM_CATEGORY VM_DUR"
        " VM_MESSAGEFILE"
    )
)
NUMBERED_VARIABLES = r"(?:LOCAL\()?ARG(?:C|[0-9]{1,2})\)?"

VALUES = (
    TECHNOLOGIES
    | frozenset(asterisk_words.DIAL_STATUS)
    | frozenset(asterisk_words.QUEUE_STATUS)
    | _words(
        "<unknown> ALLOWED AUTOFILL Attended Blind Bridge Busy Call Complete ConfBridge DONTCALL Default Down ERROR"
        " EXITWITHKEY EXITWITHTIMEOUT Error FAILED FAILURE FALSE FAX Forbidden Goodbye HANGUP HOLD INBOUND INTERRUPTED"
        " INVALIDARGS Idle InUse InUse&Ringing NO NOANSWER NONE No None OFFHOOK OK OUTBOUND Off OffHook On PROCEEDING"
        " PROGRESS Parking Pre-ring RINGING Reserved Ring Ringing SKIPPED SUCCESS Success TIMEOUT TORTURE TRUE USEREXIT"
        " Unavailable Unknown Up Yes agent allowed allowed_failed_screen allowed_not_screened allowed_passed_screen"
        " atxfer automixmon automon autopark base basic blindxfer callee caller default disconnect fail false"
        " fewestcalls holding_bridge id leastrecent linear native_dahdi native_rtp no none parkcall parking prohib"
        " prohib_failed_screen prohib_not_screened prohib_passed_screen random ringall rrmemory rrordered session"
        " simple_bridge softmix start stop success transfer true unavailable user wrandom yes"
    )
    | frozenset(
        f"{number} (Presentation {said}, {how})"
        for first, said in ((0, "Allowed"), (32, "Prohibited"))
        for number, how in enumerate(("Not Screened", "Passed Screen", "Failed Screen", "Network Number"), first)
    )
    | frozenset(
        {
            "67 (Number Unavailable)",
            # What Asterisk calls its hang-up causes (Cause-txt)
            "Answered elsewhere",
            "Bearer capability not available",
            "Bearer capability not implemented",
            "Call Rejected",
            "Channel not implemented",
            "Circuit/channel congestion",
            "Congestion",
            "Destination out of order",
            "Facility not subscribed",
            "Facility rejected",
            "Invalid number format",
            "Interworking, unspecified",
            "Network out of order",
            "No route to destination",
            "No route to specified transmit network",
            "No user responding",
            "Normal Clearing",
            "Normal, unspecified",
            "Number changed",
            "Protocol error, unspecified",
            "Recover on timer expiry",
            "Requested channel not available",
            "Requested Facility not implemented",
            "Subscriber absent",
            "Switching equipment congestion",
            "Temporary failure",
            "Unallocated (unassigned) number",
            "User alerting, no answer",
            "User busy",
            # What it answers and lists
            "(Outgoing Line)",
            "Authentication accepted",
            "Authentication failed",
            "Authentication required",
            "Bridge listing will follow",
            "Channel status will follow",
            "Channels will follow",
            "Fully Booted",
            "No such channel",
            "No such variable",
            "Parked calls will follow",
            "Permission denied",
            "Queue status will follow",
        }
    )
)
"""Values that stay as a whole."""

ANSWERS = frozenset({"ActionID", "Banner", "EventList", "ListItems", "Message", "Response", "Value", "Variable"})
"""The headers that stay in answers to our own questions."""
LEFT_OUT = (
    *("AccountCode", "ChanVariable", "DTMF", "Digit", "Extra", "Language", "LastCall", "LastPause", "LoginTime"),
    *("PeerAccount", "UserField", "Userfield", "format", "formats", "trans"),
)
"""How the names of headers end that nobody needs; keys pressed may be a PIN."""
COUNTS = (
    *("Attempt", "CallingPres", "Calls", "Callgroup", "CallsTaken", "Cause", "ChannelState", "Count", "Duration"),
    *("DurationMs", "Holdtime", "HoldTime", "InCall", "Items", "NumChannels", "OriginalPosition", "Pickupgroup"),
    *("ParkingDuration", "ParkingTimeout", "Penalty", "Position", "Priority", "RingTime", "Seconds", "Status"),
    *("TalkTime", "TechCause", "TimeToHangup", "Total", "Uptime", "Wait", "Waiting", "New", "Old"),
)
"""How the names of headers end that count something."""
ADDRESSES = (
    *("AOR", "BridgeName", "Channel", "Conference", "Context", "DNID", "Device", "DialString", "Dialled"),
    *("Endpoint", "Exten", "Extension", "Hint", "Interface", "Location", "Mailbox", "MemberName", "Parkinglot"),
    *("ParkingSpace", "Peer", "Queue"),
)
"""How the names of headers end that name an extension, a device, a channel or a context."""
PERSONS = ("Name", "Num", "name", "num")
"""How the names of headers end that hold a caller's number or anybody's name."""
