"""Business Central's walks: each set of each company, by the links of its pages."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, cast
from urllib.parse import quote, urlencode

from ingestion.business_central.client import Books
from ingestion.business_central.pages import PAGE, page
from ingestion.errors import Refused, Transient
from ingestion.readings import (
    Arrival,
    Batch,
    Children,
    Document,
    Gone,
    Known,
    Page,
    Reading,
    Step,
)

# Documents with their lines. Our choice, not the vendor's: 20,000 of them with five
# lines each are more than 100 MB, and collecting their lines takes the vendor longer
# than we wait for an answer.
PAGE_WITH_LINES = 2_000
# The ids of one question. Our choice: an address stays under 2,048 characters, of
# which an id needs 60.
IDS = 30
# How often everything is read: deletions are told nowhere, and what is summed up of
# the ledger (what remains of an invoice, a customer's balance) changes without the
# time of change.
SWEEP_EVERY = timedelta(days=1)
# Entries of the ledger are not changed, and deleted only where dates are compressed.
LEDGER_SWEEP_EVERY = timedelta(days=7)

_COMPANIES = "companies"
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Source:
    """Where the records of a stream are.

    Attributes:
        stream: the stream.
        name: of the set.
        sweep_every: how often all of it is read.
        link: the navigation to the lines of its documents; empty where it has none.
        lines: the stream of those lines.
    """

    stream: str
    name: str
    sweep_every: timedelta = SWEEP_EVERY
    link: str = ""
    lines: str = ""

    @property
    def fills(self) -> tuple[str, ...]:
        """Return the streams that a walk fills."""
        return (self.stream, self.lines) if self.lines else (self.stream,)

    @property
    def size(self) -> int:
        """Return the most records of a page that are asked for."""
        return PAGE_WITH_LINES if self.lines else PAGE


SOURCES: Mapping[str, Source] = {
    source.stream: source
    for source in (
        Source("customers", "customers"),
        Source("items", "items"),
        Source("accounts", "accounts"),
        Source(
            "sales_invoices",
            "salesInvoices",
            link="salesInvoiceLines",
            lines="sales_invoice_lines",
        ),
        Source(
            "sales_credit_memos",
            "salesCreditMemos",
            link="salesCreditMemoLines",
            lines="sales_credit_memo_lines",
        ),
        Source(
            "general_ledger_entries",
            "generalLedgerEntries",
            sweep_every=LEDGER_SWEEP_EVERY,
        ),
        Source("customer_payment_journals", "customerPaymentJournals"),
        # Payments wait there until they are posted, which takes them away: they are
        # few, and every load lists them.
        Source("customer_payments", "customerPayments", sweep_every=timedelta(0)),
    )
}


def readings(known: Known) -> Sequence[Reading]:
    """Return a walk for each set: what changed, or all of it where that is due."""
    first = Reading(_COMPANIES, (_COMPANIES,), _companies, (_COMPANIES,))
    return [first, *(_reading(source, known) for source in SOURCES.values())]


def _reading(source: Source, known: Known) -> Reading:
    swept = [known.swept.get(name) for name in source.fills]
    is_sweep = any(
        at is None or known.now - at >= source.sweep_every for at in swept
    ) or not all(name in known.since for name in source.fills)
    step = partial(_changed, source, is_sweep=is_sweep)
    lists = source.fills if is_sweep else ()
    return Reading(source.stream, source.fills, step, lists)


def named(stream: str, ids: Sequence[str]) -> Reading:
    """Return the walk over these records, in whichever company they are.

    Raises:
        KeyError: the stream has no set of its own.
    """
    source = SOURCES[stream]
    wanted = tuple(dict.fromkeys(each.lower() for each in ids))  # as they are written
    fetch = partial(_named, source, wanted)
    return Reading(f"{stream} by id", source.fills, fetch)


def _companies(step: Step) -> Page:
    return Page([Batch(_COMPANIES, _books(step).companies())])


def _changed(source: Source, step: Step, *, is_sweep: bool) -> Page:
    """Fetch one page of a set; its place is the company and the path of the page."""
    books = _books(step)
    companies = [str(company["id"]) for company in books.companies()]
    if not companies:
        return Page([])
    company, told = step.place if isinstance(step.place, list) else (companies[0], None)
    path = told
    if path is None:
        since = None if is_sweep and step.until is None else step.since
        path = _path(books, source, company, _bounds(since, step.until))
    answer = page(books, path, source.size, is_first=told is None)
    arrivals = list(_arrivals(books, source, company, answer.records))
    if answer.next is not None:
        return Page(arrivals, [company, answer.next])
    following = [each for each in companies if each > company]
    return Page(arrivals, [following[0], None] if following else None)


def _named(source: Source, wanted: tuple[str, ...], step: Step) -> Page:
    """Fetch some records by their ids; the place is how many were asked for already."""
    books = _books(step)
    start = step.place if isinstance(step.place, int) else 0
    part = wanted[start : start + IDS]
    # What is no id of theirs is not there, and no part of a question either.
    missing = {each for each in part if _GUID.fullmatch(each)}
    strange = [each for each in part if each not in missing]
    arrivals: list[Arrival] = []
    for company in books.companies():
        if not missing:
            break
        condition = " or ".join(f"id eq {each}" for each in sorted(missing))
        path = _path(books, source, company["id"], {"$filter": condition})
        answer = page(books, path, source.size)
        if answer.next is not None:
            raise Transient(
                books.system,
                f"asked for {len(part)} records, it announces more than"
                f" {len(answer.records)}",
            )
        arrivals += _arrivals(books, source, company["id"], answer.records)
        missing -= {str(record.get("id")).lower() for record in answer.records}
    gone = [*strange, *sorted(missing)]
    arrivals.append(Gone(source.stream, gone))
    if source.lines:
        arrivals.append(Children(source.lines, "document_id", gone))
    end = start + IDS
    return Page(arrivals, end if end < len(wanted) else None)


def _books(step: Step) -> Books:
    return cast(Books, step.rest)  # as `client` makes it


def _path(books: Books, source: Source, company: str, asked: Mapping[str, str]) -> str:
    expanded = {"$expand": source.link} if source.link else {}
    query = urlencode(
        {"$count": "true", **expanded, **asked}, quote_via=quote, safe="$,:"
    )
    return f"{books.root}/companies({company})/{source.name}?{query}"


def _bounds(since: datetime | None, until: datetime | None) -> dict[str, str]:
    """Return the condition on the time of change, and the order that goes with it.

    Believed, not verified: the vendor adds the key to an order of one field, and its
    link then names the last record; of several fields it may count rows, which shift
    when a record moves. Without a condition the order is that of the key.
    """
    bounds = []
    if since is not None:
        bounds.append(f"lastModifiedDateTime ge {_text(since)}")
    if until is not None:
        after = until + timedelta(milliseconds=1)  # what is cut off below
        bounds.append(f"lastModifiedDateTime le {_text(after)}")
    if not bounds:
        return {}
    return {"$filter": " and ".join(bounds), "$orderby": "lastModifiedDateTime"}


def _text(moment: datetime) -> str:
    whole = moment.astimezone(UTC).replace(tzinfo=None)
    return f"{whole.isoformat(timespec='milliseconds')}Z"


def _arrivals(
    books: Books, source: Source, company: str, records: list[dict[str, Any]]
) -> Iterator[Arrival]:
    given = {"company_id": company}
    if not source.lines:
        yield Batch(source.stream, records, given)
        return
    lines: list[Document] = []
    for record in records:
        lines += _lines(books, source, record)
        record.pop(source.link)
    yield Batch(source.stream, records, given)
    yield Batch(source.lines, lines, given)
    yield Children(
        source.lines, "document_id", [str(record.get("id")) for record in records]
    )


def _lines(books: Books, source: Source, record: dict[str, Any]) -> list[Document]:
    """Return the lines of a document, page by page where there are many."""
    held = record.get(source.link)
    if not isinstance(held, list) or not all(isinstance(each, dict) for each in held):
        raise Refused(
            books.system,
            "a document came without the lines that were asked for",
            "check that the environment's version still has them and that the"
            " application may see them, then run again",
            object=source.name,
            record_id=str(record.get("id")),
            field=source.link,
        )
    lines: list[Document] = list(held)
    link = record.pop(f"{source.link}@odata.nextLink", None)
    path = None if link is None else books.path_of(link)
    seen = set()
    while path is not None:
        if path in seen:
            raise Transient(
                books.system,
                "the lines of a document do not end: a page was announced twice",
                object=source.name,
                record_id=str(record.get("id")),
            )
        seen.add(path)
        answer = page(books, path, is_first=False)
        lines += answer.records
        path = answer.next
    return lines
