"""A webhook: JSON by POST to an address of the office's, signed as https://www.standardwebhooks.com has it.

``webhook-signature`` is ``v1,`` and the Base64 of HMAC-SHA256 over ``id.timestamp.body``, with the bytes of the secret
as its key. The receiver drops what is older than some minutes, and what it has by the same ``webhook-id`` already.
"""

import asyncio
import base64
import contextlib
import datetime as dt
import hashlib
import hmac
import json
import ssl
from collections.abc import Iterator, Mapping
from typing import Any

import httpx2

import textbackd
from textbackd.notify.errors import NotifyRefused, NotifyUnavailable
from textbackd.notify.settings import WebhookSettings

LATER = frozenset({408, 425, 429})
"""Answers below 500 that say: try again (RFC 9110 §15.5.9, RFC 8470, RFC 6585)."""


class Webhook:
    """Posts documents."""

    def __init__(self, settings: WebhookSettings) -> None:
        self._settings = settings
        self._where = str(httpx2.URL(settings.url).host)  # the rest of an address may be a secret itself

    async def post(self, document: Mapping[str, Any], key: str, now: dt.datetime) -> None:
        """Post one document; any answer of 2xx is well. ``key`` is the same at each try of the same one.

        A redirection is refused, and not followed: the document is for this address alone. Raises NotifyUnavailable or
        NotifyRefused.
        """
        body = json.dumps(document, ensure_ascii=False).encode()
        headers = {"content-type": "application/json", "user-agent": f"textbackd/{textbackd.__version__}"}
        headers |= signed(body, key, now, self._settings.secret)
        # Reads the machine's certificates, which takes a tenth of a second.
        tls = await asyncio.to_thread(ssl.create_default_context)
        with self._translated():
            async with (
                asyncio.timeout(self._settings.timeout),
                httpx2.AsyncClient(timeout=None, verify=tls) as client,
                # Of the answer only its head is wanted, however long it is.
                client.stream("POST", self._settings.url, content=body, headers=headers) as answer,
            ):
                status, elsewhere = answer.status_code, answer.headers.get("location", "")
        if 200 <= status < 300:
            return
        if status >= 500 or status in LATER:
            raise NotifyUnavailable(f"{self._where} answered {status}")
        if 300 <= status < 400:
            raise NotifyRefused(f"{self._where} answered {status}, to go to {elsewhere}: give the final address")
        raise NotifyRefused(f"{self._where} answered {status}")

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        """The one door where the library's errors become ours."""
        try:
            yield
        except TimeoutError as error:
            raise NotifyUnavailable(f"{self._where} did not answer in {self._settings.timeout:g} s") from error
        except httpx2.HTTPError as error:
            raise NotifyUnavailable(f"{self._where}: {error or type(error).__name__}") from error


def signed(body: bytes, key: str, now: dt.datetime, secret: str) -> dict[str, str]:
    """The headers that name and sign a document; without a secret they only name it."""
    timestamp = str(int(now.timestamp()))
    headers = {"webhook-id": key, "webhook-timestamp": timestamp}
    if secret:
        content = f"{key}.{timestamp}.".encode() + body
        digest = hmac.new(secret.encode(), content, hashlib.sha256).digest()
        headers["webhook-signature"] = "v1," + base64.b64encode(digest).decode()
    return headers
