"""Whatever is sent to Business Central, OData's rules hold: never a bare 500."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from sandbox.clients import in_process
from sandbox.clock import Clock
from sandbox.credentials import Credentials, credentials
from sandbox.server import application
from sandbox.store import Store

pytestmark = pytest.mark.judge("hypothesis")

COMPANY = "11111111-1111-1111-1111-111111111111"
API = "/v2.0/tenant/production/api/v2.0"
ITEM = "00000002-0000-0000-0000-000000000001"
KEY = "00000001-0000-0000-0000-000000000001"
JOURNAL = "00000004-0000-0000-0000-000000000001"
PATHS = (
    "/customers",
    f"/customers({KEY})",
    f"/customers({KEY})/salesInvoices",
    "/customers/$count",
    "/items",
    f"/items({ITEM})",
    "/salesInvoices",
    "/salesInvoiceLines",
    "/salesCreditMemos",
    "/generalLedgerEntries",
    f"/customerPaymentJournals({JOURNAL})/customerPayments",
    f"/customerPaymentJournals({JOURNAL})/Microsoft.NAV.post",
    "/nothing",
    "/customers(1)",
    "/$batch",
)
NAMES = (
    "number",
    "displayName",
    "city",
    "balance",
    "customerId",
    "customerNumber",
    "quantity",
    "unitPrice",
    "discountPercent",
    "taxPercent",
    "amount",
    "postingDate",
    "documentId",
    "itemId",
    "sequence",
    "requests",
    "id",
    "method",
    "url",
    "body",
    "headers",
    "dependsOn",
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.integers(0, 300)
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.sampled_from((KEY, ITEM, "2026-10-15", "C00001", "GET", "customers"))
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)
    ),
    max_leaves=6,
)
bodies = st.dictionaries(st.sampled_from(NAMES), values, max_size=4).map(
    lambda value: json.dumps(value).encode()
) | st.binary(max_size=20)
filters = st.text(max_size=15) | st.lists(
    st.sampled_from(
        (
            *("number", "balance", "lastModifiedDateTime", "city", "id", "eq", "gt"),
            *("and", "or", "not", "(", ")", ",", "contains(", "null", "true", "'x'"),
            *("1.5", "9" * 40, "2026-10-01", "9999-12-31T23:59:59Z", KEY),
        )
    ),
    max_size=8,
).map(" ".join)
options = st.fixed_dictionaries(
    {},
    optional={
        "$filter": filters,
        "$orderby": st.sampled_from(("number", "number desc,city", "nope", "")),
        "$select": st.sampled_from(("number,balance", "nope", "id")),
        "$expand": st.sampled_from(("salesInvoices", "customer", "nope")),
        "$top": st.text(max_size=4) | st.integers(-1, 5).map(str),
        "$skip": st.integers(-1, 5).map(str),
        "$skiptoken": st.text(max_size=8) | st.just("WzEsIngiXQ"),
        "$count": st.sampled_from(("true", "x")),
    },
)
tags = st.sampled_from(("*", 'W/"old"', "x", ""))


class Machine(RuleBasedStateMachine):
    """A caller who sends anything, and books that must balance."""

    keys: Credentials = credentials(7)

    @initialize()
    def open(self) -> None:
        """Open the books of a company with one customer."""
        start = datetime(2026, 11, 1, 12, tzinfo=UTC)
        self.store = Store({}, Clock(start, running=False))
        common = {"_etag": 'W/"1"', "_company": COMPANY}
        stamp = {"lastModifiedDateTime": "2026-10-01T00:00:00.000Z"}
        self.store.load(
            {
                "business_central": {
                    "companies": [common | stamp | {"id": COMPANY, "name": "A"}],
                    "customers": [
                        common
                        | stamp
                        | {
                            "id": KEY,
                            "number": "C00001",
                            "displayName": "Customer",
                            "currencyCode": "EUR",
                            "balance": 0,
                        }
                    ],
                    "items": [
                        common
                        | stamp
                        | {
                            "id": ITEM,
                            "number": "PLT",
                            "displayName": "Platform",
                            "unitPrice": Decimal("9.99"),
                        }
                    ],
                    "customerPaymentJournals": [
                        common
                        | stamp
                        | {"id": JOURNAL, "code": "D", "displayName": "Journal"}
                    ],
                }
            }
        )
        app = application(self.store, self.keys, only=("business_central",))
        self.client = in_process(app, "business_central")
        token = self.client.post(
            "/tenant/oauth2/v2.0/token",
            data={
                "grant_type": "client_credentials",
                "client_id": self.keys.business_central_client_id,
                "client_secret": self.keys.business_central_client_secret,
            },
        ).json()["access_token"]
        self.client.headers["Authorization"] = f"Bearer {token}"
        self.drafts: list[str] = []

    def teardown(self) -> None:
        """Close the books."""
        if hasattr(self, "client"):
            self.client.close()

    def send(self, method: str, path: str, **how: Any) -> Any:
        """Send a request and look at its answer."""
        base = API if path.startswith("/$") else f"{API}/companies({COMPANY})"
        response = self.client.request(method, base + path, **how)
        assert response.status_code != 500, (method, path, how, response.text)
        if response.status_code >= 400:
            error = response.json()["error"]
            assert set(error) == {"code", "message"}, error
        return response

    @rule(
        method=st.sampled_from(("GET", "POST", "PATCH", "DELETE", "PUT")),
        path=st.sampled_from(PATHS),
        query=options,
        body=bodies,
        tag=tags,
    )
    def anything(
        self, method: str, path: str, query: dict[str, str], body: bytes, tag: str
    ) -> None:
        """Send anything anywhere."""
        headers = {"If-Match": tag} if tag else {}
        sent = {} if method == "GET" else {"content": body}
        self.send(method, path, params=query, headers=headers, **sent)

    @rule(
        quantity=st.decimals("0.01", "999", places=2),
        price=st.decimals("0.01", "9999", places=2),
        tax=st.sampled_from((0, 7, 19)),
    )
    def draft(self, quantity: Decimal, price: Decimal, tax: int) -> None:
        """Make a draft of one line in one transaction."""
        line = {
            "itemId": ITEM,
            "quantity": float(quantity),
            "unitPrice": float(price),
            "taxPercent": tax,
        }
        company = f"companies({COMPANY})"
        head = {"customerId": KEY}
        requests = [
            {
                "id": "1",
                "method": "POST",
                "url": f"{company}/salesInvoices",
                "body": head,
            },
            {
                "id": "2",
                "method": "POST",
                "url": "$1/salesInvoiceLines",
                "body": line,
                "dependsOn": ["1"],
            },
        ]
        answers = self.send(
            "POST",
            "/$batch",
            json={"requests": requests},
            headers={"Isolation": "snapshot"},
        ).json()["responses"]
        if [each["status"] for each in answers] == [201, 201]:
            self.drafts.append(answers[0]["body"]["id"])

    @rule(action=st.sampled_from(("post", "cancel", "dance")))
    def act(self, action: str) -> None:
        """Post or cancel the last draft."""
        if self.drafts:
            path = f"/salesInvoices({self.drafts[-1]})/Microsoft.NAV.{action}"
            self.send("POST", path)

    @invariant()
    def the_books_balance(self) -> None:
        """What is debited is credited."""
        if not hasattr(self, "store"):
            return
        held = self.store.collection("business_central", "generalLedgerEntries")
        total = sum(
            Decimal(each["debitAmount"]) - Decimal(each["creditAmount"])
            for each in held
        )
        assert total == 0

    @invariant()
    def pages_join_without_a_gap(self) -> None:
        """Following the links shows each customer once."""
        if not hasattr(self, "store"):
            return
        held = self.store.collection("business_central", "customers")
        url: str | None = f"{API}/companies({COMPANY})/customers"
        seen: list[str] = []
        while url:
            page = self.client.get(
                url, headers={"Prefer": "odata.maxpagesize=2"}
            ).json()
            seen += [each["id"] for each in page["value"]]
            url = page.get("@odata.nextLink")
        assert seen == sorted(each["id"] for each in held)


Machine.TestCase.settings = settings(
    max_examples=30, stateful_step_count=15, deadline=None, derandomize=True
)


class TestBusinessCentral(Machine.TestCase):  # type: ignore[misc, name-defined]
    """Keeps OData's rules and balanced books, for 30 callers of 15 requests each."""
