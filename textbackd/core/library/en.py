"""English."""

from textbackd.core.library.words import Trade, Words, asking_nothing_else

_WHEN_TO_RING = {
    "missed": "{business}: sorry we missed you.",
    "missed_returning": "{business}: hello again, and sorry.",
    "busy": "{business}: sorry, our lines were busy.",
    "queue": "{business}: sorry for the long wait.",
    "closed": "{business}: closed until {opens}.",
    "closed_undated": "{business}: we're closed just now.",
    "voicemail_left": "{business}: thanks for your voicemail.",
    "voicemail_silent": "{business}: sorry nobody could answer.",
    "later": "{business}: sorry we missed your call.",
}
_HEALTH = asking_nothing_else(
    _WHEN_TO_RING, "When may we ring you? No health details, please. Emergency: {emergency_number}."
)
_LAW = asking_nothing_else(_WHEN_TO_RING, "When may we ring you back? Please send nothing about your case.")

WORDS = Words(
    general={
        "missed": "{business}: sorry, we couldn't get to the phone just now. What can we help with? Text us here.",
        "missed_returning": "{business}: good to hear from you again, and sorry we missed you. What can we do for you?",
        "busy": "{business}: all our lines were busy, sorry. What do you need? A person reads these.",
        "queue": "{business}: sorry that the wait was too long. What can we help with? A person reads these.",
        "closed": "{business}: we're closed until {opens}. Tell us what you need and we'll text or call you then.",
        "closed_undated": "{business}: we're closed just now. Tell us what you need and we'll text or call you back.",
        "holiday": "{business}: we're closed for the holiday until {opens}. Tell us what you need and we'll reply "
        "then.",
        "holiday_undated": "{business}: we're closed for the holiday. Tell us what you need and we'll text or call you "
        "back.",
        "voicemail_left": "{business}: thanks, your voicemail reached us. Would a text or a call back suit you better?",
        "voicemail_silent": "{business}: sorry we missed you. No need to leave a message: what can we help with? Text "
        "us here.",
        "later": "{business}: sorry we missed your call earlier. We're here now: what can we help with?",
    },
    trades={
        Trade.PLUMBER: {
            "missed": "{business}: sorry we missed you. Is something leaking at the moment, yes or no? And in which "
            "street?",
            "closed": "{business}: closed until {opens}. Is water running where it shouldn't, yes or no?",
        },
        Trade.HEATING: {
            "missed": "{business}: sorry we missed you. Has the heating failed, or is it for a service? Gas smell: "
            "call {emergency_number}.",
            "closed": "{business}: closed until {opens}. Has it stopped altogether, or can it wait? Gas smell: call "
            "{emergency_number}.",
        },
        Trade.ELECTRICIAN: {
            "missed": "{business}: sorry we missed you. What has stopped working? If anything smokes or sparks, call "
            "{emergency_number}.",
            "closed": "{business}: closed until {opens}. What has stopped working? Smoke or sparks: call "
            "{emergency_number}.",
        },
        Trade.GARAGE: {
            "missed": "{business}: sorry we missed you. Which car is it, and what does it do that it shouldn't?",
        },
        Trade.ROOFER: {
            "missed": "{business}: sorry we missed you. Is it letting water in, or would you like a quote? And where?",
        },
        Trade.LOCKSMITH: {
            "missed": "{business}: sorry we missed you. Are you locked out at the moment? Text us where you are.",
        },
        Trade.PEST_CONTROL: {
            "missed": "{business}: sorry we missed you. Which animals are they, and what's the postcode?",
        },
        Trade.CLEANING: {
            "missed": "{business}: sorry we missed you. Is it a home or an office, and about how big?",
        },
        Trade.DENTIST: _HEALTH,
        Trade.CLINIC: _HEALTH,
        Trade.VET: {
            "missed": "{business}: sorry we missed you. Is your animal in distress now, or is it about an appointment?",
            "closed": "{business}: closed until {opens}. Is your animal in distress now, or can it wait until then?",
        },
        Trade.LAW: _LAW,
        Trade.ACCOUNTANT: {
            "missed": "{business}: sorry we missed you. When would a call back suit you?",
        },
        Trade.LETTING: {
            "missed": "{business}: sorry we missed you. Which flat or house is it about, and what is wrong there?",
        },
        Trade.ESTATE_AGENT: {
            "missed": "{business}: sorry we missed you. Which property is it about, and when may we ring you?",
        },
        Trade.RESTAURANT: {
            "missed": "{business}: sorry we missed you. Would you like a table or a takeaway, and when?",
        },
        Trade.SALON: {
            "missed": "{business}: sorry we missed you. What would you like done, and which day suits you?",
        },
    },
    service={
        "opted_out": (
            "{business}: done - you won't get more texts from us. You can still call {phone}.",
            "{business}: done - you won't get more texts from us. You can still call us.",
        ),
        "opted_in": ("{business}: texts are back on for your number. Reply STOP any time to end them.",),
        "help": (
            "{business}: we text people whose call we missed. Call {phone}. STOP ends texts. Msg rates may apply.",
            "{business}: we text people whose call we missed. STOP ends texts. Msg rates may apply.",
        ),
    },
    shortest="{business}: sorry we missed you.",
    write_here="Text us here.",
    when_to_ring="When may we ring?",
    in_danger="Emergency: {emergency_number}.",
    shortest_opt_out="STOP to end.",
    missed_you="sorry we missed you.",
    missed_you_again="hello again, sorry we missed you.",
    opt_out="Reply STOP to opt out.",
    told_to_send=("reply", "reply with", "text", "text back", "send", "write", "answer"),
    offers=("discount", "discounts", "deal", "deals", "offer", "offers", "sale", "promo", "promotion", "voucher",
            "coupon", "bargain", "for free", "free of charge", "half price", "free quote", "free quotes",
            "free estimate", "free estimates", "free survey", "free inspection", "free consultation", "free valuation",
            "free visit", "free check", "free call out", "free callout", "free service", "free delivery", "free gift",
            "free trial", "get one free"),
    tomorrow="tomorrow",
    weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    months=("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
            "November", "December"),
)  # fmt: skip
