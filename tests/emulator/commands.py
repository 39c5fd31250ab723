"""AT commands and their answers (3GPP TS 27.005 and 27.007, ITU-T V.250); what is not here is ``ERROR``."""

import dataclasses
import re
from collections.abc import Callable

from tests.emulator import pdu
from tests.emulator.equipment import Equipment
from tests.emulator.sim import ABSENT, BUSY, PIN_TRIES

_LINE = re.compile(r"AT(?P<name>[+^$*&]?[A-Z]*)(?P<operator>=\?|\?|=|)(?P<argument>.*)", re.IGNORECASE | re.DOTALL)
_NUMBERS = {"+CMEE": "cmee", "+CREG": "creg", "+CGREG": "cgreg", "+CSMS": "csms"}
_SWITCHES = {"+CMGF": "text_mode", "+CLIP": "clip", "+CTZR": "ctzr", "^CURC": "curc"}
_IGNORED = ("+CCWA", "+CUSD")
_LISTED = {"0": (0,), "1": (1,), "4": (0, 1)}
"""``stat`` of AT+CMGL= → those of the messages."""
_DELETED = {"1": (1,), "2": (1,), "3": (1,), "4": (0, 1)}
"""``delflag`` of AT+CMGD=,flag; nothing that was sent lies here."""
_INVALID_INDEX, _MEMORY_FAILURE, _NO_TEXT_MODE, _NOT_SUPPORTED = 321, 320, 305, 303


class Refused(Exception):
    """The final line is this one, not ``OK``."""


def execute(equipment: Equipment, line: str) -> str:
    """Carry out any command but AT+CMGS; the lines before ``OK``. Raises Refused."""
    found = _LINE.fullmatch(line)
    if found is None:
        raise Refused("ERROR")
    name, operator, argument = found["name"].upper(), found["operator"], found["argument"]
    if not operator and argument:  # ATE1
        operator = "="
    try:
        if name in _NUMBERS or name in _SWITCHES:
            return _setting(equipment, name, operator, argument)
        if name in _IGNORED and operator == "=":
            return ""
        answer = _ANSWERS.get(name + operator)
        if answer is None:
            raise Refused("ERROR")
        return answer(equipment, argument)
    except (ValueError, KeyError, IndexError):
        raise Refused("ERROR") from None


def refuse_texts(equipment: Equipment) -> None:
    """Raise Refused where texts cannot be had from the SIM, or in text mode, which this modem has not."""
    if equipment.sim.cms:
        raise Refused(f"+CMS ERROR: {equipment.sim.cms}")
    if equipment.settings.text_mode:
        raise Refused(f"+CMS ERROR: {_NO_TEXT_MODE}")


def _refuse_sim(equipment: Equipment) -> None:
    if equipment.sim.cme:
        raise Refused(equipment.cme_error(equipment.sim.cme))


def _setting(equipment: Equipment, name: str, operator: str, argument: str) -> str:
    if name == "^CURC" and equipment.identity.maker.lower() != "huawei":
        raise Refused("ERROR")
    field = _NUMBERS.get(name) or _SWITCHES[name]
    match operator:
        case "=":
            value = int(argument.split(",")[0])
            setattr(equipment.settings, field, value if name in _NUMBERS else bool(value))
            return ""
        case "?":
            value = int(getattr(equipment.settings, field))
            registration = f",{equipment.registration(value)}" if name in ("+CREG", "+CGREG") else ""
            return f"{name}: {value}{registration}"
        case "=?":
            return f"{name}: (0-2)" if name in _NUMBERS else f"{name}: (0,1)"
        case _:
            raise Refused("ERROR")


# --- the modem -------------------------------------------------------------------------------------


def _echo(equipment: Equipment, argument: str) -> str:
    equipment.settings.echo = argument == "1"
    return ""


def _forget(equipment: Equipment, _argument: str) -> str:
    equipment.settings = dataclasses.replace(equipment.defaults)
    return ""


def _information(equipment: Equipment, _argument: str) -> str:
    identity = equipment.identity
    return (
        f"Manufacturer: {identity.maker}\r\nModel: {identity.model}\r\nRevision: {identity.revision}\r\n"
        f"IMEI: {identity.imei}"
    )


