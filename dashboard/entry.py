"""Entry: who is at the door of a page, and what is said to whoever may not come in."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import streamlit as st

from dashboard import access
from dashboard.access import AccessFileError, NoEntryError, Reader
from dashboard.formats import person, plain
from dashboard.published import published_folder

# What these show is of the company: not by entity, or of both sides of a comparison.
COMPANY_PAGES = frozenset({"close", "duplicates", "trust"})
_PAGE = "page"  # of the session: what its person looks at


def access_file(environ: Mapping[str, str] = os.environ) -> Path:
    """Return where the home that this dashboard shows says who may see what."""
    return published_folder(environ).parent / access.FILE


def reader() -> Reader:
    """Say who looks, as of now: a role or a sign-in may have ended since the drawing.

    Raises:
        NoEntryError: This person sees nothing.
    """
    try:
        rules = access.read(access_file())
    except AccessFileError as error:
        raise NoEntryError(
            f"Nothing is shown until it is clear who may see it. {error}",
            may_sign_in=False,
        ) from error
    return access.reader(rules, st.user.to_dict(), datetime.now(UTC))


def is_open(page: str, looking: Reader) -> bool:
    """Tell whether somebody's roles have something to see on a page."""
    if not looking.may_see(page):
        return False
    return looking.entities(page) is None or page not in COMPANY_PAGES


def enter(page: str) -> Reader:
    """Say who looks at a page, and keep which one it is for what is decided there.

    Raises:
        NoEntryError: This person sees nothing, or not this page.
    """
    looking = reader()
    if not looking.may_see(page):
        roles = ", ".join(role.name for role in looking.roles)
        raise NoEntryError(
            f"Your role ({roles}) does not have this page. Choose another one, or ask "
            f"whoever keeps `{access.FILE}` of this installation.",
            may_sign_in=False,
        )
    if not is_open(page, looking):
        raise NoEntryError(
            "This page is about the company, and your role has some of its legal "
            "entities: choose another page.",
            may_sign_in=False,
        )
    st.session_state[_PAGE] = page
    return looking


def signature() -> str:
    """Return whose name a decision on the page in sight carries; empty: nobody's."""
    try:
        looking = reader()
    except NoEntryError:
        return ""
    page = str(st.session_state.get(_PAGE, ""))
    return looking.name if looking.decides(page) else ""


def refuse(error: NoEntryError) -> None:
    """Say why there is nothing to see, and offer what can be done about it."""
    # Only our own words hold backticks: they set the command apart.
    sentence = plain(str(error)).replace(r"\`", "`")
    st.info(sentence, icon=":material/lock:")
    if error.may_sign_in:
        # Not of the type `primary`: white on its blue is too faint in the dark.
        st.button("Sign in", icon=":material/login:", on_click=st.login)


def say_who(looking: Reader) -> None:
    """Show in the margin who is signed in, and the way out."""
    if not looking.is_signed_in:
        return
    with st.sidebar:
        st.caption(f"Signed in as {person(looking.name)}")
        st.button("Sign out", icon=":material/logout:", on_click=st.logout)
