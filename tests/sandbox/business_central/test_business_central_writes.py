"""Business Central's writes: versions, batches, posting."""

from typing import Any

import pytest

COMPANY = "11111111-1111-1111-1111-111111111111"
FIRST = "/customers(00000001-0000-0000-0000-000000000001)"
ITEM = "00000002-0000-0000-0000-000000000001"


def test_a_change_needs_the_version_it_was_made_for(erp: Any) -> None:
    """Without one it is refused; with an old one somebody else was faster."""
    tag = erp.get(FIRST).json()["@odata.etag"]

    none = erp.patch(FIRST, None, city="Bonn")
    odd = erp.patch(FIRST, "x", city="Bonn")
    right = erp.patch(FIRST, tag, city="Bonn")
    old = erp.patch(FIRST, tag, city="Ulm")
    new = erp.patch(FIRST, right.json()["@odata.etag"], city="Ulm")

    said = [each.json().get("error", {}).get("code") for each in (none, odd, old)]
    assert [each.status_code for each in (none, odd, right, old, new)] == [
        400,
        400,
        200,
        409,
        200,
    ]
    assert said == [
        "BadRequest_InvalidToken",
        "BadRequest_InvalidToken",
        "Request_EntityChanged",
    ]
    assert new.json()["city"] == "Ulm"


def test_a_persons_edit_moves_the_version(erp: Any) -> None:
    """A plan that was made before is refused: nothing is lost."""
    record = erp.get(FIRST).json()
    erp.edit("customers", record["id"], {"displayName": "By hand"})

    refused = erp.patch(FIRST, record["@odata.etag"], displayName="By plan")

    assert refused.status_code == 409
    assert erp.get(FIRST).json()["displayName"] == "By hand"


def test_a_customer_is_made_and_taken_away(erp: Any) -> None:
    """It gets a number, blanks where nothing was said, and an address."""
    made = erp.post("/customers", {"displayName": "New"})
    record = made.json()
    again = erp.client.get(made.headers["location"]).json()
    gone = erp.client.delete(
        made.headers["location"], headers={"If-Match": record["@odata.etag"]}
    )

    assert (made.status_code, gone.status_code) == (201, 204)
    assert record["number"].startswith("C")
    assert (record["addressLine1"], record["balance"], record["taxLiable"]) == (
        "",
        0,
        False,
    )
    assert again["id"] == record["id"]
    assert erp.client.get(made.headers["location"]).status_code == 404


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/customers", {"nope": 1}, "BadRequest"),
        ("/customers", {"displayName": 7}, "BadRequest"),
        ("/customers", {"balance": 7}, "Application_DialogException"),
        ("/customers", {"displayName": "x" * 101}, "Application_StringExceededLength"),
        ("/customers", {"number": "C00001"}, "Internal_EntityWithSameKeyExists"),
        ("/salesInvoices", {}, "Application_DialogException"),
        ("/salesInvoices", {"customerNumber": "X"}, "Application_DialogException"),
        ("/salesInvoices", {"postingDate": "2026-02-30"}, "BadRequest"),
        ("/salesInvoiceLines", {"quantity": 1}, "BadRequest"),
    ],
)
def test_a_broken_rule_is_named(
    reading: Any, path: str, body: dict[str, Any], code: str
) -> None:
    """The family of the code says what to do next."""
    response = reading.post(path, body)

    assert (response.status_code, response.json()["error"]["code"]) == (400, code)


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"{", {}, 400),
        (b"[]", {}, 400),
        (b'{"balance": NaN}', {}, 400),
        (b'{"a": 1e9999999}', {}, 400),
        (b"[" * 100_000, {}, 400),
        (b"\xff", {}, 400),
        (b"<a/>", {"Content-Type": "text/xml"}, 415),
        (b"{}", {"Accept": "text/csv"}, 406),
    ],
)
def test_a_broken_body_is_a_bad_request(
    reading: Any, content: bytes, headers: dict[str, str], status: int
) -> None:
    """Never a stack trace."""
    response = reading.client.post(
        reading.url("/customers"), content=content, headers=headers
    )

    assert response.status_code == status
    assert response.json()["error"]["code"].startswith("BadRequest")


