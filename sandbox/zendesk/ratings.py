"""Zendesk's satisfaction ratings: what customers said of the answers they had.

They are read; none is given here. Believed: a count takes the filters of the list.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from sandbox.collection import Value
from sandbox.instants import to_seconds
from sandbox.store import column
from sandbox.wire import Refusal, answer
from sandbox.zendesk.account import Account
from sandbox.zendesk.kinds import RATING
from sandbox.zendesk.lists import Lists
from sandbox.zendesk.shapes import error, whole

_LAST_SECOND = 253_402_300_799  # the end of the year 9999
_SCORE, _COMMENT = column("score"), column("comment")
_GIVEN = {
    "received": f"{_SCORE} in ('good', 'bad')",
    "good": f"{_SCORE} = 'good'",
    "bad": f"{_SCORE} = 'bad'",
}
# developer.zendesk.com, satisfaction ratings: the words that `score` takes.
_SCORES: Mapping[str, str] = {
    "offered": f"{_SCORE} = 'offered'",
    "unoffered": f"{_SCORE} = 'unoffered'",
    **_GIVEN,
    **{
        f"{name}_with_comment": f"{sql} and {_COMMENT} > ''"
        for name, sql in _GIVEN.items()
    },
    **{
        f"{name}_without_comment": f"{sql} and coalesce({_COMMENT}, '') = ''"
        for name, sql in _GIVEN.items()
    },
}


class Ratings:
    """The ratings of one account."""

    def __init__(self, account: Account, lists: Lists) -> None:
        """Page through them as through all lists."""
        self.account = account
        self.lists = lists

    async def every(self, request: Request) -> Response:
        """List the ratings, narrowed by score and by when they were made."""
        where, values = _narrowed(request)
        self.account.index(RATING.name, column("created_at"), column("id"))
        return self.lists.page(request, RATING, where, values)

    async def count(self, request: Request) -> Response:
        """Count the ratings that the list would have."""
        held = self.account.held(RATING.name)
        value = held.count(*_narrowed(request))
        return answer({"count": {"value": value, "refreshed_at": self.account.now()}})


def _narrowed(request: Request) -> tuple[str, list[Value]]:
    """Return the SQL, and its values, for what the query asks for."""
    asked = request.query_params
    where, values = ["1"], list[Value]()
    if "score" in asked:
        if asked["score"] not in _SCORES:
            sentence = f"score must be one of {', '.join(_SCORES)}"
            raise Refusal(error(400, "InvalidValue", sentence))
        where.append(f"({_SCORES[asked['score']]})")
    for name, sign in (("start_time", ">="), ("end_time", "<=")):
        if name in asked:
            at = whole(request, name, None, _LAST_SECOND)
            where.append(f"{column('created_at')} {sign} ?")
            values.append(to_seconds(datetime.fromtimestamp(at, UTC)))
    return " and ".join(where), values
