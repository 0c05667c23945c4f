"""Tables: a scenario as rows of the revenue models' inputs."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from orchestration.scenarios.amounts import (
    MICROS,
    BadScenarioError,
    decimals,
    is_unconditional,
    micros,
    minor,
    money,
    number,
    right_ssp,
    total_units,
    whole,
)
from orchestration.scenarios.form import day, event_kind, some

OVER_TIME = {"daily", "month_even", "month_prorated"}
BILLED_TO = {
    "payment",
    "credit_note",
    "refund",
    "void",
    "dispute",
    "dispute_won",
    "write_off",
    "recovery",
}
Row = dict[str, Any]


@dataclass
class Tables:
    """Rows by model, filled from one scenario."""

    scenario: Mapping[str, Any]
    rows: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    days: list[date] = field(default_factory=list)
    named: Counter[str] = field(default_factory=Counter)
    rested: timedelta = timedelta(0)  # in all pauses: a term may end later by as much
    priced: dict[tuple[str, str, date], Row] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Fill all tables."""
        self.currencies = {
            str(contract["id"]): contract["currency"]
            for contract in self.scenario["contracts"]
        }
        self.products: dict[tuple[str, str], Row] = {}
        self.billed_to = {
            str(event["invoice"]["id"]): str(event["invoice"]["contract"])
            for event in self.scenario["events"]
            if "invoice" in event and event_kind(event) == "invoice"
        }
        for contract in self.scenario["contracts"]:
            self._contract(contract)
        for price in self.scenario["ssp"]:
            self._price(price)
        # Changes may name what a later line of the file adds.
        for event in sorted(
            self.scenario["events"], key=lambda each: event_kind(each) != "modification"
        ):
            self._event(event)
        self._rates()
        self._months()

    def _contract(self, contract: Row) -> None:
        contract_id, currency = str(contract["id"]), contract["currency"]
        self.days.append(contract["signed"])
        self.rows["revenue_contracts"].append(
            {
                "contract_id": contract_id,
                "customer_id": str(contract.get("customer", contract_id)),
                "entity": str(contract.get("entity", "US")),
                "currency": currency,
                "functional_currency": self.scenario.get(
                    "functional_currency", currency
                ),
                "signed_on": contract["signed"],
            }
        )
        for obligation in contract["obligations"]:
            self._obligation(contract_id, obligation, None)
        for cost in contract.get("costs", []):
            on = day(cost["on"], f"{contract_id}, cost")
            starts_on = cost.get("start", on)
            self.days += [on, starts_on, day(cost.get("end", starts_on), "cost, end")]
            self.rows["revenue_contract_costs"].append(
                {
                    "contract_id": contract_id,
                    "cost_id": str(cost["id"]),
                    "amount_minor": minor(cost["amount"], currency, "cost"),
                    "incurred_on": on,
                    "is_incremental": bool(cost.get("incremental", True)),
                    "starts_on": starts_on,
                    "ends_before": after(cost.get("end", starts_on)),
                }
            )

    def _obligation(self, contract_id: str, stated: Row, added_by: str | None) -> None:
        where = f"{contract_id}/{stated['id']}"
        currency, method = self.currencies[contract_id], stated["method"]
        quantity = micros(stated.get("quantity", 1), f"{where}, quantity")
        ssp = stated.get("ssp")
        stated_ssp = None if ssp is None else minor(ssp, currency, f"{where}, ssp")
        if "material_right" in stated:
            stated_ssp = right_ssp(stated["material_right"], currency, where)
        if method == "usage" and number(stated.get("amount", 0), where):
            raise BadScenarioError(f"{where}: usage has no amount of its own.")
        returns = stated.get("returns", {})
        for key in ("start", "end"):
            if key in stated:
                self.days.append(stated[key])
        row = {
            "contract_id": contract_id,
            "obligation_id": str(stated["id"]),
            "added_by": added_by,
            "product_id": str(stated.get("product", stated["id"])),
            "method": method,
            "starts_on": stated.get("start"),
            "ends_before": after(stated["end"]) if "end" in stated else None,
            "amount_minor": minor(stated.get("amount", 0), currency, where),
            "stated_ssp_minor": stated_ssp,
            "quantity_micros": quantity,
            "total_units": total_units(stated, quantity, where),
            "unit_price_micros": self._unit_price(stated, currency, where),
            "is_unconditional": is_unconditional(stated, where),
            "returns_minor": minor(returns.get("amount", 0), currency, where),
            "returns_cost_minor": minor(returns.get("cost", 0), currency, where),
        }
        self.products[contract_id, str(stated["id"])] = stated
        self.rows["revenue_obligations"].append(row)

    @staticmethod
    def _unit_price(stated: Row, currency: str, where: str) -> int | None:
        """Return the price of a unit in millionths of a minor unit."""
        if "unit_price" not in stated:
            return None
        price = number(stated["unit_price"], where) * 10 ** decimals(currency) * MICROS
        return whole(price, f"{where}, unit_price")

    def _price(self, price: Row) -> None:
        currency = price["currency"]
        row = {
            "product_id": str(price["product"]),
            "currency": currency,
            "valid_from": day(price["from"], "ssp, from"),
            **{
                f"{bound}_minor": minor(
                    price.get(bound, price["mid"]), currency, f"ssp, {bound}"
                )
                for bound in ("low", "mid", "high")
            },
            "per": price.get("per", "unit"),
            "is_approved": bool(price.get("approved_by")),
        }
        key = row["product_id"], currency, row["valid_from"]
        if self.priced.setdefault(key, row) != row:
            raise BadScenarioError(
                f"ssp: two prices of {key[0]} in {currency} from {price['from']}."
            )
        if self.priced[key] is row:
            self.rows["revenue_standalone_prices"].append(row)

    def _event(self, event: Row) -> None:
        kind = event_kind(event)
        stated = event[kind]
        if kind == "close":
            self._close(event, stated)
            return
        contract_id = stated.get("contract")
        if kind in BILLED_TO:
            contract_id = self.billed_to.get(str(stated["invoice"]))
        elif str(contract_id) not in self.currencies:
            raise BadScenarioError(
                f"{kind} on {event['on']}: no contract {contract_id}."
            )
        contract_id = None if contract_id is None else str(contract_id)
        currency = self.currencies.get(contract_id or "", "USD")
        where = f"{kind} on {event['on']}"
        event_id = self._name(kind, event, stated, contract_id)
        self.days.append(event["on"])
        if "posts_on" in event:
            self.days.append(day(event["posts_on"], f"{kind}, posts_on"))
        amount = stated.get("refund_due" if kind == "modification" else "amount")
        row: Row = {
            "event_id": event_id,
            "contract_id": contract_id,
            "kind": kind,
            "event_on": event["on"],
            "recorded_on": event.get("recorded", event["on"]),
            "posts_on": event.get("posts_on"),
            "obligation_id": text(stated.get("obligation")),
            "invoice_id": text(stated.get("id" if kind == "invoice" else "invoice")),
            "amount_minor": None if amount is None else minor(amount, currency, where),
            "tax_minor": minor(stated.get("tax", 0), currency, where),
            "cost_minor": minor(stated.get("cost", 0), currency, where),
            "treatment": stated.get("treatment"),
            "reason": stated.get("reason"),
            "decided_by": stated.get("decided_by"),
            "is_unconditional": bool(stated.get("unconditional", True)),
            "settle_role": {"receivable": "accounts_receivable"}.get(
                stated.get("settle", "cash"), "cash"
            ),
            "unit_price_micros": self._unit_price(stated, currency, where),
            **self._performance(kind, stated, contract_id, where),
        }
        self.rows["revenue_events"].append(row)
        self._details(row, stated, currency, where)

    def _details(self, event: Row, stated: Row, currency: str, where: str) -> None:
        for line in stated.get("lines", []):
            self.rows["revenue_event_lines"].append(
                {
                    "event_id": event["event_id"],
                    "obligation_id": str(line["obligation"]),
                    "amount_minor": minor(line["amount"], currency, where),
                    "tax_minor": minor(line.get("tax", 0), currency, where),
                }
            )
        if event["kind"] == "pause":
            self._pause(event, stated, where)
        for obligation in stated.get("add", []):
            self._obligation(event["contract_id"], obligation, event["event_id"])
        for change in stated.get("changes", []):
            self._change(event, change, currency, where)

    def _pause(self, event: Row, stated: Row, where: str) -> None:
        """Rest what the pause names, or all that the contract promises over time."""
        contract_id = event["contract_id"]
        resumes_on = after(day(stated["until"], f"{where}, until"))
        self.days.append(resumes_on)
        self.rested += max(resumes_on - event["event_on"], timedelta(0))
        promised = [
            name
            for (contract, name), obligation in self.products.items()
            if contract == contract_id and obligation["method"] in OVER_TIME
        ]
        for name in some(stated.get("obligations", promised), where):
            self.rows["revenue_pauses"].append(
                {
                    "event_id": event["event_id"],
                    "contract_id": contract_id,
                    "obligation_id": str(name),
                    "paused_on": event["event_on"],
                    "resumes_on": resumes_on,
                }
            )

    def _change(self, event: Row, change: Row, currency: str, where: str) -> None:
        obligation_id = str(change["obligation"])
        changed = self.products.get((event["contract_id"], obligation_id), {})
        units = None
        if "quantity" in change:
            quantity = micros(change["quantity"], where)
            units = total_units({**changed, **change}, quantity, where)
        if "end" in change:
            self.days.append(day(change["end"], where))
        self.rows["revenue_changes"].append(
            {
                "event_id": event["event_id"],
                "contract_id": event["contract_id"],
                "obligation_id": obligation_id,
                "amount_minor": money(change, "amount", currency, where),
                "ends_before": after(change["end"]) if "end" in change else None,
                "total_units": units,
                "ssp_minor": money(change, "ssp", currency, where),
                "treatment": change.get("treatment"),
                "unit_price_micros": self._unit_price(change, currency, where),
                "is_cancelled": bool(change.get("cancel", False)),
            }
        )

    def _performance(
        self, kind: str, stated: Row, contract_id: str | None, where: str
    ) -> Row:
        """Return what was done: units added, the percentage reached, or all of it."""
        if kind not in {"usage", "satisfaction"}:
            return {"is_complete": False}
        obligation = self.products.get((contract_id or "", str(stated["obligation"])))
        if obligation is None:
            return {"is_complete": False}
        milestones = obligation.get("milestones", {})
        quantity = money(stated, "quantity", None, where)
        if kind == "usage":
            return {
                "is_complete": False,
                "quantity_micros": quantity,
                "units": quantity,
            }
        if "milestone" in stated:
            if stated["milestone"] not in milestones:
                raise BadScenarioError(f"{where}: no milestone {stated['milestone']}.")
            weight = number(milestones[stated["milestone"]], where)
            return {"is_complete": False, "units": whole(weight * MICROS, where)}
        if "percent" in stated:
            return {
                "is_complete": False,
                "percent_units": money(stated, "percent", None, where),
            }
        return {"is_complete": quantity is None, "units": quantity}

    def _name(self, kind: str, event: Row, stated: Row, contract_id: str | None) -> str:
        """Return an id that does not depend on where in the file the event stands."""
        if "id" in stated or kind == "modification":
            return f"{kind}:{contract_id}/{stated.get('id', event['on'])}"
        content = json.dumps(event, sort_keys=True, default=str)
        digest = hashlib.sha256(content.encode()).hexdigest()[:12]
        about = stated.get("obligation", stated.get("invoice"))
        name = f"{kind}:{contract_id}/{about}/{event['on']}/{digest}"
        self.named[name] += 1
        return f"{name}/{self.named[name]}" if self.named[name] > 1 else name

    def _close(self, event: Row, stated: Row) -> None:
        month = period(stated["period"])
        entities = {row["entity"] for row in self.rows["revenue_contracts"]}
        for entity in sorted({stated["entity"]} if "entity" in stated else entities):
            self.rows["revenue_closes"].append(
                {"entity": entity, "month": month, "closed_on": event["on"]}
            )

    def _rates(self) -> None:
        by_pair: dict[tuple[str, str], list[tuple[date, Fraction]]] = defaultdict(list)
        for rate in self.scenario["rates"]:
            by_pair[rate["from"], rate["to"]].append(
                (day(rate["on"], "rate, on"), number(rate["rate"], "rate"))
            )
        for (source, target), known in by_pair.items():
            known.sort()
            following = [on for on, _ in known[1:]] + [None]
            for (on, rate), until in zip(known, following, strict=True):
                scaled = rate * Fraction(10) ** (decimals(target) - decimals(source))
                self.rows["revenue_rates"].append(
                    {
                        "from_currency": source,
                        "to_currency": target,
                        "valid_from": on,
                        "valid_before": until,
                        "numerator": scaled.numerator,
                        "denominator": scaled.denominator,
                    }
                )

    def _months(self) -> None:
        month = min(self.days).replace(day=1)
        last = max(self.days) + self.rested
        until = last
        if "until" in self.scenario:
            until = period(self.scenario["until"])
            last = max(last, until)
        while month <= last:
            following = next_month(month)
            self.rows["revenue_months"].append(
                {
                    "month": month,
                    "closes_before": following,
                    "is_posted": month <= until,
                }
            )
            month = following


def after(last: date) -> date:
    """Return the day after the last day."""
    return last + timedelta(days=1)


def next_month(month: date) -> date:
    """Return the first day of the next month."""
    return (month + timedelta(days=31)).replace(day=1)


def period(value: Any) -> date:
    """Return the first day of a period such as 2025-01."""
    try:
        return date.fromisoformat(f"{value}-01")
    except ValueError as error:
        raise BadScenarioError(f"{value!r} is no period such as 2025-01.") from error


def text(value: Any) -> str | None:
    """Return an id as text, if there is one."""
    return None if value is None else str(value)
