"""Shell: what stands around every page: trust bar, filters, the next step if stuck."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Protocol

import duckdb
import streamlit as st

from dashboard import charts, entry, trust
from dashboard.access import NoEntryError, Reader
from dashboard.entry import is_open
from dashboard.formats import compact, count, day, instant, month, plain
from dashboard.published import Publication, PublicationError, current, published_folder
from dashboard.published import reading as opened
from dashboard.rows import alone
from dashboard.view import COMPANY, Scope, View, choice, links, months, scopes

LOOK_AGAIN_SECONDS = 60


class Page(Protocol):
    """What the module of a page offers."""

    TITLE: str
    PATH: str
    ICON: str
    # "month", and the levels below the company, that its numbers follow.
    FILTERS: tuple[str, ...]

    def show(self, view: View) -> None:
        """Draw the page."""


def framed(page: Page, pages: Mapping[str, Any]) -> Callable[[], None]:
    """Return what draws a page: the page itself, or what is missing and what to do."""

    def draw() -> None:
        folder = published_folder()
        shown: Path | None = None
        with st.container(horizontal_alignment="center"), st.container(width=1280):
            st.title(page.TITLE)
            try:
                looking = entry.enter(page.PATH)
                publication = current(folder)
                entities = looking.entities(page.PATH)
                with opened(publication, entities) as connection:
                    _draw(page, publication, connection, pages, looking)
                shown = publication.file
            except NoEntryError as error:
                entry.refuse(error)
                return
            except PublicationError as error:
                # Only our own words hold backticks: they set the command apart.
                sentence = plain(str(error)).replace(r"\`", "`")
                st.error(sentence, icon=":material/error:")
        _look_again(folder, shown)

    return draw


def _draw(
    page: Page,
    publication: Publication,
    connection: duckdb.DuckDBPyConnection,
    pages: Mapping[str, Any],
    looking: Reader,
) -> None:
    entities = looking.entities(page.PATH)
    chosen, scope = _filters(page, publication, connection)
    view = View(
        publication=publication,
        connection=connection,
        month=chosen,
        scope=scope,
        now=datetime.now(UTC),
        palette=charts.DARK if st.context.theme.type == "dark" else charts.LIGHT,
        pages={path: each for path, each in pages.items() if is_open(path, looking)},
        links=links(connection),
        customers=None if entities is None else alone(connection),
    )
    _trust_bar(view)
    if entities is not None:
        st.caption(f"Rows of {plain(', '.join(sorted(entities)))} only, as your role.")
    page.show(view)
    st.caption(
        f"Published {instant(publication.published_at)} as "
        f"{plain(publication.file.name)} by run {plain(publication.run_id)}. "
        "Amounts in USD are at the budget rate unless a title says otherwise."
    )


def _filters(
    page: Page, publication: Publication, connection: duckdb.DuckDBPyConnection
) -> tuple[date, Scope]:
    """Let the reader choose; the choice stands in the address, which can be sent."""
    known = months(connection) or [publication.as_of.replace(day=1)]
    by_name = {f"{each:%Y-%m}": each for each in known}
    chosen, scope = known[0], Scope.named(COMPANY)
    if not page.FILTERS:
        return chosen, scope
    with st.container(horizontal=True, gap="small"):
        if "month" in page.FILTERS:
            name = st.selectbox(
                "Month", list(by_name), key="month", bind="query-params", width=150
            )
            chosen = by_name[name]
        levels = [name for name in page.FILTERS if name != "month"]
        if levels:
            named = st.selectbox(
                choice(levels),
                scopes(connection, levels) or [COMPANY],
                key="scope",
                bind="query-params",
                width=280,  # its longest name in one line, so that boxes stand level
            )
            scope = Scope.named(named)
    return chosen, scope


def _trust_bar(view: View) -> None:
    """Say how far the numbers can be trusted, before any number."""
    said = trust.load(view.connection, view.month)
    late = said.late(view.now)
    fresh = len(said.sources) - len(late)
    found = said.open_breaks
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.badge(
            f"As of {day(view.publication.as_of)}",
            icon=":material/event:",
            color="gray",
        )
        st.badge(
            f"{month(view.month)} close: {said.close_status}",
            icon=":material/lock:"
            if said.close_status == "closed"
            else ":material/lock_open:",
            color="gray",
        )
        # Of some rows nobody can say that a check ties out: it may fail in the others.
        if view.customers is None:
            st.badge(
                f"{said.ties}/{len(said.checks)} checks tie out"
                + (f", {said.idle} did not run" if said.idle else ""),
                icon=":material/balance:",
                color="green" if said.ties == len(said.checks) else "orange",
            )
        st.badge(
            count(found, "open break")
            + ("" if view.customers is None else " of customers that are yours alone"),
            icon=":material/link_off:" if found else ":material/link:",
            color="red" if found else "green",
        )
        if said.at_risk:
            st.badge(
                f"USD {compact(said.at_risk)} at risk",
                icon=":material/payments:",
                color="red",
            )
        st.badge(
            f"{fresh}/{len(said.sources)} sources fresh"
            + (f" · {', '.join(late)} late" if late else ""),
            icon=":material/schedule:",
            color="orange" if late else "green",
        )
        st.badge(
            f"Snapshot {view.publication.file.stem}",
            icon=":material/database:",
            color="gray",
        )
        if "trust" in view.pages:
            st.page_link(view.pages["trust"], label="Why?", icon=":material/verified:")


def _look_again(folder: Path, shown: Path | None) -> None:
    """Show a newer publication without a reload: the page may stay open all day."""

    def look() -> None:
        try:
            entry.reader()
        except NoEntryError:
            st.rerun()  # an expired sign-in leaves nothing on the screen
        try:
            newest: Path | None = current(folder).file
        except PublicationError:
            newest = None
        # What cannot be read is looked at again only when another is published.
        if newest != shown and (shown or newest != st.session_state.get("looked_at")):
            st.session_state["looked_at"] = newest
            st.rerun()

    st.fragment(look, run_every=LOOK_AGAIN_SECONDS)()
