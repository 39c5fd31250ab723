"""What it takes to tell people by mail or by a webhook."""

import dataclasses
import enum


class Security(enum.StrEnum):
    """How the connection to a mail server is kept from others' eyes."""

    STARTTLS = "starttls"
    """Begins in the clear (RFC 3207); a server that does not offer TLS gets nothing."""
    TLS = "tls"
    """From the first byte on (RFC 8314)."""
    NONE = "none"


PORTS = {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}
"""RFC 6409, RFC 8314, RFC 5321."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SmtpSettings:
    """A mail server, and who writes to whom."""

    server: str
    port: int
    security: Security = Security.STARTTLS
    user: str = ""
    """Empty: without a login."""
    password: str = dataclasses.field(default="", repr=False)
    sender: str
    to: tuple[str, ...]
    timeout: float = 30.0
    """Seconds for the whole of a mail."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSettings:
    """Where to, and the secret that both ends know."""

    url: str = dataclasses.field(repr=False)
    """Often a secret itself."""
    secret: str = dataclasses.field(default="", repr=False)
    """Empty: unsigned."""
    timeout: float = 10.0
    """Seconds for the whole request."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class AlarmSettings:
    """The channels on which alarms go, beside the log."""

    mail: SmtpSettings | None = None
    webhook: WebhookSettings | None = None
    sms: bool = True
    """To the owners, where neither of the others got through."""
