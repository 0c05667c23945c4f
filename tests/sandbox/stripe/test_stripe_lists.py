"""Stripe as its reference describes it: lists, errors, envelopes."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

SPEC = Path(__file__).parents[4] / "shared/specs/stripe/spec3.json"


def ids(response: httpx.Response) -> list[str]:
    """Return the ids of a list, without their prefix."""
    return [row["id"].rpartition("_")[2] for row in response.json()["data"]]


def error(response: httpx.Response) -> tuple[int, str, str | None, str | None]:
    """Return status, type, code and parameter of an error."""
    said = response.json()["error"]
    return response.status_code, said["type"], said.get("code"), said.get("param")


def test_a_list_has_the_newest_first(reading: Any) -> None:
    """Ten by default, newest on top, and of one second the last one first."""
    response = reading.stripe.get("/invoices")

    body = response.json()
    assert ids(response) == [str(number) for number in range(24, 14, -1)]
    assert (body["object"], body["has_more"], body["url"]) == (
        "list",
        True,
        "/v1/invoices",
    )
    assert response.headers["request-id"].startswith("req_")


def test_pages_meet_without_a_gap(reading: Any) -> None:
    """starting_after goes down the list, ending_before up again."""
    first = reading.stripe.get("/invoices", params={"limit": 20})
    after = {"limit": 20, "starting_after": "in_5"}
    second = reading.stripe.get("/invoices", params=after)
    before = {"limit": 3, "ending_before": "in_4"}
    back = reading.stripe.get("/invoices", params=before)

    assert (ids(first)[-1], ids(second)) == ("5", ["4", "3", "2", "1", "0"])
    assert (second.json()["has_more"], ids(back)) == (False, ["7", "6", "5"])
    assert back.json()["has_more"]


def test_a_page_may_start_from_a_row_that_the_filter_leaves_out(reading: Any) -> None:
    """The place counts, not whether the row itself matches."""
    wanted = {"customer": "cus_1", "starting_after": "in_5", "limit": 2}

    assert ids(reading.stripe.get("/invoices", params=wanted)) == ["4", "2"]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/customers?email=billing@c2.example", ["2"]),
        ("/customers?created[gte]=1700000002&created[lt]=1700000003", ["2"]),
        ("/customers?created=1700000003", ["3"]),
        ("/invoices?status=open", ["3"]),
        ("/invoices?subscription=sub_1&limit=1", ["24"]),
        ("/invoices?subscription=sub_2", []),
        ("/subscriptions", ["1"]),
        ("/subscriptions?status=all", ["2", "1"]),
        ("/subscriptions?status=ended", ["2"]),
        ("/subscriptions?status=active&customer=cus_1&price=price_1", ["1"]),
        ("/subscription_items?subscription=sub_2", ["2"]),
        ("/billing/meters?status=inactive", []),
        ("/coupons", ["HALF"]),
    ],
)
def test_filters_are_stripes(reading: Any, path: str, found: list[str]) -> None:
    """Each list is narrowed by the parameters that Stripe has for it."""
    response = reading.stripe.get(path)

    assert response.status_code == 200, response.text
    assert ids(response) == found


def test_an_invoice_embeds_ten_lines(reading: Any) -> None:
    """The rest have a list of their own, in the invoice's order."""
    invoice = reading.stripe.get("/invoices/in_1").json()
    lines = reading.stripe.get("/invoices/in_1/lines", params={"limit": 100})
    rest = reading.stripe.get(
        "/invoices/in_1/lines", params={"starting_after": "il_1_9"}
    )

    assert len(invoice["lines"]["data"]) == 10
    assert invoice["lines"]["has_more"]
    assert invoice["lines"]["url"] == "/v1/invoices/in_1/lines"
    assert ids(lines) == [str(number) for number in range(12)]
    assert ids(rest) == ["10", "11"]


def test_discounts_are_ids_until_expanded(reading: Any) -> None:
    """expand[] on a list names the field behind `data.`."""
    plain = reading.stripe.get("/subscriptions/sub_1").json()
    whole = reading.stripe.get("/subscriptions?expand[]=data.discounts").json()

    assert plain["discounts"] == ["di_1"]
    assert whole["data"][0]["discounts"][0]["source"]["coupon"] == "FOREVER"


