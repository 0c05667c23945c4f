"""What customers said of the answers: read through the API and through zenpy."""

from collections.abc import Callable
from typing import Any

import pytest
from zenpy import Zenpy

from tests.sandbox.zendesk.conftest import documents


def rating(number: int, score: str, comment: str | None) -> dict[str, Any]:
    """Return a rating that was given on a day of October."""
    url = f"https://concord.zendesk.com/api/v2/satisfaction_ratings/{900 + number}.json"
    stamp = f"2026-10-0{number}T18:00:00Z"
    return {
        "id": 900 + number,
        "url": url,
        "assignee_id": 501,
        "group_id": None,
        "requester_id": 502,
        "ticket_id": 700 + number,
        "score": score,
        "comment": comment,
        "created_at": stamp,
        "updated_at": stamp,
    }


RATINGS = (
    rating(1, "good", None),
    rating(2, "bad", "slow"),
    rating(3, "good", "thanks"),
)


@pytest.fixture
def desk(open_doors: Callable[..., Any]) -> Any:
    """An account in which three tickets were rated."""
    records = documents()
    records["zendesk"]["satisfaction_rating"] = list(RATINGS)
    return open_doors(records, only=["zendesk"])


@pytest.fixture
def ask(desk: Any) -> Any:
    """Ask for a path below the API's root; return status and body."""

    def ask(path: str, **params: Any) -> tuple[int, Any]:
        user = (f"{desk.keys.zendesk_email}/token", desk.keys.zendesk_api_token)
        with desk.client("zendesk", "path") as client:
            answer = client.get(f"/api/v2{path}", params=params, auth=user)
        return answer.status_code, answer.json()

    return ask


def test_every_rating_is_listed_and_read(ask: Any) -> None:
    """The list has all of them with a count, and each has an address of its own."""
    status, body = ask("/satisfaction_ratings")

    assert status == 200
    assert body["satisfaction_ratings"] == list(RATINGS)
    assert (body["count"], body["next_page"]) == (3, None)
    assert ask("/satisfaction_ratings/902.json") == (
        200,
        {"satisfaction_rating": RATINGS[1]},
    )
    assert ask("/satisfaction_ratings/1")[0] == 404
    assert ask("/satisfaction_ratings/count")[1]["count"]["value"] == 3


@pytest.mark.parametrize(
    ("narrowed", "found"),
    [
        ({"score": "good"}, [901, 903]),
        ({"score": "received"}, [901, 902, 903]),
        ({"score": "good_with_comment"}, [903]),
        ({"score": "received_without_comment"}, [901]),
        ({"score": "bad_without_comment"}, []),
        ({"score": "offered"}, []),
        # 2 October, 18:00 UTC, and a second later.
        ({"start_time": 1_790_964_000}, [902, 903]),
        ({"start_time": 1_790_964_001}, [903]),
        ({"end_time": 1_790_964_000, "score": "bad"}, [902]),
    ],
)
def test_ratings_are_narrowed_by_score_and_time(
    ask: Any, narrowed: dict[str, Any], found: list[int]
) -> None:
    """Each of the documented words, and both ends of a time, which belong to it."""
    listed = ask("/satisfaction_ratings", **narrowed)[1]["satisfaction_ratings"]
    counted = ask("/satisfaction_ratings/count", **narrowed)[1]["count"]["value"]

    assert [each["id"] for each in listed] == found
    assert counted == len(found)


@pytest.mark.parametrize("asked", [{"score": "fine"}, {"start_time": "yesterday"}])
def test_a_filter_that_cannot_be_is_refused(ask: Any, asked: dict[str, str]) -> None:
    """A word or a time that is none is told of."""
    status, body = ask("/satisfaction_ratings", **asked)

    assert (status, body["error"]) == (400, "InvalidValue")


def test_ratings_come_by_cursor_too(ask: Any) -> None:
    """Two pages of the newer paging have each rating once."""
    first = ask("/satisfaction_ratings", **{"page[size]": 2})[1]
    after = {"page[size]": 2, "page[after]": first["meta"]["after_cursor"]}
    second = ask("/satisfaction_ratings", **after)[1]

    seen = first["satisfaction_ratings"] + second["satisfaction_ratings"]
    assert [each["id"] for each in seen] == [901, 902, 903]
    assert second["meta"]["has_more"] is False


@pytest.mark.judge("zenpy 2.0.57")
def test_zenpy_reads_the_ratings(desk: Any) -> None:
    """The client lists them and finds the ticket and the score of each."""
    with desk.judge_environment():
        zenpy = Zenpy(
            subdomain="concord",
            email=desk.keys.zendesk_email,
            token=desk.keys.zendesk_api_token,
        )
        ratings = list(zenpy.satisfaction_ratings())
        bad = list(zenpy.satisfaction_ratings(score="bad", sort_order="desc"))

    assert [(each.ticket_id, each.score) for each in ratings] == [
        (701, "good"),
        (702, "bad"),
        (703, "good"),
    ]
    assert [each.id for each in bad] == [902]
