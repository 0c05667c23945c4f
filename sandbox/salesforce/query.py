"""Query: SOQL over REST, page by page."""

import re
from collections.abc import Sequence
from typing import Any

import orjson

from sandbox.salesforce.calls import Call, Reply
from sandbox.salesforce.errors import Refused
from sandbox.salesforce.org import Org
from sandbox.salesforce.results import Results, Shelf
from sandbox.salesforce.soql import Plan
from sandbox.salesforce.soql.groups import MAX_GROUPS
from sandbox.wire import made

DEFAULT_BATCH = 2000
SMALLEST_BATCH = 200
# Rows with rows of their own come in smaller pages, as they do at Salesforce.
NESTED_BATCH = 500
_BATCH = re.compile(r"batchSize\s*=\s*(\d{1,9})", re.IGNORECASE | re.ASCII)


class Queries:
    """`/query` and `/queryAll`."""

    def __init__(self, org: Org, shelf: Shelf) -> None:
        """Ask the organisation, keep results on the shelf."""
        self.org = org
        self.shelf = shelf

    def query(self, call: Call) -> Reply:
        """Answer a query with its first page."""
        text = call.params.get("q", "")
        deleted_too = call.path[0].lower() == "queryall"
        plan = self.shelf.plan(text, call.version, deleted_too=deleted_too)
        found = self.shelf.found(plan)
        if plan.kind == "count":
            return Reply(body={"totalSize": found[0][0], "done": True, "records": []})
        if plan.kind == "groups":
            if len(found) > MAX_GROUPS:
                sentence = (
                    "Aggregate query does not support queryMore(), use LIMIT to"
                    " restrict the results to a single batch"
                )
                raise Refused("EXCEEDED_ID_LIMIT", sentence)
            return _page([plan.row(each) for each in found], len(found), "")
        places = [place for (place,) in found]
        results = Results(
            # 18 characters in all, as Salesforce's own locators have.
            made("01g", self.org.store.number(), length=15),
            *(text, deleted_too, len(places), _batch(call, plan)),
        )
        if results.total > results.batch:
            self.shelf.keep(results, places)
        return self._rows(call, plan, results, places[: results.batch], 0)

    def more(self, call: Call, locator: str) -> Reply:
        """Answer with a further page of an earlier query."""
        results_id, _, start = locator.rpartition("-")
        results = self.shelf.get(results_id)
        if results is None or not start.isdecimal() or len(start) > 9:
            raise Refused("INVALID_QUERY_LOCATOR", "invalid query locator")
        if int(start) >= results.total:
            raise Refused("INVALID_QUERY_LOCATOR", "invalid query locator")
        plan = self.shelf.plan(
            results.text, call.version, deleted_too=results.deleted_too
        )
        places = self.shelf.places(results, int(start), results.batch)
        return self._rows(call, plan, results, places, int(start))

    def _rows(
        self, call: Call, plan: Plan, results: Results, places: list[int], start: int
    ) -> Reply:
        rows = [plan.template % row for row in self.shelf.rows(plan, places)]
        end = start + results.batch
        following = ""
        if end < results.total:
            following = call.url("query", f"{results.id}-{end}")
        return _page(rows, results.total, following)


def _page(rows: Sequence[str], total: int, following: str) -> Reply:
    page: dict[str, Any] = {"totalSize": total, "done": not following}
    if following:
        # Relative to the instance, as Salesforce gives it: callers put it after
        # `instance_url`.
        page["nextRecordsUrl"] = following
    page["records"] = orjson.Fragment("[" + ",".join(rows) + "]")
    return Reply(body=page)


def _batch(call: Call, plan: Plan) -> int:
    """Return the page size asked for; it is a hint, so nonsense is not an error."""
    found = _BATCH.search(call.headers.get("sforce-query-options", ""))
    most = NESTED_BATCH if plan.nested else DEFAULT_BATCH
    if found is None:
        return most
    return min(max(int(found[1]), SMALLEST_BATCH), most)
