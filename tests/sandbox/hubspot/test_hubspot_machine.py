"""HubSpot against hypothesis: valid and hostile calls, and a small model beside it."""

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from sandbox.clients import in_process
from sandbox.clock import Clock
from sandbox.credentials import credentials
from sandbox.server import application
from sandbox.store import Store

pytestmark = pytest.mark.judge("hypothesis")

KEYS = credentials(7)
KINDS = ("contacts", "companies", "deals", "leads", "products", "0-2", "nothing")
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
WORDS = (
    *("inputs", "properties", "filterGroups", "filters", "sorts", "query", "after"),
    *("limit", "id", "idProperty", "objectWriteTraceId", "associations", "types"),
    *("to", "from", "name", "label", "type", "fieldType", "groupName", "options"),
    *("propertyName", "operator", "value", "values", "highValue", "email", "amount"),
    *("targetUrl", "throttling", "eventType", "active", "objectTypeId", "inverseLabel"),
    *("primaryObjectId", "objectIdToMerge", "objectId", "associationTypeId"),
    *("associationCategory", "propertiesWithHistory", "hasUniqueValue"),
)
# Bodies with words that are understood reach further than those without.
KNOWN = st.recursive(
    ANY
    | st.sampled_from(("EQ", "IN", "BETWEEN", "CONTAINS_TOKEN", "email", "contacts"))
    | st.sampled_from(("100000000000001", "HUBSPOT_DEFINED", "createdate", "-amount")),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(WORDS), inner, max_size=5)
    ),
    max_leaves=20,
)
PATHS = st.sampled_from(
    (
        "/crm/v3/objects/{kind}",
        "/crm/objects/2026-09/{kind}/{text}",
        "/crm/objects/{text}/{kind}",
        "/crm/v3/objects/{kind}/search",
        "/crm/v3/objects/{kind}/merge",
        "/crm/v3/objects/{kind}/gdpr-delete",
        "/crm/v3/objects/{kind}/batch/read",
        "/crm/v3/objects/{kind}/batch/create",
        "/crm/v3/objects/{kind}/batch/update",
        "/crm/v3/objects/{kind}/batch/upsert",
        "/crm/v3/objects/{kind}/batch/archive",
        "/crm/v4/objects/{kind}/{text}/associations/companies",
        "/crm/v4/objects/{kind}/1/associations/companies/{text}",
        "/crm/v4/objects/{kind}/1/associations/default/contacts/{text}",
        "/crm/v4/associations/{kind}/companies/batch/read",
        "/crm/v4/associations/{kind}/companies/batch/create",
        "/crm/v4/associations/{kind}/companies/batch/archive",
        "/crm/v4/associations/{kind}/companies/batch/labels/archive",
        "/crm/v4/associations/{kind}/companies/labels",
        "/crm/v4/associations/{kind}/companies/labels/{text}",
        "/crm/v3/properties/{kind}",
        "/crm/v3/properties/{kind}/{text}",
        "/crm/v3/properties/{kind}/batch/create",
        "/crm/v3/properties/{kind}/batch/read",
        "/crm/v3/pipelines/{kind}/{text}/stages",
        "/crm/v3/schemas/{kind}",
        "/crm/v3/owners/{text}",
        "/webhooks/v3/2600001/subscriptions",
        "/webhooks/v3/2600001/subscriptions/batch/update",
        "/webhooks/v3/2600001/settings",
        "/webhooks-journal/journal/2026-03/offset/{text}/next",
        "/webhooks-journal/journal/2026-03/batch/earliest/{text}",
        "/webhooks-journal/journal/2026-03/batch/read",
        "/webhooks-journal/files/{text}/{text}/x",
        "/oauth/v1/token",
        "/{text}",
    )
)
INPUTS = st.dictionaries(st.sampled_from(WORDS), KNOWN, max_size=4)
VALUES = st.dictionaries(
    st.sampled_from(("email", "firstname", "amount", "closedate", "name", "domain")),
    ANY | st.sampled_from(("a@b.example", "1e3", "2026-01-01", "1700000000000")),
    max_size=3,
)
FILTERS = st.fixed_dictionaries(
    {
        "propertyName": st.sampled_from(("email", "createdate", "amount", "name", "x"))
        | ANY,
        "operator": st.sampled_from(
            (
                "EQ",
                "NEQ",
                "GT",
                "BETWEEN",
                "IN",
                "NOT_IN",
                "HAS_PROPERTY",
                "NOT_HAS_PROPERTY",
                "CONTAINS_TOKEN",
                "NOT_CONTAINS_TOKEN",
                "LIKE",
            )
        ),
    },
    optional={"value": ANY, "highValue": ANY, "values": ANY | st.lists(st.text())},
)
BODIES = (
    KNOWN
    | st.fixed_dictionaries({"inputs": st.lists(INPUTS, min_size=1, max_size=3)})
    | st.fixed_dictionaries(
        {
            "inputs": st.lists(
                st.fixed_dictionaries(
                    {"id": st.text(max_size=6) | st.integers(), "properties": VALUES},
                    optional={
                        "idProperty": st.sampled_from(("email", "name")),
                        "objectWriteTraceId": st.text(max_size=3),
                        "from": INPUTS,
                        "to": INPUTS,
                        "associations": st.lists(INPUTS, max_size=2),
                    },
                ),
                min_size=1,
                max_size=3,
            )
        }
    )
    | st.fixed_dictionaries({"properties": VALUES}, optional={"associations": KNOWN})
    | st.fixed_dictionaries(
        {"filters": st.lists(FILTERS, min_size=1, max_size=3)},
        optional={"query": st.text(), "sorts": KNOWN, "limit": ANY, "after": ANY},
    )
)
METHODS = st.sampled_from(("POST", "POST", "POST", "GET", "PUT", "PATCH", "DELETE"))
TYPES = st.sampled_from(
    ("application/json",) * 6
    + ("text/plain", "application/x-www-form-urlencoded", "application/json;x=y", "")
)
QUERIES = st.dictionaries(
    st.sampled_from(
        (
            "limit",
            "after",
            "archived",
            "properties",
            "idProperty",
            "associations",
            "propertiesWithHistory",
            "email",
        )
    ),
    st.text(max_size=12) | st.sampled_from(("1", "true", "email", "companies")),
    max_size=3,
)


