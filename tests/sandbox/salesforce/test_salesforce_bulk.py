"""Bulk API 2.0 at Salesforce: jobs in their own time, CSV in and out."""

from typing import Any

import pytest

ACCOUNT = "001Hs0000000001IAA"

Document = dict[str, Any]


def asked(org: Any, query: str, **settings: Any) -> Document:
    """Create a query job."""
    body = {"operation": "query", "query": query, **settings}
    job: Document = org.salesforce.post("jobs/query", json=body).json()
    return job


def loaded(org: Any, operation: str, text: str, **settings: Any) -> str:
    """Create an ingest job, give it its file and start it; return its id."""
    body = {"operation": operation, "object": "Account", **settings}
    job = org.salesforce.post("jobs/ingest", json=body).json()
    put = org.salesforce.put(
        f"jobs/ingest/{job['id']}/batches",
        content=text.encode(),
        headers={"Content-Type": "text/csv"},
    )
    started = org.salesforce.patch(
        f"jobs/ingest/{job['id']}", json={"state": "UploadComplete"}
    )
    assert (job["state"], put.status_code) == ("Open", 201)
    assert started.json()["state"] in ("UploadComplete", "InProgress")
    return str(job["id"])


def state(org: Any, kind: str, job_id: str) -> str:
    """Return a job's state."""
    return str(org.salesforce.get(f"jobs/{kind}/{job_id}").json()["state"])


def lines(org: Any, job_id: str, which: str) -> list[str]:
    """Return the lines of an ingest job's results."""
    response = org.salesforce.get(f"jobs/ingest/{job_id}/{which}")
    assert response.headers["content-type"].startswith("text/csv")
    return list(response.text.splitlines())


def test_a_job_waits_runs_and_ends_by_the_clock(served: Any) -> None:
    """The states come in their order, and results only at the end."""
    served.conditions(job_seconds=30)
    job = asked(served, "SELECT Id FROM Account")
    url = f"jobs/query/{job['id']}"

    states = [state(served, "query", job["id"])]
    early = served.salesforce.get(f"{url}/results")
    for seconds in (15, 15):
        served.clock.advance(seconds)
        states.append(state(served, "query", job["id"]))

    assert states == ["UploadComplete", "InProgress", "JobComplete"]
    assert (early.status_code, early.json()[0]["errorCode"]) == (
        *(400, "INVALIDJOBSTATE"),
    )


def test_results_come_in_pieces(served: Any) -> None:
    """The locator leads on until it is `null`; each piece has the header."""
    job = asked(served, "SELECT Id, Name, Tax_Id__c, IsDeleted FROM Account")
    url = f"jobs/query/{job['id']}/results"

    first = served.salesforce.get(url, params={"maxRecords": 2})
    locator = first.headers["sforce-locator"]
    second = served.salesforce.get(url, params={"maxRecords": 2, "locator": locator})

    assert first.text == (
        '"Id","Name","Tax_Id__c","IsDeleted"\n'
        f'"{ACCOUNT}","Customer 1","","false"\n'
        '"001Hs0000000002IAA","O\'Hara & ""Söhne""","DE1","false"\n'
    )
    assert (first.headers["sforce-numberofrecords"], locator) == ("2", "Mg")
    assert second.headers["sforce-numberofrecords"] == "1"
    assert second.headers["sforce-locator"] == "null"


def test_csv_is_written_as_the_job_says(served: Any) -> None:
    """Delimiter and line ending are the caller's; money keeps its digits."""
    job = asked(
        served,
        (
            "SELECT Amount, Account.Name, SystemModstamp FROM Opportunity "
            "WHERE Amount < 2000"
        ),
        columnDelimiter="SEMICOLON",
        lineEnding="CRLF",
    )

    results = served.salesforce.get(f"jobs/query/{job['id']}/results")

    assert results.content == (
        b'"Amount";"Account.Name";"SystemModstamp"\r\n'
        b'"1000.10";"Customer 1";"2026-10-01T09:00:00.000Z"\r\n'
    )


