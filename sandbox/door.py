"""Door: the vendors under their real hostnames, over TLS, through a loopback proxy.

A client that is told `HTTPS_PROXY` asks this door to CONNECT it to, say, api.stripe.com
and gets a connection on which the sandbox itself answers, with a certificate of an
authority that is the home's own. The client needs nothing else: same addresses, same
TLS, same authentication as with the vendor. No other host is ever reached: there is no
code here that opens a connection.

TLS ends inside the HTTP server's own protocol, so no byte is copied from one socket to
another, and a lost answer closes the client's connection as it does on the plain door.
"""

import asyncio
import re
import socket
import ssl
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, cast

import trustme
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from sandbox.home import kept
from sandbox.hosts import TLS_PORT, pinned
from sandbox.wire import dump

# A CONNECT is one line and some headers; 8 KiB is what proxies commonly take.
MAX_HEAD_BYTES = 8 * 1024
HEAD_SECONDS = 10.0
HANDSHAKE_SECONDS = 10.0
# How long a closing side waits for the other's farewell: a pooled client that is asleep
# never sends one, and stopping must not wait for it.
FAREWELL_SECONDS = 0.2

_LINE: Final = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+) (\S+) HTTP/1\.[01]")
_TARGET: Final = re.compile(r"([0-9A-Za-z.-]+|\[[0-9A-Fa-f:.]+\]):([0-9]{1,5})")
_REASONS = {
    400: "Bad Request",
    403: "Forbidden",
    405: "Method Not Allowed",
    408: "Request Timeout",
    431: "Request Header Fields Too Large",
}

MakeProtocol = Callable[[], HttpToolsProtocol]


class Refused(Exception):  # noqa: N818 -- it carries an answer, not a defect
    """The door says no."""

    def __init__(self, status: int, sentence: str) -> None:
        """Carry the status and the sentence."""
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


class Authority:
    """A home's certificate authority: who trusted it before a restart still does."""

    def __init__(self, ca_file: Path) -> None:
        """Take the authority that was kept beside `ca_file`, or make it; write both.

        `ca_file` is the certificate, which clients must trust; the key stands beside
        it as `.key`, readable by its owner alone.

        Raises:
            ValueError: what was kept is no authority.
            OSError: it cannot be read or written.
        """
        key_file = ca_file.with_suffix(".key")
        # One file for both, so that a kill never leaves one without the other.
        content = kept(key_file, _made)
        key, begin, certificate = content.partition(b"-----BEGIN CERTIFICATE")
        try:
            self._ca = trustme.CA.from_pem(begin + certificate, key)
        except ValueError as error:
            sentence = f"{key_file} holds no authority of the sandbox's: remove it."
            raise ValueError(sentence) from error
        self._ca.cert_pem.write_to_path(ca_file)
        self.ca_file = ca_file
        self._contexts: dict[str, ssl.SSLContext] = {}

    def context(self, host: str) -> ssl.SSLContext:
        """Return what speaks TLS as `host`; its certificate is made once."""
        context = self._contexts.get(host)
        if context is None:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.set_alpn_protocols(["http/1.1"])
            # Python reads a server's key from a file only: this one exists for the
            # moment of reading, and is the host's, not the authority's.
            self._ca.issue_cert(host).configure_cert(context)
            self._contexts[host] = context
        return context


def _made() -> bytes:
    made = trustme.CA(organization_name="Concord's sandbox")
    return made.private_key_pem.bytes() + made.cert_pem.bytes()


