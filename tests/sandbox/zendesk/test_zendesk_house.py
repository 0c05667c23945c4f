"""Zendesk as its reference describes it: exports, organizations, jobs."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

BEGIN = {"start_time": 0}


def test_a_wrong_token_is_refused(reading: Any) -> None:
    """The error is Zendesk's own, and so are the names of the headers."""
    url = f"{reading.url}/zendesk/api/v2/organizations.json"

    response = httpx.get(url, auth=("a@b.example/token", "wrong"))

    assert response.status_code == 401
    assert response.json() == {"error": "Couldn't authenticate you"}
    assert response.headers["x-rate-limit"] == "700"
    assert int(response.headers["x-rate-limit-remaining"]) < 700


def test_an_export_is_followed_by_its_cursor(served: Any) -> None:
    """Each page leads to the next; at the end the cursor waits for what changes."""
    first = served.zendesk.get(
        "/incremental/users/cursor.json", params=BEGIN | {"per_page": 2}
    ).json()
    second = served.zendesk.get(first["after_url"]).json()
    nothing = served.zendesk.get(second["after_url"]).json()
    served.store.update(
        "zendesk", "user", "501", {"name": "New"}, actor="human", request_id=""
    )
    changed = served.zendesk.get(nothing["after_url"]).json()

    pages = (first, second, nothing, changed)
    assert [[user["id"] for user in page["users"]] for page in pages] == [
        [501, 502],
        [503],
        [],
        [501],
    ]
    assert [page["end_of_stream"] for page in pages] == [False, True, True, True]
    assert nothing["after_cursor"] == second["after_cursor"]


def test_an_export_begins_at_its_start_time(reading: Any) -> None:
    """Records changed in that second are included."""
    response = reading.zendesk.get(
        "/incremental/users/cursor", params={"start_time": 1_790_899_200}
    )

    assert [user["id"] for user in response.json()["users"]] == [502, 503]


def test_organizations_come_by_time_with_duplicates_at_the_edges(reading: Any) -> None:
    """The next page begins with the second on which the last one ended."""
    first = reading.zendesk.get(
        "/incremental/organizations.json", params=BEGIN | {"per_page": 1}
    ).json()
    second = reading.zendesk.get(first["next_page"]).json()
    third = reading.zendesk.get(second["next_page"]).json()

    pages = (first, second, third)
    assert [[each["id"] for each in page["organizations"]] for page in pages] == [
        [100],
        [100, 101, 102],
        [101, 102],
    ]
    assert [page["end_of_stream"] for page in pages] == [False, True, True]
    assert first["end_time"] == 1_790_812_800


def test_many_records_of_one_second_do_not_stop_an_export(served: Any) -> None:
    """A page always gets beyond the second it began with."""
    for number in range(30):
        served.store.create(
            "zendesk",
            "organization",
            {"id": 900 + number, "name": f"N{number}"},
            actor="test",
            request_id="",
        )
    page = {
        "next_page": "/incremental/organizations?start_time=0&per_page=5",
        "end_of_stream": False,
    }
    seen, calls = set(), 0

    while not page["end_of_stream"] and calls < 20:
        page = served.zendesk.get(page["next_page"]).json()
        seen |= {each["id"] for each in page["organizations"]}
        calls += 1

    assert (len(seen), calls < 20) == (33, True)


def test_with_the_vendors_lag_the_last_minute_is_left_out(
    serve: Callable[..., Any],
) -> None:
    """As Zendesk does: a fresh write is exported a minute later."""
    served = serve(export_lag_seconds=60)
    served.store.update(
        "zendesk", "user", "501", {"name": "New"}, actor="human", request_id=""
    )
    export = "/incremental/users/cursor"

    at_once = served.zendesk.get(export, params=BEGIN).json()["users"]
    too_recent = served.zendesk.get(
        export, params={"start_time": served.clock.seconds() - 30}
    )
    served.clock.advance(61)
    later = served.zendesk.get(export, params=BEGIN).json()["users"]

    assert [user["id"] for user in at_once] == [502, 503]
    assert [user["id"] for user in later] == [502, 503, 501]
    assert (too_recent.status_code, too_recent.json()["error"]) == (422, "InvalidValue")


