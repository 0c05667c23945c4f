"""Hosts: which vendor a request is for, by the name of the host that it gives."""

from collections.abc import Mapping

from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.wire import answer

TLS_PORT = 443


def host_of(scope: Scope) -> str:
    """Return the host that a request names, without its port; empty if none."""
    for name, value in scope["headers"]:
        if name == b"host":
            text: str = value.decode("latin-1").lower()
            return text.removesuffix(f":{TLS_PORT}")
    return ""


def pinned(app: ASGIApp, host: str) -> ASGIApp:
    """Return `app` for connections to `host`: another Host header is misdirected."""

    async def checked(scope: Scope, receive: Receive, send: Send) -> None:
        named = host_of(scope)
        if named == host:
            await app(scope, receive, send)
            return
        sentence = f"This connection leads to {host}, not to {named or 'nobody'}."
        await answer({"error": sentence}, 421)(scope, receive, send)

    return checked


class ByHost:
    """Sends requests for a vendor's hostname to it, and all others further on."""

    def __init__(self, app: ASGIApp, hosts: Mapping[str, ASGIApp]) -> None:
        """Stand before `app`."""
        self.app = app
        self.hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        app = self.hosts.get(host_of(scope)) if scope["type"] == "http" else None
        await (app or self.app)(scope, receive, send)
