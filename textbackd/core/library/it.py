"""To be checked by a native speaker. Italian."""

from textbackd.core.library.words import Trade, Words, asking_nothing_else

_WHEN_TO_RING = {
    "missed": "{business}: chiamata persa.",
    "missed_returning": "{business}: grazie di averci richiamato.",
    "busy": "{business}: linee occupate, ci scusi.",
    "queue": "{business}: ci scusi per l'attesa.",
    "closed": "{business}: riapertura: {opens}.",
    "closed_undated": "{business}: ora siamo chiusi.",
    "voicemail_left": "{business}: grazie del messaggio.",
    "voicemail_silent": "{business}: nessuno ha potuto rispondere.",
    "later": "{business}: ci scusi, chiamata persa.",
}
_HEALTH = asking_nothing_else(
    _WHEN_TO_RING, "Quando chiamarla? Niente dati sulla salute. Emergenze: {emergency_number}."
)
_LAW = asking_nothing_else(_WHEN_TO_RING, "Quando la richiamiamo? Non scriva nulla sul suo caso.")

WORDS = Words(
    general={
        "missed": "{business}: ci scusi, non abbiamo potuto rispondere. Di cosa ha bisogno? Ci scriva qui.",
        "missed_returning": "{business}: grazie di averci richiamato, ci scusi se non abbiamo risposto. Cosa le serve?",
        "busy": "{business}: ci scusi, le linee erano tutte occupate. Di cosa ha bisogno? Leggiamo gli SMS.",
        "queue": "{business}: ci scusi per la lunga attesa. Di cosa ha bisogno? Leggiamo gli SMS.",
        "closed": "{business}: riapertura: {opens}. Ci scriva di cosa ha bisogno, la richiameremo.",
        "closed_undated": "{business}: ora siamo chiusi. Ci scriva di cosa ha bisogno, la richiameremo.",
        "holiday": "{business}: giorno festivo, riapertura: {opens}. Ci scriva cosa le serve, la richiameremo.",
        "holiday_undated": "{business}: chiuso per festività. Ci scriva di cosa ha bisogno, la richiameremo.",
        "voicemail_left": "{business}: grazie, il suo messaggio è arrivato. Preferisce un SMS o una telefonata?",
        "voicemail_silent": "{business}: ci scusi, non abbiamo risposto. Non serve un messaggio vocale: cosa le serve?",
        "later": "{business}: ci scusi, abbiamo perso la sua chiamata. Ora ci siamo: di cosa ha bisogno?",
    },
    trades={
        Trade.PLUMBER: {
            "missed": "{business}: ci scusi, chiamata persa. C'è una perdita d'acqua in questo momento? In quale via?",
            "closed": "{business}: riapertura: {opens}. C'è una perdita d'acqua in questo momento, sì o no?",
        },
        Trade.HEATING: {
            "missed": "{business}: ci scusi, chiamata persa. Riscaldamento guasto, o revisione? Odore di gas: "
            "{emergency_number}.",
            "closed": "{business}: riapertura: {opens}. Tutto fermo, o può aspettare? Odore di gas: "
            "{emergency_number}.",
        },
        Trade.ELECTRICIAN: {
            "missed": "{business}: ci scusi, chiamata persa. Cosa non funziona? Se vede fumo chiami il "
            "{emergency_number}.",
            "closed": "{business}: riapertura: {opens}. Cosa non funziona? Se vede fumo chiami il {emergency_number}.",
        },
        Trade.GARAGE: {
            "missed": "{business}: ci scusi, chiamata persa. Che auto è, e che problema ha?",
        },
        Trade.ROOFER: {
            "missed": "{business}: ci scusi, chiamata persa. Entra acqua, o serve un preventivo? In quale via?",
        },
        Trade.LOCKSMITH: {
            "missed": "{business}: ci scusi, chiamata persa. Adesso non riesce a entrare? In quale via?",
        },
        Trade.PEST_CONTROL: {
            "missed": "{business}: ci scusi, chiamata persa. Che animali sono, e in quale comune?",
        },
        Trade.CLEANING: {
            "missed": "{business}: ci scusi, chiamata persa. Si tratta di casa o ufficio, e quanto è grande?",
        },
        Trade.DENTIST: _HEALTH,
        Trade.CLINIC: _HEALTH,
        Trade.VET: {
            "missed": "{business}: ci scusi, chiamata persa. Il suo animale è in pericolo, o è per una visita?",
            "closed": "{business}: riapertura: {opens}. Il suo animale è in pericolo, o può aspettare?",
        },
        Trade.LAW: _LAW,
        Trade.ACCOUNTANT: {
            "missed": "{business}: ci scusi, chiamata persa. Quando possiamo richiamarla?",
        },
        Trade.LETTING: {
            "missed": "{business}: ci scusi, chiamata persa. Di quale alloggio si tratta, e che problema c'è?",
        },
        Trade.ESTATE_AGENT: {
            "missed": "{business}: ci scusi, chiamata persa. Per quale immobile chiama? Quando la richiamiamo?",
        },
        Trade.RESTAURANT: {
            "missed": "{business}: ci scusi, chiamata persa. Un tavolo o da asporto, e per quando?",
        },
        Trade.SALON: {
            "missed": "{business}: ci scusi, chiamata persa. Che trattamento desidera, e in che giorno?",
        },
    },
    service={
        "opted_out": (
            "{business}: fatto, non riceverà altri SMS da noi. Può sempre chiamare il {phone}.",
            "{business}: fatto, non riceverà altri SMS da noi. Può sempre chiamarci.",
        ),
        "opted_in": ("{business}: riceve di nuovo i nostri SMS. Risponda STOP per non riceverli.",),
        "help": (
            "{business}: scriviamo dopo una chiamata persa. Telefono: {phone}. STOP per non ricevere SMS.",
            "{business}: scriviamo dopo una chiamata persa. STOP per non ricevere SMS.",
        ),
    },
    shortest="{business}: chiamata persa.",
    write_here="Ci scriva qui.",
    when_to_ring="Quando la richiamiamo?",
    in_danger="Emergenze: {emergency_number}.",
    shortest_opt_out="STOP = fine.",
    missed_you="ci scusi, chiamata persa.",
    missed_you_again="grazie di averci richiamato, ci scusi.",
    opt_out="STOP per non ricevere SMS.",
    told_to_send=("risponda", "risponda con", "rispondi", "invii", "scriva", "invia"),
    offers=("sconto", "sconti", "offerta", "offerte", "promozione", "promozioni", "saldi", "gratis", "gratuito",
            "omaggio", "a metà prezzo"),
    tomorrow="domani",
    weekdays=("lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica"),
    months=("gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre",
            "novembre", "dicembre"),
)  # fmt: skip
