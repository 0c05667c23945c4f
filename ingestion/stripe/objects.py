"""Objects: what Stripe lists, and how one comes with the lists that it holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from ingestion.errors import Refused, Rejected, naming
from ingestion.readings import Arrival, Batch, Children, Document, Gone, Page, Step
from ingestion.stripe.answers import is_missing
from ingestion.stripe.lists import after, bounds, completed, page
from ingestion.transport.rest import Rest


@dataclass(frozen=True, slots=True)
class Child:
    """A list inside of an object, which is a stream of its own.

    Attributes:
        stream: the stream of what is listed.
        field: where the list stands in the object.
        column: the stream's column that names the object.
        path: of the whole list; `{id}` stands for the object's.
        param: the parameter that names the object where the path does not.
        is_expanded: Stripe shows it on demand alone; it is no part of the record.
        is_named: whether what is listed names the object itself.
    """

    stream: str
    field: str
    column: str
    path: str
    param: str | None = None
    is_expanded: bool = False
    is_named: bool = True


@dataclass(frozen=True, slots=True)
class Kind:
    """One of Stripe's objects that are read: by a list, or one by one.

    Attributes:
        stream: its stream.
        object: what Stripe calls it, in its records and its events.
        path: of the list; below it is each object by its id.
        params: what the list takes in order to show all.
        expands: what is wanted whole instead of its id.
        children: the lists inside of it.
        is_dated: whether the list can be bounded by the time of creation.
    """

    stream: str
    object: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    expands: tuple[str, ...] = ()
    children: tuple[Child, ...] = ()
    is_dated: bool = True

    @property
    def streams(self) -> tuple[str, ...]:
        """Return the streams that the object fills."""
        return (self.stream, *(child.stream for child in self.children))


_ITEMS = Child(
    "subscription_items",
    "items",
    "subscription",
    "/v1/subscription_items",
    param="subscription",
)
_LINES = Child("invoice_lines", "lines", "invoice", "/v1/invoices/{id}/lines")
_PAYMENTS = Child(
    "invoice_payments",
    "payments",
    "invoice",
    "/v1/invoice_payments",
    param="invoice",
    is_expanded=True,
)
_CREDITS = Child(
    "credit_note_lines",
    "lines",
    "credit_note",
    "/v1/credit_notes/{id}/lines",
    is_named=False,
)

# What events tell of. A coupon's promotion codes say nothing that is read here.
KINDS = (
    Kind("customers", "customer", "/v1/customers"),
    Kind("products", "product", "/v1/products"),
    # Stripe shows the tiers of a price on demand alone.
    Kind("prices", "price", "/v1/prices", expands=("tiers",)),
    Kind("coupons", "coupon", "/v1/coupons"),
    Kind(
        "subscriptions",
        "subscription",
        "/v1/subscriptions",
        {"status": "all"},
        ("discounts",),
        (_ITEMS,),
    ),
    Kind(
        "subscription_schedules", "subscription_schedule", "/v1/subscription_schedules"
    ),
    Kind(
        "invoices",
        "invoice",
        "/v1/invoices",
        expands=("payments",),
        children=(_LINES, _PAYMENTS),
    ),
    Kind("invoice_items", "invoiceitem", "/v1/invoiceitems"),
    Kind("credit_notes", "credit_note", "/v1/credit_notes", children=(_CREDITS,)),
    Kind("payments", "payment_intent", "/v1/payment_intents"),
    Kind("charges", "charge", "/v1/charges"),
    Kind("refunds", "refund", "/v1/refunds"),
    Kind("disputes", "dispute", "/v1/disputes"),
    Kind("payouts", "payout", "/v1/payouts"),
    Kind("meters", "billing.meter", "/v1/billing/meters", is_dated=False),
)
# No event tells of it.
BALANCE = Kind(
    "balance_transactions", "balance_transaction", "/v1/balance_transactions"
)
# What can be read by its own id, besides.
_PARTS = (
    Kind("subscription_items", "subscription_item", "/v1/subscription_items"),
    Kind("invoice_payments", "invoice_payment", "/v1/invoice_payments"),
)
BY_OBJECT: Mapping[str, Kind] = {kind.object: kind for kind in KINDS}
BY_STREAM: Mapping[str, Kind] = {
    kind.stream: kind for kind in (*KINDS, BALANCE, *_PARTS)
}


def listed(kind: Kind, step: Step) -> Page:
    """Return a page of all objects of a kind, each with the lists inside of it.

    Raises:
        SystemFault: it cannot be read.
    """
    params: dict[str, Any] = {**kind.params}
    if kind.expands:
        params["expand[]"] = [f"data.{path}" for path in kind.expands]
    if kind.is_dated:
        params |= bounds(step)
    with naming(kind.object):
        documents, following = page(step.rest, kind.path, params, after(step))
        arrivals, _ = _taken(step.rest, kind, documents)
    return Page(arrivals, following)


def fetched(rest: Rest, kind: Kind, ids: Sequence[str]) -> list[Arrival]:
    """Return some objects as they are now, whole; those that are not there are gone.

    Raises:
        SystemFault: one of them cannot be read.
    """
    documents: list[Document] = []
    gone: list[str] = []
    for object_id in ids:
        with naming(kind.object, object_id):
            document = _fetched(rest, kind, object_id)
        if document is None:
            gone.append(object_id)
        else:
            documents.append(document)
    arrivals, vanished = _taken(rest, kind, documents)
    gone += vanished
    if gone:
        arrivals.append(Gone(kind.stream, gone))
    # Of one that is gone no child arrived either.
    return arrivals + [
        Children(child.stream, child.column, ids) for child in kind.children
    ]


def _fetched(rest: Rest, kind: Kind, object_id: str) -> Document | None:
    # A person may have chosen the id of a coupon: `20% OFF`.
    path = f"{kind.path}/{quote(object_id, safe='')}"
    params = {"expand[]": list(kind.expands)} if kind.expands else None
    try:
        answer = rest.parsed(rest.get(path, params=params))
    except Rejected as fault:
        if is_missing(fault):
            return None
        raise
    if not isinstance(answer, dict) or "id" not in answer:
        raise Refused(
            rest.system,
            f"what stands for {kind.path} is no object of Stripe's",
            "check STRIPE_URL and the API version, then run again",
        )
    # Of a deleted customer Stripe keeps this word alone.
    return None if answer.get("deleted") else answer


def _taken(
    rest: Rest, kind: Kind, documents: Sequence[Document]
) -> tuple[list[Arrival], list[str]]:
    """Return objects and what they hold, and the ids of those that vanished meanwhile.

    A draft may be deleted between the page that shows it and the rest of its lines.
    """
    present: list[Document] = []
    vanished: list[str] = []
    parts: dict[str, list[Batch]] = {child.stream: [] for child in kind.children}
    for document in documents:
        try:
            held = [_held(rest, kind, child, document) for child in kind.children]
        except Rejected as fault:
            if not is_missing(fault):
                raise
            vanished.append(document["id"])
            continue
        present.append(_without(document, kind))
        for batch in held:
            parts[batch.stream].append(batch)
    arrivals: list[Arrival] = [Batch(kind.stream, present)]
    for child in kind.children:
        arrivals += _joined(child, parts[child.stream])
    return arrivals, vanished


def _held(rest: Rest, kind: Kind, child: Child, document: Document) -> Batch:
    parent = document["id"]
    with naming(kind.object, parent):
        rows = completed(
            rest,
            document.get(child.field),
            child.path.format(id=parent),
            {child.param: parent} if child.param else {},
        )
    return Batch(child.stream, rows, {} if child.is_named else {child.column: parent})


def _joined(child: Child, batches: Sequence[Batch]) -> list[Batch]:
    """Return as few batches as can be: one, where the records name their parents."""
    if not child.is_named:
        return [batch for batch in batches if batch.documents]
    rows = [document for batch in batches for document in batch.documents]
    return [Batch(child.stream, rows)]


def _without(document: Document, kind: Kind) -> Document:
    """Return the record as Stripe shows it when nothing was to be expanded."""
    extra = {child.field for child in kind.children if child.is_expanded}
    if not extra:
        return document
    return {name: value for name, value in document.items() if name not in extra}
