"""Derived: what follows from the fields that a caller writes, and is written with them.

An opportunity's amount does not follow from its products here, as it does there.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from sandbox.salesforce.errors import Refused
from sandbox.salesforce.field import SObject
from sandbox.store import Document

# The stages that close an opportunity; Salesforce knows them by their own flags.
_WON, _LOST = "Closed Won", "Closed Lost"
_CENT = Decimal("0.01")
# A number has 18 digits at most, two of them behind the point.
_TOO_MUCH = 10**16


def derived(sobject: SObject, before: Document, changes: Document) -> Document:
    """Return the changes and what follows from them; `before` is the record so far.

    Raises:
        Refused: what follows has more digits than a number may have.
    """
    rule = _RULES.get(sobject.name)
    return changes if rule is None else changes | rule(before | changes, changes)


def _stage(_after: Document, changes: Document) -> Document:
    stage = changes.get("StageName")
    if stage is None:
        return {}
    return {"IsWon": stage == _WON, "IsClosed": stage in (_WON, _LOST)}


def _prices(after: Document, changes: Document) -> Document:
    """Return the one of unit price and total that the caller left to Salesforce."""
    total, unit = changes.get("TotalPrice"), changes.get("UnitPrice")
    share = 1 - _number(after.get("Discount")) / 100
    units = _number(after.get("Quantity")) * share
    if total is not None:
        if unit is not None or not units:
            return {}
        return {"UnitPrice": _amount("UnitPrice", _number(total) / units)}
    if after.get("UnitPrice") is None or changes.keys().isdisjoint(_PRICING):
        return {}
    found = units * _number(after["UnitPrice"])
    return {"TotalPrice": _amount("TotalPrice", found)}


def _number(value: Any) -> Decimal:
    """Return a number; an administrator may have made text of the field."""
    return Decimal(value) if isinstance(value, int | Decimal) else Decimal(0)


def _amount(name: str, value: Decimal) -> Decimal:
    if abs(value) >= _TOO_MUCH:
        sentence = f"{name}: value outside of valid range on numeric field"
        raise Refused("NUMBER_OUTSIDE_VALID_RANGE", sentence, (name,))
    return value.quantize(_CENT)


_PRICING = ("UnitPrice", "Quantity", "Discount")
_RULES: Mapping[str, Callable[[Document, Document], Document]] = {
    "Opportunity": _stage,
    "OpportunityLineItem": _prices,
}
