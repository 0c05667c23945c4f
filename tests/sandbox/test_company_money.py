"""Money after the invoice, and what marketing and customer success know."""

from collections import Counter
from datetime import date

import pytest

from sandbox.company.company import Company, build
from sandbox.company.features import ALL_FEATURES
from sandbox.company.payments import fee_minor, payout_day

AS_OF = date(2026, 10, 31)


@pytest.fixture(scope="module")
def company() -> Company:
    """A company with all features and three years of history."""
    return build(7, 400, 36, AS_OF, ALL_FEATURES)


def test_tries_agree_with_the_invoice(company: Company) -> None:
    """The last try of a paid invoice succeeded on the day of payment, no other did."""
    retried = 0
    for key, attempts in company.attempts_of.items():
        invoice = company.invoice_by_key[key]
        assert [each.number for each in attempts] == [*range(1, len(attempts) + 1)]
        assert attempts[-1].succeeded == (invoice.status == "paid")
        assert not any(each.succeeded for each in attempts[:-1])
        if invoice.status == "paid":
            assert attempts[-1].on == invoice.paid_on
            retried += len(attempts) > 1

    assert retried > 20
    assert any(not attempts[-1].succeeded for attempts in company.attempts_of.values())


def test_no_more_is_given_back_than_was_paid(company: Company) -> None:
    """Refund, dispute and credit of an invoice never meet beyond its total."""
    back: Counter[str] = Counter()
    for refund in company.refunds:
        back[refund.invoice_key] += refund.amount_minor
    for dispute in company.disputes:
        back[dispute.invoice_key] += dispute.amount_minor

    assert all(
        0 < amount <= company.invoice_by_key[key].total_minor
        for key, amount in back.items()
    )
    assert len({each.invoice_key for each in company.refunds}) == len(company.refunds)
    assert {each.status for each in company.disputes} >= {"won", "lost"}


def test_payouts_hold_each_movement_once(company: Company) -> None:
    """Everything that reached the bank did so on the Monday that is due, and once."""
    held = Counter(
        (member.kind, member.key, member.amount_minor > 0)
        for payout in company.payouts
        for member in payout.members
    )
    mine = company.using("stripe")
    due = {
        ("charge", each.key, True): each
        for each in mine.invoices
        if each.paid_on and each.total_minor > 0 and payout_day(each.paid_on) <= AS_OF
    }

    assert set(held.values()) == {1}
    assert {each for each in held if each[0] == "charge"} == set(due)
    for payout in company.payouts:
        assert payout.paid_on.weekday() == 0
        assert payout.paid_on <= AS_OF
        for member in payout.members:
            if member.kind == "charge":
                invoice = company.invoice_by_key[member.key]
                assert member.fee_minor == fee_minor(invoice)
                assert invoice.customer.entity == payout.entity
                assert invoice.customer.currency == payout.currency


def test_credit_notes_take_back_what_stood_on_the_invoice(company: Company) -> None:
    """A credit's lines sum to it, are of that invoice, and were refunded if paid."""
    refunds = {each.key: each for each in company.refunds}

    assert len(company.credit_notes) > 20
    for note in company.credit_notes:
        invoice = company.invoice_by_key[note.invoice_key]
        lines = {line.key: line for line in invoice.lines}
        assert note.total_minor == sum(line.amount_minor for line in note.lines)
        assert all(
            line.amount_minor <= lines[line.invoice_line_key].amount_minor
            for line in note.lines
        )
        assert (note.refund_key is not None) == (invoice.status == "paid")
        if note.refund_key is not None:
            assert refunds[note.refund_key].amount_minor == note.total_minor
            assert invoice.paid_on is not None
            assert invoice.paid_on <= note.issued_on


def test_leads_became_customers_or_nothing(company: Company) -> None:
    """A converted lead names its customer and person; no touch comes from nobody."""
    leads = {lead.key: lead for lead in company.leads}
    campaigns = {each.key for each in company.campaigns}

    for lead in company.leads:
        assert (lead.customer_key is not None) == (lead.status == "Converted")
        if lead.customer_key is not None:
            customer = company.customer_by_key[lead.customer_key]
            assert lead.converted_on == customer.created_on
            assert lead.person_key == customer.people[0].key
    assert company.touches
    assert all(
        touch.lead_key in leads and touch.campaign_key in campaigns
        for touch in company.touches
    )


def test_health_is_known_while_a_contract_runs(company: Company) -> None:
    """One score a month, inside a contract, with the risk that goes with it."""
    seen = Counter((each.customer.key, each.on) for each in company.health)

    assert set(seen.values()) == {1}
    for each in company.health:
        assert 0 <= each.score <= 100
        assert any(
            contract.in_force(each.on)
            for contract in company.contracts_of[each.customer.key]
        )
        assert (each.risk == "low") == (each.score >= 65)