def invoice(erp: Any, **fields: Any) -> dict[str, Any]:
    """Make a draft of two lines; return it."""
    head = {"customerNumber": "C00001", "postingDate": "2026-10-15", **fields}
    made = erp.post("/salesInvoices", head).json()
    path = f"/salesInvoices({made['id']})"
    for quantity in (2, 3):
        line = {"itemId": ITEM, "quantity": quantity, "taxPercent": 19}
        answer = erp.post(f"{path}/salesInvoiceLines", line)
        assert answer.status_code == 201, answer.text
    found: dict[str, Any] = erp.get(path).json()
    return found


def test_an_invoice_is_posted_to_the_ledger(erp: Any) -> None:
    """Both sides are equal, the customer owes it, and the document is closed."""
    draft = invoice(erp)
    path = f"/salesInvoices({draft['id']})"

    posted = erp.post(f"{path}/Microsoft.NAV.post")
    after = erp.get(path).json()
    entries = erp.get("/generalLedgerEntries").json()["value"]
    late = erp.patch(path, after["@odata.etag"], dueDate="2026-12-01")

    assert (draft["status"], draft["totalAmountExcludingTax"]) == ("Draft", 249.5)
    assert (posted.status_code, posted.content) == (204, b"")
    assert (after["status"], after["remainingAmount"]) == ("Open", 296.9)
    assert sum(each["debitAmount"] - each["creditAmount"] for each in entries) == 0
    assert {each["documentNumber"] for each in entries} == {after["number"]}
    assert late.json()["error"]["code"] == "Application_DialogException"
    assert erp.get(FIRST).json()["balance"] == 307.4


def test_a_closed_period_takes_no_posting(erp: Any) -> None:
    """The draft stays a draft."""
    draft = invoice(erp)
    erp.conditions(closed_before="2026-11-01")

    refused = erp.post(f"/salesInvoices({draft['id']})/Microsoft.NAV.post")

    assert (refused.status_code, refused.json()["error"]["code"]) == (
        400,
        "Application_DialogException",
    )
    assert "allowed posting dates" in refused.json()["error"]["message"]
    assert erp.values("/generalLedgerEntries", "id") == []


def test_a_posted_invoice_is_canceled_by_a_credit_memo(erp: Any) -> None:
    """Once: the second time it is canceled already."""
    draft = invoice(erp)
    path = f"/salesInvoices({draft['id']})"
    erp.post(f"{path}/Microsoft.NAV.post")

    canceled = erp.post(f"{path}/Microsoft.NAV.cancel")
    again = erp.post(f"{path}/Microsoft.NAV.cancel")
    (memo,) = erp.get("/salesCreditMemos").json()["value"]

    assert (canceled.status_code, again.status_code) == (204, 400)
    assert (memo["invoiceId"], memo["totalAmountIncludingTax"]) == (
        draft["id"],
        296.9,
    )
    assert erp.get(FIRST).json()["balance"] == 10.5


def test_a_payment_settles_the_invoice_it_applies_to(erp: Any) -> None:
    """What is left of the invoice shrinks to nothing, then it is paid."""
    draft = invoice(erp)
    erp.post(f"/salesInvoices({draft['id']})/Microsoft.NAV.post")
    journal = "/customerPaymentJournals(00000004-0000-0000-0000-000000000001)"
    payment = {
        "customerNumber": "C00001",
        "appliesToInvoiceId": draft["id"],
        "documentNumber": "PAY1",
        "amount": -296.9,
    }

    made = erp.post(f"{journal}/customerPayments", payment)
    posted = erp.post(f"{journal}/Microsoft.NAV.post")
    after = erp.get(f"/salesInvoices({draft['id']})").json()

    assert (made.status_code, posted.status_code) == (201, 204)
    assert (after["status"], after["remainingAmount"]) == ("Paid", 0)
    assert erp.values(f"{journal}/customerPayments", "id") == []


