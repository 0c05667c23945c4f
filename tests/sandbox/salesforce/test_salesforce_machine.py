"""Salesforce driven at random, against a small model: never a 500, never a bare no."""

from contextlib import ExitStack
from functools import cache
from typing import Any

import httpx
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
)

from sandbox.clients import in_process
from sandbox.clock import Clock
from sandbox.credentials import Credentials, credentials
from sandbox.salesforce.api import Salesforce
from sandbox.store import Store

HOST = "https://concord.my.salesforce.com"
DATA = f"{HOST}/services/data/v68.0/"

NAMES = st.text(min_size=1, max_size=12).filter(str.strip)
HOSTILE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("Name", "records", "attributes", "type", "Id", "ids", "fields"),
                    *("compositeRequest", "url", "method", "referenceId", "body"),
                    *("operation", "object", "query", "state", "Parent", "allOrNone"),
                    *("graphs", "batchRequests", "Amount", "Concord_Id__c"),
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
PATHS = st.sampled_from(
    [
        *("", "limits", "limits/recordCount", "sobjects", "sobjects/Account"),
        *("sobjects/Account/describe", "sobjects/Account/updated?start=x&end=y"),
        *(
            "sobjects/Account/Concord_Id__c/x",
            "sobjects/Account/Id/x",
            "query?q=SELECT",
        ),
        *("query/x-1", "composite", "composite/batch", "composite/graph"),
        *("composite/tree/Account", "composite/sobjects", "composite/sobjects/Account"),
        *("composite/sobjects/Account/Concord_Id__c", "jobs/query", "jobs/ingest"),
        *("jobs/ingest/x/batches", "jobs/query/x/results", "sobjects/Nope/%00/%2F"),
    ]
)
METHODS = st.sampled_from(["GET", "POST", "PATCH", "PUT", "DELETE", "HEAD"])


@cache
def keys() -> Credentials:
    """One set of keys: making them takes longer than a run."""
    return credentials(7)


