"""A scene as an Asterisk 22 tells it: the order of the events of each step is that of recorded calls. No I/O."""

import uuid
from collections.abc import Iterator, Sequence
from typing import assert_never

from textbackd.demo import ami_messages, scenes
from textbackd.demo.ami_messages import Channel, Ids, Message, bridge_event, event
from textbackd.demo.scenes import Scene, Step


class CallOnPbx:
    """One call while it lasts: turns the steps of its scene into what the PBX says of them."""

    def __init__(self, scene: Scene, ids: Ids) -> None:
        self._scene = scene
        self._ids = ids
        name, uniqueid = ids.next("trunk")
        self._caller = Channel(
            name=name,
            uniqueid=uniqueid,
            linkedid=uniqueid,
            number=scene.caller,
            display_name="<unknown>",
            context="from-trunk",
            exten=scene.did,
            state=4,
            dialled=scene.did,
        )
        self._legs: dict[str, Channel] = {}
        self._mailbox = ""
        self._left_message = False

    @property
    def call_id(self) -> str:
        """The Uniqueid of the caller's leg."""
        return self._caller.uniqueid

    def channels(self) -> Sequence[Channel]:
        """What is up."""
        return [self._caller, *self._legs.values()]

    def begin(self) -> Iterator[Message]:
        """The call comes in."""
        caller = self._caller
        yield event("Newchannel", caller)
        yield self._variable("__FROM_DID", self._scene.did)
        caller.display_name = caller.number  # FreePBX puts the number where no name came
        presentation = "0 (Presentation Allowed, Not Screened)"
        yield event("NewCallerid", caller, ("CID-CallingPres", presentation))

    def messages(self, step: Step) -> Iterator[Message]:
        """What the PBX says of one step."""
        match step:
            case scenes.Pause():
                return iter(())
            case scenes.Ring():
                return self._ring(step.phones)
            case scenes.AllBusy():
                return self._all_busy(step.phones)
            case scenes.Answer():
                return self._answer(step.phone)
            case scenes.NobodyAnswers():
                return self._nobody_answers()
            case scenes.Voicemail():
                return self._voicemail(step.mailbox)
            case scenes.LeaveMessage():
                self._left_message = True
                return iter(())
            case scenes.CallerHangsUp():
                return self._caller_hangs_up()
            case scenes.PbxHangsUp():
                return self._pbx_hangs_up()
        assert_never(step)

    # --- dialling -------------------------------------------------------------------------------------------------

    def _dial(self, phones: Sequence[str]) -> Iterator[Message]:
        self._caller.context, self._caller.exten = "macro-dial", "s"
        yield from self._application("Dial", "&".join(f"PJSIP/{phone}" for phone in phones) + ",20,HhTtr")
        yield self._variable("DIALSTATUS", "")
        for phone in phones:
            name, uniqueid = self._ids.next(phone)
            self._legs[phone] = leg = Channel(
                name=name,
                uniqueid=uniqueid,
                linkedid=self.call_id,
                number=phone,
                display_name=phone,
                context="from-internal",
                exten="s",
                state=0,
                application="AppDial",
                data="(Outgoing Line)",
            )
            yield event("Newchannel", leg)
        for phone, leg in self._legs.items():
            leg.connected = self._caller.number
            yield self._dial_event("DialBegin", leg, ("DialString", phone))

    def _ring(self, phones: Sequence[str]) -> Iterator[Message]:
        yield from self._dial(phones)
        for leg in self._legs.values():
            leg.state = 5
            yield event("Newstate", leg)
            yield self._dial_event("DialState", leg, ("DialStatus", "RINGING"))

    def _all_busy(self, phones: Sequence[str]) -> Iterator[Message]:
        yield from self._dial(phones)
        for leg in list(self._legs.values()):
            yield event("HangupRequest", leg, ("Cause", "17"), ("TechCause", "486"))
            yield self._dial_event("DialEnd", leg, ("DialStatus", "BUSY"))
            yield self._gone(leg, 17)
        yield self._variable("DIALSTATUS", "BUSY")

    def _nobody_answers(self) -> Iterator[Message]:
        for leg in self._legs.values():
            yield self._dial_event("DialEnd", leg, ("DialStatus", "NOANSWER"))
        yield self._variable("DIALSTATUS", "NOANSWER")
        for leg in list(self._legs.values()):
            yield self._gone(leg, 0)

    def _answer(self, phone: str) -> Iterator[Message]:
        caller, answering = self._caller, self._legs[phone]
        answering.state = 6
        yield event("Newstate", answering)
        others = [leg for leg in self._legs.values() if leg is not answering]
        for leg in others:
            yield self._dial_event("DialEnd", leg, ("DialStatus", "CANCEL"))
        yield self._variable("DIALSTATUS", "ANSWER")
        yield self._dial_event("DialEnd", answering, ("DialStatus", "ANSWER"))
        caller.state, caller.connected = 6, phone
        yield event("Newstate", caller)
        for leg in others:
            yield self._gone(leg, 26)
        bridge = str(uuid.uuid4())
        for members, channel in enumerate((answering, caller), start=1):
            channel.bridge = bridge
            yield bridge_event("BridgeEnter", channel, members)

    # --- voicemail ------------------------------------------------------------------------------------------------

    def _voicemail(self, mailbox: str) -> Iterator[Message]:
        self._mailbox = mailbox
        self._caller.context, self._caller.exten = "macro-vm", "s-NOANSWER"
        yield from self._application("VoiceMail", f"{mailbox}@default,u")
        self._caller.state = 6
        yield event("Newstate", self._caller)

    def _leave_voicemail(self) -> Iterator[Message]:
        if self._left_message:
            folder = f"/var/spool/asterisk/voicemail/default/{self._mailbox}/INBOX"
            yield self._variable("VM_MESSAGEFILE", f"{folder}/msg0000")
            waiting = (("Mailbox", f"{self._mailbox}@default"), ("Waiting", "1"), ("New", "1"), ("Old", "0"))
            yield event("MessageWaiting", self._caller, *waiting)
        yield self._variable("VMSTATUS", "SUCCESS" if self._left_message else "FAILED")

    # --- the end --------------------------------------------------------------------------------------------------

    def _caller_hangs_up(self) -> Iterator[Message]:
        caller, legs = self._caller, list(self._legs.values())
        cause, at_sip = (16, ()) if caller.state == 6 else (127, (("TechCause", "487"),))
        yield event("HangupRequest", caller, ("Cause", str(cause)), *at_sip)
        if caller.bridge:
            for members, channel in enumerate((caller, *legs)):
                yield bridge_event("BridgeLeave", channel, len(legs) - members)
            yield self._variable("DIALSTATUS", "ANSWER")
        elif legs:
            for leg in legs:
                yield self._dial_event("DialEnd", leg, ("DialStatus", "CANCEL"))
            yield self._variable("DIALSTATUS", "CANCEL")
        elif self._mailbox:
            yield from self._leave_voicemail()
        yield event("SoftHangupRequest", caller, ("Cause", "16"), *at_sip)
        for leg in legs:
            yield self._gone(leg, cause)
        yield self._gone(caller, cause)

    def _pbx_hangs_up(self) -> Iterator[Message]:
        self._caller.context, self._caller.exten = "ext-group", "s"
        yield from self._application("Hangup", "")
        yield event("SoftHangupRequest", self._caller, ("Cause", "16"))
        yield self._gone(self._caller, 16)

    def _gone(self, channel: Channel, cause: int) -> Message:
        self._legs = {phone: leg for phone, leg in self._legs.items() if leg is not channel}
        return ami_messages.gone(channel, cause)

    # --- kinds of events --------------------------------------------------------------------------------------------

    def _application(self, name: str, data: str) -> Iterator[Message]:
        self._caller.application, self._caller.data = name, data
        said = (("Extension", self._caller.exten), ("Application", name), ("AppData", data))
        yield event("Newexten", self._caller, *said)

    def _variable(self, name: str, value: str) -> Message:
        return event("VarSet", self._caller, ("Variable", name), ("Value", value))

    def _dial_event(self, name: str, leg: Channel, *more: tuple[str, str]) -> Message:
        return event(name, self._caller, *leg.headers("Dest"), *more)
