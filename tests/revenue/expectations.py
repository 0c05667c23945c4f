"""What a scenario expects, beside what the reference finds."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from tests.revenue.reference import Outcome, movements, remaining, run
from tests.revenue.scenario import minor

Row = Mapping[str, Any]
Finding = tuple[str, int | str | None, int | str | None]  # of what, expected, found
JUDGED = {
    *("contract", "held", "allocation", "allocation_after", "revenue"),
    *("revenue_by_obligation", "flows", "balances", "rpo"),
    *("functional_flows", "functional_balances"),
}


def unmet(scenario: Row) -> list[Finding]:
    """Return all that a scenario expects and the reference does not find."""
    outcomes = run(scenario)
    blocks = scenario.get("expect", [])
    unexpected = {name: found.held for name, found in outcomes.items() if found.held}
    findings: list[Finding] = []
    for block in [blocks] if isinstance(blocks, Mapping) else blocks:
        if not block.keys() <= JUDGED:
            raise ValueError(f"{sorted(block.keys() - JUDGED)} cannot be expected")
        for contract, reason in block.get("held", {}).items():
            findings.append(
                (f"held {contract}", reason, unexpected.pop(contract, None))
            )
        findings += _of_block(scenario, block, outcomes)
    findings += [(f"held {name}", None, why) for name, why in unexpected.items()]
    return [finding for finding in findings if finding[1] != finding[2]]


def _of_block(
    scenario: Row, block: Row, outcomes: Mapping[str, Outcome]
) -> Iterator[Finding]:
    """Yield each figure that a block names."""
    names = [block["contract"]] if "contract" in block else list(outcomes)
    currency = next(
        row["currency"] for row in scenario["contracts"] if row["id"] == names[0]
    )
    chosen = [outcomes[name] for name in names]
    functional = scenario.get("functional_currency", currency)
    for key in ("allocation", "allocation_after"):
        for name, amount in block.get(key, {}).items():
            found = sum(getattr(outcome, key).get(name, 0) for outcome in chosen)
            yield f"{key} {name}", minor(amount, currency), found
    by_obligation, flows, balances = _sums(chosen)
    for period, amount in block.get("revenue", {}).items():
        found = flows[f"revenue {period}"]
        yield f"revenue {period}", minor(amount, currency), found
    for name, periods in block.get("revenue_by_obligation", {}).items():
        for period, amount in periods.items():
            found = by_obligation[f"{name} {period}"]
            yield f"revenue of {name} {period}", minor(amount, currency), found
    judged = {"flows": flows, "balances": balances, **_functional_sums(chosen)}
    for key, figures in judged.items():
        for role, periods in block.get(key, {}).items():
            for period, amount in periods.items():
                found = figures[f"{role} {period}"]
                unit = functional if key.startswith("functional") else currency
                yield f"{key} {role} {period}", minor(amount, unit), found
    for day, wanted in block.get("rpo", {}).items():
        yield from _remaining(scenario, names, day, wanted, currency)


def _sums(chosen: list[Outcome]) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """Return revenue by obligation, movements and balances, by name and period."""
    by_obligation: Counter[str] = Counter()
    flows: Counter[str] = Counter()
    balances: Counter[str] = Counter()
    for outcome in chosen:
        for (name, month), money in outcome.revenue.items():
            by_obligation[f"{name} {month:%Y-%m}"] += money
        for (role, month), money in outcome.flows().items():
            flows[f"{role} {month:%Y-%m}"] += money
        for (role, month), money in outcome.balances.items():
            balances[f"{role} {month:%Y-%m}"] += money
    return by_obligation, flows, balances


def _functional_sums(chosen: list[Outcome]) -> dict[str, Counter[str]]:
    """Return movements and balances in the functional currency."""
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    for outcome in chosen:
        for (role, month), money in movements(outcome.functional).items():
            sums["functional_flows"][f"{role} {month:%Y-%m}"] += money
        for (role, month), money in outcome.functional.items():
            sums["functional_balances"][f"{role} {month:%Y-%m}"] += money
    return sums


def _remaining(
    scenario: Row, names: list[str], day: date, wanted: Row, currency: str
) -> Iterator[Finding]:
    """Yield what is expected to be recognized after a day."""
    years: dict[int, int] = defaultdict(int)
    for name in names:
        for year, money in remaining(scenario, name, day).items():
            years[year] += money
    if "total" in wanted:
        found = sum(years.values())
        yield f"rpo {day}", minor(wanted["total"], currency), found
    for year, amount in wanted.get("years", {}).items():
        yield f"rpo {day} in {year}", minor(amount, currency), years[int(year)]
