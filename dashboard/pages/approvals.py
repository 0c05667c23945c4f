"""Approvals: changes that wait for a word before they are sent, and dead letters."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import streamlit as st

from dashboard import desk, parts, tables
from dashboard.formats import exact, instant, person, plain
from dashboard.tables import NONE
from dashboard.view import View
from operations.decisions import Waiting, approve, reject, retry, waiting
from operations.quarantine import held
from operations.store import Store
from operations.taking_back import standing, take_back

TITLE = "Approvals"
PATH = "approvals"
ICON = ":material/how_to_reg:"
FILTERS: tuple[str, ...] = ()

UNDOABLE = 10
SHOWN = 50  # each is drawn with its fields: a person works through fewer in a sitting

Decide = Callable[[Store, Sequence[str], str, datetime, str], None]


def show(view: View) -> None:
    """Draw what waits, one box each."""
    desk.say_what_came()
    with desk.opened() as store:
        if store is None:
            return
        if not desk.actor():
            st.warning(desk.NOBODY, icon=":material/no_accounts:")
        open_ = _of(view, waiting(store, "waiting", "held"))
        _queue(
            store,
            f"{len(open_)} to approve",
            open_,
            (("Approve", approve), ("Reject", partial(reject, is_undecided=True))),
            "Nothing waits for approval.",
        )
        dead = _of(view, waiting(store, "rejected", "diverged"))
        _queue(
            store,
            f"{len(dead)} that a system refused",
            dead,
            (("Try again", retry),),
            "No system refused anything.",
        )
        _undoable(view, store)
        if view.customers is None:  # neither is told apart by customer
            _quarantined(store)
            _confirmed(store)


def _of(view: View, items: Sequence[Waiting]) -> list[Waiting]:
    """Leave out what is about customers whom this person does not see."""
    return [each for each in items if view.has(each.customer_id)]


def _queue(
    store: Store,
    title: str,
    items: Sequence[Waiting],
    choices: Sequence[tuple[str, Decide]],
    empty: str,
) -> None:
    """Draw the items of one queue, those with most money first."""
    st.header(title)
    if not items:
        st.caption(empty)
    ranked = sorted(items, key=lambda item: -abs(item.amount_minor or 0))
    for item in ranked[:SHOWN]:
        with st.container(border=True):
            _item(store, item, choices)
    if len(items) > SHOWN:
        st.caption(f"The {SHOWN} with most money of {len(items):,}.")


def _item(store: Store, item: Waiting, choices: Sequence[tuple[str, Decide]]) -> None:
    """Draw one change: what it does, why, and what can be said of it."""
    where = f"{item.system} {item.object} {item.record_id or '(new)'}"
    amount = (
        ""
        if item.amount_minor is None
        else f" · {item.currency} {exact(item.amount_minor, item.currency or 'USD')}"
    )
    why = f" {plain(item.state)}: {plain(item.why)}" if item.why else ""
    whose = f" · [customer](customer?id={item.customer_id})" if item.customer_id else ""
    st.markdown(f"**{plain(where)}**{amount}{whose}")
    st.caption(f"{plain(item.reason)} · since {instant(item.since)}.{why}")
    fields = [
        {
            "field": field["field"],
            "meaning": str(field.get("canonical") or NONE),
            "theirs": _shown(field, "theirs", item.currency),
            "ours": _shown(field, "ours", item.currency),
        }
        for field in json.loads(item.fields)
    ]
    if fields:
        st.table(
            tables.styled(
                fields,
                (
                    tables.text("Field", "field"),
                    tables.code("Meaning", "meaning"),
                    tables.text("There now", "theirs", rem=8),
                    tables.text("To be", "ours", rem=8),
                ),
            ),
            hide_index=True,
            border="horizontal",
            alt=f"Fields of {where}: there now and to be",
        )
    with st.form(f"decide-{item.change_id}", border=False):
        st.text_input("Reason, for the auditor", key=f"why-{item.change_id}")
        with st.container(horizontal=True):
            for label, decide in choices:
                desk.button(
                    label,
                    _deciding(decide, item.change_id),
                    key=f"{label}-{item.change_id}",
                    words_key=f"why-{item.change_id}",
                    done=f"{label}: {plain(where)}. The next run carries it out.",
                )
    with st.expander("Comments"):
        desk.talk(store, f"change:{item.change_id}", item.change_id)


def _shown(field: Mapping[str, Any], side: str, currency: str | None) -> str:
    """Write one side of a field; amounts, which are kept in minor units, as amounts."""
    value = field.get(side)
    if not value:
        return NONE
    is_amount = str(field.get("canonical", "")).endswith("_minor")
    return exact(int(value), currency or "USD") if is_amount else str(value)


def _deciding(decide: Decide, change_id: str) -> desk.Decision:
    def said(store: Store, by: str, at: datetime, reason: str) -> None:
        decide(store, [change_id], by, at, reason)

    return said


def _undoable(view: View, store: Store) -> None:
    """Offer to take back what was decided and came to nothing yet."""
    found = [each for each in standing(store, view.now) if view.has(each.customer_id)]
    if not found:
        return
    st.header(f"{len(found)} decided, not carried out yet")
    for each in found[:UNDOABLE]:
        with st.container(border=True):
            st.markdown(f"**{plain(each.about)}** · {plain(each.decision)}")
            st.caption(f"{person(each.by)}, {instant(each.at)}: {plain(each.reason)}")
            key = f"undo-{each.subject}"
            with st.form(key, border=False):
                st.text_input("Reason, for the auditor", key=f"why-{key}")
                desk.button(
                    "Take back",
                    _taking_back(each.subject),
                    key=f"{key}-yes",
                    words_key=f"why-{key}",
                    done="Taken back; both stand in the audit chain.",
                )
    if len(found) > UNDOABLE:
        st.caption(f"The {UNDOABLE} last of {len(found):,}.")


def _taking_back(subject: str) -> desk.Decision:
    def said(store: Store, by: str, at: datetime, reason: str) -> None:
        take_back(store, [subject], by, at, reason)

    return said


def _quarantined(store: Store) -> None:
    """List the records that came and fit nowhere."""
    parts.table(
        "Records in quarantine",
        [
            {
                "system": each.letter.system,
                "stream": each.letter.stream,
                "record": each.letter.record_id,
                "field": each.letter.field,
                "reason": each.letter.reason,
                "next": each.letter.next_step,
                "since": each.held_since,
            }
            for each in held(store)
        ],
        (
            tables.text("System", "system"),
            tables.text("Stream", "stream"),
            tables.text("Record", "record"),
            tables.text("Field", "field"),
            tables.text("Reason", "reason", rem=12),
            tables.text("Next step", "next", rem=12),
            tables.at("Since", "since"),
        ),
        empty="Every record that came was loaded.",
    )


def _confirmed(store: Store) -> None:
    """Show what became of what was decided last."""
    rows = store.rows(
        "select decisions.*, changes.system, changes.object, changes.state"
        " from decisions left join changes on change_id = subject"
        " order by decision_id desc limit 20"
    )
    parts.table(
        "Decided last, and what became of it",
        [
            {**dict(row), "at": datetime.fromisoformat(row["decided_at"])}
            for row in rows
        ],
        (
            tables.at("Decided", "at"),
            tables.text("By", "decided_by"),
            tables.code("Decision", "decision"),
            tables.text("System", "system"),
            tables.text("Object", "object"),
            tables.code("Now", "state"),
            tables.text("Reason", "reason", rem=10),
        ),
        empty="Nothing was decided yet.",
    )
