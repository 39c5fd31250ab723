"""A mail server on loopback, by aiosmtpd: keeps what it takes, and refuses, stalls or hangs up as it is told."""

import asyncio
import contextlib
import email
import email.policy
import ssl
import subprocess
import warnings
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Literal

import aiosmtpd.smtp
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session

from tests.lab.changes import Changes

USER, PASSWORD = "textbackd", "not-a-secret"
HOST = "127.0.0.1"

Manner = Literal["take", "stall", "hang up", "take and stall"]


class MailServer:
    """What came in, and how the next mails are taken. Made by ``listening``."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.logins: list[bool] = []
        """Whether each was right."""
        self.port = 0
        self.manner: Manner = "take"
        """With the next mails, once they are here whole; take and stall: no answer to the QUIT."""
        self.answer = "250 taken"
        """To the next mails, where they are taken or refused."""
        self.stalled = asyncio.Event()
        """Set when a mail was here whole that is not answered."""
        self.refused: dict[str, str] = {}
        """Address -> answer."""
        self._changes = Changes()

    async def until(self, count: int, within: float = 20.0) -> EmailMessage:
        """The ``count``-th mail, past or to come."""
        subjects = [mail["Subject"] for mail in self.mails]
        await self._changes.until(lambda: len(self.mails) >= count, lambda: f"no mail {count}, {subjects}", within)
        return self.mails[count - 1]

    async def handle_RCPT(  # noqa: N802 - the name is aiosmtpd's
        self, server: aiosmtpd.smtp.SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """One addressee."""
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - the name is aiosmtpd's
        self, server: aiosmtpd.smtp.SMTP, session: Session, envelope: Envelope
    ) -> str:
        """A whole mail."""
        if self.manner == "stall":
            self.stalled.set()
            await asyncio.Event().wait()
        if self.manner != "hang up" and self.answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.mails.append(email.message_from_bytes(envelope.content, EmailMessage, policy=email.policy.default))
            self._changes.announce()
        if self.manner == "hang up":
            _cut(server)
        return self.answer

    def authenticate(
        self, server: aiosmtpd.smtp.SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        """The login."""
        assert isinstance(data, LoginPassword)
        right = (USER.encode(), PASSWORD.encode()) == (data.login, data.password)
        self.logins.append(right)
        return AuthResult(success=right, handled=False)


def _cut(session: aiosmtpd.smtp.SMTP) -> None:
    if isinstance(session.transport, asyncio.WriteTransport):
        session.transport.abort()


class _Session(aiosmtpd.smtp.SMTP):
    async def smtp_QUIT(self, arg: str) -> None:  # noqa: N802 - the name is aiosmtpd's
        if self.event_handler.manner == "take and stall":
            await asyncio.Event().wait()
        await super().smtp_QUIT(arg)


@contextlib.asynccontextmanager
async def listening(
    *, login: bool = False, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None, port: int = 0
) -> AsyncIterator[MailServer]:
    """A server until the end of the block; with ``login`` nobody sends without one."""
    mail_server = MailServer()
    loop = asyncio.get_running_loop()
    sessions: list[aiosmtpd.smtp.SMTP] = []

    def session() -> aiosmtpd.smtp.SMTP:
        with warnings.catch_warnings(action="ignore"):  # that a password may cross the loopback in the clear
            sessions.append(
                _Session(
                    mail_server,
                    hostname="mail.example",
                    tls_context=starttls,
                    require_starttls=starttls is not None,
                    authenticator=mail_server.authenticate,
                    auth_required=login,
                    auth_require_tls=starttls is not None,
                    loop=loop,
                )
            )
        return sessions[-1]

    server = await loop.create_server(session, HOST, port, ssl=tls)
    mail_server.port = server.sockets[0].getsockname()[1]
    try:
        yield mail_server
    finally:
        server.close()
        for one in sessions:
            _cut(one)
        handlers = [one._handler_coroutine for one in sessions if one._handler_coroutine is not None]
        for handler in handlers:
            handler.cancel()
        await asyncio.gather(*handlers, return_exceptions=True)


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's side of TLS for 127.0.0.1, and the file by which a client trusts it."""
    key, path = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-keyout", str(key), "-out", str(path), "-days", "2"),
            *("-subj", "/CN=mail.example", "-addext", "subjectAltName=IP:127.0.0.1"),
        ],
        check=True,
        capture_output=True,
        timeout=30,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path, key)
    return context, path
