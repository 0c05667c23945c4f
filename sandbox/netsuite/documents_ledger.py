"""NetSuite's ledger: accounts, periods, rates, and the journals that people post.

Journals are monthly accruals of the office, and lost disputes that were written off.
What invoices and payments post by themselves is not written out again.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from sandbox.company.catalogue import LIST_RATES, Charge, Product
from sandbox.company.company import Company
from sandbox.company.days import add_months, plus
from sandbox.company.facts import Dispute
from sandbox.company.features import stream
from sandbox.netsuite.books import ACCOUNTS, periods
from sandbox.netsuite.documents_ids import subsidiary_id
from sandbox.shapes import Document, major, netsuite_time
from sandbox.stripe.documents_ids import dispute_id

# Behind every other transaction.
FIRST_JOURNAL, FIRST_WRITE_OFF = 9 * 10**9, 95 * 10**8
ACCOUNT_IDS = {number: str(place) for place, (number, _, _) in enumerate(ACCOUNTS, 1)}
RECEIVABLE, BANK, EXPENSES = (ACCOUNT_IDS[each] for each in ("1100", "1000", "6000"))
# Months before the last one are closed: what is late goes into the open ones.
OPEN_MONTHS = 2
RULES = {
    Charge.RECURRING: "Straight-line, by days of the term",
    Charge.USAGE: "As invoiced",
    Charge.ONE_TIME: "On delivery",
}
INCOME = {Charge.USAGE: "4100"}
OFFICE_CENTS = 1_250_000  # a month's rent and services, before it varies


def item_extras(company: Company, product: Product) -> Document:
    """Return how an item's revenue is recognised.

    The names of the three columns are believed, not seen.
    """
    if "ledger" not in company.features:
        return {}
    is_deferred = product.charge is Charge.RECURRING
    return {
        "revenuerecognitionrule": RULES[product.charge],
        "incomeaccount": ACCOUNT_IDS[INCOME.get(product.charge, "4000")],
        "deferredrevenueaccount": ACCOUNT_IDS["2400"] if is_deferred else None,
    }


def ledger_objects(company: Company) -> dict[str, list[Document]]:
    """Return accounts, periods, rates and journals with their lines."""
    stamp = netsuite_time(company.starts_on)
    journals, lines = [], []
    for journal, own in (*_accruals(company), *_write_offs(company)):
        journals.append(journal)
        lines += own
    return {
        "account": [
            {
                "id": ACCOUNT_IDS[number],
                "acctnumber": number,
                "fullname": name,
                "accttype": kind,
                "externalid": None,
                "isinactive": "F",
                "lastmodifieddate": stamp,
            }
            for number, name, kind in ACCOUNTS
        ],
        "accountingperiod": list(_periods(company)),
        "currencyrate": list(_rates(company)),
        "journalentry": journals,
        "transactionline": lines,
    }


def open_since(company: Company) -> date:
    """Return the first day that may still be posted in."""
    return add_months(company.as_of.replace(day=1), 1 - OPEN_MONTHS)


def _periods(company: Company) -> Iterator[Document]:
    for period in periods(netsuite_time(company.starts_on)):
        if date.fromisoformat(period["startdate"]) < open_since(company):
            period |= {"closed": "T", "alllocked": "T"}
        yield period


def _rates(company: Company) -> Iterator[Document]:
    """Yield the rates of each month's first day, from the group's currency."""
    place = 0
    for number, currency in enumerate(sorted(set(LIST_RATES) - {"USD"})):
        rng = stream(company.seed, "ledger", currency)
        cents = Decimal(LIST_RATES[currency])
        # A yen is its own minor unit.
        rate = 1 / (cents if currency == "JPY" else cents / 100)
        day = company.starts_on
        while day <= company.as_of:
            drift = Decimal(rng.randint(970, 1_030)) / 1_000
            place += 1
            yield {
                "id": str(place + number * 10_000),
                "basecurrency": "USD",
                "transactioncurrency": currency,
                "effectivedate": day.isoformat(),
                "exchangerate": (rate * drift).quantize(Decimal("0.000001")),
                "lastmodifieddate": netsuite_time(day, 1),
            }
            day = add_months(day, 1)


def _accruals(company: Company) -> Iterator[tuple[Document, list[Document]]]:
    """Yield what each entity accrues for its office at the end of a month."""
    months = 0
    while add_months(company.starts_on, months + 1) <= company.as_of:
        last = plus(add_months(company.starts_on, months + 1), -1)
        for number, entity in enumerate(company.entities):
            rng = stream(company.seed, "ledger", f"{entity.code}:{months}")
            cents = OFFICE_CENTS * rng.randint(95, 110) // 100
            yield journal_document(
                company,
                str(FIRST_JOURNAL + months * 10 + number),
                f"accrual-{entity.code}-{last:%Y-%m}",
                last,
                major(cents, entity.currency),
                currency=entity.currency,
                entity=entity.code,
                memo=f"Office {last:%b %Y}",
                accounts=(EXPENSES, BANK),
            )
        months += 1


def _write_offs(company: Company) -> Iterator[tuple[Document, list[Document]]]:
    for dispute in company.disputes:
        if dispute.status == "lost" and dispute.decided_on is not None:
            yield _write_off(company, dispute, dispute.decided_on)


def _write_off(
    company: Company, dispute: Dispute, day: date
) -> tuple[Document, list[Document]]:
    invoice = company.invoice_by_key[dispute.invoice_key]
    currency = invoice.customer.currency
    return journal_document(
        company,
        str(FIRST_WRITE_OFF + invoice.sequence),
        dispute_id(dispute),
        day,
        major(dispute.amount_minor, currency),
        currency=currency,
        entity=invoice.customer.entity,
        memo=f"Lost dispute of {invoice.number}",
        accounts=(EXPENSES, RECEIVABLE),
    )


def journal_document(
    company: Company,
    identity: str,
    external_id: str | None,
    day: date,
    amount: Decimal,
    *,
    currency: str,
    entity: str,
    memo: str,
    accounts: tuple[str, str],
) -> tuple[Document, list[Document]]:
    """Return a journal and its two lines: to the first account from the second."""
    extras: Document = {}
    if "entities" in company.features:
        extras["subsidiary"] = subsidiary_id(entity)
    stamp = netsuite_time(day, 22)
    number = (day.year - 2021) * 12 + day.month
    journal = {
        "id": identity,
        "type": "Journal",
        "tranid": f"JE{identity}",
        "externalid": external_id,
        "entity": None,
        "trandate": day.isoformat(),
        "postingperiod": str(number),
        "currency": currency,
        "foreigntotal": amount,
        "memo": memo,
        "status": "Approved for Posting",
        **extras,
        "createddate": stamp,
        "lastmodifieddate": stamp,
    }
    lines = [
        {
            "id": f"{identity}-{place}",
            "transaction": identity,
            "linesequencenumber": place,
            "mainline": "F",
            "account": account,
            "debit": amount if place == 0 else None,
            "credit": None if place == 0 else amount,
            "foreignamount": amount if place == 0 else -amount,
            "netamount": amount if place == 0 else -amount,
            "memo": memo,
            **extras,
            "lastmodifieddate": stamp,
        }
        for place, account in enumerate(accounts)
    ]
    return journal, lines
