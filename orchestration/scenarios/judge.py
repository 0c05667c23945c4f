"""Judge: what a scenario expects, beside what the models computed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from orchestration.scenarios.amounts import BadScenarioError, minor
from orchestration.scenarios.engine import Subledger
from orchestration.scenarios.tables import next_month, period

# Accounts that stand on the credit side; all others stand on the debit side.
CREDIT_ROLES = frozenset(
    (
        *("deferred", "refund_liability", "revenue"),
        *("recoverables", "tax", "contract_cost_payable"),
    )
)
ROLES = CREDIT_ROLES | frozenset(
    (
        *("cash", "accounts_receivable", "unbilled", "contract_asset", "fx"),
        *("contra_refund", "contra_void", "contra_credit", "contra_dispute"),
        *("contra_bad_debt", "return_asset", "inventory", "cost_of_sales"),
        *("contract_cost", "contract_cost_expense"),
    )
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One expected figure and the one that came out, in minor units or words."""

    about: str
    expected: int | str
    computed: int | str
    currency: str

    @property
    def passed(self) -> bool:
        """Say whether they are equal."""
        return self.expected == self.computed


def judged(scenario: Mapping[str, Any], subledger: Subledger) -> list[Finding]:
    """Return each expected figure beside the computed one; holds are always judged."""
    findings = [
        finding
        for block in scenario["expect"]
        for finding in _block(block, scenario, subledger)
    ]
    expected = {
        str(contract): reason
        for block in scenario["expect"]
        for contract, reason in block.get("held", {}).items()
    }
    held: dict[str, str] = dict(
        subledger.rows(
            "select contract_id, string_agg(reason, ', ' order by reason)"
            " from revenue_holds group by contract_id"
        )
    )
    return findings + [
        Finding(
            f"held {contract}",
            expected.get(contract, "not held"),
            held.get(contract, "not held"),
            "",
        )
        for contract in sorted({*held, *expected})
    ]


def _block(
    block: Mapping[str, Any], scenario: Mapping[str, Any], subledger: Subledger
) -> Iterator[Finding]:
    contract = None if block.get("contract") is None else str(block["contract"])
    contracts = [
        each
        for each in scenario["contracts"]
        if contract is None or str(each["id"]) == contract
    ]
    if not contracts:
        raise BadScenarioError(f"expect: there is no contract {contract}.")
    currency = contracts[0]["currency"]
    functional = scenario.get("functional_currency", currency)
    asked = Asked(subledger, contract, currency)
    yield from asked.allocation(block.get("allocation", {}))
    yield from asked.allocation_after(block.get("allocation_after", {}))
    yield from asked.flows("revenue", {"revenue": block.get("revenue", {})})
    yield from asked.revenue_by_obligation(block.get("revenue_by_obligation", {}))
    yield from asked.flows("flow", block.get("flows", {}))
    yield from asked.balances("balance", block.get("balances", {}))
    yield from asked.remaining(block.get("rpo", {}))
    asked = Asked(subledger, contract, functional, "functional_minor")
    yield from asked.flows("functional flow", block.get("functional_flows", {}))
    yield from asked.balances(
        "functional balance", block.get("functional_balances", {})
    )


