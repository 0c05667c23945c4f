"""A declared vendor's records, errors and credentials mean what its file says."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from ingestion import declared
from ingestion.errors import (
    Conflict,
    Refused,
    Rejected,
    SystemFault,
    Transient,
    Unknown,
)
from ingestion.readings import Known
from tests.ingestion.declared_walks import (
    ENVIRON,
    Document,
    a_deal,
    answering,
    client_of,
    loaded,
    text_of,
    vendor_of,
    walk,
)

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("deleted", "field", "is_deleted"),
    [
        ({"field": "archived_at"}, {"archived_at": "2026-10-01"}, True),
        ({"field": "archived_at"}, {"archived_at": None}, False),
        ({"field": "archived_at"}, {}, False),
        ({"field": "flags.gone"}, {"flags": {"gone": True}}, True),
        ({"field": "flags.gone"}, {"flags": {"gone": False}}, False),
        ({"field": "status", "is": "removed"}, {"status": "removed"}, True),
        ({"field": "status", "is": "removed"}, {"status": "open"}, False),
        ({"field": "active", "is": False}, {"active": False}, True),
        ({"field": "active", "is": False}, {"active": True}, False),
    ],
)
def test_a_record_tells_that_it_is_deleted(
    deleted: Document, field: Document, *, is_deleted: bool
) -> None:
    """By a field that is filled or true, or by one that has a certain value."""
    answer = {"data": [{**a_deal(1), **field}], "meta": {"next": None}}

    walked = loaded(vendor_of(deleted=deleted), answering(answer), Known(NOW))

    assert walked.rows["1"]["is_deleted"] is is_deleted


def test_records_are_read_by_identifier() -> None:
    """One that is not there is gone; so is one that is another's second name."""

    def answer(request: httpx.Request) -> httpx.Response:
        record_id = request.url.raw_path.decode().rpartition("/")[2]
        if record_id in {"7", "alias"}:
            return httpx.Response(200, json={"deal": a_deal(7)})
        return httpx.Response(410 if record_id == "9" else 404)

    vendor = vendor_of(by_id={"path": "/{resource}/{id}", "data": "deal"})
    reading = vendor.named("deals", ["7", "a/b?c", "9", "alias", "7"])

    with client_of(vendor, answer) as rest:
        walked = walk(vendor, rest, reading)

    assert walked.ids == ["7", "7"]
    assert walked.gone == ["a/b?c", "9", "alias"]
    assert walked.calls == 4


def test_by_identifier_another_error_is_no_deletion() -> None:
    """A permission that was taken away buries nothing."""
    vendor = vendor_of(by_id="/deals/{id}")

    with (
        client_of(vendor, lambda _request: httpx.Response(403)) as rest,
        pytest.raises(Refused),
    ):
        walk(vendor, rest, vendor.named("deals", ["1"]))


def test_a_resource_without_by_id_is_not_read_by_identifier() -> None:
    """Whoever asks is told which key is missing."""
    with pytest.raises(KeyError, match="by_id"):
        vendor_of().named("deals", ["1"])


def test_no_identifiers_are_no_calls() -> None:
    """An empty request for records asks nothing."""
    vendor = vendor_of(by_id="/deals/{id}")

    with client_of(vendor, lambda _request: httpx.Response(500)) as rest:
        assert walk(vendor, rest, vendor.named("deals", [])).calls == 0


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        (429, {"error": {"text": "Slow down."}}, Transient, None),
        (400, {"error": {"code": "BUSY"}}, Transient, "BUSY"),
        (504, {}, Unknown, None),
        (400, {"error": {"code": "STALE"}}, Conflict, "STALE"),
        (400, {"error": {"code": "LOCKED"}}, Conflict, "LOCKED"),
        (423, {"error": {"code": "LOCKED"}}, Transient, "LOCKED"),
        (400, {"error": {"code": "CLOSED"}}, Refused, "CLOSED"),
        (409, {"error": {"code": "CLOSED"}}, Conflict, "CLOSED"),
        (404, {"error": {"code": 12}}, Rejected, "12"),
        (403, None, Refused, None),
        (422, [], Rejected, None),
        (500, {"error": "broken"}, Transient, None),
    ],
)
def test_errors_ask_for_what_is_declared(
    status: int, body: Any, kind: type[SystemFault], code: str | None
) -> None:
    """A status with a code goes before the code, the code before the status."""
    response = (
        httpx.Response(status, html="<h1>No</h1>")
        if body is None
        else httpx.Response(status, json=body)
    )

    fault = vendor_of().classify(response, wrote=False)

    assert type(fault) is kind
    assert (fault.system, fault.status, fault.code) == ("pipedrift", status, code)


