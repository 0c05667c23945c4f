"""Deciding: in the browser as on the command line, signed, and once."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from operations.assignments import assign, handling
from operations.audit import verify
from operations.comments import CannotCommentError, comment, comments
from operations.decisions import CannotDecideError, approve, overwrite
from operations.exceptions import Break, open_exceptions, sync
from operations.lifecycle import history
from operations.pins import CannotPinError, Signature, pin, pins
from operations.store import Store, text
from tests.dashboard.drawn import drawn

AT = datetime(2026, 10, 31, 12, tzinfo=UTC)
LEFT, RIGHT = "salesforce:account:1", "stripe:customer:2"


@pytest.fixture
def store(
    publish: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Store]:
    """The operations store beside a publication, opened by somebody called Anna."""
    monkeypatch.setenv("USER", "anna")
    folder = publish().parent.parent
    with Store(folder / "operations.sqlite") as opened:
        yield opened


def put(store: Store, change_id: str, state: str) -> None:
    """Put one change into the store."""
    fields = json.dumps([{"field": "Name", "theirs": "Ridge", "ours": "Ridge GmbH"}])
    with store.transaction() as connection:
        connection.execute(
            "insert or ignore into plans values ('p', '', '', '', 1, 0, 0, 1, 0)"
        )
        connection.execute(
            "insert into changes (change_id, plan_id, content_hash, system, object,"
            " target, record_id, entity, entity_id, action, fields, approval,"
            " amount_minor, currency, reason, state, created_at, changed_at) values"
            " (?, 'p', 'h', 'salesforce', 'Account', ?, '001', 'customers', 'C-2',"
            " 'update', ?, 1, 5, 'USD', 'M04', ?, ?, ?)",
            [change_id, change_id, fields, state, text(AT), text(AT)],
        )


def state(store: Store, change_id: str) -> str:
    """Return a change's state."""
    (row,) = store.rows("select state from changes where change_id = ?", [change_id])
    return str(row["state"])


@pytest.mark.parametrize(
    ("label", "before", "after"),
    [
        ("Approve", "waiting", "ready"),
        ("Reject", "waiting", "declined"),
        ("Try again", "rejected", "ready"),
    ],
)
def test_a_change_is_decided_with_name_and_reason(
    store: Store, label: str, before: str, after: str
) -> None:
    """The page moves it as the command does, and the audit chain names who did it."""
    put(store, "c1", before)
    page = drawn("approvals")

    page.text_input(key="why-c1").input("as agreed")
    page.button(key=f"{label}-c1").click().run()

    assert state(store, "c1") == after
    (said,) = store.rows("select decided_by, reason from decisions")
    assert tuple(said) == ("anna", "as agreed")
    actors = store.rows("select distinct actor from audit where subject = 'c1'")
    assert [row["actor"] for row in actors] == ["anna"]
    verify(store)
    assert label in page.success[0].value


def test_a_decision_without_a_reason_is_refused(store: Store) -> None:
    """Nothing is changed, and the page says what is missing."""
    put(store, "c1", "waiting")
    page = drawn("approvals")

    page.button(key="Approve-c1").click().run()

    assert state(store, "c1") == "waiting"
    assert "needs a name and a reason" in page.warning[0].value


def test_the_second_of_two_people_is_told_who_was_first(store: Store) -> None:
    """Both look at one change; the one who decides later changes nothing."""
    put(store, "c1", "waiting")
    page = drawn("approvals")
    approve(store, ["c1"], "bert", AT, "first")

    page.text_input(key="why-c1").input("second")
    page.button(key="Reject-c1").click().run()

    assert state(store, "c1") == "ready"
    assert "bert said approve" in page.warning[0].value


def test_an_approval_is_taken_back_on_the_page(store: Store) -> None:
    """It waits again, whoever approved it; the chain has both."""
    put(store, "c1", "waiting")
    approve(store, ["c1"], "bert", datetime.now(UTC), "in a hurry")
    page = drawn("approvals")

    page.text_input(key="why-undo-c1").input("the amount is wrong")
    page.button(key="undo-c1-yes").click().run()

    assert state(store, "c1") == "waiting"
    rows = store.rows("select actor, action from audit where subject = 'c1'")
    assert [tuple(row) for row in rows] == [("bert", "approve"), ("anna", "take back")]
    assert "Taken back" in page.success[0].value
    assert not [box for box in page.text_input if box.key == "why-undo-c1"]


