"""The settings of the network: through which proxy, trusting whom."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from ingestion.errors import Refused, Transient
from ingestion.systems import system
from ingestion.transport import network

STRIPE = {"STRIPE_API_KEY": "sk_test_x", "STRIPE_URL": "https://api.stripe.com"}


@contextmanager
def refusing() -> Iterator[tuple[str, list[bytes]]]:
    """Give the address of a proxy that refuses everything, and what it was asked."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    caller, _ = listener.accept()
                except OSError:
                    return
                with caller:
                    asked.append(caller.recv(1024).partition(b"\r\n")[0])
                    caller.sendall(
                        b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
                    )

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"127.0.0.1:{listener.getsockname()[1]}", asked
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_nothing_said_changes_nothing() -> None:
    """Without settings the client behaves as it does by itself."""
    assert network.transport({"STRIPE_URL": "https://api.stripe.com"}) is None


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
@pytest.mark.parametrize("scheme", ["", "http://"])
def test_a_system_is_reached_through_the_proxy_of_its_settings(
    name: str, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mapping decides, whatever the process inherited."""
    monkeypatch.setattr("ingestion.transport.rest._FIRST_WAIT_SECONDS", 0.001)
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with refusing() as (proxy, asked):
        environ = {**STRIPE, name: f"{scheme}{proxy}"}

        with (
            system("stripe").connect(environ) as rest,
            pytest.raises(Transient, match=r"api\.stripe\.com cannot be reached"),
        ):
            rest.get("/v1/customers")

    assert set(asked) == {b"CONNECT api.stripe.com:443 HTTP/1.1"}


@pytest.mark.parametrize("exempt", ["localhost, 127.0.0.1", "*", ".0.0.1"])
def test_addresses_that_need_no_proxy_are_reached_directly(exempt: str) -> None:
    """NO_PROXY keeps this machine's own servers out of it."""
    with refusing() as (proxy, asked), refusing() as (server, directly):
        way = network.transport({"HTTP_PROXY": proxy, "NO_PROXY": exempt})
        with httpx.Client(transport=way) as client:
            client.get(f"http://{server}/here")

    assert (asked, directly) == ([], [b"GET /here HTTP/1.1"])


def test_plain_addresses_do_not_go_through_the_proxy_for_tls() -> None:
    """HTTPS_PROXY is for https."""
    with refusing() as (proxy, asked), refusing() as (server, directly):
        way = network.transport({"HTTPS_PROXY": proxy})
        with httpx.Client(transport=way) as client:
            client.get(f"http://{server}/here")

    assert (asked, directly) == ([], [b"GET /here HTTP/1.1"])


@pytest.mark.parametrize(
    ("setting", "value", "named"),
    [
        ("SSL_CERT_FILE", "/no/such.pem", "SSL_CERT_FILE: /no/such.pem holds no"),
        ("HTTPS_PROXY", "gopher://user:hidden@there:1", "HTTPS_PROXY, HTTP_PROXY or"),
        (
            "ALL_PROXY",
            "http://there:port",
            "HTTPS_PROXY, HTTP_PROXY or ALL_PROXY is not",
        ),
    ],
)
def test_a_setting_that_cannot_be_used_is_one_sentence(
    setting: str, value: str, named: str
) -> None:
    """The person reads which setting it is; a password in it is not repeated."""
    with pytest.raises(Refused, match=named) as caught:
        system("stripe").connect({**STRIPE, setting: value})

    assert "hidden" not in str(caught.value)
    assert "correct it, then run again" in str(caught.value)


def test_a_file_of_other_things_is_no_certificate(tmp_path: Path) -> None:
    """Nobody goes on with the machine's certificates instead."""
    other = tmp_path / "ca.pem"
    other.write_text("not a certificate")

    with pytest.raises(Refused, match="SSL_CERT_FILE"):
        system("stripe").connect({**STRIPE, "SSL_CERT_FILE": str(other)})
