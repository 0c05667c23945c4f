"""Limits, locks, keys and versions, judged by Stripe's own client."""

import concurrent.futures
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
import stripe

from sandbox.clients import in_process
from sandbox.clock import Clock
from sandbox.credentials import Credentials
from sandbox.server import application
from sandbox.store import Store
from tests.sandbox.stripe.conftest import START

pytestmark = pytest.mark.judge("stripe 16.1.0")


def code_of(raised: Any) -> str:
    """Return the code in an error's body, which this exception does not carry."""
    code: str = raised.value.json_body["error"]["code"]
    return code


@pytest.mark.parametrize(
    "budget", ["endpoint_requests_per_second", "requests_per_second"]
)
def test_a_request_too_many_is_a_rate_limit_error(account: Any, budget: str) -> None:
    """customers.list beyond the budget of a second; the next second is free."""
    account.doors.control("conditions", {"stripe": {budget: 3}})
    listed = account.v1.customers.list
    for _ in range(3):
        listed()

    with pytest.raises(stripe.RateLimitError) as limited:
        listed()
    account.doors.clock.advance(1)

    assert (limited.value.http_status, code_of(limited)) == (429, "rate_limit")
    assert limited.value.headers["stripe-should-retry"] == "false"
    assert listed().data == []


def test_meter_events_have_a_budget_of_their_own(account: Any) -> None:
    """meter_events.create counts towards nothing else."""
    account.doors.control(
        "conditions",
        {"stripe": {"requests_per_second": 1, "meter_events_per_second": 2}},
    )
    event = {"event_name": "call", "payload": {"stripe_customer_id": "x"}}
    create = account.v1.billing.meter_events.create

    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError):
            create(event)
    with pytest.raises(stripe.RateLimitError):
        create(event)

    assert account.v1.customers.list().data == []


def test_a_running_clock_keeps_stripes_own_budgets(keys: Credentials) -> None:
    """26 requests to one endpoint within a second: 25 are answered."""
    clock = Clock(START)
    with (
        closing(Store({}, clock)) as store,
        in_process(application(store, keys, only=["stripe"]), "stripe") as client,
    ):
        client.headers["Authorization"] = f"Bearer {keys.stripe_api_key}"
        statuses = [client.get("/v1/coupons").status_code for _ in range(60)]

    assert statuses[:20] == [200] * 20
    assert 429 in statuses


def test_a_locked_row_is_tried_again(account: Any) -> None:
    """lock_timeout is a RateLimitError; a client that retries gets through after it."""
    customer = account.customer(None)
    lock = {"system": "stripe", "object": "customer", "id": customer.id, "seconds": 60}
    account.doors.control("lock", lock)

    with pytest.raises(stripe.RateLimitError) as locked:
        account.v1.customers.update(customer.id, {"name": "B"})
    account.doors.clock.advance(61)
    after = account.v1.customers.update(customer.id, {"name": "B"})

    assert (code_of(locked), after.name) == ("lock_timeout", "B")
    assert locked.value.headers["stripe-should-retry"] == "true"


def test_a_key_in_use_is_a_conflict(account: Any) -> None:
    """Two requests with one idempotency key at once: one is told 409, none is lost."""
    account.doors.control("conditions", {"stripe": {"execution_seconds": 0.5}})
    head = {
        "Authorization": f"Bearer {account.doors.keys.stripe_api_key}",
        "Idempotency-Key": "k1",
    }

    def create(_number: int) -> httpx.Response:
        url = f"{account.doors.url}/stripe/v1/customers"
        return httpx.post(url, data={"name": "A"}, headers=head, trust_env=False)

    with concurrent.futures.ThreadPoolExecutor() as pool:
        first, second = sorted(pool.map(create, range(2)), key=lambda r: r.status_code)
    again = create(0)

    assert (first.status_code, second.status_code) == (200, 409)
    assert second.json()["error"]["code"] == "idempotency_key_in_use"
    assert again.json() == first.json()
    assert len(account.v1.customers.list().data) == 1


def test_a_stored_refusal_is_repeated(account: Any) -> None:
    """A card's refusal is stored; the same key gives it again, without a charge."""
    wanted = {
        "amount": 2000,
        "currency": "usd",
        "payment_method": "pm_card_visa_chargeDeclined",
        "confirm": True,
    }

    for _ in range(2):
        with pytest.raises(stripe.CardError) as declined:
            account.v1.payment_intents.create(wanted, {"idempotency_key": "k1"})

    assert declined.value.headers["idempotent-replayed"] == "true"
    assert len(account.v1.charges.list().data) == 1


