"""What every call to Chargebee goes through: sign-in, limits, keys, errors."""

from typing import Any

import httpx
import pytest

KEY = "chargebee-idempotency-key"


def code(answer: httpx.Response) -> tuple[int, str]:
    """Return the status and the error's code; every error has Chargebee's shape."""
    told = answer.json()
    assert told["http_status_code"] == answer.status_code
    assert told["message"] == told["error_msg"]
    return answer.status_code, told["api_error_code"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": ""},
        {"Authorization": "Bearer something"},
        {"Authorization": "Basic bm9ib2R5Og=="},
        {"Authorization": "Basic %%%"},
    ],
)
def test_strangers_are_refused(site: Any, headers: dict[str, str]) -> None:
    """Without the key nothing is answered, and the error has no type."""
    answer = site.client.get("/customers", headers=headers, auth=None)

    assert code(answer) == (401, "api_authentication_failed")
    assert "type" not in answer.json()


def test_another_site_is_not_found(served: Any) -> None:
    """A host name of Chargebee's that is not the company's has no site."""
    headers = {"Host": "other.chargebee.com"}

    answer = served.client.get("/customers", headers=headers)

    assert code(answer) == (404, "site_not_found")


def test_a_minute_has_150_calls(site: Any) -> None:
    """The call after the last one is told when the next minute begins."""
    site.conditions(requests_per_minute=None)
    site.clock.advance(20)
    for _ in range(150):
        assert site.client.get("/item_families").status_code == 200

    refused = site.client.get("/item_families")
    site.clock.advance(40)
    again = site.client.get("/item_families")

    assert code(refused) == (429, "api_request_limit_exceeded")
    assert refused.headers["Retry-After"] == "40"
    assert refused.json()["type"] == "operation_failed"
    assert again.status_code == 200


def test_a_post_sent_again_under_its_key_is_carried_out_once(site: Any) -> None:
    """The second answer is the first one, byte for byte, and says so."""
    headers = {KEY: "k1"}

    first = site.client.post("/customers", data={"company": "Once"}, headers=headers)
    again = site.client.post("/customers", data={"company": "Once"}, headers=headers)

    assert first.content == again.content
    assert again.headers["chargebee-idempotency-replayed"] == "true"
    assert "chargebee-idempotency-replayed" not in first.headers
    assert len(site.records("customer")) == 26


def test_a_key_with_other_parameters_is_refused(site: Any) -> None:
    """The path and the body have to be those of the first time."""
    headers = {KEY: "k1"}
    site.client.post("/customers", data={"company": "Once"}, headers=headers)

    body = site.client.post("/customers", data={"company": "Twice"}, headers=headers)
    path = site.client.post(
        "/customers/cust_01", data={"company": "Once"}, headers=headers
    )

    assert code(body) == code(path) == (400, "invalid_request")


def test_a_key_is_forgotten_after_half_an_hour(site: Any) -> None:
    """Then the request is carried out as a new one."""
    for _ in range(2):
        site.client.post("/customers", data={"company": "A"}, headers={KEY: "k1"})
        site.clock.advance(30 * 60)

    assert len(site.records("customer")) == 27


def test_a_refused_request_can_be_corrected_under_its_key(site: Any) -> None:
    """A refusal did nothing, therefore nothing is remembered of it."""
    headers = {KEY: "k1"}
    site.client.post("/customers", data={"email": "x"}, headers=headers)

    right = site.client.post("/customers", data={"email": "x@y.zz"}, headers=headers)

    assert right.status_code == 200


def test_a_key_has_at_most_100_characters(site: Any) -> None:
    """A longer one is refused before anything happens."""
    answer = site.client.post("/customers", headers={KEY: "k" * 101})

    assert code(answer) == (400, "invalid_request")
    assert len(site.records("customer")) == 25


@pytest.mark.parametrize(
    ("method", "path", "wanted"),
    [
        ("GET", "/nothing", (404, "resource_not_found")),
        ("GET", "/customers/nobody", (404, "resource_not_found")),
        ("POST", "/customers/nobody/delete", (404, "resource_not_found")),
        ("DELETE", "/customers/cust_01", (405, "http_method_not_supported")),
        ("PUT", "/customers", (405, "http_method_not_supported")),
        ("GET", "/time_machines/other", (404, "resource_not_found")),
    ],
)
def test_unknown_paths_and_methods(
    site: Any, method: str, path: str, wanted: tuple[int, str]
) -> None:
    """What does not exist is refused in Chargebee's words."""
    assert code(site.client.request(method, path)) == wanted


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"company": "x"}', "application/json"),
        (b"\xff\xfe=1", "application/x-www-form-urlencoded"),
        (b"company=%ff%fe", "application/x-www-form-urlencoded"),
        (b"meta_data={broken", "application/x-www-form-urlencoded"),
        (b"meta_data=" + b"[" * 3000, "application/x-www-form-urlencoded"),
        (b'meta_data={"a":' + b"9" * 400 + b"}", "application/x-www-form-urlencoded"),
        (b"net_term_days=1e9", "application/x-www-form-urlencoded"),
        (b"id=" + b"x" * 51, "application/x-www-form-urlencoded"),
        (b"billing_address[country]=Germany", "application/x-www-form-urlencoded"),
        (b"[=]", "application/x-www-form-urlencoded"),
    ],
)
def test_malformed_bodies_are_refused(site: Any, body: bytes, kind: str) -> None:
    """Whatever a body is, the answer is a 400 in Chargebee's shape."""
    headers = {"Content-Type": kind}

    answer = site.client.post("/customers", content=body, headers=headers)

    assert code(answer)[0] == 400
    assert len(site.records("customer")) == 25


def test_a_locked_record_is_a_conflict(site: Any) -> None:
    """Who writes to a record that another request holds is told to try again."""
    site.store.lock("chargebee", "customer", "cust_01", 30)

    refused = site.ask("/customers/cust_01", company="Changed")
    site.clock.advance(31)
    allowed = site.ask("/customers/cust_01", company="Changed")

    assert code(refused) == (409, "lock_timeout")
    assert allowed.status_code == 200


def test_a_taken_id_is_a_duplicate(site: Any) -> None:
    """An id is taken for ever, even that of a deleted record."""
    site.post("/customers/cust_01/delete")

    answers = [site.ask("/customers", id=each) for each in ("cust_00", "cust_01")]

    assert [code(each) for each in answers] == [(400, "duplicate_entry")] * 2
    assert answers[0].json()["param"] == "id"


@pytest.mark.parametrize("status", [500, 403])
def test_planned_failures_have_the_vendor_s_shape(served: Any, status: int) -> None:
    """A fault that answers with a status does so as Chargebee would."""
    fault = {"system": "chargebee", "kind": "status", "status": status}
    served.doors.control("faults", [fault])

    answer = served.client.get("/customers")

    wanted = {
        500: "internal_error",
        403: "api_authorization_failed",
    }
    assert code(answer) == (status, wanted[status])


def test_a_lost_answer_is_found_again_under_its_key(served: Any) -> None:
    """Who lost the answer repeats the call and learns what had happened."""
    fault = {"system": "chargebee", "kind": "lost_response", "method": "POST"}
    served.doors.control("faults", [fault])
    send = {"data": {"company": "Once"}, "headers": {KEY: "k1"}}
    with pytest.raises(httpx.HTTPError):
        served.client.post("/customers", **send)

    again = served.client.post("/customers", **send)

    assert again.headers["chargebee-idempotency-replayed"] == "true"
    assert len(served.records("customer")) == 26
