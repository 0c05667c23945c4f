"""The life of contracts: ramps, pauses, swaps, tiers, bundles, orders, approvals."""

from collections import Counter, defaultdict
from datetime import date
from itertools import pairwise
from typing import Any

import pytest

from sandbox.company.catalogue import BUNDLES, Charge, Tier, graduated, tiers
from sandbox.company.company import Company, build
from sandbox.company.days import add_months, months_between, plus
from sandbox.company.facts import Action, Basis, Contract, Kind
from sandbox.company.features import ALL_FEATURES

AS_OF = date(2026, 10, 31)


@pytest.fixture(scope="module")
def company() -> Company:
    """A company with all features and three years of history."""
    return build(7, 400, 36, AS_OF, ALL_FEATURES)


def test_contracts_take_every_turn(company: Company) -> None:
    """Ramps, pauses, trials won and lost, cancellations, longer terms all occur."""
    contracts = company.contracts
    terms = {
        months_between(each.starts_on, each.term_ends_before) for each in contracts
    }

    assert terms == {12, 24, 36}
    assert sum(each.is_ramped for each in contracts) > 5
    assert sum(bool(each.pauses) for each in contracts) > 3
    assert {bool(each.contract_key) for each in company.trials} == {True, False}
    assert all(
        (each.cancel_reason is not None) == each.is_terminated for each in contracts
    )
    assert any(deal.approvals for deal in company.deals)


def test_a_ramp_steps_up_each_year_without_gap(company: Company) -> None:
    """Every product's steps follow each other, each larger or dearer than before."""
    for contract in (each for each in company.contracts if each.is_ramped):
        steps = defaultdict(list)
        for line in contract.lines:
            if line.charge is Charge.RECURRING:
                steps[line.sku].append(line)
        for lines in steps.values():
            for earlier, later in pairwise(lines):
                assert earlier.ends_before == later.starts_on
                assert (later.quantity, later.unit_minor) > (
                    earlier.quantity,
                    earlier.unit_minor,
                )
            assert lines[-1].ends_before is None


def test_nothing_is_used_or_billed_in_advance_in_a_pause(company: Company) -> None:
    """A pause costs nothing: no recurring line begins in it, no unit is used."""
    paused = {each.key: each for each in company.contracts if each.pauses}
    days = [
        (day.contract_key, day.on)
        for day in company.usage
        if day.contract_key in paused
    ]
    days += [
        (invoice.contract_key, line.starts_on)
        for invoice in company.invoices
        if invoice.contract_key in paused
        for line in invoice.lines
        if line.basis is Basis.RECURRING
    ]

    assert days
    assert all(paused[key].pause_on(day) is None for key, day in days)


