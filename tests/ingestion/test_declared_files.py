"""A file that cannot be read as a vendor is told so in one clear sentence."""

import re
from pathlib import Path
from typing import Any

import pytest

from ingestion import declared
from ingestion.declared import access, columns, faults, paging, resources
from ingestion.declared.resources import FORMATS
from ingestion.declared.said import said
from tests.ingestion.declared_walks import CURSOR, text_of

FOLDER = Path(declared.__file__).parent
GUIDE = Path(__file__).parents[2] / "docs" / "add_a_vendor.md"
WRITERS = Path(__file__).parents[2] / "reverse_etl" / "destinations" / "declared"
SENTENCE = re.compile(r"pipedrift\.yml, line \d+(, [\w.\[\]]+)?: [^\n]+; [^\n]+\.")


def refusal(text: str, file: str = "pipedrift.yml") -> str:
    """Return the sentence by which a file is refused."""
    with pytest.raises(declared.DeclarationError) as refused:
        declared.declared(text, file)
    return str(refused.value)


RESOURCE: list[tuple[dict[str, Any], str]] = [
    ({"fields": {}}, "'fields' is no key here; use path, object, params"),
    ({"path": None}, "the key 'path' is missing; add it"),
    ({"path": "deals"}, "'deals' is no path; write /it below the base_url"),
    ({"path": "/deals?all=1"}, "is no path"),
    ({"path": "/{what}"}, "is no path"),
    ({"path": "/deals/{id}"}, "is no path"),
    ({"page": {"param": "after"}}, "the key 'kind' is missing; add cursor, link"),
    (
        {"page": {**CURSOR, "kind": "token"}},
        "'token' is not known here; use cursor, link, pages, offset or single",
    ),
    ({"page": {"kind": "cursor", "next": "n"}}, "the key 'param' is missing"),
    ({"page": {**CURSOR, "first": 1}}, "'first' is no key here"),
    ({"page": {**CURSOR, "size": {"limit": 0}}}, "0 is too small; the least is 1"),
    ({"page": {**CURSOR, "size": 100}}, "100 is no table"),
    ({"page": {**CURSOR, "size": {}}}, "does not name one parameter"),
    ({"page": {**CURSOR, "may_be_empty": "yes"}}, "'yes' is neither true nor false"),
    ({"page": {"kind": "link"}}, "a link is in the body or in the header"),
    (
        {"page": {"kind": "link", "header": "Next"}},
        "'Next' is not known here; use Link",
    ),
    (
        {"page": {"kind": "pages", "param": "page", "total": "pages"}},
        "the key 'stable' is missing",
    ),
    (
        {"page": {"kind": "offset", "param": "start", "stable": "by id"}},
        "a short page is no proof that the list is over",
    ),
    ({"columns": {"Name": "text"}}, "'Name' is no name here; write small letters"),
    ({"columns": {"id": "key"}}, "every table has a column 'id' already"),
    ({"columns": {"name": "string"}}, "'string' is no kind of column; use one of text"),
    (
        {"columns": {"name": "text? name"}},
        "the ? stands at the kind and a path follows",
    ),
    ({"columns": {"name": 5}}, "5 is no text"),
    ({"columns": ["name"]}, "a list is no table"),
    ({"key": []}, "a list without names identifies nothing"),
    ({"params": {"tags": ["a"]}}, "a list is no value of a parameter"),
    ({"sweep": "1w"}, "'1w' is no length of time; write a number with s, m, h or d"),
    ({"sweep": "1d"}, "without changes everything is listed with every load"),
    (
        {"sweep": "1h", "changes": {"cursor": "updated_at", "since": "from"}},
        "that is too often; the shortest period is 12h",
    ),
    ({"changes": {"since": "from"}}, "the key 'cursor' is missing"),
    (
        {"changes": {"cursor": "name", "since": "from"}},
        "'name' is not known here; use updated_at",
    ),
    (
        {"columns": {"name": "text"}, "changes": {"cursor": "name", "since": "from"}},
        "no column is a moment",
    ),
    (
        {"changes": {"cursor": "updated_at"}},
        "does not say how to ask only for what changed",
    ),
    (
        {"changes": {"cursor": "updated_at", "stops_at": "id"}},
        "'id' is not known here; use cursor",
    ),
    (
        {"changes": {"cursor": "updated_at", "stops_at": "cursor", "until": "to"}},
        "until goes with since only",
    ),
    (
        {"changes": {"cursor": "updated_at", "since": "from", "format": "unix"}},
        "'unix' is not known here; use iso, epoch, milliseconds or day",
    ),
    (
        {
            "page": {"kind": "pages", "param": "p", "total": "n", "stable": "by id"},
            "changes": {"cursor": "updated_at", "stops_at": "cursor"},
        },
        "a list by time of change moves, and pages lose its rows",
    ),
    ({"deleted": {"is": True}}, "the key 'field' is missing"),
    ({"deleted": {"field": "a", "is": [1]}}, "this is no single value"),
    ({"by_id": "/deals"}, "one {id} asks for a record of one identifier"),
    ({"by_id": "/deals/{id}", "key": ["a", "b"]}, "a record of one identifier"),
]


@pytest.mark.parametrize(("changed", "sentence"), RESOURCE)
def test_a_resource_that_makes_no_sense(changed: dict[str, Any], sentence: str) -> None:
    """The sentence has the file, the line, the key, and what is allowed instead."""
    told = refusal(text_of(**changed))

    assert SENTENCE.fullmatch(told)
    assert sentence in told
    assert ", resources.deals" in told


