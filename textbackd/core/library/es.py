"""To be checked by a native speaker. Spanish, without the accents that the phones' alphabet lacks."""

from textbackd.core.library.words import Trade, Words, asking_nothing_else

_WHEN_TO_RING = {
    "missed": "{business}: no pudimos contestar.",
    "missed_returning": "{business}: gracias por llamar de nuevo.",
    "busy": "{business}: lineas ocupadas, perdone.",
    "queue": "{business}: perdone por la espera.",
    "closed": "{business}: abrimos: {opens}.",
    "closed_undated": "{business}: ahora tenemos cerrado.",
    "voicemail_left": "{business}: gracias por su mensaje.",
    "voicemail_silent": "{business}: nadie pudo contestar.",
    "later": "{business}: perdone, no contestamos antes.",
}
_HEALTH = asking_nothing_else(_WHEN_TO_RING, "¿Cuando le llamamos? Sin datos de salud. Urgencias: {emergency_number}.")
_LAW = asking_nothing_else(_WHEN_TO_RING, "¿Cuando le llamamos? Sin datos de su caso.")

WORDS = Words(
    general={
        "missed": "{business}: perdone, no pudimos contestar. ¿Qué necesita? Escribanos por este medio.",
        "missed_returning": "{business}: gracias por llamar de nuevo, y perdone que no contestamos. ¿Qué necesita?",
        "busy": "{business}: perdone, todas las lineas estaban ocupadas. ¿Qué necesita? Leemos sus SMS.",
        "queue": "{business}: perdone por la larga espera. ¿Qué necesita? Leemos sus SMS.",
        "closed": "{business}: abrimos de nuevo: {opens}. Diganos qué necesita y le llamaremos entonces.",
        "closed_undated": "{business}: ahora mismo tenemos cerrado. Diganos qué necesita y le llamaremos.",
        "holiday": "{business}: cerrado por festivo. Abrimos: {opens}. Diganos qué necesita y le llamaremos.",
        "holiday_undated": "{business}: cerrado por festivo. Diganos qué necesita y le llamaremos.",
        "voicemail_left": "{business}: gracias, tenemos su mensaje de voz. ¿Prefiere un SMS o una llamada?",
        "voicemail_silent": "{business}: perdone, no pudimos contestar. No hace falta dejar mensaje: ¿qué necesita?",
        "later": "{business}: perdone que no contestamos a su llamada. Ya estamos: ¿qué necesita?",
    },
    trades={
        Trade.PLUMBER: {
            "missed": "{business}: perdone, no pudimos contestar. ¿Hay una fuga de agua ahora? ¿En qué calle?",
            "closed": "{business}: abrimos de nuevo: {opens}. ¿Hay una fuga de agua ahora, si o no?",
        },
        Trade.HEATING: {
            "missed": "{business}: perdone, no pudimos contestar. ¿No funciona, o es revision? Si huele a gas: "
            "{emergency_number}.",
            "closed": "{business}: abrimos de nuevo: {opens}. ¿No funciona nada, o puede esperar? Si huele a gas: "
            "{emergency_number}.",
        },
        Trade.ELECTRICIAN: {
            "missed": "{business}: perdone, no pudimos contestar. ¿Qué no funciona? Si hay humo, llame al "
            "{emergency_number}.",
            "closed": "{business}: abrimos de nuevo: {opens}. ¿Qué no funciona? Si hay humo, llame al "
            "{emergency_number}.",
        },
        Trade.GARAGE: {
            "missed": "{business}: perdone, no pudimos contestar. ¿Qué coche es, y qué le pasa?",
        },
        Trade.ROOFER: {
            "missed": "{business}: perdone, no pudimos contestar. ¿Entra agua, o quiere un presupuesto? ¿Donde?",
        },
        Trade.LOCKSMITH: {
            "missed": "{business}: perdone, no pudimos contestar. ¿No puede entrar ahora? ¿En qué calle se encuentra?",
        },
        Trade.PEST_CONTROL: {
            "missed": "{business}: perdone, no pudimos contestar. ¿Qué animales son, y en qué calle?",
        },
        Trade.CLEANING: {
            "missed": "{business}: perdone, no pudimos contestar. ¿Es casa u oficina, y de qué superficie?",
        },
        Trade.DENTIST: _HEALTH,
        Trade.CLINIC: _HEALTH,
        Trade.VET: {
            "missed": "{business}: perdone, no pudimos contestar. ¿Su animal corre peligro, o es para una cita?",
            "closed": "{business}: abrimos de nuevo: {opens}. ¿Su animal corre peligro, o puede esperar?",
        },
        Trade.LAW: _LAW,
        Trade.ACCOUNTANT: {
            "missed": "{business}: perdone, no pudimos contestar. ¿Cuando le viene bien que le llamemos?",
        },
        Trade.LETTING: {
            "missed": "{business}: perdone, no pudimos contestar. ¿Qué piso es, y qué problema hay?",
        },
        Trade.ESTATE_AGENT: {
            "missed": "{business}: perdone, no pudimos contestar. ¿Por qué inmueble llama? ¿Cuando le llamamos?",
        },
        Trade.RESTAURANT: {
            "missed": "{business}: perdone, no pudimos contestar. ¿Una mesa o para llevar, y para cuando?",
        },
        Trade.SALON: {
            "missed": "{business}: perdone, no pudimos contestar. ¿Qué servicio quiere, y qué dia?",
        },
    },
    service={
        "opted_out": (
            "{business}: hecho, no recibe ya SMS nuestros. Puede seguir llamando al {phone}.",
            "{business}: hecho, no recibe ya SMS nuestros. Puede seguir llamando.",
        ),
        "opted_in": ("{business}: vuelve a recibir nuestros SMS. Responda STOP para terminar.",),
        "help": (
            "{business}: escribimos tras una llamada perdida. Teléfono: {phone}. STOP para no recibir SMS.",
            "{business}: escribimos tras una llamada perdida. STOP para no recibir SMS.",
        ),
    },
    shortest="{business}: llamada perdida.",
    write_here="Escribanos aqui.",
    when_to_ring="¿Cuando le llamamos?",
    in_danger="Urgencias: {emergency_number}.",
    shortest_opt_out="STOP = fin.",
    missed_you="perdone, no pudimos contestar.",
    missed_you_again="gracias por llamar de nuevo, no pudimos contestar.",
    opt_out="STOP para no recibir SMS.",
    told_to_send=("responda", "responda con", "envie", "escriba", "conteste"),
    offers=("descuento", "descuentos", "oferta", "ofertas", "promocion", "promociones", "rebaja", "rebajas", "gratis",
            "regalo", "a mitad de precio"),
    tomorrow="mañana",
    weekdays=("lunes", "martes", "miércoles", "jueves", "viernes", "sabado", "domingo"),
    months=("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre",
            "noviembre", "diciembre"),
    date="{day} de {month}",
)  # fmt: skip
