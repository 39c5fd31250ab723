"""Connecting to a PBX; where that fails, what to look at."""

import asyncio
import errno
import os
import re
import socket
from collections.abc import Awaitable

from textbackd.pbx.source import PbxUnavailable

TIMEOUT = 10.0
"""Seconds: for the connection, for the greeting, and for the answer to the login; FreeSWITCH itself waits 25."""
UNREACHABLE = "see that pbx[].host is right, that the machine is up, and that no firewall stands between"
UNKNOWN_NAME = "see that pbx[].host is right, and that this machine can look names up"


def address(host: str, port: int) -> str:
    """Where a PBX listens, for people."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


async def establish(connecting: Awaitable[object], host: str, port: int, *, if_refused: str) -> None:
    """Wait for a connection. Raises PbxUnavailable with what to look at: ``if_refused`` where nothing listens."""
    where = address(host, port)
    try:
        async with asyncio.timeout(TIMEOUT):
            await connecting
    except TimeoutError as error:
        raise PbxUnavailable(f"{where} cannot be reached (no answer within {TIMEOUT:g} s): {UNREACHABLE}") from error
    except UnicodeError as error:  # a label that is empty or too long
        raise PbxUnavailable(f"{host!r} is no host name: {UNKNOWN_NAME}") from error
    except socket.gaierror as error:
        raise PbxUnavailable(f"the name {host!r} is not known ({error.strerror}): {UNKNOWN_NAME}") from error
    except OSError as error:
        # Of a name with several addresses asyncio tells all failures in one message, without an errno.
        numbers = [int(number) for number in re.findall(r"\[Errno (\d+)\]", str(error))]
        if errno.ECONNREFUSED in numbers:
            raise PbxUnavailable(f"{where} refused the connection: {if_refused}") from error
        why = ", ".join(dict.fromkeys(map(os.strerror, numbers))) or str(error)
        raise PbxUnavailable(f"{where} cannot be reached ({why}): {UNREACHABLE}") from error
