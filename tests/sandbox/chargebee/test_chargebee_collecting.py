"""Chargebee collects: dunning, refunds, excess payments, and what waits."""

from typing import Any

from sandbox.clients import in_process
from sandbox.server import application
from tests.sandbox.chargebee.test_chargebee_billing import (
    BAD,
    DAY,
    assert_sums,
    seats,
)


def test_dunning_tries_three_times_more(site: Any) -> None:
    """After the last try the invoice stays unpaid, and nobody is asked again."""
    customer = site.with_card()
    site.subscribed(customer)
    source = site.post(
        "/payment_sources/create_card",
        customer_id=customer,
        card=BAD,
        replace_primary_payment_source=True,
    )

    site.travel(45)

    invoice = site.records("invoice")[1]
    failures = [e for e in site.records("transaction") if e["status"] == "failure"]
    assert source["payment_source"]["status"] == "valid"
    assert (invoice["status"], invoice["dunning_status"]) == ("not_paid", "exhausted")
    assert len(failures) == len(invoice["dunning_attempts"]) == 4
    assert site.records("subscription")[0]["due_invoices_count"] == 1


def test_an_invoice_in_dunning_is_paid_by_a_new_card(site: Any) -> None:
    """The next try collects from the card that is the first one then."""
    customer = site.with_card()
    site.subscribed(customer)
    for card in (BAD, {**BAD, "number": "4111111111111111"}):
        site.post(
            "/payment_sources/create_card",
            customer_id=customer,
            card=card,
            replace_primary_payment_source=True,
        )
        site.travel(31)

    dunned = site.records("invoice")[1]
    assert {each["status"] for each in site.records("invoice")} == {"paid"}
    assert dunned["dunning_status"] == "success"
    assert len(dunned["dunning_attempts"]) == 2


def test_collecting_from_a_bad_card_leaves_a_failed_transaction(site: Any) -> None:
    """The error says that the payment failed, and the try is written down."""
    customer = site.with_card(BAD)
    invoice = site.post(
        "/invoices/create_for_charge_items_and_charges",
        customer_id=customer,
        charges=[{"amount": 500, "description": "Work"}],
        auto_collection="off",
    )["invoice"]

    answer = site.ask(f"/invoices/{invoice['id']}/collect_payment")

    (transaction,) = site.records("transaction")
    assert (answer.status_code, answer.json()["type"]) == (402, "payment")
    assert (transaction["status"], transaction["amount"]) == ("failure", 500)
    assert site.records("invoice")[0]["amount_due"] == 500


def test_a_card_payment_can_be_given_back_in_parts(site: Any) -> None:
    """No more than was paid; each part has a credit note and a transaction."""
    told = site.subscribed(site.with_card())
    path = f"/invoices/{told['invoice']['id']}"

    site.post(f"{path}/refund", refund_amount=1000)
    rest = site.post(f"{path}/refund")
    too_much = site.ask(f"{path}/refund", refund_amount=1)

    assert rest["transaction"]["amount"] == 2000
    assert too_much.json()["api_error_code"] == "invalid_state_for_request"
    assert [each["status"] for each in site.records("credit_note")] == ["refunded"] * 2
    assert_sums(site)


def test_paying_too_much_is_kept_as_an_excess(site: Any) -> None:
    """What was paid beyond the invoice stands with the customer."""
    invoice = site.subscribed()["invoice"]

    told = site.post(
        f"/invoices/{invoice['id']}/record_payment",
        transaction={"amount": 3500, "payment_method": "bank_transfer"},
    )

    assert told["invoice"]["status"] == "paid"
    assert told["transaction"]["amount_unused"] == 500
    assert site.get("/customers/cust_00")["customer"]["excess_payments"] == 500
    assert_sums(site)


def test_what_waits_goes_on_the_next_invoice(site: Any) -> None:
    """Unbilled charges are invoiced with the renewal, or when somebody asks."""
    identity = site.subscribed()["subscription"]["id"]
    waiting = {"charges": [{"amount": 700, "description": "Work"}]}
    site.post("/unbilled_charges", subscription_id=identity, **waiting)
    asked = site.post(
        "/unbilled_charges/invoice_unbilled_charges", subscription_id=identity
    )
    site.post("/unbilled_charges", subscription_id=identity, **waiting)

    site.travel(31)

    assert [each["total"] for each in asked["invoices"]] == [700]
    assert site.records("invoice")[-1]["total"] == 3700
    assert site.records("unbilled_charge") == []


def test_a_coupon_ends_after_its_months(site: Any) -> None:
    """Half off for two months is half off twice."""
    site.post(
        "/coupons/create_for_items",
        id="half",
        name="Half",
        discount_percentage=50,
        apply_on="each_specified_item",
        duration_type="limited_period",
        period=2,
        period_unit="month",
    )
    site.subscribed(coupon_ids=["half"])

    site.travel(65)

    assert [e["total"] for e in site.records("invoice")] == [1500, 1500, 3000]
    assert site.records("coupon")[0]["redemptions"] == 1


def test_the_first_write_after_a_restart_goes_on(site: Any) -> None:
    """All that a site knows is in its store: another service goes on with it."""
    identity = site.subscribed()["subscription"]["id"]
    site.post(
        f"/subscriptions/{identity}/update_for_items",
        subscription_items=[seats(2)],
        end_of_term=True,
    )
    app = application(site.store, site.keys, only=["chargebee"])

    with in_process(app, "chargebee") as client:
        told = client.post(
            "https://concord.chargebee.com/api/v2/time_machines/delorean/travel_forward",
            data={"destination_time": site.clock.seconds() + 31 * DAY},
            auth=(site.keys.chargebee_api_key, ""),
        )

    assert told.status_code == 200
    assert site.records("invoice")[-1]["total"] == 5000
