"""Stripe's payouts are made of movements of the balance, to the minor unit."""

from collections import Counter
from typing import Any

import pytest

from ingestion.stripe import payouts
from tests.ingestion.stripe_walks import Account


@pytest.fixture
def account(keys: Any) -> Account:
    """The company's account, which was loaded an hour ago."""
    return Account.loaded(keys)


def test_what_a_payout_consists_of_is_what_reached_the_bank(account: Account) -> None:
    """The nets of its movements are its amount, and its own movement takes it away."""
    nets: Counter[str] = Counter()
    taken: Counter[str] = Counter()
    for row in account.alive("payout_transactions").values():
        (taken if row["type"] == "payout" else nets)[row["payout"]] += row["net"]

    paid = {key: row["amount"] for key, row in account.alive("payouts").items()}
    assert dict(nets) == paid
    assert {key: -net for key, net in taken.items()} == paid
    assert len(paid) > 30


def test_a_movement_of_a_payout_is_the_movement_of_the_balance(
    account: Account,
) -> None:
    """The same amounts under the same identifier, so that both can be joined."""
    balance = account.alive("balance_transactions")
    same = ("source", "type", "amount", "fee", "net", "currency", "available_on")

    for key, row in account.alive("payout_transactions").items():
        assert [row[name] for name in same] == [balance[key][name] for name in same]


def test_movements_of_a_payout_that_stripe_tells_of_later_come_with_its_event(
    account: Account,
) -> None:
    """Stripe puts a payout together after it was made, and then says so."""
    payout = max(account.documents("payout"))
    members = {
        key
        for key, row in account.tables["payout_transactions"].items()
        if row["payout"] == payout
    }
    for key in members:
        del account.tables["payout_transactions"][key]
    account.edit("payout", payout, reconciliation_status="in_progress")
    account.load()
    assert not members & set(account.tables["payout_transactions"])
    account.edit("payout", payout, reconciliation_status="completed")

    account.load()

    assert members <= set(account.tables["payout_transactions"])
    assert members


def test_a_payout_that_a_person_ordered_is_not_asked_for_its_parts(
    account: Account,
) -> None:
    """Stripe refuses the question; the payout itself is known."""
    [available] = [
        each
        for each in account.call("GET", "balance")["available"]
        if each["currency"] == "usd"
    ]
    assert available["amount"] > 100
    ordered = account.call("POST", "payouts", amount="100", currency="usd")["id"]

    calls = account.load()

    assert account.tables["payouts"][ordered]["automatic"] is False
    assert calls["/v1/balance_transactions"] == 1  # what is new in the balance
    assert ordered not in {
        row["payout"] for row in account.tables[payouts.STREAM].values()
    }


def test_what_moved_since_the_last_load_is_one_call(account: Account) -> None:
    """No event tells of the balance; its newest movements come first."""
    customer = account.call("POST", "customers", name="New")["id"]
    wanted = {
        "amount": "900",
        "currency": "usd",
        "customer": customer,
        "payment_method": "pm_card_visa",
        "confirm": "true",
        "automatic_payment_methods[enabled]": "true",
        "automatic_payment_methods[allow_redirects]": "never",
    }
    charge = account.call("POST", "payment_intents", **wanted)["latest_charge"]

    calls = account.load()

    [row] = [
        row
        for row in account.alive("balance_transactions").values()
        if row["source"] == charge
    ]
    assert (row["amount"], row["net"]) == (900, 900 - row["fee"])
    assert calls["/v1/balance_transactions"] == 1
