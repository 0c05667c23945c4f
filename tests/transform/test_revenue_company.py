"""Revenue of whole companies: the marts are what an independent reference says.

The reference gets what the engine got, contract by contract, and computes in fractions.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import pytest

from tests.revenue.ledger import Ledger
from tests.revenue.recorded import recorded
from tests.revenue.reference import Outcome, run
from tests.revenue.scenario import Event, Row, events
from tests.transform.test_differential import AS_OF, after_months, last_day

Figures = Mapping[tuple[Any, ...], int]
# Which side of the journal a figure is stated on.
SIDES = {
    "deferred": -1,
    **dict.fromkeys(("contract_asset", "unbilled"), 1),
    **dict.fromkeys(
        ("contra_refund", "contra_void", "contra_credit", "contra_dispute"), 1
    ),
}


@dataclass(frozen=True)
class Judged:
    """A company, what its engine was given, and what the reference makes of it."""

    built: Any
    scenario: Row
    outcomes: Mapping[str, Outcome]

    @property
    def contracts(self) -> Mapping[str, Row]:
        """Return the contracts by id."""
        return {row["id"]: row for row in self.scenario["contracts"]}

    @cached_property
    def events(self) -> Mapping[str, list[Event]]:
        """Return the events of each contract, in their order."""
        found = defaultdict(list)
        for event in events(self.scenario):
            found[event.what["contract"]].append(event)
        return found


@pytest.fixture(scope="module", params=["rich", "disordered"])
def judged(request: pytest.FixtureRequest) -> Judged:
    """Return each company in turn, judged."""
    built = request.getfixturevalue(request.param)
    scenario = recorded(built.records, AS_OF)
    return Judged(built, scenario, run(scenario))


def test_what_the_reference_holds_is_held(judged: Judged) -> None:
    """A contract that lacks something has no journal, and no other one is held.

    That it has no order the reference cannot see.
    """
    held = {
        contract
        for (contract,) in judged.built.rows(
            "select contract_id from revenue.revenue_holds"
            " where reason <> 'order_missing'"
        )
    }

    assert held == {name for name, outcome in judged.outcomes.items() if outcome.held}
    assert len(held) * 10 < len(judged.outcomes)


def test_revenue_and_balances_are_the_references(judged: Judged) -> None:
    """Each obligation's revenue and each contract's balances agree, month by month."""
    revenue: Counter[tuple[Any, ...]] = Counter()
    moved: Counter[tuple[Any, ...]] = Counter()
    for contract, outcome in judged.outcomes.items():
        for (obligation, month), amount in outcome.revenue.items():
            revenue[contract, obligation, month] = amount
        for (role, month), amount in outcome.flows().items():
            if role in SIDES:
                moved[contract, role, month] = SIDES[role] * amount

    assert revenue == figures(
        judged,
        """
        select contract_id, obligation_id, month, - sum(amount_minor)
        from revenue.revenue_journal
        inner join revenue.revenue_performance_obligations
            using (contract_id, obligation_key)
        where account_role = 'revenue'
        group by all
        """,
    )
    assert moved == figures(
        judged,
        "select contract_id, account_role, month, sum(amount_minor)"
        f" from revenue.revenue_journal where account_role in {(*SIDES,)} group by all",
    )


def test_the_mart_rolls_the_references_balances_forward(judged: Judged) -> None:
    """By entity, currency and month, revenue and what is deferred are sums of them."""
    revenue: Counter[tuple[Any, ...]] = Counter()
    closing: Counter[tuple[Any, ...]] = Counter()
    for contract, outcome in judged.outcomes.items():
        stated = judged.contracts[contract]
        place = stated["entity"], stated["currency"]
        for (role, month), balance in outcome.balances.items():
            if role in ("deferred", "contract_asset", "unbilled"):
                closing[*place, month] -= SIDES[role] * balance
        for (_, month), amount in outcome.revenue.items():
            revenue[*place, month] += amount
        for (role, month), amount in outcome.flows().items():
            if role.startswith("contra_"):
                revenue[*place, month] -= amount

    for measure, expected in {"revenue": revenue, "closing": closing}.items():
        assert drop_zeros(expected) == figures(
            judged,
            f"select legal_entity_code, currency, month, {measure}_minor"
            " from marts.deferred_revenue_monthly",
        )


def test_remaining_obligations_are_what_the_reference_has_left(judged: Judged) -> None:
    """What is signed and not recognized, in all and within twelve months."""
    for ago in (0, 5):
        month = after_months(AS_OF.replace(day=1), -ago)
        day = last_day(month)
        left: Counter[tuple[Any, ...]] = Counter()
        soon: Counter[tuple[Any, ...]] = Counter()
        for contract, outcome in judged.outcomes.items():
            stated = judged.contracts[contract]
            if outcome.held or stated["signed"] > day:
                continue
            place = stated["entity"], stated["currency"]
            later = last_day(after_months(month, 12))
            now, then = ledger(judged, stated, day), ledger(judged, stated, day, later)
            for name, obligation in now.obligations.items():
                if not obligation.is_usage:
                    done = obligation.net(day)
                    left[place] += obligation.allocated - done
                    soon[place] += then.obligations[name].net(later) - done

        for measure, expected in {"rpo": left, "crpo": soon}.items():
            assert drop_zeros(expected) == figures(
                judged,
                f"select legal_entity_code, currency, {measure}_minor"
                f" from marts.remaining_obligations_monthly where month = '{month}'",
            )


def ledger(
    judged: Judged, contract: Row, day: date, promised_to: date = date.min
) -> Ledger:
    """Return a contract as it stood when a day was over.

    One-time work that it promises up to a later day is taken as done.
    """
    found = Ledger(judged.scenario, contract)
    for event in judged.events[contract["id"]]:
        is_promised = (
            event.kind == "satisfaction"
            and event.on <= promised_to
            and event.what["obligation"] in found.obligations
        )
        if event.on <= day or is_promised:
            found.post(event)
    return found


def figures(judged: Judged, query: str) -> Figures:
    """Return the last column of a query by the others, zeros left out."""
    return drop_zeros({row[:-1]: int(row[-1]) for row in judged.built.rows(query)})


def drop_zeros(found: Figures) -> Figures:
    """Return the figures that are not nought."""
    return {key: amount for key, amount in found.items() if amount}
