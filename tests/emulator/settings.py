"""What a modem is told and forgets when it starts anew."""

import dataclasses


@dataclasses.dataclass(slots=True, kw_only=True)
class Settings:
    """The defaults are those of 3GPP TS 27.005 and 27.007: nothing is announced, and nothing pushed."""

    echo: bool = True
    """ATE1."""
    cmee: int = 0
    text_mode: bool = False
    """AT+CMGF=1."""
    cnmi: tuple[int, ...] = (0, 0, 0, 0, 0)
    """mode, mt, bm, ds, bfr."""
    csms: int = 0
    """AT+CSMS: 1 for phase 2+, where what is handed out wants AT+CNMA."""
    cpms: tuple[str, str, str] = ("SM", "SM", "SM")
    """Where is read and deleted, where is written, where comes in what comes."""
    creg: int = 0
    cgreg: int = 0
    cops_format: int = 0
    """0 the long name, 2 the number."""
    cscs: str = "GSM"
    clip: bool = False
    ctzr: bool = False
    curc: bool = True
    """AT^CURC=1: Huawei's own URCs."""
