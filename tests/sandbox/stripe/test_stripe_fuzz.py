"""Whatever Stripe's description allows, and what it does not: never a 500."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.clients import in_process
from sandbox.clock import Clock
from sandbox.credentials import Credentials
from sandbox.server import application
from sandbox.store import Store
from sandbox.stripe.routes import endpoints_of
from tests.sandbox.stripe.fuzzing import HOSTILE, Pairs, pairs, parameters
from tests.sandbox.stripe.judging import Judge, judge

pytestmark = pytest.mark.judge("Stripe's OpenAPI description 2026-08-26")

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
CUSTOMERS = 4


def _operations() -> list[tuple[str, str]]:
    """Return method and template of what both Stripe and the sandbox have."""
    described = judge().paths
    served = {
        (each.method, re.sub(r"\{\w+\}", "{}", f"/v1/{each.path}"))
        for each in endpoints_of()
    }
    return sorted(
        (method.upper(), template)
        for template, operations in described.items()
        for method in operations
        if (method.upper(), re.sub(r"\{\w+\}", "{}", template)) in served
    )


@pytest.fixture(scope="module")
def api(keys: Credentials) -> Iterator[httpx.Client]:
    """An account in process, with something of most objects."""
    store = Store({}, Clock(START, running=False))
    with in_process(application(store, keys, only=["stripe"]), "stripe") as client:
        client.headers["Authorization"] = f"Bearer {keys.stripe_api_key}"
        client.ids = furnished(client)  # type: ignore[attr-defined]
        yield client
    store.close()


def furnished(client: httpx.Client) -> list[str]:
    """Fill an account and return the ids of what is in it."""
    ids: list[str] = []

    def post(path: str, **form: str) -> Any:
        response = client.post(f"/v1/{path}", data=form)
        assert response.status_code == 200, (path, response.text)
        ids.append(response.json().get("id", ""))
        return response.json()

    meter = post(
        "billing/meters",
        display_name="Calls",
        event_name="call",
        **{"default_aggregation[formula]": "sum"},
    )
    post("coupons", percent_off="10", duration="forever")
    for number in range(CUSTOMERS):
        clock = post("test_helpers/test_clocks", frozen_time=str(1_793_534_400))
        customer = post("customers", name=f"C{number}", test_clock=clock["id"])["id"]
        method = post("payment_methods/pm_card_visa/attach", customer=customer)["id"]
        settings_ = {"invoice_settings[default_payment_method]": method}
        client.post(f"/v1/customers/{customer}", data=settings_)
        product = post("products", name="P")["id"]
        base = {"product": product, "currency": "usd", "recurring[interval]": "month"}
        price = post("prices", unit_amount="1000", **base)["id"]
        used = {"recurring[usage_type]": "metered", "recurring[meter]": meter["id"]}
        metered = post("prices", unit_amount="5", **base, **used)["id"]
        items = {"items[0][price]": price, "items[1][price]": metered}
        subscription = post("subscriptions", customer=customer, **items)
        ids.extend(each["id"] for each in subscription["items"]["data"])
        invoice = post("invoices", customer=customer)["id"]
        post("invoiceitems", customer=customer, amount="700", currency="usd")
        line = {"amount": "900", "currency": "usd", "invoice": invoice}
        post("invoiceitems", customer=customer, **line)
        paid = {"amount": "2000", "currency": "usd", "confirm": "true"}
        for card in ("pm_card_visa", "pm_card_createDispute"):
            post("payment_intents", customer=customer, payment_method=card, **paid)
        if number % 2:
            post("subscription_schedules", from_subscription=subscription["id"])
            post(f"invoices/{invoice}/finalize")
    for path in ("charges", "disputes", "invoices", "invoice_payments"):
        listed = client.get(f"/v1/{path}", params={"limit": 100}).json()["data"]
        ids.extend(each["id"] for each in listed)
    post("webhook_endpoints", url="http://127.0.0.1:9/", **{"enabled_events[0]": "x"})
    return [each for each in dict.fromkeys(ids) if each]


_PREFIX = {
    "customers": "cus_",
    "products": "prod_",
    "prices": "price_",
    "subscriptions": "sub_",
    "subscription_items": "si_",
    "subscription_schedules": "sub_sched_",
    "invoices": "in_",
    "invoiceitems": "ii_",
    "invoice_payments": "inpay_",
    "payment_methods": "pm_",
    "payment_intents": "pi_",
    "charges": "ch_",
    "disputes": "du_",
    "meters": "mtr_",
    "test_clocks": "clock_",
    "webhook_endpoints": "we_",
}


@st.composite
def requests_of(
    draw: st.DrawFn, operation: dict[str, Any], template: str, ids: list[str]
) -> tuple[str, Pairs]:
    """Return a path with ids in it, and parameters."""
    prefix = next(
        (head for part, head in _PREFIX.items() if f"/{part}/{{" in template), ""
    )
    own = [each for each in ids if each.startswith(prefix)] or ids
    path = re.sub(
        r"\{\w+\}",
        lambda _: draw(
            st.one_of(
                st.sampled_from(own),
                st.sampled_from(own),
                st.sampled_from(["x", "%00", "%FF", "a%2Fb"]),
            )
        ),
        template,
    )
    given_: Pairs = []
    for name, schema, needed in parameters(operation):
        if draw(st.integers(0, 9)) < (9 if needed else 2):
            given_ += draw(pairs(name, schema, ids))
    if draw(st.integers(0, 19)) == 0:
        given_.append(
            (
                draw(st.sampled_from(["nope", "a[b", "expand", "expand[]"])),
                draw(st.sampled_from(HOSTILE)),
            )
        )
    return path, given_


@pytest.mark.skipif(
    not judge().is_there,
    reason="Stripe's description is not here: NOTHING was held against it",
)
@pytest.mark.parametrize(("method", "template"), _operations())
def test_no_request_of_the_description_breaks_it(
    api: httpx.Client,
    described: Judge,
    record_property: Callable[[str, object], None],
    method: str,
    template: str,
) -> None:
    """Each operation with parameters right and hostile: answered in Stripe's shape."""
    described.figures = figures = {"responses_validated": 0}
    record_property("judged", figures)
    operation = described.paths[template][method.lower()]
    ids: list[str] = api.ids  # type: ignore[attr-defined]

    @settings(
        max_examples=10,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(requests_of(operation, template, ids))
    def asked(request: tuple[str, Pairs]) -> None:
        path, given_ = request
        for _ in range(10):
            response = _sent(api, method, path, given_)
            assert response.status_code < 500, (path, given_, response.text)
            described.look_at(method, path, response.status_code, response.content)
            assert described.problems == [], (path, given_)
            # What the sandbox does not take is left out, so that the rest is tried.
            unknown = _unknown(response)
            if unknown is None:
                break
            given_ = [pair for pair in given_ if not pair[0].startswith(unknown)]

    described.problems.clear()
    asked()


def _sent(api: httpx.Client, method: str, path: str, given_: Pairs) -> httpx.Response:
    if method != "POST":
        return api.request(method, path, params=given_)
    head = {"Content-Type": "application/x-www-form-urlencoded"}
    return api.post(path, content=str(httpx.QueryParams(given_)), headers=head)


def _unknown(response: httpx.Response) -> str | None:
    said = response.json().get("error", {})
    return said["param"] if said.get("code") == "parameter_unknown" else None
