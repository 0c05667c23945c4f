"""Parameters: what each endpoint takes, and the refusal of anything else.

A parameter arrives as text. Its reader returns what it means, or refuses it in Stripe's
words. An empty text unsets a parameter where Stripe allows that, and is then None.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.stripe.shapes import Params, Unread, error, invalid
from sandbox.wire import Refusal

MAX_TEXT = 5000
MAX_LIST = 1000
# docs.stripe.com/metadata: 50 keys, names of 40 and values of 500 characters.
MAX_METADATA = 50
MAX_METADATA_KEY = 40
MAX_METADATA_VALUE = 500
# docs.stripe.com/currencies: eight digits for most, twelve for a few.
MAX_AMOUNT = 999_999_999_999
LAST_INSTANT = 253_402_300_799  # the end of the year 9999
MAX_DIGITS = 12  # docs.stripe.com/api/prices: unit_amount_decimal has at most 12

Read = Callable[[Any, str], Any]
Fields = Mapping[str, Read]

_WHOLE = re.compile(r"-?\d{1,18}", re.ASCII)
_CURRENCY = re.compile(r"[A-Za-z]{3}", re.ASCII)


def checked(params: Params, fields: Fields) -> Params:
    """Return the parameters as what they mean; a name with `!` must be there.

    Raises:
        Unread: one of them isn't what it should be.
    """
    try:
        return _fields(params, fields, "")
    except Refusal as refusal:
        raise Unread(refusal.response) from None


def _fields(given: Mapping[str, Any], fields: Fields, inside: str) -> Params:
    known = {name.rstrip("!"): read for name, read in fields.items()}
    for name in given:
        if name not in known:
            full = _full(inside, name)
            raise Refusal(
                error(
                    400,
                    f"Received unknown parameter: {full}",
                    code="parameter_unknown",
                    param=full,
                )
            )
    for name in fields:
        if name.endswith("!") and given.get(name[:-1]) in (None, ""):
            full = _full(inside, name[:-1])
            raise invalid(f"Missing required param: {full}.", full, "parameter_missing")
    return {
        name: known[name](value, _full(inside, name)) for name, value in given.items()
    }


def _full(inside: str, name: str) -> str:
    return f"{inside}[{name}]" if inside else name


def text(*, longest: int = MAX_TEXT) -> Read:
    """Read a text; empty is None."""

    def read(value: Any, name: str) -> str | None:
        if not isinstance(value, str):
            raise invalid(f"Invalid string: {_shown(value)}", name)
        if len(value) > longest:
            sentence = (
                f"Invalid string: {value[:10]}...; must be at most {longest} characters"
            )
            raise invalid(sentence, name, "parameter_invalid_string_too_long")
        return value or None

    return read


def lowered(value: Any, name: str) -> str | None:
    """Read a text whose capitals don't count."""
    given: str | None = text()(value, name)
    return None if given is None else given.lower()


def whole(low: int = -MAX_AMOUNT, high: int = MAX_AMOUNT) -> Read:
    """Read a whole number within bounds; empty is None."""

    def read(value: Any, name: str) -> int | None:
        if value == "":
            return None
        if not isinstance(value, str) or not _WHOLE.fullmatch(value):
            sentence = f"Invalid integer: {_shown(value)}"
            raise invalid(sentence, name, "parameter_invalid_integer")
        number = int(value)
        if number < low:
            sentence = f"This value must be greater than or equal to {low}."
            raise invalid(sentence, name, "parameter_invalid_integer")
        if number > high:
            sentence = f"This value must be less than or equal to {high}."
            raise invalid(sentence, name, "parameter_invalid_integer")
        return number

    return read


def instant() -> Read:
    """Read an instant in Unix seconds."""
    return whole(0, LAST_INSTANT)


def currency(value: Any, name: str) -> str:
    """Read a currency's code."""
    if not isinstance(value, str) or not _CURRENCY.fullmatch(value):
        raise invalid(f"Invalid currency: {_shown(value)}.", name)
    return value.lower()


