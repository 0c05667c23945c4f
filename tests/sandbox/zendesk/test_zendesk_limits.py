"""Zendesk's limits: windows by the minute, with the headers that tell of them."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

START = {"start_time": 0}


def test_a_wrong_token_is_refused_and_counted(serve: Callable[..., Any]) -> None:
    """The error is Zendesk's own, and so are the names of the headers."""
    served = serve(calls_per_minute=None)
    url = f"{served.url}/zendesk/api/v2/organizations.json"

    response = httpx.get(url, auth=("a@b.example/token", "wrong"), trust_env=False)

    assert response.status_code == 401
    assert response.json() == {"error": "Couldn't authenticate you"}
    assert response.headers["x-rate-limit"] == "700"
    assert response.headers["x-rate-limit-remaining"] == "699"
    assert response.headers["ratelimit-reset"] == "60"


@pytest.mark.parametrize("plan", [2, 3])
def test_a_minute_takes_so_many_calls(serve: Callable[..., Any], plan: int) -> None:
    """The call after the last is told how long to wait, and the next minute is new."""
    served = serve(calls_per_minute=plan)
    served.clock.advance(25)

    answers = [served.zendesk.get("/users/501") for _ in range(plan + 1)]
    served.clock.advance(int(answers[-1].headers["retry-after"]))
    again = served.zendesk.get("/users/501")

    assert [each.status_code for each in answers] == [200] * plan + [429]
    assert answers[-1].json()["error"] == "APIRateLimitExceeded"
    assert answers[-1].headers["retry-after"] == "35"
    assert again.status_code == 200


def test_exports_have_a_budget_of_their_own(serve: Callable[..., Any]) -> None:
    """Ten calls a minute over all of them; other calls go on."""
    served = serve(export_calls_per_minute=None)

    answers = [
        served.zendesk.get(f"/incremental/{name}", params=START)
        for name in ("users/cursor", "tickets/cursor", "organizations") * 4
    ]
    other = served.zendesk.get("/users/501")

    assert [each.status_code for each in answers] == [200] * 10 + [429] * 2
    assert answers[0].headers["zendesk-ratelimit-incremental-exports"] == (
        "total=10; remaining=9; resets=60"
    )
    assert answers[10].headers["retry-after"] == "60"
    assert other.status_code == 200


def test_the_sample_has_ten_calls_in_twenty_minutes(served: Any) -> None:
    """It shows the shape of an export, in at most fifty rows."""
    answers = [
        served.zendesk.get("/incremental/tickets/sample", params=START)
        for _ in range(11)
    ]

    assert [each.status_code for each in answers] == [200] * 10 + [429]
    assert len(answers[0].json()["tickets"]) == 4
    assert answers[10].headers["retry-after"] == "1200"


def test_lists_of_tickets_tell_their_budget(reading: Any) -> None:
    """The header has three figures."""
    response = reading.zendesk.get("/tickets?page[size]=1")

    assert response.headers["zendesk-ratelimit-tickets-index"].startswith("total=100;")


def test_one_ticket_takes_thirty_updates_in_ten_minutes(served: Any) -> None:
    """The next is refused; another ticket still takes one."""
    body = {"ticket": {"tags": ["x"]}}

    answers = [served.zendesk.put("/tickets/701", json=body) for _ in range(31)]
    other = served.zendesk.put("/tickets/702", json=body)
    served.clock.advance(600)
    again = served.zendesk.put("/tickets/701", json=body)

    assert [each.status_code for each in answers] == [200] * 30 + [429]
    assert "retry-after" in answers[30].headers
    assert (other.status_code, again.status_code) == (200, 200)


def test_a_token_for_reading_writes_nothing(served: Any) -> None:
    """OAuth tokens have scopes."""
    token = served.zendesk.post(
        f"{served.url}/zendesk/oauth/tokens",
        json={
            "grant_type": "client_credentials",
            "client_id": served.keys.zendesk_client_id,
            "client_secret": served.keys.zendesk_client_secret,
            "scope": "read",
        },
    ).json()["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    url = f"{served.url}/zendesk/api/v2/organizations/100"

    read = httpx.get(url, headers=bearer, trust_env=False)
    written = httpx.put(
        url, headers=bearer, json={"organization": {"notes": "x"}}, trust_env=False
    )

    assert (read.status_code, written.status_code) == (200, 403)
    assert written.json()["error"] == "Forbidden"


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({"client_id": "x"}, (401, "invalid_client")),
        ({"grant_type": "password"}, (400, "unsupported_grant_type")),
        ({"scope": "everything"}, (400, "invalid_scope")),
    ],
)
def test_oauth_says_no_in_its_own_words(
    reading: Any, form: dict[str, str], expected: tuple[int, str]
) -> None:
    """The errors of the token endpoint have OAuth's names."""
    right = {
        "grant_type": "client_credentials",
        "client_id": reading.keys.zendesk_client_id,
        "client_secret": reading.keys.zendesk_client_secret,
    }

    response = httpx.post(
        f"{reading.url}/zendesk/oauth/tokens", data=right | form, trust_env=False
    )

    assert (response.status_code, response.json()["error"]) == expected
