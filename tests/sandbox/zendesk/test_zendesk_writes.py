"""Zendesk's single writes: rules, safe updates, idempotency keys, audits."""

from typing import Any

import pytest

NEW = {"ticket": {"subject": "Help", "comment": {"body": "It broke"}}}


def test_a_ticket_is_made_once_for_a_key(served: Any) -> None:
    """A repeated request finds the first one's answer, within two hours."""
    key = {"Idempotency-Key": "k1"}
    first = served.zendesk.post("/tickets", json=NEW, headers=key)
    again = served.zendesk.post("/tickets", json=NEW, headers=key)
    other = served.zendesk.post(
        "/tickets", json={"ticket": {"comment": {"body": "x"}}}, headers=key
    )
    served.clock.advance(7200)
    later = served.zendesk.post("/tickets", json=NEW, headers=key)

    lookups = [each.headers["x-idempotency-lookup"] for each in (first, again, later)]
    assert lookups == ["miss", "hit", "miss"]
    assert again.json() == first.json()
    assert (other.status_code, other.json()["error"]) == (
        400,
        "IdempotentRequestError",
    )
    assert later.json()["ticket"]["id"] != first.json()["ticket"]["id"]


def test_a_refused_ticket_keeps_no_key(served: Any) -> None:
    """What was not made can be made with the same key."""
    key = {"Idempotency-Key": "k1"}

    refused = served.zendesk.post("/tickets", json={"ticket": {}}, headers=key)
    made = served.zendesk.post("/tickets", json=NEW, headers=key)

    assert (refused.status_code, made.status_code) == (422, 201)


def test_a_safe_update_leaves_a_changed_ticket_alone(served: Any) -> None:
    """The stamp has to be the one that was read."""
    stamp = served.zendesk.get("/tickets/701").json()["ticket"]["updated_at"]
    served.edit("ticket", 701, priority="urgent")
    safe = {"safe_update": True, "updated_stamp": stamp, "status": "solved"}

    refused = served.zendesk.put("/tickets/701", json={"ticket": safe})
    now = served.zendesk.get("/tickets/701").json()["ticket"]
    safe["updated_stamp"] = now["updated_at"]
    accepted = served.zendesk.put("/tickets/701", json={"ticket": safe})

    assert (refused.status_code, refused.json()["error"]) == (409, "UpdateConflict")
    assert now["status"] == "open"
    assert accepted.json()["ticket"]["status"] == "solved"


def test_a_held_row_is_a_conflict(served: Any) -> None:
    """Another transaction holds it: the write is refused, in a job too."""
    served.store.lock("zendesk", "organization", 100, 60)
    change = {"notes": "x"}

    alone = served.zendesk.put("/organizations/100", json={"organization": change})
    job = served.zendesk.put(
        "/organizations/update_many", json={"organizations": [{"id": 100, **change}]}
    ).json()["job_status"]
    results = served.zendesk.get(job["url"]).json()["job_status"]["results"]

    assert (alone.status_code, alone.json()["error"]) == (409, "DatabaseConflict")
    assert results[0]["error"] == "DatabaseConflict"


def test_a_ticket_keeps_what_happened_to_it(served: Any) -> None:
    """Each write is an audit: the creation, a comment with changes, a person's edit."""
    made = served.zendesk.post("/tickets", json=NEW).json()
    number = made["ticket"]["id"]
    served.zendesk.put(
        f"/tickets/{number}",
        json={
            "ticket": {
                "status": "pending",
                "additional_tags": ["vip"],
                "comment": {"body": "Looking", "public": False},
            }
        },
    )
    served.edit("ticket", number, priority="high")

    audits = served.zendesk.get(f"/tickets/{number}/audits").json()["audits"]
    comments = served.zendesk.get(f"/tickets/{number}/comments").json()["comments"]

    events = [
        [(each["type"], each.get("field_name")) for each in audit["events"]]
        for audit in audits
    ]
    assert events[0][0] == ("Comment", None)
    assert ("Create", "subject") in events[0]
    assert events[1:] == [
        [("Comment", None), ("Change", "status"), ("Change", "tags")],
        [("Change", "priority")],
    ]
    assert [(each["body"], each["public"]) for each in comments] == [
        ("It broke", True),
        ("Looking", False),
    ]
    assert made["audit"] == audits[0]


def test_a_requester_is_named_by_address(served: Any) -> None:
    """An unknown one becomes a user."""
    new = {"requester": {"name": "Ada", "email": "ada@c9.example"}}

    made = served.zendesk.post("/tickets", json={"ticket": NEW["ticket"] | new})
    known = {"requester": {"email": "USER3@c0.example"}}
    second = served.zendesk.post("/tickets", json={"ticket": NEW["ticket"] | known})

    requester = made.json()["ticket"]["requester_id"]
    user = served.zendesk.get(f"/users/{requester}").json()["user"]
    assert (user["name"], user["email"]) == ("Ada", "ada@c9.example")
    assert second.json()["ticket"]["requester_id"] == 503
    assert second.json()["ticket"]["organization_id"] == 100


