"""Tryton's JSON-RPC: sessions, calls, values and refusals.

A call without an `id` is answered with HTTP statuses, which `classify` turns. Values
that JSON lacks come as objects: `{"__class__": "Decimal", "decimal": "12.30"}` keeps
every digit. Tryton's moments are in UTC whatever the time zone of its machine is.
"""

import base64
import html
import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Any

import httpx

from ingestion.errors import (
    Conflict,
    Refused,
    Rejected,
    SystemFault,
    Transient,
    naming,
    reaction,
)
from ingestion.readings import Document
from ingestion.streams import exact
from ingestion.transport.auth import unreachable
from ingestion.transport.documents import document
from ingestion.transport.exchange import NotTakenError, exchange
from ingestion.transport.redaction import Secret, secret
from ingestion.transport.rest import Rest, retry_after

RPC = "/rpc/"
_PAGE = 1000
_DAY = ("year", "month", "day")
_MOMENT = (*_DAY, "hour", "minute", "second", "microsecond")


@dataclass(slots=True)
class Session:
    """A user's session: a token that Tryton ends when it is not used for a while."""

    url: str
    user: str
    password: str = field(repr=False)
    _value: str | None = field(default=None, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def identity(self) -> str:
        """Return the user, by whom Tryton counts."""
        return self.user

    def headers(self, client: httpx.Client) -> Mapping[str, str]:
        """Return the session as a header, beginning one where there is none.

        Raises:
            Refused: user and password do not belong together, or no such database.
            Transient: the server cannot be reached or turns logins away.
        """
        with self._lock:
            if self._value is None:
                self._value = self._begin(client)
            return {"Authorization": Secret(f"Session {self._value}")}

    def renew(self, refused: Mapping[str, str]) -> bool:
        """Forget the session in these headers: the next call begins another."""
        with self._lock:
            if refused.get("Authorization") == f"Session {self._value}":
                self._value = None
        return True

    def _begin(self, client: httpx.Client) -> str:
        login = call("common.db.login", self.user, {"password": self.password})
        try:
            response = exchange(client, "POST", self.url, json=login)
        except httpx.TransportError as error:
            raise unreachable("tryton", self.url, error) from error
        except NotTakenError as error:
            raise Transient("tryton", f"the login: {error}") from error
        if not response.is_success:
            raise classify(response, wrote=False)
        try:
            number, token, *_ = document(response.content)
        except (ValueError, TypeError) as error:
            raise Refused(
                "tryton",
                "the login was answered with something that is no session",
                "check that TRYTON_URL is the address of a Tryton server, then run"
                " again",
            ) from error
        secret(str(token))
        session = f"{self.user}:{number}:{token}"
        return secret(base64.b64encode(session.encode()).decode("ascii"))


def call(method: str, *arguments: Any) -> dict[str, Any]:
    """Return the body of a remote procedure call."""
    return {"method": method, "params": arguments}


def ask(rest: Rest, model: str, method: str, *arguments: Any, **context: Any) -> Any:
    """Call a method of a model that changes nothing.

    Raises:
        SystemFault: as `classify` says.
    """
    body = call(f"model.{model}.{method}", *arguments, context)
    with naming(model):
        return rest.parsed(rest.read_post(RPC, json=body))


def tell(rest: Rest, model: str, method: str, *arguments: Any, **context: Any) -> Any:
    """Call a method of a model that changes something; sent once, see `Rest.write`.

    Raises:
        SystemFault: as `classify` says; Unknown where the answer was lost.
    """
    body = call(f"model.{model}.{method}", *arguments, context)
    with naming(model):
        return rest.parsed(rest.write("POST", RPC, json=body))


def search_read(
    rest: Rest, model: str, domain: list[Any], fields: tuple[str, ...], limit: int
) -> list[Document]:
    """Return the first records that a domain describes, in the order of their ids."""
    order = [["id", "ASC"]]
    found = ask(rest, model, "search_read", domain, 0, limit, order, fields)
    return [_ordered(record) for record in found]


def _ordered(value: Any) -> Any:
    """Return a document with its keys in order.

    Tryton's own order changes when the server starts anew, and a record that did not
    change would arrive as another text.
    """
    match value:
        case dict():
            return {name: _ordered(value[name]) for name in sorted(value)}
        case list():
            return [_ordered(each) for each in value]
        case _:
            return value


def page(
    rest: Rest,
    model: str,
    domain: list[Any],
    fields: tuple[str, ...],
    last: int | None,
) -> tuple[list[Document], int | None]:
    """Return the records after an id, in the order of their ids, and their last id.

    None where there are no more.
    """
    after = [] if last is None else [["id", ">", last]]
    found = search_read(rest, model, [*domain, *after], fields, _PAGE)
    return found, found[-1]["id"] if len(found) == _PAGE else None


def everything(rest: Rest, model: str, fields: tuple[str, ...]) -> Iterator[Document]:
    """Yield all records of a model that is small."""
    last = None
    while True:
        found, last = page(rest, model, [], fields, last)
        yield from found
        if last is None:
            return


def amount_of(value: Any) -> Decimal:
    """Return the exact number in Tryton's JSON; KeyError or TypeError if it is none."""
    if value["__class__"] != "Decimal":
        raise TypeError
    return exact(Decimal(value["decimal"]))


def day_of(value: Any) -> date:
    """Return the day in Tryton's JSON; KeyError or TypeError if it is none."""
    if value["__class__"] != "date":
        raise TypeError
    return date(value["year"], value["month"], value["day"])


def moment_of(value: Any) -> datetime:
    """Return the moment in Tryton's JSON; KeyError or TypeError if it is none."""
    if value["__class__"] != "datetime":
        raise TypeError
    day = value["year"], value["month"], value["day"]
    time = value["hour"], value["minute"], value["second"], value["microsecond"]
    return datetime(*day, *time, tzinfo=UTC)


def amount(value: Decimal) -> dict[str, Any]:
    """Write an exact number as Tryton's JSON does."""
    return {"__class__": "Decimal", "decimal": str(value)}


def day(value: date) -> dict[str, Any]:
    """Write a day as Tryton's JSON does."""
    return {"__class__": "date"} | {name: getattr(value, name) for name in _DAY}


def moment(value: datetime) -> dict[str, Any]:
    """Write a moment as Tryton's JSON does."""
    there = value.astimezone(UTC)
    return {"__class__": "datetime"} | {name: getattr(there, name) for name in _MOMENT}


def classify(response: httpx.Response, *, wrote: bool) -> SystemFault:
    """Turn an error answer into a fault; Tryton tells its sentence in an HTML page."""
    status = response.status_code
    paragraphs = re.findall(r"<p>(.*?)</p>", response.text, re.DOTALL)
    said = html.unescape(" ".join(paragraphs)).strip().rstrip(" -.")
    reason = said[:300] or f"the answer was status {status}"
    next_step = ""
    match status:
        case HTTPStatus.LOCKED:  # a ConcurrencyException: the stamps differ
            kind: type[SystemFault] = Conflict
        case HTTPStatus.CONFLICT:  # a UserWarning: a question to whoever is there
            kind = Rejected
            next_step = "answer the question in Tryton, then run again"
        case HTTPStatus.UNAUTHORIZED:
            kind, reason = Refused, "user and password were not accepted"
            next_step = "check TRYTON_USER and TRYTON_PASSWORD, then run again"
        case HTTPStatus.NOT_FOUND:
            kind, reason = Refused, "there is no such database"
            next_step = "check TRYTON_URL and TRYTON_DATABASE, then run again"
        case HTTPStatus.BAD_REQUEST if not wrote:
            kind = Refused  # no record is at fault when a question is not allowed
        case HTTPStatus.GATEWAY_TIMEOUT:
            kind = Transient  # the database gave up and took everything back
        case _:
            kind = reaction(status, wrote=wrote)
    fault = kind("tryton", reason, next_step, status=status)
    fault.retry_after = retry_after(response)
    return fault
