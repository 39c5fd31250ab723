"""How callers show themselves, and by which way they come."""

from tests.lab import behaviour, office
from tests.lab.branch import Branch
from tests.lab.call import Call
from tests.lab.scenario import WITHHELD, Family
from textbackd.core.outcomes import Outcome

caller_ids = Family("How the caller's number shows")
trunks = Family("Trunks, and several calls at once")

NOBODY = '"Anonymous" <sip:anonymous@anonymous.invalid>'


async def gives_up(call: Call) -> None:
    """The caller hears ringing, thinks better of it, and hangs up."""
    await call.ringing()
    call.hang_up_after(0.3)
    await call.ended()


@caller_ids.ends(Outcome.ABANDONED_RINGING, caller="+447700900123")
async def number_with_plus(branch: Branch) -> None:
    """The carrier shows +44 and the number."""
    await gives_up(await branch.call(office.PATIENT, number="+447700900123"))


@caller_ids.ends(Outcome.ABANDONED_RINGING, caller="00447700900123")
async def number_with_00(branch: Branch) -> None:
    """The carrier shows 0044 and the number."""
    await gives_up(await branch.call(office.PATIENT, number="00447700900123"))


@caller_ids.ends(Outcome.ABANDONED_RINGING, caller="07700900123")
async def number_with_a_name(branch: Branch) -> None:
    """The carrier shows a national number and a name."""
    await gives_up(await branch.call(office.PATIENT, number="07700900123", name="SMITH JOHN"))


@caller_ids.ends(Outcome.ABANDONED_RINGING, caller="07700900123")
async def number_with_an_odd_name(branch: Branch) -> None:
    """The name has quotes, commas and letters beyond ASCII."""
    await gives_up(await branch.call(office.PATIENT, number="07700900123", name="Zoë O\\'Neil, Ltd"))


@caller_ids.ends(Outcome.ABANDONED_RINGING, caller="84433")
async def number_is_a_short_code(branch: Branch) -> None:
    """A service with a short number rings."""
    await gives_up(await branch.call(office.PATIENT, number="84433"))


@caller_ids.ends(Outcome.ABANDONED_RINGING, caller=WITHHELD)
async def number_anonymous(branch: Branch) -> None:
    """The caller withholds the number, and the carrier does not pass it on."""
    await gives_up(await branch.call_as(NOBODY, dialled=branch.did(office.PATIENT)))


@caller_ids.ends(Outcome.ABANDONED_RINGING, caller=WITHHELD)
async def number_withheld_but_passed_on(branch: Branch) -> None:
    """The caller withholds the number, but the carrier passes it on for the PBX's eyes, and so it shows."""
    await gives_up(await branch.call(office.PATIENT, number="07700900123", withheld=True))


@caller_ids.ends(Outcome.ABANDONED_RINGING, caller=WITHHELD)
async def number_withheld_and_reset(branch: Branch) -> None:
    """The same, and the PBX forgets the wish (as FreePBX does) and keeps it in a variable."""
    call = await branch.call(office.PRESENTATION_RESET, number="07700900123", withheld=True)
    await gives_up(call)


@caller_ids.ends(Outcome.ABANDONED_RINGING, caller=WITHHELD)
async def number_withheld_with_a_name(branch: Branch) -> None:
    """The same, and number and name both show, so that the PBX says nothing of the caller ID by itself."""
    call = await branch.call(office.CALLER_ID_UNTOUCHED, number="07700900123", name="Jo", withheld=True)
    await gives_up(call)


@caller_ids.ends(Outcome.BUSY, caller=WITHHELD)
async def number_withheld_in_a_moment(branch: Branch) -> None:
    """The caller withholds the number, and the PBX turns him away as busy within milliseconds."""
    await (await branch.call(office.TURNED_AWAY_AS_BUSY, number="07700900123", withheld=True)).ended()


@caller_ids.ends(Outcome.ABANDONED_RINGING, caller=WITHHELD)
async def number_shown_but_private(branch: Branch) -> None:
    """The number stands in From, and beside it the wish that it be kept private."""
    sender = f"<sip:07700900123@{branch.carrier.address}>"
    identity = f"P-Asserted-Identity: {sender}"
    await gives_up(await branch.call_as(sender, identity, "Privacy: id", dialled=branch.did(office.PATIENT)))


@caller_ids.ends(Outcome.ABANDONED_RINGING, caller=WITHHELD)
async def number_asserted_behind_anonymous(branch: Branch) -> None:
    """From is anonymous, the carrier asserts the number all the same, and no header asks for privacy."""
    identity = f"P-Asserted-Identity: <sip:07700900123@{branch.carrier.address}>"
    await gives_up(await branch.call_as(NOBODY, identity, dialled=branch.did(office.PATIENT)))


@caller_ids.ends(Outcome.ABANDONED_RINGING, caller=WITHHELD)
async def number_under_an_anonymous_name(branch: Branch) -> None:
    """The number stands in From, under the name of nobody, in a dialplan that leaves the caller ID alone."""
    sender = f'"Anonymous" <sip:07700900123@{branch.carrier.address}>'
    await gives_up(await branch.call_as(sender, dialled=branch.did(office.CALLER_ID_UNTOUCHED)))