def test_organizations_are_listed_with_cursors_and_with_numbers(reading: Any) -> None:
    """Both ways lead through all of them."""
    by_cursor = reading.zendesk.get("/organizations?page[size]=2").json()
    rest = reading.zendesk.get(by_cursor["links"]["next"]).json()
    by_number = reading.zendesk.get("/organizations.json?per_page=2").json()
    last = reading.zendesk.get(by_number["next_page"]).json()

    def ids(page: dict[str, Any]) -> list[int]:
        return [each["id"] for each in page["organizations"]]

    assert (ids(by_cursor), ids(rest)) == ([100, 101], [102])
    assert (by_cursor["meta"]["has_more"], rest["meta"]["has_more"]) == (True, False)
    assert (ids(by_number), ids(last), last["next_page"]) == ([100, 101], [102], None)


def test_organizations_are_read_by_id(reading: Any) -> None:
    """One of them, or many; unknown ids are left out of many."""
    one = reading.zendesk.get("/organizations/101.json").json()["organization"]
    many = reading.zendesk.get("/organizations/show_many?ids=101,999").json()
    none = reading.zendesk.get("/organizations/999")

    assert one["name"] == "Customer 1"
    assert (many["count"], many["organizations"]) == (1, [one])
    assert (none.status_code, none.json()) == (
        404,
        {"error": "RecordNotFound", "description": "Not found"},
    )


def test_a_job_goes_from_queued_to_completed(served: Any) -> None:
    """Each item has its own result; a failed one changes nothing."""
    accepted = served.zendesk.put(
        "/organizations/update_many.json",
        json={
            "organizations": [
                {"id": 100, "organization_fields": {"support_tier": "premium"}},
                {"id": 101, "organization_fields": {"support_tier": "gold"}},
                {"id": 999, "name": "X"},
                {"id": 102, "name": "customer 1"},
                {"id": 102, "name": "Renamed", "unknown": 1},
            ]
        },
    ).json()["job_status"]
    polls = [served.zendesk.get(accepted["url"]).json()["job_status"] for _ in "ab"]

    assert [each["status"] for each in (accepted, *polls)] == [
        "queued",
        "working",
        "completed",
    ]
    assert (accepted["results"], polls[-1]["total"], polls[-1]["progress"]) == (
        None,
        5,
        5,
    )
    assert [
        (each["index"], each["id"], each["success"], each.get("error"))
        for each in polls[-1]["results"]
    ] == [
        (0, 100, True, None),
        (1, 101, False, "RecordInvalid"),
        (2, 999, False, "OrganizationNotFound"),
        (3, 102, False, "RecordInvalid"),
        (4, 102, True, None),
    ]
    assert [(line.id, line.field, line.new) for line in served.store.journal] == [
        ("100", "organization_fields.support_tier", "premium"),
        ("102", "name", "Renamed"),
    ]


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("PUT", "/organizations/update_many", b"{", (400, "InvalidJSON")),
        ("PUT", "/organizations/update_many", b"{}", (400, "ParameterMissing")),
        (
            "PUT",
            "/organizations/update_many",
            b'{"organizations": [' + b"1," * 100 + b"1]}",
            (400, "TooManyValues"),
        ),
        ("GET", "/organizations/show_many?ids=x", b"", (400, "BadRequest")),
        ("GET", "/incremental/users/cursor", b"", (400, "InvalidValue")),
        ("GET", "/incremental/users/cursor?cursor=x", b"", (400, "InvalidCursor")),
        (
            "GET",
            "/incremental/users/cursor?start_time=0&per_page=1001",
            b"",
            (400, "InvalidValue"),
        ),
        ("GET", "/job_statuses/x", b"", (404, "RecordNotFound")),
        ("GET", "/nope", b"", (404, "InvalidEndpoint")),
        ("POST", "/organizations/100", b"", (405, "MethodNotAllowed")),
    ],
)
def test_what_is_wrong_is_said_in_zendesks_words(
    reading: Any, method: str, path: str, body: Any, expected: tuple[Any, ...]
) -> None:
    """Each refusal has its name in `error`."""
    response = reading.zendesk.request(method, path, content=body)

    assert (response.status_code, response.json()["error"]) == expected