def test_an_error_is_told_in_the_vendors_words() -> None:
    """The sentence, the field, and for how long to wait."""
    body = {"error": {"code": "BUSY", "text": "Wait. ", "field": "name", "wait": 12.5}}

    fault = vendor_of().classify(httpx.Response(400, json=body), wrote=False)

    assert str(fault) == "pipedrift, field name: Wait; the next run tries again."
    assert fault.retry_after == 12.5


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("7", 7.0), (-1, None), ("soon", None), (True, None), ("NaN", None), (1e9, 86400)],
)
def test_a_pause_that_makes_no_sense_is_none(said: Any, seconds: float | None) -> None:
    """And none is longer than a day."""
    response = httpx.Response(429, json={"error": {"wait": said}})

    assert vendor_of().classify(response, wrote=False).retry_after == seconds


def test_the_header_retry_after_goes_before_the_body() -> None:
    """It is what the standard says."""
    response = httpx.Response(
        429, json={"error": {"wait": 9}}, headers={"Retry-After": "3"}
    )

    assert vendor_of().classify(response, wrote=False).retry_after == 3


def test_a_credential_that_is_not_accepted_names_the_setting() -> None:
    """Whoever reads the sentence knows what to correct; the key is not in it."""
    answer = httpx.Response(401, json={"error": {"text": "No key key-123456 here"}})

    with pytest.raises(Refused) as refused:
        loaded(vendor_of(), lambda _request: answer, Known(NOW))

    assert "check PIPEDRIFT_API_KEY, then run again" in str(refused.value)
    assert "key-123456" not in str(refused.value)


def authorized(auth: str, settings: dict[str, str]) -> httpx.Headers:
    """Return the headers by which a request is authorized."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        if request.url.path == "/token":
            return httpx.Response(200, json={"access_token": "t-1", "expires_in": 600})
        return httpx.Response(200, json={"data": [], "meta": {"next": None}})

    text = text_of().replace('{kind: bearer, token: "{api_key}"}', auth)
    vendor = declared.declared(text, "pipedrift.yml")
    environ = {"PIPEDRIFT_URL": ENVIRON["PIPEDRIFT_URL"], **settings}
    assert set(vendor.REQUIRED) == set(environ)
    with vendor.client(environ, httpx.MockTransport(answer)) as rest:
        walk(vendor, rest, vendor.readings(Known(NOW))[0])
    if seen[0].url.path == "/token":
        form = dict(httpx.QueryParams(seen[0].content.decode()))
        assert form == {
            "grant_type": "client_credentials",
            "client_id": "us",
            "client_secret": "s3cr3t-s3cr3t",
            "scope": "read",
        }
    return seen[-1].headers


def test_each_kind_of_credential_authorizes() -> None:
    """Basic, bearer, a header of the vendor's own, OAuth 2.0 client credentials."""
    key = {"PIPEDRIFT_API_KEY": "key/123456/"}

    basic = authorized('{kind: basic, username: "{api_key}", password: ""}', key)
    bearer = authorized('{kind: bearer, token: "{api_key}"}', key)
    own = authorized('{kind: api_key, header: X-Key, value: "Key {api_key}"}', key)
    token = authorized(
        '{kind: oauth2, token_url: "{url}/token", client_id: "{client_id}",'
        ' client_secret: "{client_secret}", scope: read}',
        {
            "PIPEDRIFT_CLIENT_ID": "us",
            "PIPEDRIFT_CLIENT_SECRET": "s3cr3t-s3cr3t",
        },
    )

    assert basic["Authorization"] == "Basic a2V5LzEyMzQ1Ni86"
    assert bearer["Authorization"] == "Bearer key/123456/"
    assert own["X-Key"] == "Key key/123456/"
    assert "Authorization" not in own
    assert token["Authorization"] == "Bearer t-1"


def test_values_have_the_kinds_that_the_file_says() -> None:
    """Names in camel case, other paths, fields that may be absent."""
    text = text_of(
        columns={
            "closed_at": "milliseconds",
            "score": "rounded",
            "tags": "json",
            "updated_at": "epoch",
            "city": "text place.city?",
            "next_step": "text?",
            "amount_minor": "integer",
        }
    ).replace("resources:", "names: camel\nresources:")
    vendor = declared.declared(text, "pipedrift.yml")
    body = (
        b'{"data": [{"id": 1, "closedAt": 1790812800123, "updatedAt": 1790812800,'
        b' "score": 6.9230769230769234, "tags": ["a", 1.50], "place": {},'
        b' "amountMinor": 5}], "meta": {"next": null}}'
    )

    walked = loaded(
        vendor, lambda _request: httpx.Response(200, content=body), Known(NOW)
    )

    row = walked.rows["1"]
    assert row["closed_at"] == datetime(2026, 10, 1, 0, 0, 0, 123_000, tzinfo=UTC)
    assert row["updated_at"] == datetime(2026, 10, 1, tzinfo=UTC)
    assert str(row["score"]) == "6.923076923"
    assert row["tags"] == '["a",1.50]'
    assert (row["city"], row["next_step"], row["amount_minor"]) == (None, None, 5)


def test_a_record_may_have_an_identifier_of_several_parts() -> None:
    """Memberships have no identifier of their own."""
    answer = {"data": [{**a_deal(1), "user": 5}], "meta": {"next": None}}

    walked = loaded(vendor_of(key=["id", "user"]), answering(answer), Known(NOW))

    assert walked.ids == ["1-5"]
