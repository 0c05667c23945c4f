"""Whatever is sent to Zendesk, the answer is Zendesk's: never a bare 500."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from sandbox.clients import in_process
from sandbox.clock import Clock
from sandbox.credentials import Credentials, credentials
from sandbox.server import application
from sandbox.store import Store

pytestmark = pytest.mark.judge("hypothesis")

API = "/api/v2"
PATHS = (
    "/organizations",
    "/organizations/100",
    "/organizations/show_many",
    "/organizations/create_many",
    "/organizations/update_many",
    "/organizations/destroy_many",
    "/organizations/create_or_update",
    "/organizations/100/users",
    "/users",
    "/users/501",
    "/users/create_or_update_many",
    "/users/search",
    "/deleted_users/501",
    "/tickets",
    "/tickets/701",
    "/tickets/701/comments",
    "/tickets/701/audits",
    "/tickets/update_many",
    "/deleted_tickets",
    "/incremental/tickets/cursor",
    "/incremental/organizations",
    "/incremental/ticket_events",
    "/search",
    "/search/export",
    "/job_statuses",
    "/job_statuses/show_many",
    "/webhooks",
    "/webhooks/x/invocations",
    "/organization_fields",
    "/ticket_fields/1",
    "/nowhere",
)
PARAMETERS = (
    "page",
    "per_page",
    "page[size]",
    "page[after]",
    "page[before]",
    "sort",
    "sort_by",
    "start_time",
    "cursor",
    "query",
    "filter[type]",
    "ids",
    "external_ids",
    "include",
)
RECORDS = ("organization", "user", "ticket", "webhook", "organization_field")
FIELDS = (
    "id",
    "name",
    "email",
    "external_id",
    "role",
    "subject",
    "status",
    "comment",
    "description",
    "requester",
    "requester_id",
    "organization_id",
    "tags",
    "additional_tags",
    "custom_fields",
    "organization_fields",
    "safe_update",
    "updated_stamp",
    "endpoint",
    "subscriptions",
    "custom_headers",
    "key",
    "type",
    "title",
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.integers(0, 800)
    | st.floats(allow_nan=False)
    | st.text(max_size=12)
    | st.sampled_from(
        ("open", "solved", "admin", "acc_0", "user2@c0.example", "premium", "text")
    )
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(FIELDS) | st.text(max_size=4), inner, max_size=3
        )
    ),
    max_leaves=6,
)
items = st.dictionaries(st.sampled_from(FIELDS), values, max_size=5)
bodies = (
    st.tuples(st.sampled_from(RECORDS), items).map(lambda pair: {pair[0]: pair[1]})
    | st.tuples(st.sampled_from(RECORDS), st.lists(items | values, max_size=3)).map(
        lambda pair: {f"{pair[0]}s": pair[1]}
    )
    | values
).map(lambda value: json.dumps(value).encode()) | st.binary(max_size=20)
texts = st.one_of(
    st.text(max_size=12),
    st.sampled_from(('a"b', "a\\b", "\x00", "-updated_at", "created_at", "ticket")),
    st.integers(-5, 2**70).map(str),
    st.sampled_from(
        (
            "type:ticket updated>2026-01-01",
            "-status:open priority>low",
            'name:"x*" tags:a',
            "created<99999999years",
            "updated>9999-12-31",
            "organization",
            "701,702",
            "501",
            "users,groups",
        )
    ),
)


class Machine(RuleBasedStateMachine):
    """A caller who sends anything, against a count of what exists."""

    keys: Credentials = credentials(7)

    @initialize()
    def open(self) -> None:
        """Open an account with one of each."""
        start = datetime(2026, 11, 1, 12, tzinfo=UTC)
        self.store = Store({}, Clock(start, running=False))
        self.store.load(
            {
                "zendesk": {
                    "organization": [{"id": 100, "name": "A", "external_id": "acc_0"}],
                    "user": [{"id": 501, "name": "U", "role": "admin", "active": True}],
                    "ticket": [
                        {
                            "id": 701,
                            "subject": "T",
                            "status": "open",
                            "created_at": "2026-10-01T00:00:00Z",
                            "updated_at": "2026-10-01T00:00:00Z",
                        }
                    ],
                }
            }
        )
        self.store.set_conditions(
            {"zendesk": {"export_calls_per_minute": 9999, "job_seconds": 5}}
        )
        self.client = in_process(
            application(self.store, self.keys, only=("zendesk",)), "zendesk"
        )
        self.auth = (f"{self.keys.zendesk_email}/token", self.keys.zendesk_api_token)
        self.names: set[str] = set()

    def teardown(self) -> None:
        """Close the account."""
        if hasattr(self, "client"):
            self.client.close()

    def send(self, method: str, path: str, **how: Any) -> Any:
        """Send a request and look at its answer."""
        response = self.client.request(method, API + path, auth=self.auth, **how)
        assert response.status_code != 500, (method, path, how, response.text)
        if response.status_code >= 400:
            answer = response.json()
            assert "error" in answer, answer
        return response

    @rule(
        method=st.sampled_from(("GET", "POST", "PUT", "PATCH", "DELETE")),
        path=st.sampled_from(PATHS),
        suffix=st.sampled_from(("", ".json", "/x")),
        body=bodies,
        query=st.dictionaries(st.sampled_from(PARAMETERS), texts, max_size=3),
    )
    def anything(
        self, method: str, path: str, suffix: str, body: bytes, query: dict[str, str]
    ) -> None:
        """Send anything anywhere."""
        headers = {"Content-Type": "application/json"}
        sent = {} if method == "GET" else {"content": body}
        self.send(method, path + suffix, params=query, headers=headers, **sent)
        self.names = self.held_names()

    @rule(name=st.sampled_from(("B", "b", "C", "Ärger", "  ")))
    def create(self, name: str) -> None:
        """Create an organization: a second of that name is refused."""
        response = self.send(
            "POST", "/organizations", json={"organization": {"name": name}}
        )
        is_free = name.strip() and name.lower() not in self.names
        assert response.status_code == (201 if is_free else 422)
        self.names = self.held_names()

    @precondition(lambda self: hasattr(self, "store"))
    @rule(seconds=st.integers(0, 4000))
    def wait(self, seconds: int) -> None:
        """Let time pass: jobs are carried out."""
        self.store.clock.advance(seconds)
        self.send("GET", "/job_statuses")
        self.names = self.held_names()

    def held_names(self) -> set[str]:
        """Return the names that are taken, as the store holds them."""
        held = self.store.collection("zendesk", "organization")
        return {
            str(each["name"]).lower() for each in held if not each.get("deleted_at")
        }

    @invariant()
    def lists_agree_with_the_store(self) -> None:
        """The list shows what was not deleted, each once."""
        if not hasattr(self, "store"):
            return
        self.store.clock.advance(60)
        page = self.send("GET", "/organizations?page[size]=100").json()
        held = self.store.collection("zendesk", "organization")
        shown = [each["id"] for each in held if not each.get("deleted_at")]
        assert [each["id"] for each in page["organizations"]] == sorted(shown)[:100]


Machine.TestCase.settings = settings(
    max_examples=30, stateful_step_count=15, deadline=None, derandomize=True
)


class TestZendesk(Machine.TestCase):  # type: ignore[misc, name-defined]
    """Zendesk answers whatever is sent, for 30 callers of 15 requests each."""
