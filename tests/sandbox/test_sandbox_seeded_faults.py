"""Faults drawn by seed, and the trace by which two runs are compared."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from sandbox.clock import Clock
from sandbox.credentials import Credentials
from sandbox.faults import Faults
from sandbox.server import application
from sandbox.store import Store

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
STORM = {
    "seed": 1,
    "lost_request": 0.1,
    "lost_response": 0.1,
    "status": 0.1,
    "truncated_body": 0.1,
    "edit": 0.1,
}
Faulty = list[list[str]]


def company() -> Store:
    """Return a store of ten customers at a standing clock."""
    customers = [
        {"id": f"cus_{number}", "object": "customer", "created": number}
        for number in range(10)
    ]
    return Store({"stripe": {"customer": customers}}, Clock(START, running=False))


def drawn(rates: dict[str, Any], count: int = 300) -> Faulty:
    """Return the kinds of fault that strike each of so many requests."""
    faults = Faults(company())
    faults.store.set_conditions({"stripe": {"faults": rates}})
    return [
        [fault.kind for fault in faults.take("stripe", "GET", "/v1/customers")]
        for _ in range(count)
    ]


def test_the_same_seed_draws_the_same_faults() -> None:
    """Another seed draws others, and the rate is about what was asked for."""
    first = drawn(STORM)

    assert drawn(STORM) == first
    assert drawn({**STORM, "seed": 2}) != first
    lost = sum("lost_response" in kinds for kinds in first)
    assert 15 <= lost <= 45


def test_fewer_faults_of_one_kind_leave_the_other_stream_alone() -> None:
    """What happens to answers does not depend on what happens before them."""
    after = {"seed": 1, "lost_response": 0.1, "truncated_body": 0.1}
    both = drawn({**after, "lost_request": 0.2, "status": 0.2})

    alone = drawn(after)

    kept = [[kind for kind in kinds if kind in after] for kinds in both]
    assert kept == alone


def scenario(keys: Credentials, rates: dict[str, Any]) -> tuple[str, int, list[Any]]:
    """Run the same requests against a new company; return trace, exchanges, journal."""
    store = company()
    store.set_conditions({"stripe": {"faults": rates}})
    app = application(store, keys)
    app.state.trace.begin()

    async def run() -> None:
        transport = httpx.ASGITransport(app)
        head = {"Authorization": f"Bearer {keys.stripe_api_key}"}
        async with httpx.AsyncClient(
            transport=transport, base_url="http://sandbox/stripe/v1", headers=head
        ) as client:
            for number in range(60):
                path = f"/customers/cus_{number % 10}"
                try:
                    await client.get(path)
                    await client.post(path, data={"name": f"Name {number}"})
                except httpx.TransportError:
                    continue

    asyncio.run(run())
    trace = app.state.trace
    assert trace.digest is not None
    return trace.digest, trace.exchanges, store.journal


def test_the_same_seed_gives_the_same_bytes(keys: Credentials) -> None:
    """Requests, answers, faults and what people did: all the same, byte for byte."""
    first = scenario(keys, STORM)
    second = scenario(keys, STORM)
    other = scenario(keys, {**STORM, "seed": 2})

    assert second == first
    assert other[0] != first[0]
    # Stripe's events of what was done are its own doing.
    assert {line.actor for line in first[2]} == {"api", "human", "system"}


def test_the_journal_tells_what_a_seeded_person_did() -> None:
    """An edit between two requests has an author, an old value and a new one."""
    store = company()
    faults = Faults(store)
    store.set_conditions({"stripe": {"faults": {"seed": 3, "edit": 1}}})

    for _ in range(20):
        for fault in faults.take("stripe", "GET", "/v1/customers"):
            faults.act(fault)
    store.clock.advance(10)

    assert store.collection("stripe", "customer").count() == 10
    assert len(store.journal) == 20
    assert {(line.actor, line.field) for line in store.journal} == {
        ("human", "description")
    }


@pytest.mark.parametrize(
    ("rates", "sentence"),
    [
        ({"seed": 1, "typhoon": 0.5}, "typhoon cannot be drawn by rate"),
        ({"lost_request": 2}, "The rate of lost_request is from 0 to 1."),
        ([1], "Rates are a JSON object"),
    ],
)
def test_rates_that_make_no_sense_are_refused(
    reading: Any, rates: Any, sentence: str
) -> None:
    """The door says which kind is wrong, and nothing changes."""
    answer = reading.control.post("/conditions", json={"stripe": {"faults": rates}})

    assert (answer.status_code, sentence in answer.text) == (400, True)


@pytest.fixture
def customer(served: Any) -> Iterator[str]:
    """The path of a customer, long enough to be cut."""
    path = "/customers/cus_1"
    served.stripe.post(path, data={"metadata[long]": "x" * 400})
    return path


def plan(served: Any, **fault: Any) -> None:
    """Wait for a request with one fault."""
    response = served.control.post("/faults", json=[fault])
    assert response.status_code == 200, response.text


def test_a_truncated_answer_breaks_off(served: Any, customer: str) -> None:
    """The head promises more than arrives; the next request is whole again."""
    plan(served, kind="truncated_body", system="stripe")

    with pytest.raises(httpx.RemoteProtocolError, match="peer closed"):
        served.stripe.get(customer)

    assert served.stripe.get(customer).json()["id"] == "cus_1"


def test_a_slow_answer_trickles_and_is_right(served: Any, customer: str) -> None:
    """It takes the time that was asked for, in pieces, and loses nothing."""
    whole = served.stripe.get(customer).content
    plan(served, kind="slow_body", system="stripe", seconds=0.3)
    began, pieces = time.monotonic(), []

    with served.stripe.stream("GET", customer) as response:
        pieces += list(response.iter_raw())

    assert b"".join(pieces) == whole
    assert len(pieces) > 3
    assert time.monotonic() - began >= 0.2


def test_sessions_end_in_the_middle_of_a_list(served: Any) -> None:
    """The first request goes through; the next one's token is gone."""
    plan(served, kind="expired_tokens", system="salesforce", skip=1)

    statuses = [served.soql("SELECT Id FROM Account").status_code for _ in range(2)]

    assert statuses == [200, 401]


