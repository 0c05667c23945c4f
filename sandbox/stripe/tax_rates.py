"""Tax rates: percentages with a name, which lines and invoices refer to."""

from sandbox.store import Document
from sandbox.stripe.books import Books
from sandbox.stripe.parameters import (
    EXPAND,
    Fields,
    checked,
    choice,
    decimal,
    flag,
    merged,
    metadata,
    text,
)
from sandbox.stripe.shapes import Params, invalid

_TYPES = (
    *("amusement_tax", "communications_tax", "gst", "hst", "igst", "jct"),
    *("lease_tax", "mass_transit_parking_tax", "parking_tax", "pst", "qst"),
    *("retail_delivery_fee", "rst", "sales_tax", "service_tax", "vat"),
)
_FIELDS: Fields = {
    **EXPAND,
    "active": flag,
    "country": text(),
    "description": text(),
    "display_name": text(longest=50),
    "jurisdiction": text(longest=50),
    "metadata": metadata,
    "state": text(),
    "tax_type": choice(*_TYPES),
}
_TEXTS = ("country", "description", "jurisdiction", "state", "tax_type")
_PLACES = 4  # docs.stripe.com/api/tax_rates: a percentage has up to four decimals


def create(books: Books, given: Params) -> Document:
    """Add a rate; what it says and whether it is inclusive stays for ever."""
    own: Fields = {
        "display_name!": _FIELDS["display_name"],
        "inclusive!": flag,
        "percentage!": decimal(low=0, high=100),
    }
    fields = {name: read for name, read in _FIELDS.items() if name != "display_name"}
    params = checked(given, {**fields, **own})
    percentage = params["percentage"]
    if -int(percentage.as_tuple().exponent) > _PLACES:
        sentence = f"Invalid decimal: {percentage}; at most {_PLACES} decimals."
        raise invalid(sentence, "percentage", "parameter_invalid_decimal")
    return books.create(
        {
            "id": books.new_id("txr_"),
            "object": "tax_rate",
            "active": params.get("active", True),
            "created": books.now,
            "display_name": params["display_name"],
            "effective_percentage": None,
            "flat_amount": None,
            "inclusive": params["inclusive"],
            "jurisdiction_level": None,
            "livemode": False,
            "metadata": merged(None, params.get("metadata", {})),
            "percentage": percentage,
            "rate_type": None,
            **{name: params.get(name) for name in _TEXTS},
        }
    )


def update(books: Books, given: Params, rate_id: str) -> Document:
    """Change how a rate is described, or put it out of use."""
    params = checked(given, _FIELDS)
    rate = books.need("tax_rate", rate_id)
    fields: Document = {name: params[name] for name in _TEXTS if name in params}
    fields |= {
        name: params[name]
        for name in ("active", "display_name")
        if params.get(name) is not None
    }
    if "metadata" in params:
        fields["metadata"] = merged(rate["metadata"], params["metadata"])
    return books.update(rate, **fields)