def test_an_empty_result_is_a_header(served: Any) -> None:
    """Nothing found: no locator, no records, the header alone."""
    job = asked(served, "SELECT Id FROM Account WHERE Name = 'x'")

    results = served.salesforce.get(f"jobs/query/{job['id']}/results")

    assert results.text == '"Id"\n'
    assert results.headers["sforce-numberofrecords"] == "0"
    assert results.headers["sforce-locator"] == "null"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"operation": "query", "query": "SELECT"}, "MALFORMED_QUERY"),
        ({"operation": "query", "query": "SELECT COUNT() FROM Account"}, "API_ERROR"),
        (
            {
                "operation": "query",
                "query": "SELECT (SELECT Id FROM Contacts) FROM Account",
            },
            "API_ERROR",
        ),
        (
            {
                "operation": "query",
                "query": "SELECT FIELDS(STANDARD) FROM Account",
            },
            "API_ERROR",
        ),
        (
            {"operation": "query", "query": "SELECT Id FROM Account OFFSET 5"},
            "API_ERROR",
        ),
        ({"operation": "insert", "query": "SELECT Id FROM Account"}, "INVALIDJOB"),
        ({"operation": "query"}, "INVALIDJOB"),
        (
            {
                "operation": "query",
                "query": "SELECT Id FROM Account",
                "lineEnding": "CR",
            },
            "INVALIDJOB",
        ),
    ],
)
def test_a_wrong_query_job_is_not_made(reading: Any, body: Any, code: str) -> None:
    """The query is checked when the job is made."""
    response = reading.salesforce.post("jobs/query", json=body)

    assert (response.status_code, response.json()[0]["errorCode"]) == (400, code)


def test_a_job_is_aborted_and_deleted(served: Any) -> None:
    """Only what runs is aborted, only what has ended is deleted."""
    served.conditions(job_seconds=60)
    url = f"jobs/query/{asked(served, 'SELECT Id FROM Account')['id']}"

    early = served.salesforce.delete(url)
    aborted = served.salesforce.patch(url, json={"state": "Aborted"})
    again = served.salesforce.patch(url, json={"state": "Aborted"})
    served.clock.advance(61)
    deleted = served.salesforce.delete(url)

    assert [each.status_code for each in (early, aborted, again, deleted)] == [
        *(400, 200, 400, 204),
    ]
    assert aborted.json()["state"] == "Aborted"
    assert served.salesforce.get(url).status_code == 404


def test_a_job_is_forgotten_after_seven_days(served: Any) -> None:
    """Neither the job nor its results outlive a week."""
    job = asked(served, "SELECT Id FROM Account")
    token = served.salesforce.headers["authorization"].split()[1]
    served.store.keep("salesforce", "_token", {"Id": token, "until": 2**40})

    served.clock.advance(7 * 86_400 - 1)
    before = state(served, "query", job["id"])
    served.clock.advance(1)
    after = served.salesforce.get(f"jobs/query/{job['id']}")

    assert before == "JobComplete"
    assert after.status_code == 404


@pytest.mark.parametrize("params", [{"maxRecords": "0"}, {"maxRecords": "x"}])
def test_a_wrong_size_is_refused(reading: Any, params: Document) -> None:
    """`maxRecords` is a number above 0; a locator is one that was given."""
    job = asked(reading, "SELECT Id FROM Account")
    url = f"jobs/query/{job['id']}/results"

    size = reading.salesforce.get(url, params=params)
    place = reading.salesforce.get(url, params={"locator": "€"})
    beyond = reading.salesforce.get(url, params={"locator": "OTk5"})

    assert size.json()[0]["errorCode"] == "INVALID_INPUT"
    assert place.json()[0]["errorCode"] == "INVALID_QUERY_LOCATOR"
    assert beyond.json()[0]["errorCode"] == "INVALID_QUERY_LOCATOR"


def test_rows_are_inserted_each_on_its_own(served: Any) -> None:
    """Good rows get ids, bad ones reasons; types come from the fields."""
    job = loaded(
        served,
        "insert",
        "Name,NumberOfEmployees,Parent.Concord_Id__c\nA,5,c/3\n,1,\nB,many,\nC,1\n",
    )

    done = lines(served, job, "successfulResults")
    failed = lines(served, job, "failedResults")
    info = served.salesforce.get(f"jobs/ingest/{job}").json()

    made = served.held("Account", done[1].split('"')[1])
    header = '"Name","NumberOfEmployees","Parent.Concord_Id__c"'
    assert done[0] == f'"sf__Id","sf__Created",{header}'
    assert done[1].endswith('"true","A","5","c/3"')
    assert (made["NumberOfEmployees"], made["ParentId"]) == (5, "001Hs0000000003IAA")
    assert failed[0] == f'"sf__Id","sf__Error",{header}'
    assert [each.split('"')[3].split(":")[0] for each in failed[1:]] == [
        *("REQUIRED_FIELD_MISSING", "INVALID_TYPE_ON_FIELD_IN_RECORD"),
        "INVALID_INPUT",
    ]
    assert (info["numberRecordsProcessed"], info["numberRecordsFailed"]) == (4, 3)


def test_an_update_leaves_what_is_empty_and_empties_what_says_so(served: Any) -> None:
    """An empty cell changes nothing, `#N/A` empties the field."""
    loaded(served, "update", f"Id,Website,BillingCountry\n{ACCOUNT},,#N/A\n")
    served.salesforce.get("limits")

    account = served.held("Account", ACCOUNT)
    assert account["Website"] == "https://www.c1.example"
    assert account["BillingCountry"] is None


