"""Duplicates: records that may be one, side by side, and what speaks for it."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import streamlit as st

from dashboard import desk, tables
from dashboard.formats import count, percent, plain
from dashboard.tables import NONE
from dashboard.view import Row, View
from operations.pins import Kind, Signature, pin, pins
from operations.store import Store

TITLE = "Duplicates to review"
PATH = "duplicates"
ICON = ":material/join_inner:"
FILTERS: tuple[str, ...] = ()

SHOWN = 20
ANSWERS: tuple[tuple[str, Kind], ...] = (
    ("They are one", "same"),
    ("They are two", "different"),
)

_QUESTIONS = """
    select * from published.questions
    order by probability_basis_points desc nulls last, left_key, right_key
"""


def show(view: View) -> None:
    """Draw the questions that nobody has answered yet."""
    desk.say_what_came()
    rows = view.rows(_QUESTIONS)
    with desk.opened() as store:
        if store is None:
            return
        if not desk.actor():
            st.warning(desk.NOBODY, icon=":material/no_accounts:")
        said = {
            (entity, each.left_key, each.right_key)
            for entity in {row["entity"] for row in rows}
            for each in pins(store, entity)
        }
        waiting = [row for row in rows if _pair(row) not in said]
        st.header(count(len(waiting), "question"))
        if len(waiting) < len(rows):
            st.caption(
                f"{len(rows) - len(waiting)} more were answered; the next run of the "
                "resolution takes the answers in."
            )
        if not waiting:
            st.success("Nothing is in doubt.", icon=":material/verified:")
        for row in waiting[:SHOWN]:
            with st.container(border=True):
                _question(store, row)
        if len(waiting) > SHOWN:
            st.caption(f"The {SHOWN} likeliest of {len(waiting):,}.")


def _pair(row: Row) -> tuple[str, str, str]:
    left, right = sorted((row["left_key"], row["right_key"]))
    return row["entity"], left, right


def _question(store: Store, row: Row) -> None:
    """Draw two records side by side, the model's evidence, and the two answers."""
    chance = row["probability_basis_points"]
    likely = "" if chance is None else f" · {percent(chance)} likely one"
    reason = str(row["reason"])
    st.markdown(f"**{plain(reason[:1].upper() + reason[1:])}**{likely}")
    left, right = json.loads(row["left_told"]), json.loads(row["right_told"])
    names = f"{row['left_name'] or row['left_key']} and {row['right_name'] or ''}"
    st.table(
        tables.styled(
            _side_by_side(row, left, right),
            (
                tables.text("", "field"),
                tables.text(row["left_key"], "left", rem=9),
                tables.text(row["right_key"], "right", rem=9),
                tables.text("Alike", "alike"),
            ),
        ),
        hide_index=True,
        border="horizontal",
        alt=f"Side by side: {names}",
    )
    findings = [
        {
            "comparison": comparison.replace("_", " "),
            "words": words,
            "weight": ("✓ for one, " if bits > 0 else "✕ for two, ")
            + f"{abs(bits):.1f} bits",
        }
        for comparison, words, bits in json.loads(row["findings"])
    ]
    if findings:
        st.table(
            tables.styled(
                findings,
                (
                    tables.text("Compared", "comparison"),
                    tables.text("Found", "words", rem=10),
                    tables.text("Speaks", "weight", rem=8),
                ),
            ),
            hide_index=True,
            border="horizontal",
            alt=f"What the model found of {names}",
        )
    _answers(store, row)


def _side_by_side(
    row: Row, left: Mapping[str, Any], right: Mapping[str, Any]
) -> list[Row]:
    told = [("name", row["left_name"], row["right_name"])]
    told += [
        (field, left.get(field), right.get(field))
        for field in dict.fromkeys((*left, *right))
        if field != "name"
    ]
    return [
        {
            "field": field.replace("_", " "),
            "left": one or NONE,
            "right": other or NONE,
            "alike": _alike(one, other),
        }
        for field, one, other in told
    ]


def _alike(one: Any, other: Any) -> str:
    """Say whether two values are one but for capitals, blanks and points."""
    if not one or not other:
        return NONE
    bare, other_bare = (
        "".join(each for each in str(value).casefold() if each.isalnum())
        for value in (one, other)
    )
    return "=" if bare == other_bare else "≠"


def _answers(store: Store, row: Row) -> None:
    """Let a person say that the two are one, or two."""
    key = f"{row['left_key']}|{row['right_key']}"
    with st.form(f"pin-{key}", border=False):
        st.text_input("Reason, for the auditor", key=f"why-{key}")
        with st.container(horizontal=True):
            for label, kind in ANSWERS:
                desk.button(
                    label,
                    _pinning(row, kind),
                    key=f"{kind}-{key}",
                    words_key=f"why-{key}",
                    done="Pinned: the next run of the resolution takes it in.",
                )
    with st.expander("Comments"):
        desk.talk(store, " ".join(_pair(row)[1:]), key)


def _pinning(row: Row, kind: Kind) -> desk.Decision:
    def said(store: Store, by: str, at: datetime, reason: str) -> None:
        records = (row["left_key"], row["right_key"])
        pin(store, row["entity"], kind, records, Signature(by, at, reason))

    return said
