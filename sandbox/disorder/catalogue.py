"""Catalogue: what a disorder is, and who may have it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any, Generic, TypeVar

from sandbox.company.company import Company
from sandbox.company.facts import Contract, Customer, Invoice, Order
from sandbox.disorder.scene import Planted, Scene

# Shares of the suitable subjects in "all"; of 400 customers one to eight are hit.
RARE, SOME, COMMON = 0.004, 0.01, 0.02

T = TypeVar("T")
Owned = tuple[str, T]  # whose it is: nobody's is hit twice
Finder = Callable[[Scene], Iterable[Owned[T]]]


@dataclass(frozen=True, slots=True)
class Disorder(Generic[T]):
    """One way in which records go wrong.

    Attributes:
        name: as the finance person calls it.
        checks: of the reconciliation catalogue, which must find it; the first is its.
        touches: `system.object` of the records that hold it.
        find: yields the subjects that can have it, each with its owner: a customer's
            key, or a key of its own for what belongs to none.
        plant: plants it on one subject.
        needs: the features of the company without which there is no subject.
        rate: the share of the owners that have it in "all".
    """

    name: str
    checks: tuple[str, ...]
    touches: tuple[str, ...]
    find: Finder[T]
    plant: Callable[[Scene, T, Random], Planted]
    needs: frozenset[str] = frozenset()
    rate: float = SOME


def disorder(
    name: str,
    checks: str,
    touches: str,
    find: Finder[T],
    plant: Callable[[Scene, T, Random], Planted],
    *,
    needs: str = "",
    rate: float = SOME,
) -> Disorder[Any]:
    """Return a line of the registry; checks, touches and needs are words in a row."""
    return Disorder(
        name,
        tuple(checks.split()),
        tuple(touches.split()),
        find,
        plant,
        frozenset(needs.split()),
        rate,
    )


def _any(_scene: Scene, _fact: object) -> bool:
    return True


def customers(
    suits: Callable[[Scene, Customer], bool] = _any, *, of: str = ""
) -> Finder[Customer]:
    """Return a finder of customers, of one billing system or ERP if `of` names it."""

    def find(scene: Scene) -> Iterator[Owned[Customer]]:
        for each in _view(scene, of).customers:
            if suits(scene, each):
                yield each.key, each

    return find


def contracts(
    suits: Callable[[Scene, Contract], bool] = _any, *, of: str = ""
) -> Finder[Contract]:
    """Return a finder of contracts."""

    def find(scene: Scene) -> Iterator[Owned[Contract]]:
        for each in _view(scene, of).contracts:
            if suits(scene, each):
                yield each.customer.key, each

    return find


def invoices(
    suits: Callable[[Scene, Invoice], bool] = _any, *, of: str = ""
) -> Finder[Invoice]:
    """Return a finder of invoices that owe something."""

    def find(scene: Scene) -> Iterator[Owned[Invoice]]:
        for each in _view(scene, of).invoices:
            if each.total_minor > 0 and suits(scene, each):
                yield each.customer.key, each

    return find


def orders(suits: Callable[[Scene, Order], bool] = _any) -> Finder[Order]:
    """Return a finder of orders that have lines."""

    def find(scene: Scene) -> Iterator[Owned[Order]]:
        for each in scene.books.orders:
            if each.lines and suits(scene, each):
                yield each.customer_key, each

    return find


def runs(scene: Scene, contract: Contract) -> bool:
    """Return whether the contract is in force on the last day."""
    return contract.in_force(scene.company.as_of)


def is_plain(scene: Scene, invoice: Invoice) -> bool:
    """Return whether nothing was given back of the invoice and nothing replaced."""
    company = scene.company
    return not (
        invoice.status == "void"
        or invoice.replaces is not None
        or invoice.key in company.refund_by_invoice
        or invoice.key in company.credit_note_by_invoice
        or invoice.key in company.dispute_by_invoice
    )


def is_open(scene: Scene, invoice: Invoice) -> bool:
    """Return whether the invoice waits for its first payment."""
    waits = invoice.status == "open" and not invoice.failed
    return waits and is_plain(scene, invoice)


def is_paid(scene: Scene, invoice: Invoice) -> bool:
    """Return whether the invoice was paid and nothing happened to it since."""
    return invoice.status == "paid" and is_plain(scene, invoice)


def _view(scene: Scene, system: str) -> Company:
    return scene.company.using(system) if system else scene.books
