"""Schema drift: fields that appear, vanish or change their type in Stripe's answers."""

from typing import Any

import httpx
import pytest


@pytest.fixture
def client(account: Any) -> Any:
    """A plain client of an account with one customer; the judge knows no drift."""
    account.v1.customers.create({"name": "Ada", "metadata": {"a": "1"}})
    with account.doors.client("stripe") as client:
        client.auth = (account.doors.keys.stripe_api_key, "")
        yield client


def drift(account: Any, *changes: tuple[str, str, str]) -> None:
    """Let fields of customers drift: name, change, type."""
    listed = [
        {"object": "customer", "field": field, "change": change, "type": kind}
        for field, change, kind in changes
    ]
    account.doors.control("conditions", {"stripe": {"drift": listed or None}})


def shown(answer: httpx.Response) -> Any:
    """Return the one customer in an answer."""
    body = answer.json()
    return body["data"][0] if body["object"] == "list" else body


def test_fields_drift_in_every_answer_until_the_condition_ends(
    account: Any, client: httpx.Client
) -> None:
    """Added, removed and retyped: in lists, reads and answers to writes."""
    before = shown(client.get("/v1/customers"))
    drift(
        account,
        ("tier", "added", ""),
        ("phone", "removed", ""),
        ("balance", "retyped", "string"),
    )

    path = f"/v1/customers/{before['id']}"
    answers = [
        client.get("/v1/customers"),
        client.get(path),
        client.post(path, data={"name": "Ada"}),
    ]
    drift(account)
    after = shown(client.get("/v1/customers"))

    wanted = {name: value for name, value in before.items() if name != "phone"}
    wanted |= {"tier": f"drift {before['id']}", "balance": "0"}
    assert [shown(answer) for answer in answers] == [wanted] * 3
    assert after == before


def test_an_error_does_not_drift(account: Any, client: httpx.Client) -> None:
    """What is refused is refused in the words that clients know."""
    drift(account, ("message", "removed", ""))

    error = client.get("/v1/customers/cus_nobody").json()["error"]

    assert error["code"] == "resource_missing"


def test_a_repeated_key_gives_the_answer_as_it_was(
    account: Any, client: httpx.Client
) -> None:
    """What was answered before the drift is answered after it, byte for byte."""
    key = {"Idempotency-Key": "k1"}
    first = client.post("/v1/customers", data={"name": "B"}, headers=key)
    drift(account, ("tier", "added", ""))

    second = client.post("/v1/customers", data={"name": "B"}, headers=key)

    assert second.content == first.content
