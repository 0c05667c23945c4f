"""What `concord dev` starts besides the screens: the receiver that vendors tell."""

import contextlib
import io
import time
from datetime import date
from pathlib import Path

import httpx
import pytest
from rich.console import Console

from operations.store import Store
from orchestration.dev import take_webhooks
from orchestration.home import Home
from orchestration.hooks import register
from orchestration.receiving import is_expecting, setting
from sandbox.clock import Clock
from sandbox.credentials import Credentials
from sandbox.world import build_world
from tests.sandbox.doors import opened

VENDORS = ("stripe", "zendesk", "business_central")


def taking(home: Home) -> tuple[contextlib.ExitStack, str]:
    """Start what takes webhooks; return what ends it, and what was printed."""
    said, stack = io.StringIO(), contextlib.ExitStack()
    take_webhooks(home, Console(file=said, width=200), stack)
    return stack, said.getvalue()


def test_without_a_secret_nothing_is_started(tmp_path: Path) -> None:
    """A real company's home, whose systems have no secrets yet."""
    stack, said = taking(Home(tmp_path, "prod", {}))

    assert said == ""
    assert not (tmp_path / "logs").exists()
    stack.close()


@pytest.mark.parametrize(
    ("environ", "expects"),
    [
        ({}, False),
        ({"STRIPE_WEBHOOK_SECRETS": ""}, False),
        ({"SALESFORCE_WEBHOOK_SECRETS": "x"}, False),
        ({"BUSINESS_CENTRAL_WEBHOOK_SECRETS": "x"}, True),
    ],
)
def test_one_secret_is_enough(environ: dict[str, str], *, expects: bool) -> None:
    """Of a system that sends messages."""
    assert is_expecting(environ) is expects


def test_the_invented_company_tells_the_receiver_what_happens(
    keys: Credentials, tmp_path: Path
) -> None:
    """Two edits by hand arrive as events; the receiver ends with the command."""
    world = build_world(7, 25, 6, date(2026, 10, 31), features=frozenset({"entities"}))
    with opened(world, keys, Clock(), only=VENDORS) as doors:
        own = ("STRIPE", "ZENDESK", "BUSINESS_CENTRAL", "HTTPS", "SSL", "NO_PROXY")
        environ = {n: v for n, v in doors.environment.items() if n.startswith(own)}
        home = Home(tmp_path / "demo", "demo", environ)
        home.folder.mkdir()
        doors.control("conditions", {"business_central": {"coalesce_seconds": 0.05}})

        stack, said = taking(home)
        with stack:
            url = said.split()[1].removesuffix("/webhooks/SYSTEM")
            edits = {"zendesk": "organization", "business_central": "customers"}
            for system, name in edits.items():
                record_id = doors.store.collection(system, name).ids()[0]
                field = "name" if system == "zendesk" else "displayName"
                edit = {"system": system, "object": name, "id": record_id}
                doors.control("edit", {**edit, "fields": {field: "Renamed"}})
            deadline, arrived = time.monotonic() + 20, list[str]()
            while len(arrived) < len(edits) and time.monotonic() < deadline:
                time.sleep(0.05)
                with Store(home.operations) as store:
                    rows = store.rows("select distinct system from events order by 1")
                arrived = [system for (system,) in rows]
            health = httpx.get(f"{url}/health", trust_env=False).json()

    assert arrived == sorted(edits)
    assert health["systems"] == sorted(VENDORS)
    assert health["refused"] == {}
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/health", trust_env=False)


def test_the_last_address_is_taken_back(keys: Credentials) -> None:
    """Each start tells a new one; a message to the old one would be refused."""
    world = build_world(7, 25, 6, date(2026, 10, 31))
    only = ("stripe", "zendesk", "chargebee", "hubspot")
    with opened(world, keys, Clock(), only=only) as doors:
        others = ("SALESFORCE", "NETSUITE", "BUSINESS_CENTRAL", "VITALLY")
        known = {
            name: value
            for name, value in doors.environment.items()
            if not name.startswith(others)
        }
        register(known, "http://127.0.0.1:9001")
        told = register(known, "http://127.0.0.1:9002")

        held = {
            ("stripe", "url"): doors.store.collection("stripe", "webhook_endpoint"),
            ("zendesk", "endpoint"): doors.store.collection("zendesk", "webhook"),
            ("chargebee", "url"): doors.store.collection(
                "chargebee", "webhook_endpoint"
            ),
            ("hubspot", "targetUrl"): doors.store.collection(
                "hubspot", "_webhook_settings"
            ),
        }
        addresses = {
            system: [each[field] for each in documents]
            for (system, field), documents in held.items()
        }

    assert sorted(told) == sorted(setting(name) for name in only)
    assert addresses == {
        name: [f"http://127.0.0.1:9002/webhooks/{name}"] for name in only
    }
