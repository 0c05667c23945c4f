"""Chargebee's parameters: flat pairs whose names nest with brackets.

`billing_address[city]` is a field of a group and `subscription_items[quantity][0]` is
a field of the first row of a table.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.chargebee.shapes import wrong
from sandbox.wire import parse_storable

# 2100-01-01; what lies behind is a mistake in the unit, such as milliseconds.
LATEST_SECONDS = 4_102_444_800
# Amounts are signed 32-bit or 64-bit depending on the field; the smaller one is safe.
HIGHEST = 2**53 - 1
MOST_ROWS = 60  # items of one subscription, from the vendor's documentation
TEXT_LENGTH = 250
ID_LENGTH = 50
EMAIL_LENGTH = 70
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"|([^\s,\[\]]+)")


@dataclass(frozen=True, slots=True)
class Form:
    """The parameters of one request, or of one row or group of it.

    Attributes:
        pairs: the values by name, an empty one where a field is to be cleared.
        named: how the parameter `{}` is called in the whole request.
    """

    pairs: Mapping[str, str]
    named: str = "{}"

    def param(self, name: str) -> str:
        """Return what the request calls the parameter."""
        return self.named.format(name)

    def only(self, *names: str, custom: bool = False) -> None:
        """Refuse parameters besides these; with `custom`, `cf_…` are allowed too.

        That Chargebee refuses what it does not know is believed, not seen; a sandbox
        that let a misspelt name pass would hide the mistake. What Chargebee knows and
        the sandbox does not play is refused in the same way, not passed over.
        """
        for name in self.pairs:
            base = name.partition("[")[0]
            if base not in names and not (custom and base.startswith("cf_")):
                raise wrong(self.param(name), "not a parameter of this operation")

    def has(self, name: str) -> bool:
        """Say whether the parameter was given, be it empty."""
        return name in self.pairs

    def text(self, name: str, longest: int = TEXT_LENGTH) -> str | None:
        """Return a text; None if it is absent or empty."""
        value = self.pairs.get(name)
        if not value:
            return None
        if len(value) > longest:
            raise wrong(self.param(name), f"cannot be more than {longest} characters")
        return value

    def required(self, name: str, longest: int = TEXT_LENGTH) -> str:
        """Return a text that has to be there."""
        value = self.text(name, longest)
        if value is None or not value.strip():
            raise wrong(self.param(name), "cannot be blank")
        return value

    def identity(self, name: str = "id") -> str | None:
        """Return an id that the caller chose."""
        value = self.text(name, ID_LENGTH)
        if value is not None and (value != value.strip() or not value.isprintable()):
            raise wrong(self.param(name), "contains characters that no id has")
        return value

    def email(self, name: str) -> str | None:
        """Return an e-mail address."""
        value = self.text(name, EMAIL_LENGTH)
        if value is not None and not _EMAIL.fullmatch(value):
            raise wrong(self.param(name), "invalid email format")
        return value

    def whole(
        self,
        name: str,
        low: int = 0,
        high: int = HIGHEST,
        *,
        default: int | None = None,
    ) -> int | None:
        """Return a whole number within bounds."""
        value = self.pairs.get(name)
        if not value:
            return default
        if not re.fullmatch(r"-?[0-9]{1,16}", value):
            raise wrong(self.param(name), "should be a valid integer")
        number = int(value)
        if not low <= number <= high:
            raise wrong(self.param(name), f"should be from {low} to {high}")
        return number

    def instant(self, name: str) -> int | None:
        """Return Unix seconds."""
        return self.whole(name, 0, LATEST_SECONDS)

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a truth value."""
        value = self.pairs.get(name)
        if not value:
            return default
        if value.lower() not in {"true", "false"}:
            raise wrong(self.param(name), "should be true or false")
        return value.lower() == "true"

    def choice(
        self, name: str, options: Collection[str], default: str | None = None
    ) -> str | None:
        """Return one of some words."""
        value = self.pairs.get(name)
        if not value:
            return default
        if value not in options:
            known = ", ".join(sorted(options))
            raise wrong(self.param(name), f"should be one of {known}")
        return value

    def json(self, name: str) -> dict[str, Any] | None:
        """Return a JSON object that was sent as text."""
        value = self.pairs.get(name)
        if not value:
            return None
        try:
            found = parse_storable(value.encode())
        except ValueError as error:
            raise wrong(self.param(name), "should be a JSON object") from error
        if not isinstance(found, dict):
            raise wrong(self.param(name), "should be a JSON object")
        return found

    def given(self, readers: Mapping[str, Callable[[str], Any]]) -> dict[str, Any]:
        """Return what was given of some parameters, each read by its reader."""
        return {name: read(name) for name, read in readers.items() if self.has(name)}

    def strings(self, name: str) -> list[str]:
        """Return the values of `name[0]`, `name[1]` and so on."""
        rows = [
            (_place(key, name), value)
            for key, value in self.pairs.items()
            if key.startswith(f"{name}[") and value
        ]
        return [value for _, value in sorted(rows)]

    def group(self, name: str) -> "Form":
        """Return the parameters `name[…]` as a form of their own."""
        inner = {
            match[1]: value
            for key, value in self.pairs.items()
            if (match := re.fullmatch(rf"{re.escape(name)}\[([a-z0-9_]+)\]", key))
        }
        return Form(inner, f"{name}[{{}}]")

    def rows(self, name: str) -> list["Form"]:
        """Return the rows `name[field][0]`, `name[field][1]` … in their order."""
        found: dict[int, dict[str, str]] = {}
        shape = re.compile(rf"{re.escape(name)}\[([a-z0-9_]+)\]\[([0-9]{{1,4}})\]")
        for key, value in self.pairs.items():
            if not key.startswith(f"{name}["):
                continue
            match = shape.fullmatch(key)
            if match is None:
                raise wrong(key, "should be a field and a row number")
            found.setdefault(int(match[2]), {})[match[1]] = value
        if len(found) > MOST_ROWS:
            raise wrong(name, f"cannot have more than {MOST_ROWS} rows")
        return [Form(found[place], f"{name}[{{}}][{place}]") for place in sorted(found)]


def _place(key: str, name: str) -> int:
    inner = key[len(name) + 1 : -1]
    if not key.endswith("]") or not re.fullmatch(r"[0-9]{0,4}", inner):
        raise wrong(key, "should be a row number")
    return int(inner or 0)


def listed(value: str) -> list[str]:
    """Return the members of a list written `["a","b"]` or `['a', 'b']`.

    Chargebee's clients write the second form.
    """
    return ["".join(match) for match in _QUOTED.findall(value.strip()[1:-1])]


def form_of(pairs: Sequence[tuple[str, str]]) -> Form:
    """Return the parameters; of one given twice the last counts."""
    return Form(dict(pairs))