def test_a_customer_can_be_expanded(reading: Any) -> None:
    """Where Stripe gives an id, the whole object may be asked for."""
    invoice = reading.stripe.get("/invoices/in_1?expand[]=customer").json()

    assert invoice["customer"]["name"] == "Customer 2"


def test_usage_comes_by_day_or_as_one_sum(reading: Any) -> None:
    """Without a window there is one summary; nothing says whose it is."""
    meter = "/billing/meters/mtr_1/event_summaries"
    asked = {"customer": "cus_1", "start_time": 1760054400, "end_time": 1760313600}
    by_day = reading.stripe.get(meter, params=asked | {"value_grouping_window": "day"})
    as_one = reading.stripe.get(meter, params=asked)

    assert [row["aggregated_value"] for row in by_day.json()["data"]] == [12, 11, 10]
    assert [row["aggregated_value"] for row in as_one.json()["data"]] == [33]
    assert "_customer" not in by_day.json()["data"][0]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/customers/cus_9", (404, "resource_missing", "id")),
        (
            "/customers?starting_after=cus_9",
            (400, "resource_missing", "starting_after"),
        ),
        ("/customers?nope=1", (400, "parameter_unknown", "nope")),
        ("/customers?limit=101", (400, "parameter_invalid_integer", "limit")),
        ("/customers?limit=x", (400, "parameter_invalid_integer", "limit")),
        ("/customers?created[near]=1", (400, "parameter_unknown", "created[near]")),
        (
            "/customers?created[gte]=x",
            (400, "parameter_invalid_integer", "created[gte]"),
        ),
        ("/customers?expand[]=data.nope", (400, None, "expand")),
        ("/customers?expand=x", (400, None, "expand")),
        ("/customers?a[b=1", (400, None, "a[b")),
        ("/subscription_items", (400, "parameter_missing", "subscription")),
        (
            "/billing/meters/mtr_1/event_summaries?customer=cus_1",
            (400, "parameter_missing", "start_time"),
        ),
        (
            "/billing/meters/mtr_1/event_summaries?customer=cus_1&start_time=1&end_time=60",
            (400, None, "start_time"),
        ),
        ("/nope", (404, None, None)),
    ],
)
def test_what_is_wrong_is_said_in_stripes_words(
    reading: Any, path: str, expected: tuple[Any, ...]
) -> None:
    """The envelope has type, code and parameter."""
    status, kind, code, param = error(reading.stripe.get(path))

    assert ((status, code, param), kind) == (expected, "invalid_request_error")


def test_a_wrong_key_is_refused(reading: Any) -> None:
    """Without a key, with a wrong one; Basic with the key as user is fine."""
    url = reading.url + "/stripe/v1/customers"

    without = httpx.get(url)
    wrong = httpx.get(url, headers={"Authorization": "Bearer sk_test_wrong"})
    basic = httpx.get(url, auth=(reading.keys.stripe_api_key, ""))

    assert (without.status_code, wrong.status_code, basic.status_code) == (
        401,
        401,
        200,
    )
    assert error(wrong)[1] == "invalid_request_error"


@pytest.mark.skipif(not SPEC.exists(), reason="Stripe's specification isn't here")
def test_list_and_error_envelopes_are_those_of_the_specification(reading: Any) -> None:
    """Required keys are there, and every key is one that the specification has."""
    spec = json.loads(SPEC.read_text())
    wrong = []
    for path in (
        "customers",
        "invoices",
        "subscriptions",
        "invoiceitems",
        "prices",
        "payment_intents",
        "invoice_payments",
        "charges",
        "refunds",
        "events",
        "billing/meters",
        "products",
        "coupons",
        "webhook_endpoints",
    ):
        got = spec["paths"][f"/v1/{path}"]["get"]["responses"]["200"]
        schema = got["content"]["application/json"]["schema"]
        body = reading.stripe.get(f"/{path}").json()
        if set(body) != set(schema["required"]):
            wrong.append((path, sorted(body)))
    envelope = reading.stripe.get("/customers?nope=1").json()
    known = spec["components"]["schemas"]["api_errors"]["properties"]

    assert wrong == []
    assert set(envelope) == {"error"}
    assert set(envelope["error"]) <= set(known)
