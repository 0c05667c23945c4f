"""A journal as beancount reads it, with a balance asserted after every month."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tests.revenue.exact import after_months, last_day, month_of
from tests.revenue.scenario import EXPONENT

DEBIT = {
    "cash": "Assets",
    "accounts_receivable": "Assets",
    "unbilled": "Assets",
    "contract_asset": "Assets",
    "return_asset": "Assets",
    "inventory": "Assets",
    "contract_cost": "Assets",
    "contra_refund": "Income",
    "contra_void": "Income",
    "contra_credit": "Income",
    "contra_dispute": "Income",
    "contra_bad_debt": "Income",
    "cost_of_sales": "Expenses",
    "contract_cost_expense": "Expenses",
    "fx": "Expenses",
}
CREDIT = {
    "deferred": "Liabilities",
    "refund_liability": "Liabilities",
    "tax": "Liabilities",
    "contract_cost_payable": "Liabilities",
    "revenue": "Income",
    "recoverables": "Income",
}


@dataclass(frozen=True)
class Posting:
    """A line of the journal; what is debited is positive."""

    entry: str
    on: date
    contract_id: str
    currency: str
    role: str
    debit_minor: int

    @property
    def account(self) -> str:
        """Return the account of its role; each contract has its own."""
        root = DEBIT.get(self.role) or CREDIT[self.role]
        words = "".join(word.capitalize() for word in self.role.split("_"))
        return f"{root}:{words}:{self.contract_id}"


def beancount_text(postings: Iterable[Posting]) -> str:
    """Return all entries of a journal, and each account's balance after each month.

    No tolerance: an entry that is a minor unit off does not balance.
    """
    entries: dict[tuple[date, str], list[Posting]] = defaultdict(list)
    opened: dict[str, date] = {}
    moved: dict[tuple[str, str], Counter[date]] = defaultdict(Counter)
    for posting in postings:
        entries[posting.on, posting.entry].append(posting)
        account = posting.account
        opened[account] = min(opened.get(account, posting.on), posting.on)
        key = account, posting.currency
        moved[key][month_of(posting.on)] += posting.debit_minor
    lines = ['option "tolerance_multiplier" "0"', 'option "title" "Revenue"', ""]
    lines += [f"{day} open {account}" for account, day in sorted(opened.items())]
    for (day, entry), rows in sorted(entries.items(), key=lambda item: item[0]):
        lines += ["", f'{day} * "{entry}"']
        for row in rows:
            lines.append(f"  {row.account}  {_money(row.debit_minor, row.currency)}")
    lines.append("")
    for (account, currency), months in sorted(moved.items()):
        balance = 0
        for month, money in sorted(months.items()):
            balance += money
            day = after_months(month, 1)
            lines.append(f"{day} balance {account}  {_money(balance, currency)}")
    return "\n".join(lines) + "\n"


def of_balances(
    contract_id: str, currency: str, balances: dict[tuple[str, date], int]
) -> list[Posting]:
    """Return month-end balances as the postings that lead from one to the next."""
    before: Counter[str] = Counter()
    postings = []
    for (role, month), balance in sorted(balances.items(), key=lambda item: item[0][1]):
        if balance != before[role]:
            money = (balance - before[role]) * (1 if role in DEBIT else -1)
            entry, on = f"{contract_id} {month:%Y-%m}", last_day(month)
            postings.append(Posting(entry, on, contract_id, currency, role, money))
        before[role] = balance
    return postings


def _money(minor: int, currency: str) -> str:
    """Return an amount in major units, with its currency."""
    exponent = EXPONENT.get(currency, 2)
    return f"{Decimal(minor).scaleb(-exponent):.{exponent}f} {currency}"
