"""Sources: cards from tokens, the way before payment methods; both name one card.

A card has an id of its own, `card_…`, which payment methods take as theirs.
"""

from starlette.responses import Response

from sandbox.collection import column
from sandbox.store import Document
from sandbox.stripe.books import Books
from sandbox.stripe.cards import as_source
from sandbox.stripe.lists import embedded
from sandbox.stripe.parameters import EXPAND, PAGING, checked, metadata, text
from sandbox.stripe.payment_methods import from_token
from sandbox.stripe.shapes import Params, missing


def of(books: Books, customer_id: str) -> list[Document]:
    """Return a customer's cards that came from tokens, newest first."""
    return books.table("payment_method").find(
        f"{column('customer')} = ? and id like 'card$_%' escape '$'",
        (customer_id,),
        order="place desc",
    )


def owned(books: Books, customer_id: str, source_id: str, param: str) -> Document:
    """Return a customer's card; refuse the parameter that names none."""
    method = books.get("payment_method", source_id)
    if (
        method is None
        or method["customer"] != customer_id
        or not source_id.startswith("card_")
    ):
        raise missing("source", source_id, param)
    return method


def create(books: Books, given: Params, customer_id: str) -> Document:
    """Add a card; the first one is the customer's default."""
    params = checked(given, {**EXPAND, "source!": text(), "metadata": metadata})
    customer = books.need("customer", customer_id)
    method = from_token(books, params["source"], customer)
    if params.get("metadata"):
        method = books.update(method, metadata=params["metadata"])
    if customer.get("default_source") is None:
        books.update(customer, default_source=method["id"])
    return as_source(method)


def listed(books: Books, given: Params, customer_id: str) -> Response:
    """List a customer's cards."""
    kind = given.pop("object", "card")
    checked(given, PAGING)
    books.need("customer", customer_id)
    found = of(books, customer_id) if kind == "card" else []
    url = f"/v1/customers/{customer_id}/sources"
    return embedded(books, url, "source", [as_source(each) for each in found], given)


def read(books: Books, customer_id: str, source_id: str) -> Document:
    """Return one of a customer's cards."""
    books.need("customer", customer_id)
    return as_source(owned(books, customer_id, source_id, "id"))


def delete(books: Books, given: Params, customer_id: str, source_id: str) -> Document:
    """Take a card from its customer; the newest of the others is the default then."""
    checked(given, {})
    customer = books.need("customer", customer_id)
    method = owned(books, customer_id, source_id, "id")
    books.update(method, customer=None)
    if customer.get("default_source") == source_id:
        others = of(books, customer_id)
        books.update(customer, default_source=others[0]["id"] if others else None)
    return {"id": source_id, "object": "card", "deleted": True}
