"""A Chargebee site small enough to read, behind its doors, with the judge signed in."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest
from chargebee import Chargebee

from sandbox.clients import in_process
from sandbox.clock import Clock
from sandbox.control import enter
from sandbox.credentials import Credentials
from sandbox.server import application
from sandbox.store import Store
from tests.sandbox.doors import Doors, opened

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
NOW = int(START.timestamp())
DAY = 86_400
CUSTOMERS = 25
GOOD_CARD = {"number": "4111111111111111", "expiry_month": 12, "expiry_year": 2030}
BAD_CARD = {**GOOD_CARD, "number": "4119862760338320"}

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Facts:
    """The truth of the small company."""

    seed: int = 7
    as_of: date = date(2026, 10, 31)


@dataclass(frozen=True, slots=True)
class SmallWorld:
    """The records of the site."""

    documents: dict[str, dict[str, list[Document]]]
    company: Facts = field(default_factory=Facts)
    planted: tuple[Any, ...] = ()


def stamped(changed: int, **fields: Any) -> Document:
    """Return a record that was last changed at an instant."""
    stamps = {"updated_at": changed, "resource_version": changed * 1000}
    return {"deleted": False, **fields, **stamps}


def customer(number: int) -> Document:
    """Return a customer; two of them were changed in the same second."""
    return stamped(
        NOW - 1000 * DAY + number // 2 * DAY,
        id=f"cust_{number:02}",
        object="customer",
        company=f"Customer {number}",
        email=f"billing@c{number}.example",
        auto_collection="off",
        net_term_days=30,
        created_at=NOW - 1000 * DAY + number,
        excess_payments=0,
        meta_data={"number": number},
    )


def item(identity: str, kind: str, *, metered: bool = False) -> Document:
    """Return an item of the catalogue."""
    return stamped(
        NOW - 1000 * DAY,
        id=identity,
        object="item",
        name=identity.title(),
        type=kind,
        status="active",
        item_family_id="main",
        metered=metered,
    )


def price(item_id: str, kind: str, amount: int, unit: str | None) -> Document:
    """Return the price of an item in US dollars."""
    recurring = {"period": 1, "period_unit": unit} if unit else {}
    return stamped(
        NOW - 1000 * DAY,
        id=f"{item_id}-{unit or 'once'}",
        object="item_price",
        name=f"{item_id} {unit}",
        external_name=item_id.title(),
        item_id=item_id,
        item_family_id="main",
        item_type=kind,
        status="active",
        pricing_model="per_unit",
        currency_code="USD",
        price=amount,
        created_at=NOW - 1000 * DAY,
        **recurring,
    )


def records() -> dict[str, dict[str, list[Document]]]:
    """Return the records of the site, new ones on every call."""
    family = stamped(NOW, id="main", object="item_family", name="Main")
    return {
        "chargebee": {
            "customer": [customer(number) for number in range(CUSTOMERS)],
            "item_family": [{**family, "status": "active"}],
            "item": [
                item("basic", "plan"),
                item("seats", "addon"),
                item("calls", "addon", metered=True),
                item("setup", "charge"),
            ],
            "item_price": [
                price("basic", "plan", 3000, "month"),
                price("basic", "plan", 30_000, "year"),
                price("seats", "addon", 1000, "month"),
                price("calls", "addon", 2, "month"),
                price("setup", "charge", 5000, None),
            ],
        }
    }


@dataclass(frozen=True, slots=True)
class Site:
    """The site, with a plain client that has signed in."""

    store: Store
    clock: Clock
    keys: Credentials
    client: httpx.Client
    doors: Doors | None = None

    def get(self, path: str, **params: Any) -> Any:
        """Return what a GET answers."""
        return self.client.get(path, params=params).raise_for_status().json()

    def post(self, path: str, **fields: Any) -> Any:
        """Return what a POST answers; a nested field is `name__inner`."""
        answer = self.ask(path, **fields)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def ask(self, path: str, **fields: Any) -> httpx.Response:
        """Return the answer to a POST, whatever it is."""
        return self.client.post(path, data=flat(fields))

    def conditions(self, **wanted: Any) -> None:
        """Change how things stand."""
        self.store.set_conditions({"chargebee": wanted})

    def records(self, name: str) -> list[Document]:
        """Return the records as they stand."""
        return self.store.collection("chargebee", name).find()

    def travel(self, days: int) -> None:
        """Let the time machine go on."""
        to = self.clock.seconds() + days * DAY
        self.post("/time_machines/delorean/travel_forward", destination_time=to)

    def subscribed(self, customer_id: str = "cust_00", **fields: Any) -> Any:
        """Return what making a subscription to the basic plan answers."""
        rows = [{"item_price_id": "basic-month"}]
        wanted = {"subscription_items": rows, **fields}
        return self.post(f"/customers/{customer_id}/subscription_for_items", **wanted)

    def with_card(self, card: Document | None = None) -> str:
        """Return the id of a new customer with a card."""
        fields = {"company": "Carded", "card": card or GOOD_CARD}
        return str(self.post("/customers", **fields)["customer"]["id"])


def flat(fields: dict[str, Any]) -> dict[str, str]:
    """Return fields as Chargebee's forms write them."""
    pairs: dict[str, str] = {}
    for name, value in fields.items():
        if isinstance(value, dict):
            pairs |= {f"{name}[{key}]": _text(each) for key, each in value.items()}
        elif isinstance(value, list):
            for place, row in enumerate(value):
                if isinstance(row, dict):
                    pairs |= {
                        f"{name}[{key}][{place}]": _text(each)
                        for key, each in row.items()
                    }
                else:
                    pairs[f"{name}[{place}]"] = _text(row)
        else:
            pairs[name] = _text(value)
    return pairs


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, bool) else str(value)


