"""Chargebee's answers: errors become reactions, and what contradicts itself a fault."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from ingestion import chargebee
from ingestion.errors import (
    Conflict,
    Refused,
    Rejected,
    SystemFault,
    Transient,
    Unknown,
)
from ingestion.readings import Batch, Known, Page, Reading, Step
from ingestion.transport.rest import Rest
from sandbox.clients import in_process
from sandbox.clock import Clock
from sandbox.credentials import Credentials
from sandbox.server import application
from sandbox.store import Store
from tests.ingestion.accounts import START

SITE = {
    "CHARGEBEE_URL": "https://concord.chargebee.com",
    "CHARGEBEE_API_KEY": "test_0123456789abcdef",
}
# Chargebee's OpenAPI document, components/schemas/400 to 503, and the reaction of a
# read and of a write.
CODES = [
    (400, "configuration_incompatible", Refused, Refused),
    (400, "duplicate_entry", Conflict, Conflict),
    (400, "invalid_request", Refused, Rejected),
    (400, "param_wrong_value", Refused, Rejected),
    (400, "payment_gateway_currency_incompatible", Rejected, Rejected),
    (400, "payment_intent_invalid", Rejected, Rejected),
    (400, "payment_intent_invalid_amount", Rejected, Rejected),
    (400, "payment_method_not_present", Rejected, Rejected),
    (400, "payment_method_verification_failed", Rejected, Rejected),
    (400, "payment_processing_failed", Rejected, Rejected),
    (400, "resource_limit_exceeded", Rejected, Rejected),
    (400, "resource_limit_exhausted", Rejected, Rejected),
    (401, "api_authentication_failed", Refused, Refused),
    (401, "basic_authentication_failed", Refused, Refused),
    (403, "api_authorization_failed", Refused, Refused),
    (403, "request_blocked", Refused, Refused),
    (404, "resource_not_found", Rejected, Rejected),
    (404, "site_not_found", Refused, Refused),
    (405, "http_method_not_supported", Refused, Refused),
    (409, "invalid_state_for_request", Rejected, Rejected),
    (422, "unable_to_process_request", Rejected, Rejected),
    (429, "api_request_limit_exceeded", Transient, Transient),
    (429, "lock_timeout", Transient, Transient),
    (429, "third_party_api_request_limit_exceeded", Transient, Transient),
    (500, "internal_error", Transient, Unknown),
    (503, "db_connection_failure", Transient, Transient),
    (503, "internal_temporary_error", Transient, Transient),
    (503, "site_not_ready", Transient, Transient),
    (503, "site_read_only_mode", Transient, Transient),
]
# What other places tell: the sandbox's statuses, and codes that are new.
OTHERS = [
    (409, "operation_failed", "lock_timeout", Transient, Transient),
    (402, "payment", "payment_declined_anew", Rejected, Rejected),
    (400, "invalid_request", "a_new_code", Rejected, Rejected),
    (
        400,
        "ubb_batch_ingestion_invalid_request",
        "invalid_format",
        Rejected,
        Rejected,
    ),
    (500, "operation_failed", "a_new_code", Transient, Unknown),
    (500, "invalid_request", "a_new_code", Transient, Unknown),
    (502, None, None, Transient, Unknown),
    (504, None, None, Transient, Unknown),
    (401, None, None, Refused, Refused),
]

Answering = Callable[[httpx.Request], httpx.Response]


def problem(status: int, kind: str | None, code: str | None) -> httpx.Response:
    """Return Chargebee's error, or its gateway's page where there is no code."""
    if code is None:
        return httpx.Response(status, html="<html><title>away</title></html>")
    told = {"message": "No.", "type": kind, "api_error_code": code, "param": "email"}
    return httpx.Response(status, json={**told, "http_status_code": status})


@pytest.mark.parametrize(("status", "code", "reads", "writes"), CODES)
def test_every_documented_code_asks_for_one_of_the_reactions(
    status: int, code: str, reads: type[SystemFault], writes: type[SystemFault]
) -> None:
    """The code decides, with the message, the field and the code beside it."""
    response = problem(status, "operation_failed", code)

    read = chargebee.classify(response, wrote=False)
    written = chargebee.classify(response, wrote=True)

    assert (type(read), type(written)) == (reads, writes)
    assert (written.system, written.reason, written.field) == (
        "chargebee",
        "No",
        "email",
    )
    assert (written.code, written.status) == (code, status)


def test_no_documented_code_is_left_to_chance() -> None:
    """All of them are in the table, save the one that leaves a write unknown."""
    documented = {code for _, code, _, _ in CODES}

    assert documented - chargebee.ERRORS.keys() == {"internal_error"}
    assert chargebee.ERRORS.keys() <= documented


@pytest.mark.parametrize(("status", "kind", "code", "reads", "writes"), OTHERS)
def test_a_code_that_is_new_is_taken_by_its_type_or_its_status(
    status: int,
    kind: str | None,
    code: str | None,
    reads: type[SystemFault],
    writes: type[SystemFault],
) -> None:
    """Chargebee adds codes without a new version."""
    response = problem(status, kind, code)

    assert type(chargebee.classify(response, wrote=False)) is reads
    assert type(chargebee.classify(response, wrote=True)) is writes


@pytest.mark.parametrize("body", [b"", b"[]", b'"no"', b'{"message": 7}'])
def test_an_error_without_its_shape_is_taken_by_its_status(body: bytes) -> None:
    """Nothing that stands between us and Chargebee breaks the classifier."""
    fault = chargebee.classify(httpx.Response(429, content=body), wrote=False)

    assert type(fault) is Transient


def test_the_sandbox_asks_for_a_pause_and_it_is_kept(keys: Credentials) -> None:
    """The site's minute is used up: the answer says for how long."""
    store = Store({}, Clock(START, running=False))
    store.set_conditions({"chargebee": {"requests_per_minute": 0}})
    with in_process(application(store, keys), "chargebee") as client:
        response = client.get(
            "/api/v2/customers", auth=httpx.BasicAuth(keys.chargebee_api_key, "")
        )

    fault = chargebee.classify(response, wrote=False)

    assert type(fault) is Transient
    assert fault.code == "api_request_limit_exceeded"
    assert fault.retry_after is not None
    assert 0 < fault.retry_after <= 60


