"""A declared vendor of the tests' own, its server, and walks to their ends.

Walks are followed as the core follows them: each place has been through JSON, and none
may be announced twice.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx

from ingestion.declared import DeclaredVendor, declared
from ingestion.raw.typed import typed
from ingestion.readings import Batch, Gone, Known, Reading, Step
from ingestion.transport.rest import Rest

Document = dict[str, Any]
Handler = Callable[[httpx.Request], httpx.Response]

ENVIRON = {"PIPEDRIFT_URL": "https://pipedrift.test", "PIPEDRIFT_API_KEY": "key-123456"}
CURSOR = {"kind": "cursor", "param": "after", "next": "meta.next", "size": {"limit": 2}}


def text_of(**changed: Any) -> str:
    """Return the file of a vendor, with other values for some keys of its resource."""
    resource = {
        "path": "/deals",
        "data": "data",
        "page": CURSOR,
        "columns": {"name": "text", "updated_at": "instant"},
        **changed,
    }
    stated = {name: value for name, value in resource.items() if value is not None}
    return f"""\
vendor: pipedrift
kind: crm
base_url: "{{url}}/api"
auth: {{kind: bearer, token: "{{api_key}}"}}
limits: {{concurrency: 4, source: "invented for a test"}}
errors:
  code: error.code
  message: error.text
  field: error.field
  retry_after: error.wait
  Transient: [429, BUSY]
  Unknown: [504]
  Conflict: [STALE, "400 LOCKED"]
  Rejected: [404]
  Refused: [403, "400 CLOSED"]
resources:
  deals: {json.dumps(stated)}
"""


def vendor_of(**changed: Any) -> DeclaredVendor:
    """Return the vendor of that file."""
    return declared(text_of(**changed), "pipedrift.yml")


def client_of(vendor: DeclaredVendor, handler: Handler) -> Rest:
    """Return its client, and a function in place of its server."""
    return vendor.client(ENVIRON, httpx.MockTransport(handler))


def a_deal(number: int, updated_at: str = "2026-10-01T00:00:00Z") -> Document:
    """Return a record."""
    return {"id": number, "name": f"Deal {number}", "updated_at": updated_at}


@dataclass
class Walked:
    """What walks brought."""

    ids: list[str] = field(default_factory=list)
    rows: dict[str, Document] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    unfit: list[Document] = field(default_factory=list)
    total: int | None = None
    calls: int = 0


def walk(
    vendor: DeclaredVendor,
    rest: Rest,
    reading: Reading,
    since: datetime | None = None,
    until: datetime | None = None,
    *,
    between: Callable[[int], None] = lambda _number: None,
) -> Walked:
    """Follow a reading to its end; `between` is called after each page."""
    streams = {each.name: each for each in vendor.STREAMS}
    walked = Walked()
    before, place, seen = rest.requests, None, set[str]()
    while True:
        page = reading.fetch(Step(rest, place, since, until))
        if not seen:
            walked.total = page.total
        for arrival in page.arrivals:
            if isinstance(arrival, Gone):
                walked.gone += arrival.ids
            elif isinstance(arrival, Batch):
                table, unfit = typed(vendor.name, streams[arrival.stream], arrival)
                walked.ids += table.column("id").to_pylist()
                walked.rows |= {row["id"]: row for row in table.to_pylist()}
                walked.unfit += [dict(each.document) for each in unfit]
        written = json.dumps(page.next)
        assert written not in seen
        seen.add(written)
        between(len(seen))
        if page.next is None:
            walked.calls = rest.requests - before
            return walked
        place = json.loads(written)


def loaded(vendor: DeclaredVendor, handler: Handler, known: Known) -> Walked:
    """Walk what a load would, from its position."""
    [reading] = vendor.readings(known)
    with client_of(vendor, handler) as rest:
        return walk(vendor, rest, reading, known.since.get("deals"))


def answering(*answers: Any) -> Handler:
    """Return a server that gives these answers, the last one for ever."""
    left = list(answers)

    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=left.pop(0) if len(left) > 1 else left[0])

    return answer


@dataclass
class Shelf:
    """A server that lists records in one of the ways of paging."""

    records: Sequence[Document]
    kind: str
    asked: list[Mapping[str, str]] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer a page."""
        query = dict(request.url.params)
        self.asked.append(query)
        size = int(query["limit"]) if "limit" in query else max(len(self.records), 1)
        first = self._first(query, size)
        shown = self.records[first : first + size]
        last = first + size
        is_over = last >= len(self.records)
        answer: Document = {"data": shown, "meta": {"count": len(self.records)}}
        headers = {}
        if self.kind == "cursor":
            answer["meta"]["next"] = None if is_over else f"c{last}"
        elif self.kind == "cursor with more":
            answer["meta"] |= {"more": not is_over, "next": f"c{last}"}
        elif self.kind == "link":
            link = f"https://pipedrift.test/api/deals?limit={size}&start={last}"
            answer["meta"]["next"] = None if is_over else link
        elif self.kind == "relative link" and not is_over:
            answer["meta"]["next"] = f"?limit={size}&start={last}"
        elif self.kind == "header" and not is_over:
            link = f"/api/deals?limit={size}&start={last}"
            headers["Link"] = f'<{link}>; rel="next", </api/deals>; rel="first"'
        elif self.kind == "pages":
            answer["meta"]["pages"] = -(-len(self.records) // size)
        elif self.kind == "offset with more":
            answer["meta"]["more"] = not is_over
        return httpx.Response(200, json=answer, headers=headers)

    def _first(self, query: Mapping[str, str], size: int) -> int:
        if "after" in query:
            return int(query["after"].removeprefix("c"))
        if "page" in query:
            return (int(query["page"]) - 1) * size
        return int(query.get("start", 0))


# Each way of paging, as a file says it, by the name of what serves it.
WAYS: Mapping[str, Document] = {
    "cursor": {"kind": "cursor", "param": "after", "next": "meta.next"},
    "cursor with more": {
        "kind": "cursor",
        "param": "after",
        "next": "meta.next",
        "more": "meta.more",
    },
    "link": {"kind": "link", "next": "meta.next"},
    "relative link": {"kind": "link", "next": "meta.next?"},
    "header": {"kind": "link", "header": "Link"},
    "pages": {
        "kind": "pages",
        "param": "page",
        "total": "meta.pages",
        "stable": "sorted by id, nothing is ever deleted",
    },
    "offset": {
        "kind": "offset",
        "param": "start",
        "count": "meta.count",
        "stable": "sorted by id, nothing is ever deleted",
    },
    "offset with more": {
        "kind": "offset",
        "param": "start",
        "more": "meta.more",
        "stable": "sorted by id, nothing is ever deleted",
    },
    "single": {"kind": "single"},
}