@pytest.mark.parametrize(
    ("path", "body", "field", "code"),
    [
        ("/organizations", {"name": " "}, "name", "BlankValue"),
        ("/organizations", {"name": "CUSTOMER 0"}, "name", "DuplicateValue"),
        ("/organizations", {"name": "N", "tags": "x"}, "tags", "InvalidValue"),
        (
            "/organizations",
            {"name": "N", "external_id": "acc_0"},
            "external_id",
            "DuplicateValue",
        ),
        (
            "/organizations",
            {"name": "N", "organization_fields": {"support_tier": "gold"}},
            "support_tier",
            "InvalidValue",
        ),
        ("/users", {"name": "N", "email": "x"}, "email", "InvalidValue"),
        (
            "/users",
            {"name": "N", "email": "user2@C0.example"},
            "email",
            "DuplicateValue",
        ),
        ("/users", {"name": "N", "role": "boss"}, "role", "InvalidValue"),
        (
            "/users",
            {"name": "N", "organization_id": 9},
            "organization",
            "InvalidValue",
        ),
        ("/tickets", {"subject": "x"}, "description", "BlankValue"),
        ("/tickets", {"comment": {"body": ""}}, "comment", "BlankValue"),
        (
            "/tickets",
            {"comment": {"body": "x"}, "status": "odd"},
            "status",
            "InvalidValue",
        ),
        (
            "/tickets",
            {"comment": {"body": "x"}, "requester_id": 9},
            "requester",
            "InvalidValue",
        ),
    ],
)
def test_a_broken_rule_is_named_by_its_field(
    reading: Any, path: str, body: dict[str, Any], field: str, code: str
) -> None:
    """`details` has the field, a sentence and a code."""
    kind = path.strip("/").removesuffix("s")

    response = reading.zendesk.post(path, json={kind: body})

    answer = response.json()
    assert (response.status_code, answer["error"]) == (422, "RecordInvalid")
    assert [each["error"] for each in answer["details"][field]] == [code]


def test_a_user_is_deleted_in_two_steps(served: Any) -> None:
    """First without a right to sign in, then for good: exports tell of both."""
    early = served.zendesk.delete("/deleted_users/502")
    served.zendesk.delete("/users/502")
    listed = served.zendesk.get("/deleted_users").json()["deleted_users"]
    served.zendesk.delete("/deleted_users/502")
    exported = served.zendesk.get("/incremental/users/cursor?start_time=0").json()

    gone = next(each for each in exported["users"] if each["id"] == 502)
    assert early.status_code == 422
    assert [each["id"] for each in listed] == [502]
    assert (gone["active"], gone["email"]) == (False, None)
    assert [each["id"] for each in served.zendesk.get("/users").json()["users"]] == [
        501,
        503,
    ]


def test_a_deleted_ticket_can_be_restored(served: Any) -> None:
    """It is listed again with the status it had."""
    served.zendesk.delete("/tickets/702")
    gone = served.zendesk.get("/tickets/702").status_code
    served.zendesk.put("/deleted_tickets/702/restore")

    restored = served.zendesk.get("/tickets/702").json()["ticket"]

    assert (gone, restored["status"]) == (404, "open")


def test_a_ticket_is_forgotten_by_a_job(served: Any) -> None:
    """Its words are gone; the export still says that it was deleted."""
    served.zendesk.delete("/tickets/702")
    job = served.zendesk.delete("/deleted_tickets/702").json()["job_status"]

    done = served.zendesk.get(job["url"]).json()["job_status"]
    exported = served.zendesk.get("/incremental/tickets/cursor?start_time=0").json()

    gone = next(each for each in exported["tickets"] if each["id"] == 702)
    assert [each["status"] for each in done["results"]] == ["Deleted"]
    assert (gone["status"], gone["subject"]) == ("deleted", "SCRUBBED")


def test_memberships_join_what_exists(served: Any) -> None:
    """Once; and they can be taken away."""
    path = "/organization_memberships"
    body = {"organization_membership": {"user_id": 502, "organization_id": 101}}

    made = served.zendesk.post(path, json=body)
    twice = served.zendesk.post(path, json=body)
    listed = served.zendesk.get("/users/502/organization_memberships").json()
    number = made.json()["organization_membership"]["id"]
    gone = served.zendesk.delete(f"{path}/{number}")
    group = served.zendesk.post("/groups", json={"group": {"name": "Support"}})

    assert (made.status_code, twice.status_code) == (201, 422)
    assert [each["id"] for each in listed["organization_memberships"]] == [number]
    assert (gone.status_code, group.status_code) == (204, 201)
