"""Texts that no rule decides on: the answers to STOP, START and HELP, and our own tests. Always one part."""

import datetime as dt

from textbackd.core import accents, template_fields
from textbackd.core.library import LIBRARY
from textbackd.core.office import Business
from textbackd.core.templates import with_as_much_of_the_name_as_fits


def answer(name: str, business: Business) -> str:
    """To STOP (``opted_out``), START (``opted_in``) or HELP (``help``), in the language of the business."""
    values = {"business": "{business}"} | ({"phone": business.phone} if business.phone else {})
    texts = (template_fields.filled(text, values) for text in LIBRARY[business.language].service[name])
    text = next(text for text in texts if text is not None)
    return with_as_much_of_the_name_as_fits(text, accents.without_strangers(business.name) or business.phone)


def test_text(business: str, at: dt.datetime) -> str:
    """What ``test-sms`` sends; ``at`` in the office's time."""
    text = f"{{business}}: a test of our texts at {at:%H:%M:%S}."
    return with_as_much_of_the_name_as_fits(text, accents.without_strangers(business))


def loop_test_text(modem: str, at: dt.datetime) -> str:
    """What a modem sends itself, never the same twice; ``at`` in the office's time."""
    text = f"textbackd {{business}} {at:%Y-%m-%d %H:%M:%S}"
    return with_as_much_of_the_name_as_fits(text, accents.without_strangers(modem))