def test_a_key_that_is_wrong_is_refused_with_the_setting_to_check(
    keys: Credentials,
) -> None:
    """The sentence names the setting, and not the key."""
    store = Store({}, Clock(START, running=False))
    with in_process(application(store, keys), "chargebee") as client:
        response = client.get("/api/v2/customers", auth=httpx.BasicAuth("wrong", ""))

    fault = chargebee.classify(response, wrote=False)

    assert type(fault) is Refused
    assert "CHARGEBEE_API_KEY" in str(fault)


def test_the_limit_is_the_smallest_plan_s_until_the_settings_name_another() -> None:
    """No answer tells the plan, and a test site takes 150 calls a minute."""
    with chargebee.client(SITE) as small:
        assert [each.calls for each in small.budget.limits.windows] == [150]
    larger = {**SITE, "CHARGEBEE_CALLS_PER_MINUTE": "3500", "CHARGEBEE_API_KEY": "e"}
    with chargebee.client(larger) as large:
        assert [each.calls for each in large.budget.limits.windows] == [3500]


@pytest.mark.parametrize("told", ["many", "0", "-1", "1.5", "٣"])
def test_a_limit_that_is_no_number_is_refused(told: str) -> None:
    """It is not passed over: the site would be called as the wrong plan allows."""
    with pytest.raises(Refused, match="CHARGEBEE_CALLS_PER_MINUTE"):
        chargebee.client({**SITE, "CHARGEBEE_CALLS_PER_MINUTE": told})


def answered(answer: Answering) -> Rest:
    """Return a client of a site that answers so."""
    return chargebee.client(SITE, httpx.MockTransport(answer))


