"""Faults: what a declared vendor's error answers ask the caller to do next."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import httpx

from ingestion.declared.answers import AbsentError, found
from ingestion.declared.said import Said
from ingestion.errors import (
    Conflict,
    Refused,
    Rejected,
    SystemFault,
    Transient,
    Unknown,
    reaction,
)
from ingestion.transport.documents import document
from ingestion.transport.signals import LONGEST_PAUSE_SECONDS, retry_after

REACTIONS: Mapping[str, type[SystemFault]] = {
    each.__name__: each for each in (Transient, Unknown, Conflict, Rejected, Refused)
}
_PATHS = ("code", "message", "field", "retry_after")
_HEADER = "header "
_LEAST_STATUS, _MOST_STATUS = 300, 599


@dataclass(frozen=True, slots=True)
class Faults:
    """A vendor's errors.

    Attributes:
        system: whose.
        settings: what to check where a credential is not accepted.
        classes: what each error asks for, by `status code`, by code, by status; what is
            not here is decided by its status alone.
        code: where a body has the vendor's code.
        message: where it has the sentence.
        field: where it has the name of the field that is wrong.
        pause: where the seconds to wait stand: a path, or `header` and its name.
    """

    system: str
    settings: str
    classes: Mapping[str, type[SystemFault]]
    code: str = ""
    message: str = ""
    field: str = ""
    pause: str = ""

    def classify(self, response: httpx.Response, *, wrote: bool) -> SystemFault:
        """Turn an error answer into a fault."""
        status = response.status_code
        body = _body(response)
        code = _text(body, self.code)
        message = _text(body, self.message) or code or f"the answer was status {status}"
        unauthorized = status == httpx.codes.UNAUTHORIZED
        return self._kind(status, code, wrote=wrote)(
            self.system,
            message.strip().rstrip("."),
            f"check {self.settings}, then run again" if unauthorized else "",
            field=_text(body, self.field),
            code=code,
            status=status,
            retry_after=self._pause(response, body),
        )

    def _kind(self, status: int, code: str | None, *, wrote: bool) -> type[SystemFault]:
        for name in (f"{status} {code}", code, str(status)):
            kind = self.classes.get(name) if name else None
            if kind is not None:
                return kind
        return reaction(status, wrote=wrote)

    def _pause(self, response: httpx.Response, body: Any) -> float | None:
        """Return the seconds that the vendor asks to wait; None where it does not."""
        asked = retry_after(response)
        if asked is not None or not self.pause:
            return asked
        if self.pause.startswith(_HEADER):
            said = response.headers.get(self.pause.removeprefix(_HEADER))
        else:
            said = _text(body, self.pause)
        try:
            seconds = Decimal(said or "")
        except ArithmeticError:
            return None
        if not seconds.is_finite() or seconds < 0:
            return None
        return min(float(seconds), LONGEST_PAUSE_SECONDS)


def faults(declared: Said | None, system: str, settings: str) -> Faults:
    """Return a vendor's errors; without a declaration, those of its statuses.

    Raises:
        DeclarationError: they cannot be read so.
    """
    if declared is None:
        return Faults(system, settings, {})
    keys = declared.table((*_PATHS, *REACTIONS))
    classes: dict[str, type[SystemFault]] = {}
    for name, kind in REACTIONS.items():
        for each in keys[name].entries() if name in keys else []:
            error = _error(each)
            if error in classes:
                raise each.wrong(f"{error!r} is declared twice", "keep one of them")
            if isinstance(each.value, str) and "code" not in keys:
                raise each.wrong(
                    f"nothing says where the code {error!r} stands in a body",
                    "add code: path.of.the.code to errors",
                )
            classes[error] = kind
    paths = {name: keys[name].text() for name in _PATHS if name in keys}
    paths["pause"] = paths.pop("retry_after", "")
    return Faults(system, settings, classes, **paths)


def _error(declared: Said) -> str:
    """Return an error as it is looked for: a status, a code, or both."""
    if isinstance(declared.value, int):
        status = declared.number(_LEAST_STATUS)
        if status > _MOST_STATUS:
            raise declared.wrong(
                f"{status} is no HTTP status", "put a vendor's code in quotes"
            )
        return str(status)
    return declared.text()


def _body(response: httpx.Response) -> Any:
    try:
        return document(response.content)
    except ValueError:  # a web page, or nothing
        return None


def _text(body: Any, path: str) -> str | None:
    """Return the text at a path of a body, None where there is none."""
    if not path:
        return None
    try:
        value = found(body, path)
    except AbsentError:
        return None
    if isinstance(value, str | int | Decimal) and not isinstance(value, bool):
        return str(value) or None
    return None
