"""What a carrier found out about who may show a number, as a real Asterisk passes it on."""

import dataclasses

import pytest

from tests.daemon.said import Said
from tests.lab import behaviour, office
from tests.lab.asterisk import Asterisk
from tests.lab.links import both_versions
from tests.lab.links.callers import ANN, Phones
from tests.lab.sip import Carrier
from tests.lab.watch import GAVE_UP, Kept, watching
from textbackd.store.database import Database

NOT_TEXTED = dataclasses.replace(GAVE_UP, texts=0)


@both_versions
@pytest.mark.parametrize(
    ("sender", "asserted", "kept", "reason"),
    [
        (f"<sip:{ANN}@CARRIER>", f"<sip:{ANN};verstat=TN-Validation-Failed@CARRIER;user=phone>", NOT_TEXTED, "spoofed"),
        (f"<sip:{ANN}@CARRIER>", f"<tel:{ANN};verstat=TN-Validation-Failed>", NOT_TEXTED, "spoofed"),
        (f"<sip:{ANN};verstat=TN-Validation-Failed@CARRIER>", "", NOT_TEXTED, "spoofed"),
        (f"<sip:{ANN};verstat=TN-Validation-Passed@CARRIER>", "", GAVE_UP, "nothing_against"),
        (f"<sip:{ANN}@CARRIER>", f"<sip:{ANN};verstat=No-TN-Validation@CARRIER>", GAVE_UP, "nothing_against"),
    ],
)
async def test_only_a_check_that_failed_silences(
    asterisk: Asterisk,
    database: Database,
    said: Said,
    carrier: Carrier,
    phones: Phones,
    sender: str,
    asserted: str,
    kept: Kept,
    reason: str,
) -> None:
    """Wherever it stands; the number is read without it, and the caller is a lead all the same.

    The phone rings until Asterisk has been asked: of a call that is over before, nobody learns what the carrier found.
    """
    phones["101"].behaviour = behaviour.RINGS
    headers = [f"P-Asserted-Identity: {asserted}".replace("CARRIER", carrier.address)] if asserted else []
    async with watching(asterisk, database, said) as watch:
        call = await carrier._place(ANN, office.PATIENT, sender.replace("CARRIER", carrier.address), *headers)
        await call.ringing()
        await watch.heard(b"/asserted\r\n")
        await call.hang_up()
        assert kept == await watch.decided(ANN)

    assert [reason] == [line["reason"] for line in said.events("call_ended", caller=ANN)]
