"""Zendesk as its reference describes it: exports, lists, errors."""

from collections.abc import Callable
from typing import Any

import pytest

BEGIN = {"start_time": 0}


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
        ("GET", "/organizations/show_many", b"", (400, "BadRequest")),
        ("GET", "/organizations?page=101", b"", (400, "RequestedPageTooDeep")),
        ("GET", "/organizations?page[size]=101", b"", (400, "InvalidValue")),
        ("GET", "/organizations?page[after]=%00", b"", (400, "InvalidCursor")),
        ("GET", "/organizations?page[size]=1&sort=x", b"", (400, "InvalidSort")),
        ("GET", "/search?query=updated>never", b"", (422, "invalid")),
        ("GET", "/search?query=", b"", (422, "invalid")),
        ("GET", "/search?query=" + "a+" * 3000, b"", (422, "invalid")),
        ("GET", '/search?query=x&sort_by=a"b', b"", (422, "invalid")),
        ("GET", '/tickets?page[size]=1&sort=a"b', b"", (400, "InvalidSort")),
        ("GET", "/search/export?query=x", b"", (400, "InvalidParameter")),
        ("POST", "/tickets", b'{"ticket": NaN}', (400, "InvalidJSON")),
        ("POST", "/tickets", b"[" * 100_000, (400, "InvalidJSON")),
        ("POST", "/tickets", b'{"a": 1e999999999}', (400, "InvalidJSON")),
        ("POST", "/tickets", b'{"a": ' + b"9" * 5000 + b"}", (400, "InvalidJSON")),
        ("POST", "/tickets", b'{"a": "\\ud800"}', (400, "InvalidJSON")),
        ("POST", "/tickets", b"\xff", (400, "InvalidJSON")),
        ("POST", "/tickets", b"[]", (400, "InvalidJSON")),
        ("POST", "/tickets", b"", (400, "ParameterMissing")),
        ("POST", "/tickets", b'{"ticket": {}}', (422, "RecordInvalid")),
        ("POST", "/users", b'{"user": {"name": 7}}', (422, "RecordInvalid")),
        (
            "PUT",
            "/organizations/100",
            b'{"organization": 1}',
            (400, "ParameterMissing"),
        ),
        ("DELETE", "/organizations", b"", (405, "MethodNotAllowed")),
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


def test_a_path_with_a_broken_id_is_named(reading: Any) -> None:
    """An id that is no number has an error of its own shape."""
    response = reading.zendesk.get("/organizations/abc")

    assert response.status_code == 400
    assert response.json()["error"]["title"] == "Invalid attribute"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "text/xml"}, 415),
        ({"Content-Type": "application/json; charset=utf-8"}, 422),
        ({"Accept": "text/csv"}, 406),
        ({"Accept": "text/html, */*;q=0.1"}, 422),
    ],
)
def test_only_json_is_spoken(
    reading: Any, headers: dict[str, str], status: int
) -> None:
    """Other content types are refused, on the way in and on the way out."""
    response = reading.zendesk.post(
        "/organizations", content=b'{"organization": {}}', headers=headers
    )

    assert response.status_code == status
    assert "error" in response.json()


def test_what_the_system_changes_moves_only_the_generated_timestamp(
    served: Any,
) -> None:
    """The export shows a ticket again whose `updated_at` stayed where it was."""
    pages = [served.zendesk.get("/incremental/tickets/cursor", params=BEGIN).json()]
    served.zendesk.delete("/organizations/100")

    after = served.zendesk.get(pages[0]["after_url"]).json()["tickets"]

    assert [each["id"] for each in after] == [701, 702, 703, 704]
    assert [each["organization_id"] for each in after] == [None] * 4
    assert after[0]["updated_at"] == "2026-10-01T10:00:00Z"
    assert after[0]["generated_timestamp"] == served.clock.seconds()


def test_a_record_that_commits_late_is_missed_by_the_cursor(served: Any) -> None:
    """Its stamp is older than what was read already: the lag exists because of it."""
    served.store.commit_late(
        "zendesk",
        "user",
        "501",
        {"name": "Late"},
        30,
        actor="human",
        request_id="",
    )
    served.clock.advance(10)
    served.edit("user", 502, name="Early")
    page = served.zendesk.get("/incremental/users/cursor", params=BEGIN).json()
    served.clock.advance(30)

    later = served.zendesk.get(page["after_url"]).json()

    assert [each["id"] for each in page["users"]] == [501, 503, 502]
    assert later["users"] == []
    assert served.store.collection("zendesk", "user").get(501)["name"] == "Late"


def test_deleted_tickets_can_be_left_out(served: Any) -> None:
    """An export contains them unless it is asked not to."""
    served.zendesk.delete("/tickets/702")
    export = "/incremental/tickets/cursor"

    with_them = served.zendesk.get(export, params=BEGIN).json()["tickets"]
    without = served.zendesk.get(
        export, params=BEGIN | {"exclude_deleted": "true"}
    ).json()["tickets"]

    assert [each["id"] for each in with_them] == [701, 703, 704, 702]
    assert [each["id"] for each in without] == [701, 703, 704]


def test_related_records_come_beside(reading: Any) -> None:
    """`include` names them; what it does not know is passed over."""
    page = reading.zendesk.get(
        "/tickets", params={"include": "users,organizations,nonsense"}
    ).json()

    assert [each["id"] for each in page["users"]] == [502, 501]
    assert [each["id"] for each in page["organizations"]] == [100]
    assert "nonsense" not in page


def test_a_list_is_read_backwards_from_a_cursor(reading: Any) -> None:
    """`links.prev` leads back to the page before."""
    first = reading.zendesk.get("/tickets?page[size]=2&sort=-updated_at").json()
    second = reading.zendesk.get(first["links"]["next"]).json()
    again = reading.zendesk.get(second["links"]["prev"]).json()

    assert [each["id"] for each in first["tickets"]] == [704, 703]
    assert [each["id"] for each in second["tickets"]] == [702, 701]
    assert again["tickets"] == first["tickets"]
    assert (second["meta"]["has_more"], second["links"]["next"]) == (False, None)


def test_fields_drift(served: Any) -> None:
    """A field that vanished is gone from records and definitions; a new one is in."""
    served.conditions(
        drift=[
            {
                "object": "organization",
                "field": "organization_fields.support_tier",
                "change": "removed",
            },
            {
                "object": "organization",
                "field": "organization_fields.region",
                "change": "added",
                "type": "text",
            },
        ]
    )

    shown = served.zendesk.get("/organizations/100").json()["organization"]
    exported = served.zendesk.get("/incremental/organizations", params=BEGIN).json()
    fields = served.zendesk.get("/organization_fields").json()["organization_fields"]

    assert shown["organization_fields"] == {"region": None}
    assert exported["organizations"][0]["organization_fields"] == {"region": None}
    assert [each["key"] for each in fields] == ["region"]
