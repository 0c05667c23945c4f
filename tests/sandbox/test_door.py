"""The door under the vendors' own hostnames: who comes through, who is turned away."""

import contextlib
import re
import socket
import ssl
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

import sandbox.door
from sandbox.clients import DoorName, client
from sandbox.clock import Clock
from sandbox.credentials import Credentials
from sandbox.door import Authority, Door
from sandbox.server import application, running
from sandbox.store import Store
from tests.sandbox.doors import Doors

ZENDESK = "concord.zendesk.com"
DOORS: tuple[DoorName, ...] = ("process", "path", "host")


@pytest.fixture
def zendesk(open_doors: Callable[..., Doors]) -> Doors:
    """The small company's support desk alone."""
    return open_doors(only=["zendesk"])


def said(doors: Doors, *pieces: bytes) -> str:
    """Send bytes to the door; return all that it says until it hangs up."""
    with socket.create_connection(("127.0.0.1", port(doors)), timeout=5) as caller:
        with contextlib.suppress(ConnectionError):
            for piece in pieces:
                caller.sendall(piece)
        heard = b""
        with contextlib.suppress(ConnectionError):
            while more := caller.recv(65536):
                heard += more
    return heard.decode()


def port(doors: Doors) -> int:
    """Return the door's port."""
    return int(doors.proxy.rpartition(":")[2])


def tunnel(doors: Doors, host: str) -> ssl.SSLSocket:
    """Return a connection to a vendor, past the handshake."""
    caller = socket.create_connection(("127.0.0.1", port(doors)), timeout=5)
    caller.sendall(f"CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n\r\n".encode())
    assert caller.recv(1024).startswith(b"HTTP/1.1 200 ")
    trusting = ssl.create_default_context(cafile=doors.ca_file)
    return trusting.wrap_socket(caller, server_hostname=host)


def relative(text: str, doors: Doors) -> str:
    """Return a body without the part of its addresses that tells the door."""
    return re.sub(rf"https://{ZENDESK}|{doors.url}/zendesk", "", text)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/api/v2/incremental/users/cursor.json?start_time=0&per_page=2", None),
        ("GET", "/api/v2/organizations/show_many?ids=101,102", None),
        ("GET", "/api/v2/no/such/thing", None),
        ("POST", "/api/v2/incremental/users/cursor.json", {"a": 1}),
        ("PUT", "/api/v2/organizations/update_many", {"organizations": "none"}),
    ],
)
def test_a_request_has_the_same_answer_through_all_doors(
    zendesk: Doors, method: str, path: str, body: Any
) -> None:
    """Status, body and headers agree, but for the address the vendor is known by."""
    answers = []
    for door in DOORS:
        with zendesk.client("zendesk", door) as caller:
            caller.auth = (f"{zendesk.keys.zendesk_email}/token", _token(zendesk))
            answer = caller.request(method, path, json=body)
        kept = {
            name: value
            for name, value in answer.headers.items()
            if name in ("content-type", "location", "retry-after")
        }
        answers.append((answer.status_code, relative(answer.text, zendesk), kept))

    assert answers[0] == answers[1] == answers[2]


def _token(doors: Doors) -> str:
    return doors.keys.zendesk_api_token


def test_addresses_in_answers_lead_back_through_the_same_door(zendesk: Doors) -> None:
    """The next page that a vendor names is an address under its own hostname."""
    with zendesk.client("zendesk") as caller:
        caller.auth = (f"{zendesk.keys.zendesk_email}/token", _token(zendesk))
        path = "/api/v2/incremental/users/cursor.json"
        first = caller.get(path, params={"start_time": 0, "per_page": 2}).json()

        second = caller.get(first["after_url"]).json()

    assert first["after_url"].startswith(f"https://{ZENDESK}{path}?")
    assert [user["id"] for user in first["users"] + second["users"]] == [501, 502, 503]