def test_an_upsert_finds_by_external_id(served: Any) -> None:
    """`sf__Created` tells which rows were there."""
    job = loaded(
        served,
        "upsert",
        "Concord_Id__c;Name\r\nc/3;Changed\r\nnew;Added\r\n",
        externalIdFieldName="Concord_Id__c",
        columnDelimiter="SEMICOLON",
        lineEnding="CRLF",
    )

    done = lines(served, job, "successfulResults")
    assert [each.split(";")[1] for each in done[1:]] == ['"false"', '"true"']
    assert served.held("Account", "001Hs0000000003IAA")["Name"] == "Changed"


def test_a_hard_delete_leaves_nothing(served: Any) -> None:
    """A deleted record lies in the bin; a hard-deleted one is gone from there too."""
    loaded(served, "delete", f"Id\n{ACCOUNT}\n")
    served.salesforce.get("limits")
    in_the_bin = served.held("Account", ACCOUNT)["IsDeleted"]

    loaded(served, "hardDelete", f"Id\n{ACCOUNT}\n")
    served.salesforce.get("limits")

    assert in_the_bin is True
    assert served.store.collection("salesforce", "Account").get(ACCOUNT) is None


@pytest.mark.parametrize(
    ("text", "settings", "sentence"),
    [
        ("Nope\nx\n", {}, "InvalidBatch : Field name not found : Nope"),
        ("Name\r\nx\r\n", {}, "LineEnding is invalid on user data"),
        ("Name\nx\n", {"lineEnding": "CRLF"}, "LineEnding is invalid on user data"),
        ('Name\n"x\n', {}, "Error parsing CSV"),
    ],
)
def test_a_file_that_does_not_fit_fails_the_job(
    served: Any, text: str, settings: Document, sentence: str
) -> None:
    """The job fails as a whole, and all of its file is unprocessed."""
    job = loaded(served, "insert", text, **settings)

    info = served.salesforce.get(f"jobs/ingest/{job}").json()
    rest = served.salesforce.get(f"jobs/ingest/{job}/unprocessedrecords")
    assert info["state"] == "Failed"
    assert sentence in info["errorMessage"]
    assert rest.content == text.encode()


def test_a_killed_job_keeps_what_it_did(served: Any) -> None:
    """The first rows are written, the rest is listed as never tried."""
    served.conditions(kill_jobs_after_rows=1)
    job = loaded(served, "insert", "Name\nA\nB\nC\n")

    assert state(served, "ingest", job) == "Failed"
    assert len(lines(served, job, "successfulResults")) == 2
    assert lines(served, job, "unprocessedRecords") == ['"Name"', '"B"', '"C"']


@pytest.mark.parametrize(
    "body",
    [
        {"operation": "merge", "object": "Account"},
        {"operation": "insert", "object": "Nope"},
        {"operation": "insert"},
        {"operation": "upsert", "object": "Account"},
        {
            "operation": "upsert",
            "object": "Account",
            "externalIdFieldName": "Website",
        },
        {"operation": "insert", "object": "Account", "contentType": "XML"},
    ],
)
def test_a_wrong_ingest_job_is_not_made(reading: Any, body: Document) -> None:
    """Operation, object, external id and format are checked at once."""
    response = reading.salesforce.post("jobs/ingest", json=body)

    assert (response.status_code, response.json()[0]["errorCode"]) == (
        *(400, "INVALIDJOB"),
    )


def test_a_file_comes_once_and_as_csv(served: Any) -> None:
    """A second file, another format or bytes that are no text are refused."""
    body = {"operation": "insert", "object": "Account"}
    url = f"jobs/ingest/{served.salesforce.post('jobs/ingest', json=body).json()['id']}"
    kind = {"Content-Type": "text/csv"}

    answers = [
        served.salesforce.put(f"{url}/batches", content=b"x"),
        served.salesforce.put(f"{url}/batches", content=b"\xff", headers=kind),
        served.salesforce.put(f"{url}/batches", content=b"Name\n", headers=kind),
        served.salesforce.put(f"{url}/batches", content=b"Name\n", headers=kind),
        served.salesforce.patch(url, json={"state": "Open"}),
        served.salesforce.get(f"{url}/failedResults"),
    ]

    assert [each.status_code for each in answers] == [415, 400, 201, 400, 400, 400]


def test_jobs_are_listed(served: Any) -> None:
    """The newest first, each kind by itself."""
    first = asked(served, "SELECT Id FROM Account")
    second = asked(served, "SELECT Id FROM Contact")

    listed = served.salesforce.get("jobs/query").json()

    assert [each["id"] for each in listed["records"]] == [second["id"], first["id"]]
    assert served.salesforce.get("jobs/ingest").json()["records"] == []
