"""Run: one scenario, or a folder of them, and what people see of it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from orchestration.scenarios.amounts import major
from orchestration.scenarios.engine import Engine, Subledger, engine
from orchestration.scenarios.form import read
from orchestration.scenarios.judge import Finding, judged, signed
from orchestration.scenarios.tables import Tables


@dataclass(frozen=True)
class Outcome:
    """A scenario, what the models made of it, and how that compares."""

    scenario: Mapping[str, Any]
    subledger: Subledger
    findings: Sequence[Finding]

    @property
    def passed(self) -> bool:
        """Say whether all that was expected came out."""
        return all(finding.passed for finding in self.findings)


def run(path: Path, models: Engine | None = None) -> Outcome:
    """Return the outcome of a scenario file."""
    scenario = read(path)
    subledger = (models or engine()).run(Tables(scenario).rows)
    return Outcome(scenario, subledger, judged(scenario, subledger))


def show_outcome(outcome: Outcome, console: Console) -> None:
    """Print allocation, schedule, movements, balances, and what was expected."""
    console.print(f"[bold]{escape(outcome.scenario['name'])}[/bold]")
    currencies = {
        str(contract["id"]): contract["currency"]
        for contract in outcome.scenario["contracts"]
    }
    for contract, reason, held in outcome.subledger.rows(
        "select contract_id, reason, held_minor from revenue_holds order by 1, 2"
    ):
        amount = major(held, currencies.get(contract, "USD"))
        console.print(f"[red]held[/red] {escape(contract)}: {reason}, price {amount}")
    for table in (
        _allocations(outcome.subledger, currencies),
        _schedule(outcome.subledger, currencies),
        _movements(outcome.subledger, currencies),
        _comparison(outcome.findings),
    ):
        if table.row_count:
            console.print(table)


def _allocations(subledger: Subledger, currencies: Mapping[str, str]) -> Table:
    table = Table("contract", "version", "from", "treatment", "obligation")
    table.title = "Allocation"
    for column in ("allocated", "recognized before"):
        table.add_column(column, justify="right")
    for (
        contract,
        accounting,
        version,
        day,
        treatment,
        obligation,
        *amounts,
    ) in subledger.rows(
        "select contract_id, accounting_contract_id, version_no, effective_on,"
        " treatment, obligation_id, allocated_minor, recognized_before_minor"
        " from revenue_obligation_versions order by 2, 3, 6"
    ):
        table.add_row(
            escape(accounting),
            str(version),
            str(day),
            treatment,
            escape(obligation),
            *(major(amount, currencies[contract]) for amount in amounts),
        )
    return table


def _schedule(subledger: Subledger, currencies: Mapping[str, str]) -> Table:
    table = Table("obligation", "period", "version")
    table.title = "Schedule"
    for column in ("revenue", "to date", "remaining"):
        table.add_column(column, justify="right")
    for contract, obligation, month, version, *amounts in subledger.rows(
        "select contract_id, obligation_key, month, version_no, recognized_minor,"
        " recognized_to_date_minor, remaining_minor from revenue_recognized_monthly"
        " where recognized_minor <> 0 order by 2, 3"
    ):
        table.add_row(
            escape(obligation),
            f"{month:%Y-%m}",
            str(version),
            *(major(amount, currencies[contract]) for amount in amounts),
        )
    return table


def _movements(subledger: Subledger, currencies: Mapping[str, str]) -> Table:
    table = Table("contract", "period", "account role")
    table.title = "Movements and balances"
    for column in ("movement", "balance"):
        table.add_column(column, justify="right")
    for contract, month, role, *amounts in subledger.rows(
        "select contract_id, month, account_role, movement_minor, closing_minor"
        " from revenue_balances_monthly where movement_minor <> 0 order by 1, 2, 3"
    ):
        table.add_row(
            escape(contract),
            f"{month:%Y-%m}",
            role,
            *(major(signed(role, amount), currencies[contract]) for amount in amounts),
        )
    return table


def _comparison(findings: Sequence[Finding]) -> Table:
    table = Table("", "expected of")
    table.title = "Expected and computed"
    for column in ("expected", "computed"):
        table.add_column(column, justify="right")
    for finding in findings:
        table.add_row(
            "[green]✓[/green]" if finding.passed else "[red]✕[/red]",
            escape(finding.about),
            escape(stated(finding.expected, finding.currency)),
            escape(stated(finding.computed, finding.currency)),
        )
    return table


def stated(figure: int | str, currency: str) -> str:
    """Return a figure as people write it."""
    return figure if isinstance(figure, str) else major(figure, currency)


def golden(folder: Path, elsewhere: Path, target: Path) -> list[dict[str, Any]]:
    """Run a folder's scenarios; write what was expected and computed as JSON.

    Args:
        folder: scenario files, each named after its case.
        elsewhere: YAML list of the cases that other tests judge, or nobody.
        target: the JSON file.
    """
    cases = []
    for path in sorted(folder.glob("*.yaml")):
        outcome = run(path)
        cases.append(
            {
                "case": path.stem.split("_")[0],
                "name": outcome.scenario["name"],
                "source": outcome.scenario.get("source", ""),
                "note": outcome.scenario.get("note", "").strip(),
                "expected": _figures(outcome.findings, "expected"),
                "computed": _figures(outcome.findings, "computed"),
                "passed": outcome.passed,
            }
        )
    cases += read_elsewhere(elsewhere)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(cases, indent=2, ensure_ascii=False) + "\n")
    return cases


def read_elsewhere(path: Path) -> list[dict[str, Any]]:
    """Return the cases that are not about contracts, with where they are judged."""
    from orchestration.scenarios.form import parsed

    return list(parsed(path.read_text(encoding="utf-8")))


def _figures(findings: Sequence[Finding], side: str) -> dict[str, str]:
    return {
        finding.about: stated(getattr(finding, side), finding.currency)
        for finding in findings
    }
