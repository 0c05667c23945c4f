"""Clients: how a caller comes in through each of the three doors, with httpx."""

import asyncio
import ssl
from typing import Literal

import httpx
from starlette.types import ASGIApp

from sandbox.server import Running
from sandbox.vendors import vendor

DoorName = Literal["process", "path", "host"]


class InProcess(httpx.BaseTransport):
    """Answers a synchronous client from an ASGI application, with no socket."""

    def __init__(self, app: ASGIApp) -> None:
        """Answer from `app`."""
        self.inner = httpx.ASGITransport(app)
        self.runner = asyncio.Runner()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request, whole."""
        return self.runner.run(self._answer(request))

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        given = httpx.Request(
            request.method, request.url, headers=request.headers, content=request.read()
        )
        answer = await self.inner.handle_async_request(given)
        content = b"".join([chunk async for chunk in answer.aiter_raw()])
        # As it went over the wire: its length and its coding belong to `content`.
        return httpx.Response(
            answer.status_code, headers=answer.headers, content=content
        )

    def close(self) -> None:
        """End the event loop."""
        self.runner.close()


def in_process(app: ASGIApp, name: str) -> httpx.Client:
    """Return a client of a vendor that needs no server at all."""
    return httpx.Client(
        base_url=f"https://{vendor(name).hosts[0]}", transport=InProcess(app)
    )


def client(running: Running, name: str, door: DoorName) -> httpx.Client:
    """Return a client of a vendor, through the door that is named."""
    if door == "process":
        return in_process(running.app, name)
    if door == "path":
        return httpx.Client(base_url=f"{running.url}/{name}", trust_env=False)
    return httpx.Client(
        base_url=f"https://{vendor(name).hosts[0]}",
        proxy=running.door.url,
        verify=ssl.create_default_context(cafile=running.door.ca_file),
        trust_env=False,
    )
