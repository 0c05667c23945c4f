"""Tryton: an ERP one can run oneself, read by the JSON-RPC of its own clients.

Parties are the customers. An e-mail address is a record of its own beside its party,
and an edit of it does not move the party's time of change: parties are listed whole at
every load, invoices by what changed.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import httpx

from ingestion.budget import Limits
from ingestion.redaction import secret
from ingestion.rest import Rest
from ingestion.streams import Arrival, Batch, Column, Document, Keys, Stream, key, text
from ingestion.tryton_rpc import (
    RPC,
    Session,
    amount_of,
    classify,
    day_of,
    moment,
    moment_of,
    pages,
)

# One's own server has no documented limit; trytond's default is a thread per request.
LIMITS = Limits((), 5, "our choice: people work on the same server")
REQUIRED = ("TRYTON_URL", "TRYTON_DATABASE", "TRYTON_USER", "TRYTON_PASSWORD")
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
    # An edited e-mail address does not move the party's own time of change.
    deletes="listed",
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
    deletes="keys",
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


def read(rest: Rest, since: Mapping[str, datetime]) -> Iterator[Arrival]:
    """Yield all parties, and the invoices to customers that changed."""
    insiders = [["id", "not in", _insiders(rest)]]
    for page in pages(rest, PARTY, insiders, PARTY_FIELDS):
        yield Batch(PARTIES.name, page)
    customers: list[Any] = [["type", "=", "out"]]
    start = since.get(INVOICES.name)
    if start is not None:
        for page in pages(rest, INVOICE, customers, ("id",)):
            yield Keys(INVOICES.name, [str(record["id"]) for record in page])
        since_then = [">=", moment(start)]
        customers.append(
            ["OR", ["write_date", *since_then], ["create_date", *since_then]]
        )
    for page in pages(rest, INVOICE, customers, _INVOICE_FIELDS):
        yield Batch(INVOICES.name, page)
        if start is None:
            yield Keys(INVOICES.name, [str(record["id"]) for record in page])


def _insiders(rest: Rest) -> list[int]:
    """Return the parties that are the company itself and its people: no customers."""
    return [
        record["party"]
        for model in ("company.company", "company.employee")
        for page in pages(rest, model, [], ("party",))
        for record in page
    ]
