"""Deadline: an end for all the waiting of one exchange.

A timeout of httpx begins anew with every byte, and a server may send its headers one
by one. The connections made here look at the deadline of the thread's exchange before
each wait, so that their sum is bounded too.
"""

import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import httpcore
import httpx

_end: ContextVar[float | None] = ContextVar("_end", default=None)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Let every wait inside the block end by then."""
    before = _end.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _end.reset(before)


def bounded(transport: httpx.HTTPTransport) -> httpx.HTTPTransport:
    """Return the transport with connections that keep the deadline."""
    # httpx takes no backend for its pool; the pool itself documents one.
    pool: Any = transport._pool  # noqa: SLF001 -- see above; a test holds it
    pool._network_backend = _Backend(pool._network_backend)  # noqa: SLF001 -- the same
    return transport


def _left(timeout: float | None, late: type[Exception]) -> float | None:
    """Return how long a wait may be: as long as allowed, and not beyond the end."""
    end = _end.get()
    if end is None:
        return timeout
    left = end - time.monotonic()
    if left <= 0:
        raise late("the exchange has taken too long")
    return left if timeout is None else min(timeout, left)


class _Backend(httpcore.NetworkBackend):
    """Makes connections that keep the deadline."""

    def __init__(self, backend: httpcore.NetworkBackend) -> None:
        self._backend = backend

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        allowed = _left(timeout, httpcore.ConnectTimeout)
        return _Stream(
            self._backend.connect_tcp(
                host, port, allowed, local_address, socket_options
            )
        )


class _Stream(httpcore.NetworkStream):
    """A connection that keeps the deadline."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        allowed = _left(timeout, httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, allowed))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
