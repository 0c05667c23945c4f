"""The published copy: found, opened for a moment, or refused with the next step."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pytest

from dashboard.published import PublicationError, current, published_folder, reading
from dashboard.trust import Trust, load

MONTH = date(2026, 10, 1)

Damage = Callable[[Path, Path], None]


def _no_pointer(folder: Path, _file: Path) -> None:
    (folder / "current.json").unlink()


def _broken_pointer(folder: Path, _file: Path) -> None:
    (folder / "current.json").write_text('{"file": "revenue_1.du', encoding="utf-8")


def _pointer_without_day(folder: Path, file: Path) -> None:
    (folder / "current.json").write_text(
        json.dumps({"file": file.name}), encoding="utf-8"
    )


def _pointer_that_is_a_list(folder: Path, _file: Path) -> None:
    (folder / "current.json").write_text("[]", encoding="utf-8")


def _no_file(_folder: Path, file: Path) -> None:
    file.unlink()


def _file_that_is_no_database(_folder: Path, file: Path) -> None:
    file.write_bytes(b"not a database" * 1000)


def _file_without_a_mart(_folder: Path, file: Path) -> None:
    with duckdb.connect(str(file)) as connection:
        connection.execute("drop table reconciliation.check_results")


def _read(folder: Path) -> Trust:
    """Read what every page says."""
    with reading(current(folder)) as connection:
        return load(connection, MONTH)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (_no_pointer, "Nothing is published in"),
        (_broken_pointer, "does not name a publication"),
        (_pointer_without_day, "does not name a publication"),
        (_pointer_that_is_a_list, "does not name a publication"),
        (_no_file, "is gone from"),
        (_file_that_is_no_database, "cannot be read"),
        (_file_without_a_mart, "cannot be read"),
    ],
)
def test_what_cannot_be_shown_is_told_in_one_sentence(
    publish: Callable[..., Path], damage: Damage, said: str
) -> None:
    """Whatever is wrong with a publication, the reader learns what to type next."""
    file = publish()
    damage(file.parent, file)

    with pytest.raises(PublicationError, match=said) as refused:
        _read(file.parent)

    assert "`make demo`" in str(refused.value)


def test_a_pointer_cannot_lead_out_of_its_folder(publish: Callable[..., Path]) -> None:
    """The page opens files of the published folder and no others."""
    file = publish()
    pointer = file.parent / "current.json"
    said = json.loads(pointer.read_text(encoding="utf-8"))
    pointer.write_text(
        json.dumps({**said, "file": f"../../{file.name}"}), encoding="utf-8"
    )

    assert current(file.parent).file == file


def test_the_folder_is_where_the_installation_publishes() -> None:
    """The same two words name the home as everywhere; without them it is the demo."""
    environ = {"CONCORD_HOME": "/srv/concord", "CONCORD_ENV": "prod"}

    assert published_folder(environ) == Path("/srv/concord/prod/published")
    assert published_folder({}) == Path(".concord/demo/published")


def test_reading_leaves_the_copy_free_and_unchanged(
    publish: Callable[..., Path],
) -> None:
    """A reader holds nothing once the page is drawn and cannot write at all."""
    file = publish()
    before = file.read_bytes()

    _read(file.parent)

    assert file.read_bytes() == before
    with duckdb.connect(str(file)) as writer:  # would fail beside an open reader
        writer.execute("create table marts.free (id integer)")
