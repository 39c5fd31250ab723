"""Nobody is rung: the office is closed, gives information, or wants nothing to do with the caller."""

from tests.lab import mailbox, office
from tests.lab.branch import Branch
from tests.lab.scenario import Family
from textbackd.core.outcomes import Outcome

announcements = Family("Announcements, after hours, turned away")


@announcements.ends(Outcome.CLOSED)
async def closed_number(branch: Branch) -> None:
    """The number for after hours: the caller hears that the office is closed."""
    call = await branch.call(office.CLOSED)
    assert await call.ended() == 200


@announcements.ends(Outcome.CLOSED)
async def closed_number_hung_up_early(branch: Branch) -> None:
    """The same, and the caller does not listen to the end."""
    call = await branch.call(office.CLOSED)
    await call.answered()
    await call.hear()
    await call.hang_up()


@announcements.ends(Outcome.CLOSED)
async def closed_by_the_clock(branch: Branch) -> None:
    """The usual number, after hours: a time condition leads to an announcement."""
    call = await branch.call(office.AFTER_HOURS)
    assert await call.ended() == 200


@announcements.ends(Outcome.CLOSED)
async def closed_by_its_context(branch: Branch) -> None:
    """The PBX's own night switch leads to a part of the dialplan that the sysadmin has named as closed."""
    call = await branch.call(office.CLOSED_CONTEXT)
    assert await call.ended() == 200


@announcements.ends(Outcome.VOICEMAIL_MESSAGE)
async def after_hours_message(branch: Branch) -> None:
    """After hours voicemail answers, and the caller leaves a message."""
    call = await branch.call(office.AFTER_HOURS_VOICEMAIL)
    await mailbox.leave_message(call)


@announcements.ends(Outcome.VOICEMAIL_SILENT)
async def after_hours_no_message(branch: Branch) -> None:
    """After hours voicemail answers, and the caller hangs up."""
    call = await branch.call(office.AFTER_HOURS_VOICEMAIL)
    await call.answered()
    await call.hear()
    await call.hang_up()


@announcements.ends(Outcome.NO_ANSWER)
async def after_hours_phone_rings_out(branch: Branch) -> None:
    """After hours the phone rings all the same, and nobody is there."""
    call = await branch.call(office.AFTER_HOURS_PHONE)
    await call.ended()


@announcements.ends(Outcome.NOT_OFFERED)
async def information_line(branch: Branch) -> None:
    """A number that only tells the opening hours."""
    call = await branch.call(office.INFORMATION)
    assert await call.ended() == 200


@announcements.ends(Outcome.NOT_OFFERED)
async def notice_in_office_hours(branch: Branch) -> None:
    """A number of which textbackd knows nothing plays a notice, in office hours, and hangs up."""
    call = await branch.call(office.RECORDED_NOTICE)
    assert await call.ended() == 200


@announcements.ends(Outcome.NOT_OFFERED)
async def notice_before_the_answer(branch: Branch) -> None:
    """The same, without answering: the caller pays nothing."""
    call = await branch.call(office.UNANSWERED_NOTICE)
    assert await call.ended() >= 400


@announcements.ends(Outcome.NOT_OFFERED)
async def unknown_number(branch: Branch) -> None:
    """A number that the PBX does not know: it says so and hangs up."""
    call = await branch.call(office.UNKNOWN)
    assert await call.ended() == 200


@announcements.ends(Outcome.NOT_OFFERED)
async def blacklisted(branch: Branch) -> None:
    """A caller whom the office has put on its blacklist hears that the number is not in service."""
    number = branch.new_caller()
    async with branch.stored("blacklist", number, "1"):
        call = await branch.call(office.ONE_PHONE, number=number)
        assert await call.ended() == 200


@announcements.ends(Outcome.NOT_OFFERED)
async def blacklisted_hangs_up(branch: Branch) -> None:
    """The same, and he does not listen to the end."""
    number = branch.new_caller()
    async with branch.stored("blacklist", number, "1"):
        call = await branch.call(office.QUEUE, number=number)
        await call.answered()
        await call.hear()
        await call.hang_up()


@announcements.ends()
async def refused_before_the_dialplan(branch: Branch) -> None:
    """The carrier dials something that is no number of the office: it is refused, and no call is seen."""
    call = await branch.carrier.call(branch.new_caller(), did="nobody")
    assert await call.ended() == 404


@announcements.ends(Outcome.NOT_OFFERED)
async def anonymous_rejected(branch: Branch) -> None:
    """The office takes no calls without a number; the caller is rejected."""
    anonymous = '"Anonymous" <sip:anonymous@anonymous.invalid>'
    call = await branch.call_as(anonymous, dialled=branch.did(office.NO_ANONYMOUS))
    await call.ended()


@announcements.ends(Outcome.UNAVAILABLE)
async def out_of_service(branch: Branch) -> None:
    """The PBX tells the carrier at once that it can take no more calls (congestion)."""
    call = await branch.call(office.OUT_OF_SERVICE)
    assert await call.ended() == 503
