"""To be checked by a native speaker. French."""

from textbackd.core.library.words import Trade, Words, asking_nothing_else

_WHEN_TO_RING = {
    "missed": "{business} : appel manqué.",
    "missed_returning": "{business} : merci de rappeler, désolés.",
    "busy": "{business} : lignes prises, désolés.",
    "queue": "{business} : désolés de l'attente.",
    "closed": "{business} : réouverture {opens}.",
    "closed_undated": "{business} : fermé pour l'instant.",
    "voicemail_left": "{business} : merci de votre message.",
    "voicemail_silent": "{business} : personne n'a pu répondre.",
    "later": "{business} : désolés de l'appel manqué.",
}
_HEALTH = asking_nothing_else(
    _WHEN_TO_RING, "Quand vous appeler ? Rien de médical par SMS. Urgence : {emergency_number}."
)
_LAW = asking_nothing_else(_WHEN_TO_RING, "Quand vous rappeler ? Rien sur votre dossier par SMS.")

WORDS = Words(
    general={
        "missed": "{business} : désolés, nous n'avons pas pu répondre. Que pouvons-nous faire pour vous ?",
        "missed_returning": "{business} : merci de nous rappeler, et désolés de l'appel manqué. De quoi s'agit-il ?",
        "busy": "{business} : désolés, toutes nos lignes sont prises. De quoi s'agit-il ? Nous lisons vos SMS.",
        "queue": "{business} : désolés de cette longue attente. De quoi s'agit-il ? Nous lisons vos SMS.",
        "closed": "{business} : réouverture {opens}. Dites-nous ici de quoi il s'agit, nous vous rappellerons.",
        "closed_undated": "{business} : fermé pour l'instant. Dites-nous ici de quoi il s'agit, nous vous "
        "rappellerons.",
        "holiday": "{business} : jour férié, réouverture {opens}. Dites-nous de quoi il s'agit, nous rappellerons.",
        "holiday_undated": "{business} : fermé, jour férié. Dites-nous ici de quoi il s'agit, nous vous rappellerons.",
        "voicemail_left": "{business} : merci, nous avons votre message. Préférez-vous un SMS ou un appel ?",
        "voicemail_silent": "{business} : désolés de l'appel manqué. Pas besoin de laisser un message : de quoi "
        "s'agit-il ?",
        "later": "{business} : désolés de votre appel manqué. Nous sommes là maintenant : de quoi s'agit-il ?",
    },
    trades={
        Trade.PLUMBER: {
            "missed": "{business} : désolés de l'appel manqué. Y a-t-il une fuite en ce moment, oui ou non ? Et où ?",
            "closed": "{business} : réouverture {opens}. Y a-t-il une fuite en ce moment, oui ou non ?",
        },
        Trade.HEATING: {
            "missed": "{business} : désolés de l'appel manqué. Une panne, ou un entretien ? Odeur de gaz : "
            "{emergency_number}.",
            "closed": "{business} : réouverture {opens}. Plus de chauffage, ou cela peut attendre ? Odeur de gaz : "
            "{emergency_number}.",
        },
        Trade.ELECTRICIAN: {
            "missed": "{business} : désolés de l'appel manqué. Quelle panne ? En cas de fumée, appelez le "
            "{emergency_number}.",
            "closed": "{business} : réouverture {opens}. Quelle panne ? En cas de fumée, appelez le "
            "{emergency_number}.",
        },
        Trade.GARAGE: {
            "missed": "{business} : désolés de l'appel manqué. Quelle voiture, et que lui arrive-t-il ?",
        },
        Trade.ROOFER: {
            "missed": "{business} : désolés de l'appel manqué. Une fuite ou un devis, et dans quelle rue ?",
        },
        Trade.LOCKSMITH: {
            "missed": "{business} : désolés de l'appel manqué. Porte bloquée en ce moment ? A quelle adresse ?",
        },
        Trade.PEST_CONTROL: {
            "missed": "{business} : désolés de l'appel manqué. Quels animaux, et à quel code postal ?",
        },
        Trade.CLEANING: {
            "missed": "{business} : désolés de l'appel manqué. Un logement ou un bureau, et de quelle taille ?",
        },
        Trade.DENTIST: _HEALTH,
        Trade.CLINIC: _HEALTH,
        Trade.VET: {
            "missed": "{business} : désolés de l'appel manqué. Un animal en danger, ou un rendez-vous ?",
            "closed": "{business} : réouverture {opens}. Un animal en danger, ou cela peut-il attendre ?",
        },
        Trade.LAW: _LAW,
        Trade.ACCOUNTANT: {
            "missed": "{business} : désolés de l'appel manqué. Quand pouvons-nous vous rappeler ?",
        },
        Trade.LETTING: {
            "missed": "{business} : désolés de l'appel manqué. Quel logement, et quel est le souci ?",
        },
        Trade.ESTATE_AGENT: {
            "missed": "{business} : désolés de l'appel manqué. Quel bien, et quand vous rappeler ?",
        },
        Trade.RESTAURANT: {
            "missed": "{business} : désolés de l'appel manqué. Une table ou à emporter, et pour quand ?",
        },
        Trade.SALON: {
            "missed": "{business} : désolés de l'appel manqué. Que souhaitez-vous, et quel jour ?",
        },
    },
    service={
        "opted_out": (
            "{business} : c'est fait, plus aucun SMS de notre part. Vous pouvez toujours appeler le {phone}.",
            "{business} : c'est fait, plus aucun SMS de notre part. Vous pouvez toujours nous appeler.",
        ),
        "opted_in": ("{business} : vous recevez de nouveau nos SMS. Répondez STOP pour les refuser.",),
        "help": (
            "{business} : nous écrivons après un appel manqué. Téléphone : {phone}. STOP pour refuser les SMS.",
            "{business} : nous écrivons après un appel manqué. STOP pour refuser les SMS.",
        ),
    },
    shortest="{business} : appel manqué.",
    write_here="Ecrivez-nous ici.",
    when_to_ring="Quand vous rappeler ?",
    in_danger="Urgence : {emergency_number}.",
    shortest_opt_out="STOP = fin.",
    missed_you="désolés de l'appel manqué.",
    missed_you_again="merci de nous rappeler, désolés de l'absence.",
    opt_out="STOP pour refuser les SMS.",
    told_to_send=("répondez", "répondez par", "rép", "envoyez", "écrivez"),
    offers=("promo", "promotion", "promotions", "remise", "réduction", "rabais", "soldes", "gratuit", "gratuite",
            "offre", "offres", "cadeau", "moitié prix"),
    tomorrow="demain",
    weekdays=("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    # The phones' alphabet lacks the û of août.
    months=("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "aout", "septembre", "octobre",
            "novembre", "décembre"),
    clock="{hour}h{minute:02}",
    first="1er {month}",
)  # fmt: skip