class Account(RuleBasedStateMachine):
    """One account, the contacts that we believe it has, and whoever attacks it."""

    @initialize()
    def open(self) -> None:
        """Open an empty account."""
        clock = Clock(datetime(2026, 11, 1, 12, tzinfo=UTC), running=False)
        self.store = Store({}, clock)
        budgets = {"calls_per_ten_seconds": 10**6, "searches_per_second": 10**6}
        self.store.set_conditions({"hubspot": budgets})
        app = application(self.store, KEYS, only=["hubspot"])
        self.client = in_process(app, "hubspot")
        self.client.headers["Authorization"] = f"Bearer {KEYS.hubspot_access_token}"
        self.model: dict[str, str] = {}  # id by email
        self.seconds: dict[str, str] = {}  # id by an email that a merge made second

    def teardown(self) -> None:
        """Close the account."""
        self.client.close()
        self.store.close()

    def call(self, method: str, path: str, **options: Any) -> Any:
        """Call, and check that the answer has HubSpot's form."""
        response = self.client.request(method, path, **options)
        assert response.status_code < 500, (method, path, options, response.text)
        if response.status_code >= 400:
            body = response.json()
            assert body["message"]
            assert body["correlationId"]
            assert body["status"] == "error" or body["status"].startswith("BAD_")
        return response

    @rule(number=st.integers(0, 6), name=st.text(max_size=20))
    def create(self, number: int, name: str) -> None:
        """Create a contact; an email that is taken is a conflict."""
        email = f"p{number}@x.example"
        body = {"properties": {"email": email, "firstname": name}}

        response = self.call(
            "POST",
            "/crm/v3/objects/contacts",
            content=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )

        if email in self.model or email in self.seconds:
            assert response.status_code == 409
        elif response.status_code == 201:
            self.model[email] = response.json()["id"]

    @rule(numbers=st.lists(st.integers(0, 6), min_size=1, max_size=4, unique=True))
    def upsert(self, numbers: list[int]) -> None:
        """Upsert contacts: new are those that we did not know."""
        inputs = [
            {
                "idProperty": "email",
                "id": f"p{number}@x.example",
                "properties": {"lastname": "x"},
            }
            for number in numbers
        ]

        response = self.call(
            "POST", "/crm/v3/objects/contacts/batch/upsert", json={"inputs": inputs}
        )

        for given, row in zip(inputs, response.json()["results"], strict=True):
            known = self.model | self.seconds
            assert row["new"] == (given["id"] not in known)
            if row["new"]:
                self.model[str(given["id"])] = row["id"]

    @rule(number=st.integers(0, 6))
    def archive(self, number: int) -> None:
        """Archive a contact; its email is free again."""
        email = f"p{number}@x.example"
        if email in self.model:
            gone = self.model.pop(email)
            self.forget_seconds(gone)
            path = f"/crm/v3/objects/contacts/{gone}"
            assert self.call("DELETE", path).status_code == 204
            assert self.call("GET", path).status_code == 404

    @rule(one=st.integers(0, 6), other=st.integers(0, 6))
    def merge(self, one: int, other: int) -> None:
        """Merge two contacts; both ids lead to the first."""
        emails = (f"p{one}@x.example", f"p{other}@x.example")
        if one == other or not set(emails) <= set(self.model):
            return
        kept, gone = self.model[emails[0]], self.model.pop(emails[1])
        body = {"primaryObjectId": kept, "objectIdToMerge": gone}

        self.call("POST", "/crm/v3/objects/contacts/merge", json=body)

        found = self.call("GET", f"/crm/v3/objects/contacts/{gone}")
        assert found.json()["id"] == kept
        moved = {email: kept for email, held in self.seconds.items() if held == gone}
        self.seconds |= moved | {emails[1]: kept}

    @rule(
        method=METHODS,
        path=PATHS,
        kind=st.sampled_from(KINDS),
        text=st.text(max_size=12) | st.sampled_from(("1", "name", "100000000000001")),
        query=QUERIES,
        body=BODIES,
        media=TYPES,
    )
    def attack(
        self,
        *,
        method: str,
        path: str,
        kind: str,
        text: str,
        query: dict[str, str],
        body: Any,
        media: str,
    ) -> None:
        """Call any path with anything."""
        if method == "DELETE" and path.startswith("/crm/objects/2026-09/{kind}"):
            text = "1"  # a contact of the model stays
        place = path.format(kind=kind, text=quote(text, safe=""))
        if path.startswith("/webhooks/"):
            query = query | {"hapikey": KEYS.hubspot_developer_key}
        before = self.emails()

        self.call(
            method,
            place,
            params=query,
            content=json.dumps(body).encode("utf-8", "surrogatepass"),
            headers={"Content-Type": media},
        )

        self.learn(before)

    @rule(content=st.binary(max_size=40), path=PATHS, method=METHODS)
    def noise(self, content: bytes, path: str, method: str) -> None:
        """Send bytes that are no JSON."""
        place = path.format(kind="contacts", text="none")
        headers = {"Content-Type": "application/json"}
        self.call(method, place, content=content, headers=headers)

    def forget_seconds(self, gone: str) -> None:
        """Forget the second emails of a contact that is gone."""
        self.seconds = {
            email: held for email, held in self.seconds.items() if held != gone
        }

    def emails(self) -> dict[str, str]:
        """Return the ids by email of what the account lists."""
        answer = self.client.get("/crm/v3/objects/contacts?limit=100&properties=email")
        return {
            row["properties"]["email"]: row["id"] for row in answer.json()["results"]
        }

    def learn(self, before: dict[str, str]) -> None:
        """Take over what an attack happened to get right."""
        after = self.emails()
        for email in before.keys() | after.keys():
            if before.get(email) == after.get(email):
                continue
            if email in before:
                self.forget_seconds(before[email])
            if email in after:
                self.model[email] = after[email]
            else:
                self.model.pop(email, None)

    @invariant()
    def agrees(self) -> None:
        """The account lists exactly the contacts that we believe in."""
        if hasattr(self, "model"):
            listed = {
                email: found
                for email, found in self.emails().items()
                if email is not None
            }
            assert listed == {k: v for k, v in self.model.items() if k is not None}


TestAccount = Account.TestCase
TestAccount.settings = settings(
    max_examples=30,
    stateful_step_count=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
