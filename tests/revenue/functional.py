"""The same balances in the functional currency: ASC 830, IAS 21.

Deferred revenue and contract assets are not remeasured; what was billed first is
recognized first. Contracts whose invoices are reduced are not followed here.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from tests.revenue.exact import half_up, last_day, months
from tests.revenue.ledger import Ledger
from tests.revenue.obligations import HeldError
from tests.revenue.scenario import EXPONENT, Event, minor

Row = Mapping[str, Any]
REDUCING = ("credit_note", "refund", "void", "dispute", "write_off", "return")


def rate(scenario: Row, currency: str, day: date) -> Fraction:
    """Return how many minor units of the functional currency one unit is on a day."""
    functional = scenario.get("functional_currency", currency)
    if functional == currency:
        return Fraction(1)
    found = [
        row
        for row in scenario.get("rates", ())
        if (row["from"], row["to"]) == (currency, functional) and row["on"] <= day
    ]
    if not found:
        raise HeldError("rate_missing")
    latest = max(found, key=lambda row: row["on"])
    finer = EXPONENT.get(functional, 2) - EXPONENT.get(currency, 2)
    return Fraction(str(latest["rate"])) * Fraction(10) ** finer


@dataclass
class Position:
    """What was billed and not recognized, or the reverse, oldest first."""

    deferred: list[tuple[int, int]] = field(default_factory=list)  # both currencies
    asset: list[tuple[int, int]] = field(default_factory=list)

    def bill(self, money: int, worth: int) -> int:
        """Bill; return the loss on what was recognized before, at another rate."""
        settled, carried = _taken(self.asset, money)
        share = half_up(Fraction(worth * settled, money)) if money else 0
        if money > settled:
            self.deferred.append((money - settled, worth - share))
        return carried - share

    def recognize(self, money: int, at: Fraction) -> int:
        """Recognize; return what it is worth."""
        settled, carried = _taken(self.deferred, money)
        if money > settled:
            self.asset.append((money - settled, half_up((money - settled) * at)))
            return carried + self.asset[-1][1]
        return carried


def _taken(layers: list[tuple[int, int]], money: int) -> tuple[int, int]:
    """Take money from the oldest layers; return what was there, in both currencies."""
    taken = worth = 0
    while layers and taken < money:
        size, value = layers.pop(0)
        part = min(size, money - taken)
        share = half_up(Fraction(value * part, size))
        if part < size:
            layers.insert(0, (size - part, value - share))
        taken, worth = taken + part, worth + share
    return taken, worth


@dataclass
class Book:
    """The accounts of one contract in the functional currency."""

    scenario: Row
    ledger: Ledger
    accounts: Counter[str] = field(default_factory=Counter)
    positions: dict[str, Position] = field(
        default_factory=lambda: defaultdict(Position)
    )
    owed: dict[str, tuple[int, Fraction]] = field(default_factory=dict)
    earned: Counter[str] = field(default_factory=Counter)

    def post(self, event: Event) -> None:
        """Let one event take effect in both currencies."""
        if event.kind in REDUCING:
            raise NotImplementedError(f"a {event.kind} in another currency")
        self.ledger.post(event)
        now = rate(self.scenario, self.ledger.currency, event.on)
        if event.kind == "invoice":
            self._invoice(event.what["id"], now)
        elif event.kind == "payment":
            money = minor(event.what["amount"], self.ledger.currency)
            self._payment(event.what["invoice"], money, now)

    def _invoice(self, name: str, now: Fraction) -> None:
        """Bill at the rate of the day."""
        invoice = self.ledger.invoices[name]
        gross = sum(invoice.lines.values()) + invoice.tax
        self.owed[name] = gross, now
        self.accounts["accounts_receivable"] += half_up(gross * now)
        self.accounts["tax"] += half_up(invoice.tax * now)
        for line, money in invoice.lines.items():
            position = self.positions[_key(self.ledger, line)]
            self.accounts["fx"] += position.bill(money, half_up(money * now))

    def _payment(self, name: str, money: int, now: Fraction) -> None:
        """Receive cash at the rate of the day, for what was owed at another."""
        before, then = self.owed[name]
        after = before - money
        self.owed[name] = after, then
        relief = half_up(before * then) - half_up(after * then)
        self.accounts["accounts_receivable"] -= relief
        self.accounts["cash"] += half_up(money * now)
        self.accounts["fx"] += relief - half_up(money * now)

    def close(self, end: date) -> dict[str, int]:
        """Recognize a month; return the balances at its end."""
        moved: Counter[str] = Counter()
        for name, obligation in self.ledger.obligations.items():
            net = obligation.net(end)
            moved[_key(self.ledger, name)] += net - self.earned[name]
            self.earned[name] = net
        for key, money in moved.items():
            if money:
                at = rate(self.scenario, self.ledger.currency, end)
                self.accounts["revenue"] += self.positions[key].recognize(money, at)
        balances = Counter(self.accounts)
        for key, position in self.positions.items():
            asset = "unbilled" if key in self.ledger.obligations else "contract_asset"
            balances["deferred"] += sum(worth for _, worth in position.deferred)
            balances[asset] += sum(worth for _, worth in position.asset)
        return dict(balances)


def functional_balances(
    scenario: Row, contract: Row, own: Sequence[Event], days: tuple[date, date]
) -> dict[tuple[str, date], int]:
    """Return the balance of each role at the end of each month."""
    book, waiting = Book(scenario, Ledger(scenario, contract)), list(own)
    balances = {}
    for month in months(*days):
        end = last_day(month)
        while waiting and waiting[0].on <= end:
            book.post(waiting.pop(0))
        for role, balance in book.close(end).items():
            balances[role, month] = balance
    return balances


def _key(ledger: Ledger, name: str) -> str:
    """Return the position of an obligation: its own, or that of its contract."""
    obligation = ledger.obligations[name]
    return f"/{obligation.group}" if obligation.is_conditional else name
