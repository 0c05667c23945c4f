"""Transactions: lines, payments and credits, journals, and closed periods."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

Said = Callable[[httpx.Response], tuple[int, str]]


def post(erp: Any, record: str, **body: Any) -> str:
    """Create a transaction of customer 1; return its id."""
    response = erp.record("POST", record, json=body)
    assert response.status_code == 204, response.text
    return str(response.headers["location"].rpartition("/")[2])


def invoice(erp: Any, *amounts: Any, **body: Any) -> str:
    """Create an invoice with a line for each amount."""
    items = [{"amount": amount, "item": {"id": "301"}} for amount in amounts]
    return post(erp, "invoice", entity={"id": "1001"}, item={"items": items}, **body)


def lines(erp: Any, record: str, name: str) -> list[dict[str, Any]]:
    """Return a sublist's lines."""
    body = erp.record("GET", f"{record}?expandSubResources=true").json()
    items: list[dict[str, Any]] = body[name]["items"]
    return items


def test_lines_are_shown_where_they_are_asked_for(erp: Any) -> None:
    """As links, expanded within the record, or below it."""
    number = invoice(erp, 10, 2.5)

    linked = erp.record("GET", f"invoice/{number}").json()["item"]
    below = erp.record("GET", f"invoice/{number}/item").json()

    assert set(linked) == {"links"}
    assert [line["amount"] for line in lines(erp, f"invoice/{number}", "item")] == [
        10,
        2.5,
    ]
    assert below["totalResults"] == 2
    assert below["items"][0]["item"]["refName"] == "PLT"


def test_lines_are_updated_by_their_key_and_added_without_one(erp: Any) -> None:
    """The sublist `item` is keyed by `line`; the total follows."""
    number = invoice(erp, 10, 20)

    erp.record(
        "PATCH",
        f"invoice/{number}",
        json={"item": {"items": [{"line": 2, "amount": 25}, {"amount": 5}]}},
    )

    assert [each["amount"] for each in lines(erp, f"invoice/{number}", "item")] == [
        10,
        25,
        5,
    ]
    assert erp.record("GET", f"invoice/{number}").json()["total"] == 40


def test_replaced_lines_are_gone(erp: Any) -> None:
    """`?replace=item` keeps what is matched and drops the rest."""
    number = invoice(erp, 10, 20)

    erp.record(
        "PATCH",
        f"invoice/{number}?replace=item",
        json={"item": {"items": [{"line": 2, "amount": 7}]}},
    )

    assert [each["line"] for each in lines(erp, f"invoice/{number}", "item")] == [2]
    assert erp.record("GET", f"invoice/{number}").json()["total"] == 7


def test_lines_are_a_table_of_suiteql(erp: Any) -> None:
    """Revenue is negative there, and one line stands for the whole."""
    number = invoice(erp, 10, 2.5)

    rows = erp.rows(
        "SELECT tl.mainline, tl.foreignamount, BUILTIN.DF(tl.item) AS item, t.tranid "
        "FROM transactionline tl JOIN transaction t ON t.id = tl.transaction "
        f"WHERE t.id = {number} ORDER BY tl.linesequencenumber"
    )

    assert rows == [
        {"mainline": "T", "foreignamount": "12.5", "tranid": f"INV{number}"},
        {
            "mainline": "F",
            "foreignamount": "-10",
            "item": "PLT",
            "tranid": f"INV{number}",
        },
        {
            "mainline": "F",
            "foreignamount": "-2.5",
            "item": "PLT",
            "tranid": f"INV{number}",
        },
    ]


def test_quantity_times_rate_is_an_amount(erp: Any) -> None:
    """Rounded to the currency's places."""
    number = post(
        erp,
        "invoice",
        entity={"externalId": "cus_1"},
        item={"items": [{"quantity": 3, "rate": 0.335}]},
    )

    assert erp.record("GET", f"invoice/{number}").json()["total"] == 1.01


