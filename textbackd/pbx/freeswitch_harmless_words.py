"""What may stay in an anonymised Event Socket stream: the headers that decide a call, and FreeSWITCH's own words.

All other headers go. To let one stay, add it to the list that says what its value is; to let a word stay, add it here:
it must come from the sources of FreeSWITCH, its example configuration or FusionPBX, never from somebody's own.
"""

from textbackd.pbx import freeswitch_words


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# --- headers, by what they hold ---------------------------------------------------------------------------------------

IDS = _words(
    "Bridge-A-Unique-ID Bridge-B-Unique-ID CC-Member-Session-UUID CC-Member-UUID Channel-Call-UUID Core-UUID"
    " Other-Leg-Unique-ID Unique-ID VM-UUID variable_bridge_uuid variable_cc_member_session_uuid"
    " variable_fifo_bridge_uuid variable_last_bridge_to variable_originating_leg_uuid variable_originator"
    " variable_other_loopback_from_uuid variable_other_loopback_leg_uuid variable_signal_bond"
)
"""Of legs, calls, and a running FreeSWITCH."""

TIMES = _words(
    "Caller-Channel-Answered-Time Caller-Channel-Bridged-Time Caller-Channel-Created-Time Caller-Channel-Hangup-Time"
    " Caller-Channel-Progress-Media-Time Caller-Channel-Progress-Time Caller-Channel-Transfer-Time"
    " Event-Date-Timestamp variable_answer_epoch variable_bridge_epoch variable_cc_queue_answered_epoch"
    " variable_cc_queue_joined_epoch variable_end_epoch variable_progress_epoch variable_progress_media_epoch"
    " variable_start_epoch variable_voicemail_answer_epoch"
)

COUNTS = _words(
    "VM-Message-Len variable_billsec variable_duration variable_playback_ms variable_record_ms variable_record_seconds"
    " variable_sip_invite_failure_status variable_sip_term_status variable_voicemail_message_len"
    " variable_voicemail_message_seconds variable_waitsec"
)

PERSONS = _words(
    "Caller-ANI Caller-Caller-ID-Name Caller-Caller-ID-Number Caller-Destination-Number Caller-Orig-Caller-ID-Name"
    " Caller-Orig-Caller-ID-Number Caller-RDNIS Caller-Username Conference-Name VM-User Valet-Extension"
    " variable_dialed_user variable_effective_caller_id_name variable_sip_from_display variable_sip_from_host"
    " variable_sip_from_user variable_sip_gateway variable_sip_gateway_name"
    " variable_sip_req_user variable_sip_to_user variable_user_name"
)
"""Numbers and names, of people and of things."""

PLACES = _words("CC-Queue FIFO-Name variable_cc_queue variable_fifo_name")
"""``support@default``"""

ARGUMENTS = {
    "variable_last_arg": "variable_last_app",
    "variable_current_application_data": "variable_current_application",
    "application_data": "application",
}
"""Each with the header that names the application."""

CONTEXTS = _words("Caller-Context")
PROFILES = _words("variable_sofia_profile_name")
CHANNELS = _words("Channel-Name variable_bridge_channel")
TRANSFERS = _words("variable_transfer_source")
"""``1795220532:UUID:bl_xfer:101/default/XML``, of which the time stays."""

FLAGS = _words("variable_group_confirm_key variable_transfer_after_bridge")
"""It only matters that they are there."""

WORDS = _words(
    "Action Answer-State CC-Action CC-Agent-State CC-Agent-Status CC-Cancel-Reason CC-Cause Call-Direction"
    " Caller-Privacy-Hide-Name Caller-Privacy-Hide-Number Channel-Call-State Channel-State Event-Subclass FIFO-Action"
    " Hangup-Cause VM-Action variable_call_direction variable_cc_cancel_reason variable_cc_cause"
    " variable_current_application variable_endpoint_disposition variable_fifo_status variable_hangup_after_bridge"
    " variable_ignore_early_media variable_is_loopback variable_last_app variable_last_bridge_hangup_cause"
    " variable_loopback_app variable_missed_call variable_originate_disposition variable_originate_failed_cause"
    " variable_send_to_voicemail variable_sip_Privacy variable_sip_cid_type variable_sip_hangup_disposition"
    " variable_after_hours variable_textback variable_voicemail_action"
)

COLUMNS = {
    "uuid": "Unique-ID",
    "direction": "Call-Direction",
    "created_epoch": "variable_start_epoch",
    "name": "Channel-Name",
    "state": "Channel-State",
    "initial_cid_name": "Caller-Caller-ID-Name",
    "initial_cid_num": "Caller-Caller-ID-Number",
    "initial_dest": "Caller-Destination-Number",
    "initial_context": "Caller-Context",
    "application": "variable_current_application",
    "application_data": "application_data",
    "call_uuid": "Unique-ID",
    "callstate": "Channel-Call-State",
}
"""Of the list of channels: each holds what that header does."""

# --- words ------------------------------------------------------------------------------------------------------------

USUAL_CONTEXTS = _words("default features skinny-patterns")
USUAL_PROFILES = _words("gateway internal internal-ipv6")
ENDPOINTS = _words("freetdm null portaudio rtc rtmp skinny user verto.rtc")
"""What a channel's name begins with, besides sofia and loopback."""

APPLICATIONS_ON_SOMETHING = _words("callcenter fifo valet_park voicemail")
"""Those whose argument names a queue, a slot or a mailbox; other arguments do not stay."""
ARGUMENT_WORDS = _words("auth_only authorize_only check default in nowait out wait")

