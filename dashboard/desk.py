"""Desk: where people decide. It opens the operations store, and signs what they say.

Decisions are made by the very services that the command line uses; this module only
finds the store, the name of whoever sits here, and the words for what came of it.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import streamlit as st

from dashboard.entry import signature
from dashboard.formats import instant, person, plain
from dashboard.published import published_folder
from operations.assignments import CannotAssignError
from operations.comments import CannotCommentError, comment, comments
from operations.decisions import CannotDecideError
from operations.pins import CannotPinError
from operations.store import Store, StoreTooNewError

# What a button stands for: store, who, when, and the reason or words that were typed.
Decision = Callable[[Store, str, datetime, str], None]

NOBODY = (
    "Nothing can be decided here: your role only reads this page, or nobody is signed "
    "in and no name is configured. Ask for a role that decides, or start the dashboard "
    "with USER set."
)


def store_path(environ: Mapping[str, str] = os.environ) -> Path:
    """Return where the home that this dashboard shows keeps its operations store."""
    return published_folder(environ).parent / "operations.sqlite"


def actor() -> str:
    """Return who decides: whoever is signed in, else the name of the command line.

    Empty for nobody: also for whoever may only look at the page in sight, and as soon
    as a sign-in has expired.
    """
    return signature()


@contextmanager
def opened() -> Iterator[Store | None]:
    """Open the operations store, or say why there is none and give nothing."""
    path = store_path()
    if not path.exists():
        st.info(
            f"Nothing has run in {path.parent.name} yet, so nothing waits: begin with "
            "`make demo`, or set CONCORD_ENV to the environment you mean."
        )
        yield None
        return
    try:
        store = Store(path)
    except StoreTooNewError as error:
        st.error(plain(str(error)), icon=":material/update:")
        yield None
        return
    with store:
        yield store


def say_what_came() -> None:
    """Show what the decision before this drawing came to, once."""
    said = st.session_state.pop("came", None)
    if said:
        is_done, words = said
        if is_done:
            st.success(words, icon=":material/check_circle:")
        else:
            st.warning(words, icon=":material/group:")


def decide(what: Decision, words_key: str, done: str) -> None:
    """Carry out what a button stands for, and keep for the drawing what came of it.

    Called before the page is drawn anew: an item that somebody else has decided is not
    drawn any more, and whoever comes second must be told so nevertheless.
    """
    words = str(st.session_state.get(words_key, ""))
    try:
        with Store(store_path()) as store:
            what(store, actor(), datetime.now(UTC), words)
    except (
        CannotAssignError,
        CannotCommentError,
        CannotDecideError,
        CannotPinError,
    ) as error:
        came = (False, f"Nothing was changed. {plain(str(error))}")
    except sqlite3.OperationalError as error:
        came = (False, f"Nothing was changed; try again: {plain(str(error))}")
    else:
        came = (True, done)
    st.session_state["came"] = came


def button(label: str, what: Decision, *, key: str, words_key: str, done: str) -> None:
    """Draw a button of a form that decides in the name of whoever sits here."""
    st.form_submit_button(
        label,
        key=key,
        disabled=not actor(),
        on_click=decide,
        args=(what, words_key, done),
    )


def talk(store: Store, subject: str, key: str) -> None:
    """Show what was said about an item, and let people say more."""

    def say(store: Store, by: str, at: datetime, words: str) -> None:
        comment(store, subject, by, at, words)

    for said in comments(store, subject):
        st.caption(f"{person(said.by)}, {instant(said.at)}: {plain(said.words)}")
    with st.form(f"talk-{key}", clear_on_submit=True, border=False):
        st.text_input("Comment", key=f"words-{key}")
        button(
            "Add comment",
            say,
            key=f"say-{key}",
            words_key=f"words-{key}",
            done="Your comment stands in the audit chain.",
        )