@contextmanager
def in_one_process(keys: Credentials) -> Iterator[Site]:
    """Give the site without a socket."""
    store = Store({}, Clock(START, running=False))
    enter(store, SmallWorld(records()))
    store.set_conditions({"chargebee": {"requests_per_minute": 100_000}})
    app = application(store, keys, only=["chargebee"])
    with in_process(app, "chargebee") as client:
        client.base_url = httpx.URL("https://concord.chargebee.com/api/v2")
        client.auth = httpx.BasicAuth(keys.chargebee_api_key, "")
        yield Site(store, store.clock, keys, client)


@pytest.fixture
def site(keys: Credentials) -> Iterator[Site]:
    """The site, in process."""
    with in_one_process(keys) as site:
        yield site


@pytest.fixture
def served(keys: Credentials) -> Iterator[Site]:
    """The site behind all three doors."""
    clock = Clock(START, running=False)
    with opened(SmallWorld(records()), keys, clock, only=["chargebee"]) as doors:
        doors.store.set_conditions({"chargebee": {"requests_per_minute": 100_000}})
        auth = (keys.chargebee_api_key, "")
        with doors.client("chargebee", "path") as client:
            client.base_url = httpx.URL(f"{doors.url}/chargebee/api/v2")
            client.auth = httpx.BasicAuth(*auth)
            yield Site(doors.store, clock, keys, client, doors)


@pytest.fixture
def judge(
    served: Site, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Chargebee]]:
    """Chargebee's own client, led to the third door; takes an API key."""
    assert served.doors is not None
    monkeypatch.setattr(Chargebee, "ca_cert_path", served.doors.ca_file)

    def signed_in(api_key: str = served.keys.chargebee_api_key) -> Chargebee:
        return Chargebee(api_key=api_key, site="concord")

    with served.doors.judge_environment():
        yield signed_in


@pytest.fixture
def client(judge: Callable[..., Chargebee]) -> Chargebee:
    """A client that has the site's key."""
    return judge()
