"""Stripe's writes, and requests that are repeated with a key."""

from typing import Any

import httpx
import pytest


def error(response: httpx.Response) -> tuple[int, str, str | None, str | None]:
    """Return status, type, code and parameter of an error."""
    said = response.json()["error"]
    return response.status_code, said["type"], said.get("code"), said.get("param")


def test_metadata_is_changed_key_by_key(served: Any) -> None:
    """A key is added, one replaced, one removed by an empty value; others stay."""
    response = served.stripe.post(
        "/customers/cus_1",
        data={
            "name": "Renamed",
            "metadata[duplicate_of]": "cus_2",
            "metadata[plan]": "",
        },
    )

    assert response.status_code == 200
    assert response.json()["name"] == "Renamed"
    assert response.json()["metadata"] == {"tax_id": "T1", "duplicate_of": "cus_2"}
    assert served.stripe.get("/customers/cus_1").json() == response.json()


def test_an_empty_metadata_removes_all_keys(served: Any) -> None:
    """As Stripe says: unset all keys by an empty value."""
    response = served.stripe.post("/customers/cus_1", data={"metadata": ""})

    assert response.json()["metadata"] == {}


def test_a_customer_is_created(served: Any) -> None:
    """It is on top of the list afterwards, with what was given and no more."""
    created = served.stripe.post(
        "/customers",
        data={
            "name": "New",
            "email": "a@b.example",
            "address[country]": "DE",
            "metadata[tax_id]": "T9",
        },
    ).json()
    listed = served.stripe.get("/customers", params={"limit": 1}).json()["data"][0]

    assert listed == created
    assert created["id"].startswith("cus_")
    assert created["created"] == served.clock.seconds()
    assert created["address"]["country"] == "DE"
    assert created["address"]["city"] is None
    assert created["metadata"] == {"tax_id": "T9"}


def test_a_discount_is_taken_off_a_subscription(served: Any) -> None:
    """`discounts=` clears the list."""
    response = served.stripe.post("/subscriptions/sub_1", data={"discounts": ""})

    assert response.json()["discounts"] == []
    told = [line.field for line in served.store.journal if line.actor == "api"]
    assert told == ["discounts"]


def test_a_coupon_becomes_a_discount(served: Any) -> None:
    """A repeating coupon ends after its months."""
    response = served.stripe.post(
        "/subscriptions/sub_1",
        data={"discounts[0][coupon]": "HALF", "expand[]": "discounts"},
    )

    (discount,) = response.json()["discounts"]
    assert discount["source"]["coupon"] == "HALF"
    # 2026-11-01 12:00 and 2027-02-01 12:00, UTC
    assert (discount["start"], discount["end"]) == (1_793_534_400, 1_801_483_200)


def test_an_invoice_item_waits_for_the_next_invoice(served: Any) -> None:
    """It is created pending, found among the pending ones, and can be deleted."""
    created = served.stripe.post(
        "/invoiceitems",
        data={
            "customer": "cus_1",
            "amount": "1250",
            "currency": "USD",
            "description": "Late usage",
            "metadata[concord_key]": "in_1:mtr_1",
        },
    ).json()
    pending = served.stripe.get("/invoiceitems?customer=cus_1&pending=true").json()
    deleted = served.stripe.delete(f"/invoiceitems/{created['id']}").json()

    assert (created["amount"], created["currency"], created["invoice"]) == (
        1250,
        "usd",
        None,
    )
    assert created["metadata"] == {"concord_key": "in_1:mtr_1"}
    assert pending["data"] == [created]
    assert deleted == {"id": created["id"], "object": "invoiceitem", "deleted": True}
    assert served.stripe.get("/invoiceitems").json()["data"] == []


