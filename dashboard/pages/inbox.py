"""Inbox: open breaks and conflicts, each with both sides, and what can be decided."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import streamlit as st

from dashboard import controls, desk, tables
from dashboard.formats import count, day, exact, instant, person, plain
from dashboard.view import View
from operations.assignments import Handling, assign, handling, snooze, wake
from operations.decisions import overwrite
from operations.exceptions import Exception_, accepted_exceptions, open_exceptions
from operations.lifecycle import history
from operations.standing import ACCEPTABLE, accept
from operations.store import Store
from operations.taking_back import take_back

TITLE = "Inbox"
PATH = "inbox"
ICON = ":material/inbox:"
FILTERS: tuple[str, ...] = ()

SHOWN = 25  # each with its forms: a person works through fewer in a sitting
EVERYBODY, MINE, NOBODYS = "everybody", "mine", "nobody's yet"
REST_DAYS = 7
# What `concord overwrite` decides: a person's edit against the golden value.
EDITS = {"user_edit", "conflict"}

# A comparison shows both sides, also the one that has nothing, by their systems' names.
_COMPARED = (("left_value", "left_system"), ("right_value", "right_system"))
# What else an exception's detail says: value, system, and how both are called.
_SIDES = (
    ("theirs", "system", "{}, now"),
    ("ours", "", "golden value"),
    ("proposed_value", "target_system", "proposed for {}"),
)
EMPTY = "(nothing)"


def show(view: View) -> None:
    """Draw the open exceptions, the gravest and those with most money first."""
    desk.say_what_came()
    with desk.opened() as store:
        if store is None:
            return
        if not desk.actor():
            st.warning(desk.NOBODY, icon=":material/no_accounts:")
        found = [
            each for each in open_exceptions(store) if view.has(each.broken.customer_id)
        ]
        if not found:
            st.success(
                "Nothing waits: every difference is repaired or explained.",
                icon=":material/verified:",
            )
        else:
            _list(view, store, found, handling(store))
        _let_stand(view, store)


def _let_stand(view: View, store: Store) -> None:
    """Offer to take back that differences stand."""
    found = [
        each for each in accepted_exceptions(store) if view.has(each.broken.customer_id)
    ]
    if not found:
        return
    st.header(f"{len(found)} let stand")
    for each in found[:SHOWN]:
        with st.container(border=True):
            _stands(store, each)


def _stands(store: Store, found: Exception_) -> None:
    """Draw one difference that somebody let stand, with who did, and why."""
    fingerprint = found.broken.fingerprint

    def said(store: Store, by: str, at: datetime, reason: str) -> None:
        take_back(store, [fingerprint], by, at, reason)

    moved = [
        each
        for each in history(store, fingerprint)
        if each.action == "exception accepted"
    ]
    st.markdown(f"**{plain(found.broken.subject)}**")
    for each in moved[-1:]:
        why = plain(str(each.detail.get("reason", "")))
        st.caption(f"{person(each.actor)}, {instant(each.at)}: {why}")
    done = "Open again; both stand in the audit chain."
    _ask("Take back", said, "undo", str(found.exception_id), done)


def _list(
    view: View, store: Store, found: Sequence[Exception_], said: Mapping[str, Handling]
) -> None:
    """Let people choose whose items they see, and draw those."""
    today = datetime.now(UTC).date()
    resting = {
        each.exception_id
        for each in found
        if _said(said, each).is_resting(each.broken, today)
    }
    owners = sorted({each.broken.owner for each in found})
    with st.container(horizontal=True, vertical_alignment="bottom"):
        whose = st.selectbox(
            "Whose",
            [EVERYBODY, MINE, NOBODYS, *owners],
            key="owner",
            bind="query-params",
            width=220,
        )
        with_resting = bool(resting) and st.toggle(
            f"Show {len(resting)} that rest", key="resting", bind="query-params"
        )
    holders = {MINE: desk.actor(), NOBODYS: ""}
    chosen = [
        each
        for each in found
        if (with_resting or each.exception_id not in resting)
        and (
            _said(said, each).assignee == holders[whose]
            if whose in holders
            else whose in {EVERYBODY, each.broken.owner}
        )
    ]
    ranked = sorted(
        chosen,
        key=lambda each: (
            -each.escalation,
            each.broken.severity,
            -abs(each.broken.difference_minor or 0),
            each.broken.fingerprint,
        ),
    )
    st.header(count(len(ranked), "open item"))
    if not ranked:
        st.caption("None of this choice: choose everybody to see all that are open.")
    for each in ranked[:SHOWN]:
        with st.container(border=True):
            _item(view, store, each, _said(said, each))
    if len(ranked) > SHOWN:
        st.caption(f"The {SHOWN} gravest of {len(ranked):,}: choose an owner.")


def _said(said: Mapping[str, Handling], found: Exception_) -> Handling:
    return said.get(found.broken.fingerprint, Handling())


def _item(view: View, store: Store, found: Exception_, said: Handling) -> None:
    """Draw one exception with both sides, who owns it and what can be said of it."""
    broken = found.broken
    amount = (
        ""
        if broken.difference_minor is None
        else f" · {broken.currency}"
        f" {exact(broken.difference_minor, broken.currency or 'USD')}"
    )
    # Not in the caption below, where a link is too faint to be read.
    whose = (
        f" · [customer](customer?id={broken.customer_id})" if broken.customer_id else ""
    )
    page = _page(view, broken.record_key)
    where = f" · [record]({page})" if page else ""
    st.markdown(f"**{plain(broken.subject)}**{amount}{whose}{where}")
    st.caption(" · ".join(_told(found, said)))
    sides = _sides(broken.detail)
    if sides:
        st.table(
            tables.styled(
                sides,
                (
                    tables.text("Where", "where"),
                    tables.text("Value", "value", rem=8),
                ),
            ),
            hide_index=True,
            border="horizontal",
            alt=f"Both sides of: {broken.subject}",
        )
    key = str(found.exception_id)
    if broken.kind in EDITS:
        _overwrite(broken.fingerprint, key)
    elif found.state in ACCEPTABLE:
        _stand(broken.fingerprint, key)
    with st.expander("Hand over, let rest, comment"):
        _hand_over(broken.fingerprint, key, said)
        _let_rest(broken.fingerprint, key)
        if said.is_resting(broken, datetime.now(UTC).date()):
            _wake(broken.fingerprint, key)
        desk.talk(store, broken.fingerprint, key)


def _told(found: Exception_, said: Handling) -> list[str]:
    """Say what is known of an exception besides its sides: whose, since when."""
    broken = found.broken
    told = [
        plain(broken.kind),
        f"severity {plain(broken.severity)}",
        plain(broken.owner),
        found.state,
        f"since {instant(found.opened_at)}",
    ]
    if "push_class" in broken.detail:
        told.append(controls.waits(str(broken.detail["push_class"])).lower())
    if found.due_at:
        told.append(f"due {instant(found.due_at)}")
    if found.reopened:
        told.append(f"back {count(found.reopened, 'time')}")
    if said.assignee:
        told.append(f"looked after by {person(said.assignee)}")
    if said.is_resting(broken, datetime.now(UTC).date()) and said.until:
        told.append(f"rests until {day(said.until)}")
    return told


def _page(view: View, record_key: str | None) -> str | None:
    """Return where the record that an exception names is opened, if we know."""
    system, _, rest = (record_key or "").partition(":")
    kind, _, record_id = rest.partition(":")
    return view.record_url(system, kind, record_id)


def _sides(detail: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return what each system holds; where one lacks the record, that is said too."""
    named = [detail.get(system) for _, system in _COMPARED]
    is_one_system = named[0] is not None and named[0] == named[1]
    sides = []
    for (value, system), place in zip(_COMPARED, ("first", "second"), strict=True):
        if detail.get(value) is not None or detail.get(system):
            name = _spoken(detail.get(system) or place)
            where = f"{name}, {place}" if is_one_system else name
            sides.append({"where": where, "value": detail.get(value) or EMPTY})
    for value, system, where in _SIDES:
        if detail.get(value) is not None:
            name = _spoken(detail.get(system) or "its system")
            sides.append({"where": where.format(name), "value": detail[value]})
    return sides


