"""The invented company: repeatable, varied enough, and in itself free of mistakes."""

from collections import Counter
from datetime import date
from itertools import pairwise

import pytest

from sandbox.company.cast import Role, cast
from sandbox.company.catalogue import Charge
from sandbox.company.company import Company, build
from sandbox.company.days import add_months, epoch, months_between
from sandbox.company.facts import Basis, Kind

AS_OF = date(2026, 10, 31)


@pytest.fixture(scope="module")
def company() -> Company:
    """The company of the demo, at its default size."""
    return build(seed=7, customers=400, months=24, as_of=AS_OF)


def test_the_same_arguments_draw_the_same_company() -> None:
    """Whoever repeats a run with the same seed sees the same facts to the last one."""
    first = build(seed=3, customers=60, months=12, as_of=AS_OF)
    again = build(seed=3, customers=60, months=12, as_of=AS_OF)
    other = build(seed=4, customers=60, months=12, as_of=AS_OF)

    assert first == again
    assert first != other


@pytest.mark.parametrize(("customers", "months"), [(19, 24), (400, 5)])
def test_a_company_too_small_for_its_parts_is_refused(
    customers: int, months: int
) -> None:
    """Nobody gets a company in which some situation silently does not occur."""
    with pytest.raises(ValueError, match="at least"):
        build(seed=1, customers=customers, months=months, as_of=AS_OF)


@pytest.mark.parametrize("as_of", [date(2026, 10, 31), date(2026, 3, 2)])
@pytest.mark.parametrize("seed", range(4))
def test_small_companies_show_every_situation_on_any_last_day(
    seed: int, as_of: date
) -> None:
    """Each mistake that may be planted finds customers to whom it can happen."""
    company = build(seed, 40, 6, as_of)
    parts = cast(seed, 40)
    played = {role: set[str]() for role in Role}
    for customer, part in zip(company.customers, parts, strict=True):
        if part.role is None:
            continue
        invoices = company.invoices_of[customer.key]
        contracts = company.in_force(customer)
        lines = [line for each in contracts for line in each.lines]
        shown = {
            Role.LARGE: any(len(each.lines) > 10 for each in invoices),
            Role.AMENDED: len({line.deal_key for line in lines}) > 1,
            Role.METERED: any(
                line.basis is Basis.USAGE for each in invoices for line in each.lines
            ),
            Role.FAILING: [each.failed for each in invoices][-1],
            Role.UNPAID: any(
                each.status == "open" and (as_of - each.issued_on).days >= 7
                for each in invoices
            ),
            Role.DISCOUNT_OVER: any(
                each.discount is not None and each.discount.ends_before <= as_of
                for each in contracts
            ),
        }
        if shown[part.role]:
            played[part.role].add(customer.key)

    assert {role: len(keys) for role, keys in played.items()} == dict.fromkeys(Role, 2)


def test_currencies_come_by_quota(company: Company) -> None:
    """The yen, which has no minor unit, occurs in every company."""
    assert Counter(customer.currency for customer in company.customers) == {
        "USD": 280,
        "EUR": 60,
        "GBP": 40,
        "JPY": 20,
    }


def test_names_domains_and_tax_ids_belong_to_one_customer(company: Company) -> None:
    """Two customers never look like one: only planted duplicates do."""
    everybody = [*company.customers, *company.prospects]
    taxed = [each.tax_id for each in everybody if each.tax_id is not None]

    assert len({each.legal_name.split()[0] for each in everybody}) == len(everybody)
    assert len({each.domain for each in everybody}) == len(everybody)
    assert len(set(taxed)) == len(taxed)
    assert 0.85 < len(taxed) / len(everybody) < 0.95


def test_the_lifecycle_has_every_turn(company: Company) -> None:
    """Customers come, grow, renew, leave early, leave, and some come back."""
    gaps = 0
    for contracts in company.contracts_of.values():
        for earlier, later in pairwise(contracts):
            assert earlier.ends_before <= later.starts_on
            gaps += earlier.ends_before < later.starts_on
    won = Counter(deal.kind for deal in company.deals if deal.is_won)
    gone = [each for each in company.customers if not company.in_force(each)]

    assert gaps > 0
    assert all(won[kind] > 50 for kind in Kind)
    assert any(contract.is_terminated for contract in company.contracts)
    assert gone
    assert {deal.is_closed for deal in company.deals if not deal.is_won} == {
        True,
        False,
    }