def decimal(*, low: int = -MAX_AMOUNT, high: int = MAX_AMOUNT) -> Read:
    """Read a number with decimals."""

    def read(value: Any, name: str) -> Decimal | None:
        if value == "":
            return None
        try:
            number = Decimal(value) if isinstance(value, str) else None
        except InvalidOperation:
            number = None
        if number is None or not number.is_finite():
            sentence = f"Invalid decimal: {_shown(value)}"
            raise invalid(sentence, name, "parameter_invalid_decimal")
        places = number.as_tuple().exponent
        if not low <= number <= high or int(places) < -MAX_DIGITS:
            raise invalid(f"Invalid decimal: {value[:40]}", name)
        return number

    return read


def flag(value: Any, name: str) -> bool:
    """Read true or false."""
    if value not in ("true", "false"):
        raise invalid(f"Invalid boolean: {_shown(value)}", name)
    return bool(value == "true")


def choice(*known: str) -> Read:
    """Read one of some words; empty is None."""

    def read(value: Any, name: str) -> str | None:
        if value == "":
            return None
        if value not in known:
            sentence = f"Invalid {name}: must be one of {', '.join(known)}"
            raise invalid(sentence, name)
        return str(value)

    return read


def group(fields: Fields) -> Read:
    """Read named parameters within one; empty is None."""

    def read(value: Any, name: str) -> Params | None:
        if value == "":
            return None
        if not isinstance(value, dict):
            raise invalid("Invalid object", name)
        return _fields(value, fields, name)

    return read


def several(each: Read) -> Read:
    """Read a list; empty is the empty list."""

    def read(value: Any, name: str) -> list[Any]:
        if value == "":
            return []
        if not isinstance(value, list) or len(value) > MAX_LIST:
            raise invalid("Invalid array", name)
        return [each(one, f"{name}[{place}]") for place, one in enumerate(value)]

    return read


def either(words: tuple[str, ...], otherwise: Read) -> Read:
    """Read one of some words, or what another reader takes."""
    return lambda value, name: value if value in words else otherwise(value, name)


def span(value: Any, name: str) -> dict[str, int]:
    """Read `created=5` or `created[gte]=5&created[lt]=9`: {operator: number}."""
    limits = value if isinstance(value, dict) else {"": value}
    if not set(limits) <= {"", "gt", "gte", "lt", "lte"}:
        return dict(_fields(limits, dict.fromkeys(("gt", "gte", "lt", "lte")), name))  # type: ignore[arg-type]
    return {
        operator: _needed(instant(), limit, _full(name, operator) if operator else name)
        for operator, limit in limits.items()
    }


def _needed(read: Read, value: Any, name: str) -> Any:
    number = read(value, name)
    if number is None:
        raise invalid("Invalid integer: ", name, "parameter_invalid_integer")
    return number


def metadata(value: Any, name: str) -> dict[str, str]:
    """Read metadata; a key with an empty value is to be removed, "" removes all."""
    if value == "":
        return {"": ""}
    if not isinstance(value, dict) or not all(
        isinstance(each, str) for each in value.values()
    ):
        raise invalid("Invalid object", name)
    for key, each in value.items():
        if not key or len(key) > MAX_METADATA_KEY or len(each) > MAX_METADATA_VALUE:
            sentence = (
                f"Metadata keys have up to {MAX_METADATA_KEY} characters, values up to "
                f"{MAX_METADATA_VALUE}."
            )
            raise invalid(sentence, f"{name}[{key[:MAX_METADATA_KEY]}]")
    return value


def merged(held: Mapping[str, str] | None, wanted: Mapping[str, str]) -> dict[str, str]:
    """Return metadata after a change: keys are set, emptied ones removed."""
    after = {} if "" in wanted else {**(held or {})}
    after |= wanted
    kept = {key: value for key, value in after.items() if value != ""}
    if len(kept) > MAX_METADATA:
        sentence = f"Metadata can have up to {MAX_METADATA} keys."
        raise invalid(sentence, "metadata")
    return kept


def _shown(value: Any) -> str:
    return str(value)[:100]


EXPAND: Fields = {"expand": several(text())}
PAGING: Fields = {
    "limit": whole(1, 100),
    "starting_after": text(),
    "ending_before": text(),
    **EXPAND,
}
