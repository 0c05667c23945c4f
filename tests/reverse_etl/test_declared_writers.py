"""Declared writers: a file says how records are written, or what is wrong with it."""

from importlib.resources import files
from pathlib import Path

import pytest

from ingestion.declared import VENDORS, DeclarationError
from reverse_etl.destinations import declared
from reverse_etl.destinations.declared import WRITERS, writer, writers
from reverse_etl.destinations.declared.writer import Call, WrittenObject

GUIDE = Path(__file__).parents[2] / "docs" / "add_a_vendor.md"
FILE = files(declared) / "vitally.yml"
PLAIN = """vendor: acme
objects:
  account: {read: "GET /a/{id}", update: "PATCH /a/{id}"}
"""


def test_the_guide_shows_vitally_as_it_is() -> None:
    """What a reader copies is what runs, without its comment."""
    block = GUIDE.read_text("utf-8").partition("This is all of Vitally's:")[2]
    shown = block.partition("```yaml\n")[2].partition("```")[0]
    lines = FILE.read_text("utf-8").splitlines(keepends=True)

    assert shown == "".join(line for line in lines if not line.startswith("#"))


def test_a_file_without_creation_makes_nothing() -> None:
    """What is not declared is not done; the record's field is called id."""
    read = writer(PLAIN, "acme.yml")

    assert (read.vendor, read.id) == ("acme", "id")
    assert read.objects == {
        "account": WrittenObject(
            read=Call("GET", "/a/{id}"),
            update=Call("PATCH", "/a/{id}"),
            create=None,
            key="",
            sent_twice="nothing",
            data="",
            version="",
        )
    }


def test_every_writer_is_of_a_declared_vendor(tmp_path: Path) -> None:
    """Who is reached and what its errors ask for is said once, where it is read."""
    (tmp_path / "acme.yml").write_text(PLAIN, encoding="utf-8")
    (tmp_path / "notes.txt").write_text("not a vendor", encoding="utf-8")

    assert set(WRITERS) <= {vendor.name for vendor in VENDORS}
    assert list(writers(tmp_path)) == ["acme"]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("acme", "other", "the vendor is 'other'; call the file other.yml"),
        ("GET /a/{id}", "FETCH /a/{id}", "is no call; write one of GET, POST"),
        ("GET /a/{id}", "GET a/{id}", "is no call"),
        ("GET /a/{id}", "GET /a", "the call names no record; put {id}"),
        ('update: "PATCH /a/{id}"', "data: x", "the key 'update' is missing"),
        ("{read:", "{create: POST /a, read:", "the key 'key' is missing"),
        ("{read:", "{batch: 100, read:", "'batch' is no key here"),
        (
            "{read:",
            "{create: POST /a, key: k, sent_twice: maybe, read:",
            "'maybe' is not known here; use upsert, key, search",
        ),
    ],
)
def test_a_mistake_is_named(old: str, new: str, says: str) -> None:
    """The sentence has the file, what is wrong, and what is allowed."""
    with pytest.raises(DeclarationError, match=r"acme\.yml, line") as raised:
        writer(PLAIN.replace(old, new), "acme.yml")

    assert says in str(raised.value)
