"""Zendesk's jobs: latency, results, limits, and what becomes of a killed one."""

from typing import Any

from sandbox.clients import in_process
from sandbox.server import application


def test_a_job_goes_from_queued_to_completed(served: Any) -> None:
    """Each item has its own result; a failed one changes nothing."""
    served.conditions(job_seconds=10)
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
    polls = []
    for _ in "ab":
        served.clock.advance(5)
        polls.append(served.zendesk.get(accepted["url"]).json()["job_status"])

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


def test_a_job_changes_nothing_before_its_time(served: Any) -> None:
    """A person may edit between acceptance and execution; the job writes over it."""
    served.conditions(job_seconds=60)
    served.zendesk.put(
        "/organizations/update_many",
        json={"organizations": [{"id": 100, "notes": "job"}]},
    )

    served.edit("organization", 100, notes="person")
    during = served.zendesk.get("/organizations/100").json()["organization"]
    served.clock.advance(61)
    after = served.zendesk.get("/organizations/100").json()["organization"]

    assert (during["notes"], after["notes"]) == ("person", "job")


def test_a_killed_job_leaves_half_of_the_work(served: Any) -> None:
    """It tells no results: only reading the records says which were changed."""
    served.conditions(job_fate={"status": "killed", "after": 1})
    job = served.zendesk.put(
        "/organizations/update_many?ids=100,101", json={"organization": {"notes": "x"}}
    ).json()["job_status"]

    seen = served.zendesk.get(job["url"]).json()["job_status"]
    notes = [
        each.get("notes")
        for each in served.zendesk.get("/organizations").json()["organizations"]
    ]

    assert (seen["status"], seen["progress"], seen["results"]) == ("killed", 1, None)
    assert notes == ["x", None, None]


def test_thirty_jobs_may_wait(served: Any) -> None:
    """One more is refused until some are done."""
    served.conditions(job_seconds=60)
    item = {"organizations": [{"id": 100, "notes": "x"}]}

    answers = [
        served.zendesk.put("/organizations/update_many", json=item) for _ in range(31)
    ]
    served.clock.advance(61)
    later = served.zendesk.put("/organizations/update_many", json=item)

    assert [each.status_code for each in answers] == [200] * 30 + [429]
    assert answers[30].json()["error"] == "TooManyJobs"
    assert later.status_code == 200


def test_a_job_is_forgotten_after_an_hour(served: Any) -> None:
    """Whoever asks later finds nothing."""
    job = served.zendesk.delete("/organizations/destroy_many?ids=101,102").json()

    url = job["job_status"]["url"]
    first = served.zendesk.get(url).json()["job_status"]
    many = served.zendesk.get(
        f"/job_statuses/show_many?ids={first['id']},unknown"
    ).json()
    served.clock.advance(3601)

    assert [each["status"] for each in first["results"]] == ["Deleted", "Deleted"]
    assert many["job_statuses"] == [first]
    assert served.zendesk.get(url).status_code == 404


def test_users_are_matched_by_address_or_external_id(served: Any) -> None:
    """An unknown one is created, and each result names what it was."""
    job = served.zendesk.post(
        "/users/create_or_update_many",
        json={
            "users": [
                {"name": "A", "email": "USER2@c0.example", "external_id": "e2"},
                {"name": "B", "external_id": "e3"},
                {"name": "C", "external_id": "e2"},
                "nonsense",
            ]
        },
    ).json()["job_status"]

    results = served.zendesk.get(job["url"]).json()["job_status"]["results"]

    assert [(each["index"], each["status"]) for each in results] == [
        (0, "Updated"),
        (1, "Created"),
        (2, "Updated"),
        (3, "Failed"),
    ]
    assert results[0]["id"] == results[2]["id"] == 502
    assert served.zendesk.get("/users/502").json()["user"]["name"] == "C"


def test_jobs_survive_a_restart(served: Any) -> None:
    """Another process over the same store carries out what was promised."""
    served.conditions(job_seconds=60)
    job = served.zendesk.put(
        "/organizations/update_many",
        json={"organizations": [{"id": 100, "notes": "x"}]},
    ).json()["job_status"]
    served.clock.advance(61)
    again = application(served.store, served.keys, only=("zendesk",))

    with in_process(again, "zendesk") as client:
        client.auth = served.zendesk.auth
        seen = client.get(f"/api/v2/job_statuses/{job['id']}").json()["job_status"]

    assert (job["status"], seen["status"]) == ("queued", "completed")
    notes = served.store.collection("zendesk", "organization").get(100)["notes"]
    assert notes == "x"


def test_a_job_that_takes_no_time_is_seen_working_once(served: Any) -> None:
    """Who follows jobs meets every state, though no clock has moved."""
    served.conditions(job_looks=None)
    job = served.zendesk.delete("/organizations/destroy_many?ids=101").json()

    url = job["job_status"]["url"]
    looks = [served.zendesk.get(url).json()["job_status"]["status"] for _ in "abc"]

    assert job["job_status"]["status"] == "queued"
    assert looks == ["working", "completed", "completed"]
