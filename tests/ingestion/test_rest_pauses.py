"""REST: how long a pause is, for whom it holds, and how often a call is repeated."""

import httpx
import pytest

from ingestion.errors import (
    Refused,
    SystemFault,
    Transient,
    naming,
)
from ingestion.transport.rest import retry_after
from tests.ingestion.test_rest import Server, json_answer


def test_the_time_of_reading_is_the_servers() -> None:
    """A cursor is compared with the clock that stamped the records."""
    server = Server(json_answer(Date="Sat, 31 Oct 2026 12:00:00 GMT"))
    rest = server.rest()

    rest.get("/things")

    assert rest.read_at is not None
    assert 0 <= 1793448000 - rest.read_at.timestamp() < 5


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("3", 3.0),
        ("-1", 0.0),
        ("soon", None),
        ("nan", None),
        ("inf", None),
        ("1e12", 86_400.0),
        ("Sat, 31 Oct 2020 12:00:00 GMT", 0.0),
        ("Sat, 31 Oct 9020 12:00:00 GMT", 86_400.0),
    ],
)
def test_retry_after_is_a_number_or_a_date(header: str, seconds: float | None) -> None:
    """Both forms of the header are read; nonsense asks for nothing; a day is most."""
    assert retry_after(json_answer(429, **{"Retry-After": header})) == seconds


def test_a_date_to_return_at_is_measured_by_the_vendors_clock() -> None:
    """A clock of ours that is wrong by a year changes nothing."""
    answer = json_answer(
        503,
        **{
            "Retry-After": "Sat, 31 Oct 2020 12:00:30 GMT",
            "Date": "Sat, 31 Oct 2020 12:00:00 GMT",
        },
    )

    assert retry_after(answer) == 30.0


def test_a_pause_that_one_client_is_asked_for_holds_for_all_of_the_credential(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Reading and writing share the vendor's patience, so they share the pause."""
    server = Server(json_answer(429, **{"Retry-After": "7"}), json_answer())
    first, second = server.rest(), server.rest()
    monkeypatch.setattr(second, "_budget", first.budget)

    with pytest.raises(Transient):
        first.write("POST", "/things", json={})
    second.get("/others")

    assert server.pauses == [7.0]


def spent(response: httpx.Response, *, wrote: bool) -> SystemFault:
    """Classify as Salesforce does when the calls of a day are spent."""
    del response, wrote
    return Transient("vendor", "the day is spent", code="LIMIT", retry_after=3600.0)


def test_a_day_that_is_spent_is_asked_about_once_in_a_run() -> None:
    """Neither by retries nor by the next object: each answer would be the same."""
    server = Server(json_answer(403))
    rest = server.rest()
    rest._classify = spent

    for path in ("/things", "/others"):
        with pytest.raises(Transient, match="the day is spent") as caught:
            rest.get(path)
        assert caught.value.code == "LIMIT"

    assert len(server.requests) == 1
    assert server.pauses == []


def test_reads_are_repeated_for_a_tenth_of_the_calls() -> None:
    """When a system stays unwell, few calls are wasted on finding out."""
    server = Server(json_answer(503))
    rest = server.rest()

    for number in range(30):
        with pytest.raises(Transient):
            rest.get(f"/object{'abcdefghijklmnopqrstuvwxyzäöüß'[number]}")

    assert rest.repeated == 10
    assert len(server.requests) == 40


def test_a_write_that_is_turned_away_is_not_repeated_after_the_pause() -> None:
    """The pause is kept for the next call; the write itself is the ledger's."""
    server = Server(json_answer(503, **{"Retry-After": "5"}), json_answer())
    rest = server.rest()

    with pytest.raises(Transient) as caught:
        rest.write("POST", "/things", json={})
    rest.write("POST", "/things", json={})

    assert caught.value.retry_after == 5
    assert len(server.requests) == 2
    assert server.pauses == [5.0]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(200, html="<html>Sign in</html>"), Refused),
        (httpx.Response(200, content=b'{"a": 1, "a": 2}'), Refused),
        (
            httpx.Response(
                200, content=b'{"a": [', headers={"content-type": "application/json"}
            ),
            Transient,
        ),
        (
            httpx.Response(
                200, content=b"<html>", headers={"content-type": "application/json"}
            ),
            Refused,
        ),
    ],
)
def test_an_answer_that_is_no_record_names_the_system_and_the_object(
    answer: httpx.Response, kind: type[SystemFault]
) -> None:
    """The reader of the sentence knows which load ended, and at what."""
    rest = Server(answer).rest()

    with pytest.raises(SystemFault) as caught, naming("thing"):
        rest.parsed(rest.get("/things"))

    assert type(caught.value) is kind
    assert str(caught.value).startswith("vendor thing: ")