def _promised(contract: Contract) -> int:
    """Return what an ended contract's recurring lines come to."""
    total = 0
    for line in contract.lines:
        if line.charge is not Charge.RECURRING:
            continue
        ends = min(line.ends_before or contract.ends_before, contract.ends_before)
        for month in range(months_between(line.starts_on, ends)):
            day = add_months(line.starts_on, month)
            if contract.pause_on(day) is None:
                amount = line.quantity * line.unit_minor
                discount = contract.discount_on(day)
                total += amount - (amount * discount.percent // 100 if discount else 0)
    return total


def test_ended_contracts_were_billed_to_the_last_unit(company: Company) -> None:
    """Ramps, swaps, pauses and downsizes included, invoices sum to the promise."""
    ended = [each for each in company.contracts if each.ends_before <= AS_OF]
    invoiced: Counter[str] = Counter()
    for invoice in company.invoices:
        if invoice.status != "void":
            invoiced[invoice.contract_key] += sum(
                line.amount_minor - line.discount_minor
                for line in invoice.lines
                if line.basis in {Basis.RECURRING, Basis.PRORATION}
            )

    assert len(ended) > 100
    assert {e.key: invoiced[e.key] for e in ended} == {
        each.key: _promised(each) for each in ended
    }


def test_amendments_end_with_their_contract(company: Company) -> None:
    """What is added co-terms: it ends on the day on which the contract does."""
    amendments = [
        deal for deal in company.deals if deal.kind is Kind.AMENDMENT and deal.is_won
    ]

    assert amendments
    for deal in amendments:
        contract = company.contract_by_key[str(deal.contract_key)]
        assert plus(deal.ends_on, 1) == contract.term_ends_before
        assert contract.starts_on < deal.starts_on


def test_every_won_deal_has_an_order(company: Company) -> None:
    """One order per won deal with a line for each quoted, one per cancellation."""
    won = {deal.key: deal for deal in company.deals if deal.is_won}
    sold = [each for each in company.orders if each.deal_key is not None]
    cancelled = [each for each in company.orders if each.deal_key is None]

    assert Counter(each.deal_key for each in sold) == dict.fromkeys(won, 1)
    for order in sold:
        quoted = [line.key for line in won[str(order.deal_key)].lines]
        named = [line.deal_line_key for line in order.lines if line.deal_line_key]
        assert named == quoted
    assert {each.contract_key for each in cancelled} == {
        each.key for each in company.contracts if each.is_terminated
    }


def test_an_order_line_is_superseded_once_and_by_a_later_one(company: Company) -> None:
    """What a line replaces was there before, unchanged, and is replaced once."""
    seen: dict[str, Any] = {}
    replaced: Counter[str] = Counter()
    for order in company.orders:
        for line in order.lines:
            if line.supersedes is not None:
                replaced[line.supersedes] += 1
                former = seen[line.supersedes]
                assert former.sku == line.sku
                assert former.quantity == line.before_quantity
                assert former.unit_minor == line.before_unit_minor
            seen[line.key] = line
    actions = Counter(line.action for order in company.orders for line in order.lines)

    assert set(replaced.values()) == {1}
    assert set(actions) == set(Action)


def test_deep_discounts_were_approved_before_the_deal_closed(company: Company) -> None:
    """Thirty percent need three consents; ten need none."""
    for deal in company.deals:
        deepest = max((line.discount_percent or 0 for line in deal.lines), default=0)
        if deal.is_closed and deepest >= 30:
            assert [each.by for each in deal.approvals] == [
                "Deal Desk",
                "VP Sales",
                "CFO",
            ]
        assert all(
            deal.created_on <= each.on <= deal.closed_on for each in deal.approvals
        )


def test_graduated_prices_price_each_tier_by_itself() -> None:
    """The worked example: 5 at 4, 7 at 3, the last one at 2."""
    steps = (Tier(5, 4), Tier(12, 3), Tier(None, 2))

    assert [graduated(units, steps) for units in (0, 5, 6, 13)] == [0, 20, 23, 43]
    assert tiers("PLT-GROWTH", "USD") == ()


def test_tiered_usage_costs_what_its_tiers_say(company: Company) -> None:
    """A month's lines of a product sum to its graduated price, or to the minimum."""
    tiered = committed = 0
    for invoice in company.invoices:
        contract = company.contract_by_key[invoice.contract_key]
        least = {each.sku: each.minimum_minor for each in contract.commits}
        used = defaultdict(list)
        for line in invoice.lines:
            if line.basis is Basis.USAGE:
                assert line.amount_minor == line.quantity * line.unit_minor
                used[line.price.sku].append(line)
        amounts = {
            sku: sum(line.amount_minor for line in lines) for sku, lines in used.items()
        }
        for sku, lines in used.items():
            steps = lines[0].price.tiers
            if steps:
                units = sum(line.quantity for line in lines)
                assert amounts[sku] == graduated(units, steps)
                tiered += len(lines) > 1
        missing = sum(
            line.amount_minor for line in invoice.lines if line.basis is Basis.COMMIT
        )
        assert missing == sum(
            max(least[sku] - amount, 0)
            for sku, amount in amounts.items()
            if sku in least
        )
        committed += missing > 0

    assert tiered > 50
    assert committed > 50


def test_a_bundle_stands_above_its_components(company: Company) -> None:
    """The bundle's line costs nothing, and all its components name it."""
    bundled = 0
    for deal in company.deals:
        for line in deal.lines:
            if line.sku in BUNDLES:
                bundled += 1
                parts = {e.sku for e in deal.lines if e.bundle_key == line.key}
                assert parts == set(BUNDLES[line.sku])
                assert line.total_minor == 0

    assert bundled > 10
