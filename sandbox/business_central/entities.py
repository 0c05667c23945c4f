"""Business Central's entities: their properties, and what they lead to."""

from collections.abc import Mapping

from sandbox.business_central.schema import EntitySet, Kind, Link, properties

__all__ = [
    "COMPANIES",
    "ENTITIES",
    "LINES",
    "PARENTS",
    "PARENT_KEY",
    "EntitySet",
    "Kind",
    "Link",
]

_ADDRESS = (
    "string: addressLine1 addressLine2 city state country postalCode phoneNumber"
    " email website"
)
_LENGTHS = {
    "number": 20,
    "displayName": 100,
    "addressLine1": 100,
    "addressLine2": 50,
    "city": 30,
    "state": 30,
    "country": 10,
    "postalCode": 20,
    "phoneNumber": 30,
    "email": 80,
    "website": 80,
    "taxRegistrationNumber": 20,
    "currencyCode": 10,
    "externalDocumentNumber": 35,
    "customerPurchaseOrderReference": 35,
    "description": 100,
    "code": 20,
}
_PARTY = properties(
    f"""string: number displayName type
    {_ADDRESS}
    boolean: taxLiable
    string: taxRegistrationNumber currencyCode blocked
    decimal: balance"""
)
_INVOICE = """string: number externalDocumentNumber
    date: invoiceDate postingDate dueDate
    string: customerPurchaseOrderReference
    guid: customerId
    string: customerNumber customerName currencyCode
    boolean: pricesIncludeTax
    decimal: discountAmount totalAmountExcludingTax totalTaxAmount
    decimal: totalAmountIncludingTax remainingAmount
    string: status"""
_LINE = """guid: documentId
    int: sequence
    guid: itemId accountId
    string: lineType lineObjectNumber description
    decimal: quantity unitPrice discountAmount discountPercent
    decimal: amountExcludingTax taxPercent totalTaxAmount amountIncludingTax"""
_DOCUMENT_WRITABLE = frozenset(
    (
        "externalDocumentNumber",
        "postingDate",
        "dueDate",
        "customerPurchaseOrderReference",
        "customerId",
        "customerNumber",
        "currencyCode",
        "pricesIncludeTax",
        "discountAmount",
    )
)
_LINE_WRITABLE = frozenset(
    (
        "documentId",
        "sequence",
        "itemId",
        "accountId",
        "lineType",
        "lineObjectNumber",
        "description",
        "quantity",
        "unitPrice",
        "discountAmount",
        "discountPercent",
        "taxPercent",
    )
)
_PARTY_WRITABLE = frozenset(_PARTY) - {"id", "balance", "lastModifiedDateTime"}

