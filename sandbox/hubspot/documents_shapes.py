"""What HubSpot's records of the company have in common: ids, stamps, both ends."""

from collections.abc import Iterable
from datetime import date

from sandbox.company.facts import Customer
from sandbox.hubspot.kinds import BY_NAME
from sandbox.hubspot.links import DEFINED, link
from sandbox.identifiers import hubspot_id
from sandbox.shapes import Document

OWNERS = (("Mara", "Lindqvist"), ("Theo", "Abara"), ("Yuki", "Sato"))


def company_id(customer: Customer) -> str:
    """Return the id of the customer's company."""
    return hubspot_id("company", customer.key)


def contact_id(email: str) -> str:
    """Return the id of the contact with an email."""
    return hubspot_id("contact", email.lower())


def owner_id(place: int) -> str:
    """Return the id of one of the owners, by its place among them."""
    return hubspot_id("owner", place)


def owner_of(customer: Customer) -> str:
    """Return the id of the person who looks after a customer."""
    return owner_id(customer.number % len(OWNERS))


def stamp(day: date, hour: int) -> str:
    """Return an instant as HubSpot writes it."""
    return f"{day.isoformat()}T{hour:02}:00:00.000Z"


def record(
    kind: str, record_id: str, created: str, changed: str, values: dict[str, str | None]
) -> Document:
    """Return a record of a kind; a value that is empty is no value."""
    known = BY_NAME[kind]
    held = {name: text for name, text in values.items() if text}
    own = {known.created: created, known.modified: changed, "hs_object_id": record_id}
    return {
        "id": record_id,
        "properties": held | own,
        "createdAt": created,
        "updatedAt": changed,
        "archived": False,
    }


def both(
    start: tuple[str, str],
    end: tuple[str, str],
    types: Iterable[int],
    back: Iterable[int],
) -> list[Document]:
    """Return an association as it is kept at either end: (kind, id) with its types."""
    return [
        link(*start, *end, [(DEFINED, number) for number in types]),
        link(*end, *start, [(DEFINED, number) for number in back]),
    ]
