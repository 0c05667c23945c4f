"""Inbox: open breaks and conflicts, each with both sides, and what can be decided."""

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from dashboard import desk, tables
from dashboard.formats import count, exact, instant, plain
from dashboard.tables import NONE
from dashboard.view import View
from operations.decisions import overwrite
from operations.exceptions import Exception_, open_exceptions
from operations.standing import accept, acknowledge
from operations.store import Store

TITLE = "Inbox"
PATH = "inbox"
ICON = ":material/inbox:"
FILTERS: tuple[str, ...] = ()

SHOWN = 50
EVERYBODY = "everybody"
# What `concord overwrite` decides: a person's edit against the golden value.
EDITS = {"user_edit", "conflict"}

# What an exception's detail says of its two sides and of the repair, as people read it.
_SIDES = (
    ("left_value", "left_system"),
    ("right_value", "right_system"),
    ("theirs", "system"),
    ("ours", None),
    ("proposed_value", "target_system"),
)
_WORDS = {
    "left_value": "One side",
    "right_value": "Other side",
    "theirs": "There now",
    "ours": "Golden value",
    "proposed_value": "Proposed",
}


def show(_view: View) -> None:
    """Draw the open exceptions, the gravest and those with most money first."""
    desk.say_what_came()
    with desk.opened() as store:
        if store is None:
            return
        if not desk.actor():
            st.warning(desk.NOBODY, icon=":material/no_accounts:")
        found = open_exceptions(store)
        if not found:
            st.success(
                "Nothing waits: every difference is repaired or explained.",
                icon=":material/verified:",
            )
            return
        owners = sorted({each.broken.owner for each in found})
        owner = st.selectbox(
            "Whose", [EVERYBODY, *owners], key="owner", bind="query-params", width=220
        )
        mine = [each for each in found if owner in {EVERYBODY, each.broken.owner}]
        _list(store, mine)


def _list(store: Store, found: Sequence[Exception_]) -> None:
    ranked = sorted(
        found,
        key=lambda each: (
            -each.escalation,
            each.broken.severity,
            -abs(each.broken.difference_minor or 0),
            each.broken.fingerprint,
        ),
    )
    st.subheader(count(len(ranked), "open item"))
    for each in ranked[:SHOWN]:
        with st.container(border=True):
            _item(store, each)
    if len(ranked) > SHOWN:
        st.caption(f"The {SHOWN} gravest of {len(ranked):,}: choose an owner.")


def _item(store: Store, found: Exception_) -> None:
    """Draw one exception with both sides, who owns it and what can be said of it."""
    broken = found.broken
    amount = (
        ""
        if broken.difference_minor is None
        else f" · {broken.currency}"
        f" {exact(broken.difference_minor, broken.currency or 'USD')}"
    )
    st.markdown(f"**{plain(broken.subject)}**{plain(amount)}")
    st.caption(
        f"{plain(broken.kind)} · {plain(broken.severity)} · {plain(broken.owner)}"
        f" · {found.state} · since {instant(found.opened_at)}"
        + (f" · due {instant(found.due_at)}" if found.due_at else "")
        + (f" · back {count(found.reopened, 'time')}" if found.reopened else "")
        + (
            f" · [customer](customer?id={broken.customer_id})"
            if broken.customer_id
            else ""
        )
    )
    sides = [
        {
            "what": _WORDS[value],
            "where": (broken.detail.get(system) if system else None) or NONE,
            "value": broken.detail.get(value) or NONE,
        }
        for value, system in _SIDES
        if broken.detail.get(value) is not None
    ]
    if sides:
        st.table(
            tables.styled(
                sides,
                (
                    tables.text("Side", "what"),
                    tables.text("System", "where"),
                    tables.text("Value", "value", rem=12),
                ),
            ),
            hide_index=True,
            border="horizontal",
            alt=f"Both sides of: {broken.subject}",
        )
    key = str(found.exception_id)
    if broken.kind in EDITS:
        _overwrite(broken.fingerprint, key)
    elif found.state in {"open", "reopened", "acknowledged", "proposed"}:
        _stand(broken.fingerprint, key)
    with st.expander("Comments"):
        desk.talk(store, broken.fingerprint, key)


def _stand(fingerprint: str, key: str) -> None:
    """Let somebody take the exception, or let the difference stay as it is."""

    def taken(store: Store, by: str, at: datetime, reason: str) -> None:
        acknowledge(store, [fingerprint], by, at, reason)

    def accepted(store: Store, by: str, at: datetime, reason: str) -> None:
        accept(store, [fingerprint], by, at, reason)

    with st.form(f"stand-{key}", border=False):
        st.text_input("Reason, for the auditor", key=f"stands-{key}")
        words = f"stands-{key}"
        with st.container(horizontal=True):
            desk.button(
                "Take it",
                taken,
                key=f"take-{key}",
                words_key=words,
                done="Yours: it is acknowledged.",
            )
            desk.button(
                "Let it stand",
                accepted,
                key=f"accept-{key}",
                words_key=words,
                done="Accepted, as long as it does not change.",
            )


def _overwrite(fingerprint: str, key: str) -> None:
    """Let the golden value win over what a colleague entered, if somebody says so."""

    def said(store: Store, by: str, at: datetime, reason: str) -> None:
        overwrite(store, [fingerprint], by, at, reason)

    with st.form(f"overwrite-{key}", border=False):
        st.text_input("Reason, for the auditor", key=f"why-{key}")
        desk.button(
            "Let the golden value win",
            said,
            key=f"overwrite-{key}-yes",
            words_key=f"why-{key}",
            done="Decided: the next run plans it anew.",
        )
