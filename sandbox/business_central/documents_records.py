"""Business Central's records as a company's facts give them: ids, numbers, blanks."""

from datetime import date

from sandbox.business_central.books import ETAG, OWNER
from sandbox.business_central.entities import ENTITIES
from sandbox.business_central.marks import NO_DAY, NOBODY, etag, guid
from sandbox.company.facts import CreditNote, Customer, Entity, Invoice
from sandbox.shapes import Document

SYSTEM = "business_central"
_BLANK = {"string": "", "guid": NOBODY, "decimal": 0, "int": 0, "boolean": False}
_FIRST_CUSTOMER = 10_000


def company_id(entity: Entity) -> str:
    """Return the id of an entity's books."""
    return guid("company", entity.code)


def customer_id(customer: Customer) -> str:
    """Return the id of a customer's card."""
    return guid("customer", customer.key)


def invoice_id(invoice: Invoice) -> str:
    """Return the id of a posted invoice."""
    return guid("invoice", invoice.key)


def customer_number(customer: Customer) -> str:
    """Return the number of a customer's card."""
    return f"C{_FIRST_CUSTOMER + customer.number:06d}"


def record(
    name: str, key: str, owner: str, changed_on: date, /, **fields: object
) -> Document:
    """Return a record with all its properties; the stamp is the day's evening."""
    properties = ENTITIES[name].properties
    blank = {
        each: NO_DAY if kind == "date" else _BLANK.get(kind, "")
        for each, kind in properties.items()
    }
    stamp = f"{changed_on.isoformat()}T20:00:00.000Z"
    return {
        ETAG: etag(changed_on.toordinal()),
        **blank,
        **fields,
        "id": key,
        "lastModifiedDateTime": stamp,
        OWNER: owner,
    }


def number_of(number: str) -> str:
    """Return an invoice's number as Business Central has room for it."""
    return f"PS-{number}"[:20]


def memo_id(note: CreditNote) -> str:
    """Return the id of a posted credit note."""
    return guid("credit note", note.key)


def memo_number(note: CreditNote) -> str:
    """Return a credit note's number, within the same room."""
    return note.number.replace("-CN-", "-C")[:20]
