"""Business Central's records: which columns the raw tables take from them.

Money is a decimal in major units of the document's currency, exact. What is blank is
not null: a text is empty, a reference is the id of zeros, a day is 0001-01-01.
A column is named as its field, in the warehouse's way: `postingDate` is `posting_date`.
"""

import re
from collections.abc import Callable

from ingestion.streams import Column, Stream, day, flag, instant, integer, number, text

_CURSOR = "last_modified_date_time"
_MODIFIED = instant(_CURSOR, "lastModifiedDateTime")
# Ids are unique in the world; whose books they are in stands in no record.
_COMPANY = text("company_id", "@company_id")


def _stream(name: str, object_name: str, *columns: Column) -> Stream:
    return Stream(
        name,
        object_name,
        (_COMPANY, *columns, _MODIFIED),
        cursor=_CURSOR,
    )


def _lines(name: str, object_name: str, *columns: Column) -> Stream:
    """Return a stream whose rows arrive with their document and change with it."""
    return Stream(name, object_name, (_COMPANY, *columns))


def _columns(
    make: Callable[[str, str], Column], names: tuple[str, ...]
) -> tuple[Column, ...]:
    return tuple(make(re.sub("(?=[A-Z])", "_", name).lower(), name) for name in names)


def _texts(*names: str) -> tuple[Column, ...]:
    return _columns(text, names)


def _days(*names: str) -> tuple[Column, ...]:
    return _columns(day, names)


def _numbers(*names: str) -> tuple[Column, ...]:
    return _columns(number, names)


def _integers(*names: str) -> tuple[Column, ...]:
    return _columns(integer, names)


def _flags(*names: str) -> tuple[Column, ...]:
    return _columns(flag, names)


_LINE = (
    *_texts("documentId", "itemId", "accountId", "lineType", "lineObjectNumber"),
    *_texts("description"),
    *_integers("sequence"),
    *_numbers("quantity", "unitPrice", "discountAmount", "discountPercent"),
    *_numbers("amountExcludingTax", "taxPercent", "totalTaxAmount"),
    *_numbers("amountIncludingTax"),
)
_DOCUMENT = (
    *_texts("number", "externalDocumentNumber", "customerId", "customerNumber"),
    *_texts("customerName", "currencyCode", "status"),
    *_days("postingDate", "dueDate"),
    *_flags("pricesIncludeTax"),
    *_numbers("discountAmount", "totalAmountExcludingTax", "totalTaxAmount"),
    *_numbers("totalAmountIncludingTax"),
)

STREAMS = (
    Stream("companies", "company", _texts("name", "displayName")),
    _stream(
        "customers",
        "customer",
        *_texts("number", "displayName", "type", "addressLine1", "addressLine2"),
        *_texts("city", "state", "country", "postalCode", "phoneNumber", "email"),
        *_texts("website", "taxRegistrationNumber", "currencyCode", "blocked"),
        *_flags("taxLiable"),
        number("balance", "balance?"),  # a sum of the ledger, not of every version
    ),
    _stream(
        "items",
        "item",
        *_texts("number", "displayName", "type", "baseUnitOfMeasureCode"),
        *_flags("blocked"),
        *_numbers("unitPrice", "unitCost"),
    ),
    _stream(
        "accounts",
        "account",
        *_texts("number", "displayName", "category", "subCategory", "accountType"),
        *_flags("blocked", "directPosting"),
    ),
    _stream(
        "sales_invoices",
        "salesInvoice",
        *_DOCUMENT,
        *_texts("customerPurchaseOrderReference"),
        *_days("invoiceDate"),
        *_numbers("remainingAmount"),
    ),
    _lines("sales_invoice_lines", "salesInvoiceLine", *_LINE),
    _stream(
        "sales_credit_memos",
        "salesCreditMemo",
        *_DOCUMENT,
        *_texts("invoiceId", "invoiceNumber"),
        *_days("creditMemoDate"),
    ),
    _lines("sales_credit_memo_lines", "salesCreditMemoLine", *_LINE),
    _stream(
        "general_ledger_entries",
        "generalLedgerEntry",
        *_integers("entryNumber"),
        *_days("postingDate"),
        *_texts("documentNumber", "documentType", "accountId", "accountNumber"),
        *_texts("description"),
        *_numbers("debitAmount", "creditAmount"),
    ),
    _stream(
        "customer_payment_journals",
        "customerPaymentJournal",
        *_texts("code", "displayName", "balancingAccountId", "balancingAccountNumber"),
    ),
    _stream(
        "customer_payments",
        "customerPayment",
        *_texts("journalId", "customerId", "customerNumber", "documentNumber"),
        *_texts("externalDocumentNumber", "appliesToInvoiceId"),
        *_texts("appliesToInvoiceNumber", "description"),
        *_integers("lineNumber"),
        *_days("postingDate"),
        *_numbers("amount"),
    ),
)
