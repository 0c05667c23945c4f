"""Links: the credential goes to the configured host and nowhere else."""

import httpx
import pytest

from ingestion.errors import Refused, Unknown
from ingestion.transport.links import base_of, path_of
from tests.ingestion.test_rest import Server, json_answer

BASE = "https://api.vendor.test/v1"


@pytest.mark.parametrize(
    ("link", "path"),
    [
        ("https://api.vendor.test/v1/things?page=2", "/things?page=2"),
        ("https://api.vendor.test:443/v1/things", "/things"),
        ("HTTPS://API.vendor.test/v1/things", "/things"),
        ("/v1/things?page=2", "/things?page=2"),
        ("/services/query/01g-2000", "/services/query/01g-2000"),
    ],
)
def test_a_link_to_the_same_host_is_followed(link: str, path: str) -> None:
    """Whole addresses and paths both lead below the base."""
    assert path_of("vendor", BASE, link) == path


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.test/v1/things",
        "//evil.test/things",
        "http://api.vendor.test/v1/things",
        "https://api.vendor.test:8443/v1/things",
        "https://api.vendor.test@evil.test/",
        "https://user:word@api.vendor.test/v1/",
        "https://api.vendor.test.evil.test/",
        "ftp://api.vendor.test/",
        "file:///etc/passwd",
        "https://api.vendor.test\\@evil.test/",
        "https://[broken",
    ],
)
def test_a_link_to_anywhere_else_is_refused(link: str) -> None:
    """Neither another host, nor another port, nor without TLS."""
    with pytest.raises(Refused):
        path_of("vendor", BASE, link)


@pytest.mark.parametrize(
    "url",
    [
        "http://api.vendor.test",
        "ftp://api.vendor.test",
        "api.vendor.test",
        "https://",
        "https://user:word@api.vendor.test",
        "https://api.vendor.test:port",
        "http://127.0.0.1.evil.test",
    ],
)
def test_an_address_without_tls_is_refused_unless_it_is_this_machine(url: str) -> None:
    """A typing mistake does not send the key in the open."""
    with pytest.raises(Refused, match="VENDOR_URL"):
        base_of("vendor", url)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8000/x/", "http://localhost:1", "http://[::1]:2"]
)
def test_this_machine_needs_no_tls(url: str) -> None:
    """What does not leave the machine cannot be read on the way."""
    assert base_of("vendor", url) == url.rstrip("/")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    """The host it names gets nothing, neither from a read nor from a write."""
    answer = httpx.Response(status, headers={"Location": "https://evil.test/login"})
    server = Server(answer)

    with pytest.raises(Refused, match=r"redirect to evil\.test"):
        server.rest().get("/things")
    with pytest.raises((Refused, Unknown)):
        server.rest().write("POST", "/things", json={})

    assert {request.url.host for request in server.requests} == {"vendor.test"}
    assert len(server.requests) == 2


def test_a_whole_address_is_read_only_at_our_host() -> None:
    """A next page may be given as it came."""
    server = Server(json_answer())
    rest = server.rest()

    rest.get("https://vendor.test/base/things?page=2")
    with pytest.raises(Refused, match="the credential is sent nowhere else"):
        rest.get("https://evil.test/base/things?page=3")

    assert [str(request.url) for request in server.requests] == [
        "https://vendor.test/base/things?page=2"
    ]
