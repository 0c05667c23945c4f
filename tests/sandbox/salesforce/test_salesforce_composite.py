"""Composite requests at Salesforce: several in one, in order, together or not."""

from typing import Any

ACCOUNT = "001Hs0000000001IAA"
DATA = "/services/data/v68.0"

Document = dict[str, Any]


def part(reference: str, method: str, path: str, body: Any = None) -> Document:
    """Return a subrequest."""
    request = {"referenceId": reference, "method": method, "url": f"{DATA}/{path}"}
    return request if body is None else {**request, "body": body}


def sent(org: Any, *parts: Document, whole: bool = False) -> list[Document]:
    """Send a composite request and return its answers."""
    response = org.salesforce.post(
        "composite", json={"allOrNone": whole, "compositeRequest": list(parts)}
    )
    assert response.status_code == 200, response.text
    answers: list[Document] = response.json()["compositeResponse"]
    return answers


def test_a_later_part_uses_an_earlier_answer(served: Any) -> None:
    """References stand for values of answers, in paths, bodies and within texts."""
    answers = sent(
        served,
        part("acct", "POST", "sobjects/Account", {"Name": "Acme"}),
        part(
            "who",
            "POST",
            "sobjects/Contact",
            {"LastName": "Doe", "AccountId": "@{acct.id}", "Title": "At @{acct.id}"},
        ),
        part("rows", "GET", "query?q=SELECT+Id+FROM+Contact+WHERE+LastName='Doe'"),
        part("seen", "GET", "sobjects/Contact/@{rows.records[0].Id}?fields=Title"),
    )

    made = answers[0]["body"]["id"]
    assert [each["httpStatusCode"] for each in answers] == [201, 201, 200, 200]
    assert answers[3]["body"]["Title"] == f"At {made}"
    assert answers[0]["httpHeaders"]["Location"].endswith(made)
    assert (
        served.salesforce.get("limits")
        .headers["sforce-limit-info"]
        .startswith("api-usage=2/")
    )


def test_what_depends_on_a_failure_is_halted(served: Any) -> None:
    """Without allOrNone the rest goes on; only the dependent part fails too."""
    answers = sent(
        served,
        part("bad", "POST", "sobjects/Account", {"Nope": 1}),
        part("on", "PATCH", "sobjects/Account/@{bad.id}", {"Name": "x"}),
        part("ok", "PATCH", f"sobjects/Account/{ACCOUNT}", {"Name": "Good"}),
    )

    assert [each["httpStatusCode"] for each in answers] == [400, 400, 204]
    assert answers[1]["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert served.held("Account", ACCOUNT)["Name"] == "Good"


def test_all_or_none_keeps_nothing(served: Any) -> None:
    """One part fails: the others say that they were rolled back."""
    answers = sent(
        served,
        part("ok", "PATCH", f"sobjects/Account/{ACCOUNT}", {"Name": "Good"}),
        part("bad", "POST", "sobjects/Account", {"Nope": 1}),
        whole=True,
    )

    assert [each["body"][0]["errorCode"] for each in answers] == [
        *("PROCESSING_HALTED", "INVALID_FIELD"),
    ]
    assert served.store.journal == []


def test_all_or_none_outside_overrides_it_inside(served: Any) -> None:
    """A bad row of a collection takes the whole composite request with it."""
    kind = {"attributes": {"type": "Account"}}
    rows = [{**kind, "Name": "Good"}, {**kind, "Nope": 1}]
    answers = sent(
        served,
        part("many", "POST", "composite/sobjects", {"records": rows}),
        part("one", "PATCH", f"sobjects/Account/{ACCOUNT}", {"Name": "Good"}),
        part("gone", "DELETE", f"composite/sobjects?ids={ACCOUNT}&allOrNone=false"),
        whole=True,
    )

    many = [each["errors"][0]["statusCode"] for each in answers[0]["body"]]
    assert many == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "INVALID_FIELD"]
    assert [each["httpStatusCode"] for each in answers] == [200, 400, 400]
    assert served.store.journal == []


def test_a_part_has_conditions_of_its_own(served: Any) -> None:
    """Headers of a subrequest protect its record alone."""
    stale = {"If-Unmodified-Since": "Thu, 01 Oct 2026 08:00:00 GMT"}
    patch = part("a", "PATCH", f"sobjects/Account/{ACCOUNT}", {"Name": "x"})
    tag = served.salesforce.get(f"sobjects/Account/{ACCOUNT}").headers["etag"]

    answers = sent(
        served,
        {**patch, "httpHeaders": stale},
        {**patch, "referenceId": "b", "httpHeaders": {"If-Match": tag}},
    )

    assert [each["httpStatusCode"] for each in answers] == [412, 204]


