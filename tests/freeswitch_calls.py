"""The events of a call that a FreeSWITCH tells, for tests that ask no more of it than a call."""

from tests.fake_event_socket import Row
from tests.pbx import freeswitch_stories
from tests.pbx.switch import Headers, Switch


def rings_out(uuid: str, caller: str, *, did: str = "5550101", name: str = "Pat Caller") -> list[Headers]:
    """A whole call that nobody takes: FreeSWITCH's own dialplan sends it to 101, which rings.

    No event tells when it was: that is when it is heard.
    """
    fs = Switch([uuid, f"{uuid}-phone"])
    leg = fs.call(caller, did, name=name)
    fs.transfer(leg, "101")
    freeswitch_stories.rings_out(fs, leg, "101")
    fs.hang_up(leg)
    for event in fs.events:
        del event["Event-Date-Timestamp"]
    return fs.events


def arrives(uuid: str, caller: str, *, did: str = "5550101", name: str = "Pat Caller") -> list[Headers]:
    """The beginning of it: both legs are there, and ring."""
    return rings_out(uuid, caller, did=did, name=name)[:2]


def is_not_answered(uuid: str, caller: str, *, did: str = "5550101", name: str = "Pat Caller") -> list[Headers]:
    """The rest: the ringing ends, and both legs are hung up."""
    return rings_out(uuid, caller, did=did, name=name)[2:]


def listed(*events: Headers) -> list[Row]:
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
    return [{**up, **{column: event[header] for column, header in columns.items()}} for event in events]
