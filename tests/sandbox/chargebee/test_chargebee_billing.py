"""What Chargebee bills: terms, proration, usage, coupons, dunning, credits."""

from typing import Any

import pytest

DAY = 86_400
BAD = {"number": "4119862760338320", "expiry_month": 12, "expiry_year": 2030}


def plan(*others: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of a subscription to the basic plan and other items."""
    return [{"item_price_id": "basic-month"}, *others]


def seats(quantity: int) -> dict[str, Any]:
    """Return the row of so many seats."""
    return {"item_price_id": "seats-month", "quantity": quantity}


def assert_sums(site: Any) -> None:
    """Every invoice's total is paid, credited, adjusted, given up or due."""
    for invoice in site.records("invoice"):
        assert invoice["sub_total"] == sum(e["amount"] for e in invoice["line_items"])
        if invoice["status"] != "voided":
            assert invoice["total"] == sum(
                invoice[name]
                for name in (
                    "amount_paid",
                    "credits_applied",
                    "amount_adjusted",
                    "write_off_amount",
                    "amount_due",
                )
            )
    for note in site.records("credit_note"):
        parts = ("amount_allocated", "amount_refunded", "amount_available")
        assert note["total"] == sum(note[name] for name in parts)


def test_a_term_is_invoiced_in_advance(site: Any) -> None:
    """Plan and seats of a month, and what is charged once, are on the first invoice."""
    rows = plan(seats(3), {"item_price_id": "setup-once"})

    told = site.subscribed(subscription_items=rows)

    subscription, invoice = told["subscription"], told["invoice"]
    lines = [
        (e["entity_id"], e["quantity"], e["amount"]) for e in invoice["line_items"]
    ]
    assert lines == [
        ("basic-month", 1, 3000),
        ("seats-month", 3, 3000),
        ("setup-once", 1, 5000),
    ]
    assert (invoice["status"], invoice["amount_due"]) == ("posted", 11_000)
    assert subscription["mrr"] == 6000
    assert subscription["current_term_end"] == site.clock.seconds() + 30 * DAY


@pytest.mark.parametrize(
    ("rows", "param"),
    [
        ([], "subscription_items[item_price_id][0]"),
        ([seats(1)], "subscription_items[item_price_id][0]"),
        (plan({"item_price_id": "basic-year"}), "subscription_items[item_price_id][0]"),
        (plan({"item_price_id": "nothing"}), "subscription_items[item_price_id][1]"),
        (plan(seats(1), seats(2)), "subscription_items[item_price_id][2]"),
        (plan(seats(0)), "subscription_items[quantity][1]"),
        (plan({**seats(1), "colour": "red"}), "subscription_items[colour][1]"),
    ],
)
def test_items_that_do_not_go_together_are_refused(
    site: Any, rows: list[dict[str, Any]], param: str
) -> None:
    """A subscription has one plan, and no item twice; the error names the row."""
    answer = site.ask(
        "/customers/cust_00/subscription_for_items", subscription_items=rows
    )

    assert answer.status_code in {400, 404}
    assert answer.json()["param"] == param
    assert site.records("subscription") == []


def test_a_card_that_is_refused_leaves_no_subscription(site: Any) -> None:
    """Where the first payment fails nothing of the subscription stays."""
    customer = site.with_card(BAD)

    answer = site.ask(
        f"/customers/{customer}/subscription_for_items", subscription_items=plan()
    )

    assert (answer.status_code, answer.json()["type"]) == (402, "payment")
    assert site.records("subscription") == site.records("invoice") == []


def test_an_upgrade_is_invoiced_for_the_rest_of_the_term(site: Any) -> None:
    """Ten days into thirty, two more seats cost two thirds of their price."""
    identity = site.subscribed(subscription_items=plan(seats(1)))["subscription"]["id"]
    site.clock.advance(10 * DAY)

    told = site.post(
        f"/subscriptions/{identity}/update_for_items", subscription_items=[seats(3)]
    )

    (line,) = told["invoice"]["line_items"]
    assert line["amount"] == 1333  # 20 of 30 days of 2,000, rounded
    assert "credit_notes" not in told
    assert_sums(site)


def test_a_downgrade_is_credited_and_the_credit_is_used_on_the_renewal(
    site: Any,
) -> None:
    """The unused part comes off what is due; of a paid invoice it is kept for later."""
    customer = site.with_card()
    told = site.subscribed(customer, subscription_items=plan(seats(3)))
    identity = told["subscription"]["id"]
    site.clock.advance(15 * DAY)

    changed = site.post(
        f"/subscriptions/{identity}/update_for_items", subscription_items=[seats(1)]
    )
    site.travel(20)

    (note,) = changed["credit_notes"]
    renewal = site.records("invoice")[-1]
    assert (note["type"], note["status"], note["total"]) == (
        "refundable",
        "refund_due",
        1000,
    )
    assert (renewal["total"], renewal["credits_applied"]) == (4000, 1000)
    assert (renewal["amount_paid"], renewal["status"]) == (3000, "paid")
    assert site.records("credit_note")[0]["status"] == "adjusted"
    assert_sums(site)


def test_without_proration_nothing_is_invoiced(site: Any) -> None:
    """The change counts from the next term on."""
    identity = site.subscribed()["subscription"]["id"]

    told = site.post(
        f"/subscriptions/{identity}/update_for_items",
        subscription_items=[seats(2)],
        prorate=False,
    )
    site.travel(31)

    assert "invoice" not in told
    assert site.records("invoice")[-1]["total"] == 5000


def test_another_period_begins_a_new_term(site: Any) -> None:
    """From month to year: the rest of the month is credited, the year is invoiced."""
    identity = site.subscribed()["subscription"]["id"]
    site.clock.advance(15 * DAY)

    told = site.post(
        f"/subscriptions/{identity}/update_for_items",
        subscription_items=[{"item_price_id": "basic-year"}],
    )

    assert told["subscription"]["billing_period_unit"] == "year"
    assert told["invoice"]["total"] == 30_000
    assert told["credit_notes"][0]["total"] == 1500
    assert_sums(site)


def test_a_scheduled_change_applies_at_the_renewal(site: Any) -> None:
    """Until then it is only announced, and can be taken back."""
    identity = site.subscribed()["subscription"]["id"]
    path = f"/subscriptions/{identity}"

    told = site.post(
        f"{path}/update_for_items", subscription_items=[seats(2)], end_of_term=True
    )
    announced = site.get(f"{path}/retrieve_with_scheduled_changes")
    site.travel(31)

    assert told["subscription"]["has_scheduled_changes"] is True
    assert len(told["subscription"]["subscription_items"]) == 1
    assert len(announced["subscription"]["subscription_items"]) == 2
    assert site.records("invoice")[-1]["total"] == 5000
    assert site.records("subscription")[0]["has_scheduled_changes"] is False


def test_usage_is_invoiced_when_its_term_is_over(site: Any) -> None:
    """Metered units are charged in arrears, once, and the usage names its invoice."""
    rows = plan({"item_price_id": "calls-month"})
    identity = site.subscribed(subscription_items=rows)["subscription"]["id"]
    site.clock.advance(DAY)
    for quantity in (10, 5):
        site.clock.advance(60)
        site.post(
            f"/subscriptions/{identity}/usages",
            item_price_id="calls-month",
            quantity=quantity,
            usage_date=site.clock.seconds(),
        )

    site.travel(65)

    usage = [
        (invoice["id"], line["quantity"], line["amount"])
        for invoice in site.records("invoice")
        for line in invoice["line_items"]
        if line["metered"]
    ]
    assert [each[1:] for each in usage] == [(15, 30), (0, 0)]
    assert {each["invoice_id"] for each in site.records("usage")} == {usage[0][0]}


def test_a_usage_stands_once_for_its_moment(site: Any) -> None:
    """A second one of the same moment is refused, and an invoiced one stays."""
    rows = plan({"item_price_id": "calls-month"})
    identity = site.subscribed(subscription_items=rows)["subscription"]["id"]
    fields = {"item_price_id": "calls-month", "quantity": 1}
    fields["usage_date"] = site.clock.seconds()
    path = f"/subscriptions/{identity}"
    usage = site.post(f"{path}/usages", **fields)["usage"]

    again = site.ask(f"{path}/usages", **fields)
    deleted = site.post(f"{path}/delete_usage", id=usage["id"])

    assert again.json()["param"] == "usage_date"
    assert deleted["usage"]["id"] == usage["id"]
    assert site.records("usage") == []


def test_a_trial_is_billed_when_it_ends(site: Any) -> None:
    """In trial nothing is invoiced; the first term begins where the trial ends."""
    ends = site.clock.seconds() + 14 * DAY

    told = site.subscribed(trial_end=ends)
    site.travel(20)

    (subscription,) = site.records("subscription")
    assert told["subscription"]["status"] == "in_trial"
    assert "invoice" not in told
    assert (subscription["status"], subscription["activated_at"]) == ("active", ends)
    assert len(site.records("invoice")) == 1


def test_a_subscription_that_starts_later_waits(site: Any) -> None:
    """A future subscription begins on its day."""
    told = site.subscribed(start_date=site.clock.seconds() + 10 * DAY)
    site.travel(9)
    waiting = site.records("subscription")[0]["status"]
    site.travel(2)

    assert (told["subscription"]["status"], waiting) == ("future", "future")
    assert site.records("subscription")[0]["status"] == "active"


def test_months_keep_their_day(site: Any) -> None:
    """A subscription of the 31st renews on the last day of shorter months."""
    site.travel(30)  # 1 December
    site.travel(30)  # 31 December
    site.subscribed()

    site.travel(95)

    dates = [each["date"] for each in site.records("invoice")]
    days = [(each - dates[0]) // DAY for each in dates]
    assert days == [0, 31, 59, 90]  # 31 December, 31 January, 28 February, 31 March


@pytest.mark.parametrize(
    ("option", "credited"), [("none", 0), ("prorate", 1500), ("full", 3000)]
)
def test_cancelling_credits_what_was_agreed(
    site: Any, option: str, credited: int
) -> None:
    """Halfway through the term nothing, half or all of its charges are credited."""
    identity = site.subscribed(site.with_card())["subscription"]["id"]
    site.clock.advance(15 * DAY)

    told = site.post(
        f"/subscriptions/{identity}/cancel_for_items",
        credit_option_for_current_term_charges=option,
    )

    assert told["subscription"]["status"] == "cancelled"
    assert sum(each["total"] for each in told.get("credit_notes", [])) == credited
    assert_sums(site)


def test_cancelling_at_the_end_lets_the_term_run(site: Any) -> None:
    """Until then it does not renew, and can be kept after all."""
    identity = site.subscribed()["subscription"]["id"]
    path = f"/subscriptions/{identity}"
    told = site.post(f"{path}/cancel_for_items", end_of_term=True)
    site.post(f"{path}/remove_scheduled_cancellation")
    site.post(f"{path}/cancel_for_items", cancel_option="end_of_term")

    site.travel(40)

    (subscription,) = site.records("subscription")
    assert told["subscription"]["status"] == "non_renewing"
    assert subscription["status"] == "cancelled"
    assert subscription["cancelled_at"] == subscription["current_term_end"]
    assert len(site.records("invoice")) == 1


def test_a_cancelled_subscription_can_be_taken_up_again(site: Any) -> None:
    """Reactivation begins a new term."""
    identity = site.subscribed()["subscription"]["id"]
    site.post(f"/subscriptions/{identity}/cancel_for_items")
    again = site.ask(f"/subscriptions/{identity}/cancel_for_items")

    told = site.post(f"/subscriptions/{identity}/reactivate")

    assert again.json()["api_error_code"] == "invalid_state_for_request"
    assert told["subscription"]["status"] == "active"
    assert "cancelled_at" not in told["subscription"]


def test_a_pause_skips_the_terms_it_covers(site: Any) -> None:
    """While paused nothing is invoiced; on its day the subscription goes on."""
    identity = site.subscribed()["subscription"]["id"]
    resumes = site.clock.seconds() + 75 * DAY
    site.post(
        f"/subscriptions/{identity}/pause",
        pause_option="end_of_term",
        resume_date=resumes,
    )

    site.travel(80)

    (subscription,) = site.records("subscription")
    assert len(site.records("invoice")) == 2
    assert subscription["status"] == "active"
    assert subscription["current_term_start"] == resumes


def test_the_end_of_a_term_can_be_moved(site: Any) -> None:
    """A longer term is invoiced for what it is longer."""
    told = site.subscribed()
    subscription = told["subscription"]
    ends = subscription["current_term_end"] + 15 * DAY

    moved = site.post(
        f"/subscriptions/{subscription['id']}/change_term_end",
        term_ends_at=ends,
        prorate=True,
    )

    assert moved["subscription"]["next_billing_at"] == ends
    assert moved["invoice"]["total"] == 1500


def test_so_many_cycles_and_no_more(site: Any) -> None:
    """A subscription with two cycles has two invoices."""
    site.subscribed(billing_cycles=2)

    site.travel(100)

    assert len(site.records("invoice")) == 2
    assert site.records("subscription")[0]["status"] == "cancelled"
