"""Who is who: the control door names each customer's records, at whatever size."""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.clients import InProcess
from sandbox.clock import Clock
from sandbox.company.features import ALL_FEATURES
from sandbox.control import enter, truth
from sandbox.credentials import Credentials
from sandbox.filling import WHOLE_MOST, Plan, open_store
from sandbox.server import application
from sandbox.store import Store
from sandbox.world import World, build_world

AS_OF = date(2026, 10, 31)
START = datetime(2026, 11, 1, 12, tzinfo=UTC)
# Where each system keeps what stands for a customer.
WHOSE = {
    "salesforce": "Account",
    "hubspot": "companies",
    "stripe": "customer",
    "chargebee": "customer",
    "zendesk": "organization",
    "netsuite": "customer",
    "business_central": "customers",
    "vitally": "accounts",
}


# And what stands for a person or a product.
OTHERS = {
    "contacts": {
        ("salesforce", "Contact"),
        ("salesforce", "Lead"),
        ("hubspot", "contacts"),
        ("zendesk", "user"),
        ("vitally", "users"),
        ("chargebee", "customer"),
    },
    "products": {
        ("salesforce", "Product2"),
        ("hubspot", "products"),
        ("stripe", "product"),
        ("chargebee", "item"),
        ("netsuite", "item"),
        ("business_central", "items"),
    },
}


def asked(store: Store, keys: Credentials, path: str, **params: int | str) -> Any:
    """Return what the control door says."""
    app = application(store, keys, only=["vitally"])
    with httpx.Client(base_url="http://sandbox", transport=InProcess(app)) as client:
        return client.get(f"/_sandbox/{path}", params=params).raise_for_status().json()


def owners(customers: list[dict[str, Any]]) -> dict[tuple[str, str, str], str]:
    """Return whose each record is."""
    told = [
        ((record["system"], record["object"], record["id"]), customer["id"])
        for customer in customers
        for record in customer["records"]
    ]
    assert len(dict(told)) == len(told)
    return dict(told)


@pytest.fixture(scope="module")
def world() -> World:
    """A company with every feature and every mistake."""
    return build_world(7, 120, 12, AS_OF, disorder="all", features=ALL_FEATURES)


def test_every_record_that_stands_for_a_customer_has_its_owner(
    world: World, keys: Credentials
) -> None:
    """None is missing and none is made up, also where mistakes added and removed."""
    store = Store({}, Clock(START, running=False))
    enter(store, world)

    told = asked(store, keys, "identity")

    held = {
        (system, name, record_id)
        for system, name in WHOSE.items()
        for record_id in world.tables(system)[name]
    }
    assert told["after"] is None
    assert owners(told["customers"]).keys() == held


@pytest.mark.parametrize("of", OTHERS)
def test_every_record_of_a_person_or_product_has_its_owner(
    world: World, keys: Credentials, of: str
) -> None:
    """Also who was entered once more with a duplicate account; agents are nobody's."""
    store = Store({}, Clock(START, running=False))
    enter(store, world)

    told = asked(store, keys, "identity", of=of)

    held = {
        (system, name, record_id)
        for system, name in OTHERS[of]
        for record_id, record in world.tables(system)[name].items()
        if record.get("role", "end-user") == "end-user"
    }
    owner = owners(told[of])
    assert owner.keys() == held
    assert len(set(owner.values())) < len(owner)


def test_a_duplicate_belongs_to_the_customer_that_it_doubles(
    world: World, keys: Credentials
) -> None:
    """Whoever entered a customer twice made two records of one customer."""
    store = Store({}, Clock(START, running=False))
    enter(store, world)
    owner = owners(asked(store, keys, "identity")["customers"])
    doubled = [each for each in world.planted if each.field == "Duplicate_Of__c"]

    assert doubled
    for each in doubled:
        place = (each.system, each.object)
        assert owner[*place, each.record_id] == owner[*place, each.expected]


def test_lookalikes_are_the_company_s_hard_negatives(
    world: World, keys: Credentials
) -> None:
    """Each pair is told once, with its reason, and both sides have records."""
    store = Store({}, Clock(START, running=False))
    enter(store, world)

    customers = asked(store, keys, "identity")["customers"]

    told = Counter(
        (customer["id"], other["customer"], other["why"])
        for customer in customers
        for other in customer["lookalikes"]
    )
    known = {customer["id"] for customer in customers}
    assert told == Counter(
        (pair.left, pair.right, pair.why) for pair in world.company.hard_negatives()
    )
    assert {customer for pair in told for customer in pair[:2]} <= known


def test_a_large_company_tells_it_too_and_after_a_restart(
    tmp_path: Path, keys: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Drawn by parts, read by pages, from a store that was opened again."""
    plan = Plan(7, WHOLE_MOST + 1, 6, AS_OF, features=ALL_FEATURES)
    parts = [range(60), range(60, 100)]
    monkeypatch.setattr(Plan, "parts", lambda _plan: parts)
    open_store(plan, Clock(START), tmp_path / "sandbox.sqlite").close()
    store = open_store(plan, Clock(START), tmp_path / "sandbox.sqlite")

    customers: list[dict[str, Any]] = []
    after = 0
    while after is not None:
        page = asked(store, keys, "identity", limit=30, after=after)
        assert len(page["customers"]) <= 30
        customers += page["customers"]
        after = page["after"]

    held = defaultdict(set)
    for system, name, record_id in owners(customers):
        held[system, name].add(record_id)
    assert len({customer["id"] for customer in customers}) == len(customers) == 100
    assert any(customer["lookalikes"] for customer in customers)
    assert held.keys() == set(WHOSE.items())
    for (system, name), ids in held.items():
        assert ids == set(store.collection(system, name).ids())


def test_the_truth_says_which_mistakes_found_no_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What all parts together fell short of is told, and what a feature would bring."""
    every = {"former name in the CRM": 0.8, "former name in support": 0.8}
    rates = {**every, "journal that does not balance": 0.5}
    plan = Plan(7, WHOLE_MOST + 1, 6, AS_OF, disorder=rates)
    monkeypatch.setattr(Plan, "parts", lambda _plan: [range(30), range(30, 50)])

    told = truth(open_store(plan, Clock(START), tmp_path / "short.sqlite"))

    planted = Counter(each["kind"] for each in told["planted"])
    short = {each["kind"]: each for each in told["short"]}
    assert short.keys() >= {"former name in support", "journal that does not balance"}
    assert short["journal that does not balance"] == {
        "kind": "journal that does not balance",
        "wanted": 0,
        "planted": 0,
        "needs_features": ["ledger"],
    }
    # A customer has one mistake at most, so that 0.8 and 0.8 of them cannot be had.
    for kind in short.keys() & every:
        assert short[kind]["planted"] == planted[kind] < short[kind]["wanted"]