_COMPANY = "companies"
_SETS = (
    EntitySet(
        _COMPANY,
        "company",
        properties("string: name displayName businessProfileId systemVersion"),
        is_open=False,
    ),
    EntitySet(
        "customers",
        "customer",
        _PARTY,
        _PARTY_WRITABLE,
        _LENGTHS,
        {"salesInvoices": Link("salesInvoices", "id", "customerId")},
        series="C",
    ),
    EntitySet("vendors", "vendor", _PARTY, _PARTY_WRITABLE, _LENGTHS, series="V"),
    EntitySet(
        "items",
        "item",
        properties(
            """string: number displayName type
            boolean: blocked
            string: baseUnitOfMeasureCode
            decimal: unitPrice unitCost inventory"""
        ),
        frozenset(
            (
                "number",
                "displayName",
                "type",
                "blocked",
                "baseUnitOfMeasureCode",
                "unitPrice",
                "unitCost",
            )
        ),
        _LENGTHS,
        series="I",
    ),
    EntitySet(
        "accounts",
        "account",
        properties(
            """string: number displayName category subCategory
            boolean: blocked directPosting
            string: accountType"""
        ),
        is_open=False,
    ),
    EntitySet(
        "dimensions",
        "dimension",
        properties("string: code displayName"),
        links={"dimensionValues": Link("dimensionValues", "id", "dimensionId")},
        is_open=False,
    ),
    EntitySet(
        "dimensionValues",
        "dimensionValue",
        properties("string: code\nguid: dimensionId\nstring: displayName"),
        is_open=False,
    ),
    EntitySet(
        "salesInvoices",
        "salesInvoice",
        properties(_INVOICE),
        _DOCUMENT_WRITABLE | {"invoiceDate"},
        _LENGTHS,
        {
            "salesInvoiceLines": Link("salesInvoiceLines", "id", "documentId"),
            "customer": Link("customers", "customerId", "id", is_many=False),
        },
        series="S-INV",
    ),
    EntitySet(
        "salesInvoiceLines",
        "salesInvoiceLine",
        properties(_LINE),
        _LINE_WRITABLE,
        _LENGTHS,
        {
            "salesInvoice": Link("salesInvoices", "documentId", "id", is_many=False),
            "item": Link("items", "itemId", "id", is_many=False),
        },
    ),
    EntitySet(
        "salesCreditMemos",
        "salesCreditMemo",
        properties(
            _INVOICE.replace("invoiceDate", "creditMemoDate")
            + "\nguid: invoiceId\nstring: invoiceNumber"
        ),
        _DOCUMENT_WRITABLE | {"creditMemoDate", "invoiceId"},
        _LENGTHS,
        {
            "salesCreditMemoLines": Link("salesCreditMemoLines", "id", "documentId"),
            "customer": Link("customers", "customerId", "id", is_many=False),
        },
        series="S-CR",
    ),
    EntitySet(
        "salesCreditMemoLines",
        "salesCreditMemoLine",
        properties(_LINE),
        _LINE_WRITABLE,
        _LENGTHS,
        {
            "salesCreditMemo": Link(
                "salesCreditMemos", "documentId", "id", is_many=False
            ),
            "item": Link("items", "itemId", "id", is_many=False),
        },
    ),
    EntitySet(
        "generalLedgerEntries",
        "generalLedgerEntry",
        properties(
            """int: entryNumber
            date: postingDate
            string: documentNumber documentType
            guid: accountId
            string: accountNumber description
            decimal: debitAmount creditAmount"""
        ),
        links={"account": Link("accounts", "accountId", "id", is_many=False)},
        is_open=False,
    ),
    EntitySet(
        "customerPaymentJournals",
        "customerPaymentJournal",
        properties(
            """string: code displayName
            guid: balancingAccountId
            string: balancingAccountNumber"""
        ),
        frozenset(("code", "displayName", "balancingAccountId")),
        {**_LENGTHS, "code": 10},
        {"customerPayments": Link("customerPayments", "id", "journalId")},
    ),
    EntitySet(
        "customerPayments",
        "customerPayment",
        properties(
            """guid: journalId
            string: journalDisplayName
            int: lineNumber
            guid: customerId
            string: customerNumber
            date: postingDate
            string: documentNumber externalDocumentNumber
            decimal: amount
            guid: appliesToInvoiceId
            string: appliesToInvoiceNumber description comment"""
        ),
        frozenset(
            (
                "journalId",
                "lineNumber",
                "customerId",
                "customerNumber",
                "postingDate",
                "documentNumber",
                "externalDocumentNumber",
                "amount",
                "appliesToInvoiceId",
                "description",
                "comment",
            )
        ),
        _LENGTHS,
        {"customer": Link("customers", "customerId", "id", is_many=False)},
    ),
)
ENTITIES: Mapping[str, EntitySet] = {each.name: each for each in _SETS}
COMPANIES = ENTITIES[_COMPANY]
# Which sets the lines of a document or journal are in.
LINES = {
    "salesInvoices": "salesInvoiceLines",
    "salesCreditMemos": "salesCreditMemoLines",
    "customerPaymentJournals": "customerPayments",
}
PARENTS = {lines: parent for parent, lines in LINES.items()}
PARENT_KEY = {
    "salesInvoiceLines": "documentId",
    "salesCreditMemoLines": "documentId",
    "customerPayments": "journalId",
}
