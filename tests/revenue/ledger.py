"""The ledger of one contract: events go in, balances by account role come out."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from tests.revenue.exact import DAY, half_up, shared
from tests.revenue.measures import Step, Terms, done, units_done
from tests.revenue.modifications import Modification, begin, modify, reallocate
from tests.revenue.obligations import HeldError, Obligation, lowered
from tests.revenue.scenario import Book, Event, change, minor, scaled

PROSPECTIVE = ("waiver", "discount", "future_discount", "goodwill")
PRO_RATA = (
    *("error", "cancellation", "service", "product_unsatisfactory", "duplicate"),
    *("fraudulent", "order_change", "other"),
)
TREATMENTS = ("separate", "prospective", "catch_up", "combined", "none")

Row = Mapping[str, Any]


@dataclass
class Invoice:
    """What was billed of each obligation, and what of it was taken back."""

    lines: dict[str, int]
    tax: int
    is_unconditional: bool
    reduced: Counter[str] = field(default_factory=Counter)
    tax_reduced: int = 0


class Ledger:
    """The state of one contract between two events."""

    def __init__(self, scenario: Row, contract: Row) -> None:
        """Sign the contract.

        Args:
            scenario: the whole, for its standalone prices.
            contract: the one that is signed.
        """
        self.currency: str = contract["currency"]
        self.book = Book(scenario.get("ssp", ()))
        self.accounts: Counter[str] = Counter()
        self.invoices: dict[str, Invoice] = {}
        self.unassigned: Counter[str] = Counter()  # billed of no obligation, by group
        self.returned: dict[str, Counter[str]] = defaultdict(Counter)
        self.costs: list[Row] = list(contract.get("costs", ()))
        fixed = [row for row in contract["obligations"] if row["method"] != "usage"]
        self.obligations: dict[str, Obligation] = {
            row["id"]: self.book.obligation(
                row, self.currency, contract["signed"], is_alone=len(fixed) == 1
            )
            for row in contract["obligations"]
        }
        begin([found for found in self.obligations.values() if not found.is_usage])
        self.allocation = self._allocated()

    def post(self, event: Event) -> None:
        """Let one event take effect."""
        getattr(self, f"_{event.kind}")(event.on, event.what)

    def balances(self, day: date) -> dict[str, int]:
        """Return the balance of each account role at the end of a day."""
        balances = Counter(self.accounts)
        positions: Counter[str] = Counter(self.unassigned)
        for name, obligation in self.obligations.items():
            net = obligation.net(day)
            liability = self._returns(name, obligation, day, balances)
            balances["revenue"] += net + obligation.contra
            position = obligation.billed - net - liability
            if obligation.is_conditional:
                positions[obligation.group] += position
            else:
                balances["deferred"] += max(0, position)
                balances["unbilled"] += max(0, -position)
        for position in positions.values():
            balances["deferred"] += max(0, position)
            balances["contract_asset"] += max(0, -position)
        for cost in self.costs:
            self._amortize(cost, day, balances)
        return dict(balances)

    def _returns(
        self, name: str, obligation: Obligation, day: date, balances: Counter[str]
    ) -> int:
        """Add what is expected back; return what was set aside for it."""
        if not obligation.expected_returns and not obligation.returns_cost:
            return 0
        part = obligation.done(obligation.terms, day)
        money = half_up(obligation.expected_returns * part)
        cost = half_up(obligation.returns_cost * part)
        back = self.returned[name]
        balances["refund_liability"] += money - back["money"]
        balances["return_asset"] += cost - back["cost"]
        balances["inventory"] += back["cost"]
        balances["cost_of_sales"] -= cost
        return money

    def _amortize(self, cost: Row, day: date, balances: Counter[str]) -> None:
        """Add a cost of obtaining the contract: 340-40-25-1 and 35-1.

        The standard asks for a systematic basis; ours is that of `month_even`.
        """
        if cost["on"] > day:
            return
        money = minor(cost["amount"], self.currency)
        balances["contract_cost_payable"] += money
        expensed = money
        if cost.get("incremental"):
            terms = Terms("month_even", cost["start"], cost["end"])
            expensed = half_up(money * done(terms, (), day))
        balances["contract_cost_expense"] += expensed
        balances["contract_cost"] += money - expensed

    def _allocated(self) -> dict[str, int]:
        """Return what is allocated to each obligation now."""
        return {
            name: obligation.allocated
            for name, obligation in self.obligations.items()
            if not obligation.is_usage
        }

    def _find(self, name: str) -> Obligation:
        """Return an obligation, or hold the contract."""
        if name not in self.obligations:
            raise HeldError("unknown_obligation")
        return self.obligations[name]

    def _modification(self, on: date, what: Row) -> None:
        """Change the contract by its judgement."""
        if not what.get("treatment"):
            raise HeldError("treatment_missing")
        if what["treatment"] not in TREATMENTS:
            raise HeldError("treatment_not_allowed")
        if not what.get("decided_by"):
            raise HeldError("decision_missing")
        rows = what.get("changes", ())
        for row in rows:
            self._find(row["obligation"])
        adding = what.get("add", ())
        is_apart = what["treatment"] == "separate"
        is_alone = is_apart and sum(row["method"] != "usage" for row in adding) == 1
        added = [
            self.book.obligation(row, self.currency, on, is_alone=is_alone)
            for row in adding
        ]
        changes = {row["obligation"]: change(row, self.currency) for row in rows}
        wanted = Modification(what["id"], on, what["treatment"], changes, added)
        modify(self.obligations, wanted)
        now = self._allocated()
        for obligation in added:
            name = obligation.obligation_id
            if name in now:
                self.allocation[name] = now[name]
        if "refund_due" in what:
            money = minor(what["refund_due"], self.currency)
            group = next((self.obligations[name].group for name in changes), "")
            self.unassigned[group] -= money
            self.accounts["refund_liability"] += money

    def _estimate(self, on: date, what: Row) -> None:
        """Change what is expected to be paid, with catch-up: 606-10-32-43."""
        obligation = self._find(what["obligation"])
        if not obligation.is_usage:
            estimated = minor(what["amount"], self.currency)
            if estimated == obligation.amount:
                return
            obligation.amount = estimated
            reallocate(
                [
                    member
                    for member in self.obligations.values()
                    if member.group == obligation.group and not member.is_usage
                ]
            )
            return
        obligation.unit_price = scaled(what["unit_price"], self.currency)
        worth = half_up(obligation.priced_units * obligation.unit_price)
        obligation.used.append((on, worth - obligation.priced_revenue))
        obligation.priced_revenue = worth

    def _pause(self, on: date, what: Row) -> None:
        """Rest what the pause names, or all that is promised over time."""
        treatment, resumes = what.get("treatment"), what["until"] + DAY
        if not treatment:
            raise HeldError("treatment_missing")
        if treatment not in ("extend", "spread", "none"):
            raise HeldError("treatment_not_allowed")
        if resumes <= on:
            raise HeldError("negative_term")
        names = what.get("obligations", list(self.obligations))
        for member in [self._find(name) for name in names]:
            if treatment != "none":
                member.rest(on, resumes, is_extended=treatment == "extend")

    def _usage(self, on: date, what: Row) -> None:
        """Recognize a use, or count its units."""
        obligation = self._find(what["obligation"])
        if not obligation.is_usage:
            self._step(obligation, on, Fraction(str(what["quantity"])))
        elif "amount" in what:
            obligation.used.append((on, minor(what["amount"], self.currency)))
        else:
            units = Fraction(str(what["quantity"]))
            assert obligation.unit_price is not None
            money = half_up(units * obligation.unit_price)
            obligation.used.append((on, money))
            obligation.priced_units += units
            obligation.priced_revenue += money

    def _satisfaction(self, on: date, what: Row) -> None:
        """Count performance in the unit of the method."""
        obligation = self._find(what["obligation"])
        terms, so_far = obligation.terms, units_done(obligation.steps, on)
        if "percent" in what:
            units = Fraction(str(what["percent"])) - so_far
        elif "milestone" in what:
            units = Fraction(terms.milestones[what["milestone"]])
        elif "quantity" in what:
            units = Fraction(str(what["quantity"]))
        else:
            units = terms.units - so_far
        self._step(obligation, on, units)

    def _step(self, obligation: Obligation, on: date, units: Fraction) -> None:
        """Add units done; nobody can do more than was promised."""
        terms = obligation.terms
        most = terms.quantity if terms.method == "drawdown" else terms.units
        obligation.steps.append(Step(on, units))
        if obligation.is_cancelled or units_done(obligation.steps, on) > most:
            raise HeldError("over_satisfied")

    def _lapse(self, on: date, what: Row) -> None:
        """Count the rest as done; what was kept for returns is revenue."""
        obligation = self._find(what["obligation"])
        if not obligation.expected_returns:
            obligation.lapsed_on = on
            return
        back = self.returned[what["obligation"]]
        kept = obligation.expected_returns - back["money"]
        obligation.expected_returns, obligation.returns_cost = (
            back["money"],
            back["cost"],
        )
        obligation.begin(obligation.allocated + kept, obligation.whole_ssp)

    def _return(self, _on: date, what: Row) -> None:
        """Take goods back."""
        money = minor(what["amount"], self.currency)
        back = self.returned[what["obligation"]]
        back["money"] += money
        back["cost"] += minor(what["cost"], self.currency)
        settled = what.get("settle", "cash")
        self.accounts["cash" if settled == "cash" else "accounts_receivable"] -= money

    def _invoice(self, _on: date, what: Row) -> None:
        """Bill: a receivable where the right to be paid is unconditional."""
        lines: Counter[str] = Counter()
        tax = 0
        for row in what["lines"]:
            self._find(row["obligation"])
            lines[row["obligation"]] += minor(row["amount"], self.currency)
            tax += minor(row.get("tax", 0), self.currency)
        invoice = Invoice(dict(lines), tax, what.get("unconditional", True))
        self.invoices[what["id"]] = invoice
        if invoice.is_unconditional:
            self._bill(invoice.lines, tax)
            self.accounts["accounts_receivable"] += sum(lines.values()) + tax

    def _bill(self, lines: Mapping[str, int], tax: int) -> None:
        """Count as billed."""
        for name, money in lines.items():
            self.obligations[name].billed += money
        self.accounts["tax"] += tax

    def _payment(self, _on: date, what: Row) -> None:
        """Receive cash."""
        money, invoice = self._amount_of(what)
        self.accounts["cash"] += money
        if invoice.is_unconditional:
            self.accounts["accounts_receivable"] -= money
            return
        gross = sum(invoice.lines.values()) + invoice.tax
        tax = half_up(Fraction(invoice.tax * money, gross))
        self._bill(shared(money - tax, invoice.lines), tax)

    def _credit_note(self, on: date, what: Row) -> None:
        """Lower what is owed, and the price."""
        if what["reason"] not in PROSPECTIVE + PRO_RATA:
            raise HeldError("unknown_reason")
        invoice = self.invoices[what["invoice"]]
        tax = minor(what.get("tax", 0), self.currency)
        if "lines" in what:
            parts = {
                self._find(row["obligation"]).obligation_id: minor(
                    row["amount"], self.currency
                )
                for row in what["lines"]
            }
        else:
            parts = shared(minor(what["amount"], self.currency), invoice.lines)
        self.accounts["accounts_receivable"] -= sum(parts.values()) + tax
        self.accounts["tax"] -= tax
        invoice.tax_reduced += tax
        is_prospective = what["reason"] in PROSPECTIVE
        self._reduce(on, invoice, parts, "contra_credit", is_prospective=is_prospective)

    def _refund(self, on: date, what: Row) -> None:
        """Pay back."""
        money, invoice = self._amount_of(what)
        treatment = what.get("treatment", "pro_rata")
        self.accounts["cash"] -= money
        if treatment == "liability":
            self.accounts["refund_liability"] -= money
            return
        if treatment == "credited":
            self.accounts["accounts_receivable"] += money
            return
        parts = shared(money, invoice.lines)
        if treatment == "unearned":
            for name, part in parts.items():
                self.obligations[name].billed -= part
            return
        is_prospective = treatment == "prospective"
        self._reduce(on, invoice, parts, "contra_refund", is_prospective=is_prospective)

    def _void(self, on: date, what: Row) -> None:
        """Undo an invoice that nobody paid."""
        invoice = self.invoices[what["invoice"]]
        parts = {
            name: money - invoice.reduced[name] for name, money in invoice.lines.items()
        }
        tax = invoice.tax - invoice.tax_reduced
        self.accounts["accounts_receivable"] -= sum(parts.values()) + tax
        self.accounts["tax"] -= tax
        self._reduce(on, invoice, parts, "contra_void")

    def _dispute(self, on: date, what: Row) -> None:
        """Lose cash to the customer's bank."""
        money, invoice = self._amount_of(what)
        self.accounts["cash"] -= money
        self._reduce(on, invoice, shared(money, invoice.lines), "contra_dispute")

    def _write_off(self, on: date, what: Row) -> None:
        """Give a receivable up."""
        money, invoice = self._amount_of(what)
        self.accounts["accounts_receivable"] -= money
        self._reduce(on, invoice, shared(money, invoice.lines), "contra_bad_debt")

    def _recovery(self, _on: date, what: Row) -> None:
        """Receive what was given up."""
        money, _ = self._amount_of(what)
        self.accounts["cash"] += money
        self.accounts["recoverables"] += money

    _dispute_won = _recovery

    def _amount_of(self, what: Row) -> tuple[int, Invoice]:
        """Return the amount of an event and its invoice."""
        return minor(what["amount"], self.currency), self.invoices[what["invoice"]]

    def _reduce(
        self,
        on: date,
        invoice: Invoice,
        parts: Mapping[str, int],
        role: str,
        *,
        is_prospective: bool = False,
    ) -> None:
        """Lower the price of what was billed."""
        groups = set()
        for name, money in sorted(parts.items()):
            invoice.reduced[name] += money
            obligation = self.obligations[name]
            obligation.billed -= money
            groups.add(obligation.group)
            if obligation.is_usage:
                obligation.contra += money
                self.accounts[role] += money
        for group in groups:
            members = [
                member
                for member in self.obligations.values()
                if member.group == group and not member.is_usage
            ]
            for member, money in lowered(members, parts):
                self.accounts[role] += member.reduce(
                    on, money, is_prospective=is_prospective
                )
