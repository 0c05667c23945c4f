"""What can be made to go wrong, and what a person may do meanwhile."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from sandbox.clock import Clock
from sandbox.credentials import Credentials
from sandbox.server import application
from sandbox.store import Store


@dataclass(frozen=True, slots=True)
class Mistake:
    """A planted mistake."""

    kind: str
    system: str
    object: str
    record_id: str


VENDORS = ("salesforce", "stripe", "zendesk", "netsuite")


def plan(served: Any, **fault: Any) -> None:
    """Wait for a request with one fault."""
    response = served.control.post("/faults", json=[fault])
    assert response.status_code == 200, response.text


def test_a_lost_response_is_a_commit_and_a_broken_connection(served: Any) -> None:
    """The server has done the work; the caller sees no status, only an end."""
    plan(
        served,
        system="salesforce",
        method="PATCH",
        path_contains="/sobjects/",
        kind="lost_response",
        times=1,
    )
    path = "/sobjects/Account/001Hs0000000001AAA"

    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        served.salesforce.patch(path, json={"Name": "A"})
    name = served.salesforce.get(path).json()["Name"]
    again = served.salesforce.patch(path, json={"Name": "B"})

    assert (name, again.status_code) == ("A", 204)


def test_a_lost_request_changes_nothing(served: Any) -> None:
    """The connection breaks before anything was done."""
    plan(
        served,
        system="stripe",
        method="POST",
        path_contains="cus_1",
        kind="lost_request",
        times=2,
    )

    for _ in range(2):
        with pytest.raises(httpx.RemoteProtocolError):
            served.stripe.post("/customers/cus_1", data={"name": "A"})

    assert served.store.journal == []
    assert served.stripe.post("/customers/cus_1", data={"name": "A"}).is_success


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("status", [429, 503])
def test_a_planned_status_is_answered_once_with_the_planned_headers(
    served: Any, vendor: str, status: int
) -> None:
    """The plan's headers win over those that the vendor's own answer has."""
    plan(
        served,
        system=vendor,
        kind="status",
        status=status,
        headers={"Retry-After": "1"},
    )
    paths = {
        "salesforce": "/limits",
        "stripe": "/customers",
        "zendesk": "/organizations",
        "netsuite": "/record/v1/customer/1001",
    }

    spoilt = getattr(served, vendor).get(paths[vendor])
    after = getattr(served, vendor).get(paths[vendor])

    assert (spoilt.status_code, after.status_code) == (status, 200)
    assert spoilt.headers["retry-after"] == "1"


def test_a_planned_body_is_sent_as_it_is(served: Any) -> None:
    """Any answer can be rehearsed."""
    body = [{"message": "busy", "errorCode": "UNABLE_TO_LOCK_ROW"}]
    plan(served, system="salesforce", kind="status", status=400, body=body)

    response = served.salesforce.get("/limits")

    assert (response.status_code, response.json()) == (400, body)


def test_a_delay_delays(served: Any) -> None:
    """The answer comes late, and right."""
    plan(served, system="stripe", kind="delay", seconds=0.2)
    began = time.monotonic()

    response = served.stripe.get("/customers")

    assert response.status_code == 200
    assert time.monotonic() - began >= 0.2


def test_a_fault_waits_for_its_request(served: Any) -> None:
    """Other vendors, methods and paths go by."""
    plan(
        served,
        system="stripe",
        method="POST",
        path_contains="cus_1",
        kind="status",
        status=500,
    )

    statuses = [
        served.salesforce.get("/limits").status_code,
        served.stripe.get("/customers/cus_1").status_code,
        served.stripe.post("/customers/cus_2", data={"name": "A"}).status_code,
        served.stripe.post("/customers/cus_1", data={"name": "A"}).status_code,
        served.stripe.post("/customers/cus_1", data={"name": "A"}).status_code,
    ]

    assert statuses == [200, 200, 200, 500, 200]


@pytest.mark.parametrize(
    "faults",
    [
        {},
        [1],
        [{"kind": "nope"}],
        [{"kind": "delay", "seconds": 1e9}],
        [{"kind": "status", "status": 99}],
        [{"kind": "status", "times": 0}],
        [{"kind": "status", "nope": 1}],
        [{"kind": "status", "system": 5}],
    ],
)
def test_a_fault_that_is_not_understood_is_refused(reading: Any, faults: Any) -> None:
    """A test that plans nonsense is told so."""
    response = reading.control.post("/faults", json=faults)

    assert response.status_code == 400
    assert isinstance(response.json()["error"], str)


def test_without_a_socket_a_lost_response_is_the_same_error(keys: Credentials) -> None:
    """In process there is nothing to close: the client's own error is raised."""
    app = application(Store({"stripe": {"customer": []}}, Clock()), keys)
    app.state.faults.plan([{"kind": "lost_response"}])

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport) as client:
            return await client.get("http://sandbox/stripe/v1/customers")

    with pytest.raises(httpx.RemoteProtocolError):
        asyncio.run(ask())