@pytest.mark.parametrize(
    ("path", "data", "expected"),
    [
        ("/customers/cus_9", {"name": "x"}, (404, "resource_missing", "id")),
        ("/customers/cus_1", {"nope": "x"}, (400, "parameter_unknown", "nope")),
        ("/customers/cus_1", {"email": "nobody"}, (400, "email_invalid", "email")),
        ("/customers/cus_1", {"metadata[k]": "v" * 501}, (400, None, "metadata[k]")),
        (
            "/customers/cus_1",
            {f"metadata[k{n}]": "v" for n in range(51)},
            (400, None, "metadata"),
        ),
        (
            "/customers/cus_1",
            {"address[planet]": "x"},
            (400, "parameter_unknown", "address[planet]"),
        ),
        (
            "/subscriptions/sub_1",
            {"discounts[0][coupon]": "NOPE"},
            (400, "resource_missing", "discounts[0][coupon]"),
        ),
        ("/subscriptions/sub_2", {"discounts": ""}, (400, None, "discounts")),
        (
            "/invoiceitems",
            {"amount": "1", "currency": "usd"},
            (400, "parameter_missing", "customer"),
        ),
        (
            "/invoiceitems",
            {"customer": "cus_1", "amount": "1.5", "currency": "usd"},
            (400, "parameter_invalid_integer", "amount"),
        ),
        (
            "/invoiceitems",
            {"customer": "cus_1", "amount": "1", "currency": "eur"},
            (400, None, "currency"),
        ),
    ],
)
def test_a_wrong_write_is_refused_and_nothing_is_written(
    reading: Any, path: str, data: dict[str, str], expected: tuple[Any, ...]
) -> None:
    """Each refusal names its parameter; the journal stays empty."""
    status, _, code, param = error(reading.stripe.post(path, data=data))

    assert (status, code, param) == expected
    assert reading.store.journal == []


def test_a_key_repeats_the_first_answer(served: Any) -> None:
    """The second request changes nothing and is marked as a replay."""
    key = {"Idempotency-Key": "k1"}
    data = {"customer": "cus_1", "amount": "5", "currency": "usd"}

    first = served.stripe.post("/invoiceitems", data=data, headers=key)
    second = served.stripe.post("/invoiceitems", data=data, headers=key)

    assert second.content == first.content
    assert second.headers["idempotent-replayed"] == "true"
    assert second.headers["original-request"] == first.headers["request-id"]
    assert "idempotent-replayed" not in first.headers
    created = [
        line.new
        for line in served.store.journal
        if (line.actor, line.field) == ("api", "id")
    ]
    assert created == [first.json()["id"]]


def test_a_key_is_bound_to_its_parameters(served: Any) -> None:
    """The same key with another body, or for another path, is an error."""
    key = {"Idempotency-Key": "k1"}
    served.stripe.post("/customers/cus_1", data={"name": "A"}, headers=key)

    other_body = served.stripe.post("/customers/cus_1", data={"name": "B"}, headers=key)
    other_path = served.stripe.post("/customers/cus_2", data={"name": "A"}, headers=key)

    assert error(other_body)[:2] == (400, "idempotency_error")
    assert error(other_path)[:2] == (400, "idempotency_error")


def test_a_stored_500_is_repeated(served: Any) -> None:
    """Trying again with the same key gives the same 500: only a new key helps."""
    served.control.post(
        "/faults",
        json=[
            {
                "system": "stripe",
                "method": "POST",
                "path_contains": "customers",
                "kind": "status",
                "status": 500,
                "times": 1,
            }
        ],
    )
    data = {"name": "A"}

    statuses = [
        served.stripe.post(
            "/customers/cus_1", data=data, headers={"Idempotency-Key": key}
        ).status_code
        for key in ("k1", "k1", "k2")
    ]

    assert statuses == [500, 500, 200]


@pytest.mark.parametrize("status", [400, 409, 429])
def test_a_request_that_never_began_is_not_stored(served: Any, status: int) -> None:
    """A refusal before the work leaves the key free."""
    served.control.post(
        "/faults",
        json=[
            {
                "system": "stripe",
                "method": "POST",
                "path_contains": "customers",
                "kind": "status",
                "status": status,
                "times": 1,
            }
        ],
    )
    key = {"Idempotency-Key": "k1"}

    statuses = [
        served.stripe.post(
            "/customers/cus_1", data={"name": "A"}, headers=key
        ).status_code
        for _ in range(2)
    ]

    assert statuses == [status, 200]


def test_a_wrong_parameter_leaves_the_key_free(served: Any) -> None:
    """Nothing is stored where validation failed."""
    key = {"Idempotency-Key": "k1"}

    wrong = served.stripe.post("/customers/cus_1", data={"email": "x"}, headers=key)
    right = served.stripe.post("/customers/cus_1", data={"name": "A"}, headers=key)

    assert (wrong.status_code, right.status_code) == (400, 200)


def test_a_key_is_forgotten_after_a_day(served: Any) -> None:
    """Then the same key begins a new request."""
    key = {"Idempotency-Key": "k1"}
    served.stripe.post("/customers/cus_1", data={"name": "A"}, headers=key)
    served.clock.advance(24 * 3600 + 1)

    again = served.stripe.post("/customers/cus_1", data={"name": "B"}, headers=key)

    assert (again.status_code, again.json()["name"]) == (200, "B")
