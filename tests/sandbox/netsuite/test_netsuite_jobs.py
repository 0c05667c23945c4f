"""Asynchronous requests and batches: jobs, tasks, results, idempotency."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.clients import in_process
from sandbox.clock import Clock
from sandbox.credentials import Credentials
from sandbox.server import application
from sandbox.store import Store

HOST = "https://1234567.suitetalk.api.netsuite.com"
REST = f"{HOST}/services/rest"
LATER = {"Prefer": "respond-async"}
BATCH = LATER | {
    "Content-Type": "application/vnd.oracle.resource+json; type=collection"
}
Said = Callable[[httpx.Response], tuple[int, str]]


def job_of(response: httpx.Response) -> str:
    """Return the address of the job that a request became."""
    assert response.status_code == 202, response.text
    assert response.headers["preference-applied"] == "respond-async"
    assert response.content == b""
    assert response.headers["location"].startswith("/services/rest/async/v1/job/")
    return HOST + response.headers["location"]


def test_a_request_becomes_a_job(erp: Any) -> None:
    """Job, task and result each have an address; the result is the usual answer."""
    response = erp.record(
        "POST", "customer", json={"companyName": "Later"}, headers=LATER
    )
    job = job_of(response)

    told = erp.client.get(job).json()
    (task,) = erp.client.get(told["task"]["links"][0]["href"]).json()["items"]
    done = erp.client.get(task["links"][0]["href"]).json()
    result = erp.client.get(done["links"][0]["href"])

    assert (told["completed"], told["progress"]) == (True, "succeeded")
    assert (done["completed"], done["progress"]) == (True, "succeeded")
    assert (result.status_code, result.headers["location"]) == (
        204,
        f"{REST}/record/v1/customer/1003",
    )


def test_a_job_takes_its_time(erp: Any, said: Said) -> None:
    """Until it is done nothing has happened, and the result is not there."""
    erp.set(job_seconds=30)
    job = job_of(
        erp.record("PATCH", "customer/1001", json={"phone": "1"}, headers=LATER)
    )

    at_once = erp.client.get(job).json()
    early = erp.client.get(f"{job}/task/1/result")
    before = erp.record("GET", "customer/1001").json()
    erp.clock.advance(10)
    underway = erp.client.get(job).json()
    erp.clock.advance(20)
    after = erp.record("GET", "customer/1001").json()

    assert (at_once["completed"], at_once["progress"]) == (False, "pending")
    assert underway["progress"] == "processing"
    assert said(early) == (404, "NONEXISTENT_ID")
    assert ("phone" in before, after["phone"]) == (False, "1")


def test_a_failed_request_is_a_failed_job(erp: Any, said: Said) -> None:
    """The result is the refusal that the request would have had."""
    job = job_of(erp.record("PATCH", "customer/9", json={"phone": "1"}, headers=LATER))

    assert erp.client.get(job).json()["progress"] == "failed"
    assert said(erp.client.get(f"{job}/task/1/result")) == (404, "NONEXISTENT_ID")


def test_a_key_makes_one_job(erp: Any) -> None:
    """The second request is a 400 titled Conflict that leads to the first one's job."""
    headers = LATER | {"X-NetSuite-idempotency-key": "k1"}

    def send() -> httpx.Response:
        answer: httpx.Response = erp.record(
            "POST", "customer", json={"companyName": "Once"}, headers=headers
        )
        return answer

    first, second = send(), send()

    assert second.status_code == 400
    body = second.json()
    assert (body["title"], body["o:errorDetails"][0]["o:errorCode"]) == (
        "Conflict",
        "IDEMPOTENCY_ERROR",
    )
    assert job_of(first) == HOST + second.headers["location"]
    assert len(erp.rows("SELECT id FROM customer WHERE companyname = 'Once'")) == 1


def test_a_key_means_nothing_to_a_synchronous_request(erp: Any) -> None:
    """It is not even read: both requests are carried out."""
    headers = {"X-NetSuite-idempotency-key": "k1"}

    statuses = [
        erp.record(
            "POST", "customer", json={"companyName": "Twice"}, headers=headers
        ).status_code
        for _ in range(2)
    ]

    assert statuses == [204, 204]
    assert len(erp.rows("SELECT id FROM customer WHERE companyname = 'Twice'")) == 2


def test_a_batch_makes_a_task_of_every_record(erp: Any) -> None:
    """One of them fails; the others are there."""
    items = [{"companyName": "A"}, {"nope": 1}, {"companyName": "C"}]

    job = job_of(erp.record("POST", "customer", json={"items": items}, headers=BATCH))

    tasks = erp.client.get(f"{job}/task").json()
    results = [erp.client.get(f"{job}/task/{n}/result") for n in (1, 2, 3)]
    assert tasks["totalResults"] == 3
    assert [each.status_code for each in results] == [204, 400, 204]
    assert erp.client.get(f"{job}/task/2").json()["progress"] == "failed"
    assert erp.rows("SELECT companyname FROM customer WHERE id > 1002 ORDER BY id") == [
        {"companyname": "A"},
        {"companyname": "C"},
    ]