@pytest.fixture
def restarted(keys: Credentials, tmp_path: Path) -> Iterator[Any]:
    """Start the sandbox on one file again and again."""

    def start(seconds: int = 0) -> httpx.Client:
        clock = Clock(START, running=False)
        clock.advance(seconds)
        store = Store({}, clock, tmp_path / "sandbox.sqlite")
        client = in_process(application(store, keys, only=["stripe"]), "stripe")
        client.headers["Authorization"] = f"Bearer {keys.stripe_api_key}"
        stores.append(store)
        return client

    stores: list[Store] = []
    yield start
    for store in stores:
        store.close()


def test_a_key_survives_a_restart(restarted: Any) -> None:
    """What was answered is answered again by a new process, for 24 hours."""
    head = {"Idempotency-Key": "k1"}
    first = restarted().post("/v1/customers", data={"name": "A"}, headers=head)

    again = restarted(60).post("/v1/customers", data={"name": "A"}, headers=head)
    late = restarted(86_401).post("/v1/customers", data={"name": "A"}, headers=head)

    assert again.content == first.content
    assert again.headers["idempotent-replayed"] == "true"
    assert late.json()["id"] != first.json()["id"]


def test_endpoints_events_and_ids_survive_a_restart(restarted: Any) -> None:
    """Nothing that Stripe remembers is in the process alone; no id is given twice."""
    client = restarted()
    wanted = {"url": "http://127.0.0.1:9/", "enabled_events[0]": "customer.created"}
    endpoint = client.post("/v1/webhook_endpoints", data=wanted).json()
    first = client.post("/v1/customers", data={"name": "A"}).json()

    client = restarted()
    second = client.post("/v1/customers", data={"name": "B"}).json()
    events = client.get("/v1/events").json()["data"]
    endpoints = client.get("/v1/webhook_endpoints").json()["data"]

    assert second["id"] != first["id"]
    assert [each["type"] for each in events] == ["customer.created"] * 2
    assert [each["id"] for each in endpoints] == [endpoint["id"]]


def test_an_event_is_kept_for_thirty_days(account: Any) -> None:
    """events.list shows nothing older."""
    account.customer(None)
    before = len(account.v1.events.list({"types": ["customer.created"]}).data)

    account.doors.clock.advance(30 * 86_400 + 1)

    assert (before, account.v1.events.list().data) == (1, [])


@pytest.mark.parametrize(
    ("method", "path", "settings", "status"),
    [
        ("GET", "/v1/nope", {}, 404),
        ("PUT", "/v1/customers", {}, 404),
        ("PATCH", "/v1/customers/x", {}, 404),
        ("DELETE", "/v1/customers", {}, 404),
        ("GET", "/v2/nope", {}, 404),
        ("POST", "/v1/customers", {"json": {"name": "x"}}, 400),
        ("POST", "/v1/customers", {"content": b"\xff\xfe=1"}, 400),
        ("POST", "/v1/customers", {"content": b"a" + b"[a]" * 5000 + b"=1"}, 400),
        ("POST", "/v1/customers", {"content": b"name=a&name[b]=c"}, 400),
        ("POST", "/v1/customers", {"data": {"balance": "9" * 400}}, 400),
        ("POST", "/v1/customers", {"data": {"balance": "NaN"}}, 400),
        ("GET", "/v1/customers?limit=%FF", {}, 400),
        ("GET", "/v1/customers/%00", {}, 404),
        ("GET", "/v1/customers", {"headers": {"Stripe-Version": "yesterday"}}, 400),
        ("GET", "/v1/customers", {"headers": {"Authorization": "Bearer \xe9"}}, 401),
        ("POST", "/v1/customers", {"headers": {"Idempotency-Key": "k" * 256}}, 400),
    ],
)
def test_nonsense_is_refused_in_stripes_words(
    account: Any, method: str, path: str, settings: dict[str, Any], status: int
) -> None:
    """Unknown paths, wrong methods, broken bodies, absurd numbers, foreign tokens."""
    head = {
        "Authorization": f"Bearer {account.doors.keys.stripe_api_key}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    if "json" in settings:
        del head["Content-Type"]
    given = {
        key: value.encode("latin-1")
        for key, value in (settings.pop("headers", None) or {}).items()
    }

    response = httpx.request(
        method,
        f"{account.doors.url}/stripe{path}",
        headers={**head, **given},
        trust_env=False,
        **settings,
    )

    assert response.status_code == status, response.text
    assert response.json()["error"]["type"] in (
        "invalid_request_error",
        "idempotency_error",
    )
