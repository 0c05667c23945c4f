"""Stripe's log of events leads to the same tables as listing everything anew."""

from collections import Counter
from typing import Any

import pytest

from ingestion.errors import Refused
from ingestion.stripe import lists
from ingestion.stripe.objects import KINDS
from tests.ingestion.stripe_walks import Account

NAMES = {
    "customer": "name",
    "product": "name",
    "price": "nickname",
    "coupon": "name",
    "subscription": "description",
    "subscription_schedule": "end_behavior",
    "invoice": "description",
    "credit_note": "memo",
    "charge": "description",
    "refund": "reason",
    "payout": "description",
    "billing.meter": "display_name",
}


@pytest.fixture
def account(keys: Any) -> Account:
    """The company's account, which was loaded an hour ago."""
    return Account.loaded(keys)


def usual(account: Account) -> Counter[str]:
    """Return the calls of a load when nothing has changed."""
    calls = Counter(
        {
            "/v1/events": 1,
            "/v1/invoiceitems": 1,
            "/v1/balance_transactions": 1,
            "/v1/subscriptions": 1,
        }
    )
    metered = {
        (each["customer"], item["price"]["recurring"]["meter"])
        for each in account.documents("subscription").values()
        if each["status"] != "canceled"
        for item in each["items"]["data"]
        if item["price"]["recurring"]["usage_type"] == "metered"
    }
    for _, meter in metered:
        calls[f"/v1/billing/meters/{meter}/event_summaries"] += 1
    return calls


def test_a_load_when_nothing_changed_costs_four_calls_and_the_usage(
    account: Account,
) -> None:
    """One each for events, waiting items, the balance, subscriptions; one per use."""
    before = {name: dict(table) for name, table in account.tables.items()}

    calls = account.load()

    assert calls == usual(account)
    assert sum(calls.values()) == 4 + 11
    assert account.tables == before


@pytest.mark.parametrize("name", NAMES)
def test_an_edit_by_a_person_costs_one_call_more(account: Account, name: str) -> None:
    """The object is read anew, and its row alone is another one."""
    [kind] = [kind for kind in KINDS if kind.object == name]
    record_id = next(iter(account.documents(name)))
    before = {table: dict(held) for table, held in account.tables.items()}
    account.edit(name, record_id, **{NAMES[name]: "corrected"})

    calls = account.load() - usual(account)

    # What belongs to them is told by a list of its own.
    parts = {"invoice": "/v1/invoiceitems", "payout": "/v1/balance_transactions"}
    assert set(calls) - {parts.get(name)} == {f"{kind.path}/{record_id}"}
    assert set(calls.values()) == {1}
    assert {
        (table, key)
        for table, held in account.tables.items()
        for key, row in held.items()
        if before[table].get(key) != row
    } == {(kind.stream, record_id)}
    assert '"corrected"' in account.tables[kind.stream][record_id]["record"]


def test_many_changes_of_an_object_are_one_refetch(account: Account) -> None:
    """What it was in between does not matter."""
    customer = next(iter(account.documents("customer")))
    for number in range(5):
        account.edit("customer", customer, name=f"Name {number}")

    calls = account.load()

    assert calls[f"/v1/customers/{customer}"] == 1
    assert account.tables["customers"][customer]["name"] == "Name 4"


def test_the_picture_in_an_event_is_not_believed(account: Account) -> None:
    """An event may come late, or show its object in another version's shape."""
    customer = next(iter(account.documents("customer")))
    account.edit("customer", customer, name="Old")
    account.edit("customer", customer, name="New")
    [first, last] = account.documents("event").values()
    account.store.keep("stripe", "event", {**first, "created": last["created"] + 60})

    account.load()

    assert account.tables["customers"][customer]["name"] == "New"


def test_what_is_deleted_is_gone(account: Account) -> None:
    """Also a customer, of whom Stripe still says that they were deleted."""
    live = {
        each["customer"]
        for each in account.documents("subscription").values()
        if each["status"] != "canceled"
    }
    customer = min(account.documents("customer").keys() - live)
    coupon = next(iter(account.documents("coupon")))
    account.call("DELETE", f"customers/{customer}")
    account.call("DELETE", f"coupons/{coupon}")

    account.load()

    assert account.tables["customers"][customer]["is_deleted"]
    assert account.tables["coupons"][coupon]["is_deleted"]


def test_a_deleted_draft_takes_its_lines_along(account: Account) -> None:
    """Nothing of an invoice that never was is counted."""
    customer = running(account)["customer"]
    draft = account.call("POST", "invoices", customer=customer)["id"]
    account.call("POST", "invoiceitems", customer=customer, amount="500", invoice=draft)
    account.load()
    lines = [
        key
        for key, row in account.alive("invoice_lines").items()
        if row["invoice"] == draft
    ]
    account.call("DELETE", f"invoices/{draft}")

    account.load()

    assert draft not in account.alive("invoices")
    assert len(lines) == 1
    assert not set(lines) & set(account.alive("invoice_lines"))


def running(account: Account, items: int = 1) -> Any:
    """Return a subscription that runs, with more than so many items."""
    return next(
        each
        for each in account.documents("subscription").values()
        if each["status"] == "active" and len(each["items"]["data"]) > items
    )


def test_an_item_that_left_its_subscription_is_gone(account: Account) -> None:
    """Its subscription's other items stay, and all others' too."""
    before = set(account.alive("subscription_items"))
    item = running(account)["items"]["data"][0]["id"]
    account.call("DELETE", f"subscription_items/{item}?proration_behavior=none")

    account.load()

    assert before - set(account.alive("subscription_items")) == {item}


