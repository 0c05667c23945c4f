"""Where there is much to read a bulk job brings it, whoever fetches its pieces."""

from collections.abc import Iterator

import httpx
import pytest

from ingestion import salesforce
from ingestion.errors import Transient
from ingestion.readings import Known, Page, Reading, Step
from ingestion.salesforce.soql import fields_of
from ingestion.salesforce.tables import documents
from ingestion.transport.auth import bearer
from ingestion.transport.rest import Rest
from sandbox.company.features import ALL_FEATURES
from sandbox.credentials import Credentials
from sandbox.world import build_world
from tests.ingestion.conftest import AS_OF
from tests.ingestion.salesforce_org import (
    AT_FIRST,
    CHANGES,
    SINCE,
    SMALL,
    STREAMS,
    Org,
    Start,
    accounts,
    csv,
    opened,
)

JOB = ["POST jobs/query", "GET jobs/query"]


@pytest.fixture
def start(keys: Credentials) -> Iterator[Start]:
    """Open organisations."""
    with opened(keys) as start:
        yield start


def asked(calls: list[str]) -> list[str]:
    """Return the calls that are about jobs, without the jobs' ids."""
    short = []
    for call in calls:
        method, _, path = call.partition(" ")
        if path.startswith("jobs/query"):
            is_results = path.endswith("/results")
            short.append(f"{method} {'results' if is_results else 'jobs/query'}")
    return short


def a_walk(org: Org, known: Known = AT_FIRST) -> Reading:
    """Return the walk over the accounts in small pages."""
    return org.reading("accounts", known, SMALL)


def under_way(org: Org, *, looks: int = 0) -> Page:
    """Return the page after which a job is there and was looked at so often."""
    page = a_walk(org).fetch(Step(org.rest))
    for _ in range(1 + looks):
        page = a_walk(org).fetch(Step(org.rest, page.next))
    return page


def test_many_records_come_by_a_job_and_few_do_not(start: Start) -> None:
    """The first page says how many there are; the job brings the rest."""
    many, few = start(Account=accounts(520)), start(Account=accounts(499))

    by_job, by_pages = many.walk(a_walk(many)), few.walk(a_walk(few))

    assert len(by_job.documents["accounts"]) == 520
    # All share a second, so those of the first page come again, and no total is said.
    assert by_job.arrived == {"accounts": 720}
    assert by_job.totals[0] is None
    pieces = ["GET results"] * 4
    # Nothing is asked to delete it, which Salesforce does by itself.
    assert asked(by_job.calls) == [*JOB, *pieces]
    assert asked(by_pages.calls) == []
    assert by_pages.totals == [499, None, None]


def test_a_job_brings_only_what_the_first_page_did_not(start: Start) -> None:
    """From the second of the last record on, and what lies in the bin as well."""
    held = accounts(520)
    for number, each in enumerate(held):
        minute, second = divmod(number, 60)
        each["SystemModstamp"] = f"2026-10-01T09:{minute:02}:{second:02}.000+0000"
    held[-1]["IsDeleted"] = True
    org = start(Account=held)

    walked = org.walk(a_walk(org))

    assert walked.arrived == {"accounts": 521}
    assert set(walked.documents["accounts"]) == {each["Id"] for each in held}


def test_a_job_is_of_the_changes_only_where_only_they_are_wanted(start: Start) -> None:
    """Its query has the bounds of the load."""
    old, new = accounts(100), accounts(700)[100:]
    for each in new:
        each["SystemModstamp"] = "2026-10-31T13:00:00.000+0000"
    org = start(Account=[*old, *new])

    walked = org.walk(a_walk(org, CHANGES), since=SINCE)

    assert asked(walked.calls)[0] == "POST jobs/query"
    assert set(walked.documents["accounts"]) == {each["Id"] for each in new}


def test_a_job_is_waited_for_with_patience(start: Start) -> None:
    """Each look waits twice as long as the one before, up to half a minute."""
    org = start(Account=accounts(520))
    org.conditions(job_seconds=100)

    walked = org.walk(a_walk(org))

    assert org.timer.pauses == [1, 2, 4, 8, 16, 30, 30, 30]
    assert len(walked.documents["accounts"]) == 520


