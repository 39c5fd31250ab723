"""FreeSWITCH's calls by hand: the events of a call, with the headers that matter."""

from tests.fake_event_socket import Event, Row


def arrives(uuid: str, caller: str, *, did: str = "5550101", name: str = "Pat Caller") -> list[Event]:
    """A call from the trunk, and 101 rings."""
    made = {"Event-Name": "CHANNEL_CREATE", "Answer-State": "ringing"}
    return [{**made, **_trunk(uuid, caller, did, name)}, {**made, **_phone(uuid, caller)}]


def is_not_answered(uuid: str, caller: str, *, did: str = "5550101", name: str = "Pat Caller") -> list[Event]:
    """The ringing ends, and all legs are hung up."""
    ended = {"Event-Name": "CHANNEL_HANGUP_COMPLETE", "Answer-State": "hangup"}
    tried = {"variable_originate_disposition": "NO_ANSWER", "variable_last_app": "bridge"}
    return [
        {**ended, **_phone(uuid, caller), "Hangup-Cause": "NO_ANSWER"},
        {**ended, **_trunk(uuid, caller, did, name), **tried, "Hangup-Cause": "NORMAL_CLEARING"},
    ]


def rings_out(uuid: str, caller: str, *, did: str = "5550101", name: str = "Pat Caller") -> list[Event]:
    """A whole call that nobody takes."""
    return [*arrives(uuid, caller, did=did, name=name), *is_not_answered(uuid, caller, did=did, name=name)]


def listed(*events: Event) -> list[Row]:
    """The rows of `show channels` for what `arrives`."""
    columns = {
        "uuid": "Unique-ID",
        "direction": "Call-Direction",
        "name": "Channel-Name",
        "initial_context": "Caller-Context",
        "initial_cid_num": "Caller-Caller-ID-Number",
        "initial_dest": "Caller-Destination-Number",
        "call_uuid": "Channel-Call-UUID",
    }
    up = {"callstate": "RINGING", "state": "CS_EXECUTE", "created_epoch": "1795221191"}
    return [{**up, **{column: str(event[header]) for column, header in columns.items()}} for event in events]


def _trunk(uuid: str, caller: str, did: str, name: str) -> dict[str, str]:
    return {
        "Unique-ID": uuid,
        "Channel-Name": f"sofia/external/{caller}@carrier.test",
        "Channel-Call-UUID": uuid,
        "Call-Direction": "inbound",
        "Caller-Context": "public",
        "Caller-Caller-ID-Name": name,
        "Caller-Caller-ID-Number": caller,
        "Caller-Destination-Number": did,
        "variable_sip_req_user": did,
    }


def _phone(uuid: str, caller: str) -> dict[str, str]:
    return {
        "Unique-ID": f"{uuid}-phone",
        "Channel-Name": "sofia/internal/101@192.0.2.9",
        "Channel-Call-UUID": uuid,
        "Call-Direction": "outbound",
        "Caller-Context": "default",
        "Caller-Caller-ID-Number": caller,
        "Caller-Destination-Number": "101",
        "variable_originator": uuid,
    }
