"""Payments, disputes and payouts, judged by Stripe's own client and description."""

from typing import Any

import pytest
import stripe

pytestmark = pytest.mark.judge("stripe 16.1.0")


def paid(account: Any, card: str = "pm_card_visa", **settings: Any) -> Any:
    """Pay 2000 with a card."""
    wanted = {"amount": 2000, "currency": "usd", "payment_method": card}
    return account.v1.payment_intents.create({**wanted, "confirm": True, **settings})


@pytest.mark.parametrize(
    ("number", "code", "decline_code"),
    [
        ("4000000000000002", "card_declined", "generic_decline"),
        ("4000000000009995", "card_declined", "insufficient_funds"),
        ("4000000000009987", "card_declined", "lost_card"),
        ("4000000000009979", "card_declined", "stolen_card"),
        ("4000000000000069", "expired_card", None),
        ("4000000000000127", "incorrect_cvc", None),
        ("4000000000000119", "processing_error", None),
        ("4242424242424241", "incorrect_number", None),
    ],
)
def test_test_cards_decline_as_stripes_do(
    account: Any, number: str, code: str, decline_code: str | None
) -> None:
    """Each test number arrives as CardError with its code; the attempt is kept."""
    card = {"number": number, "exp_month": 12, "exp_year": 2030, "cvc": "314"}

    with pytest.raises(stripe.CardError) as declined:
        paid(
            account,
            payment_method="",
            payment_method_data={"type": "card", "card": card},
        )

    said = declined.value.json_body["error"]
    assert (declined.value.http_status, declined.value.code) == (402, code)
    assert said.get("decline_code") == decline_code
    if code != "incorrect_number":
        (intent,) = account.v1.payment_intents.list().data
        assert intent.status == "requires_payment_method"
        assert account.v1.charges.list().data[0].failure_code == code


def test_a_payment_earns_less_a_fee(account: Any) -> None:
    """Charge, balance transaction and balance agree, expanded three levels deep."""
    intent = paid(account, expand=["latest_charge.balance_transaction.source"])

    entry = intent.latest_charge.balance_transaction
    pending = account.v1.balance.retrieve().pending[0].amount
    account.doors.clock.advance(2 * 86_400)
    available = account.v1.balance.retrieve().available[0].amount

    assert (entry.amount, entry.fee, entry.net) == (2000, 88, 1912)
    assert entry.source.id == intent.latest_charge.id
    assert (pending, available) == (1912, 1912)


def test_money_is_taken_later(account: Any) -> None:
    """capture_method=manual: captured in part, and canceled before that."""
    first = paid(account, capture_method="manual")
    second = paid(account, capture_method="manual")
    intents = account.v1.payment_intents

    taken = intents.capture(first.id, {"amount_to_capture": 1500})
    released = intents.cancel(second.id, {"cancellation_reason": "duplicate"})
    with pytest.raises(stripe.InvalidRequestError) as twice:
        intents.capture(first.id)

    assert (first.status, taken.amount_received) == ("requires_capture", 1500)
    assert (released.status, released.cancellation_reason) == ("canceled", "duplicate")
    assert twice.value.code == "payment_intent_unexpected_state"


def test_a_cardholder_is_asked(account: Any) -> None:
    """A 3-D Secure card: requires_action, then succeeded; declined off session."""
    card = "pm_card_authenticationRequired"

    asked = paid(account, card)
    done = account.v1.payment_intents.confirm(asked.id)
    with pytest.raises(stripe.CardError) as declined:
        paid(account, card, off_session=True)

    assert (asked.status, done.status) == ("requires_action", "succeeded")
    assert declined.value.code == "authentication_required"


