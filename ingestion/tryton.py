"""Tryton: an ERP one can run oneself, read by the JSON-RPC of its own clients.

Parties are the customers. An e-mail address is a record of its own beside its party,
and an edit of it does not move the party's time of change: parties are listed whole at
every load, invoices by what changed.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import httpx

from ingestion.readings import Batch, Document, Gone, Known, Page, Reading, Step
from ingestion.streams import Column, Stream, key, text
from ingestion.transport.budget import Limits
from ingestion.transport.redaction import secret
from ingestion.transport.rest import Rest
from ingestion.tryton_rpc import (
    RPC,
    Session,
    amount_of,
    classify,
    day_of,
    everything,
    moment,
    moment_of,
    page,
)

# One's own server has no documented limit; trytond's default is a thread per request.
LIMITS = Limits((), 5, "our choice: people work on the same server")
REQUIRED = ("TRYTON_URL", "TRYTON_DATABASE", "TRYTON_USER", "TRYTON_PASSWORD")
# Tryton keeps no list of what was deleted.
SWEEP_EVERY = timedelta(days=1)
PARTY = "party.party"
MECHANISM = "party.contact_mechanism"
INVOICE = "account.invoice"

# What a party is known by, its e-mail address, and the stamps of both records.
PARTY_FIELDS = (
    "code",
    "name",
    "contact_mechanisms.type",
    "contact_mechanisms.value",
    "contact_mechanisms._timestamp",
    "tax_identifier.code",
    "identifiers.code",
    "create_date",
    "write_date",
    "_timestamp",
)
_INVOICE_FIELDS = (
    "number",
    "party",
    "invoice_date",
    "currency.code",
    "total_amount",
    "state",
    "reference",
    "create_date",
    "write_date",
)


def email_mechanism(party: Document) -> Document | None:
    """Return the contact mechanism with the party's e-mail address: the first one.

    It is the one that Tryton itself shows as the party's e-mail.
    """
    mechanisms: list[Document] = party["contact_mechanisms."]
    return next((each for each in mechanisms if each["type"] == "email"), None)


def lock(party: Document) -> dict[str, str]:
    """Return the stamps that Tryton compares before it writes, by record.

    The e-mail address is a record of its own: both are locked, or a colleague's edit
    of the address alone would go unseen.
    """
    stamps = {f"{PARTY},{party['id']}": party["_timestamp"]}
    mechanism = email_mechanism(party)
    if mechanism is not None:
        stamps[f"{MECHANISM},{mechanism['id']}"] = mechanism["_timestamp"]
    return stamps


def _email(party: Document) -> Any:
    mechanism = email_mechanism(party)
    return mechanism and mechanism["value"]


def _tax_identifier(party: Document) -> Any:
    """Return the number for tax reports; where none has a tax type, the first."""
    if party["tax_identifier."]:
        return party["tax_identifier."]["code"]
    return next((each["code"] for each in party["identifiers."]), None)


def _write_stamp(party: Document) -> str:
    return json.dumps(lock(party), sort_keys=True)


def _changed_at(record: Document) -> Any:
    # A record that nobody changed since it was made has no time of writing.
    return record["write_date"] or record["create_date"]


_WRITE_DATE = Column("write_date", "instant", _changed_at, moment_of)

PARTIES = Stream(
    "parties",
    PARTY,
    (
        text("code", "code"),
        text("name", "name"),
        text("email", _email),
        text("tax_identifier", _tax_identifier),
        text("write_stamp", _write_stamp),
        _WRITE_DATE,
    ),
)
INVOICES = Stream(
    "invoices",
    INVOICE,
    (
        text("number", "number"),
        key("party", "party"),
        Column("invoice_date", "day", "invoice_date", day_of),
        text("currency", lambda invoice: invoice["currency."]["code"]),
        Column("total_amount", "number", "total_amount", amount_of),
        text("state", "state"),
        text("reference", "reference"),
        _WRITE_DATE,
    ),
    cursor="write_date",
)
STREAMS = (PARTIES, INVOICES)


def client(
    environ: Mapping[str, str], transport: httpx.BaseTransport | None = None
) -> Rest:
    """Return one database's API; its session begins with the first call."""
    database = f"{environ['TRYTON_URL'].rstrip('/')}/{environ['TRYTON_DATABASE']}"
    user, password = environ["TRYTON_USER"], secret(environ["TRYTON_PASSWORD"])
    auth = Session(database + RPC, user, password)
    return Rest("tryton", database, auth, classify, limits=LIMITS, transport=transport)


def readings(known: Known) -> tuple[Reading, ...]:
    """Return the walks over all parties and over the invoices that changed.

    An edited e-mail address does not move the party's own time of change, so parties
    are listed at every load; invoices once a day, since no deletion is told.
    """
    swept = known.swept.get(INVOICES.name)
    is_due = swept is None or known.now - swept >= SWEEP_EVERY
    is_sweep = is_due or INVOICES.name not in known.since
    fills = (INVOICES.name,)
    return (
        Reading("parties", (PARTIES.name,), _parties, lists=(PARTIES.name,)),
        Reading(
            "invoices",
            fills,
            partial(_invoices, is_sweep=is_sweep),
            lists=fills if is_sweep else (),
        ),
    )


def named(stream: str, ids: Sequence[str]) -> Reading:
    """Return the walk over records by identifier."""
    model, fields = {
        PARTIES.name: (PARTY, PARTY_FIELDS),
        INVOICES.name: (INVOICE, _INVOICE_FIELDS),
    }[stream]
    wanted = [int(each) for each in ids]

    def fetch(step: Step) -> Page:
        last = step.place if isinstance(step.place, int) else None
        found, after = page(step.rest, model, [["id", "in", wanted]], fields, last)
        shown = {str(each["id"]) for each in found}
        # All that were asked for up to the end of this page, and are not on it.
        until = after or max(wanted, default=0)
        gone = [
            str(each)
            for each in wanted
            if (last or 0) < each <= until and str(each) not in shown
        ]
        return Page([Batch(stream, found), Gone(stream, gone)], after)

    return Reading(f"{stream} by id", (stream,), fetch)


def _parties(step: Step) -> Page:
    """Read parties after the last one; the place keeps who is no customer."""
    last, insiders = (
        step.place if isinstance(step.place, list) else (None, _insiders(step.rest))
    )
    outside = [["id", "not in", insiders]]
    found, after = page(step.rest, PARTY, outside, PARTY_FIELDS, last)
    return Page(
        [Batch(PARTIES.name, found)], None if after is None else [after, insiders]
    )


def _invoices(step: Step, *, is_sweep: bool) -> Page:
    """Read invoices to customers: all, or those that changed."""
    wanted: list[Any] = [["type", "=", "out"]]
    bounds = ((">=", None if is_sweep else step.since), ("<", step.until))
    for sign, bound in bounds:
        if bound is not None:
            told = [sign, moment(bound)]
            wanted.append(
                [
                    "OR",
                    ["write_date", *told],
                    [["write_date", "=", None], ["create_date", *told]],
                ]
            )
    last = step.place if isinstance(step.place, int) else None
    found, after = page(step.rest, INVOICE, wanted, _INVOICE_FIELDS, last)
    return Page([Batch(INVOICES.name, found)], after)


def _insiders(rest: Rest) -> list[int]:
    """Return the parties that are the company itself and its people: no customers."""
    return [
        record["party"]
        for model in ("company.company", "company.employee")
        for record in everything(rest, model, ("party",))
    ]
