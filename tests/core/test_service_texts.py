"""Texts that no rule decides on."""

import pytest

from tests.builders import NOON
from textbackd.core import opt_out, service_texts
from textbackd.core.library import LIBRARY, Language
from textbackd.core.office import Business
from textbackd.core.opt_out import Wish
from textbackd.core.sms_text import Encoding, encoding_of, split

LONG_NAME = "Bartholomew & Daughters Heating Services"
NAMES = ["Hill Plumbing", LONG_NAME * 9, "Łódź Heating", "Горячая вода", "Joe’s", "🚿" * 80]
ANSWERS = ["opted_out", "opted_in", "help"]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("business", NAMES)
@pytest.mark.parametrize("phone", ["01632 960101", ""])
def test_every_answer_to_a_service_word_is_one_part(language: Language, name: str, business: str, phone: str) -> None:
    """Nothing of what the law wants to be said is cut off, however the business is written."""
    text = service_texts.answer(name, Business(name=business, phone=phone, language=language))

    assert len(split(text)) == 1
    assert encoding_of(text) is Encoding.GSM7
    assert any(text.endswith(whole.rsplit("}", 1)[1]) for whole in LIBRARY[language].service[name])
    assert "{" not in text
    if name != "opted_in":
        assert phone in text


@pytest.mark.parametrize("language", Language)
def test_whoever_is_texted_again_or_asks_is_told_of_stop(language: Language) -> None:
    """In the word that textbackd understands in every language."""
    for name in ("opted_in", "help"):
        for text in LIBRARY[language].service[name]:
            assert "STOP" in text
    assert opt_out.wish("STOP") is Wish.STOP


def test_a_business_is_named_as_it_writes_itself_where_it_can() -> None:
    """Accents that cost go, and letters of another alphabet; where none are left the number stands in."""

    def answered(name: str) -> str:
        return service_texts.answer("opted_in", Business(name=name, phone="01632 960101"))

    assert answered("Café Ünal").startswith("Café Ünal: ")
    assert answered("Sõnía’s").startswith("Sonia's: ")
    assert answered("Вода").startswith("01632 960101: ")


def test_our_own_tests_are_one_part() -> None:
    """With any name."""
    for name in NAMES:
        assert len(split(service_texts.test_text(name, NOON))) == 1
        assert len(split(service_texts.loop_test_text(name, NOON))) == 1
