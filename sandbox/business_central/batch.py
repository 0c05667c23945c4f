"""Business Central's batch: up to 100 calls in one, as one transaction if asked."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import orjson

from sandbox.business_central.calls import Calls
from sandbox.business_central.shapes import (
    PLAIN,
    Answer,
    Call,
    answered,
    bad,
    document,
)
from sandbox.store import Document
from sandbox.wire import Refusal, dump

# learn.microsoft.com, operational limits: calls in one batch.
MAX_CALLS = 100
# Believed, not verified: what is told of a call whose forerunner failed.
DEPENDENCY = {
    "error": {
        "code": "BadRequest",
        "message": "The request failed because a request it depends on failed.",
    }
}
_METHODS = ("GET", "POST", "PATCH", "DELETE", "PUT")


class _RolledBackError(Exception):
    """A call of a transaction failed."""


class Batch:
    """Carries out batches."""

    def __init__(self, calls: Calls) -> None:
        """Carry their calls out here."""
        self.calls = calls

    def carry_out(self, call: Call) -> Answer:
        """Carry out a batch.

        With `Isolation: snapshot` nothing stays if a call fails. Without it, what came
        before stays, and what comes after is left out unless the caller prefers
        `odata.continue-on-error`.
        """
        requests = (call.body or {}).get("requests")
        if not isinstance(requests, list) or not requests:
            raise bad("The batch has no requests.")
        if len(requests) > MAX_CALLS:
            sentence = f"The batch has {len(requests)} operations; the maximum is"
            raise bad(f"{sentence} {MAX_CALLS}.", "BadRequest_BatchLimitExceeded")
        ids = [each.get("id") if isinstance(each, dict) else None for each in requests]
        if not all(isinstance(each, str) for each in ids) or len(set(ids)) < len(ids):
            raise bad("Each request of a batch has an id of its own.")
        prefers = call.headers.get("prefer", "").lower()
        goes_on = "continue-on-error" in prefers and "=false" not in prefers
        if call.headers.get("isolation", "").lower() != "snapshot":
            return answered(
                {"responses": self._responses(call, requests, goes_on=goes_on)}
            )
        responses: list[Document] = []
        try:
            with self.calls.books.store.transaction():
                responses = self._responses(call, requests, goes_on=False)
                _insist_on_success(responses)
        except _RolledBackError:
            # What had been done is undone: only the failure is told of.
            responses = [each for each in responses if each["status"] >= 400]
        return answered({"responses": responses})

    def _responses(
        self, call: Call, requests: list[Document], *, goes_on: bool
    ) -> list[Document]:
        responses: dict[str, Document] = {}
        for each in requests:
            after = each.get("dependsOn", [])
            known = isinstance(after, list) and all(
                isinstance(one, str) and one in responses for one in after
            )
            if not known:
                raise bad(f"dependsOn of request {each['id']} names no earlier one.")
            if any(responses[one]["status"] >= 400 for one in after):
                answer = Answer(424, dump(DEPENDENCY))
            else:
                answer = self._one(call, each, responses)
            responses[each["id"]] = _told(each["id"], answer)
            if answer.status >= 400 and not goes_on:
                break
        return list(responses.values())

    def _one(
        self, call: Call, wanted: Document, before: Mapping[str, Document]
    ) -> Answer:
        """Carry out one call of a batch; a refusal is its answer."""
        try:
            return self.calls.carry_out(_call(call, wanted, before))
        except Refusal as refusal:
            return Answer(refusal.response.status_code, bytes(refusal.response.body))


def _insist_on_success(responses: list[Document]) -> None:
    if any(each["status"] >= 400 for each in responses):
        raise _RolledBackError


def _call(batch: Call, wanted: Document, before: Mapping[str, Document]) -> Call:
    method, url = wanted.get("method"), wanted.get("url")
    if not isinstance(method, str) or method.upper() not in _METHODS:
        raise bad(f"Request {wanted['id']} has no method.")
    if not isinstance(url, str) or not url:
        raise bad(f"Request {wanted['id']} has no url.")
    for name, response in before.items():
        # "$1/salesInvoiceLines" stands for what request 1 made.
        if url == f"${name}" or url.startswith(f"${name}/"):
            made = response["headers"].get("Location", "")
            url = made + url.removeprefix(f"${name}")
    try:
        parts = urlsplit(url)
    except ValueError as broken:
        raise bad(f"Request {wanted['id']} has a broken url.") from broken
    path = unquote(parts.path)
    path = path.rpartition("/api/v2.0/")[2].strip("/")
    given = wanted.get("headers") or {}
    if not isinstance(given, dict):
        raise bad(f"Request {wanted['id']} has broken headers.")
    body: Any = wanted.get("body")
    if isinstance(body, str):
        body = document(body.encode("utf-8", "replace"))
    if body is not None and not isinstance(body, dict):
        raise bad(f"Request {wanted['id']} has a body that is no JSON object.")
    return Call(
        method.upper(),
        path,
        dict(parse_qsl(parts.query, keep_blank_values=True)),
        {str(name).lower(): str(value) for name, value in given.items()},
        body,
        batch.root,
    )


def _told(request_id: str, answer: Answer) -> Document:
    """Return the answer to one call of a batch."""
    told: Document = {
        "id": request_id,
        "status": answer.status,
        "headers": {"OData-Version": "4.0", **answer.headers},
    }
    if answer.content:
        is_text = answer.kind == PLAIN
        told["headers"]["Content-Type"] = PLAIN if is_text else "application/json"
        content = answer.content
        told["body"] = content.decode() if is_text else orjson.Fragment(content)
    return told
