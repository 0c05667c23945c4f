"""Described: what a system says of its fields, against what a plan would put there.

Asked before a plan is made, so that a field that the system does not have, a text that
is too long or a value that is no choice there is one exception, not a refused batch.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from reverse_etl.destinations import Destination


@dataclass(frozen=True, slots=True)
class Property:
    """One field as the system describes it."""

    max_length: int | None = None
    options: frozenset[str] | None = None  # the choices, where it is a list of them
    writable: bool = True


@runtime_checkable
class Describes(Protocol):
    """A destination whose system tells what fields its objects have."""

    def describe(self, object_name: str) -> Mapping[str, Property]:
        """Return the fields of an object by the names that the contract uses.

        Raises:
            SystemFault: The system cannot be asked now.
        """
        ...


Described = Mapping[tuple[str, str], Mapping[str, Property]]


@dataclass(frozen=True, slots=True)
class Unfit:
    """Why a field cannot take a value."""

    kind: str  # missing_field, read_only, too_long or not_allowed
    why: str
    next_step: str


def describe(
    destinations: Mapping[str, Destination], objects: set[tuple[str, str]]
) -> Described:
    """Ask each system that can tell about the objects that a contract writes to.

    Raises:
        SystemFault: A system cannot be asked now: no plan is made without its answer.
    """
    found: dict[tuple[str, str], Mapping[str, Property]] = {}
    for system, name in sorted(objects):
        destination = destinations.get(system)
        if isinstance(destination, Describes):
            found[system, name] = destination.describe(name)
    return found


def unfit(
    described: Described, system: str, object_name: str, field: str, value: str | None
) -> Unfit | None:
    """Say why a field cannot take a value; None where it can, or nobody told."""
    fields = described.get((system, object_name))
    if fields is None:
        return None
    found = fields.get(field)
    if found is None:
        return Unfit(
            "missing_field",
            f"{system} {object_name} has no field {field}, which the contract pushes",
            "make the field there, or take it out of the contract",
        )
    return _refused(found, f"{field} of {system} {object_name}", value)


def _refused(found: Property, place: str, value: str | None) -> Unfit | None:
    if not found.writable:
        return Unfit(
            "read_only",
            f"{place} cannot be written by us",
            "grant the integration's user the right to edit the field",
        )
    length = len(value or "")
    if found.max_length is not None and length > found.max_length:
        return Unfit(
            "too_long",
            f"{place} takes {found.max_length} characters and {value!r} has {length}",
            "shorten the value at its owner, or lengthen the field there",
        )
    if found.options is not None and value is not None and value not in found.options:
        return Unfit(
            "not_allowed",
            f"{place} does not offer {value!r} as a choice",
            "add the choice there, or correct the value at its owner",
        )
    return None
