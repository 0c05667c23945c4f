"""Business Central's answers: errors become reactions, contradictions become faults."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from ingestion import business_central
from ingestion.errors import (
    Conflict,
    Refused,
    Rejected,
    SystemFault,
    Transient,
    Unknown,
)
from ingestion.readings import Batch, Children, Known, Page, Reading, Step
from ingestion.transport.rest import Rest
from sandbox.clients import InProcess
from sandbox.clock import Clock
from sandbox.credentials import Credentials
from sandbox.server import application
from sandbox.store import Store
from tests.ingestion.accounts import ONE, START, environment

HOST = "https://api.businesscentral.dynamics.com"
SETTINGS = {
    "BUSINESS_CENTRAL_TENANT": "contoso.example",
    "BUSINESS_CENTRAL_CLIENT_ID": "11111111-2222-3333-4444-555555555555",
    "BUSINESS_CENTRAL_CLIENT_SECRET": "only-for-this-test",
}
ROOT = "/v2.0/contoso.example/Production/api/v2.0"
# learn.microsoft.com, "Troubleshooting REST API/OData calls": every code of its table,
# with the status it comes with and the reaction of a read and of a write.
CODES = [
    (400, "BadRequest", Refused, Rejected),
    (400, "BadRequest_InvalidRequestUrl", Refused, Refused),
    (404, "BadRequest_NotFound", Refused, Refused),
    (404, "BadRequest_ResourceNotFound", Refused, Refused),
    (400, "BadRequest_InvalidOperation", Refused, Rejected),
    (400, "BadRequest_InvalidToken", Conflict, Conflict),
    (400, "BadRequest_RequiredParamNotProvided", Refused, Rejected),
    (409, "Request_EntityChanged", Conflict, Conflict),
    (405, "BadRequest_MethodNotAllowed", Refused, Refused),
    (400, "BadRequest_MethodNotImplemented", Refused, Refused),
    (404, "Internal_DataNotFoundFilter", Rejected, Rejected),
    (404, "Internal_RecordNotFound", Rejected, Rejected),
    (400, "Internal_InvalidTableRelation", Rejected, Rejected),
    (500, "Internal_ServerError", Transient, Unknown),
    (400, "Internal_EntityWithSameKeyExists", Conflict, Conflict),
    (404, "Internal_CompanyNotFound", Refused, Refused),
    (503, "Internal_TenantUnavailable", Transient, Transient),
    (400, "Application_DialogException", Rejected, Rejected),
    (400, "Application_EvaluateException", Rejected, Rejected),
    (400, "Application_StringExceededLength", Rejected, Rejected),
    (400, "Application_InvalidGUID", Rejected, Rejected),
    (400, "Application_CallbackNotAllowed", Rejected, Rejected),
    (400, "Application_FilterErrorException", Rejected, Rejected),
    (400, "Application_FieldValidationException", Rejected, Rejected),
    (401, "Authentication_InvalidCredentials", Refused, Refused),
    (500, "Unknown", Transient, Unknown),
]
# What its operational limits answer, and codes of the families that are new.
OTHERS = [
    (413, "RequestEntityTooLarge", Refused, Refused),
    (429, "Application_TooManyRequests", Transient, Transient),
    (408, "Application_OperationTimeout", Transient, Unknown),
    (503, "Internal_ServiceUnavailable", Transient, Transient),
    (504, "Internal_GatewayTimeout", Transient, Unknown),
    (400, "BadRequest_Anew", Refused, Rejected),
    (401, "Authentication_Anew", Refused, Refused),
    (403, "Authorization_PermissionDenied", Refused, Refused),
    (400, "Application_Anew", Rejected, Rejected),
    (400, "Internal_Anew", Transient, Unknown),
    (412, "Anew", Conflict, Conflict),
    (400, "Unknown", Rejected, Rejected),
]

Answering = Callable[[httpx.Request], httpx.Response]


def problem(status: int, code: str, message: str = "It is wrong.") -> httpx.Response:
    """Return Business Central's error."""
    said = f"{message}  CorrelationId:  0e82377d-b2af-437d-be1d-71c99ea29421."
    return httpx.Response(status, json={"error": {"code": code, "message": said}})


