"""Api: Tryton's JSON-RPC, as its own clients speak it.

A request without an `id` is answered with HTTP statuses: 400 for what a user may not
do, 401 for a session that ended, 409 for a question to the user, 423 for a record that
somebody else changed meanwhile.
"""

import base64
import html
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from types import TracebackType
from typing import Any, Self

import httpx
import orjson

from sandbox.tryton import Unready

# Entering a few hundred invoices in one call takes Tryton some seconds.
_TIMEOUT = httpx.Timeout(300.0, connect=10.0)


class NotAccepted(Unready):
    """Tryton understood, and said no."""

    def __init__(self, method: str, said: str) -> None:
        """Put Tryton's sentence into one of ours."""
        super().__init__(
            f"Tryton did not accept {method}: {said}; look into its log, then run"
            " again."
        )


class Api:
    """One user's session with one database."""

    def __init__(self, url: str, database: str) -> None:
        """Prepare; nothing is sent before `login`."""
        self.context: dict[str, Any] = {}
        self._address = f"{url.rstrip('/')}/{database}/rpc/"
        self._client = httpx.Client(timeout=_TIMEOUT)

    def __enter__(self) -> Self:
        """Enter the block at whose end the connection is closed."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the connection."""
        self._client.close()

    def login(self, user: str, password: str) -> int:
        """Begin a session; return the user's number.

        Raises:
            NotAccepted: user and password do not belong together.
        """
        number, token, *_ = self.call("common.db.login", user, {"password": password})
        session = base64.b64encode(f"{user}:{number}:{token}".encode()).decode()
        self._client.headers["Authorization"] = f"Session {session}"
        return int(number)

    def model(self, name: str, method: str, *arguments: Any, **context: Any) -> Any:
        """Call a method of a model; keywords are added to the session's context."""
        return self.call(
            f"model.{name}.{method}", *arguments, {**self.context, **context}
        )

    def create(self, name: str, *records: Mapping[str, Any]) -> list[int]:
        """Create records of a model in one transaction; return their numbers."""
        created: list[int] = self.model(name, "create", list(records))
        return created

    def search_read(
        self, name: str, domain: list[Any], fields: list[str]
    ) -> list[dict[str, Any]]:
        """Return fields of all records that a domain describes, by number."""
        found: list[dict[str, Any]] = self.model(
            name, "search_read", domain, 0, None, [["id", "ASC"]], fields
        )
        return found

    def call(self, method: str, *arguments: Any) -> Any:
        """Call a remote procedure and return its result.

        Raises:
            Unready: the server cannot be reached.
            NotAccepted: the server said no.
        """
        body = orjson.dumps(
            {"method": method, "params": arguments},
            default=_typed,
            option=orjson.OPT_PASSTHROUGH_DATETIME,
        )
        try:
            response = self._client.post(
                self._address,
                content=body,
                headers={"Content-Type": "application/json"},
            )
        except httpx.TransportError as error:
            raise Unready(
                f"Tryton at {self._address} gave no answer ({type(error).__name__});"
                " look into its log, then run again."
            ) from error
        if not response.is_success:
            raise NotAccepted(method, _sentence(response))
        return response.json(object_hook=_plain)


def _typed(value: Any) -> Any:
    """Write a value as Tryton's JSON does."""
    if isinstance(value, Decimal):
        return {"__class__": "Decimal", "decimal": str(value)}
    if isinstance(value, date):
        return {
            "__class__": "date",
            "year": value.year,
            "month": value.month,
            "day": value.day,
        }
    raise TypeError(f"{type(value).__name__} is not known to Tryton's JSON")


def _plain(value: dict[str, Any]) -> Any:
    """Read a value as Tryton's JSON wrote it; moments stay as they are."""
    match value.get("__class__"):
        case "Decimal":
            return Decimal(value["decimal"])
        case "date":
            return date(value["year"], value["month"], value["day"])
        case _:
            return value


def _sentence(response: httpx.Response) -> str:
    """Return what the page of an error says, without its tags and full stop."""
    paragraphs = re.findall(r"<p>(.*?)</p>", response.text, re.DOTALL)
    said = html.unescape(" ".join(paragraphs)).strip()
    return said.removesuffix(" - ").rstrip(" -.") or f"status {response.status_code}"