def test_a_batch_changes_upserts_reads_and_deletes(erp: Any) -> None:
    """PATCH names ids, PUT external ids, GET and DELETE have them in the query."""
    patch = [{"id": "1001", "phone": "1"}, {"id": "1002", "phone": "2"}]
    put = [
        {"externalId": "cus_2", "companyName": "Two"},
        {"externalId": "new_3", "companyName": "Three"},
    ]

    changed = job_of(
        erp.record("PATCH", "customer", json={"items": patch}, headers=BATCH)
    )
    upserted = job_of(erp.record("PUT", "customer", json={"items": put}, headers=BATCH))
    read = job_of(erp.record("GET", "customer?ids=1001,1002", headers=LATER))
    bodies = [erp.client.get(f"{read}/task/{n}/result").json() for n in (1, 2)]
    job_of(erp.record("DELETE", "customer?ids=1002,1003", headers=LATER))

    assert erp.client.get(changed).json()["progress"] == "succeeded"
    assert erp.client.get(upserted).json()["progress"] == "succeeded"
    assert [(b["companyName"], b["phone"]) for b in bodies] == [
        ("Customer 1", "1"),
        ("Two", "2"),
    ]
    assert [row["id"] for row in erp.rows("SELECT id FROM customer")] == ["1001"]


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "expected"),
    [
        ("POST", "customer", {"items": [{}] * 101}, BATCH, "INVALID_CONTENT"),
        ("POST", "customer", {"items": []}, BATCH, "INVALID_CONTENT"),
        ("POST", "customer", {"items": [5]}, BATCH, "INVALID_CONTENT"),
        ("POST", "customer", {}, BATCH, "INVALID_CONTENT"),
        ("DELETE", "customer?ids=", None, LATER, "INVALID_CONTENT"),
        ("DELETE", "customer?ids=1001", None, {}, "INVALID_HEADER"),
    ],
)
def test_a_batch_has_from_one_to_a_hundred_records(
    reading: Any,
    said: Said,
    *,
    method: str,
    path: str,
    body: Any,
    headers: dict[str, str],
    expected: str,
) -> None:
    """And it is asynchronous, or refused."""
    response = reading.record(method, path, json=body, headers=headers)

    assert said(response) == (400, expected)


def test_a_job_may_be_killed_midway(erp: Any, said: Said) -> None:
    """What was done stays; the rest has no result but an unexpected error."""
    erp.set(kill_jobs_after=1)
    items = [{"companyName": "A"}, {"companyName": "B"}]

    job = job_of(erp.record("POST", "customer", json={"items": items}, headers=BATCH))

    assert erp.client.get(job).json()["progress"] == "failed"
    assert erp.client.get(f"{job}/task/1/result").status_code == 204
    assert said(erp.client.get(f"{job}/task/2/result")) == (500, "UNEXPECTED_ERROR")
    assert len(erp.rows("SELECT id FROM customer")) == 3


@pytest.mark.parametrize("path", ["9", "9/task", "1/task/2", "1/task/x", "1/task/0"])
def test_a_job_that_is_not_there_is_not_found(erp: Any, said: Said, path: str) -> None:
    """Nor are tasks that a job has not."""
    job = job_of(erp.record("PATCH", "customer/1001", json={}, headers=LATER))
    number = job.rpartition("/")[2]
    wanted = path.replace("1/", f"{number}/", 1) if path[0] == "1" else path

    assert said(erp.client.get(f"{REST}/async/v1/job/{wanted}")) == (
        404,
        "NONEXISTENT_ID",
    )


def test_jobs_tokens_and_keys_survive_a_restart(
    keys: Credentials, tmp_path: Path
) -> None:
    """A job taken before the sandbox stopped is carried out after it, once."""
    start = datetime(2026, 11, 1, 12, tzinfo=UTC)
    customer = {"id": "1001", "companyname": "One", "currency": "USD"}
    headers = LATER | {"X-NetSuite-idempotency-key": "k", "Authorization": "Bearer t"}
    path = "/services/rest/record/v1/customer"
    body = {"companyName": "Survivor"}

    def run(documents: Any, seconds: int) -> tuple[int, int]:
        clock = Clock(start + timedelta(seconds=seconds), running=False)
        store = Store(documents, clock, tmp_path / "sandbox.sqlite")
        store.set_conditions({"netsuite": {"job_seconds": 30}})
        if documents:
            store.keep("netsuite", "_token", {"id": "t", "until": 2**40})
        app = application(store, keys, only=["netsuite"])
        with in_process(app, "netsuite") as client:
            answer = client.post(path, json=body, headers=headers)
            held = len(store.collection("netsuite", "customer"))
        store.close()
        return answer.status_code, held

    before = run({"netsuite": {"customer": [customer]}}, 0)
    after = run({}, 60)
    later = run({}, 120)

    assert (before, after, later) == ((202, 1), (400, 2), (400, 2))
