"""To be checked by a native speaker. Dutch."""

from textbackd.core.library.words import Trade, Words, asking_nothing_else

_WHEN_TO_RING = {
    "missed": "{business}: sorry, gemist.",
    "missed_returning": "{business}: fijn dat u weer belt, sorry.",
    "busy": "{business}: sorry, alles was bezet.",
    "queue": "{business}: sorry voor het wachten.",
    "closed": "{business}: weer open: {opens}.",
    "closed_undated": "{business}: we zijn nu gesloten.",
    "voicemail_left": "{business}: dank u voor uw voicemail.",
    "voicemail_silent": "{business}: sorry, niemand kon opnemen.",
    "later": "{business}: sorry dat we u misten.",
}
_HEALTH = asking_nothing_else(
    _WHEN_TO_RING, "Wanneer mogen we bellen? Niets medisch per sms. Spoed: {emergency_number}."
)
_LAW = asking_nothing_else(_WHEN_TO_RING, "Wanneer mogen we bellen? Schrijf niets over uw zaak.")

WORDS = Words(
    general={
        "missed": "{business}: sorry, we konden net niet opnemen. Waarmee kunnen we u helpen? Antwoord gerust hier.",
        "missed_returning": "{business}: fijn dat u weer belt, en sorry dat we u misten. Wat kunnen we voor u doen?",
        "busy": "{business}: sorry, alle lijnen waren bezet. Waar gaat het om? Een mens leest uw antwoord.",
        "queue": "{business}: sorry dat het wachten zo lang duurde. Waar gaat het om? Een mens leest uw antwoord.",
        "closed": "{business}: weer open: {opens}. Laat weten wat u nodig hebt, dan nemen we contact op.",
        "closed_undated": "{business}: we zijn nu gesloten. Laat weten wat u nodig hebt, dan nemen we contact op.",
        "holiday": "{business}: feestdag, weer open: {opens}. Laat weten wat u nodig hebt, dan nemen we contact op.",
        "holiday_undated": "{business}: gesloten, feestdag. Laat weten wat u nodig hebt, dan nemen we contact op.",
        "voicemail_left": "{business}: dank u, uw voicemail is binnen. Wilt u liever een sms of een telefoontje?",
        "voicemail_silent": "{business}: sorry dat we u misten. Inspreken hoeft niet: waar gaat het om? Antwoord hier.",
        "later": "{business}: sorry dat we uw oproep hebben gemist. We zijn er nu: waar gaat het om?",
    },
    trades={
        Trade.PLUMBER: {
            "missed": "{business}: sorry dat we u misten. Lekt er nu water, ja of nee? En in welke straat?",
            "closed": "{business}: weer open: {opens}. Lekt er nu water, ja of nee?",
        },
        Trade.HEATING: {
            "missed": "{business}: sorry dat we u misten. Verwarming uitgevallen, of onderhoud? Gaslucht: "
            "{emergency_number}.",
            "closed": "{business}: weer open: {opens}. Verwarming helemaal uit, of kan het wachten? Gaslucht: "
            "{emergency_number}.",
        },
        Trade.ELECTRICIAN: {
            "missed": "{business}: sorry dat we u misten. Wat doet het niet meer? Bij rook of vonken: bel "
            "{emergency_number}.",
            "closed": "{business}: weer open: {opens}. Wat doet het niet meer? Bij rook of vonken: bel "
            "{emergency_number}.",
        },
        Trade.GARAGE: {
            "missed": "{business}: sorry dat we u misten. Om welke auto gaat het, en wat is er mee?",
        },
        Trade.ROOFER: {
            "missed": "{business}: sorry dat we u misten. Lekt het dak, of wilt u een offerte? In welke straat?",
        },
        Trade.LOCKSMITH: {
            "missed": "{business}: sorry dat we u misten. Kunt u er nu niet in? Laat weten waar u bent.",
        },
        Trade.PEST_CONTROL: {
            "missed": "{business}: sorry dat we u misten. Welke dieren zijn het, en wat is de postcode?",
        },
        Trade.CLEANING: {
            "missed": "{business}: sorry dat we u misten. Gaat het om een huis of een kantoor, en hoe groot?",
        },
        Trade.DENTIST: _HEALTH,
        Trade.CLINIC: _HEALTH,
        Trade.VET: {
            "missed": "{business}: sorry dat we u misten. Is uw dier nu in nood, of gaat het om een afspraak?",
            "closed": "{business}: weer open: {opens}. Is uw dier nu in nood, of kan het zo lang wachten?",
        },
        Trade.LAW: _LAW,
        Trade.ACCOUNTANT: {
            "missed": "{business}: sorry dat we u misten. Wanneer mogen we u terugbellen?",
        },
        Trade.LETTING: {
            "missed": "{business}: sorry dat we u misten. Om welke woning gaat het, en wat is daar aan de hand?",
        },
        Trade.ESTATE_AGENT: {
            "missed": "{business}: sorry dat we u misten. Om welk pand gaat het, en wanneer mogen we bellen?",
        },
        Trade.RESTAURANT: {
            "missed": "{business}: sorry dat we u misten. Een tafel of afhalen, en voor wanneer?",
        },
        Trade.SALON: {
            "missed": "{business}: sorry dat we u misten. Wat wilt u laten doen, en welke dag past u?",
        },
    },
    service={
        "opted_out": (
            "{business}: geregeld, u krijgt geen sms meer van ons. Bellen kan nog steeds: {phone}.",
            "{business}: geregeld, u krijgt geen sms meer van ons. Bellen kan nog steeds.",
        ),
        "opted_in": ("{business}: u krijgt weer sms van ons. Met STOP houdt dat op.",),
        "help": (
            "{business}: we sturen een sms na een gemiste oproep. Telefoon: {phone}. STOP = geen sms meer.",
            "{business}: we sturen een sms na een gemiste oproep. STOP = geen sms meer.",
        ),
    },
    shortest="{business}: sorry, gemist.",
    write_here="Antwoord gerust hier.",
    when_to_ring="Wanneer mogen we bellen?",
    in_danger="Spoed: {emergency_number}.",
    shortest_opt_out="STOP = einde.",
    missed_you="sorry dat we u misten.",
    missed_you_again="fijn dat u weer belt, sorry dat we u misten.",
    opt_out="STOP = geen sms meer.",
    told_to_send=("antwoord", "antwoord met", "stuur", "sms", "met"),
    offers=("korting", "kortingen", "aanbieding", "aanbiedingen", "actie", "gratis", "cadeau", "uitverkoop",
            "voor de helft"),
    tomorrow="morgen",
    weekdays=("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"),
    months=("januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober",
            "november", "december"),
)  # fmt: skip
