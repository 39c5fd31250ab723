"""What a caller does whom voicemail has answered, or is about to."""

from tests.lab.call import Call

MESSAGE = 3
"""Seconds: a message that voicemail keeps."""


async def skip_greeting(call: Call) -> None:
    """Press # in the greeting, and wait for the beep: from then on voicemail records."""
    await call.answered()
    await call.hear()
    before = call.audio.beeps
    call.press("#")
    await call.hear_beep(after=before)


async def leave_message(call: Call) -> None:
    """Skip the greeting, speak after the beep, and hang up."""
    await skip_greeting(call)
    await call.speak(MESSAGE)
    await call.hang_up()