class Organisation(RuleBasedStateMachine):
    """Accounts by id; what is in the bin stays known as deleted."""

    made = Bundle("made")

    def __init__(self) -> None:
        """Open an empty organisation."""
        super().__init__()
        self.opened = ExitStack()
        self.store = Store({}, Clock())
        service = Salesforce(self.store, self.store.clock, keys())
        self.client = self.opened.enter_context(in_process(service.api(), "salesforce"))
        self.names: dict[str, str] = {}
        self.external: dict[str, str] = {}

    @initialize()
    def sign_in(self) -> None:
        """Open a session."""
        answer = self.client.post(
            f"{HOST}/services/oauth2/token",
            data={"grant_type": "client_credentials"},
            auth=(keys().salesforce_client_id, keys().salesforce_client_secret),
        )
        self.client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        self.client.headers["Sforce-Duplicate-Rule-Header"] = "allowSave=true"

    def ask(self, method: str, path: str, **what: Any) -> httpx.Response:
        """Ask, and check that a refusal has Salesforce's shape."""
        response = self.client.request(method, DATA + path, **what)
        assert response.status_code < 500, response.text
        if response.status_code >= 400 and method != "HEAD":
            answer = response.json()
            if isinstance(answer, dict):  # a tree that did not grow
                assert answer["hasErrors"] is True
            else:
                assert all(each["errorCode"] and each["message"] for each in answer)
        return response

    @rule(target=made, name=NAMES)
    def create(self, name: str) -> str:
        """Add an account."""
        response = self.ask("POST", "sobjects/Account", json={"Name": name})
        assert response.status_code == 201
        record_id = str(response.json()["id"])
        self.names[record_id] = name
        return record_id

    @rule(record_id=made, name=NAMES)
    def update(self, record_id: str, name: str) -> None:
        """Change a name; a deleted account says that it is."""
        response = self.ask(
            "PATCH", f"sobjects/Account/{record_id[:15]}", json={"Name": name}
        )
        assert response.status_code == (204 if record_id in self.names else 404)
        if record_id in self.names:
            self.names[record_id] = name

    @rule(record_id=made)
    def delete(self, record_id: str) -> None:
        """Put an account into the bin, once."""
        response = self.ask("DELETE", f"sobjects/Account/{record_id}")
        assert response.status_code == (204 if record_id in self.names else 404)
        self.names.pop(record_id, None)
        self.external = {
            key: each for key, each in self.external.items() if each != record_id
        }

    @rule(target=made, key=st.sampled_from(["a", "b"]), name=NAMES)
    def upsert(self, key: str, name: str) -> str:
        """Add or change the account with an external id."""
        response = self.ask(
            "PATCH", f"sobjects/Account/Concord_Id__c/{key}", json={"Name": name}
        )
        assert response.status_code == (200 if key in self.external else 201)
        record_id = str(response.json()["id"])
        assert self.external.setdefault(key, record_id) == record_id
        self.names[record_id] = name
        return record_id

    @rule(ids=st.lists(made, min_size=1, max_size=4), whole=st.booleans())
    def update_many(self, ids: list[str], whole: bool) -> None:  # noqa: FBT001 -- drawn
        """Change several; with allOrNone a deleted one among them keeps all as is."""
        rows = [
            {"attributes": {"type": "Account"}, "Id": each, "Name": "Many"}
            for each in ids
        ]
        answer = self.ask(
            "PATCH", "composite/sobjects", json={"allOrNone": whole, "records": rows}
        ).json()
        alive = [each in self.names for each in ids]
        kept = alive if all(alive) or not whole else [False] * len(ids)
        assert [each["success"] for each in answer] == kept
        for record_id, written in zip(ids, kept, strict=True):
            if written:
                self.names[record_id] = "Many"

    @rule(method=METHODS, path=PATHS, body=HOSTILE)
    def say_nonsense(self, method: str, path: str, body: Any) -> None:
        """Send JSON that fits nowhere; what it happens to make is taken note of."""
        self.ask(method, path, json=body)
        self._look()

    @rule(method=METHODS, path=PATHS, body=st.binary(max_size=20), kind=st.booleans())
    def send_noise(self, method: str, path: str, body: bytes, kind: bool) -> None:  # noqa: FBT001 -- drawn
        """Send bytes that are no JSON, under a right or a wrong name."""
        named = {"Content-Type": "application/json" if kind else "text/csv"}
        self.ask(method, path, content=body, headers=named)

    @rule(path=PATHS)
    def come_as_a_stranger(self, path: str) -> None:
        """Without a session nothing is told."""
        response = self.ask("GET", path, headers={"Authorization": "Bearer 00D!x"})
        assert response.status_code == 401

    def _look(self) -> None:
        """Take note of accounts that nonsense made or deleted."""
        rows = self.store.collection("salesforce", "Account").find()
        alive = {each["Id"]: each for each in rows if not each["IsDeleted"]}
        self.names = {record_id: each["Name"] for record_id, each in alive.items()}
        self.external = {
            each["Concord_Id__c"]: each["Id"]
            for each in alive.values()
            if each["Concord_Id__c"]
        }

    @invariant()
    def the_accounts_are_those_of_the_model(self) -> None:
        """A query shows exactly what was written and not deleted."""
        if "authorization" not in self.client.headers:
            return
        query = {"q": "SELECT Id, Name FROM Account"}
        rows = self.ask("GET", "query", params=query).json()["records"]
        assert {row["Id"]: row["Name"] for row in rows} == self.names

    def teardown(self) -> None:
        """Close the organisation."""
        self.opened.close()
        self.store.close()


TestOrganisation = pytest.mark.judge("hypothesis")(Organisation.TestCase)
TestOrganisation.settings = settings(
    max_examples=30, stateful_step_count=15, deadline=None, derandomize=True
)
