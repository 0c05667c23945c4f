"""Results: what a query found, kept so that its pages can be asked for one by one.

Kept are the rows' places in their order, in pieces; the rows themselves are read when
their page is. So a page costs the same at the end of a million rows as at the start.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sandbox.salesforce.org import SYSTEM, Org
from sandbox.salesforce.replica import Replica
from sandbox.salesforce.soql import Plan, Target, compile_query, read

PIECE = 2000
# Salesforce forgets a query locator two days after the query.
LOCATOR_LIFE = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Results:
    """The results of one query.

    Attributes:
        id: under which they are kept.
        text: the query.
        deleted_too: whether rows in the recycle bin were looked at.
        total: how many rows were found.
        batch: how many rows make a page.
    """

    id: str
    text: str
    deleted_too: bool
    total: int
    batch: int


class Shelf:
    """Where the results of queries are kept."""

    def __init__(self, org: Org) -> None:
        """Keep them in the organisation's store."""
        self.org = org

    def plan(self, text: str, version: str, *, deleted_too: bool) -> Plan:
        """Return the plan of a query; Refused if it isn't one."""
        org, replica = self.org, Replica(self.org)
        target = Target(
            *(org.objects, replica.table, org.index, org.clock.now()),
            f"/services/data/{version}",
            deleted_too,
            is_past=replica.seen is not None,
        )
        return compile_query(read(text), target)

    def found(self, plan: Plan) -> list[tuple[Any, ...]]:
        """Return what a plan finds: places, groups or a number."""
        self.org.store.settle()
        return self.org.store.rows(plan.places, plan.values)

    def rows(
        self, plan: Plan, places: Sequence[int], *, as_text: bool = False
    ) -> list[tuple[Any, ...]]:
        """Return the rows at some places that are still there."""
        values = (*plan.source_values, json.dumps(places))
        if as_text:
            # The children of rows have values, and CSV has no children.
            values = values[-1:]
        return self.org.store.rows(plan.page(as_text=as_text), values)

    def keep(
        self,
        results: Results,
        places: Sequence[int],
        life: timedelta = LOCATOR_LIFE,
    ) -> None:
        """Keep results for later pages, for so long."""
        store = self.org.store
        with store.transaction():
            self._forget_old()
            until = self.org.clock.now() + life
            paper = {
                "Id": results.id,
                "text": results.text,
                "deleted_too": results.deleted_too,
                "total": results.total,
                "batch": results.batch,
                "until": int(until.timestamp()),
            }
            store.keep(SYSTEM, "_results", paper)
            for start in range(0, len(places), PIECE):
                piece = {
                    "Id": f"{results.id}-{start}",
                    "places": places[start : start + PIECE],
                    "until": paper["until"],
                }
                store.keep(SYSTEM, "_places", piece)

    def get(self, results_id: str) -> Results | None:
        """Return results that are not forgotten yet."""
        paper = self.org.store.collection(SYSTEM, "_results").get(results_id)
        if paper is None or paper["until"] <= self.org.clock.now().timestamp():
            return None
        return Results(
            *(results_id, paper["text"], paper["deleted_too"]),
            *(paper["total"], paper["batch"]),
        )

    def places(self, results: Results, start: int, size: int) -> list[int]:
        """Return the places of so many rows from a row on."""
        pieces = self.org.store.collection(SYSTEM, "_places")
        found: list[int] = []
        first = start - start % PIECE
        for begin in range(first, min(start + size, results.total), PIECE):
            piece = pieces.get(f"{results.id}-{begin}")
            found.extend(piece["places"] if piece else ())
        return found[start - first : start - first + size]

    def drop(self, results_id: str) -> None:
        """Forget results."""
        store = self.org.store
        store.drop(SYSTEM, "_results", results_id)
        table = store.collection(SYSTEM, "_places").table
        # A place's id is its results' id, a dash and a number: `.` follows the dash.
        between = (f"{results_id}-", f"{results_id}.")
        store.run(f"delete from {table} where id >= ? and id < ?", between)

    def _forget_old(self) -> None:
        now = int(self.org.clock.now().timestamp())
        old = self.org.store.collection(SYSTEM, "_results").select(
            "id", "json_extract(body, '$.until') <= ?", (now,)
        )
        for (results_id,) in old:
            self.drop(str(results_id))