WINDOW = "{name: day, calls: 1, per: 1d, source: there"
FILE = [
    ("vendor: pipedrift", "vendor: Pipe Drift", "'Pipe Drift' is no name here"),
    (
        "vendor: pipedrift",
        "vendor: other",
        "the vendor is 'other'; call the file other",
    ),
    ("kind: crm", "kynd: crm", "'kynd' is no key here; use vendor, kind, base_url"),
    ("kind: crm", "", "the key 'kind' is missing"),
    ("kind: crm", "kind: crm\nkind: erp", "line 3, kind: the key stands twice"),
    ("kind: crm", "kind: [crm", "this is not YAML"),
    ("kind: crm", "kind: {a: text?}", "put quotes around what has a ? in braces"),
    ("kind: crm", "kind: &a [*a]", "a part of the file contains itself"),
    ("{url}", "{URL}", "'URL' is no name here"),
    ("kind: bearer", "kind: oauth1", "use basic, bearer, api_key or oauth2"),
    ("kind: bearer, ", "", "the key 'kind' is missing; add one of basic"),
    (', token: "{api_key}"', "", "the key 'token' is missing"),
    ('"{api_key}"', "abc", "a secret does not stand in a file"),
    (
        'bearer, token: "{api_key}"',
        'basic, username: "", password: ""',
        "no setting is named",
    ),
    (
        'bearer, token: "{api_key}"',
        'api_key, header: "X Key", value: "{k}"',
        "'X Key' is no name of a header",
    ),
    ("concurrency: 4, ", "", "the key 'concurrency' is missing"),
    ("concurrency: 4", "concurrency: four", "'four' is no whole number"),
    ("concurrency: 4", "windows: [{name: day}], concurrency: 4", "'calls' is missing"),
    (
        "concurrency: 4",
        f"windows: [{WINDOW}, reserve: 2}}], concurrency: 4",
        "2 is no share",
    ),
    (
        "concurrency: 4",
        f"windows: [{WINDOW}, paths: '('}}], concurrency: 4",
        "'(' is no regular expression",
    ),
    ("Transient: [429, BUSY]", "Transient: 429", "429 is no list"),
    ("Transient: [429, BUSY]", "Transient: [606]", "606 is no HTTP status"),
    ("Transient: [429, BUSY]", "Transient: [200]", "200 is too small"),
    ("Transient: [429, BUSY]", "Transient: [403]", "'403' is declared twice"),
    ("Transient: [429, BUSY]", "Retry: [429]", "'Retry' is no key here"),
    ("code: error.code", "", "nothing says where the code 'BUSY' stands in a body"),
    ("resources:", "names: kebab\nresources:", "'kebab' is not known here"),
    ("resources:", "common: {limit: 5}\nresources:", "'limit' is no key here"),
    (
        "resources:",
        "headers: {a: {}}\nresources:",
        "a table is no text",
    ),
    ("  deals:", "  Deals:", "'Deals' is no name here"),
]


@pytest.mark.parametrize(("old", "new", "sentence"), FILE)
def test_a_file_that_makes_no_sense(old: str, new: str, sentence: str) -> None:
    """One sentence for each mistake, whatever part of the file it is in."""
    text = text_of()
    assert old in text

    told = refusal(text.replace(old, new, 1))

    assert SENTENCE.fullmatch(told)
    assert sentence in told


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "line 1: the file is empty; declare a vendor."),
        ("# only a comment\n", "line 1: the file is empty; declare a vendor."),
        ("vitally", "line 1: 'vitally' is no table; write keys with values."),
        ("a: \x00", "line 1: this is not YAML; save it as text in UTF-8."),
    ],
)
def test_a_file_that_is_none(text: str, sentence: str) -> None:
    """An empty file is not an empty vendor."""
    assert refusal(text) == f"pipedrift.yml, {sentence}"


def test_no_resources_are_no_vendor() -> None:
    """A vendor that fills nothing was left half written."""
    text = text_of()[: text_of().index("  deals:")].replace(
        "resources:", "resources: {}"
    )

    assert "there is no resource; declare one" in refusal(text)


def test_words_are_texts_unless_they_are_plainly_not() -> None:
    """Norway stays Norway, and a day is no object of Python's."""
    found = said(
        "{no: no, day: 2026-11-01, octal: 010, n: 12, q: '12', f: 0.5}", "a.yml"
    )

    assert {name: each.value for name, each in found.pairs().items()} == {
        "no": "no",
        "day": "2026-11-01",
        "octal": "010",
        "n": 12,
        "q": "12",
        "f": 0.5,
    }


def test_every_file_of_the_folder_is_a_vendor_of_at_most_forty_lines() -> None:
    """Found by itself, in the order of the names."""
    files = sorted(FOLDER.glob("*.yml"))

    assert [each.name for each in declared.VENDORS] == [file.stem for file in files]
    for file in files:
        assert len(file.read_text(encoding="utf-8").splitlines()) <= 40


def test_the_guide_shows_vitally_as_it_is() -> None:
    """An example that is not the file would teach what does not work."""
    read, written = re.findall(
        r"```yaml\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL
    )

    assert read == (FOLDER / "vitally.yml").read_text(encoding="utf-8")
    assert written in (WRITERS / "vitally.yml").read_text(encoding="utf-8")


def test_the_guide_names_every_key_and_kind() -> None:
    """What can be said and is nowhere described would be found by nobody."""
    guide = GUIDE.read_text("utf-8")
    words = {
        *resources.KEYS,
        *columns.KINDS,
        *columns.NAMES,
        *faults.REACTIONS,
        *FORMATS,
        *paging.KINDS,
        *access.KINDS,
        *("vendor", "kind", "base_url", "auth", "headers", "limits", "errors"),
        *("names", "common", "resources", "concurrency", "source", "windows"),
    }

    missing = sorted(word for word in words if f"`{word}" not in guide)

    assert missing == []
