"""Comments: what people say about an open item, signed, in the audit chain.

A comment decides nothing. It is kept where every decision is: nobody can alter it, and
whoever asks who knew what finds it in its place.
"""

import json
from dataclasses import dataclass
from datetime import datetime

from operations.audit import Entry, append
from operations.store import Store

_ACTION = "comment"


class CannotCommentError(Exception):
    """The comment has no name or says nothing."""


@dataclass(frozen=True, slots=True)
class Comment:
    """What one person said about one subject."""

    subject: str
    by: str
    at: datetime
    words: str


def comment(store: Store, subject: str, by: str, at: datetime, words: str) -> Comment:
    """Say something about an item.

    Raises:
        CannotCommentError: who says it, or what, is missing.
    """
    if not by.strip() or not words.strip():
        raise CannotCommentError("A comment needs a name and words: --by NAME 'WORDS'.")
    entry = Entry(by, _ACTION, subject, {"words": words})
    with store.transaction() as connection:
        append(connection, [entry], at)
    return Comment(subject, by, at, words)


def comments(store: Store, subject: str) -> list[Comment]:
    """Return what was said about an item, oldest first."""
    rows = store.rows(
        "select * from audit where action = ? and subject = ? order by seq",
        [_ACTION, subject],
    )
    return [
        Comment(
            row["subject"],
            row["actor"],
            datetime.fromisoformat(row["at"]),
            json.loads(row["detail"])["words"],
        )
        for row in rows
    ]
