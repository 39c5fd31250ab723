"""To be checked by a native speaker. German."""

from textbackd.core.library.words import Trade, Words, asking_nothing_else

_WHEN_TO_RING = {
    "missed": "{business}: Leider verpasst.",
    "missed_returning": "{business}: Danke für den neuen Anruf.",
    "busy": "{business}: Leider war besetzt.",
    "queue": "{business}: Verzeihen Sie das Warten.",
    "closed": "{business}: Wieder da: {opens}.",
    "closed_undated": "{business}: Gerade ist geschlossen.",
    "voicemail_left": "{business}: Danke für Ihre Nachricht.",
    "voicemail_silent": "{business}: Niemand konnte abnehmen.",
    "later": "{business}: Ihr Anruf blieb ohne Antwort.",
}
_HEALTH = asking_nothing_else(
    _WHEN_TO_RING, "Wann dürfen wir anrufen? Bitte nichts Medizinisches. Notruf: {emergency_number}."
)
_LAW = asking_nothing_else(_WHEN_TO_RING, "Wann dürfen wir anrufen? Bitte nichts zur Sache schreiben.")

WORDS = Words(
    general={
        "missed": "{business}: Leider konnten wir gerade nicht ans Telefon. Worum geht es? Schreiben Sie uns hier.",
        "missed_returning": "{business}: Schön, wieder von Ihnen zu hören. Leider haben wir Sie verpasst. Worum geht "
        "es?",
        "busy": "{business}: Leider waren alle Leitungen besetzt. Worum geht es? Ihre Antwort liest ein Mensch.",
        "queue": "{business}: Leider mussten Sie zu lange warten. Worum geht es? Ihre Antwort liest ein Mensch.",
        "closed": "{business}: Wieder geöffnet: {opens}. Schreiben Sie uns, worum es geht, wir melden uns dann.",
        "closed_undated": "{business}: Gerade ist geschlossen. Schreiben Sie uns, worum es geht, wir melden uns.",
        "holiday": "{business}: Feiertag, wieder da: {opens}. Schreiben Sie uns, worum es geht, wir melden uns dann.",
        "holiday_undated": "{business}: Wegen des Feiertags geschlossen. Schreiben Sie uns, worum es geht, wir melden "
        "uns.",
        "voicemail_left": "{business}: Danke, Ihre Nachricht ist da. Sollen wir Sie anrufen oder Ihnen schreiben?",
        "voicemail_silent": "{business}: Leider haben wir Sie verpasst. Sie brauchen nichts aufzusprechen, schreiben "
        "Sie uns hier.",
        "later": "{business}: Ihren letzten Anruf haben wir leider verpasst. Jetzt sind wir da: Worum geht es?",
    },
    trades={
        Trade.PLUMBER: {
            "missed": "{business}: Leider haben wir Sie verpasst. Läuft gerade Wasser aus, ja oder nein? Und wo?",
            "closed": "{business}: Wieder geöffnet: {opens}. Läuft gerade Wasser aus, ja oder nein?",
        },
        Trade.HEATING: {
            "missed": "{business}: Leider haben wir Sie verpasst. Heizung ausgefallen, oder Wartung? Gasgeruch: "
            "{emergency_number}.",
            "closed": "{business}: Wieder geöffnet: {opens}. Ganz ausgefallen, oder hat es Zeit? Gasgeruch: "
            "{emergency_number}.",
        },
        Trade.ELECTRICIAN: {
            "missed": "{business}: Leider haben wir Sie verpasst. Was geht nicht mehr? Bei Rauch oder Funken: "
            "{emergency_number}.",
            "closed": "{business}: Wieder geöffnet: {opens}. Was geht nicht mehr? Bei Rauch oder Funken: "
            "{emergency_number}.",
        },
        Trade.GARAGE: {
            "missed": "{business}: Leider haben wir Sie verpasst. Um welches Auto geht es, und was hat es?",
        },
        Trade.ROOFER: {
            "missed": "{business}: Leider haben wir Sie verpasst. Ist das Dach undicht? In welcher Straße?",
        },
        Trade.LOCKSMITH: {
            "missed": "{business}: Leider haben wir Sie verpasst. Sind Sie gerade ausgesperrt? Wo sind Sie?",
        },
        Trade.PEST_CONTROL: {
            "missed": "{business}: Leider haben wir Sie verpasst. Welche Tiere sind es, und wo (Postleitzahl)?",
        },
        Trade.CLEANING: {
            "missed": "{business}: Leider haben wir Sie verpasst. Geht es um Wohnung oder Büro, und wie groß?",
        },
        Trade.DENTIST: _HEALTH,
        Trade.CLINIC: _HEALTH,
        Trade.VET: {
            "missed": "{business}: Leider haben wir Sie verpasst. Ist Ihr Tier in Not, oder geht es um einen Termin?",
            "closed": "{business}: Wieder geöffnet: {opens}. Ist Ihr Tier in Not, oder hat es bis dahin Zeit?",
        },
        Trade.LAW: _LAW,
        Trade.ACCOUNTANT: {
            "missed": "{business}: Leider haben wir Sie verpasst. Wann passt Ihnen ein Rückruf?",
        },
        Trade.LETTING: {
            "missed": "{business}: Leider haben wir Sie verpasst. Um welche Wohnung geht es, und was ist dort los?",
        },
        Trade.ESTATE_AGENT: {
            "missed": "{business}: Leider haben wir Sie verpasst. Um welches Objekt geht es, und wann dürfen wir "
            "anrufen?",
        },
        Trade.RESTAURANT: {
            "missed": "{business}: Leider haben wir Sie verpasst. Ein Tisch oder etwas zum Mitnehmen, und wann?",
        },
        Trade.SALON: {
            "missed": "{business}: Leider haben wir Sie verpasst. Was wünschen Sie, und welcher Tag passt Ihnen?",
        },
    },
    service={
        "opted_out": (
            "{business}: Erledigt, Sie bekommen keine SMS mehr von uns. Anrufen geht weiter: {phone}.",
            "{business}: Erledigt, Sie bekommen keine SMS mehr von uns. Anrufen können Sie uns weiterhin.",
        ),
        "opted_in": ("{business}: Sie bekommen wieder SMS von uns. Mit STOP enden sie jederzeit.",),
        "help": (
            "{business}: Wir schreiben, wenn wir einen Anruf verpasst haben. Telefon: {phone}. STOP = keine SMS mehr.",
            "{business}: Wir schreiben, wenn wir einen Anruf verpasst haben. STOP = keine SMS mehr.",
        ),
    },
    shortest="{business}: Leider verpasst.",
    write_here="Schreiben Sie uns.",
    when_to_ring="Wann dürfen wir anrufen?",
    in_danger="Notruf: {emergency_number}.",
    shortest_opt_out="STOP = Ende.",
    missed_you="Leider haben wir Sie verpasst.",
    missed_you_again="Danke für den erneuten Anruf, leider verpasst.",
    opt_out="STOP = keine SMS mehr.",
    told_to_send=("antworten sie mit", "antworten sie", "antwort", "senden sie", "mit", "sms mit", "schreiben sie"),
    offers=("rabatt", "rabatte", "sonderangebot", "angebote", "aktion", "gratis", "kostenlos", "gutschein",
            "schnäppchen", "sparen", "zum halben preis"),
    tomorrow="morgen",
    weekdays=("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
    months=("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
            "Dezember"),
    date="{day}. {month}",
)  # fmt: skip
