"""Revenue by the standard, one contract at a time: the judge of the models.

Written from ASC 606 and docs/scenarios.md, in fractions, event after event. It shares
no step with the models, which compute all contracts at once.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from tests.revenue.exact import DAY, last_day, month_of, months
from tests.revenue.functional import functional_balances
from tests.revenue.ledger import Ledger
from tests.revenue.obligations import HeldError
from tests.revenue.scenario import Event, events

Row = Mapping[str, Any]
Months = dict[date, int]


@dataclass(frozen=True)
class Outcome:
    """What the reference says of one contract."""

    contract_id: str
    held: str | None = None
    allocation: dict[str, int] = field(default_factory=dict)
    allocation_after: dict[str, int] = field(default_factory=dict)
    revenue: dict[tuple[str, date], int] = field(default_factory=dict)
    balances: dict[tuple[str, date], int] = field(default_factory=dict)
    functional: dict[tuple[str, date], int] = field(default_factory=dict)

    def flows(self) -> dict[tuple[str, date], int]:
        """Return the movement of each account role by month, zeros left out."""
        return movements(self.balances)


def movements(balances: dict[tuple[str, date], int]) -> dict[tuple[str, date], int]:
    """Return the movements that lead from each month's balances to the next."""
    flows = {}
    before: Counter[str] = Counter()
    for (role, month), balance in sorted(
        balances.items(), key=lambda entry: entry[0][1]
    ):
        if balance != before[role]:
            flows[role, month] = balance - before[role]
        before[role] = balance
    return flows


def run(scenario: Row) -> dict[str, Outcome]:
    """Return the outcome of each contract of a scenario."""
    by_contract, closes = _sorted_out(scenario)
    outcomes = {}
    for contract in scenario["contracts"]:
        own = by_contract[contract["id"]]
        try:
            outcomes[contract["id"]] = _followed(scenario, contract, own, closes)
        except HeldError as error:
            outcomes[contract["id"]] = Outcome(contract["id"], held=str(error))
    return outcomes


def remaining(scenario: Row, contract_id: str, day: date) -> dict[int, int]:
    """Return what is still to be recognized after a day, by year: 606-10-50-13."""
    by_contract, closes = _sorted_out(scenario)
    contract = next(row for row in scenario["contracts"] if row["id"] == contract_id)
    ledger = Ledger(scenario, contract)
    for event in by_contract[contract_id]:
        if event.on <= day:
            _check_open(event, contract, closes)
            ledger.post(event)
    years: Counter[int] = Counter()
    for obligation in ledger.obligations.values():
        if obligation.is_usage:
            continue
        end, before = obligation.terms.end, obligation.net(day)
        for year in range(day.year, (end or day).year + 1):
            after = obligation.net(date(year, 12, 31))
            years[year] += after - before
            before = after
    return dict(years)


def _sorted_out(scenario: Row) -> tuple[dict[str, list[Event]], list[Event]]:
    """Return the events of each contract, and the closes."""
    all_events = events(scenario)
    contract_of = {
        event.what["id"]: event.what["contract"]
        for event in all_events
        if event.kind == "invoice"
    }
    by_contract: dict[str, list[Event]] = defaultdict(list)
    for event in all_events:
        if event.kind != "close":
            what = event.what
            name = what.get("contract") or contract_of[what["invoice"]]
            by_contract[name].append(event)
    return by_contract, [event for event in all_events if event.kind == "close"]


def _followed(
    scenario: Row, contract: Row, own: Sequence[Event], closes: Sequence[Event]
) -> Outcome:
    """Follow a contract from its first month to its last."""
    for event in own:
        _check_open(event, contract, closes)
    ledger = Ledger(scenario, contract)
    days = _span(scenario, contract, own)
    functional = {}
    if (
        scenario.get("functional_currency", contract["currency"])
        != contract["currency"]
    ):
        functional = functional_balances(scenario, contract, own, days)
    waiting = list(own)
    revenue: dict[tuple[str, date], int] = {}
    balances: dict[tuple[str, date], int] = {}
    before: Counter[str] = Counter()
    for month in months(*days):
        end = last_day(month)
        while waiting and waiting[0].on <= end:
            ledger.post(waiting.pop(0))
        for name, obligation in ledger.obligations.items():
            to_date = obligation.net(end) + obligation.contra
            if to_date != before[name]:
                revenue[name, month] = to_date - before[name]
            before[name] = to_date
        for role, balance in ledger.balances(end).items():
            balances[role, month] = balance
    return Outcome(
        contract["id"],
        None,
        ledger.allocation,
        {
            name: obligation.allocated
            for name, obligation in ledger.obligations.items()
            if not obligation.is_usage
        },
        revenue,
        balances,
        functional,
    )


def _span(scenario: Row, contract: Row, own: Sequence[Event]) -> tuple[date, date]:
    """Return a first and a last day between which all of a contract lies."""
    days = [contract["signed"], *(event.on for event in own)]
    rows = [*contract["obligations"], *contract.get("costs", ())]
    for event in own:
        rows += [*event.what.get("add", ()), *event.what.get("changes", ())]
    for row in rows:
        days += [row[key] for key in ("start", "end", "on") if row.get(key)]
    pauses = [event for event in own if event.kind == "pause"]
    days += [event.what["until"] for event in pauses]
    last = max(days)
    for event in pauses:  # a term may end later by as long
        last += max(event.what["until"] + DAY - event.on, timedelta(0))
    if "until" in scenario:
        last = last_day(date.fromisoformat(f"{scenario['until']}-01"))
    return min(days), last


def _check_open(event: Event, contract: Row, closes: Sequence[Event]) -> None:
    """Refuse what would change a period that was closed when it became known."""
    entity = contract.get("entity", "US")
    for day in (event.posts_on or event.said,):
        for close in closes:
            period = date.fromisoformat(f"{close.what['period']}-01")
            is_ours = close.what.get("entity", "US") == entity
            if is_ours and period == month_of(day) and event.recorded >= close.on:
                raise HeldError("closed_period")