def test_a_person_edits_and_the_journal_says_so(served: Any) -> None:
    """An edit moves the record's stamp and is told apart from our own writes."""
    edit = {
        "system": "salesforce",
        "object": "account",
        "id": "001Hs0000000001AAA",
        "fields": {"Name": "By hand"},
    }
    edited = served.control.post("/edit", json=edit).json()
    served.salesforce.patch(
        "/sobjects/Account/001Hs0000000002AAA", json={"Name": "By program"}
    )

    lines = served.control.get("/journal").json()["journal"]

    assert edited["SystemModstamp"] == "2026-11-01T12:00:00.000+0000"
    assert [
        (line["actor"], line["object"], line["old"], line["new"])
        for line in lines
        if line["field"] == "Name"
    ] == [
        ("human", "account", "Customer 1", "By hand"),
        ("api", "account", 'O\'Hara & "Söhne"', "By program"),
    ]


def test_the_journal_comes_in_pages(served: Any) -> None:
    """Pages have whole writes, the last says so, and together they are all there is."""
    for number in range(5):
        wanted = {"name": f"Name {number}", "description": f"Text {number}"}
        place = {"system": "stripe", "object": "customer", "id": "cus_1"}
        served.control.post("/edit", json={**place, "fields": wanted})
    every = served.control.get("/journal").json()

    seen, pages, after = [], 0, 0
    while after is not None:
        page = served.control.get("/journal", params={"limit": 2, "after": after})
        seen += page.json()["journal"]
        after, pages = page.json()["after"], pages + 1

    assert every["after"] is None
    assert seen == every["journal"]
    # Each edit changed two fields and has one event, which the system wrote.
    assert [line["number"] for line in seen if line["actor"] == "human"] == [
        *(1, 1, 3, 3, 5, 5, 7, 7, 9, 9)
    ]
    assert pages == 6


@pytest.mark.parametrize("asked", ["limit=0", "limit=x", "after=-1", "limit=100001"])
def test_a_page_of_the_journal_that_cannot_be_is_refused(
    reading: Any, asked: str
) -> None:
    """A wrong number is told in a sentence."""
    response = reading.control.get(f"/journal?{asked}")

    assert response.status_code == 400
    assert "limit" in response.json()["error"] or "after" in response.json()["error"]


@pytest.mark.parametrize(
    ("edit", "status"),
    [
        ({"system": "sap", "object": "x", "id": "1", "fields": {}}, 404),
        ({"system": "stripe", "object": "x", "id": "1", "fields": {}}, 404),
        ({"system": "stripe", "object": "customer", "id": "1", "fields": {}}, 404),
        ({"system": "stripe", "object": "customer", "id": "cus_1"}, 400),
        ([], 400),
    ],
)
def test_an_edit_of_nothing_is_refused(reading: Any, edit: Any, status: int) -> None:
    """A typing mistake in a test is told, not swallowed."""
    assert reading.control.post("/edit", json=edit).status_code == status


def test_the_control_door_tells_truth_health_and_records(
    serve: Callable[..., Any],
) -> None:
    """What was planted, what is held, and each document as it stands."""
    served = serve(planted=(Mistake("late_usage", "stripe", "invoice", "in_1"),))

    truth = served.control.get("/truth").json()
    health = served.control.get("/health").json()
    records = served.control.get("/records/zendesk/organization").json()["records"]

    assert truth == {
        "seed": 7,
        "as_of": "2026-10-31",
        "short": [],
        "planted": [
            {
                "record_key": "stripe:invoice:in_1",
                "kind": "late_usage",
                "system": "stripe",
                "object": "invoice",
                "record_id": "in_1",
            }
        ],
    }
    assert health["status"] == "ok"
    assert health["records"]["stripe"]["invoice"] == 25
    assert [record["id"] for record in records] == [100, 101, 102]


@pytest.mark.parametrize("vendor", VENDORS)
def test_nothing_that_is_sent_brings_a_stack_trace(served: Any, vendor: str) -> None:
    """Unknown paths and methods, broken bodies: an error in JSON, never a 500."""
    client = getattr(served, vendor)
    broken = [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"a=%ff", b"[" * 100_000]
    paths = {
        "salesforce": [
            "/composite/sobjects",
            "/composite/sobjects/Account",
            "/sobjects/Account/001Hs0000000001AAA",
            "/sobjects/Nope/1",
            "/query",
            "/nope",
        ],
        "stripe": [
            "/customers/cus_1",
            "/invoiceitems",
            "/subscriptions/sub_1",
            "/webhook_endpoints",
            "/nope",
        ],
        "zendesk": [
            "/organizations/update_many",
            "/organizations/1",
            "/job_statuses/x",
            "/incremental/users/cursor?cursor=%F0%9F",
            "/nope",
        ],
        "netsuite": [
            "/query/v1/suiteql",
            "/record/v1/customer/1001",
            "/record/v1/invoice/eid:x",
            "/record/v1/nope/1",
            "/nope",
        ],
    }
    bare = []
    for path in paths[vendor]:
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            for body in broken:
                if method == "DELETE" and body:
                    continue
                response = client.request(
                    method, path, content=body, headers={"Prefer": "transient"}
                )
                json_type = "json" in response.headers.get("content-type", "")
                fine = response.status_code < 500 and (
                    json_type or not response.content
                )
                if not fine:
                    bare.append((method, path, body[:9], response.text[:80]))

    assert bare == []
