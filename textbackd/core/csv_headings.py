"""What the columns of a table of contacts hold, by their headings in the seven languages of the shipped texts."""

import enum
import re
import unicodedata
from collections.abc import Sequence


class Kind(enum.Enum):
    """What is in a column."""

    PHONE = enum.auto()
    NAME = enum.auto()
    LABEL = enum.auto()
    CATEGORY = enum.auto()
    """What the address book has somebody under, for purposes of its own."""
    OTHER = enum.auto()
    """None of these, whatever its fields look like: a customer's number, a date."""
    UNKNOWN = enum.auto()


# Whole words in small letters and without accents.
_PHONE = re.compile(
    r".*(?:phone(?!tic)|telefon|telephon|telefoon|rufnummer|handy).*|tel|telef.*|telem.*|mobil.*|movil.*|mobiel.*"
    r"|cell.*|celul.*|portable|portatil|gsm|landline|festnetz.*|fijo|fisso|fixe|isdn"
)
_ABOUT_IT = re.compile(r"types?|typ|tipo|art|soort|labels?|libelle|etichetta|etiqueta|extension|durchwahl|country|id")
"""Beside one of ``_PHONE``: ``Phone 1 - Type``."""
_NUMBER = re.compile(r"numbers?|nummern?|nummers?|numer[oi]s?")
_ANY_NUMBER = re.compile(_NUMBER.pattern + "|no|nr|num")
_NUMBERED = re.compile(
    r"customer|client[es]?|kunden?|klant|government|organi[sz]ational|account|compte|cuenta|conto|order|commande|pedido"
    r"|ordine|invoice|facture|factura|fattura|fatura|tax|vat|insurance|membership|member|organisations?|regierungs?"
    r"|ident(?:ification|ificacion|ificacao|ificazione|ity|idad|idade|ite)|service|servicio"
)
"""Beside a number: it is not of a phone."""
_OTHER = re.compile(
    r"ids?|iban|(?:kunden|konto|auftrags|rechnungs|steuer|mitglieds|klant|rekening|order|bestel|factuur)num.*"
    r"|(?:kunden|konto|auftrags|rechnungs|steuer|mitglieds|organisations|regierungs)nr"
    # what the state knows people and companies by
    r"|ssn|ein|tin|sire[nt]|securite|dni|nie|nif|cif|rfc|curp|imss|nss|cpf|cnpj|contribuinte|iva|fiscale?|bsn"
    r"|burgerservice.*|kvk|btw|ust.*|ahv|avs|abn|acn|ird"
    r"|zip|postcode|postal|postleitzahl|plz|cap|cep|birthday|geburt.*|naissance|nacimiento|nascita|nascimento|geboorte.*"
    r"|date|datum|fecha|data"
)
_NAME = re.compile(
    r".*name|.*naam|(?:pre)?nom|nombres?|apellidos?|(?:cog|sobre)?nome|contact[eo]?|kontakt|contatt?o|company|firma"
    r"|societe|entreprise|empresa|azienda|ditta|bedrijf|organi[sz]ation|customer|client[es]?|kunde|klant"
)
_LABEL = {"label", "libelle", "etichetta", "etiqueta"}
_CATEGORY = {
    *("category", "categories", "kategorie", "kategorien", "categorie", "categoria", "categorias", "categorieen"),
    *("group", "gruppe", "groupe", "grupo", "gruppo", "groep"),
}


def kind(heading: str) -> Kind:
    """``Téléphone (bureau)`` -> PHONE. The word *number* alone is one of phones, too."""
    words = _words(heading)
    if _any(_PHONE, words):
        return Kind.OTHER if _any(_ABOUT_IT, words) else Kind.PHONE
    if words and all(_NUMBER.fullmatch(word) for word in words):
        return Kind.PHONE
    if len(words) == 1 and words[0] in _LABEL:
        return Kind.LABEL
    if len(words) == 1 and words[0] in _CATEGORY:
        return Kind.CATEGORY
    if _any(_OTHER, words) or (_any(_ANY_NUMBER, words) and _any(_NUMBERED, words)):
        return Kind.OTHER
    return Kind.NAME if _any(_NAME, words) and not _any(_ANY_NUMBER, words) else Kind.UNKNOWN


def _words(heading: str) -> Sequence[str]:
    """``Téléphone 1 (privé)`` -> telephone, prive."""
    letters = unicodedata.normalize("NFKD", heading.casefold())
    return re.findall(r"[^\W\d_]+", "".join(c for c in letters if not unicodedata.combining(c)))


def _any(pattern: re.Pattern[str], words: Sequence[str]) -> bool:
    return any(pattern.fullmatch(word) for word in words)
