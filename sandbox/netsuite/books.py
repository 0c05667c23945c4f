"""Books: the lists that every account has, and which days may still be posted in.

The company's documents may bring their own subsidiaries, accounts and periods; what
they leave empty is filled here, so that a journal has accounts to post to.
"""

import calendar
from datetime import date

from sandbox.netsuite.shapes import error
from sandbox.store import Document, Store, column
from sandbox.wire import Refusal

# Internal ids of the currencies; BUILTIN.DF shows the name instead.
CURRENCIES = {
    code: str(number)
    for number, code in enumerate(
        ("USD", "GBP", "CAD", "EUR", "JPY", "AUD", "CHF", "SEK", "SGD", "INR"), 1
    )
}
CODES = {number: code for code, number in CURRENCIES.items()}
FIRST_YEAR, LAST_YEAR = 2021, 2028
ACCOUNTS = (
    ("1000", "Checking", "Bank"),
    ("1100", "Accounts Receivable", "AcctRec"),
    ("1200", "Undeposited Funds", "OthCurrAsset"),
    ("2400", "Deferred Revenue", "DeferRevenue"),
    ("4000", "Subscription Revenue", "Income"),
    ("4100", "Usage Revenue", "Income"),
    ("6000", "Operating Expenses", "Expense"),
    ("1300", "Contract Assets", "OthCurrAsset"),
    ("1310", "Unbilled Receivable", "UnbilledRec"),
    ("4900", "Refunds and Credits", "Income"),
    ("7100", "Exchange Gains and Losses", "OthIncome"),
)
RECEIVABLE = "2"
# NetSuite's words as users report them; the page that lists them was not at hand.
CLOSED_PERIOD = (
    "Error while accessing a resource. The posting period for this date is closed."
    " You cannot make G/L-impacting changes to a transaction in a closed period."
)


def fill(store: Store) -> None:
    """Fill the lists that the company left empty."""
    stamp = f"{FIRST_YEAR}-01-01 00:00:00"
    common = {"isinactive": "F", "lastmodifieddate": stamp}
    lists: dict[str, list[Document]] = {
        "currency": [
            {"id": number, "symbol": code, "name": code, "exchangerate": 1} | common
            for code, number in CURRENCIES.items()
        ],
        "subsidiary": [
            {"id": "1", "name": "Parent Company", "currency": "USD", "country": "US"}
            | common
        ],
        "account": [
            {"id": str(place), "acctnumber": number, "fullname": name, "accttype": kind}
            | common
            for place, (number, name, kind) in enumerate(ACCOUNTS, 1)
        ],
        "accountingperiod": periods(stamp),
    }
    for name, documents in lists.items():
        if not len(store.collection("netsuite", name)):
            store.load({"netsuite": {name: documents}})


def periods(stamp: str) -> list[Document]:
    """Return the months that may be posted in."""
    months = (
        date(year, month, 1)
        for year in range(FIRST_YEAR, LAST_YEAR + 1)
        for month in range(1, 13)
    )
    return [
        {
            "id": str(place),
            "periodname": f"{first:%b %Y}",
            "startdate": first.isoformat(),
            "enddate": str(
                first.replace(day=calendar.monthrange(first.year, first.month)[1])
            ),
            "closed": "F",
            "alllocked": "F",
            "isquarter": "F",
            "isyear": "F",
            "isadjust": "F",
            "isposting": "T",
            "lastmodifieddate": stamp,
        }
        for place, first in enumerate(months, 1)
    ]


def period_of(store: Store, day: str) -> Document | None:
    """Return the month that a day is posted in."""
    found = store.collection("netsuite", "accountingperiod").find(
        f"{column('startdate')} <= ? and {column('enddate')} >= ?"
        f" and {column('isposting')} is not 'F' and {column('isquarter')} is not 'T'"
        f" and {column('isyear')} is not 'T'",
        (day, day),
        limit=1,
    )
    return found[0] if found else None


def check_open(store: Store, day: str) -> None:
    """Refuse a posting on a day of a closed period."""
    closed_through = store.condition("netsuite", "closed_through", None)
    closed = closed_through is not None and day <= str(closed_through)
    if not closed:
        period = period_of(store, day) or {}
        # Oracle, "Override Period Restrictions": of locked periods, not of closed ones.
        overrides = store.condition(
            "netsuite", "override_period_restrictions", default=False
        )
        locked = period.get("alllocked") == "T" and not overrides
        closed = locked or period.get("closed") == "T"
    if closed:
        raise Refusal(error(400, CLOSED_PERIOD, "USER_ERROR", path="tranDate"))