@pytest.mark.parametrize(
    ("request_line", "status", "sentence"),
    [
        ("CONNECT example.com:443", 403, "example.com is no vendor of this sandbox"),
        ("CONNECT 127.0.0.1:443", 403, "127.0.0.1 is no vendor of this sandbox"),
        ("CONNECT [::1]:443", 403, "is no vendor of this sandbox"),
        (f"CONNECT {ZENDESK}.example.com:443", 403, "is no vendor of this sandbox"),
        (f"CONNECT {ZENDESK}:80", 403, f"{ZENDESK} is served on port 443 only."),
        (f"CONNECT {ZENDESK}:99999", 403, f"{ZENDESK} is served on port 443 only."),
        (f"CONNECT {ZENDESK}", 400, "CONNECT names a host and a port"),
        (f"CONNECT https://{ZENDESK}:443", 400, "CONNECT names a host and a port"),
        ("CONNECT user@host:443", 400, "CONNECT names a host and a port"),
        ("GET http://example.com/", 403, "This door takes CONNECT only"),
        (f"POST http://{ZENDESK}/api", 403, "This door takes CONNECT only"),
        ("GET /", 405, "This door takes CONNECT only"),
    ],
)
def test_whoever_asks_for_something_else_is_told_so(
    zendesk: Doors, request_line: str, status: int, sentence: str
) -> None:
    """Other hosts, ports and methods are refused in one sentence, and hung up on."""
    heard = said(zendesk, f"{request_line} HTTP/1.1\r\nHost: x\r\n\r\n".encode())

    assert heard.startswith(f"HTTP/1.1 {status} ")
    assert sentence in heard


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 400),
        (b"CONNECT concord.zendesk.com:443\r\n\r\n", 400),
        (b"CONNECT concord.zendesk.com:443 HTTP/2\r\n\r\n", 400),
        ("CONNECT zendesk.cöm:443 HTTP/1.1\r\n\r\n".encode(), 400),
        (b"CONNECT concord.zendesk.com:443 HTTP/1.1\r\n\r\n\x16\x03\x01", 400),
        (b"CONNECT concord.zendesk.com:443 HTTP/1.1\r\nX: " + b"x" * 9000, 431),
    ],
)
def test_what_cannot_be_read_is_refused(
    zendesk: Doors, sent: bytes, status: int
) -> None:
    """Broken, oversized and impatient requests are answered and hung up on."""
    assert said(zendesk, sent).startswith(f"HTTP/1.1 {status} ")


def test_a_request_may_arrive_in_pieces(zendesk: Doors) -> None:
    """Nothing but the end of the head decides."""
    heard = said(zendesk, *(bytes([each]) for each in b"GET / HTTP/1.1\r\n\r\n"))

    assert heard.startswith("HTTP/1.1 405 ")


