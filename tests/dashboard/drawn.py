"""Drawn: a page as the browser would get it, and rows read without its help."""

from pathlib import Path
from typing import Any

import duckdb
from streamlit.testing.v1 import AppTest

APP = Path(__file__).parents[2] / "dashboard" / "app" / "main.py"


def app(user: dict[str, Any] | None = None) -> AppTest:
    """Draw the app as people start it: its navigation and its first page."""
    page = AppTest.from_file(str(APP), default_timeout=120)
    page.user = user or {}
    return page.run()


def drawn(module: str, user: dict[str, Any] | None = None, **address: str) -> AppTest:
    """Draw one page as its address asks for it, for a signed-in user or nobody."""
    page = AppTest.from_string(
        f"from dashboard.pages import {module}\n"
        "from dashboard.shell import framed\n"
        f"framed({module}, {{}})()\n",
        default_timeout=120,
    )
    page.user = user or {}
    for name, value in address.items():
        page.query_params[name] = value
    return page.run()


def words(page: AppTest) -> str:
    """Every piece of running text on the page, badges included."""
    return "\n".join(str(piece.value) for piece in page.markdown)


def tables(page: AppTest, column: str) -> Any:
    """Return the one table that has this column."""
    (table,) = (one.value for one in page.table if column in one.value.columns)
    return table


def published(file: Path, query: str) -> list[tuple[Any, ...]]:
    """Published rows, read without the dashboard's help."""
    with duckdb.connect(str(file), read_only=True) as connection:
        return connection.execute(query).fetchall()
