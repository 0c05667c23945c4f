"""Values: whether a value fits a field, and how Salesforce writes it down."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sandbox.salesforce.errors import Refused
from sandbox.salesforce.field import NUMBER_TYPES, Field, SObject
from sandbox.salesforce.ids import full_id

# A Salesforce number has at most 18 digits, decimals included.
_MAX_DIGITS = 18
_MAX_TEXT = 255
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)

Value = Any


def checked(sobject: SObject, field: Field, value: Value) -> Value:
    """Return a value as Salesforce keeps it; None empties the field.

    Raises:
        Refused: the field doesn't take it.
    """
    if value is None or value == "":
        if field.required:
            raise missing_fields([field.name])
        if field.type == "boolean" and value is None:
            sentence = f"{field.name}: a checkbox is true or false, never null"
            raise Refused("INVALID_TYPE_ON_FIELD_IN_RECORD", sentence, (field.name,))
        return None
    check = _CHECKS.get(field.type, _text)
    return check(sobject, field, value)


def missing_fields(names: list[str]) -> Refused:
    """Return the error for a record that lacks what it must have."""
    sentence = f"Required fields are missing: [{', '.join(names)}]"
    return Refused("REQUIRED_FIELD_MISSING", sentence, names)


def instant(value: str) -> str:
    """Return an instant in UTC with milliseconds, as documents have it.

    Raises:
        ValueError: it is none, or has no time zone.
    """
    at = datetime.fromisoformat(value)
    if at.tzinfo is None:
        raise ValueError(value)
    try:
        at = at.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(value) from error
    return at.isoformat(timespec="milliseconds")[:23] + "+0000"


def from_csv(field: Field, text: str) -> Value:
    """Return the value that a cell of a CSV file stands for.

    Text that is no number or flag stays text, and `checked` refuses it then.
    """
    if field.type == "boolean":
        return {"true": True, "1": True, "false": False, "0": False}.get(
            text.lower(), text
        )
    if field.type in NUMBER_TYPES and re.fullmatch(r"[+-]?\d+(\.\d+)?", text):
        return Decimal(text)
    return text


def _text(_sobject: SObject, field: Field, value: Value) -> Value:
    if not isinstance(value, str):
        raise _wrong_type(field, value)
    if field.restricted and field.picklist and value not in field.picklist:
        raise Refused(
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            f"{field.name}: bad value for restricted picklist field: {value}",
            (field.name,),
        )
    length = field.length or _MAX_TEXT
    if len(value) > length:
        raise Refused(
            "STRING_TOO_LONG",
            f"{field.name}: data value too large: {value} (max length={length})",
            (field.name,),
        )
    if field.type == "email" and not _EMAIL.fullmatch(value):
        sentence = f"{field.name}: invalid email address: {value}"
        raise Refused("INVALID_EMAIL_ADDRESS", sentence, (field.name,))
    return value


def _number(_sobject: SObject, field: Field, value: Value) -> Value:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise _wrong_type(field, value)
    number = Decimal(value)
    digits = number.adjusted()
    _, _, exponent = number.as_tuple()
    if digits >= _MAX_DIGITS or int(exponent) < -_MAX_DIGITS:
        sentence = f"{field.name}: value outside of valid range on numeric field"
        raise Refused("NUMBER_OUTSIDE_VALID_RANGE", sentence, (field.name,))
    if field.type != "int":
        return value
    if number != number.to_integral_value():
        raise _wrong_type(field, value)
    return int(number)


def _flag(_sobject: SObject, field: Field, value: Value) -> Value:
    if not isinstance(value, bool):
        raise _wrong_type(field, value)
    return value


def _day(_sobject: SObject, field: Field, value: Value) -> Value:
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return date.fromisoformat(value).isoformat()
    except ValueError:
        pass
    raise _wrong_type(field, value)


def _instant(_sobject: SObject, field: Field, value: Value) -> Value:
    try:
        if isinstance(value, str):
            return instant(value)
    except ValueError:
        pass
    raise _wrong_type(field, value)


def _reference(_sobject: SObject, field: Field, value: Value) -> Value:
    try:
        return full_id(value if isinstance(value, str) else "")
    except ValueError as error:
        # An id that the sandbox was given with other letters at its end is one too.
        if isinstance(value, str) and len(value) == 18 and value.isalnum():
            return value
        sentence = f"{field.name}: id value of incorrect type: {value}"
        raise Refused("MALFORMED_ID", sentence, (field.name,)) from error


def _wrong_type(field: Field, value: Value) -> Refused:
    shown = str(value)[:100]
    sentence = f"{field.name}: value not of required type: {shown}"
    return Refused("INVALID_TYPE_ON_FIELD_IN_RECORD", sentence, (field.name,))


_CHECKS: Mapping[str, Callable[[SObject, Field, Value], Value]] = {
    "boolean": _flag,
    "date": _day,
    "datetime": _instant,
    "reference": _reference,
    **dict.fromkeys(NUMBER_TYPES, _number),
}