@pytest.mark.parametrize(("status", "code", "reads", "writes"), [*CODES, *OTHERS])
def test_every_documented_code_asks_for_one_of_the_reactions(
    status: int, code: str, reads: type[SystemFault], writes: type[SystemFault]
) -> None:
    """The code decides, with its message and without what traces the call."""
    response = problem(status, code)

    read = business_central.classify(response, wrote=False)
    written = business_central.classify(response, wrote=True)

    assert (type(read), type(written)) == (reads, writes)
    assert (written.system, written.reason) == ("business_central", "It is wrong")
    assert (written.code, written.status) == (code, status)


def test_no_documented_code_is_left_to_chance() -> None:
    """All of them are in the table, save the two that leave a write unknown."""
    documented = {code for _, code, _, _ in CODES}

    assert documented - business_central.ERRORS.keys() == {
        "Internal_ServerError",
        "Unknown",
    }


def test_a_property_that_is_not_known_is_named_with_its_object() -> None:
    """The sentence of the vendor names both."""
    response = problem(
        400,
        "BadRequest_InvalidRequestUrl",
        "Could not find a property named 'taxLiable' on type 'Microsoft.NAV.customer'.",
    )

    fault = business_central.classify(response, wrote=False)

    assert (fault.object, fault.field) == ("customer", "taxLiable")


@pytest.mark.parametrize("body", [b"", b"[]", b'{"error": "no"}', b"<html>"])
def test_an_error_without_its_shape_is_taken_by_its_status(body: bytes) -> None:
    """Nothing that stands between us and the vendor breaks the classifier."""
    fault = business_central.classify(httpx.Response(503, content=body), wrote=False)

    assert type(fault) is Transient
    assert fault.reason == "the answer was status 503"


def test_calls_over_the_limit_are_told_for_how_long(keys: Credentials) -> None:
    """Of the sandbox, whose limit is the vendor's: the pause is in the answer."""
    store = Store({}, Clock(START, running=False))
    way = InProcess(application(store, keys))
    with business_central.client(environment("business_central", keys), way) as rest:
        headers = rest._auth.headers(rest._client)
        store.set_conditions({"business_central": {"calls_per_window": 0}})
        response = rest._client.get(f"{HOST}{rest.root}/companies", headers=headers)

    fault = business_central.classify(response, wrote=False)

    assert type(fault) is Transient
    assert fault.retry_after is not None
    assert 0 < fault.retry_after <= 300


def test_a_secret_that_is_wrong_is_refused_with_the_settings_to_check(
    keys: Credentials,
) -> None:
    """The sentence names the settings, and not the secret."""
    told = environment("business_central", keys)
    told["BUSINESS_CENTRAL_CLIENT_SECRET"] = "wrong-secret"
    way = InProcess(application(Store({}, Clock(START, running=False)), keys))

    with business_central.client(told, way) as rest, pytest.raises(Refused) as caught:
        rest.companies()

    assert "BUSINESS_CENTRAL_CLIENT_SECRET" in str(caught.value)
    assert "wrong-secret" not in str(caught.value)


