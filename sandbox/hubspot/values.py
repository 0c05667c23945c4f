"""Values: what may be written into a property, and how it is then kept.

Every value is text: booleans `true` and `false`, numbers with the digits that were
given, days `2026-10-31`, instants in ISO form with milliseconds.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.hubspot.schema import Property
from sandbox.hubspot.shapes import Document, Problem
from sandbox.instants import to_milliseconds

LONGEST = 65_536  # characters of a text property, by HubSpot's documentation
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_LOWERED = ("email", "domain")  # HubSpot keeps these in lower case


class _InvalidError(ValueError):
    """A value that its property does not take; carries HubSpot's code."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


def accepted(
    given: object,
    defined: Mapping[str, Property],
    rules: Sequence[Mapping[str, Any]] = (),
    *,
    creating: bool = False,
) -> dict[str, str]:
    """Return the values to keep; a value that clears its property is empty.

    Args:
        given: the `properties` of a request.
        defined: the properties that the kind has.
        rules: the account's validation rules for the kind.
        creating: whether rules that demand a value apply to those not given.

    Raises:
        Problem: names every value that was not valid.
    """
    if not isinstance(given, dict):
        raise Problem(400, "Invalid input JSON: properties must be an object")
    kept, wrong = {}, []
    for name, value in given.items():
        try:
            if name not in defined:
                sentence = f'Property "{name}" does not exist'
                raise _InvalidError("PROPERTY_DOESNT_EXIST", sentence)  # noqa: TRY301
            kept[name] = _kept(defined[name], value)
            for rule in rules:
                if rule.get("property") == name:
                    _obey(name, kept[name], rule)
        except _InvalidError as invalid:
            wrong.append((name, invalid))
    wrong += [
        (name, _InvalidError("REQUIRED_PROPERTY", f"{name} is required"))
        for rule in rules
        if creating and rule.get("rule") == "REQUIRED"
        for name in [str(rule.get("property"))]
        if not kept.get(name) and name not in given
    ]
    if wrong:
        raise invalid_values(wrong)
    return kept


def invalid_values(wrong: Sequence[tuple[str, ValueError]]) -> Problem:
    """Return the answer that names every value that was not valid."""
    errors: list[Document] = [
        {
            "message": str(invalid),
            "code": getattr(invalid, "code", "INVALID_VALUE"),
            "context": {"propertyName": [name]},
        }
        for name, invalid in wrong
    ]
    told = "; ".join(f"{name}: {invalid}" for name, invalid in wrong)
    return Problem(400, f"Property values were not valid: {told}", errors=errors)


def _kept(defined: Property, value: object) -> str:
    if defined.read_only:
        sentence = f'"{defined.name}" is a read only property; its value cannot be set.'
        raise _InvalidError("READ_ONLY_VALUE", sentence)
    text = _text(value)
    if text == "":
        return ""
    if defined.type != "string" and text != text.strip():
        sentence = f"{text!r} must not begin or end with spaces."
        raise _InvalidError("INVALID_VALUE", sentence)
    keep = _KEEPERS.get(defined.type, _string)
    return keep(defined, text)


def _string(defined: Property, text: str) -> str:
    if len(text) > LONGEST:
        raise _InvalidError("INVALID_LENGTH", f"The value is longer than {LONGEST}.")
    if defined.name == "email" and not _EMAIL.fullmatch(text):
        raise _InvalidError("INVALID_EMAIL", f"Email address {text} is invalid")
    return text.lower() if defined.name in _LOWERED else text


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | Decimal):
        return str(value)
    raise _InvalidError("INVALID_VALUE", "A value must be a string, number or boolean.")


def _number(text: str) -> str:
    if not _NUMBER.fullmatch(text):
        raise _InvalidError("INVALID_LONG", f"{text} was not a valid number.")
    return text


def _boolean(text: str) -> str:
    if text.lower() not in ("true", "false"):
        raise _InvalidError("INVALID_OPTION", f"{text} was not one of true, false.")
    return text.lower()


def _option(defined: Property, text: str) -> str:
    if defined.options and text not in defined.options:
        allowed = ", ".join(defined.options)
        sentence = f"{text} was not one of the allowed options: [{allowed}]"
        raise _InvalidError("INVALID_OPTION", sentence)
    return text


def _day(text: str) -> str:
    at = moment(text)
    if at.time() != time():
        sentence = f"{text} is not midnight in UTC."
        raise _InvalidError("INVALID_DATE", sentence)
    return at.date().isoformat()


def moment(text: str) -> datetime:
    """Return an instant given in ISO form or in milliseconds since 1970."""
    try:
        if re.fullmatch(r"-?\d{5,18}", text, re.ASCII):
            return EPOCH + timedelta(milliseconds=int(text))
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
            day = date.fromisoformat(text)
            return datetime(day.year, day.month, day.day, tzinfo=UTC)
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as broken:
        raise _InvalidError("INVALID_DATE", f"{text} was not a valid date.") from broken


_KEEPERS: Mapping[str, Callable[[Property, str], str]] = {
    "number": lambda _defined, text: _number(text),
    "bool": lambda _defined, text: _boolean(text),
    "enumeration": _option,
    "date": lambda _defined, text: _day(text),
    "datetime": lambda _defined, text: to_milliseconds(moment(text)),
}


def wanted(defined: Property | None, text: str) -> str:
    """Return a filter's value in the form in which values are kept."""
    kind = defined.type if defined is not None else "string"
    try:
        if kind == "date":
            return moment(text).date().isoformat()
        if kind == "datetime":
            return to_milliseconds(moment(text))
        if kind == "number":
            return _number(text)
    except ValueError as broken:
        raise Problem(400, f"{text} is not a valid {kind}") from broken
    if defined is not None and defined.name in _LOWERED:
        return text.lower()
    return text


def _obey(name: str, text: str, rule: Mapping[str, Any]) -> None:
    """Hold a value against one rule of the account's admin."""
    argument = str(rule.get("argument", ""))
    try:
        broken = {
            "MIN_LENGTH": lambda: len(text) < int(argument),
            "MAX_LENGTH": lambda: len(text) > int(argument),
            "REGEX": lambda: re.fullmatch(argument, text) is None,
            "MIN_NUMBER": lambda: Decimal(text) < Decimal(argument),
            "MAX_NUMBER": lambda: Decimal(text) > Decimal(argument),
            "REQUIRED": lambda: text == "",
        }[str(rule.get("rule"))]()
    except (KeyError, ValueError, InvalidOperation, re.error):
        broken = False  # a rule that cannot be read holds nobody up
    if broken:
        sentence = f"{name} does not meet the validation rule {rule['rule']}"
        raise _InvalidError("VALIDATION_RULE", f"{sentence} {argument}".strip())