def test_nobody_decides_without_a_name(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a sign-in and without a configured name the buttons rest."""
    monkeypatch.delenv("USER")
    put(store, "c1", "waiting")

    page = drawn("approvals")

    assert page.button(key="Approve-c1").disabled
    assert "Nothing can be decided here" in page.warning[0].value


def test_who_signed_in_decides_in_their_own_name(store: Store) -> None:
    """The name that the process was started with is no one else's signature."""
    put(store, "c1", "waiting")
    page = drawn("approvals", user={"email": "cleo@example.com"})

    page.text_input(key="why-c1").input("as agreed")
    page.button(key="Approve-c1").click().run()

    (said,) = store.rows("select decided_by from decisions")
    assert said["decided_by"] == "cleo@example.com"


def test_an_expired_sign_in_signs_nothing(store: Store) -> None:
    """Where people sign in, the configured name does not stand in for them."""
    put(store, "c1", "waiting")

    page = drawn("approvals", user={"is_logged_in": False})

    assert [button.label for button in page.button] == ["Sign in"]
    assert "Sign in to see the numbers" in page.info[0].value


def test_who_may_only_read_decides_nothing(store: Store) -> None:
    """A role without `decides` sees the item, and its buttons rest."""
    put(store, "c1", "waiting")
    file = store.path.parent / "access.toml"
    file.write_text('[roles.readers]\npeople = ["cleo@example.com"]\n', "utf-8")
    file.chmod(0o600)

    page = drawn("approvals", user={"email": "cleo@example.com"})

    assert page.button(key="Approve-c1").disabled
    assert "your role only reads" in page.warning[0].value


def conflict(fingerprint: str) -> Break:
    """Return a colleague's edit of a field that we govern."""
    return Break(
        fingerprint=fingerprint,
        kind="user_edit",
        subject="Ridge was renamed by hand",
        severity="S2",
        owner="RevOps",
        record_key="salesforce:account:001",
        customer_id="C-2",
        difference_minor=None,
        currency=None,
        detail={
            "system": "salesforce",
            "object": "Account",
            "record_id": "001",
            "field": "Name",
            "theirs": "Ridge",
            "ours": "Ridge GmbH",
        },
    )


def test_an_edit_yields_to_the_golden_value_when_somebody_says_so(
    store: Store,
) -> None:
    """The inbox shows both values, closes the item and names who decided."""
    sync(store, [conflict("edit:1")], AT)
    page = drawn("inbox")
    (shown,) = (table.value for table in page.table)

    page.text_input(key="why-1").input("the contract says so")
    page.button[0].click().run()

    assert list(shown["Value"]) == ["Ridge", "Ridge GmbH"]
    assert open_exceptions(store) == []
    (said,) = store.rows("select decision, decided_by from decisions")
    assert tuple(said) == ("overwrite", "anna")


def test_an_item_is_taken_and_put_to_rest(store: Store) -> None:
    """Who has it stands beside it, what rests is out of the way; both are signed."""
    sync(store, [conflict("edit:1"), conflict("edit:2")], AT)
    page = drawn("inbox")

    page.button(key="assign-1-yes").click().run()
    taken = [caption.value for caption in page.caption]
    page.text_input(key="rest-why-2").input("known until Monday")
    page.button(key="rest-2-yes").click().run()

    assert any("looked after by anna" in each for each in taken)
    assert "1 open item" in [title.value for title in page.header]
    assert "Show 1 that rest" in [toggle.label for toggle in page.toggle]
    page.toggle(key="resting").set_value(True).run()
    page.button(key="wake-2-yes").click().run()
    assert "2 open items" in [title.value for title in page.header]
    rows = store.rows(
        "select actor, action, subject from audit where actor <> 'concord' order by seq"
    )
    assert [tuple(row) for row in rows] == [
        ("anna", "assign", "edit:1"),
        ("anna", "snooze", "edit:2"),
        ("anna", "wake", "edit:2"),
    ]


def test_whoever_takes_an_item_second_is_told(store: Store) -> None:
    """The page that is out of date changes nothing and names who was first."""
    sync(store, [conflict("edit:1")], AT)
    page = drawn("inbox")
    assign(store, "edit:1", "bert", "bert", AT, seen="")

    page.button(key="assign-1-yes").click().run()

    assert handling(store)["edit:1"].assignee == "bert"
    assert "bert gave edit" in page.warning[0].value.replace("\\", "")


def test_a_break_is_let_stand(store: Store) -> None:
    """With a reason and in the name of whoever sits there, as by the command."""
    sync(store, [replace(conflict("B01:1"), kind="B01")], AT)
    page = drawn("inbox")

    page.text_input(key="why-1").input("agreed with the customer")
    page.button(key="accept-1-yes").click().run()

    (held,) = store.rows("select state from exceptions")
    assert held["state"] == "accepted"
    (*_, last) = history(store, "B01:1")
    assert (last.actor, last.detail) == ("anna", {"reason": "agreed with the customer"})

    assert "1 let stand" in [title.value for title in page.header]
    page.text_input(key="why-1").input("the customer asks for it after all")
    page.button(key="undo-1-yes").click().run()

    assert [each.state for each in open_exceptions(store)] == ["open"]


def test_an_edit_is_decided_once(store: Store) -> None:
    """The second is told who was first."""
    sync(store, [conflict("edit:1")], AT)
    overwrite(store, ["edit:1"], "bert", AT, "first")

    with pytest.raises(CannotDecideError, match="bert said overwrite"):
        overwrite(store, ["edit:1"], "anna", AT, "second")


@pytest.fixture
def question(store: Store) -> Store:
    """Two records that may be one."""
    file = next(store.path.parent.joinpath("published").glob("*.duckdb"))
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            "insert into published.questions values ('customers', ?, ?, 'Ridge',"
            " 'Ridge GmbH', ?, ?, 'almost one', 8123, ?)",
            [
                LEFT,
                RIGHT,
                json.dumps({"name": "Ridge", "domain": "ridge.example"}),
                json.dumps({"name": "Ridge GmbH", "domain": "ridge.example"}),
                json.dumps([["domain", "the same domain", 9.5]]),
            ],
        )
    return store