@caller_ids.ends(Outcome.ABANDONED_RINGING, caller=WITHHELD)
async def number_private_in_the_old_way(branch: Branch) -> None:
    """The number comes in Remote-Party-ID, as old gateways do it, with the wish that it be kept private."""
    identity = f"Remote-Party-ID: <sip:07700900123@{branch.carrier.address}>;party=calling;privacy=full;screen=yes"
    await gives_up(await branch.call_as(NOBODY, identity, dialled=branch.did(office.PATIENT)))


@caller_ids.ends(Outcome.ABANDONED_RINGING, caller="+447700900123")
async def number_asserted(branch: Branch) -> None:
    """From says one thing and the carrier asserts another, without any wish for privacy."""
    sender = f'"Jo" <sip:07700900999@{branch.carrier.address}>'
    identity = f'P-Asserted-Identity: "Jo" <sip:+447700900123@{branch.carrier.address}>'
    await gives_up(await branch.call_as(sender, identity, dialled=branch.did(office.PATIENT)))


@caller_ids.ends(Outcome.ABANDONED_RINGING, caller=WITHHELD)
async def number_missing(branch: Branch) -> None:
    """From has no number at all."""
    await gives_up(await branch.call_as(f"<sip:{branch.carrier.address}>", dialled=branch.did(office.PATIENT)))


@caller_ids.ends(Outcome.ABANDONED_RINGING, caller=WITHHELD)
async def number_unavailable(branch: Branch) -> None:
    """A call from abroad on whose way the number was lost: From says Unavailable."""
    sender = f"<sip:Unavailable@{branch.carrier.address}>"
    await gives_up(await branch.call_as(sender, dialled=branch.did(office.PATIENT)))


@trunks.ends(Outcome.NO_ANSWER)
async def second_trunk_rings_out(branch: Branch) -> None:
    """The call comes by another carrier, and nobody answers."""
    call = await branch.call_by_the_second_trunk(office.RING_GROUP)
    await call.ended()


@trunks.ends(Outcome.ANSWERED, Outcome.ABANDONED_RINGING)
async def both_trunks_at_once(branch: Branch) -> None:
    """One caller by each carrier; Alice takes the first, and the second gives up."""
    branch.phones[1].behaviour = behaviour.ANSWERS
    first = await branch.call(office.ONE_PHONE)
    await first.answered()
    branch.phones[1].behaviour = behaviour.RINGS
    second = await branch.call_by_the_second_trunk(office.PATIENT)
    await second.ringing()
    await branch.talk(first)
    await second.hang_up()
    await first.hang_up()


@trunks.ends(Outcome.NO_ANSWER)
async def number_dialled_in_a_header(branch: Branch) -> None:
    """The carrier dials the account, and the number dialled stands in a header only; nobody answers."""
    sender = f"<sip:{branch.new_caller()}@{branch.carrier.address}>"
    header = f"P-Called-Party-ID: <sip:{branch.did(office.ONE_PHONE)}@{branch.asterisk.pbx}>"
    await (await branch.call_as(sender, header, dialled="s")).ended()


@trunks.ends(Outcome.CLOSED)
async def number_dialled_in_a_header_closed(branch: Branch) -> None:
    """The same, and it is the number for after hours."""
    sender = f"<sip:{branch.new_caller()}@{branch.carrier.address}>"
    header = f"P-Called-Party-ID: <sip:{branch.did(office.CLOSED)}@{branch.asterisk.pbx}>"
    await (await branch.call_as(sender, header, dialled="s")).ended()


@trunks.ends(
    Outcome.ANSWERED,
    Outcome.ABANDONED_RINGING,
    Outcome.ABANDONED_IVR,
    Outcome.CLOSED,
    Outcome.VOICEMAIL_SILENT,
    Outcome.BUSY,
)
async def six_at_once(branch: Branch) -> None:
    """Monday morning: six callers at once, and each fares differently."""
    branch.phones[1].behaviour = behaviour.ANSWERS
    answered = await branch.call(office.ONE_PHONE)
    await answered.answered()
    branch.phones[1].behaviour = behaviour.RINGS
    # The PBX takes on calls side by side, and of two that come close together it may tell of the second first: each
    # comes when the one before it has got somewhere.
    abandoned = await branch.call(office.PATIENT)
    await abandoned.ringing()
    in_menu = await branch.call(office.LARGE_MENU)
    await in_menu.answered()
    closed = await branch.call(office.CLOSED)
    await closed.answered()
    silent = await branch.call(office.CLOSED_VOICEMAIL)
    await silent.answered()
    busy = await branch.call(office.TURNED_AWAY_AS_BUSY)
    await branch.talk(answered)
    await abandoned.hang_up()
    await in_menu.hang_up()
    await silent.hang_up()
    await answered.hang_up()
    await closed.ended()
    await busy.ended()


@trunks.ends(Outcome.ABANDONED_RINGING, Outcome.ABANDONED_RINGING, Outcome.ABANDONED_RINGING)
async def caller_tries_three_times(branch: Branch) -> None:
    """The same caller rings three times in a row and gives up each time."""
    number = branch.new_caller()
    for _attempt in range(3):
        await gives_up(await branch.call(office.PATIENT, number=number))


@trunks.ends(Outcome.NO_ANSWER, Outcome.NO_ANSWER)
async def caller_with_two_phones(branch: Branch) -> None:
    """Two calls show the same number at the same time, as those of a company with one number do; nobody answers."""
    number = branch.new_caller()
    first = await branch.call(office.RING_GROUP, number=number)
    second = await branch.call(office.RING_GROUP, number=number)
    await first.ended()
    await second.ended()