def test_a_payment_settles_its_invoice(erp: Any) -> None:
    """Applied in two parts; the link is a row, and the status follows."""
    number = invoice(erp, 100)

    def pay(amount: float) -> None:
        apply = {"items": [{"doc": {"id": number}, "amount": amount, "apply": True}]}
        post(erp, "customerPayment", customer={"id": "1001"}, payment=50, apply=apply)

    statuses = []
    for amount in (50, 50):
        pay(amount)
        body = erp.record("GET", f"invoice/{number}").json()
        statuses.append(body["status"]["refName"])
    links = erp.rows(
        f"SELECT foreignamount FROM nexttransactionlink WHERE previousdoc = {number}"
    )

    assert statuses == ["Open", "Paid In Full"]
    assert links == [{"foreignamount": "50"}] * 2


def test_a_deleted_payment_opens_its_invoice_again(erp: Any) -> None:
    """The link goes with it."""
    deleted = erp.record("DELETE", "customerPayment/10010")

    body = erp.record("GET", "invoice/9995").json()
    assert deleted.status_code == 204
    assert body["status"]["refName"] == "Open"
    assert erp.rows("SELECT previousdoc FROM nexttransactionlink") == []


def test_a_credit_lowers_what_is_due(erp: Any) -> None:
    """A credit memo is negative in SuiteQL and positive in the record."""
    number = invoice(erp, 100)
    apply = {"items": [{"doc": {"id": number}, "amount": 30}]}
    credit = post(
        erp,
        "creditMemo",
        entity={"id": "1001"},
        item={"items": [{"amount": 30}]},
        apply=apply,
    )
    too_much = {"items": [{"doc": {"id": number}, "amount": 71}]}

    refused = erp.record(
        "POST",
        "customerPayment",
        json={"customer": {"id": "1001"}, "payment": 71, "apply": too_much},
    )

    assert erp.record("GET", f"creditMemo/{credit}").json()["total"] == 30
    assert erp.rows(f"SELECT foreigntotal FROM transaction WHERE id = {credit}") == [
        {"foreigntotal": "-30"}
    ]
    assert refused.status_code == 400


@pytest.mark.parametrize(
    "apply",
    [
        [{"doc": {"id": "10000"}, "amount": 6}],
        [{"doc": {"id": "10000"}, "amount": 0}],
        [{"doc": {"id": "10000"}, "amount": -1}],
        [{"doc": {"id": "9"}, "amount": 1}],
        [{"amount": 1}],
        [{"doc": {"id": "9995"}, "amount": 1}],
    ],
)
def test_more_than_is_there_cannot_be_applied(
    erp: Any, apply: list[dict[str, Any]]
) -> None:
    """Neither of the payment nor of the invoice, nor to an unknown one."""
    body = {"customer": {"id": "1001"}, "payment": 5, "apply": {"items": apply}}

    assert erp.record("POST", "customerPayment", json=body).status_code == 400
    assert erp.store.journal == []


def test_a_journal_balances(erp: Any, said: Said) -> None:
    """Debits equal credits, or nothing is posted."""
    balanced = [
        {"account": {"id": "4"}, "debit": 10},
        {"account": {"id": "5"}, "credit": 10},
    ]
    number = post(erp, "journalEntry", line={"items": balanced})

    crooked = erp.record("POST", "journalEntry", json={"line": {"items": balanced[:1]}})
    bare = erp.record("POST", "journalEntry", json={})

    rows = erp.rows(
        "SELECT BUILTIN.DF(account) AS account, foreignamount FROM transactionline "
        f"WHERE transaction = {number} ORDER BY id"
    )
    assert rows == [
        {"account": "Deferred Revenue", "foreignamount": "10"},
        {"account": "Subscription Revenue", "foreignamount": "-10"},
    ]
    assert said(crooked) == (400, "USER_ERROR")
    assert said(bare) == (400, "INVALID_CONTENT")


