"""The far end of a serial port, as far as the dialogue before gammu goes: it says what it is told to say."""

import contextlib
import os
import threading
import time
import tty
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

Reply = str | None | Callable[[], str | None]
"""What comes before and with the final line; None: nothing at all."""


def ok(*lines: str) -> str:
    """An answer with a good end."""
    return said(*lines, "OK")


def said(*lines: str) -> str:
    """Lines as a modem writes them."""
    return "".join(f"\r\n{line}\r\n" for line in lines)


class AtFarEnd:
    """Answers by a table for one ``with``; ERROR to what is not in it. ``device`` is the path to open.

    A thread of its own: what it plays with is opened by blocking code.
    """

    def __init__(
        self, device: Path, replies: Mapping[str, Reply] | None = None, *, echo: bool = True, seconds: float = 0
    ) -> None:
        """``seconds``: how long it thinks about each answer; it echoes what it was told at once."""
        self.device = device
        self.replies: dict[str, Reply] = {"AT": ok(), "ATE1": ok(), "AT+CMEE=1": ok(), **(replies or {})}
        self.commands: list[str] = []
        self.in_prompt = False
        """Whether it waits for a text, as after AT+CMGS; what comes then is kept in ``texts``."""
        self.texts: list[str] = []
        self.heard = threading.Event()
        """Set with each command; for whoever waits for one."""
        self.echoes = echo
        self._seconds = seconds
        self._line = b""

    def __enter__(self) -> Self:
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.device.unlink(missing_ok=True)
        self.device.symlink_to(os.ttyname(self._slave))
        self._plugged = True
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._plugged:
            # A byte of our own gets the thread out of its read.
            self._plugged = False
            os.write(self._slave, b"\r")
            os.close(self._slave)
        self._thread.join()

    def unplug(self) -> None:
        """To be called while it answers: the port is gone when this answer is over."""
        self._plugged = False
        os.close(self._slave)
        self.device.unlink()

    def say(self, text: str) -> None:
        """Unasked."""
        os.write(self._master, text.encode("ascii"))

    @property
    def slave(self) -> int:
        """This end's own descriptor of the port."""
        return self._slave

    def _serve(self) -> None:
        # Read fails when nobody has the other end open any more.
        with contextlib.suppress(OSError):
            while self._plugged:
                for octet in os.read(self._master, 4096):
                    self._take(bytes((octet,)))
        os.close(self._master)

    def _take(self, octet: bytes) -> None:
        if self.echoes and self._plugged:
            os.write(self._master, octet)
        match octet:
            case b"\x1b":
                self._line, self.in_prompt = b"", False
            case b"\x1a" if self.in_prompt:
                self.texts.append(self._line.decode("ascii"))
                self._line, self.in_prompt = b"", False
            case b"\r" if not self.in_prompt:
                command, self._line = self._line.decode("ascii"), b""
                if command and self._plugged:
                    self._obey(command)
            case _:
                self._line += octet

    def _obey(self, command: str) -> None:
        self.commands.append(command)
        reply = self.replies.get(command, said("ERROR"))
        text = reply() if callable(reply) else reply
        self.heard.set()
        time.sleep(self._seconds)
        if text is not None and self._plugged:
            os.write(self._master, text.encode("ascii"))