def test_contracts_are_billed_monthly_or_yearly_in_advance(company: Company) -> None:
    """About a quarter of the contracts is paid for the year at once."""
    intervals = Counter(contract.interval for contract in company.contracts)

    assert 0.15 < intervals["year"] / intervals.total() < 0.35
    assert all(
        months_between(each.starts_on, each.term_ends_before) == 12
        for each in company.contracts
    )


def test_invoices_tell_all_outcomes(company: Company) -> None:
    """Nearly all are paid; some are open, failed, void and issued again, refunded."""
    statuses = Counter(invoice.status for invoice in company.invoices)
    void = {each.key for each in company.invoices if each.status == "void"}
    replaced = {each.replaces for each in company.invoices if each.replaces}

    assert statuses["paid"] / statuses.total() > 0.95
    assert statuses["open"] > 20
    assert void
    assert void == replaced
    assert sum(invoice.failed for invoice in company.invoices) == 12
    assert 0.003 < len(company.refunds) / statuses["paid"] < 0.03


def test_an_open_invoice_is_recent_or_its_payment_failed(company: Company) -> None:
    """Nothing is overdue by accident."""
    unpaid = [each for each in company.invoices if each.status == "open"]

    assert all(
        each.failed or (each.due_on is not None and each.due_on > AS_OF)
        for each in unpaid
    )


def test_nothing_happens_after_the_last_day(company: Company) -> None:
    """The history ends on the last day: what follows isn't known yet."""
    days = [day.on for day in company.usage]
    days += [each.issued_on for each in company.invoices]
    days += [each.paid_on for each in company.invoices if each.paid_on]
    days += [each.voided_on for each in company.invoices if each.voided_on]
    days += [each.made_on for each in company.refunds]
    days += [each.updated_on for each in company.tickets]
    days += [each.closed_on for each in company.deals if each.is_closed]
    days += [each.starts_on for each in company.contracts]

    assert max(days) <= AS_OF


def test_bookings_lie_in_the_history(company: Company) -> None:
    """A deal that was won before the first month would be missing in its bookings."""
    won = [deal for deal in company.deals if deal.is_won]

    assert company.starts_on == date(2024, 11, 1)
    assert all(company.starts_on <= deal.closed_on <= AS_OF for deal in won)
    assert all(deal.closed_on <= deal.starts_on for deal in won)


def test_usage_is_billed_once_in_arrears(company: Company) -> None:
    """Every used unit stands on one valid invoice, unless its month isn't over yet."""
    used: Counter[tuple[str, str]] = Counter()
    billed: Counter[tuple[str, str]] = Counter()
    for day in company.usage:
        contract = company.contract_by_key[day.contract_key]
        begun = months_between(contract.starts_on, AS_OF)
        is_over = add_months(contract.starts_on, begun) > day.on
        if is_over or contract.ends_before <= AS_OF:
            used[contract.key, day.sku] += day.quantity
    for invoice in company.invoices:
        for line in invoice.lines:
            if line.basis is Basis.USAGE and invoice.status != "void":
                billed[invoice.contract_key, line.price.sku] += line.quantity

    assert used == billed


def test_contract_value_is_billed_to_the_last_unit(company: Company) -> None:
    """What ended contracts promised for recurring products was invoiced exactly."""
    for contract in company.contracts:
        if contract.ends_before > AS_OF:
            continue
        promised = 0
        for line in contract.lines:
            if line.charge is not Charge.RECURRING:
                continue
            months = months_between(line.starts_on, contract.ends_before)
            per_month = line.quantity * line.unit_minor
            promised += per_month * months
            if contract.discount is not None and line.discount_months:
                cut = min(months, line.discount_months) * contract.discount.percent
                promised -= per_month * cut // 100
        invoiced = sum(
            line.amount_minor - line.discount_minor
            for invoice in company.invoices_of[contract.customer.key]
            if invoice.contract_key == contract.key and invoice.status != "void"
            for line in invoice.lines
            if line.basis in {Basis.RECURRING, Basis.PRORATION}
        )

        assert invoiced == promised, contract.key


def test_no_contract_starts_on_a_day_that_some_month_lacks() -> None:
    """An anchor on the 31st would have no equal in February."""
    with pytest.raises(ValueError, match="1st to the 28th"):
        add_months(date(2026, 1, 31), 1)

    assert add_months(date(2026, 1, 28), 13) == date(2027, 2, 28)
    assert months_between(date(2026, 1, 28), date(2026, 3, 27)) == 1
    assert epoch(date(2026, 10, 31), 5) == 1_793_404_805