def test_both_ways_bring_the_same_documents(keys: Credentials) -> None:
    """Every stream of a company with everything, byte by byte and in the same order."""
    world = build_world(7, 25, 6, AS_OF, features=ALL_FEATURES)
    with opened(keys) as start:
        org = start(**world.documents["salesforce"])
        compared = set()
        for name, stream in STREAMS.items():
            over_rest = org.walk(org.reading(name)).documents[name]
            statement = salesforce.soql(stream, ordered=False)
            job = org.rest.read_post(
                f"{salesforce.DATA}/jobs/query",
                json={"operation": "queryAll", "query": statement},
            ).json()
            results = f"{salesforce.DATA}/jobs/query/{job['id']}/results"
            content = org.rest.get(results).content
            rows = documents("salesforce", stream, fields_of(stream), content)
            assert {row["Id"]: list(row.items()) for row in rows} == {
                key: list(row.items()) for key, row in over_rest.items()
            }
            compared |= {name} if rows else set()
    assert compared == set(STREAMS)


def test_a_killed_walk_goes_on_in_the_same_job(start: Start) -> None:
    """No second job is made: the pieces that are left are fetched from the first."""
    org = start(Account=accounts(520))
    page = under_way(org, looks=2)

    rest = org.walk(a_walk(org), place=page.next)

    assert asked(rest.calls) == ["GET results"] * 3
    assert rest.arrived == {"accounts": 520 - SMALL.piece}


@pytest.mark.parametrize("looks", [0, 2])
def test_a_job_that_the_vendor_forgot_is_made_anew(start: Start, looks: int) -> None:
    """Jobs are kept for seven days; the new one brings everything again."""
    org = start(Account=accounts(520))
    page = under_way(org, looks=looks)
    org.clock.advance(8 * 86_400)

    walked = org.walk(a_walk(org), place=page.next)

    assert walked.arrived == {"accounts": 520}
    assert asked(walked.calls).count("POST jobs/query") == 1


def test_a_job_that_failed_says_why_and_the_next_run_makes_another(
    start: Start,
) -> None:
    """The place stays; the failed job is deleted, so whoever goes on finds none."""
    org = start(Account=accounts(520))
    page = a_walk(org).fetch(Step(org.rest))
    org.conditions(kill_jobs_after_rows=10)
    page = a_walk(org).fetch(Step(org.rest, page.next))

    with pytest.raises(Transient, match="InternalServerError : the job was stopped"):
        a_walk(org).fetch(Step(org.rest, page.next))
    org.conditions(kill_jobs_after_rows=None)
    walked = org.walk(a_walk(org), place=page.next)

    assert len(walked.documents["accounts"]) == 520


def test_an_aborted_job_is_a_fault_too(start: Start) -> None:
    """An administrator stopped it: nothing of it is taken for everything."""
    org = start(Account=accounts(520))
    org.conditions(job_seconds=100)
    page = under_way(org)
    assert isinstance(page.next, list)
    job = f"{salesforce.DATA}/jobs/query/{page.next[1][0]}"
    org.rest.write("PATCH", job, json={"state": "Aborted"})

    with pytest.raises(Transient, match="its state is Aborted"):
        a_walk(org).fetch(Step(org.rest, page.next))


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({"Sforce-NumberOfRecords": "2", "Sforce-Locator": "null"}, "had 1"),
        ({"Sforce-Locator": "null"}, "no number of"),
        ({"Sforce-NumberOfRecords": "1", "Sforce-Locator": "null"}, "announced 5"),
    ],
)
def test_a_job_that_gives_other_than_it_announced_is_not_believed(
    headers: dict[str, str], said: str, start: Start
) -> None:
    """It is deleted, and the next run makes another."""
    deleted = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "DELETE":
            deleted.append(request.url.path)
            return httpx.Response(204)
        content = csv(STREAMS["accounts"], {"Id": "1"})
        return httpx.Response(200, content=content, headers=headers)

    rest = Rest(
        *("salesforce", "https://concord.my.salesforce.com", bearer("t")),
        salesforce.classify,
        transport=httpx.MockTransport(answer),
    )
    place = ["bulk", ["750", 0, 0, 5, "", 0], "2026-10-01T09:00:00Z", "001"]

    with pytest.raises(Transient, match=said):
        a_walk(start()).fetch(Step(rest, place))

    assert deleted == [f"{salesforce.DATA}/jobs/query/750"]
