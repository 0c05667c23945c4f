"""Identity: who is who: the records of each customer, person and product."""

from collections.abc import Iterable, Iterator
from typing import Any

from sandbox.company.company import Company
from sandbox.disorder.plant import Planted
from sandbox.documents import Documents, identity_truth
from sandbox.identity_sources import Stands, people, products
from sandbox.stamps import key_of

Place = tuple[str, str, str]
Told = Iterator[dict[str, Any]]


def identities(
    company: Company, documents: Documents, planted: Iterable[Planted]
) -> dict[str, Told]:
    """Return who is who of each sort: `customers`, `contacts` and `products`."""
    return {
        "customers": _customers(company, documents, planted),
        "contacts": _others(people(company), documents),
        "products": _others(products(company), documents),
    }


def _others(stands: Iterable[Stands], documents: Documents) -> Told:
    """Yield each person or product with the records that are there for it."""
    held: dict[tuple[str, str], set[str]] = {}
    records: dict[str, list[dict[str, str]]] = {}
    for each in stands:
        place = each.system, each.object
        if place not in held:
            held[place] = _ids(documents, *place)
        if each.id in held[place]:
            told = {"system": each.system, "object": each.object, "id": each.id}
            records.setdefault(each.key, []).append(told)
    for key, those in records.items():
        yield {"id": key, "records": those}


def _ids(documents: Documents, system: str, name: str) -> set[str]:
    kept = documents[system].get(name, [])
    return {str(record[key_of(system)]) for record in kept}


def _customers(
    company: Company, documents: Documents, planted: Iterable[Planted]
) -> Told:
    """Yield each customer with all records that stand for it, mistakes included.

    A record that a mistake entered once more is its customer's too, one that a mistake
    took away is nobody's. `lookalikes` are the other customers that a careless
    comparison takes for this one, and why; each pair stands with its first customer.
    """
    owners = _owners(company, documents, planted)
    lookalikes: dict[str, list[dict[str, str]]] = {}
    for pair in company.hard_negatives():
        told = {"customer": pair.right, "why": pair.why}
        lookalikes.setdefault(pair.left, []).append(told)
    records: dict[str, list[dict[str, str]]] = {}
    for (system, name, record_id), customer in owners.items():
        told = {"system": system, "object": name, "id": record_id}
        records.setdefault(customer, []).append(told)
    for customer, held in records.items():
        yield {
            "id": customer,
            "records": held,
            "lookalikes": lookalikes.get(customer, []),
        }


def _owners(
    company: Company, documents: Documents, planted: Iterable[Planted]
) -> dict[Place, str]:
    """Return whose each record is that stands for a customer."""
    owners = {
        (each.system, each.object, each.id): each.customer_key
        for each in identity_truth(company)
    }
    for each in planted:
        # A duplicate is planted with the id of the record that it should have been.
        place = (each.system, each.object, str(each.record_id))
        original = (each.system, each.object, str(each.expected))
        if place not in owners and original in owners:
            owners[place] = owners[original]
    held = {place: _ids(documents, *place) for place in {each[:2] for each in owners}}
    return {
        place: customer
        for place, customer in owners.items()
        if place[2] in held[place[:2]]
    }