def _functionality(equipment: Equipment, argument: str) -> str:
    level, _, reset = argument.partition(",")
    equipment.functionality = int(level)
    if reset == "1":
        equipment.restart()
    else:
        equipment.switch_radio()
    return ""


def _character_set(equipment: Equipment, argument: str) -> str:
    equipment.settings.cscs = argument.strip('"')
    return ""


# --- the SIM ---------------------------------------------------------------------------------------


def _pin_state(equipment: Equipment, _argument: str) -> str:
    if equipment.sim.state in (ABSENT, BUSY):
        raise Refused(equipment.cme_error(equipment.sim.cme))
    return f"+CPIN: {equipment.sim.state}"


def _enter_pin(equipment: Equipment, argument: str) -> str:
    error = equipment.sim.enter(*(code.strip('"') for code in argument.split(",")))
    if error:
        raise Refused(equipment.cme_error(error))
    equipment.switch_radio()
    return ""


def _pin_tries(equipment: Equipment, _argument: str) -> str:
    return f"+CPINR: SIM PIN,{equipment.sim.tries},{PIN_TRIES}"


def _imsi(equipment: Equipment, _argument: str) -> str:
    _refuse_sim(equipment)
    return equipment.sim.imsi


def _own_number(equipment: Equipment, _argument: str) -> str:
    _refuse_sim(equipment)
    return f'+CNUM: "","{equipment.sim.number}",145' if equipment.sim.number else ""


def _service_centre(equipment: Equipment, _argument: str) -> str:
    if equipment.sim.cms:
        raise Refused(f"+CMS ERROR: {equipment.sim.cms}")
    number = equipment.sim.service_centre
    return f'+CSCA: "{number}",{145 if number.startswith("+") else 129}'


def _set_service_centre(equipment: Equipment, argument: str) -> str:
    _service_centre(equipment, "")
    equipment.sim.service_centre = argument.split(",")[0].strip('"')
    return ""


# --- the network -----------------------------------------------------------------------------------


def _operator(equipment: Equipment, _argument: str) -> str:
    network = equipment.network
    if not network.registered:
        return "+COPS: 0"
    name = network.plmn if equipment.settings.cops_format == 2 else network.operator
    return f'+COPS: 0,{equipment.settings.cops_format},"{name}"'


def _choose_operator(equipment: Equipment, argument: str) -> str:
    mode, *rest = argument.split(",")
    if mode == "3":
        equipment.settings.cops_format = int(rest[0])
    else:
        equipment.network.attach(wanted=mode != "2")
    return ""


def _operators(equipment: Equipment, _argument: str) -> str:
    network = equipment.network
    return f'+COPS: (2,"{network.operator}","{network.operator}","{network.plmn}"),,(0-4),(0-2)'


def _hang_up(equipment: Equipment, _argument: str) -> str:
    equipment.network.end_call()
    return ""


# --- texts -----------------------------------------------------------------------------------------


def _announcements(equipment: Equipment, argument: str) -> str:
    if not re.fullmatch(equipment.announceable, argument):
        raise Refused(f"+CMS ERROR: {_NOT_SUPPORTED}")
    given = tuple(int(number) for number in argument.split(","))
    equipment.settings.cnmi = given + equipment.settings.cnmi[len(given) :]
    return ""


def _stores(equipment: Equipment, _argument: str) -> str:
    sizes = equipment.storage.sizes
    readable = ",".join(f'"{name}"' for name in sizes)
    others = ",".join(f'"{name}"' for name in sizes if name != "SR")
    return f"+CPMS: ({readable}),({others}),({others})"


def _chosen_stores(equipment: Equipment, _argument: str) -> str:
    refuse_texts(equipment)
    return "+CPMS: " + ",".join(f'"{name}",{equipment.storage.usage(name)}' for name in equipment.settings.cpms)