@dataclass(frozen=True)
class Asked:
    """Questions to one contract, or to all together."""

    subledger: Subledger
    contract: str | None
    currency: str
    column: str = "amount_minor"

    def allocation(self, expected: Mapping[str, Any]) -> Iterator[Finding]:
        """Judge what each obligation got of the price when it was added."""
        for obligation, amount in expected.items():
            found = self._one(
                "select sum(allocated_minor) from revenue_obligation_versions"
                f" where is_added and obligation_id = ? and {self._scope()}",
                str(obligation),
            )
            yield self._finding(f"allocation {obligation}", amount, found)

    def allocation_after(self, expected: Mapping[str, Any]) -> Iterator[Finding]:
        """Judge what each obligation has of the price in its last version."""
        for obligation, amount in expected.items():
            found = self._one(
                "select sum(allocated_minor) from revenue_obligation_versions"
                f" where obligation_id = ? and {self._scope()}"
                " and (accounting_contract_id, version_no) in ("
                "select (accounting_contract_id, max(version_no))"
                " from revenue_obligation_versions group by accounting_contract_id)",
                str(obligation),
            )
            yield self._finding(f"allocation after {obligation}", amount, found)

    def revenue_by_obligation(
        self, expected: Mapping[str, Mapping[str, Any]]
    ) -> Iterator[Finding]:
        """Judge the revenue of obligations."""
        for obligation, months in expected.items():
            for month, amount in months.items():
                found = self._one(
                    f"select -sum({self.column}) from revenue_journal"
                    " join revenue_performance_obligations using (obligation_key)"
                    " where obligation_id = ? and account_role = 'revenue'"
                    f" and month = ? and {self._scope('revenue_journal.')}",
                    str(obligation),
                    period(month),
                )
                yield self._finding(f"revenue {obligation} {month}", amount, found)

    def flows(
        self, what: str, expected: Mapping[str, Mapping[str, Any]]
    ) -> Iterator[Finding]:
        """Judge the movements of account roles."""
        yield from self._journal(what, expected, "month = ?")

    def balances(
        self, what: str, expected: Mapping[str, Mapping[str, Any]]
    ) -> Iterator[Finding]:
        """Judge the balances of account roles at the end of months."""
        yield from self._journal(what, expected, "month <= ?")

    def remaining(
        self, expected: Mapping[date, Mapping[str, Any]]
    ) -> Iterator[Finding]:
        """Judge what is still to be recognized after the last day of a month."""
        for on, figures in expected.items():
            month = on.replace(day=1)
            for kind in ("total", "within_12_months"):
                if kind in figures:
                    column = {"total": "remaining_minor"}.get(kind, f"{kind}_minor")
                    found = self._one(
                        f"select sum({column}) from revenue_remaining_monthly"
                        f" where month = ? and {self._scope()}",
                        month,
                    )
                    yield self._finding(f"rpo {on} {kind}", figures[kind], found)
            for year, amount in figures.get("years", {}).items():
                found = self._one(
                    "select sum(planned_minor) from revenue_waterfall"
                    " where known_month = ? and month between ? and ?"
                    f" and {self._scope()}",
                    month,
                    date(int(year), 1, 1),
                    date(int(year), 12, 1),
                )
                yield self._finding(f"rpo {on} {year}", amount, found)

    def _journal(
        self, what: str, expected: Mapping[str, Mapping[str, Any]], when: str
    ) -> Iterator[Finding]:
        for role, months in expected.items():
            if role not in ROLES:
                raise BadScenarioError(f"expect: there is no role {role}.")
            sign = "-" if role in CREDIT_ROLES else ""
            for month, amount in months.items():
                found = self._one(
                    f"select {sign}sum({self.column}) from revenue_journal"
                    f" where account_role = ? and {when} and {self._scope()}",
                    role,
                    period(month),
                )
                yield self._finding(f"{what} {role} {month}", amount, found)

    def _scope(self, table: str = "") -> str:
        return "true" if self.contract is None else f"{table}contract_id = $contract"

    def _one(self, query: str, *values: Any) -> int:
        for value in values:
            query = query.replace("?", _literal(value), 1)
        query = query.replace("$contract", _literal(self.contract or ""))
        return int(self.subledger.rows(query)[0][0] or 0)

    def _finding(self, about: str, amount: Any, found: int) -> Finding:
        where = "" if self.contract is None else f"{self.contract} "
        expected = minor(amount, self.currency, f"expect, {about}")
        return Finding(f"{where}{about}", expected, found, self.currency)


def _literal(value: Any) -> str:
    """Return a value as SQL."""
    if isinstance(value, date):
        return f"date '{value}'"
    return "'" + str(value).replace("'", "''") + "'"


def signed(role: str, amount_minor: int) -> int:
    """Return a journal amount as positive where its account normally stands."""
    return -amount_minor if role in CREDIT_ROLES else amount_minor


def last_day(month: date) -> date:
    """Return the last day of a month."""
    return date.fromordinal(next_month(month).toordinal() - 1)
