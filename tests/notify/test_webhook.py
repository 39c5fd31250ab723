"""A webhook, to a real web server on loopback: what arrives, its signature, and what each answer is taken for."""

import asyncio
import base64
import hashlib
import hmac
from typing import Any, Literal

import pytest

from tests.builders import NOON
from tests.notify import web_server
from tests.notify.web_server import HOST
from textbackd.notify.errors import NotifyRefused, NotifyUnavailable
from textbackd.notify.settings import WebhookSettings
from textbackd.notify.webhook import Webhook

DOCUMENT = {"event": "alarm.raised", "problem": "PBX büro cannot be reached"}


async def post(url: str, **values: Any) -> None:
    await Webhook(WebhookSettings(url=url, **values)).post(DOCUMENT, "alarm-1-raised", NOON)


async def test_a_document_arrives_signed() -> None:
    """By whoever knows the secret, at this time, under an id that is the same at each try."""
    async with web_server.listening() as server:
        await post(server.url, secret="s3cret")

    (request,) = server.requests
    assert "POST /hooks/alarms?key=1 HTTP/1.1" == request.line
    assert request.json == DOCUMENT
    assert "application/json" == request.headers["content-type"]
    assert ("alarm-1-raised", "1795003200") == (request.headers["webhook-id"], request.headers["webhook-timestamp"])
    digest = hmac.new(b"s3cret", b"alarm-1-raised.1795003200." + request.body, hashlib.sha256).digest()
    assert f"v1,{base64.b64encode(digest).decode()}" == request.headers["webhook-signature"]


async def test_without_a_secret_it_is_not_signed() -> None:
    """For those who cannot look at a signature."""
    async with web_server.listening() as server:
        await post(server.url)

    assert "webhook-signature" not in server.requests[0].headers


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("500 Internal Server Error", NotifyUnavailable),
        ("503 Busy", NotifyUnavailable),
        ("429 Slower", NotifyUnavailable),
        ("400 Bad Request", NotifyRefused),
        ("401 Who?", NotifyRefused),
        ("404 Not Found", NotifyRefused),
    ],
)
async def test_a_document_that_is_not_taken(answer: str, error: type[Exception]) -> None:
    """The far end's trouble: later; ours: not like this. The path, which may be a secret, is not told."""
    async with web_server.listening() as server:
        server.answer = answer
        with pytest.raises(error, match=f"^{HOST} answered {answer[:3]}$"):
            await post(server.url)


async def test_a_redirection_is_not_followed() -> None:
    """The document is for nobody else."""
    async with web_server.listening() as other, web_server.listening() as server:
        server.answer, server.headers = "307 Over There", {"location": other.url}
        with pytest.raises(NotifyRefused, match="answered 307, to go to http://"):
            await post(server.url)

    assert [] == other.requests


@pytest.mark.parametrize("manner", ["stall", "hang up"])
async def test_a_server_that_leaves_us_alone(manner: Literal["stall", "hang up"]) -> None:
    """Within the time-out it is known that nothing is known: later again."""
    async with web_server.listening() as server:
        server.manner = manner
        begin = asyncio.get_running_loop().time()
        with pytest.raises(NotifyUnavailable):
            await post(server.url, timeout=0.5)
        assert asyncio.get_running_loop().time() - begin < 2


async def test_an_answer_without_end_is_cut() -> None:
    """Its head says all."""
    async with web_server.listening() as server:
        server.manner = "babble"
        await post(server.url, timeout=5)

    assert 1 == len(server.requests)


async def test_nobody_there() -> None:
    """As long as it takes."""
    with pytest.raises(NotifyUnavailable, match=f"{HOST}: "):
        await post(f"http://{HOST}:1/")
