"""The account of a filled company: invoices with lines, keys that outlive a restart."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.clients import in_process
from sandbox.clock import Clock
from sandbox.company.features import ALL_FEATURES
from sandbox.credentials import Credentials, credentials
from sandbox.server import application
from sandbox.store import Store
from sandbox.world import World, build_world

REST = "https://1234567.suitetalk.api.netsuite.com/services/rest"
START = datetime(2026, 11, 1, 12, tzinfo=UTC)
Form = Callable[..., dict[str, str]]


LEDGER = frozenset({"ledger"})


@pytest.fixture(scope="module", params=[LEDGER, ALL_FEATURES], ids=["ledger", "all"])
def world(request: pytest.FixtureRequest) -> World:
    """A company with a ledger, in which nothing is wrong."""
    return build_world(
        7, 60, 12, date(2026, 10, 31), disorder=False, features=request.param
    )


def test_every_invoice_has_lines_that_come_to_its_total(world: World) -> None:
    """A main line of what is owed, and item lines that take it from revenue."""
    tables = world.tables("netsuite")
    lines = defaultdict(list)
    for line in tables["transactionline"].values():
        lines[line["transaction"]].append(line)

    assert tables["invoice"]
    for key, invoice in tables["invoice"].items():
        main, *items = lines[key]
        assert (main["mainline"], main["foreignamount"]) == (
            "T",
            invoice["foreigntotal"],
        )
        assert items
        assert {line["item"] for line in items} <= tables["item"].keys()
        assert {line["account"] for line in items} <= {"5", "6"}  # two of revenue
        assert sum(line["foreignamount"] for line in lines[key]) == 0


def test_a_record_shows_the_lines_that_suiteql_shows(
    world: World, login: Form, keys: Credentials
) -> None:
    """The record's lines are positive and sum to its total; SuiteQL's are negative."""
    store = Store({"netsuite": world.documents["netsuite"]}, Clock(START))
    with entered(store, keys, login) as client:
        rows = asked(
            client,
            "SELECT t.id, t.foreigntotal, SUM(l.foreignamount) AS lines FROM"
            " transaction t JOIN transactionline l ON l.transaction = t.id"
            " AND l.mainline = 'F' WHERE t.type = 'CustInvc'"
            " GROUP BY t.id, t.foreigntotal ORDER BY t.id",
        )
        number = rows[0]["id"]
        record = client.get(
            f"{REST}/record/v1/invoice/{number}?expandSubResources=true"
        )

    assert len(rows) == len(world.documents["netsuite"]["invoice"])
    assert all(
        Decimal(row["foreigntotal"]) + Decimal(row["lines"]) == 0 for row in rows
    )
    body = record.json(parse_float=Decimal)
    shown = sum(Decimal(line["amount"]) for line in body["item"]["items"])
    assert shown == Decimal(body["total"]) == Decimal(rows[0]["foreigntotal"])


def test_a_key_of_the_first_start_signs_in_after_a_restart(
    tmp_path: Path, login: Form
) -> None:
    """Its certificate is kept with the records; the key of this start is good too."""
    first, second = credentials(7), credentials(7)
    for keys in (first, second):
        store = Store({}, Clock(START), tmp_path / "store.db")
        application(store, keys, only=["netsuite"])
        store.close()
    store = Store({}, Clock(START), tmp_path / "store.db")
    app = application(store, credentials(7), only=["netsuite"])
    curve = {"alg": "ES256", "kid": first.netsuite_ec_certificate_id}

    with in_process(app, "netsuite") as client:
        statuses = [
            token(client, form)
            for form in (
                login(first),
                login(second),
                login(first, key=first.netsuite_ec_key, **curve),
                login(credentials(7)),
                login(first, key=first.netsuite_ec_key, alg="ES256"),
            )
        ]
    kept = store.collection("netsuite", "_certificate")
    private = [each for each in kept if "d" in each["key"]]
    store.close()

    assert statuses == [200, 200, 200, 400, 400]
    assert private == []


def token(client: httpx.Client, form: dict[str, str]) -> int:
    """Ask for a token; return the status."""
    return client.post(f"{REST}/auth/oauth2/v1/token", data=form).status_code


@contextmanager
def entered(store: Store, keys: Credentials, login: Form) -> Iterator[httpx.Client]:
    """Return a client that has signed in."""
    with in_process(application(store, keys, only=["netsuite"]), "netsuite") as client:
        response = client.post(f"{REST}/auth/oauth2/v1/token", data=login(keys))
        token = response.json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


def asked(client: httpx.Client, query: str) -> list[dict[str, Any]]:
    """Return a query's rows."""
    response = client.post(
        f"{REST}/query/v1/suiteql", json={"q": query}, headers={"Prefer": "transient"}
    )
    rows: list[dict[str, Any]] = response.json()["items"]
    return rows