def change(number: int, tag: str, city: str) -> dict[str, Any]:
    """Return a call of a batch."""
    key = f"00000001-0000-0000-0000-{number:012}"
    return {
        "method": "PATCH",
        "url": f"companies({COMPANY})/customers({key})",
        "headers": {"If-Match": tag, "Content-Type": "application/json"},
        "body": {"city": city},
    }


def test_a_batch_changes_many(erp: Any) -> None:
    """Each call has its own version and its own answer."""
    answers = erp.batch(
        change(1, 'W/"customer1"', "Bonn"),
        change(2, 'W/"old"', "Bonn"),
        change(3, "*", "Bonn"),
        Prefer="odata.continue-on-error=true",
    )

    assert [(each["id"], each["status"]) for each in answers] == [
        ("1", 200),
        ("2", 409),
        ("3", 200),
    ]
    assert answers[1]["body"]["error"]["code"] == "Request_EntityChanged"
    assert erp.values("/customers", "city") == [
        "Bonn",
        "Berlin",
        "Bonn",
        "Berlin",
        "O'Hara",
    ]


def test_a_batch_of_one_transaction_changes_all_or_nothing(erp: Any) -> None:
    """With `Isolation: snapshot` one refusal takes all back."""
    answers = erp.batch(
        change(1, 'W/"customer1"', "Bonn"),
        change(2, 'W/"old"', "Bonn"),
        Isolation="snapshot",
    )
    journal = erp.doors.store.journal
    whole = erp.batch(
        change(1, 'W/"customer1"', "Bonn"),
        change(2, 'W/"customer2"', "Bonn"),
        Isolation="snapshot",
    )

    assert [each["status"] for each in answers] == [409]
    assert journal == []
    assert [each["status"] for each in whole] == [200, 200]


def test_a_batch_stops_at_the_first_refusal(erp: Any) -> None:
    """Unless the caller prefers to go on; what depends on it is left out then too."""
    stopped = erp.batch(change(1, 'W/"old"', "Bonn"), change(2, "*", "Bonn"))
    depending = erp.batch(
        change(1, 'W/"old"', "Bonn"),
        change(2, "*", "Bonn") | {"dependsOn": ["1"]},
        Prefer="odata.continue-on-error=true",
    )

    assert [each["status"] for each in stopped] == [409]
    assert [each["status"] for each in depending] == [409, 424]


def test_a_batch_refers_to_what_it_made(erp: Any) -> None:
    """`$1` stands for the record of the first call."""
    answers = erp.batch(
        {
            "method": "POST",
            "url": f"companies({COMPANY})/salesInvoices",
            "body": {"customerNumber": "C00001"},
        },
        {
            "method": "POST",
            "url": "$1/salesInvoiceLines",
            "body": {"itemId": ITEM, "quantity": 1},
            "dependsOn": ["1"],
        },
        Isolation="snapshot",
    )

    assert [each["status"] for each in answers] == [201, 201]
    assert answers[1]["body"]["documentId"] == answers[0]["body"]["id"]


@pytest.mark.parametrize(
    "requests",
    [
        [],
        [{"id": "1", "method": "GET", "url": "companies"}] * 2,
        [{"id": str(n), "method": "GET", "url": "companies"} for n in range(101)],
        [{"id": "1", "method": "JUMP", "url": "companies"}],
        [{"id": "1", "method": "GET"}],
        [{"id": "1", "method": "GET", "url": "companies", "dependsOn": ["2"]}],
        ["x"],
        7,
    ],
)
def test_a_broken_batch_is_refused(reading: Any, requests: Any) -> None:
    """As a whole, or at the call that is broken."""
    url = reading.url().rpartition("/companies")[0] + "/$batch"

    response = reading.client.post(url, json={"requests": requests})

    if response.status_code == 200:
        (answer,) = response.json()["responses"]
        assert answer["status"] == 400
    else:
        assert response.status_code == 400
