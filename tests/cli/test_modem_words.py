"""A modem in words: what a person has to know stands there."""

from textbackd.cli import modem_words
from textbackd.modem.modem import ModemStatus, Registration

WELL = ModemStatus(
    manufacturer="Huawei", model="E173", network="O2", registration=Registration.HOME, signal_percent=71, stored=3,
    capacity=40,
)  # fmt: skip


def test_a_modem_that_is_well() -> None:
    """Nothing but what it is and where."""
    assert "Huawei E173, on O2, signal 71 %, 3 of 40 messages stored" == modem_words.of_status(WELL)


def test_a_modem_that_does_not_show_its_texts() -> None:
    """With what it answered."""
    told = {
        "name": "gsm", "manufacturer": "Huawei", "model": "E173", "network": "", "registration": "searching",
        "signal_percent": None, "stored": 0, "capacity": None, "unreadable": "SM: +CMS ERROR: 500",
        "has_service_centre": True, "store": "SM",
    }  # fmt: skip
    assert "Huawei E173, looking for a network, texts cannot be read (SM: +CMS ERROR: 500)" == modem_words.of_told(told)