APPLICATIONS = (
    freeswitch_words.MENUS
    | freeswitch_words.ANNOUNCEMENTS
    | APPLICATIONS_ON_SOMETHING
    | _words(
        "answer att_xfer bind_digit_action bind_meta_app break bridge bridge_export check_acl cidlookup"
        " clear_digit_action conference curl db deflect delay_echo detect_silence digit_action_set_realm"
        " displace_session early_hangup eavesdrop echo enable_heartbeat enum eval event execute_extension export"
        " fax_detect fire flush_dtmf group hangup hash hold httapi info intercept javascript limit limit_execute"
        " limit_hash limit_hash_execute log lua media_reset multiset multiunset mutex park park_state perl pickup"
        " pre_answer presence privacy python queue_dtmf record record_session redirect reply respond ring_ready rxfax"
        " sched_broadcast sched_cancel sched_hangup sched_transfer send_display send_dtmf send_info set"
        " set_audio_level set_global set_mute set_name set_profile_var set_user sleep socket soft_hold start_dtmf stop"
        " stop_dtmf stop_record_session stopfax strftime system t38_gateway three_way tone_detect transfer txfax"
        " unbind_meta_app unhold unloop unset verbose_events wait_for_answer wait_for_silence"
    )
)

SUBCLASSES = _words(
    "callcenter::info conference::cdr conference::maintenance fifo::info loopback::bowout loopback::direct"
    " sofia::bridge sofia::error sofia::expire sofia::gateway_add sofia::gateway_delete sofia::gateway_state"
    " sofia::intercepted sofia::pre_register sofia::reg_all sofia::register sofia::register_attempt"
    " sofia::register_failure sofia::reinvite sofia::replaced sofia::sip_user_state sofia::transferee"
    " sofia::transferor sofia::unregister sofia::wrong_call_state spandsp::rxfaxresult spandsp::txfaxresult"
    " switch::eavesdrop valet_parking::info vm::maintenance"
)

CAUSES = frozenset(freeswitch_words.CAUSE) | _words(
    "ACCESS_INFO_DISCARDED ATTENDED_TRANSFER BEARERCAPABILITY_NOTAUTH BEARERCAPABILITY_NOTIMPL BLIND_TRANSFER BREAK_OUT"
    " CALL_AWARDED_DELIVERED CHANNEL_UNACCEPTABLE CHAN_NOT_IMPLEMENTED CRASH DECRYPTION_FAILURE EXCHANGE_ROUTING_ERROR"
    " FACILITY_NOT_IMPLEMENTED FACILITY_NOT_SUBSCRIBED INCOMING_CALL_BARRED INTERWORKING INVALID_CALL_REFERENCE"
    " INVALID_IDENTITY INVALID_IE_CONTENTS INVALID_MSG_UNSPECIFIED INVALID_PROFILE INVALID_URL KEEPALIVE_TIMEOUT"
    " MANDATORY_IE_LENGTH_ERROR MANDATORY_IE_MISSING MEDIA_TIMEOUT MESSAGE_TYPE_NONEXIST NONE NORMAL_UNSPECIFIED"
    " NO_IDENTITY NUMBER_CHANGED OUTGOING_CALL_BARRED PRE_EMPTED PROTOCOL_ERROR REDIRECTION_TO_NEW_DESTINATION"
    " REJECT_ALL RESPONSE_TO_STATUS_ENQUIRY SERVICE_NOT_AUTHORIZED SESSION_TIMER_TIMEOUT SUCCESS"
    " SYSTEM_SHUTDOWN UNKNOWN UNSPECIFIED USER_CHALLENGE WRONG_CALL_STATE WRONG_MESSAGE failure success"
)

VALUES = (
    APPLICATIONS
    | SUBCLASSES
    | CAUSES
    | frozenset(freeswitch_words.QUEUE_EXIT)
    | frozenset(freeswitch_words.TEXTBACK)
    | frozenset({"DELAYED NEGOTIATION", "EARLY MEDIA", "In a queue call", "Logged Out", "On Break"})
    | _words(
        "ABORTED ACTIVE ANSWER Answered Available CS_CONSUME_MEDIA CS_DESTROY CS_EXCHANGE_MEDIA CS_EXECUTE CS_HANGUP"
        " CS_HIBERNATE CS_INIT CS_NEW CS_NONE CS_PARK CS_REPORTING CS_RESET CS_ROUTING CS_SOFT_EXECUTE Cancel DOWN"
        " EARLY HANGUP HELD Idle RECEPTION RINGING RING_WAIT Receiving TALKING Terminated UNHELD WAITING Waiting abort"
        " add-member agent-offering agent-state-change agent-status-change answered bridge bridge-agent-end"
        " bridge-agent-fail bridge-agent-start bridge-caller-start bridge-caller-stop bridge-consumer-start"
        " bridge-consumer-stop caller_pop cancel check channel-consumer-start channel-consumer-stop conference-create"
        " conference-destroy consumer_pop consumer_stop critical del-member early exit false hangup header hold id"
        " inbound leave-message local member-queue-end member-queue-resume member-queue-start members-count no none"
        " outbound pid post-dial pre-dial push recv_bye recv_cancel recv_refuse rpid ringing save send_bye"
        " send_cancel send_refuse session start-talking stop-talking timeout true user yes"
    )
)
"""Values that stay as a whole."""

REPLIES = frozenset(
    {
        "+OK accepted",
        "+OK event listener enabled json",
        "+OK event listener enabled plain",
        "-ERR command not found",
        "-ERR invalid",
        "-ERR no keywords supplied",
        "-ERR permission denied",
    }
)
