"""Vitally against hypothesis: whatever is sent, the answer has the vendor's shape."""

from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from sandbox.credentials import credentials
from sandbox.vitally.shapes import KINDS
from tests.sandbox.vitally.conftest import in_one_process

pytestmark = pytest.mark.judge("hypothesis")

KEYS = credentials(7)
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
WORDS = sorted({word for kind in KINDS.values() for word in kind.writable} | {"traits"})
BODIES = ANY | st.dictionaries(
    st.sampled_from(WORDS) | st.text(max_size=5),
    ANY | st.sampled_from(("00101", "u1", "2026-11-01")),
    max_size=6,
)
PARAMS = st.dictionaries(
    st.sampled_from(("limit", "from", "sortBy", "status", "x")),
    st.sampled_from(("", "1", "createdAt", "churned", "MjAyNnw1"))
    | st.text(max_size=8),
    max_size=3,
)


class Machine(RuleBasedStateMachine):
    """A workspace that good and bad callers use at once."""

    def __init__(self) -> None:
        """Open the workspace."""
        super().__init__()
        self.opened = in_one_process(KEYS)
        self.workspace: Any = self.opened.__enter__()
        self.names: dict[str, str] = {}

    def teardown(self) -> None:
        """Close the workspace."""
        self.opened.__exit__(None, None, None)

    def ask(self, method: str, path: str, **options: Any) -> Any:
        """Call, and hold the answer against the vendor's shape."""
        answer = self.workspace.client.request(method, path, **options)
        told = answer.json()
        assert answer.status_code < 500, (method, path, options, told)
        if answer.status_code >= 400:
            assert list(told) == ["error"]
        return answer

    @rule(external=st.sampled_from(("a", "b", "c")), name=st.text(min_size=1))
    def upsert(self, external: str, name: str) -> None:
        """An account is there once, with its last name."""
        body = {"externalId": external, "name": name}
        assert self.ask("POST", "/accounts", json=body).status_code == 200
        self.names[external] = name

    @rule(
        kind=st.sampled_from(sorted(KINDS)),
        method=st.sampled_from(("GET", "POST", "PUT", "DELETE", "PATCH")),
        identity=st.sampled_from(("", "/00101", "/u1", "/nobody", "/00101/users")),
        body=BODIES,
        params=PARAMS,
    )
    def anything(
        self, kind: str, method: str, identity: str, body: Any, params: Any
    ) -> None:
        """Any call with words that are understood, to no good end."""
        options: dict[str, Any] = {"params": params}
        if method in {"POST", "PUT"}:
            try:
                options["json"] = body
                self.ask(method, f"/{kind}{identity}", **options)
            except ValueError:  # NaN: the client itself refuses to write it
                return
        else:
            self.ask(method, f"/{kind}{identity}", **options)

    @rule(body=st.binary(max_size=30), path=st.sampled_from(("/users", "/notes")))
    def post_bytes(self, body: bytes, path: str) -> None:
        """Any bytes."""
        headers = {"Content-Type": "application/json"}
        self.ask("POST", path, content=body, headers=headers)

    @invariant()
    def names_are_as_they_were_written(self) -> None:
        """Nobody's name changes by itself."""
        for external, name in self.names.items():
            assert self.workspace.get(f"/accounts/{external}")["name"] == name


Machine.TestCase.settings = settings(
    max_examples=30,
    stateful_step_count=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
TestMachine = Machine.TestCase
