"""Business Central's references: ids that lead somewhere, and the names beside."""

from sandbox.business_central.books import Books, is_nobody
from sandbox.business_central.entities import ENTITIES, EntitySet
from sandbox.business_central.shapes import dialog
from sandbox.store import Document, column

# The field with the id, the field with the number beside it, the set they lead to.
_REFERENCES = (
    ("customerId", "customerNumber", "customers"),
    ("itemId", "lineObjectNumber", "items"),
    ("accountId", "lineObjectNumber", "accounts"),
    ("balancingAccountId", "balancingAccountNumber", "accounts"),
    ("appliesToInvoiceId", "appliesToInvoiceNumber", "salesInvoices"),
    ("invoiceId", "invoiceNumber", "salesInvoices"),
)


def refer(
    books: Books, entity: EntitySet, record: Document, wanted: Document, company: str
) -> None:
    """Fill in a record what its references say.

    Raises:
        Refusal: a reference leads nowhere.
    """
    for id_field, number_field, target in _REFERENCES:
        if id_field not in entity.properties:
            continue
        found = _found(books, company, wanted, (id_field, number_field, target))
        if found is None:
            continue
        record[id_field] = found["id"]
        record[number_field] = found["number"]
        if "customerName" in record and target == "customers":
            record["customerName"] = found["displayName"]
            record["currencyCode"] = record["currencyCode"] or found["currencyCode"]
        if "lineType" in record:
            _fill_line(record, wanted, found, target)


def _found(
    books: Books, company: str, wanted: Document, reference: tuple[str, str, str]
) -> Document | None:
    """Return the record that a reference leads to, if there is a reference."""
    id_field, number_field, target = reference
    if not is_nobody(wanted.get(id_field)):
        key = str(wanted[id_field]).lower()
        found = books.one(ENTITIES[target], company, key)
        if found is None:
            raise dialog(
                f"The field {id_field} contains a value ({key}) that cannot be found"
                f" in the related table ({target})."
            )
        return found
    if number_field != "customerNumber" or not wanted.get(number_field):
        return None
    by_number = f"{column('number')} = ?"
    number = wanted[number_field]
    records = books.find(ENTITIES[target], company, by_number, (number,))
    if not records:
        raise dialog(f"The customer {number} does not exist.")
    return records[0]


def _fill_line(
    record: Document, wanted: Document, found: Document, target: str
) -> None:
    """Fill a line with what its item or account says."""
    record["lineType"] = "Item" if target == "items" else "Account"
    record["description"] = record["description"] or found["displayName"]
    if target == "items" and not wanted.get("unitPrice"):
        record["unitPrice"] = found["unitPrice"]