def test_a_journal_is_a_draft_until_it_is_approved(erp: Any) -> None:
    """Without approval it waits, in the books of its subsidiary and of none other."""
    items = [
        {"account": {"id": "4"}, "debit": 10},
        {"account": {"id": "5"}, "credit": 10},
    ]
    body = {"approved": False, "subsidiary": {"id": "1"}, "line": {"items": items}}
    path = "journalEntry/eid:batch-1"

    first = erp.record("PUT", path, json=body)
    again = erp.record("PUT", f"{path}?replace=line", json=body)

    number = first.headers["location"].rpartition("/")[2]
    status = f"SELECT BUILTIN.DF(status) AS status FROM transaction WHERE id = {number}"
    assert again.headers["location"] == first.headers["location"]
    assert erp.rows(status) == [{"status": "Journal : Pending Approval"}]
    assert erp.rows(
        "SELECT subsidiary, foreignamount FROM transactionline"
        f" WHERE transaction = {number} ORDER BY id"
    ) == [
        {"subsidiary": "1", "foreignamount": "10"},
        {"subsidiary": "1", "foreignamount": "-10"},
    ]
    erp.record("PATCH", path, json={"approved": True})
    assert erp.rows(status) == [{"status": "Journal : Approved for Posting"}]


@pytest.mark.parametrize(
    ("state", "taken"), [({"alllocked": "T"}, 204), ({"closed": "T"}, 400)]
)
def test_a_role_may_override_a_lock_and_no_closing(
    erp: Any, state: dict[str, str], taken: int
) -> None:
    """With Override Period Restrictions, as the accountants at the end of a month."""
    (period,) = erp.rows("SELECT id FROM accountingperiod WHERE periodname='Oct 2026'")
    at = ("netsuite", "accountingperiod", period["id"])
    erp.store.update(*at, state, actor="human", request_id="1")
    items = [
        {"account": {"id": "4"}, "debit": 10},
        {"account": {"id": "5"}, "credit": 10},
    ]
    body = {"tranDate": "2026-10-31", "line": {"items": items}}

    plain = erp.record("POST", "journalEntry", json=body)
    erp.set(override_period_restrictions=True)
    allowed = erp.record("POST", "journalEntry", json=body)

    assert (plain.status_code, allowed.status_code) == (400, taken)


@pytest.mark.parametrize("how", ["condition", "record"])
def test_a_closed_period_takes_no_postings(erp: Any, said: Said, how: str) -> None:
    """Neither new ones, nor changes into or out of it, nor deletions."""
    if how == "condition":
        erp.set(closed_through="2026-10-31")
    else:
        (period,) = erp.rows(
            "SELECT id FROM accountingperiod WHERE periodname='Oct 2026'"
        )
        erp.store.update(
            "netsuite",
            "accountingperiod",
            period["id"],
            {"closed": "T"},
            actor="human",
            request_id="1",
        )
    new = {"entity": {"id": "1001"}, "item": {"items": [{"amount": 1}]}}

    answers = [
        erp.record("POST", "invoice", json=new | {"tranDate": "2026-10-15"}),
        erp.record("PATCH", "invoice/10000", json={"tranDate": "2026-11-01"}),
        erp.record("DELETE", "invoice/10000"),
    ]
    today = erp.record("POST", "invoice", json=new)

    assert [said(each) for each in answers] == [(400, "USER_ERROR")] * 3
    assert all("period" in each.text for each in answers)
    assert today.status_code == 204


def test_an_invoice_knows_its_period(erp: Any) -> None:
    """The month of its date, by name."""
    number = invoice(erp, 1, tranDate="2026-03-31")

    (row,) = erp.rows(
        "SELECT BUILTIN.DF(postingperiod) AS period FROM transaction "
        f"WHERE id = {number}"
    )
    assert row == {"period": "Mar 2026"}


def test_an_item_may_be_required(erp: Any, said: Said) -> None:
    """As most accounts are set up; the condition `line_item_required` says so."""
    erp.set(line_item_required=True)

    response = erp.record(
        "POST",
        "invoice",
        json={"entity": {"id": "1001"}, "item": {"items": [{"amount": 1}]}},
    )

    assert said(response) == (400, "USER_ERROR")
