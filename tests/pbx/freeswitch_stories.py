"""What people do with a call on a FreeSWITCH, in as many events as it takes."""

from tests.pbx.switch import Leg, Switch

CLOSED_DID = "5550111"
"""As the office has marked it."""
MOBILE = "15557770001"


def rings_out(fs: Switch, caller: Leg, *extensions: str) -> None:
    """Phones ring, and nobody takes the call."""
    fs.runs(caller, "bridge", ",".join(f"user/{it}" for it in extensions))
    phones = [fs.rings(caller, it) for it in extensions]
    fs.wait(15)
    for phone in phones:
        fs.progresses(phone)
        fs.hang_up(phone, "NO_ANSWER", by="send_cancel")
    caller.variables["originate_disposition"] = "NO_ANSWER"


def talk(fs: Switch, caller: Leg, extension: str = "101") -> Leg:
    """A phone rings, and somebody takes the call."""
    phone = fs.rings(caller, extension)
    fs.wait(3)
    fs.connect(caller, phone)
    fs.wait(10)
    return phone


def blind_transfer(fs: Switch, caller: Leg, phone: Leg, to: str) -> None:
    """Whoever talks with the caller sends the call elsewhere."""
    fs.unbridge(caller, phone)
    fs.transfer(caller, to)
    fs.hang_up(phone, by="recv_bye")


def asks_to_confirm(fs: Switch, caller: Leg) -> Leg:
    """A mobile answers, and is asked to press 1."""
    fs.runs(caller, "bridge", f"sofia/gateway/carrier/{MOBILE}")
    mobile = fs.rings_outside(caller, MOBILE, group_confirm_key="1")
    fs.wait(4)
    fs.answers(mobile)
    fs.wait(4)
    return mobile
