"""Board pack: seven pages of published rows, the same bytes whenever they are made."""

import re
import sys
import zlib
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from dashboard.metrics import glance
from dashboard.pack.compose import CARDS, compose
from dashboard.pack.drawings import lines
from dashboard.pack.paper import NoPaperError, to_pdf
from dashboard.published import PublicationError, current, reading
from operations.audit import verify
from operations.store import Store
from orchestration.cli import app
from orchestration.home import NotReadyError
from tests.dashboard.conftest import HOSTILE
from tests.dashboard.drawn import drawn, published

Publish = Callable[..., Path]


class Page(HTMLParser):
    """A page as a browser reads it: its elements, tables and texts."""

    def __init__(self, page: str) -> None:
        """Read a page."""
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.tables: dict[str, list[list[str]]] = {}
        self.texts: list[str] = []
        self.bold: list[str] = []
        self._rows: list[list[str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep an element."""
        self.tags.append((tag, dict(attrs)))
        if tag == "tr":
            self._rows.append([])

    def handle_data(self, data: str) -> None:
        """Keep a text, and in a table as a cell."""
        self.texts.append(data)
        last = self.tags[-1][0] if self.tags else ""
        if last == "caption" and data.strip():
            self._rows = self.tables.setdefault(data, [])
        elif last in {"th", "td"}:
            self._rows[-1].append(data)
        elif last == "b":
            self.bold.append(data)


def composed(file: Path, month: date | None = None) -> str:
    """Return the pack of a publication."""
    publication = current(file.parent)
    with reading(publication) as connection:
        return compose(publication, connection, month)[1]


def test_the_same_snapshot_makes_the_same_page(publish: Publish) -> None:
    """Whoever seals a pack can show later that nothing in it was changed."""
    file = publish()

    assert composed(file) == composed(file)
    assert composed(file, date(2026, 8, 1)) != composed(file)


def test_its_cards_are_rows_of_metric_values(publish: Publish) -> None:
    """The pack has no number of its own."""
    file = publish()
    rows = published(
        file,
        "select metric, value, unit from marts.metric_values"
        " where month = '2026-10-01' and level = 'company'",
    )
    expected = [
        glance(value, unit)
        for name in CARDS
        for metric, value, unit in rows
        if metric == name
    ]

    page = Page(composed(file))

    assert page.bold[: len(expected)] == expected


def test_each_quarter_rolls_from_opening_to_closing(publish: Publish) -> None:
    """What moved in three months is what lies between their ends, to the cent."""
    page = Page(composed(publish()))

    rows = page.tables["Four quarters, ending with the month of the pack"][1:]
    columns = [
        [
            Decimal(cell.replace(",", "").replace("\N{MINUS SIGN}", "-"))
            for cell in cells
        ]
        for cells in zip(*(row[1:] for row in rows), strict=True)
    ]
    assert len(columns) == 4
    assert [sum(column[:-1]) for column in columns] == [each[-1] for each in columns]
    assert [each[0] for each in columns[1:]] == [each[-1] for each in columns[:-1]]


def _read(cell: str) -> Decimal:
    return Decimal(cell.replace(",", "").replace("\N{MINUS SIGN}", "-"))


def test_a_name_from_outside_is_text_and_nothing_is_fetched(publish: Publish) -> None:
    """A customer's name can neither draw a picture nor run anything."""
    file = publish()
    name = f"<img src=x onerror=alert(1)>{HOSTILE}"
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            "update canonical.customers set legal_name = ? where customer_id = 'C-1'",
            [name],
        )
        connection.execute(
            "insert into marts.arr_reported by name select 'C-1' as customer_id,"
            " 'P-1' as product_id, 'US' as legal_entity_code, 'USD' as currency,"
            " date '2026-10-01' as month, 5 as closing_usd_minor"
        )

    page = Page(composed(file))

    assert name in page.texts
    assert {tag for tag, _ in page.tags}.isdisjoint({"script", "link", "iframe"})
    sources = [source for _, kept in page.tags if (source := kept.get("src"))]
    assert sources
    assert all(each.startswith("data:image/svg+xml;base64,") for each in sources)
    assert all(kept.get("alt") for tag, kept in page.tags if tag == "img")


def test_a_month_without_numbers_is_told(publish: Publish) -> None:
    """No empty pack is made: the sentence says which months there are."""
    with pytest.raises(PublicationError, match="has Nov 2024 to Oct 2026"):
        composed(publish(), date(2031, 1, 1))


@pytest.mark.parametrize(
    "values", [[5], [0, 0], [-7, 3], [9_999_999_999, 1], [101, 102]]
)
def test_a_drawing_holds_every_value(values: list[int]) -> None:
    """However small, large or alike values are, each point lies inside the picture."""
    points = [(date(2026, 1 + n, 1), value) for n, value in enumerate(values)]

    drawn_lines = lines({"One": points}, str, "One")

    (path,) = re.findall(r'<polyline points="([^"]+)"', drawn_lines)
    heights = [float(each.split(",")[1]) for each in path.split()]
    assert len(heights) == len(values)
    assert all(10 <= height <= 198 for height in heights)


@pytest.fixture(scope="module")
def needs_pango() -> None:
    """Skip where the system has no Pango: the pack is HTML only there."""
    try:
        to_pdf("<title>Nothing</title>")
    except NoPaperError as error:
        pytest.skip(str(error))


@pytest.mark.usefixtures("needs_pango")
def test_the_pdf_is_tagged_and_the_same_again(publish: Publish) -> None:
    """A screen reader finds headings and tables; a digest proves it unchanged."""
    page = composed(publish())

    paper = to_pdf(page)

    assert paper == to_pdf(page)
    plain = paper + b"".join(
        zlib.decompressobj().decompress(stream)
        for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", paper, re.DOTALL)
        if stream[:1] == b"\x78"
    )
    assert b"pdfuaid:part" in plain
    for mark in (b"/StructTreeRoot", b"/Lang (en)", b"/S /Table", b"/S /Figure"):
        assert mark in plain
    assert len(re.findall(rb"/Type /Page\b(?!s)", plain)) == 7


def test_without_pango_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing library is a sentence with the command, not a trace."""
    (tmp_path / "weasyprint.py").write_text("raise OSError('no libpango-1.0-0')")
    for name in [each for each in sys.modules if each.startswith("weasyprint")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(NoPaperError, match="apt install libpango"):
        to_pdf("<title>Pack</title>")


def test_whoever_takes_it_stands_in_the_audit_chain(
    publish: Publish, tmp_path: Path
) -> None:
    """The chain names who took which files of which snapshot, by their digests."""
    file = publish()
    store = file.parents[1] / "operations.sqlite"
    Store(store).close()
    out = tmp_path / "out"

    CliRunner().invoke(app, ["export", "board-pack", "--to", str(out), "--by", "anna"])

    page = (out / "board-pack-2026-10.html").read_bytes()
    assert page.decode() == composed(file)
    with Store(store) as operations:
        verify(operations)
        (row,) = operations.rows("select * from audit")
    assert (row["actor"], row["action"]) == ("anna", "export")
    assert row["subject"] == "board pack 2026-10"
    assert sha256(page).hexdigest() in row["detail"]
    assert datetime.fromisoformat(row["at"]) <= datetime.now(UTC)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--by", " "], "add --by NAME"),
        (["--by", "anna", "--month", "October"], "write it as 2026-10"),
    ],
)
def test_what_cannot_be_taken_is_told_before_it_is_written(
    publish: Publish, tmp_path: Path, words: list[str], told: str
) -> None:
    """Nobody's export, or one of no month, leaves nothing behind."""
    publish()

    result = CliRunner().invoke(
        app, ["export", "board-pack", "--to", str(tmp_path / "out"), *words]
    )

    assert isinstance(result.exception, NotReadyError)
    assert told in str(result.exception)
    assert not (tmp_path / "out").exists()


def test_the_close_page_hands_it_out(publish: Publish) -> None:
    """A person needs no command: the page prepares the same file."""
    publish()
    shown = drawn("close")

    shown.button[0].click().run()

    assert not shown.exception
    assert "Download HTML" in [each.label for each in shown.get("download_button")]
