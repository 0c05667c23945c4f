"""What a walk says is gone is gone, in the order in which it was said."""

from collections.abc import Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from ingestion.load import Place, load
from ingestion.readings import (
    Arrival,
    Batch,
    Children,
    Gone,
    Known,
    Page,
    Reading,
    Step,
)
from ingestion.streams import Stream, epoch, text
from ingestion.systems import System

ORDERS = Stream("orders", "Order", (text("name", "name"),))
LINES = Stream("lines", "Line", (text("order", "order"), epoch("at", "at")))


class Vendor:
    """A vendor that says what a test wants, page by page."""

    REQUIRED = ("SHOP_URL",)
    STREAMS = (ORDERS, LINES)

    def __init__(self) -> None:
        """Say nothing yet."""
        self.pages: Sequence[Sequence[Arrival]] = []

    def client(self, _environ: Any, _transport: Any = None) -> Any:
        """Return a client that is never asked."""
        rest = SimpleNamespace(
            system="shop",
            read_at=datetime.now(UTC),
            budget=SimpleNamespace(at_once=1),
        )
        return nullcontext(rest)

    def readings(self, _known: Known) -> Sequence[Reading]:
        """Return one walk over all pages."""

        def fetch(step: Step) -> Page:
            place = step.place if isinstance(step.place, int) else 0
            last = place + 1 == len(self.pages)
            return Page(self.pages[place], None if last else place + 1)

        return [Reading("shop", ("orders", "lines"), fetch)]

    def named(self, stream: str, ids: Sequence[str]) -> Reading:
        """Nothing can be read by identifier."""
        raise KeyError(stream, ids)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Load pages and return what is alive then, by table."""
    vendor = Vendor()
    one = System("shop", "shop", vendor)
    for module in ("ingestion.load", "ingestion.systems"):
        monkeypatch.setattr(f"{module}.SYSTEMS", (one,))
    place = Place(tmp_path / "w.duckdb", tmp_path, tmp_path / "o.sqlite")

    def loaded(*pages: Sequence[Arrival]) -> dict[str, list[str]]:
        vendor.pages = pages
        load(place, {"SHOP_URL": "x"}).insist()
        with duckdb.connect(str(place.warehouse)) as connection:
            return {
                table: [
                    each
                    for (each,) in connection.execute(
                        f"select id from raw_shop.{table} where not is_deleted"
                        " order by id"
                    ).fetchall()
                ]
                for table in ("orders", "lines")
            }

    return loaded


def orders(*ids: str) -> Batch:
    """Return orders."""
    return Batch("orders", [{"id": each, "name": each} for each in ids])


def lines(order: str, *ids: str, at: int = 0) -> Batch:
    """Return lines of an order."""
    return Batch("lines", [{"id": each, "order": order, "at": at} for each in ids])


def whole(*order_ids: str, **more: Any) -> Children:
    """Say that all lines of some orders arrive."""
    return Children("lines", "order", order_ids, **more)


def test_what_is_gone_is_buried_and_what_returns_is_alive(shop: Any) -> None:
    """Between two words about one record the later one counts."""
    assert shop([orders("a", "b", "c")])["orders"] == ["a", "b", "c"]
    assert shop([Gone("orders", ["a", "never"])])["orders"] == ["b", "c"]
    assert shop([Gone("orders", ["b"])], [orders("b")])["orders"] == ["b", "c"]
    assert shop([orders("c")], [Gone("orders", ["c"])])["orders"] == ["b"]
    assert shop([orders("d")], [Gone("orders", ["d"])])["orders"] == ["b"]
    assert shop([orders("a")])["orders"] == ["a", "b"]


def test_children_that_did_not_come_are_gone(shop: Any) -> None:
    """Those of other parents are not concerned, nor those before a moment."""
    shop([lines("a", "a1", "a2"), lines("b", "b1"), lines("a", "late", at=2_000_000)])
    assert shop([whole("a"), lines("a", "a2")])["lines"] == ["a2", "b1"]
    assert shop([whole("a", "b")])["lines"] == []
    shop([lines("a", "old", at=0), lines("a", "new", at=2_000_000)])
    since = ("at", datetime(1970, 1, 2, tzinfo=UTC))
    assert shop([whole("a", since=since)])["lines"] == ["old"]


def test_a_child_of_an_earlier_sight_of_its_parent_is_gone(shop: Any) -> None:
    """The order moved while pages were read and lost a line in between."""
    before = [lines("a", "a1", "a2"), whole("a")]
    after = [lines("a", "a2"), whole("a")]

    assert shop(before, after)["lines"] == ["a2"]
    assert shop(before)["lines"] == ["a1", "a2"]
    assert shop(before, after)["lines"] == ["a2"]


def test_parents_may_be_named_by_several_columns(shop: Any) -> None:
    """A pair is a parent; a half of it is none."""
    shop([lines("a", "a1", at=5), lines("a", "a2", at=6), lines("b", "b1", at=5)])
    pair = Children("lines", ("order", "id"), [("a", "a1"), ("b", "a2")])

    assert shop([pair])["lines"] == ["a2", "b1"]
