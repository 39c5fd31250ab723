"""The gammu calls that textbackd makes (python-gammu 3.5.1 ships no types)."""

from collections.abc import Callable
from typing import Any

class GSMError(Exception):
    """args[0] is ``{"Text", "Where", "Code"}``."""

class ERR_TIMEOUT(GSMError): ...  # noqa: N801, N818

class StateMachine:
    def ReadConfig(self, Section: int, Configuration: int, Filename: str) -> None: ...  # noqa: N802, N803
    def Init(self, Replies: int = 1) -> None: ...  # noqa: N802, N803
    def SetIncomingCallback(self, Callback: Callable[[StateMachine, str, dict[str, Any]], None]) -> None: ...  # noqa: N802, N803
    def ReadDevice(self, Wait: bool = False) -> int: ...  # noqa: N802, N803
    def GetSMS(self, Folder: int, Location: int) -> list[dict[str, Any]]: ...  # noqa: N802, N803
    def SendSMS(self, Value: dict[str, Any]) -> int: ...  # noqa: N802, N803

def EncodeSMS(MessageInfo: dict[str, Any]) -> list[dict[str, Any]]: ...  # noqa: N802, N803