def test_a_composite_has_limits(reading: Any) -> None:
    """25 parts, 5 of them queries or collections, each with a name of its own."""
    one = part("r", "GET", "limits")
    queries = [part(f"q{each}", "GET", "query?q=x") for each in range(6)]

    def refused(*parts: Document) -> tuple[int, str]:
        response = reading.salesforce.post(
            "composite", json={"compositeRequest": list(parts)}
        )
        return response.status_code, response.json()[0]["errorCode"]

    assert refused(*[one] * 26) == (400, "LIMIT_EXCEEDED")
    assert refused(*queries) == (400, "LIMIT_EXCEEDED")
    assert refused(one, one) == (400, "INVALID_INPUT")
    assert refused({"url": "x"}) == (400, "INVALID_INPUT")
    foreign = {**one, "httpHeaders": {"Authorization": "Bearer x"}}
    assert refused(foreign) == (400, "INVALID_INPUT")


def test_some_resources_are_not_for_composites(reading: Any) -> None:
    """Jobs, composites and foreign paths are not found from within one."""
    answers = sent(
        reading,
        part("a", "GET", "jobs/query"),
        part("b", "POST", "composite", {"compositeRequest": []}),
        {"referenceId": "c", "method": "GET", "url": "//[::1"},
        {"referenceId": "d", "method": "BREW", "url": f"{DATA}/limits"},
        {"referenceId": "e"},
        {"referenceId": "f", "method": "get", "url": f"{DATA}/limits"},
    )

    assert {each["httpStatusCode"] for each in answers} == {404}


def test_a_batch_counts_each_part(served: Any) -> None:
    """Each part stands alone and is a call; after a failure it may be halted."""
    requests = [
        {"method": "GET", "url": "v68.0/sobjects/Account/nope"},
        {
            "method": "PATCH",
            "url": f"v68.0/sobjects/Account/{ACCOUNT}",
            "richInput": {"Name": "Batch"},
        },
    ]

    going = served.salesforce.post("composite/batch", json={"batchRequests": requests})
    halting = served.salesforce.post(
        "composite/batch", json={"batchRequests": requests, "haltOnError": True}
    )

    assert going.json()["hasErrors"] is True
    assert [each["statusCode"] for each in going.json()["results"]] == [400, 204]
    assert [each["statusCode"] for each in halting.json()["results"]] == [400, 412]
    assert halting.headers["sforce-limit-info"] == "api-usage=4/100000"


def test_graphs_are_kept_or_not_one_by_one(served: Any) -> None:
    """A graph that fails leaves the other one alone."""
    good = part("g", "PATCH", f"sobjects/Account/{ACCOUNT}", {"Name": "Graph"})
    bad = part("b", "POST", "sobjects/Account", {})
    graphs = [
        {"graphId": "1", "compositeRequest": [good]},
        {"graphId": "2", "compositeRequest": [{**good, "body": {"Name": "No"}}, bad]},
    ]

    answer = served.salesforce.post("composite/graph", json={"graphs": graphs}).json()

    assert [each["isSuccessful"] for each in answer["graphs"]] == [True, False]
    assert served.held("Account", ACCOUNT)["Name"] == "Graph"


def test_a_tree_grows_whole(served: Any) -> None:
    """Children point to the parents that were made with them."""
    tree = {
        "attributes": {"type": "Account", "referenceId": "a"},
        "Name": "Tree",
        "Contacts": {
            "records": [
                {
                    "attributes": {"type": "Contact", "referenceId": "c"},
                    "LastName": "Leaf",
                }
            ]
        },
    }

    grown = served.salesforce.post("composite/tree/Account", json={"records": [tree]})

    results = grown.json()["results"]
    assert (grown.status_code, grown.json()["hasErrors"]) == (201, False)
    assert [each["referenceId"] for each in results] == ["a", "c"]
    leaf = served.held("Contact", results[1]["id"])
    assert leaf["AccountId"] == results[0]["id"]


def test_a_tree_with_a_bad_leaf_does_not_grow(served: Any) -> None:
    """The answer has the bad ones alone, and nothing is kept."""
    leaf = {"attributes": {"type": "Contact", "referenceId": "c"}, "FirstName": "x"}
    tree = {
        "attributes": {"type": "Account", "referenceId": "a"},
        "Name": "Tree",
        "Contacts": {"records": [leaf, 5]},
    }

    refused = served.salesforce.post("composite/tree/Account", json={"records": [tree]})

    assert refused.status_code == 400
    assert [
        (each["referenceId"], each["errors"][0]["statusCode"])
        for each in refused.json()["results"]
    ] == [("c", "REQUIRED_FIELD_MISSING"), (None, "INVALID_TYPE")]
    assert served.store.journal == []