def test_a_waiting_item_is_seen_to_change_and_to_be_billed(account: Account) -> None:
    """No event tells of either."""
    customer = running(account)["customer"]
    item = account.call("POST", "invoiceitems", customer=customer, amount="500")["id"]
    account.load()
    account.clock.advance(3600)
    account.call("POST", f"invoiceitems/{item}", amount="700")

    account.load()

    assert account.tables["invoice_items"][item]["amount"] == 700
    assert account.tables["invoice_items"][item]["invoice"] is None

    account.clock.advance(3600)  # the event of its making is behind us
    invoice = account.call(
        "POST",
        "invoices",
        customer=customer,
        pending_invoice_items_behavior="include",
    )["id"]

    account.load()

    assert account.tables["invoice_items"][item]["invoice"] == invoice


def much_happens(account: Account) -> None:
    """Let a company's hour happen: sales, payments, refunds, disputes, changes."""
    post = account.call
    for card in ("pm_card_visa", "pm_card_createDispute", "pm_card_chargeCustomerFail"):
        customer = post("POST", "customers", name="New")["id"]
        method = post("POST", f"payment_methods/{card}/attach", customer=customer)["id"]
        post(
            "POST",
            f"customers/{customer}",
            **{"invoice_settings[default_payment_method]": method},
        )
        item = {"customer": customer, "amount": "900", "currency": "usd"}
        post("POST", "invoiceitems", **item)
        invoice = post(
            "POST",
            "invoices",
            customer=customer,
            pending_invoice_items_behavior="include",
        )["id"]
        post("POST", f"invoices/{invoice}/finalize")
        if card == "pm_card_chargeCustomerFail":
            post("POST", f"invoices/{invoice}/void")
            continue
        post("POST", f"invoices/{invoice}/pay")
        if card == "pm_card_visa":
            wanted = {"invoice": invoice, "amount": "300", "refund_amount": "300"}
            post("POST", "credit_notes", **wanted)
    subscription = running(account)
    post("POST", f"subscriptions/{subscription['id']}", cancel_at_period_end="true")
    coupon = post("POST", "coupons", percent_off="10", duration="once")["id"]
    post(
        "POST",
        f"subscriptions/{subscription['id']}",
        **{"discounts[0][coupon]": coupon},
    )
    price = subscription["items"]["data"][0]["price"]["id"]
    post("POST", f"prices/{price}", nickname="Seats")
    post(
        "POST",
        f"products/{subscription['items']['data'][0]['price']['product']}",
        name="X",
    )
    meter = next(iter(account.documents("billing.meter")))
    post("POST", f"billing/meters/{meter}", display_name="Calls")


@pytest.mark.parametrize("size", [3, 100])
def test_events_lead_to_the_same_tables_as_listing_everything(
    account: Account, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """Whatever happened, and wherever the pages end."""
    much_happens(account)
    monkeypatch.setattr(lists, "PAGE", size)

    account.load()

    anew = account.anew()
    anew.load()
    assert len(account.documents("event")) > 50
    for stream in anew.tables:
        assert account.alive(stream) == anew.alive(stream), stream
    assert account.alive("disputes")


def test_an_event_that_happens_during_the_walk_is_the_next_load_s(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes on top; no event below it is passed over."""
    customers = sorted(account.documents("customer"))[:9]
    for customer in customers:
        account.edit("customer", customer, name="Seen")
    monkeypatch.setattr(lists, "PAGE", 2)
    late = min(account.documents("product"))
    handle = account.transport.handle_request

    def busy(request: Any) -> Any:
        if request.url.path == "/v1/events":
            account.edit("product", late, name=f"After {len(account.transport.asked)}")
        return handle(request)

    monkeypatch.setattr(account.transport, "handle_request", busy)

    account.load()
    monkeypatch.undo()
    account.load()

    seen = {
        key for key, row in account.alive("customers").items() if row["name"] == "Seen"
    }
    assert seen == set(customers)
    assert account.tables["products"][late]["name"].startswith("After")


def event(**concerned: Any) -> dict[str, Any]:
    """Return an event about something."""
    return {"id": "evt_1", "object": "event", "data": {"object": concerned}}


@pytest.mark.parametrize(
    ("concerned", "read"),
    [
        ({"object": "payment_method", "id": "pm_1"}, set()),
        ({"object": "invoice", "customer": "cus_1"}, set()),  # only announced
        (
            {"object": "discount", "subscription": "sub_1", "customer": "cus_1"},
            {"/v1/subscriptions/sub_1", "/v1/customers/cus_1"},
        ),
        (
            {"object": "discount", "subscription": None, "customer": "cus_1"},
            {"/v1/customers/cus_1"},
        ),
        (
            {"object": "invoice_payment", "id": "inpay_1", "invoice": "in_1"},
            {"/v1/invoices/in_1"},
        ),
    ],
)
def test_an_event_says_which_objects_are_to_be_read(
    account: Account, concerned: dict[str, Any], read: set[str]
) -> None:
    """Parts are read with what they are part of, other objects are left alone."""
    page = {"object": "list", "data": [event(**concerned)], "has_more": False}
    account.transport.answers["/v1/events"] = (200, page)

    assert set(account.load() - usual(account)) == read


def test_an_event_about_nothing_is_refused(account: Account) -> None:
    """A log that cannot be read does not count as a quiet hour."""
    page = {"data": [{"id": "evt_1", "object": "event"}], "has_more": False}
    account.transport.answers["/v1/events"] = (200, page)

    with pytest.raises(Refused, match="stripe event evt_1: the event does not say"):
        account.load()
