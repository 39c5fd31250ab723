"""To be checked by a native speaker. Portuguese, without the accents that the phones' alphabet lacks."""

from textbackd.core.library.words import Trade, Words, asking_nothing_else

_WHEN_TO_RING = {
    "missed": "{business}: nao atendemos.",
    "missed_returning": "{business}: obrigado por voltar a ligar.",
    "busy": "{business}: linhas ocupadas, desculpe.",
    "queue": "{business}: lamentamos a espera.",
    "closed": "{business}: reabrimos: {opens}.",
    "closed_undated": "{business}: agora estamos fechados.",
    "voicemail_left": "{business}: obrigado pela mensagem.",
    "voicemail_silent": "{business}: ninguém atendeu, desculpe.",
    "later": "{business}: lamentamos, nao atendemos.",
}
_HEALTH = asking_nothing_else(_WHEN_TO_RING, "Quando ligamos? Nada de saude por SMS. Urgente: {emergency_number}.")
_LAW = asking_nothing_else(_WHEN_TO_RING, "Quando lhe ligamos? Nao escreva sobre o seu caso.")

WORDS = Words(
    general={
        "missed": "{business}: lamentamos, nao pudemos atender agora. Em que podemos ajudar? Responda aqui.",
        "missed_returning": "{business}: obrigado por voltar a ligar, lamentamos nao ter atendido. Em que ajudamos?",
        "busy": "{business}: lamentamos, as linhas estavam todas ocupadas. Do que precisa? Lemos os SMS.",
        "queue": "{business}: lamentamos a longa espera. Do que precisa? Lemos os SMS.",
        "closed": "{business}: reabrimos: {opens}. Diga-nos do que precisa e entramos em contacto.",
        "closed_undated": "{business}: de momento estamos fechados. Diga-nos do que precisa e ligamos de volta.",
        "holiday": "{business}: feriado, reabrimos: {opens}. Diga-nos do que precisa e ligamos de volta.",
        "holiday_undated": "{business}: fechado, feriado. Diga-nos do que precisa e entramos em contacto.",
        "voicemail_left": "{business}: obrigado, recebemos a sua mensagem de voz. Prefere um SMS ou uma chamada?",
        "voicemail_silent": "{business}: lamentamos, nao atendemos. Nao precisa de deixar mensagem: em que ajudamos?",
        "later": "{business}: lamentamos ter perdido a sua chamada. Agora estamos aqui: do que precisa?",
    },
    trades={
        Trade.PLUMBER: {
            "missed": "{business}: lamentamos, nao atendemos. Neste momento existe uma fuga de agua? Em que rua?",
            "closed": "{business}: reabrimos: {opens}. Neste momento corre agua onde nao deve?",
        },
        Trade.HEATING: {
            "missed": "{business}: lamentamos, nao atendemos. É uma avaria ou uma revisao? Cheira a gas: ligue "
            "{emergency_number}.",
            "closed": "{business}: reabrimos: {opens}. Parou de todo ou pode esperar? Cheira a gas: ligue "
            "{emergency_number}.",
        },
        Trade.ELECTRICIAN: {
            "missed": "{business}: lamentamos, nao atendemos. O que nao funciona? Se vir fumo, ligue "
            "{emergency_number}.",
            "closed": "{business}: reabrimos: {opens}. O que nao funciona? Se vir fumo, ligue {emergency_number}.",
        },
        Trade.GARAGE: {
            "missed": "{business}: lamentamos, nao atendemos. Qual é o carro, e o que se passa com ele?",
        },
        Trade.ROOFER: {
            "missed": "{business}: lamentamos, nao atendemos. Entra agua, ou quer um orcamento? Em que rua?",
        },
        Trade.LOCKSMITH: {
            "missed": "{business}: lamentamos, nao atendemos. Nao consegue entrar agora? Em que rua?",
        },
        Trade.PEST_CONTROL: {
            "missed": "{business}: lamentamos, nao atendemos. Que animais sao, e em que localidade?",
        },
        Trade.CLEANING: {
            "missed": "{business}: lamentamos, nao atendemos. É casa ou empresa, e de que tamanho?",
        },
        Trade.DENTIST: _HEALTH,
        Trade.CLINIC: _HEALTH,
        Trade.VET: {
            "missed": "{business}: lamentamos, nao atendemos. O seu animal corre perigo, ou é uma consulta?",
            "closed": "{business}: reabrimos: {opens}. O seu animal corre perigo, ou pode esperar?",
        },
        Trade.LAW: _LAW,
        Trade.ACCOUNTANT: {
            "missed": "{business}: lamentamos, nao atendemos. Quando podemos ligar de volta?",
        },
        Trade.LETTING: {
            "missed": "{business}: lamentamos, nao atendemos. De que casa se trata, e qual é o problema?",
        },
        Trade.ESTATE_AGENT: {
            "missed": "{business}: lamentamos, nao atendemos. De que imovel se trata, e quando ligamos?",
        },
        Trade.RESTAURANT: {
            "missed": "{business}: lamentamos, nao atendemos. Mesa ou para levar, e para quando?",
        },
        Trade.SALON: {
            "missed": "{business}: lamentamos, nao atendemos. Que tratamento deseja, e em que dia?",
        },
    },
    service={
        "opted_out": (
            "{business}: feito, nao recebe mais SMS nossos. Pode sempre ligar para {phone}.",
            "{business}: feito, nao recebe mais SMS nossos. Pode sempre ligar.",
        ),
        "opted_in": ("{business}: volta a receber SMS nossos. Responda STOP para terminar.",),
        "help": (
            "{business}: escrevemos quando perdemos uma chamada. Telefone: {phone}. STOP para nao receber SMS.",
            "{business}: escrevemos quando perdemos uma chamada. STOP para nao receber SMS.",
        ),
    },
    shortest="{business}: chamada perdida.",
    write_here="Escreva para aqui.",
    when_to_ring="Quando ligamos?",
    in_danger="Urgente: {emergency_number}.",
    shortest_opt_out="STOP = fim.",
    missed_you="lamentamos, nao atendemos.",
    missed_you_again="obrigado por voltar a ligar, nao atendemos.",
    opt_out="STOP para nao receber SMS.",
    told_to_send=("responda", "responda com", "envie", "escreva"),
    offers=("desconto", "descontos", "oferta", "ofertas", "promocao", "promocoes", "saldos", "gratis", "brinde",
            "a metade do preco"),
    tomorrow="amanha",
    weekdays=("segunda-feira", "terca-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sabado", "domingo"),
    months=("janeiro", "fevereiro", "marco", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro",
            "novembro", "dezembro"),
    date="{day} de {month}",
)  # fmt: skip