def test_a_list_shifts_while_it_is_read(served: Any) -> None:
    """A record appears before the second page, which repeats one of the first."""
    new = {"id": "cus_9", "object": "customer", "created": 1_900_000_000}
    edit = {"system": "stripe", "object": "customer", "fields": new}
    plan(served, kind="edit", system="stripe", skip=1, edit=edit)

    pages = [served.stripe.get("/customers?limit=2").json()["data"] for _ in range(2)]

    assert [[each["id"] for each in page] for page in pages] == [
        ["cus_3", "cus_2"],
        ["cus_9", "cus_3"],
    ]


def test_a_late_commit_is_older_than_what_was_read_before_it(served: Any) -> None:
    """A reader who went by the newest stamp alone would never see it."""
    place = {"system": "zendesk", "object": "organization", "id": "100"}
    began = served.control.post(
        "/edit", json={**place, "fields": {"name": "Late"}, "commit_after": 60}
    )
    served.clock.advance(30)
    other = {**place, "id": "101", "fields": {"name": "Meanwhile"}}
    seen = served.control.post("/edit", json=other).json()
    served.control.post("/clock", json={"advance": 30})

    late = served.zendesk.get("/organizations/100").json()["organization"]

    assert began.json() == {"commits_after": 60.0}
    assert (late["name"], late["updated_at"] < seen["updated_at"]) == ("Late", True)


def test_the_page_shows_what_is_held(served: Any) -> None:
    """Counts, conditions, faults and writes stand on it, and no markup of others."""
    edit = {"system": "stripe", "object": "customer", "id": "cus_1"}
    fields = {"name": "<script>alert(1)</script>"}
    served.control.post("/edit", json={**edit, "fields": fields})
    served.control.post("/conditions", json={"zendesk": {"calls": 10}})
    plan(served, kind="delay", system="<b>", times=3)

    html = served.control.get("/").text

    for shown in ("Salesforce", "Zendesk: calls", "delay", "cus_1", "human"):
        assert shown in html
    assert "<script>" not in html
    assert "<b>" not in html


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "edit", "system": "stripe", "edit": {"object": "customer", "id": 1}}
        | {"edit": {"object": "customer", "fields": 5}},
        {"kind": "edit", "system": "stripe"}
        | {"edit": {"object": "customer", "fields": {"a": 1}}},
        {"kind": "edit", "edit": {"object": "customer", "id": "cus_1"}},
        {"kind": "status", "status": 429, "headers": {"retry-after": 5}},
        {"kind": "status", "status": 429, "headers": {"retry-after": "5\r\nX: y"}},
        {"kind": "status", "status": 204},
    ],
)
def test_a_fault_that_could_not_strike_is_refused(reading: Any, fault: Any) -> None:
    """It would fail in the middle of somebody's request instead."""
    assert reading.control.post("/faults", json=[fault]).status_code == 400


@pytest.mark.parametrize(
    "conditions",
    [
        {"stripe": {"requests_per_second": "x"}},
        {"stripe": {"search_lag_seconds": True}},
        {"stripe": {"webhook_retry_seconds": 5}},
        {"zendesk": {"calls_per_minute": -1}},
        {"typhoon": {}},
        {"stripe": {"faults": {"seed": [], "edit": 0.1}}},
        {"stripe": {"faults": {"edit": True}}},
        {"stripe": 5},
        [],
    ],
)
def test_conditions_of_the_wrong_type_are_refused(
    reading: Any, conditions: Any
) -> None:
    """A vendor that read them would fail as no vendor does."""
    answer = reading.control.post("/conditions", json=conditions)

    assert answer.status_code == 400


def test_time_ends_before_dates_do(served: Any) -> None:
    """A clock moved too far says so, and the vendors go on."""
    century = {"advance": 3_162_240_000}
    statuses = {
        served.control.post("/clock", json=century).status_code for _ in range(80)
    }

    assert statuses == {200, 400}
    assert served.stripe.get("/customers").status_code == 200


def test_faults_outlive_a_restart() -> None:
    """What waits and how far the stream is are part of the state."""
    store = company()
    store.set_conditions({"stripe": {"faults": {**STORM, "lost_request": 0.5}}})
    whole = [
        [fault.kind for fault in Faults(store).take("stripe", "GET", "/v1/customers")]
        for _ in range(40)
    ]
    first = Faults(store)
    first.plan([{"kind": "delay", "system": "zendesk", "times": 2}])
    first.take("zendesk", "GET", "/x")

    (waiting,) = Faults(store).waiting

    assert whole == drawn({**STORM, "lost_request": 0.5}, 40)
    assert (waiting.kind, waiting.times) == ("delay", 1)


def test_people_delete_and_change_many_at_once_by_seed() -> None:
    """Lists shift under a reader, and stamps are equal."""
    store = company()
    faults = Faults(store)
    rates = {"seed": 3, "delete": 0.4, "burst": 0.4}
    store.set_conditions({"stripe": {"faults": rates}})

    for _ in range(10):
        for fault in faults.take("stripe", "GET", "/v1/customers"):
            faults.act(fault)

    assert 0 < store.collection("stripe", "customer").count() < 10
    assert max(Counter(write.at for write in store.writes()).values()) > 1
