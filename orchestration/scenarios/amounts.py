"""Amounts: what people write in major units, as whole numbers and back."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

# ISO 4217; all others that a scenario may name have two decimals.
WITHOUT_DECIMALS = frozenset(
    (
        *("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG"),
        *("RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"),
    )
)
THREE_DECIMALS = frozenset(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"])
MICROS = 10**6


class BadScenarioError(Exception):
    """The file cannot be read as a scenario; the text says where and why."""


def decimals(currency: str) -> int:
    """Return how many decimals a currency has."""
    if currency in WITHOUT_DECIMALS:
        return 0
    return 3 if currency in THREE_DECIMALS else 2


def number(value: Any, where: str) -> Fraction:
    """Return a number that is written as text or as a whole number.

    Raises:
        BadScenarioError: it is none, or YAML has made a binary fraction of it.
    """
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise BadScenarioError(f'{where}: {value!r} must be text, such as "12.50".')
    try:
        return Fraction(value)
    except ValueError as error:
        raise BadScenarioError(f"{where}: {value!r} is no number.") from error


def minor(value: Any, currency: str, where: str) -> int:
    """Return an amount in whole minor units.

    Raises:
        BadScenarioError: it is no amount, or finer than the currency.
    """
    return whole(number(value, where) * 10 ** decimals(currency), f"{where} {value}")


def micros(value: Any, where: str) -> int:
    """Return millionths of a number."""
    return whole(number(value, where) * MICROS, f"{where} {value}")


def whole(value: Fraction, where: str) -> int:
    """Return a fraction that is a whole number.

    Raises:
        BadScenarioError: it is none.
    """
    if value.denominator != 1:
        raise BadScenarioError(f"{where}: more decimals than there may be.")
    return value.numerator


def rounded(value: Fraction) -> int:
    """Return the nearest whole number, halves away from zero."""
    size = (2 * abs(value.numerator) + value.denominator) // (2 * value.denominator)
    return size if value >= 0 else -size


def major(amount_minor: int, currency: str) -> str:
    """Return whole minor units as people write them."""
    places = decimals(currency)
    sign, digits = "-" if amount_minor < 0 else "", str(abs(amount_minor))
    if not places:
        return sign + digits
    digits = digits.rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}"


def right_ssp(right: Mapping[str, Any], currency: str, where: str) -> int:
    """Return what a discount on later purchases is worth by itself."""
    try:
        discount, general, average, likelihood = (
            number(right[key], where)
            for key in ("discount", "general", "average", "likelihood")
        )
    except KeyError as error:
        raise BadScenarioError(f"{where}: material_right without {error}.") from error
    worth = average * (discount - general) / 100 * likelihood / 100
    return rounded(worth * 10 ** decimals(currency))


def money(
    stated: Mapping[str, Any], key: str, currency: str | None, where: str
) -> int | None:
    """Return an amount, or millionths where there is no currency; or nothing."""
    if key not in stated:
        return None
    if currency is None:
        return micros(stated[key], f"{where}, {key}")
    return minor(stated[key], currency, f"{where}, {key}")


def total_units(stated: Mapping[str, Any], quantity: int, where: str) -> int:
    """Return what must be done for an obligation to be wholly done."""
    method = stated.get("method")
    if method == "progress":
        return 100 * MICROS
    if method == "milestone":
        weights: Sequence[Any] = list(stated.get("milestones", {}).values())
        total = sum((number(each, where) for each in weights), Fraction(0))
        return whole(total * MICROS, where)
    if method == "drawdown":
        used = 1 - number(stated.get("breakage", 0), where) / 100
        return whole(quantity * used, f"{where}, breakage")
    return quantity


def is_unconditional(stated: Mapping[str, Any], where: str) -> bool:
    """Say whether a right to payment waits for nothing but time."""
    default = "unconditional" if stated["method"] == "usage" else "conditional"
    right = stated.get("right", default)
    if right not in {"conditional", "unconditional"}:
        raise BadScenarioError(f"{where}: right is conditional or unconditional.")
    return bool(right == "unconditional")
