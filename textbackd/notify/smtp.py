"""Mail, by a mail server of the office's or the provider's.

A mail has got through once the server took it. Where that is not known it is sent again, with the same Message-ID:
mail servers and readers drop the second by it.
"""

import asyncio
import contextlib
import email.policy
import email.utils
import ssl
from collections.abc import AsyncIterator, Iterator
from email.message import EmailMessage

import aiosmtplib
import structlog

from textbackd.notify.errors import NotifyRefused, NotifyUnavailable
from textbackd.notify.settings import Security, SmtpSettings

log = structlog.get_logger()

GOODBYE = 0.5
"""Seconds for a QUIT; the mail is on its way whether it is answered or not."""


class Smtp:
    """Sends mails, each over a connection of its own."""

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._where = f"{settings.server}:{settings.port}"

    async def send(self, subject: str, text: str, key: str) -> None:
        """Send one mail to all addresses. ``key`` is the same at each try of the same mail.

        Raises NotifyUnavailable or NotifyRefused where no address got it. An address that the server refuses while it
        takes others is logged: a second try would double the others' mail.
        """
        message = self._message(subject, text, key)
        async with self._connected() as server:
            refused, _ = await server.send_message(message)
        for address, answer in refused.items():
            log.warning("mail_address_refused", server=self._where, address=address, error=_said(answer))

    async def probe(self) -> str:
        """Log in and send nothing: what there is. Raises as ``send`` does."""
        async with self._connected():
            pass
        settings = self._settings
        who = f"logged in as {settings.user}" if settings.user else "without a login"
        return f"{self._where}, {who}, {'no TLS' if settings.security is Security.NONE else settings.security}"

    def _message(self, subject: str, text: str, key: str) -> EmailMessage:
        message = EmailMessage(policy=email.policy.SMTP)
        message["From"] = self._settings.sender
        message["To"] = ", ".join(self._settings.to)
        message["Subject"] = subject
        message["Date"] = email.utils.localtime()
        message["Message-ID"] = f"<{key}.textbackd@{self._settings.sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notes in return
        message.set_content(text)
        return message

    @contextlib.asynccontextmanager
    async def _connected(self) -> AsyncIterator[aiosmtplib.SMTP]:
        """A server that took the login; whatever fails until the end of the block is translated."""
        settings = self._settings
        # Reads the machine's certificates, which takes a tenth of a second.
        tls = None if settings.security is Security.NONE else await asyncio.to_thread(ssl.create_default_context)
        server = aiosmtplib.SMTP(
            hostname=settings.server,
            port=settings.port,
            # The library would ask the DNS for this machine's name, and a stop would wait for the answer.
            local_hostname=settings.sender.rpartition("@")[2],
            username=settings.user or None,
            password=settings.password or None,
            use_tls=settings.security is Security.TLS,
            start_tls=settings.security is Security.STARTTLS,
            tls_context=tls,
            timeout=settings.timeout,
        )
        try:
            with self._translated():
                async with asyncio.timeout(settings.timeout):
                    await server.connect()
                    yield server
            with contextlib.suppress(aiosmtplib.SMTPException, TimeoutError):
                async with asyncio.timeout(GOODBYE):
                    await server.quit()
        finally:
            server.close()

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        """The one door where the library's errors become ours. Replies of 4xx may be better later (RFC 5321 §4.2.1)."""
        try:
            yield
        except aiosmtplib.SMTPAuthenticationError as error:
            whose = f"{self._where} refuses the login of {self._settings.user}"
            raise _by_code(error.code, f"{whose}: {_said((error.code, error.message))}") from error
        except aiosmtplib.SMTPRecipientsRefused as error:
            each = "; ".join(f"{one.recipient}: {_said((one.code, one.message))}" for one in error.recipients)
            worst = max(one.code for one in error.recipients)
            raise _by_code(worst, f"{self._where} takes no mail for {each}") from error
        except aiosmtplib.SMTPResponseException as error:
            raise _by_code(error.code, f"{self._where} says {_said((error.code, error.message))}") from error
        except TimeoutError as error:  # the library's time-outs are such, too
            raise NotifyUnavailable(f"{self._where} did not answer in {self._settings.timeout:g} s") from error
        except (aiosmtplib.SMTPException, OSError) as error:
            if (tls := _tls_error(error)) is not None:
                hint = "see whether alarms.mail.security and port fit, and whether the certificate is valid"
                raise NotifyRefused(f"{self._where}: no TLS with it ({tls}): {hint}") from error
            if type(error) in (aiosmtplib.SMTPException, aiosmtplib.SMTPNotSupported):  # no STARTTLS, no AUTH
                raise NotifyRefused(f"{self._where} cannot do what is configured: {error}") from error
            raise NotifyUnavailable(f"{self._where}: {error}") from error


def _by_code(code: int, message: str) -> NotifyUnavailable | NotifyRefused:
    return NotifyUnavailable(message) if 400 <= code < 500 else NotifyRefused(message)


def _said(answer: tuple[int, str]) -> str:
    code, words = answer
    return " ".join(f"{code} {words}".split())


def _tls_error(error: BaseException | None) -> str | None:
    """What TLS found wrong, somewhere behind the error that the library made of it."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return f"its certificate: {error.verify_message}"
        if isinstance(error, ssl.SSLError):
            return str(error.reason or error).lower().replace("_", " ")
        error = error.__cause__ or error.__context__
    return None