def test_a_caller_who_says_nothing_is_sent_away(
    zendesk: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection without a request does not stay."""
    monkeypatch.setattr(sandbox.door, "HEAD_SECONDS", 0.05)

    assert said(zendesk, b"CONNECT ").startswith("HTTP/1.1 408 ")


def test_a_caller_who_never_shakes_hands_is_sent_away(
    zendesk: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tunnel in which nobody speaks TLS does not stay."""
    monkeypatch.setattr(sandbox.door, "HANDSHAKE_SECONDS", 0.05)

    heard = said(zendesk, f"CONNECT {ZENDESK}:443 HTTP/1.1\r\n\r\n".encode())

    assert heard == "HTTP/1.1 200 Connection established\r\n\r\n"


def test_whoever_speaks_no_tls_in_the_tunnel_is_sent_away(zendesk: Doors) -> None:
    """Plain HTTP after CONNECT is no handshake; the next caller is served."""
    with socket.create_connection(("127.0.0.1", port(zendesk)), timeout=5) as caller:
        caller.sendall(f"CONNECT {ZENDESK}:443 HTTP/1.1\r\n\r\n".encode())
        caller.recv(1024)
        caller.sendall(b"GET / HTTP/1.1\r\nHost: concord.zendesk.com\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            while caller.recv(1024):
                pass

    with zendesk.client("zendesk") as caller:
        assert caller.get("/api/v2/users").status_code in (401, 404)


def test_the_certificate_is_for_the_host_and_for_no_other(zendesk: Doors) -> None:
    """A client that checks names, as all do, is satisfied; one with no trust is not."""
    with tunnel(zendesk, ZENDESK) as caller:
        names = [value for _kind, value in caller.getpeercert()["subjectAltName"]]

    assert names == [ZENDESK]
    with (
        httpx.Client(proxy=zendesk.proxy, trust_env=False) as caller,
        pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        caller.get(f"https://{ZENDESK}/")


def test_the_certificate_s_file_has_no_key_and_the_key_s_is_private(
    zendesk: Doors,
) -> None:
    """What clients are given lets them trust the sandbox, not pretend to be it."""
    text = Path(zendesk.ca_file).read_text()
    key_file = Path(zendesk.ca_file).with_suffix(".key")

    assert text.count("-----BEGIN") == 1
    assert "-----BEGIN CERTIFICATE-----" in text
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600


def test_the_next_authority_of_a_home_is_the_same(tmp_path: Path) -> None:
    """A client that trusts the certificate goes on where the sandbox starts again."""
    first = Authority(tmp_path / "ca.pem")
    trusted = (tmp_path / "ca.pem").read_bytes()

    second = Authority(tmp_path / "ca.pem")

    assert (tmp_path / "ca.pem").read_bytes() == trusted
    assert second.context(ZENDESK) is not first.context(ZENDESK)


@pytest.mark.parametrize("content", [b"", b"nonsense", b"-----BEGIN CERTIFICATE-----"])
def test_a_file_that_is_no_authority_is_named(tmp_path: Path, content: bytes) -> None:
    """Nothing is made in the place of a file that somebody spoilt."""
    (tmp_path / "ca.key").write_bytes(content)

    with pytest.raises(ValueError, match=r"ca\.key holds no authority .* remove it"):
        Authority(tmp_path / "ca.pem")


@pytest.mark.parametrize("door", ["path", "host"])
@pytest.mark.parametrize("verb", ["BREW", "GETS", "X-Y", "CONNECT"])
def test_an_unknown_method_reaches_the_vendor(
    zendesk: Doors, door: DoorName, verb: str
) -> None:
    """The answer is the vendor's error, and the connection goes on."""
    with zendesk.client("zendesk", door) as caller:
        caller.auth = (f"{zendesk.keys.zendesk_email}/token", _token(zendesk))
        brewed = caller.request(verb, "/api/v2/organizations", content=b"water")
        after = caller.get("/api/v2/organizations")

    assert brewed.status_code == 405
    assert brewed.json()["error"] == "MethodNotAllowed"
    assert after.status_code == 200


def test_what_is_no_method_is_no_http(zendesk: Doors) -> None:
    """A word that no method can be is refused by the parser, in plain text."""
    with tunnel(zendesk, ZENDESK) as caller:
        caller.sendall(b"BR(EW /api/v2/users HTTP/1.1\r\nHost: x\r\n\r\n")
        heard = caller.recv(1024)

    assert heard.startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("host", ["api.stripe.com", "example.com", "", "127.0.0.1"])
def test_a_connection_leads_to_the_vendor_it_was_made_for(
    zendesk: Doors, host: str
) -> None:
    """Another Host header inside the tunnel is misdirected, also to another vendor."""
    with zendesk.client("zendesk") as caller:
        answer = caller.get("/api/v2/users", headers={"Host": host})

    assert answer.status_code == 421
    assert answer.json()["error"].startswith(f"This connection leads to {ZENDESK}")


def test_the_host_may_be_written_with_its_port_and_in_capitals(zendesk: Doors) -> None:
    """Names of hosts know no case, and 443 is the port anyway."""
    with zendesk.client("zendesk") as caller:
        answer = caller.get("/nothing", headers={"Host": "CONCORD.zendesk.com:443"})

    assert (answer.status_code, answer.json()["error"]) == (404, "InvalidEndpoint")


@pytest.mark.parametrize("kind", ["lost_response", "lost_request", "truncated_body"])
def test_a_fault_breaks_the_connection_here_too(zendesk: Doors, kind: str) -> None:
    """A lost answer is a closed socket under TLS too; the next request is served."""
    zendesk.control(
        "faults",
        [{"system": "zendesk", "method": "GET", "path_contains": "/api", "kind": kind}],
    )
    with zendesk.client("zendesk") as caller:
        caller.timeout = httpx.Timeout(3)

        with pytest.raises(httpx.RemoteProtocolError):
            caller.get("/api/v2/nothing")

        assert caller.get("/api/v2/nothing").status_code == 404


def test_a_connection_is_used_again(zendesk: Doors) -> None:
    """One handshake is enough for a client that keeps its connection."""
    with zendesk.client("zendesk") as caller:
        streams = {
            id(caller.get("/nothing").extensions["network_stream"]) for _ in range(3)
        }

    assert len(streams) == 1


def test_the_door_opens_on_loopback_only(tmp_path: Path) -> None:
    """An address that other machines can reach is refused."""
    with socket.socket() as bound:
        bound.bind(("0.0.0.0", 0))  # noqa: S104 -- the very thing that is refused

        with pytest.raises(
            ValueError, match=r"on 127\.0\.0\.1 only, not on 0\.0\.0\.0"
        ):
            Door(bound, _nobody, [], Authority(tmp_path / "ca.pem"))


async def _nobody(*_: Any) -> None:
    """Answer nothing."""


def test_an_address_of_nobody_is_told_in_one_sentence(zendesk: Doors) -> None:
    """The plain door says where vendors are; a name it does not know is nobody's."""
    answer = httpx.get(f"{zendesk.url}/salesforce/services", trust_env=False)

    sentence = "Vendors are below /<name> here, and at their own hostnames."
    assert (answer.status_code, answer.json()) == (404, {"error": sentence})


def test_stopping_does_not_wait_for_sleeping_clients(
    keys: Credentials, tmp_path: Path
) -> None:
    """Pooled connections and callers in front of the door end with the sandbox."""
    app = application(Store({}, Clock()), keys, only=["zendesk"])
    with running(app, tmp_path) as served:
        pooled = client(served, "zendesk", "host")
        pooled.get("/nothing")
        place = ("127.0.0.1", int(served.door.url.rpartition(":")[2]))
        idle = socket.create_connection(place, timeout=5)
        began = time.monotonic()

    assert time.monotonic() - began < 1.5
    assert idle.recv(1) == b""
    idle.close()
    pooled.close()