def _spoken(system: str) -> str:
    return system.replace("_", " ")


def _hand_over(fingerprint: str, key: str, held: Handling) -> None:
    """Let somebody take the item, or give it to somebody else."""

    def said(store: Store, by: str, at: datetime, to: str) -> None:
        assign(store, fingerprint, to, by, at, seen=held.assignee)

    with st.form(f"assign-{key}", border=False):
        st.text_input("Looked after by", held.assignee or desk.actor(), key=f"to-{key}")
        desk.button(
            "Hand over",
            said,
            key=f"assign-{key}-yes",
            words_key=f"to-{key}",
            done="Handed over; it stands in the audit chain.",
        )


def _let_rest(fingerprint: str, key: str) -> None:
    """Put the item to rest until a day, or until what differs changes."""
    soon = datetime.now(UTC).date() + timedelta(days=REST_DAYS)

    def said(store: Store, by: str, at: datetime, reason: str) -> None:
        until = st.session_state.get(f"until-{key}", soon)
        snooze(store, fingerprint, by, at, reason, until=until)

    with st.form(f"rest-{key}", border=False):
        st.date_input("Rest until", soon, key=f"until-{key}", width=220)
        st.text_input("Reason, for the auditor", key=f"rest-why-{key}")
        desk.button(
            "Let it rest",
            said,
            key=f"rest-{key}-yes",
            words_key=f"rest-why-{key}",
            done="It rests until that day, or until what differs changes.",
        )


def _wake(fingerprint: str, key: str) -> None:
    """End the rest before its day."""

    def said(store: Store, by: str, at: datetime, _: str) -> None:
        wake(store, fingerprint, by, at)

    with st.form(f"wake-{key}", border=False):
        desk.button(
            "Wake it",
            said,
            key=f"wake-{key}-yes",
            words_key=f"wake-why-{key}",
            done="It is among the open items again.",
        )


def _stand(fingerprint: str, key: str) -> None:
    """Accept the difference as it is; once it changes, it is open again."""

    def said(store: Store, by: str, at: datetime, reason: str) -> None:
        accept(store, [fingerprint], by, at, reason)

    done = "Accepted, as long as it does not change."
    _ask("Let it stand", said, "accept", key, done)


def _overwrite(fingerprint: str, key: str) -> None:
    """Let the golden value win over what a colleague entered, if somebody says so."""

    def said(store: Store, by: str, at: datetime, reason: str) -> None:
        overwrite(store, [fingerprint], by, at, reason)

    done = "Decided: the next run plans it anew."
    _ask("Let the golden value win", said, "overwrite", key, done)


def _ask(label: str, said: desk.Decision, name: str, key: str, done: str) -> None:
    """Offer a decision that needs a reason."""
    words = f"why-{key}"
    with st.form(f"{name}-{key}", border=False):
        st.text_input("Reason, for the auditor", key=words)
        desk.button(label, said, key=f"{name}-{key}-yes", words_key=words, done=done)