def first(name: str) -> Reading:
    """Return a list's first walk."""
    return {each.name: each for each in chargebee.readings(Known(START))}[name]


def one_page(answer: Any, name: str = "invoices") -> Page:
    """Return the page that a walk makes of an answer."""
    with answered(lambda _request: httpx.Response(200, json=answer)) as rest:
        return first(name).fetch(Step(rest))


def test_a_page_that_is_empty_and_announces_another_one_is_not_believed() -> None:
    """Whoever follows it would end the list too early, or never."""
    with pytest.raises(Transient, match="empty"):
        one_page({"list": [], "next_offset": "more"})


@pytest.mark.parametrize(
    "answer",
    [
        [],
        {},
        {"list": None},
        {"list": [{}]},
        {"list": [[]]},
        {"list": [{"invoice": 1}]},
    ],
)
def test_an_answer_that_is_no_list_is_refused(answer: Any) -> None:
    """It is another interface than the one that was agreed."""
    with pytest.raises(Refused, match="no list of records"):
        one_page(answer)


def test_a_question_for_ids_that_has_more_pages_than_ids_is_not_believed() -> None:
    """Records would be taken for gone that stand on the next page."""
    answer = {"list": [{"customer": {"id": "a"}}], "next_offset": "more"}
    walk = chargebee.named("customers", ["a", "b"])

    with (
        answered(lambda _request: httpx.Response(200, json=answer)) as rest,
        pytest.raises(Transient, match="announces more"),
    ):
        walk.fetch(Step(rest))


def long_invoice(*pages: dict[str, Any]) -> Answering:
    """Return a site with an invoice whose lines are told in pages."""
    lines = iter(pages)

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/v2/invoices":
            page = {"list": [{"invoice": {"id": "in_1", **next(lines)}}]}
            return httpx.Response(200, json=page)
        assert request.url.path == "/api/v2/invoices/in_1"
        assert request.url.params["line_items_limit"] == "300"
        asked.append(request.url.params["line_items_offset"])
        return httpx.Response(200, json={"invoice": {"id": "in_1", **next(lines)}})

    asked: list[str] = []
    answer.asked = asked  # type: ignore[attr-defined]
    return answer


def test_the_lines_of_a_long_invoice_are_read_to_their_end() -> None:
    """Lists leave out lines of long invoices and say where they go on."""
    answer = long_invoice(
        {"line_items": [], "line_items_next_offset": "1"},
        {"line_items": [{"id": "li_1"}], "line_items_next_offset": "2"},
        {"line_items": [{"id": "li_2"}]},
    )

    with answered(answer) as rest:
        page = first("invoices").fetch(Step(rest))

    assert page.arrivals[1] == Batch(
        "invoice_lines",
        [{"id": "li_1", "invoice_id": "in_1"}, {"id": "li_2", "invoice_id": "in_1"}],
    )
    assert answer.asked == ["1", "2"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "last",
    [
        {"line_items": [{"id": "li_1"}], "line_items_next_offset": "1"},
        {"line_items": [], "line_items_next_offset": "2"},
    ],
)
def test_lines_that_do_not_end_are_not_believed(last: dict[str, Any]) -> None:
    """A page that leads to itself, or brings nothing, names its invoice."""
    answer = long_invoice({"line_items": [], "line_items_next_offset": "1"}, last)

    with answered(answer) as rest, pytest.raises(Transient) as caught:
        first("invoices").fetch(Step(rest))

    assert caught.value.record_id == "in_1"


def test_a_record_without_an_id_is_left_to_its_own_stream() -> None:
    """It is told of there, and takes no parts of others with it."""
    page = one_page({"list": [{"invoice": {"line_items": [{"id": "li_1"}]}}]})

    assert page.arrivals[0] == Batch("invoices", [{"line_items": [{"id": "li_1"}]}])
    assert page.arrivals[1] == Batch("invoice_lines", [])