def test_two_records_are_shown_side_by_side_and_answered(question: Store) -> None:
    """The evidence stands beside the two answers; an answer is a pin, signed."""
    page = drawn("duplicates")
    pair, found = (table.value for table in page.table)

    page.text_input(key=f"why-{LEFT}|{RIGHT}").input("one house")
    page.button(key=f"same-{LEFT}|{RIGHT}").click().run()

    assert list(pair["Alike"]) == ["≠", r"\="]
    assert found["Speaks"][0].startswith("✓ for one")
    (said,) = pins(question, "customers")
    assert (said.kind, said.pinned_by, said.reason) == ("same", "anna", "one house")
    assert "0 questions" in [title.value for title in page.header]


def test_a_pair_is_answered_once(question: Store) -> None:
    """Who answers second is told what was said, and by whom."""
    page = drawn("duplicates")
    signed = Signature("bert", AT, "two houses")
    pin(question, "customers", "different", (LEFT, RIGHT), signed)

    page.text_input(key=f"why-{LEFT}|{RIGHT}").input("one house")
    page.button(key=f"same-{LEFT}|{RIGHT}").click().run()

    assert [each.kind for each in pins(question, "customers")] == ["different"]
    assert "by bert" in page.warning[0].value
    with pytest.raises(CannotPinError, match="by bert"):
        pin(question, "customers", "same", (LEFT, RIGHT), signed)


def test_a_comment_is_signed_and_stands_in_the_audit_chain(store: Store) -> None:
    """What was said about an item is there for whoever looks at it next."""
    sync(store, [conflict("edit:1")], AT)
    page = drawn("inbox")

    page.text_input(key="words-1").input("I ask the customer")
    page.button(key="say-1").click().run()

    (said,) = comments(store, "edit:1")
    assert (said.by, said.words) == ("anna", "I ask the customer")
    assert any("I ask the customer" in note.value for note in page.caption)
    verify(store)


@pytest.mark.parametrize(("by", "words"), [("", "hello"), ("anna", " ")])
def test_a_comment_needs_a_name_and_words(store: Store, by: str, words: str) -> None:
    """Nothing is written without them."""
    with pytest.raises(CannotCommentError):
        comment(store, "edit:1", by, AT, words)

    assert comments(store, "edit:1") == []
