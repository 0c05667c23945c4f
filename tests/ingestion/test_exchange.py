"""Exchanges end: in time, in size, and with a sentence that names the system."""

import gzip
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from ingestion.errors import Refused, SystemFault, Transient, Unknown
from ingestion.transport.auth import FixedHeader
from ingestion.transport.exchange import Bounds
from ingestion.transport.rest import Rest
from tests.ingestion.test_rest import by_status

Speak = Callable[[socket.socket], None]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@contextmanager
def saying(speak: Speak, bounds: Bounds | None = None) -> Iterator[Rest]:
    """Give a client of a server that reads a request and then says what it likes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    caller, _ = listener.accept()
                except OSError:
                    return
                with caller:
                    caller.recv(65536)
                    with suppress(OSError):  # the client has had enough
                        speak(caller)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with Rest(
            "vendor", url, FixedHeader("Bearer k"), by_status, bounds=bounds
        ) as rest:
            yield rest
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def whole(body: bytes, *headers: bytes) -> Speak:
    """Say a body with a head that fits it, and these headers."""
    lines = b"".join(header + b"\r\n" for header in headers)
    length = f"Content-Length: {len(body)}\r\n\r\n".encode()
    return lambda caller: caller.sendall(HEAD + lines + length + body)


def trickle(head: bytes, part: bytes) -> Speak:
    """Say the head, then a part every 20 ms, for ever."""

    def speak(caller: socket.socket) -> None:
        caller.sendall(head)
        while True:
            caller.sendall(part)
            time.sleep(0.02)

    return speak


@pytest.mark.parametrize(
    "speak",
    [
        trickle(HEAD + b"Content-Length: 1000000\r\n\r\n", b" "),
        trickle(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        trickle(HEAD, b"X-More: 1\r\n"),
    ],
    ids=["body", "chunks", "headers"],
)
def test_an_answer_that_never_ends_is_ended(
    speak: Speak, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A byte now and then keeps no run waiting, whether of the body or of its head."""
    monkeypatch.setattr("ingestion.transport.rest._ATTEMPTS", 1)
    bounds = Bounds(seconds=0.3)
    began = time.monotonic()

    with saying(speak, bounds) as rest:
        with pytest.raises(Transient, match="vendor: GET /things"):
            rest.get("/things")
        with pytest.raises(Unknown, match="the answer was lost"):
            rest.write("POST", "/things", json={})

    assert time.monotonic() - began < 3


BOMB = gzip.compress(b"[" + b" " * 30_000_000 + b"]")


@pytest.mark.parametrize(
    "speak",
    [
        whole(BOMB, b"Content-Encoding: gzip"),
        whole(zlib.compress(b" " * 30_000_000), b"Content-Encoding: deflate"),
        whole(gzip.compress(BOMB), b"Content-Encoding: gzip, gzip"),
        whole(b"x", b"Content-Encoding: br"),
        whole(b" " * 2_000_000),
        trickle(
            HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"ffff\r\n%65535s\r\n" % b""
        ),
    ],
    ids=["gzip", "deflate", "twice", "unknown", "long", "chunks"],
)
def test_an_answer_that_is_too_large_is_refused(speak: Speak) -> None:
    """A page is megabytes; a bomb is stopped before it is unpacked."""
    with saying(speak, Bounds(seconds=20, size=1_000_000)) as rest:
        with pytest.raises(Refused, match=r"vendor: GET /things: the answer is"):
            rest.get("/things")
        with pytest.raises(Unknown):
            rest.write("POST", "/things", json={})


@pytest.mark.parametrize(
    "speak",
    [
        lambda caller: caller.sendall(HEAD + b"Content-Length: 99\r\n\r\n{}"),
        lambda caller: caller.sendall(HEAD + b"Content-Length: 2, 3\r\n\r\n{}"),
        lambda caller: caller.sendall(HEAD + b"Content-Length: -1\r\n\r\n{}"),
        lambda caller: caller.sendall(
            HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{}"
        ),
        lambda caller: caller.sendall(b"220 smtp.vendor.test ESMTP\r\n"),
        whole(b"not packed", b"Content-Encoding: gzip"),
        whole(b'{"a": 1'),
        lambda caller: caller.sendall(HEAD + b"Content-Length: 3\r\n\r\n[1, 2]"),
    ],
    ids=["short", "two", "negative", "chunk", "smtp", "unpacked", "cut", "long"],
)
def test_an_answer_that_is_not_whole_is_a_fault_and_never_data(
    speak: Speak, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a page is no page; of a write nobody knows what became."""
    monkeypatch.setattr("ingestion.transport.rest._FIRST_WAIT_SECONDS", 0.001)
    with saying(speak) as rest:
        with pytest.raises(SystemFault, match="vendor"):
            rest.parsed(rest.get("/things"))
        with pytest.raises(Unknown):
            rest.write("POST", "/things", json={})


def test_an_answer_that_is_packed_is_unpacked() -> None:
    """What a vendor sends packed arrives whole."""
    packed = gzip.compress(b'{"a": [1, 2.5]}')
    with saying(whole(packed, b"Content-Encoding: gzip")) as rest:
        response = rest.get("/things")

    assert response.content == b'{"a": [1, 2.5]}'
    assert "content-encoding" not in response.headers
