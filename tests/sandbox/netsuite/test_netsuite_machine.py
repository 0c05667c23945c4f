"""NetSuite driven by hypothesis: right and hostile requests in any order."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from sandbox.clients import in_process
from sandbox.clock import Clock
from sandbox.credentials import Credentials, credentials
from sandbox.server import application
from sandbox.store import Store

pytestmark = pytest.mark.judge("hypothesis")

REST = "https://1234567.suitetalk.api.netsuite.com/services/rest"
KEYS: list[Credentials] = []

EXTERNAL = st.sampled_from(["a", "b", "c_1"])
AMOUNTS = st.sampled_from([1, 2.5, 0, -3, 10**16, "1", None, True])
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(max_size=5),
    st.sampled_from([{}, [], {"id": "1001"}, {"id": None}, {"items": [1]}]),
)
BODIES = st.dictionaries(
    st.sampled_from(
        [
            *("companyName", "entityId", "email", "externalId", "isInactive", "item"),
            *(
                "currency",
                "tranDate",
                "entity",
                "parent",
                "memo",
                "nope",
                "id",
                "apply",
            ),
        ]
    ),
    VALUES,
    max_size=4,
)
RECORDS = st.sampled_from(
    [
        "customer",
        "invoice",
        "customerPayment",
        "journalEntry",
        "currency",
        "nope",
        "%00",
    ]
)
PLACES = st.sampled_from(
    ["", "/1001", "/eid:a", "/eid:a|b", "/x/y", "/1001/item", "/%ff"]
)
METHODS = st.sampled_from(["GET", "POST", "PATCH", "PUT", "DELETE", "OPTIONS", "TRACE"])
HEADERS = st.sampled_from(
    [
        {},
        {"Prefer": "respond-async"},
        {"Prefer": "respond-async", "X-NetSuite-Idempotency-Key": "k"},
        {
            "Prefer": "respond-async",
            "Content-Type": "application/vnd.oracle.resource+json; type=collection",
        },
        {"Content-Type": "text/plain"},
        {"X-NetSuite-PropertyNameValidation": "Ignore"},
    ]
)


class Account(RuleBasedStateMachine):
    """One account, and what its invoices ought to come to."""

    def __init__(self) -> None:
        """Open it."""
        super().__init__()
        if not KEYS:
            KEYS.append(credentials(7))
        clock = Clock(datetime(2026, 11, 1, 12, tzinfo=UTC), running=False)
        customer = {
            "id": "1001",
            "entityid": "C1",
            "companyname": "One",
            "currency": "USD",
            "lastmodifieddate": "2026-10-01 00:00:00",
        }
        self.store = Store({"netsuite": {"customer": [customer]}}, clock)
        app = application(self.store, KEYS[0], only=["netsuite"])
        self.client = in_process(app, "netsuite")
        self.client.headers["Authorization"] = "Bearer t"
        self.store.keep("netsuite", "_token", {"id": "t", "until": 2**40})
        self.totals: dict[str, Decimal] = {}

    def teardown(self) -> None:
        """Close it."""
        self.client.close()
        self.store.close()

    def ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Send a request; its answer is NetSuite's, and never a 500."""
        response = self.client.request(method, f"{REST}{path}", **request)
        assert response.status_code != 500, (method, path, request)
        if response.status_code >= 400:
            body = response.json()
            assert body["status"] == response.status_code
            assert body["o:errorDetails"][0]["o:errorCode"]
        return response

    @rule(name=EXTERNAL, amounts=st.lists(AMOUNTS, max_size=3), replace=st.booleans())
    def upsert_invoice(self, name: str, amounts: list[Any], *, replace: bool) -> None:
        """Put an invoice by external id; lines are appended, or replaced."""
        body = {
            "entity": {"id": "1001"},
            "item": {"items": [{"amount": amount} for amount in amounts]},
        }

        response = self.ask(
            "PUT",
            f"/record/v1/invoice/eid:{name}",
            json=body,
            params={"replace": "item"} if replace else {},
        )

        fine = all(type(a) in (int, float) and a != 10**16 for a in amounts)
        assert (response.status_code == 204) == fine
        if fine:
            before = Decimal(0) if replace else self.totals.get(name, Decimal(0))
            added = sum((Decimal(str(a)) for a in amounts), Decimal(0))
            self.totals[name] = before + added

    @rule(name=EXTERNAL)
    def delete_invoice(self, name: str) -> None:
        """Delete an invoice; it is there, or it is not found."""
        response = self.ask("DELETE", f"/record/v1/invoice/eid:{name}")

        assert response.status_code == (204 if name in self.totals else 404)
        self.totals.pop(name, None)

    @rule(
        method=METHODS,
        record=RECORDS,
        place=PLACES,
        body=st.one_of(BODIES, st.lists(BODIES, max_size=2), VALUES),
        headers=HEADERS,
    )
    def ask_anything(
        self, method: str, record: str, place: str, body: Any, headers: dict[str, str]
    ) -> None:
        """Send what nobody in his right mind would; other records may change by it."""
        if record == "invoice" or (record == "customer" and method == "DELETE"):
            method = "GET"
        self.ask(method, f"/record/v1/{record}{place}", json=body, headers=headers)

    @rule(
        content=st.binary(max_size=30), kind=st.sampled_from(["application/json", "x"])
    )
    def send_bytes(self, content: bytes, kind: str) -> None:
        """Send a body that is hardly ever JSON."""
        headers = {"Content-Type": kind, "Prefer": "transient"}
        self.ask("POST", "/record/v1/customer", content=content, headers=headers)
        self.ask("POST", "/query/v1/suiteql", content=content, headers=headers)

    @rule(text=st.text(max_size=20), limit=st.sampled_from(["1", "1001", "x", "-1"]))
    def query_anything(self, text: str, limit: str) -> None:
        """Ask in a language that is hardly ever SuiteQL."""
        self.ask(
            "POST",
            "/query/v1/suiteql",
            json={"q": f"SELECT {text}"},
            params={"limit": limit},
            headers={"Prefer": "transient"},
        )
        self.ask("GET", "/record/v1/customer", params={"q": text, "limit": limit})

    @rule(job=st.sampled_from(["1", "2", "9", "x"]), task=st.sampled_from(["1", "x"]))
    def follow_a_job(self, job: str, task: str) -> None:
        """Look for jobs, whether they are there or not."""
        for path in (job, f"{job}/task", f"{job}/task/{task}"):
            self.ask("GET", f"/async/v1/job/{path}")

    @invariant()
    def invoices_come_to_what_their_lines_do(self) -> None:
        """What SuiteQL adds up is what was posted."""
        response = self.ask(
            "POST",
            "/query/v1/suiteql",
            json={
                "q": "SELECT externalid, foreigntotal FROM transaction"
                " WHERE type = 'CustInvc'"
            },
            headers={"Prefer": "transient"},
        )
        held = {
            row["externalid"]: Decimal(row["foreigntotal"])
            for row in response.json()["items"]
        }
        assert held == self.totals


TestAccount = Account.TestCase
TestAccount.settings = settings(
    max_examples=25,
    stateful_step_count=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