def test_refunds_never_exceed_their_charge(account: Any) -> None:
    """refunds.create in two parts; a third one is refused."""
    intent = paid(account)
    refunds = account.v1.refunds

    refunds.create({"payment_intent": intent.id, "amount": 500})
    with pytest.raises(stripe.InvalidRequestError) as much:
        refunds.create({"payment_intent": intent.id, "amount": 1501})
    refunds.create({"charge": intent.latest_charge})
    with pytest.raises(stripe.InvalidRequestError) as again:
        refunds.create({"charge": intent.latest_charge})

    charge = account.v1.charges.retrieve(intent.latest_charge, {"expand": ["refunds"]})
    assert (much.value.code, again.value.code) == (
        "amount_too_large",
        "charge_already_refunded",
    )
    assert (charge.refunded, charge.amount_refunded) == (True, 2000)
    assert [each.amount for each in charge.refunds.data] == [1500, 500]


@pytest.mark.parametrize(
    ("evidence", "status"), [("winning_evidence", "won"), ("losing_evidence", "lost")]
)
def test_a_dispute_is_answered(account: Any, evidence: str, status: str) -> None:
    """disputes.update with the evidence that decides a test dispute."""
    intent = paid(account, "pm_card_createDispute")
    (dispute,) = account.v1.disputes.list({"payment_intent": intent.id}).data

    answered = account.v1.disputes.update(
        dispute.id, {"evidence": {"uncategorized_text": evidence}}
    )
    with pytest.raises(stripe.InvalidRequestError):
        account.v1.disputes.close(dispute.id)

    entries = account.v1.balance_transactions.list({"source": dispute.id}).data
    assert (dispute.status, answered.status) == ("needs_response", status)
    assert sum(each.amount for each in entries) == (0 if status == "won" else -2000)


def test_evidence_may_wait(account: Any) -> None:
    """submit=false keeps the dispute open; closing it accepts it."""
    intent = paid(account, "pm_card_createDispute")
    (dispute,) = account.v1.disputes.list({"charge": intent.latest_charge}).data
    evidence = {"evidence": {"customer_name": "Ada"}, "submit": False}

    staged = account.v1.disputes.update(dispute.id, evidence)
    closed = account.v1.disputes.close(dispute.id)

    assert (staged.status, staged.evidence_details.has_evidence) == (
        "needs_response",
        True,
    )
    assert closed.status == "lost"


def test_a_payout_takes_what_is_available(account: Any) -> None:
    """Payouts create, list, cancel and reverse; too much is refused."""
    paid(account)
    payouts = account.v1.payouts
    with pytest.raises(stripe.InvalidRequestError) as early:
        payouts.create({"amount": 1000, "currency": "usd"})
    account.doors.clock.advance(2 * 86_400)

    stopped = payouts.cancel(payouts.create({"amount": 1000, "currency": "usd"}).id)
    sent = payouts.create({"amount": 1900, "currency": "usd"})
    account.doors.clock.advance(2 * 86_400)
    arrival = payouts.retrieve(sent.id)
    arrived = payouts.list({"status": "paid"}).data
    back = payouts.reverse(sent.id)

    types = {each.type for each in account.v1.balance_transactions.list().data}
    assert early.value.code == "balance_insufficient"
    assert (stopped.status, arrival.status) == ("canceled", "paid")
    assert [each.id for each in arrived] == [sent.id]
    assert (back.amount, back.original_payout) == (-1900, sent.id)
    assert types == {"charge", "payout", "payout_cancel"}


def test_cards_belong_to_one_customer(account: Any) -> None:
    """payment_methods attach, list and detach; a declining card is not saved."""
    first, second = account.customer(None), account.customer(None)
    methods = account.v1.payment_methods
    card = methods.attach("pm_card_visa", {"customer": first.id})

    with pytest.raises(stripe.InvalidRequestError):
        methods.attach(card.id, {"customer": second.id})
    with pytest.raises(stripe.CardError):
        methods.attach("pm_card_visa_chargeDeclined", {"customer": second.id})
    listed = account.v1.customers.payment_methods.list(first.id).data
    gone = methods.detach(card.id)
    with pytest.raises(stripe.InvalidRequestError):
        methods.detach(card.id)

    assert ([each.id for each in listed], gone.customer) == ([card.id], None)
