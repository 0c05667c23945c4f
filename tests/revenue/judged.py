"""Both judges on the same contracts: models at once, the reference one by one."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tests.revenue.beancount_text import DEBIT, Posting
from tests.revenue.drafts import Drawn
from tests.revenue.generated import batch
from tests.revenue.reference import Outcome, run
from tests.revenue.scenario import Row

Figures = Counter[tuple[str, date]]
# What is debited is positive in the journal.
JOURNAL = """
select contract_id, account_role, month, cast(sum(amount_minor) as bigint)
from revenue_journal
group by contract_id, account_role, month
"""
REVENUE = """
select
    revenue_journal.contract_id,
    revenue_performance_obligations.obligation_id,
    month,
    cast(sum(amount_minor) as bigint)
from revenue_journal
inner join revenue_performance_obligations using (obligation_key)
where account_role = 'revenue'
group by 1, 2, 3
"""
LINES = """
select
    contract_id,
    posted_on,
    event_id,
    reason,
    contract_id,
    currency,
    account_role,
    amount_minor
from revenue_journal
"""
ALLOCATION = """
select contract_id, obligation_id, allocated_minor
from revenue_obligation_versions
where is_added
"""


@dataclass
class Modelled:
    """What the models say of one contract."""

    held: str | None = None
    flows: Figures = field(default_factory=Counter)
    revenue: Figures = field(default_factory=Counter)
    allocation: dict[str, int] = field(default_factory=dict)


def modelled(scenario: Row) -> dict[str, Modelled]:
    """Return what the models make of each contract of a scenario."""
    found: dict[str, Modelled] = defaultdict(Modelled)
    ledger = subledger(scenario)
    for contract, reason in ledger.rows(
        "select contract_id, reason from revenue_holds"
    ):
        found[contract].held = reason
    for contract, role, month, debited in ledger.rows(JOURNAL):
        found[contract].flows[role, month] += debited if role in DEBIT else -debited
    for contract, name, month, debited in ledger.rows(REVENUE):
        found[contract].revenue[name, month] -= debited
    for contract, name, minor in ledger.rows(ALLOCATION):
        found[contract].allocation[name] = minor
    return found


def subledger(scenario: Row) -> Any:
    """Return the tables that the models make of a scenario."""
    from orchestration.scenarios.engine import engine
    from orchestration.scenarios.form import checked
    from orchestration.scenarios.tables import Tables

    return engine().run(Tables(checked(scenario)).rows)


def journal(scenario: Row) -> list[Posting]:
    """Return the lines of the models' journal, each in the entry it belongs to."""
    return [
        Posting(f"{contract} {posted_on} {event or reason}", posted_on, *line)
        for contract, posted_on, event, reason, *line in subledger(scenario).rows(LINES)
    ]


def differences(drafts: Sequence[Drawn]) -> dict[int, list[str]]:
    """Return what the two say differently of contracts, by their position."""
    scenario = batch(drafts)
    found = apart(scenario)
    names = [row["id"] for row in scenario["contracts"]]
    return {number: found[name] for number, name in enumerate(names) if name in found}


def apart(scenario: Row) -> dict[str, list[str]]:
    """Return what the two say differently of the contracts of a scenario."""
    expected, found = run(scenario), modelled(scenario)
    pairs = {name: _apart(expected[name], found[name]) for name in expected}
    return {name: lines for name, lines in pairs.items() if lines}


def _apart(expected: Outcome, found: Modelled) -> list[str]:
    """Return a sentence for each figure that differs.

    A contract with more than one fault is held for either.
    """
    if expected.held or found.held:
        if expected.held and found.held:
            return [] if not found.flows else ["held and yet in the journal"]
        return [f"held: reference {expected.held}, models {found.held}"]
    return [
        *_unequal("revenue of", expected.revenue, found.revenue),
        *_unequal("flow of", expected.flows(), found.flows),
        *_unequal("allocation of", expected.allocation, found.allocation),
    ]


def _unequal(
    what: str, expected: Mapping[Any, int], found: Mapping[Any, int]
) -> list[str]:
    """Return a sentence for each key whose figures differ; absent is nought."""
    keys = sorted(expected.keys() | found.keys(), key=str)
    pairs = [(key, expected.get(key, 0), found.get(key, 0)) for key in keys]
    return [
        f"{what} {_said(key)}: reference {one}, models {other}"
        for key, one, other in pairs
        if one != other
    ]


def _said(key: Any) -> str:
    """Return a key as people say it."""
    if isinstance(key, tuple):
        name, month = key
        return f"{name} in {month:%Y-%m}"
    return str(key)
