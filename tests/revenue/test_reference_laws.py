"""Laws that need no second opinion, on contracts that nobody wrote."""

from collections import Counter
from datetime import date

import pytest

from tests.revenue.beancount_text import CREDIT, DEBIT
from tests.revenue.generated import batch, generated
from tests.revenue.reference import Outcome, run

CONTRACTS = 200


@pytest.fixture(scope="module")
def outcomes() -> list[Outcome]:
    """Return what the reference finds for contracts that can be accounted for."""
    found = run(batch(generated(CONTRACTS, start=7))).values()
    return [outcome for outcome in found if not outcome.held]


def test_most_invented_contracts_can_be_accounted_for(outcomes: list[Outcome]) -> None:
    """What is held proves little, so little of it is invented."""
    assert len(outcomes) > CONTRACTS * 3 // 4


def test_debits_equal_credits_at_every_month_end(outcomes: list[Outcome]) -> None:
    """Each account has a side, and the sides are equal."""
    for outcome in outcomes:
        sides: Counter[tuple[str, date]] = Counter()
        for (role, month), balance in outcome.balances.items():
            sides["debit" if role in DEBIT else "credit", month] += balance
            assert role in DEBIT.keys() | CREDIT.keys()

        for _, month in sides:
            assert sides["debit", month] == sides["credit", month], outcome.contract_id


def test_a_contract_never_owes_and_is_owed_at_once(outcomes: list[Outcome]) -> None:
    """Deferred revenue and contract assets are never negative."""
    for outcome in outcomes:
        for (role, _), balance in outcome.balances.items():
            assert balance >= 0 or role not in (
                "deferred",
                "contract_asset",
                "unbilled",
            )
