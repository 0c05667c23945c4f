"""HubSpot's batches: a hundred records at once, and whose mistake stops whom."""

from typing import Any

import pytest

FIRST = "100000000000000"
ROOT = "/crm/objects/2026-09/contacts/batch"


def rows(*emails: str, traced: bool = True, **values: str) -> dict[str, Any]:
    """Return what upserts contacts by email."""
    inputs: list[dict[str, Any]] = [
        {"idProperty": "email", "id": email, "properties": values} for email in emails
    ]
    if traced:
        for number, each in enumerate(inputs):
            each["objectWriteTraceId"] = str(number)
    return {"inputs": inputs}


def test_an_upsert_tells_new_from_known(account: Any) -> None:
    """Each row says whether it was made, and by which input."""
    body = rows("person3@c3.example", "new@c3.example", lastname="Upserted")

    answer = account.hubspot.post(f"{ROOT}/upsert", json=body)

    assert answer.status_code == 200
    told = answer.json()
    assert told["status"] == "COMPLETE"
    assert [(row["objectWriteTraceId"], row["new"]) for row in told["results"]] == [
        ("0", False),
        ("1", True),
    ]
    assert told["results"][1]["properties"]["email"] == "new@c3.example"


def test_an_upsert_again_changes_the_same_records(account: Any) -> None:
    """An upsert whose answer was lost may be sent again."""
    body = rows("new@c3.example", lastname="Upserted")
    first = account.hubspot.post(f"{ROOT}/upsert", json=body).json()["results"]

    again = account.hubspot.post(f"{ROOT}/upsert", json=body).json()["results"]

    assert [row["id"] for row in again] == [row["id"] for row in first]
    assert [row["new"] for row in again] == [False]


def test_a_traced_batch_fails_row_by_row(account: Any) -> None:
    """With a trace id on every input the good ones are written: 207."""
    body = rows("good@c3.example", "bad", "person1@c1.example", firstname="New")

    answer = account.hubspot.post(f"{ROOT}/upsert", json=body)

    told = answer.json()
    assert answer.status_code == 207
    assert [row["objectWriteTraceId"] for row in told["results"]] == ["0", "2"]
    assert told["numErrors"] == len(told["errors"]) == 1
    error = told["errors"][0]
    assert error["status"] == "error"
    assert error["category"] == "VALIDATION_ERROR"
    assert error["context"] == {"objectWriteTraceId": ["1"]}


def test_an_untraced_batch_fails_whole(account: Any) -> None:
    """Without trace ids one bad value keeps the whole batch from being written."""
    body = rows("good@c3.example", "bad", traced=False, firstname="New")

    answer = account.hubspot.post(f"{ROOT}/upsert", json=body)

    assert answer.status_code == 400
    good = "/crm/v3/objects/contacts/good@c3.example?idProperty=email"
    assert account.hubspot.get(good).status_code == 404


def test_records_that_are_not_there_stop_nobody(account: Any) -> None:
    """An update of known and unknown records changes the known ones: 207."""
    change = {"lastname": "Changed"}
    inputs = [{"id": each, "properties": change} for each in (FIRST, "4711")]

    answer = account.hubspot.post(f"{ROOT}/update", json={"inputs": inputs})

    told = answer.json()
    assert answer.status_code == 207
    assert [row["id"] for row in told["results"]] == [FIRST]
    assert told["errors"][0]["category"] == "OBJECT_NOT_FOUND"
    assert told["errors"][0]["context"] == {"ids": ["4711"]}


def test_a_batch_reads_by_a_unique_property(account: Any) -> None:
    """Records are read by email, each once, and the missing ones are named."""
    emails = ("person2@c2.example", "Person2@c2.example", "x@y.example")
    inputs = [{"id": email} for email in emails]
    body = {"idProperty": "email", "properties": ["firstname"], "inputs": inputs}

    told = account.hubspot.post(f"{ROOT}/read", json=body).json()

    assert [row["properties"]["firstname"] for row in told["results"]] == ["Given2"]
    assert told["errors"][0]["context"] == {"ids": ["x@y.example"]}


def test_a_batch_creates_with_201(account: Any) -> None:
    """A batch of creates answers 201 and gives the ids in order."""
    inputs = [{"properties": {"email": f"n{n}@c1.example"}} for n in range(3)]

    answer = account.hubspot.post(f"{ROOT}/create", json={"inputs": inputs})

    ids = [row["id"] for row in answer.json()["results"]]
    assert answer.status_code == 201
    assert ids == sorted(ids)
    assert len(set(ids)) == 3


def test_a_batch_archives(account: Any) -> None:
    """Archived are those that are there; the others are passed over."""
    body = {"inputs": [{"id": FIRST}, {"id": "4711"}]}

    answer = account.hubspot.post(f"{ROOT}/archive", json=body)

    path = f"/crm/v3/objects/contacts/{FIRST}"
    assert answer.status_code == 204
    assert account.hubspot.get(path).status_code == 404


@pytest.mark.parametrize("name", ["read", "create", "update", "upsert", "archive"])
def test_a_batch_has_one_to_a_hundred_inputs(account: Any, name: str) -> None:
    """No input, or more than a hundred, is refused."""
    one = {"idProperty": "email", "id": "a@b.example", "properties": {}}

    answers = [
        account.hubspot.post(f"{ROOT}/{name}", json=body)
        for body in ({"inputs": []}, {"inputs": [one] * 101}, {"inputs": "x"}, {}, [])
    ]

    assert [answer.status_code for answer in answers] == [400] * 5
    assert "100" in answers[1].json()["message"]


@pytest.mark.parametrize("name", ["update", "upsert"])
def test_a_record_stands_in_a_batch_once(account: Any, name: str) -> None:
    """Two inputs for one record are refused: their order would decide."""
    body = rows("a@b.example", "a@b.example", lastname="x")

    answer = account.hubspot.post(f"{ROOT}/{name}", json=body)

    assert answer.status_code == 400
    assert "Duplicate IDs" in answer.json()["message"]


@pytest.mark.parametrize("by", [None, "firstname", "hs_object_id", "nonsense"])
def test_an_upsert_needs_a_unique_property(account: Any, by: str | None) -> None:
    """Without a property that no two records share nothing can be upserted."""
    one = {"idProperty": by, "id": "x", "properties": {"firstname": "x"}}

    answer = account.hubspot.post(f"{ROOT}/upsert", json={"inputs": [one]})

    assert answer.status_code == 400


def test_a_locked_record_fails_its_row(account: Any) -> None:
    """A record that somebody holds is an error of its own in a traced batch."""
    account.store.lock("hubspot", "contacts", FIRST, 60)
    body = rows("person0@c0.example", "person1@c1.example", lastname="x")

    told = account.hubspot.post(f"{ROOT}/upsert", json=body).json()

    assert [row["objectWriteTraceId"] for row in told["results"]] == ["1"]
    assert told["errors"][0]["category"] == "LOCKED"