@contextmanager
def answering(answer: Answering, **settings: str) -> Iterator[Rest]:
    """Make a client of an environment with one company, which answers so else."""

    def answers(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/oauth2/v2.0/token"):
            tokens.append(str(request.url))
            return httpx.Response(200, json={"access_token": "a" * 40})
        if request.url.path.endswith("/companies"):
            one = {"id": ONE, "name": "One", "displayName": "One"}
            return httpx.Response(200, json={"value": [one]})
        return answer(request)

    tokens: list[str] = []
    way = httpx.MockTransport(answers)
    with business_central.client({**SETTINGS, **settings}, way) as rest:
        yield rest
    assert len(tokens) == 1


def first(name: str) -> Reading:
    """Return a set's first walk."""
    found = business_central.readings(Known(START))
    return {each.name: each for each in found}[name]


def one_page(answer: Any, name: str = "items") -> Page:
    """Return the page that a walk makes of an answer."""
    with answering(lambda _request: httpx.Response(200, json=answer)) as rest:
        return first(name).fetch(Step(rest))


def test_a_page_is_asked_for_whole_and_of_the_copy_for_readers() -> None:
    """At most 20,000 records, counted; documents come in smaller pages."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={"value": []})

    with answering(answer) as rest:
        first("items").fetch(Step(rest))
        first("sales_invoices").fetch(Step(rest))

    assert {each.headers["data-access-intent"] for each in asked} == {"ReadOnly"}
    assert [each.headers["prefer"] for each in asked] == [
        "odata.maxpagesize=20000",
        "odata.maxpagesize=2000",
    ]
    assert [str(each.url) for each in asked] == [
        f"{HOST}{ROOT}/companies({ONE})/{path}"
        for path in (
            "items?$count=true",
            "salesInvoices?$count=true&$expand=salesInvoiceLines",
        )
    ]


def test_other_clouds_and_environments_have_their_own_addresses() -> None:
    """The settings name them; the token comes from where they say."""
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        if "token" in request.url.path:
            return httpx.Response(200, json={"access_token": "b" * 40})
        return httpx.Response(200, json={"value": []})

    settings = {
        "BUSINESS_CENTRAL_URL": "https://api.example",
        "BUSINESS_CENTRAL_LOGIN_URL": "https://login.example/",
        "BUSINESS_CENTRAL_ENVIRONMENT": "Sandbox 1",
    }
    way = httpx.MockTransport(answer)
    with business_central.client({**SETTINGS, **settings}, way) as rest:
        assert rest.companies() == []

    assert seen == [
        "https://login.example/contoso.example/oauth2/v2.0/token",
        "https://api.example/v2.0/contoso.example/Sandbox%201/api/v2.0/companies",
    ]


@pytest.mark.parametrize("name", ["items", "sales_invoices"])
def test_a_page_that_counts_otherwise_than_it_holds_is_not_believed(name: str) -> None:
    """Records that are missing would be taken for gone."""
    with pytest.raises(Transient, match=r"counts 2 records and gives 1"):
        one_page({"@odata.count": 2, "value": [{"id": "a"}]}, name)


def test_a_count_of_several_pages_may_change_while_they_are_read() -> None:
    """Somebody adds a record between two pages: that is no fault."""
    link = f"{HOST}{ROOT}/companies({ONE})/items?$count=true&$skiptoken=b"
    pages = iter(
        [
            {"@odata.count": 2, "value": [{"id": "a"}], "@odata.nextLink": link},
            {"@odata.count": 3, "value": [{"id": "b"}]},
        ]
    )

    with answering(lambda _request: httpx.Response(200, json=next(pages))) as rest:
        page = first("items").fetch(Step(rest))
        last = first("items").fetch(Step(rest, page.next))

    assert last.next is None


def test_a_page_that_is_empty_and_announces_another_one_is_not_believed() -> None:
    """Whoever follows it would end the set too early, or never."""
    with pytest.raises(Transient, match="empty"):
        one_page({"value": [], "@odata.nextLink": f"{HOST}{ROOT}/companies"})


@pytest.mark.parametrize("answer", [[], {}, {"value": None}, {"value": [1]}])
def test_an_answer_that_is_no_page_is_refused(answer: Any) -> None:
    """It is another interface than the one that was agreed."""
    with pytest.raises(Refused, match="no page of records"):
        one_page(answer)


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/v2.0/companies",
        "http://api.businesscentral.dynamics.com/v2.0/companies",
        "//evil.example",
        7,
    ],
)
def test_a_link_to_another_host_is_not_followed(link: Any) -> None:
    """The credential is sent nowhere else."""
    with pytest.raises(Refused):
        one_page({"value": [{"id": "a"}], "@odata.nextLink": link})


def invoice(**fields: Any) -> dict[str, Any]:
    """Return a page with one invoice."""
    return {"value": [{"id": "in", **fields}]}


def test_the_lines_of_a_long_document_are_read_to_their_end() -> None:
    """A document holds its first lines and a link to the others."""
    more = f"{HOST}{ROOT}/companies({ONE})/salesInvoices(in)/salesInvoiceLines?$skip="
    answers = {
        "salesInvoices": invoice(
            **{
                "salesInvoiceLines": [{"id": "l1", "documentId": "in"}],
                "salesInvoiceLines@odata.nextLink": f"{more}1",
            }
        ),
        "1": {"value": [{"id": "l2"}], "@odata.nextLink": f"{more}2"},
        "2": {"value": [{"id": "l3"}]},
    }

    def answer(request: httpx.Request) -> httpx.Response:
        wanted = request.url.params.get("$skip", "salesInvoices")
        return httpx.Response(200, json=answers[wanted])

    with answering(answer) as rest:
        page = first("sales_invoices").fetch(Step(rest))

    lines = [{"id": "l1", "documentId": "in"}, {"id": "l2"}, {"id": "l3"}]
    assert page.arrivals == [
        Batch("sales_invoices", [{"id": "in"}], {"company_id": ONE}),
        Batch("sales_invoice_lines", lines, {"company_id": ONE}),
        Children("sales_invoice_lines", "document_id", ["in"]),
    ]


def test_lines_that_do_not_end_are_not_believed() -> None:
    """A page that leads to itself names its document."""
    link = f"{HOST}{ROOT}/companies({ONE})/salesInvoices(in)/salesInvoiceLines?$skip=1"
    document = invoice(
        **{"salesInvoiceLines": [], "salesInvoiceLines@odata.nextLink": link}
    )
    around = {"value": [{"id": "l"}], "@odata.nextLink": link}

    def answer(request: httpx.Request) -> httpx.Response:
        told = around if "$skip" in request.url.params else document
        return httpx.Response(200, json=told)

    with answering(answer) as rest, pytest.raises(Transient) as caught:
        first("sales_invoices").fetch(Step(rest))

    assert caught.value.record_id == "in"


def test_a_link_of_lines_to_another_host_is_not_followed() -> None:
    """Nested pages are held to the same."""
    link = "https://evil.example/lines"
    fields = {"salesInvoiceLines": [], "salesInvoiceLines@odata.nextLink": link}

    with pytest.raises(Refused, match=r"evil\.example"):
        one_page(invoice(**fields), "sales_invoices")


@pytest.mark.parametrize("fields", [{}, {"salesInvoiceLines": None}])
def test_a_document_without_its_lines_ends_the_walk(fields: dict[str, Any]) -> None:
    """Without that, all lines of all documents would be gone."""
    with pytest.raises(Refused) as caught:
        one_page(invoice(**fields), "sales_invoices")

    assert (caught.value.record_id, caught.value.field) == ("in", "salesInvoiceLines")


def test_a_question_for_ids_that_has_more_pages_than_ids_is_not_believed() -> None:
    """Records would be taken for gone that stand on the next page."""
    link = f"{HOST}{ROOT}/companies({ONE})/items?$skiptoken=b"
    answer = {"value": [{"id": ONE}], "@odata.nextLink": link}

    with (
        answering(lambda _request: httpx.Response(200, json=answer)) as rest,
        pytest.raises(Transient, match="announces more"),
    ):
        business_central.named("items", [ONE]).fetch(Step(rest))


def test_a_login_address_without_tls_is_refused() -> None:
    """The secret is not sent unprotected."""
    unsafe = {"BUSINESS_CENTRAL_LOGIN_URL": "http://login.example"}

    with pytest.raises(Refused, match="BUSINESS_CENTRAL_LOGIN_URL"):
        business_central.client({**SETTINGS, **unsafe})
