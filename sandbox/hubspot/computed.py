"""Computed: the values that HubSpot sets itself when others are written."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from sandbox.hubspot.kinds import Kind
from sandbox.hubspot.pipelines import PIPELINES

# Where a record begins that says nothing of its pipeline: the property and, for leads,
# which must have a stage, the stage too.
_BEGINNINGS = {
    "deals": ("pipeline", None),
    "tickets": ("hs_pipeline", None),
    "leads": ("hs_pipeline", "hs_pipeline_stage"),
}


def beginning(kind: Kind, values: Mapping[str, str]) -> dict[str, str]:
    """Return the values that a new record gets besides those that were given."""
    if kind.name not in _BEGINNINGS:
        return {}
    pipeline, stage = _BEGINNINGS[kind.name]
    first = PIPELINES[kind.name][0]
    found = {pipeline: first.id}
    if stage is not None:
        found[stage] = first.stages[0].id
    return {name: text for name, text in found.items() if not values.get(name)}


def computed(kind: Kind, values: Mapping[str, str]) -> dict[str, str]:
    """Return the values that follow from a record's others; empty takes one away."""
    if kind.name == "line_items":
        return {"amount": _amount(values)}
    if kind.name == "deals":
        stage = values.get("dealstage", "")
        return {
            "hs_is_closed": _said(is_so=stage in ("closedwon", "closedlost")),
            "hs_is_closed_won": _said(is_so=stage == "closedwon"),
        }
    return {}


def _said(*, is_so: bool) -> str:
    return "true" if is_so else "false"


def _amount(values: Mapping[str, str]) -> str:
    """Return price times quantity, less the discount in percent."""
    try:
        price, quantity, percent = (
            Decimal(values.get(name) or default)
            for name, default in (
                ("price", ""),
                ("quantity", ""),
                ("hs_discount_percentage", "0"),
            )
        )
        amount = price * quantity * (100 - percent) / 100
    except InvalidOperation:
        return ""  # without a price or a quantity there is no amount
    # A huge exponent would be written out in as many digits.
    return format(amount, "f") if abs(amount.adjusted()) < 30 else str(amount)