def _choose_stores(equipment: Equipment, argument: str) -> str:
    refuse_texts(equipment)
    given = tuple(name.strip('"') for name in argument.split(","))
    usages = [equipment.storage.usage(name) for name in (*given, *equipment.settings.cpms[len(given) :])]
    first, second, third = (*given, *equipment.settings.cpms[len(given) :])
    equipment.settings.cpms = first, second, third
    return "+CPMS: " + ",".join(usages)


def _list_messages(equipment: Equipment, argument: str) -> str:
    refuse_texts(equipment)
    name = equipment.settings.cpms[0]
    lines = []
    for place, (state, message) in sorted(equipment.storage.stores[name].items()):
        if state in _LISTED[argument]:
            equipment.storage.read(name, place)
            lines.append(f"+CMGL: {place},{state},,{pdu.tpdu_length(message)}\r\n{message.hex().upper()}")
    return "\r\n".join(lines)


def _read_message(equipment: Equipment, argument: str) -> str:
    refuse_texts(equipment)
    found = equipment.storage.read(equipment.settings.cpms[0], int(argument))
    if found is None:
        raise Refused(f"+CMS ERROR: {_INVALID_INDEX}")
    state, message = found
    return f"+CMGR: {state},,{pdu.tpdu_length(message)}\r\n{message.hex().upper()}"


def _delete_message(equipment: Equipment, argument: str) -> str:
    refuse_texts(equipment)
    store = equipment.storage.stores[equipment.settings.cpms[0]]
    place, _, flag = argument.partition(",")
    if flag in ("", "0"):
        store.pop(int(place), None)
    else:
        states = _DELETED[flag]
        for doomed in [number for number, (state, _) in store.items() if state in states]:
            del store[doomed]
    equipment.network.deliver_held()
    return ""


_ANSWERS: dict[str, Callable[[Equipment, str], str]] = {
    "": lambda _equipment, _argument: "",
    "E=": _echo,
    "Z": _forget,
    "Z=": _forget,
    "&F": _forget,
    "&F=": _forget,
    "I": _information,
    "H": _hang_up,
    "H=": _hang_up,
    "+CHUP": _hang_up,
    "+CGMI": lambda equipment, _argument: equipment.identity.maker,
    "+CGMM": lambda equipment, _argument: equipment.identity.model,
    "+CGMR": lambda equipment, _argument: equipment.identity.revision,
    "+CGSN": lambda equipment, _argument: equipment.identity.imei,
    "+CFUN=": _functionality,
    "+CFUN?": lambda equipment, _argument: f"+CFUN: {equipment.functionality}",
    "+CSCS?": lambda equipment, _argument: f'+CSCS: "{equipment.settings.cscs}"',
    "+CSCS=?": lambda _equipment, _argument: '+CSCS: ("GSM","IRA","UCS2")',
    "+CSCS=": _character_set,
    "+CPIN?": _pin_state,
    "+CPIN=": _enter_pin,
    "+CPINR": _pin_tries,
    "+CIMI": _imsi,
    "+CNUM": _own_number,
    "+CSCA?": _service_centre,
    "+CSCA=": _set_service_centre,
    "+CSQ": lambda equipment, _argument: f"+CSQ: {equipment.network.signal},99",
    "+CGATT?": lambda equipment, _argument: f"+CGATT: {int(equipment.network.registered)}",
    "+COPS?": _operator,
    "+COPS=": _choose_operator,
    "+COPS=?": _operators,
    "+CNMI=?": lambda _equipment, _argument: "+CNMI: (0-2),(0-3),(0,2),(0-2),(0,1)",
    "+CNMI?": lambda equipment, _argument: "+CNMI: " + ",".join(map(str, equipment.settings.cnmi)),
    "+CNMI=": _announcements,
    "+CNMA": lambda equipment, _argument: equipment.acknowledge(),
    "+CNMA=": lambda equipment, _argument: equipment.acknowledge(),
    "+CPMS=?": _stores,
    "+CPMS?": _chosen_stores,
    "+CPMS=": _choose_stores,
    "+CMGL=": _list_messages,
    "+CMGR=": _read_message,
    "+CMGD=": _delete_message,
}
"""The letters after AT, and ``=``, ``?`` or ``=?``; a number right behind the letters counts as ``=``."""
