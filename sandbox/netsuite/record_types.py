"""Record types: what the record API has, and which of their fields."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sandbox.netsuite.fields import Field

_ID = Field("id", "id", read_only=True)
_EXTERNAL_ID = Field("externalId", "externalid", unique="DUP_RCRD")
_MODIFIED = Field("lastModifiedDate", "lastmodifieddate", "instant", read_only=True)
_INACTIVE = Field("isInactive", "isinactive", "flag")
_CURRENCY = Field("currency", "currency", "currency")
_SUBSIDIARY = Field("subsidiary", "subsidiary", "link", "subsidiary", "name")
_MEMO = Field("memo", "memo")


@dataclass(frozen=True, slots=True)
class Sublist:
    """Lines of a record: kept in a collection of their own, found by `owner`."""

    name: str
    object: str
    owner: str
    key: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class RecordType:
    """One type of record.

    Attributes:
        name: on the wire.
        object: the store's.
        fields: of the body.
        transaction: SuiteQL's type, for what is posted.
        prefix: of the numbers that NetSuite gives.
        sublists: its lines.
        writes: the methods besides GET.
    """

    name: str
    object: str
    fields: tuple[Field, ...]
    transaction: str = ""
    prefix: str = ""
    sublists: tuple[Sublist, ...] = ()
    writes: tuple[str, ...] = ("POST", "PATCH", "PUT", "DELETE")

    def field(self, name: str) -> Field | None:
        """Return a field by its name on the wire, in any case."""
        wanted = name.lower()
        return next((each for each in self.fields if each.name.lower() == wanted), None)

    def sublist(self, name: str) -> Sublist | None:
        """Return a sublist by its name."""
        return next((each for each in self.sublists if each.name == name), None)


_ITEMS = Sublist(
    "item",
    "transactionline",
    "transaction",
    "line",
    (
        Field("line", "linesequencenumber", "number"),
        Field("item", "item", "link", "item", "itemid"),
        Field("quantity", "quantity", "number"),
        Field("rate", "rate", "number"),
        Field("amount", "amount", "number"),
        Field("description", "memo"),
    ),
)
_APPLY = Sublist(
    "apply",
    "payment_application",
    "nextdoc",
    "doc",
    (
        Field("doc", "previousdoc", "link", "invoice", "tranid", required=True),
        Field("amount", "foreignamount", "number"),
        Field("apply", "apply", "flag"),
    ),
)
_JOURNAL_LINES = Sublist(
    "line",
    "transactionline",
    "transaction",
    "line",
    (
        Field("line", "linesequencenumber", "number"),
        Field("account", "account", "link", "account", "fullname", required=True),
        Field("debit", "debit", "number"),
        Field("credit", "credit", "number"),
        _MEMO,
    ),
)


def _posted(*fields: Field) -> tuple[Field, ...]:
    return (
        _ID,
        _EXTERNAL_ID,
        Field("tranId", "tranid"),
        Field("tranDate", "trandate", "day"),
        *fields,
        _CURRENCY,
        Field("exchangeRate", "exchangerate", "number"),
        _MEMO,
        Field(
            "postingPeriod",
            "postingperiod",
            "link",
            "accountingperiod",
            "periodname",
            read_only=True,
        ),
        _SUBSIDIARY,
        Field("createdDate", "createddate", "instant", read_only=True),
        _MODIFIED,
    )


_ENTITY = Field("entity", "entity", "link", "customer", "companyname", required=True)
_TOTAL = Field("total", "foreigntotal", "number", read_only=True)
_STATUS = Field("status", "status", "status", read_only=True)

_TYPES = (
    RecordType(
        "customer",
        "customer",
        (
            _ID,
            _EXTERNAL_ID,
            Field("entityId", "entityid", unique="DUP_ENTITY"),
            Field("companyName", "companyname", required=True),
            Field("email", "email", "email"),
            Field("phone", "phone"),
            Field("url", "url"),
            Field("vatRegNumber", "vatregnumber"),
            Field("parent", "parent", "link", "customer", "companyname"),
            _SUBSIDIARY,
            _CURRENCY,
            _INACTIVE,
            Field("dateCreated", "datecreated", "instant", read_only=True),
            _MODIFIED,
        ),
        prefix="CUST",
    ),
    RecordType(
        "serviceSaleItem",
        "item",
        (
            _ID,
            _EXTERNAL_ID,
            Field("itemId", "itemid", required=True, unique="DUP_ITEM"),
            Field("displayName", "displayname"),
            Field("description", "description"),
            _SUBSIDIARY,
            _INACTIVE,
            Field("createdDate", "createddate", "instant", read_only=True),
            _MODIFIED,
        ),
    ),
    RecordType(
        "invoice",
        "invoice",
        _posted(_ENTITY, Field("dueDate", "duedate", "day"), _TOTAL, _STATUS),
        "CustInvc",
        "INV",
        (_ITEMS,),
    ),
    RecordType(
        "creditMemo",
        "creditmemo",
        _posted(
            _ENTITY, Field("total", "foreigntotal", "credit", read_only=True), _STATUS
        ),
        "CustCred",
        "CM",
        (_ITEMS, replace(_APPLY, object="credit_application")),
    ),
    RecordType(
        "customerPayment",
        "payment",
        _posted(
            Field(
                "customer", "entity", "link", "customer", "companyname", required=True
            ),
            Field("payment", "foreigntotal", "number"),
            _STATUS,
        ),
        "CustPymt",
        "PYMT",
        (_APPLY,),
    ),
    RecordType(
        "customerRefund",
        "customerrefund",
        _posted(
            Field("customer", "entity", "link", "customer", "companyname"),
            _TOTAL,
        ),
        "CustRfnd",
        writes=(),
    ),
    RecordType("deposit", "deposit", _posted(_TOTAL), "Deposit", writes=()),
    RecordType(
        "journalEntry",
        "journalentry",
        # Without it a journal is posted at once; where approvals are routed by
        # workflows, approvalStatus takes its place.
        _posted(Field("approved", "approved", "flag")),
        "Journal",
        "JE",
        (_JOURNAL_LINES,),
    ),
    RecordType(
        "subsidiary",
        "subsidiary",
        (_ID, Field("name", "name"), Field("country", "country"), _CURRENCY, _INACTIVE),
        writes=(),
    ),
    RecordType(
        "account",
        "account",
        (
            _ID,
            Field("acctNumber", "acctnumber"),
            Field("acctName", "fullname"),
            Field("acctType", "accttype"),
            _INACTIVE,
        ),
        writes=(),
    ),
    RecordType(
        "accountingPeriod",
        "accountingperiod",
        (
            _ID,
            Field("periodName", "periodname"),
            Field("startDate", "startdate", "day"),
            Field("endDate", "enddate", "day"),
            Field("closed", "closed", "flag"),
            Field("allLocked", "alllocked", "flag"),
        ),
        writes=(),
    ),
    RecordType(
        "currency",
        "currency",
        (_ID, Field("name", "name"), Field("symbol", "symbol"), _INACTIVE),
        writes=(),
    ),
)
RECORD_TYPES: Mapping[str, RecordType] = {each.name.lower(): each for each in _TYPES}
OF_OBJECT: Mapping[str, RecordType] = {each.object: each for each in _TYPES}
