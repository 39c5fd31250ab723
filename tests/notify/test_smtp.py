"""Mail, to a real mail server on loopback: what arrives, and what each refusal is taken for."""

import asyncio
import dataclasses
import socket
import ssl
from pathlib import Path
from typing import Any

import pytest

from tests.daemon.said import Said
from tests.notify import mail_server
from tests.notify.mail_server import HOST, PASSWORD, USER, Manner
from textbackd.notify.errors import NotifyRefused, NotifyUnavailable
from textbackd.notify.settings import Security, SmtpSettings
from textbackd.notify.smtp import Smtp

IT, BOSS = "it@office.example", "boss@office.example"


def smtp(port: int, **values: Any) -> Smtp:
    """A client without TLS and login."""
    settings = SmtpSettings(
        server=HOST, port=port, security=Security.NONE, sender="textbackd@office.example", to=(IT, BOSS), timeout=10
    )
    return Smtp(dataclasses.replace(settings, **values))


async def send(client: Smtp) -> None:
    await client.send("PBX büro is down", "It cannot be reached — since noon.\n", "alarm-1-raised")


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """The server's side of a certificate that this machine trusts."""
    context, path = mail_server.certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    return context


async def test_a_mail_arrives_as_it_was_written() -> None:
    """To every address, with any letters, under an id that is the same at each try; no holiday note is wanted."""
    async with mail_server.listening() as server:
        await send(smtp(server.port))
        await send(smtp(server.port))

    first, second = server.mails
    assert ("PBX büro is down", "textbackd@office.example") == (first["Subject"], first["From"])
    assert "It cannot be reached — since noon.\n" == first.get_content().replace("\r\n", "\n")
    assert f"{IT}, {BOSS}" == first["To"]
    assert "<alarm-1-raised.textbackd@office.example>" == first["Message-ID"] == second["Message-ID"]
    assert "auto-generated" == first["Auto-Submitted"]
    assert first["Date"].datetime.tzinfo is not None


async def test_a_login() -> None:
    """With the right password a mail goes; with a wrong one it is refused, with the server's words."""
    async with mail_server.listening(login=True) as server:
        await send(smtp(server.port, user=USER, password=PASSWORD))
        with pytest.raises(NotifyRefused, match=rf"{HOST}:\d+ refuses the login of {USER}: 535 5.7.8"):
            await send(smtp(server.port, user=USER, password="wrong"))
        with pytest.raises(NotifyRefused, match=r"says 530 5.7.0 Authentication required"):
            await send(smtp(server.port))

    assert 1 == len(server.mails)
    assert True is server.logins[0]
    assert {False} == set(server.logins[1:])


async def test_starttls(trusted: ssl.SSLContext) -> None:
    """The password goes after it."""
    async with mail_server.listening(login=True, starttls=trusted) as server:
        await send(smtp(server.port, security=Security.STARTTLS, user=USER, password=PASSWORD))

    assert 1 == len(server.mails)
    assert [True] == server.logins


async def test_tls_from_the_first_byte(trusted: ssl.SSLContext) -> None:
    """As on port 465."""
    async with mail_server.listening(tls=trusted) as server:
        await send(smtp(server.port, security=Security.TLS))

    assert 1 == len(server.mails)


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
async def test_a_certificate_that_nobody_vouches_for(security: Security, tmp_path: Path) -> None:
    """Refused, before the password is said."""
    context, _ = mail_server.certificate(tmp_path)
    starttls, tls = (context, None) if security is Security.STARTTLS else (None, context)
    async with mail_server.listening(login=True, starttls=starttls, tls=tls) as server:
        with pytest.raises(NotifyRefused, match=r"no TLS with it .its certificate: self.signed"):
            await send(smtp(server.port, security=security, user=USER, password=PASSWORD))

    assert ([], []) == (server.mails, server.logins)


async def test_a_server_without_tls_gets_no_password() -> None:
    """It may be somebody else's, between us and the right one."""
    async with mail_server.listening(login=True) as server:
        for security in (Security.STARTTLS, Security.TLS):
            with pytest.raises(NotifyRefused, match=r"STARTTLS extension not supported|no TLS with it"):
                await send(smtp(server.port, security=security, user=USER, password=PASSWORD))

    assert [] == server.logins


@pytest.mark.parametrize(
    ("answer", "error"),
    [("451 greylisted, come back", NotifyUnavailable), ("554 no spam here", NotifyRefused)],
)
async def test_a_mail_that_is_not_taken(answer: str, error: type[Exception]) -> None:
    """4xx: later; 5xx: not like this."""
    async with mail_server.listening() as server:
        server.answer = answer
        with pytest.raises(error, match=f"says {answer}"):
            await send(smtp(server.port))


async def test_one_address_of_two_is_refused(said: Said) -> None:
    """The other one has its mail; a second try would be its second mail."""
    async with mail_server.listening() as server:
        server.refused = {IT: "550 unknown"}
        await send(smtp(server.port))

    assert 1 == len(server.mails)
    assert 1 == len(said.events("mail_address_refused", address=IT, error="550 unknown"))


@pytest.mark.parametrize(("answer", "error"), [("450 busy", NotifyUnavailable), ("550 unknown", NotifyRefused)])
async def test_every_address_is_refused(answer: str, error: type[Exception]) -> None:
    """Each is named, with the server's words."""
    async with mail_server.listening() as server:
        server.refused = {IT: answer, BOSS: answer}
        with pytest.raises(error, match=f"takes no mail for {IT}: {answer}; {BOSS}: {answer}"):
            await send(smtp(server.port))


@pytest.mark.parametrize("manner", ["stall", "hang up"])
async def test_a_server_that_leaves_us_alone(manner: Manner) -> None:
    """Within the time-out it is known that nothing is known: later again."""
    async with mail_server.listening() as server:
        server.manner = manner
        begin = asyncio.get_running_loop().time()
        with pytest.raises(NotifyUnavailable):
            await send(smtp(server.port, timeout=0.5))
        assert asyncio.get_running_loop().time() - begin < 2


async def test_nobody_there() -> None:
    """Neither a server nor an answer."""
    with pytest.raises(NotifyUnavailable, match=f"{HOST}:1: .*"):
        await send(smtp(1))
    with socket.create_server((HOST, 0)) as silent, pytest.raises(NotifyUnavailable, match=r"did not answer in 0.3 s"):
        await send(smtp(silent.getsockname()[1], timeout=0.3))


async def test_a_server_that_does_not_say_goodbye() -> None:
    """The mail was taken: a QUIT that is not answered makes it no second one."""
    async with mail_server.listening() as server:
        server.manner = "take and stall"
        await send(smtp(server.port))

    assert 1 == len(server.mails)


async def test_a_probe_sends_nothing() -> None:
    """It logs in, and says so."""
    async with mail_server.listening(login=True) as server:
        found = await smtp(server.port, user=USER, password=PASSWORD).probe()
        with pytest.raises(NotifyRefused, match="refuses the login"):
            await smtp(server.port, user=USER, password="wrong").probe()

    assert f"{HOST}:{server.port}, logged in as {USER}, no TLS" == found
    assert [] == server.mails
