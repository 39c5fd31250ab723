"""The shipped texts, by language."""

from collections.abc import Mapping

from textbackd.core.library import de, en, es, fr, it, nl, pt
from textbackd.core.library.words import CONFIDENTIAL, NAMES_THE_EMERGENCY_NUMBER, Language, Trade, Words

__all__ = ["CONFIDENTIAL", "LIBRARY", "NAMES_THE_EMERGENCY_NUMBER", "Language", "Trade", "Words"]

LIBRARY: Mapping[Language, Words] = {
    Language.EN: en.WORDS,
    Language.DE: de.WORDS,
    Language.FR: fr.WORDS,
    Language.ES: es.WORDS,
    Language.IT: it.WORDS,
    Language.NL: nl.WORDS,
    Language.PT: pt.WORDS,
}
