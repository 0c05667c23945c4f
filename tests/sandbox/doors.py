"""Doors: records behind all three doors at once, for tests and for judges.

@pytest.fixture
def door(open_doors):            # or the ready one: a small company of each vendor
    return open_doors({"zendesk": {"user": [...]}}, only=["zendesk"])

def test_the_client_signs_in(door):
    with door.judge_environment():           # for clients that read os.environ
        Zenpy(subdomain="concord", email=door.keys.zendesk_email, ...)
    stripe.StripeClient(door.keys.stripe_api_key, http_client=...proxy=door.proxy)
    door.client("stripe", "host")            # httpx: "process", "path" or "host"
"""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette

from sandbox.clients import DoorName, client
from sandbox.clock import Clock
from sandbox.control import enter
from sandbox.credentials import Credentials
from sandbox.server import Running, application, running
from sandbox.store import Store

# Names under which a client may look for a proxy or for certificates; whatever the
# machine has set must not win over the door.
READ_BY_CLIENTS = (
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
    *("http_proxy", "https_proxy", "all_proxy", "no_proxy"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
)


@dataclass(frozen=True, slots=True)
class Doors:
    """A sandbox with its doors open.

    Attributes:
        running: the server; `running.app` is the application in process.
        keys: what the vendors ask for.
        clock: the vendors' clock, which stands still unless the test moves it.
        store: the records, to look at or to change behind the vendors' backs.
    """

    running: Running
    keys: Credentials
    clock: Clock
    store: Store

    @property
    def url(self) -> str:
        """The plain door: vendors are at `<url>/<name>`, control at `/_sandbox`."""
        return self.running.url

    @property
    def proxy(self) -> str:
        """The third door, as an HTTPS proxy."""
        return self.running.door.url

    @property
    def ca_file(self) -> str:
        """The file with the certificate that clients of the third door must trust."""
        return str(self.running.door.ca_file)

    @property
    def environment(self) -> Mapping[str, str]:
        """The settings that connect the house, as `python -m sandbox` tells them."""
        return self.running.environment

    def client(self, vendor: str, door: DoorName = "host") -> httpx.Client:
        """Return an httpx client of a vendor; base URL set, no credential."""
        return client(self.running, vendor, door)

    def control(self, path: str, wanted: Any) -> Any:
        """Ask the control door: `door.control("conditions", {"zendesk": {...}})`."""
        answer = httpx.post(
            f"{self.url}/_sandbox/{path}", json=wanted, trust_env=False, timeout=30
        )
        return answer.raise_for_status().json()

    @contextmanager
    def judge_environment(self) -> Iterator[None]:
        """Lead clients that read os.environ, and only that, to the third door."""
        before = {name: os.environ.pop(name, None) for name in READ_BY_CLIENTS}
        os.environ.update(self.running.door.environment())
        try:
            yield
        finally:
            for name, value in before.items():
                os.environ.pop(name, None)
                if value is not None:
                    os.environ[name] = value


@contextmanager
def opened(
    world: Any, keys: Credentials, clock: Clock, **options: Any
) -> Iterator[Doors]:
    """Open all doors of a sandbox that holds `world`; options go to `application`."""
    store = Store({}, clock)
    enter(store, world)
    app: Starlette = application(store, keys, **options)
    with tempfile.TemporaryDirectory() as home, running(app, Path(home)) as served:
        yield Doors(served, keys, clock, store)