class Door:
    """The proxy: whom it lets through, and the connections that are not through yet."""

    def __init__(
        self,
        bound: socket.socket,
        app: ASGIApp,
        hosts: Iterable[str],
        authority: Authority,
    ) -> None:
        """Let `app` answer as `hosts`, with certificates of the authority's.

        ValueError if `bound` can be reached from other machines.
        """
        address = bound.getsockname()
        if address[0] != "127.0.0.1":
            raise ValueError(f"the door opens on 127.0.0.1 only, not on {address[0]}")
        self.bound = bound
        self.hosts = {host: pinned(app, host) for host in hosts}
        self.ca_file = authority.ca_file
        self.url = f"http://127.0.0.1:{address[1]}"
        self.authority = authority
        self.waiting: set[Caller] = set()

    async def open(self, make: MakeProtocol) -> asyncio.Server:
        """Let callers in; `make` returns the HTTP protocol of one connection."""
        loop = asyncio.get_running_loop()
        return await loop.create_server(lambda: Caller(self, make), sock=self.bound)

    def close(self) -> None:
        """Turn away who is not through yet."""
        for caller in tuple(self.waiting):
            caller.abort()

    def environment(self) -> dict[str, str]:
        """Return the settings with which clients find the door and trust it."""
        return {
            "HTTPS_PROXY": self.url,
            "NO_PROXY": "127.0.0.1,localhost",
            "SSL_CERT_FILE": str(self.ca_file),
            "REQUESTS_CA_BUNDLE": str(self.ca_file),
        }

    def admit(self, received: bytes) -> str | None:
        """Return the host that a request asks for, none while its head is not whole.

        Raises:
            Refused: it asks for something else, or for nothing that can be read.
        """
        head, end, more = received.partition(b"\r\n\r\n")
        if len(head) > MAX_HEAD_BYTES:
            raise Refused(431, f"A head has at most {MAX_HEAD_BYTES} bytes.")
        if not end:
            return None
        try:
            line = head.partition(b"\r\n")[0].decode("ascii")
        except UnicodeDecodeError:
            line = ""
        request = _LINE.fullmatch(line)
        if request is None:
            raise Refused(400, "That is no HTTP request.")
        method, target = request.groups()
        if method != "CONNECT":
            sentence = "This door takes CONNECT only: ask for a vendor over https."
            raise Refused(403 if "://" in target else 405, sentence)
        named = _TARGET.fullmatch(target)
        if named is None:
            raise Refused(
                400, "CONNECT names a host and a port, as in example.com:443."
            )
        host, port = named[1].lower().removesuffix("."), int(named[2])
        if host not in self.hosts:
            sentence = (
                f"{host} is no vendor of this sandbox, which reaches nobody else."
            )
            raise Refused(403, sentence)
        if port != TLS_PORT:
            raise Refused(403, f"{host} is served on port {TLS_PORT} only.")
        if more:
            raise Refused(400, "Wait for the answer to CONNECT before you go on.")
        return host


class Caller(asyncio.Protocol):
    """A connection that has not said yet to whom it wants to speak."""

    transport: asyncio.Transport

    def __init__(self, door: Door, make: MakeProtocol) -> None:
        """Wait for the request head."""
        self.door = door
        self.make = make
        self.head = b""
        self.passing: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait."""
        self.transport = cast("asyncio.Transport", transport)  # uvloop has its own
        self.door.waiting.add(self)
        self.loop = asyncio.get_running_loop()
        late = Refused(408, "No request came.")
        self.deadline = self.loop.call_later(HEAD_SECONDS, self._refuse, late)

    def data_received(self, data: bytes) -> None:
        """Take a piece of the head; let through or refuse once it is there."""
        if self.transport.is_closing():
            return
        self.head += data
        try:
            host = self.door.admit(self.head)
        except Refused as refusal:
            self._refuse(refusal)
            return
        if host is None:
            return
        self.deadline.cancel()
        # What comes next is TLS and not for us.
        self.transport.pause_reading()
        self.transport.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self.passing = self.loop.create_task(self._pass(host))

    def connection_lost(self, _error: Exception | None) -> None:
        """Forget it."""
        self.deadline.cancel()
        self.door.waiting.discard(self)

    def abort(self) -> None:
        """End it at once."""
        self.deadline.cancel()
        self.transport.abort()

    def _refuse(self, refusal: Refused) -> None:
        self.deadline.cancel()
        body = dump({"error": refusal.sentence})
        head = (
            f"HTTP/1.1 {refusal.status} {_REASONS[refusal.status]}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            "Connection: close\r\n\r\n"
        )
        self.transport.write(head.encode("ascii") + body)
        self.transport.close()

    async def _pass(self, host: str) -> None:
        """Speak TLS as the vendor, then hand the connection to the HTTP server."""
        early = _Early()
        try:
            tls = await self.loop.start_tls(
                self.transport,
                early,
                self.door.authority.context(host),
                server_side=True,
                ssl_handshake_timeout=HANDSHAKE_SECONDS,
                ssl_shutdown_timeout=FAREWELL_SECONDS,
            )
        except OSError:  # no handshake: a client that does not trust us, or went away
            self.transport.abort()
            return
        finally:
            self.door.waiting.discard(self)
        if tls is None or early.lost:
            return
        protocol = self.make()
        protocol.app = self.door.hosts[host]
        tls.set_protocol(protocol)
        protocol.connection_made(tls)
        if early.data:
            protocol.data_received(early.data)
        else:
            # The server's own timer starts with the first answer only.
            protocol.timeout_keep_alive_task = self.loop.call_later(
                protocol.timeout_keep_alive, protocol.timeout_keep_alive_handler
            )


class _Early(asyncio.Protocol):
    """Keeps what comes with the last message of a handshake, before we are told."""

    def __init__(self) -> None:
        self.data = b""
        self.lost = False

    def data_received(self, data: bytes) -> None:
        self.data += data

    def connection_lost(self, _error: Exception | None) -> None:
        self.lost = True
