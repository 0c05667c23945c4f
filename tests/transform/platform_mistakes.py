"""What can go wrong with the platform itself, and what only looks like it.

Each case says which rows the copy of the operations store holds, and at which records
its check then finds something: at none, where all is as it should be.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]
MODELS = {
    "P01": "rec_systems__loads__freshness",
    "P03": "rec_quarantine__streams__fields",
    "P05": "rec_ledger__systems__read_back",
    "P06": "rec_plans__systems__overtaken",
    "P07": "rec_ledger__sources__echoes",
    "P09": "rec_exceptions__owners__age",
    "P10": "rec_owners__followers__edited_fields",
    "B14": "rec_exceptions__invoices__rate",
}


@dataclass(frozen=True)
class Case:
    """Rows by table, and the records at which the check fires."""

    check: str
    rows: Mapping[str, Sequence[Row]]
    fires_at: tuple[str, ...] = ()


def at(hour: float, day: int = 30) -> str:
    """Return an instant of November as the operations store keeps it."""
    whole, part = divmod(round(hour * 3600), 3600)
    return f"2026-11-{day:02}T{whole:02}:{part // 60:02}:{part % 60:02}.000000+00:00"


def load(
    stream: str, when: str, *, partial: bool = False, system: str = "stripe"
) -> Row:
    """Return the totals of one stream of a load."""
    return {
        "total_id": 1,
        "at": when,
        "system": system,
        "stream": stream,
        "is_partial": partial,
    }


def letter(field: str | None, released: str | None = None) -> Row:
    """Return a record in quarantine."""
    return {
        "quarantine_id": 1,
        "system": "stripe",
        "stream": "invoices",
        "field": field,
        "reason": "is no whole number",
        "held_since": at(1),
        "released_at": released,
    }


def plan(name: str, hour: float) -> Row:
    """Return a plan that was made at an hour."""
    return {"plan_id": name, "made_at": at(hour), "recorded_at": at(hour)}


def change(name: str, state: str, **more: Any) -> Row:
    """Return a change to one account of the CRM."""
    return {
        "change_id": name,
        "plan_id": "p1",
        "content_hash": name,
        "system": "salesforce",
        "object": "Account",
        "target": "a1",
        "record_id": "a1",
        "customer_id": "c1",
        "action": "update",
        "state": state,
        "created_at": at(1),
        "changed_at": at(2),
        **more,
    }


def field(name: str, ours: str = "Acme Inc.", **more: Any) -> Row:
    """Return the name in a change."""
    return {
        "change_id": name,
        "field": "Name",
        "canonical": "legal_name",
        "theirs": "Acme",
        "ours": ours,
        "decision": "write",
        "source": "netsuite",
        "source_record": "netsuite:customer:7",
        **more,
    }


def exception(kind: str, **more: Any) -> Row:
    """Return an exception that is open and has a day left."""
    return {
        "exception_id": 1,
        "fingerprint": f"{kind}:x",
        "kind": kind,
        "owner": "RevOps",
        "record_key": "salesforce:account:a1",
        "state": "open",
        "reopened": 0,
        "opened_at": at(1),
        "due_at": "2026-12-01T01:00:00.000000+00:00",
        **more,
    }


def edit(kind: str, **more: Any) -> Row:
    """Return an edit of a name that a plan left as it is."""
    return exception(
        kind,
        **{
            "source": "plan",
            "target_system": "salesforce",
            "target_object": "Account",
            "target_record_id": "a1",
            "target_field": "Name",
            "ours": "Acme Inc.",
            **more,
        },
    )


def invoices(count: int, excepted: int, amount: int = 1000) -> Mapping[str, list[Row]]:
    """Return invoices of one month, of which some had an exception."""
    return {
        "canonical.invoices": [
            {
                "invoice_id": f"in_{number}",
                "billing_system": "stripe",
                "legal_entity_code": "US",
                "status": "open",
                "issued_on": "2026-11-20",
                "currency": "USD",
                "total_minor": amount,
            }
            for number in range(count)
        ],
        "operations.exceptions": [
            exception(
                "B01", exception_id=number, record_key=f"stripe:invoice:in_{number}"
            )
            for number in range(excepted)
        ],
    }


ACCOUNT = ("salesforce:account:a1",)
RUN = {"operations.plans": [plan("p1", 1)]}
SEEN = {"operations.loads": [load("invoices", at(6))]}
CASES: Mapping[str, Case] = {
    "a stream that the others left behind": Case(
        "P01",
        {"operations.loads": [load("plans", at(3, 29)), load("invoices", at(6))]},
        ("stripe:plans:all",),
    ),
    "a stream of which only a part was read": Case(
        "P01",
        {
            "operations.loads": [
                load("plans", at(3, 29)),
                load("plans", at(6), partial=True),
                load("invoices", at(6)),
            ]
        },
        ("stripe:plans:all",),
    ),
    "a system that another run overtook": Case(
        "P01",
        {"operations.loads": [load("plans", at(3, 28))], **RUN},
        ("stripe:plans:all",),
    ),
    "streams read within a day and two hours": Case(
        "P01",
        {"operations.loads": [load("plans", at(4, 29)), load("invoices", at(6))]},
    ),
    "records with a field of another kind": Case(
        "P03",
        {**SEEN, "operations.quarantine": [letter("total"), letter("total")]},
        ("stripe:invoices:all",),
    ),
    "a record that fits again": Case(
        "P03", {**SEEN, "operations.quarantine": [letter("total", at(2))]}
    ),
    "a record that holds another value": Case(
        "P05", {**RUN, "operations.changes": [change("x", "diverged")]}, ACCOUNT
    ),
    "an answer that was never read back": Case(
        "P05",
        {**RUN, **SEEN, "operations.changes": [change("x", "acknowledged")]},
        ACCOUNT,
    ),
    "an answer of this hour": Case(
        "P05",
        {
            **RUN,
            **SEEN,
            "operations.changes": [change("x", "unknown", changed_at=at(5.1))],
        },
    ),
    "a change that was read back": Case(
        "P05", {**RUN, **SEEN, "operations.changes": [change("x", "confirmed")]}
    ),
    "a record that moved before its change left": Case(
        "P06", {**RUN, "operations.changes": [change("x", "conflict")]}, ACCOUNT
    ),
    "a record that moved and was planned for again": Case(
        "P06",
        {
            "operations.plans": [plan("p1", 1), plan("p2", 3)],
            "operations.changes": [change("x", "conflict")],
        },
    ),
    "a change sent after a newer plan": Case(
        "P06",
        {
            "operations.plans": [plan("p1", 1), plan("p2", 3)],
            "operations.changes": [
                change("x", "confirmed", first_sent_at=at(4)),
                change("y", "waiting", plan_id="p2"),
            ],
            "operations.change_fields": [field("x"), field("y", "Acme SE")],
        },
        ACCOUNT,
    ),
    "a newer plan whose value arrived after it": Case(
        "P06",
        {
            "operations.plans": [plan("p1", 1), plan("p2", 3)],
            "operations.changes": [
                change("x", "superseded", first_sent_at=at(4)),
                change("y", "settled", plan_id="p2", first_sent_at=at(5)),
            ],
            "operations.change_fields": [field("x"), field("y", "Acme SE")],
        },
    ),
    "a newer plan that came after the sending": Case(
        "P06",
        {
            "operations.plans": [plan("p1", 1), plan("p2", 3)],
            "operations.changes": [
                change("x", "confirmed", first_sent_at=at(2)),
                change("y", "waiting", plan_id="p2"),
            ],
            "operations.change_fields": [field("x"), field("y", "Acme SE")],
        },
    ),
    "a value of ours that a receiver sends on": Case(
        "P07",
        {
            **RUN,
            "operations.changes": [
                change("x", "settled", first_sent_at=at(0.5)),
                change("y", "ready", system="stripe", object="customer", target="cu1"),
            ],
            "operations.change_fields": [
                field("x"),
                field("y", source="salesforce", source_record="salesforce:account:a1"),
            ],
        },
        ("stripe:customer:cu1",),
    ),
    "a change undone three times": Case(
        "P07",
        {
            **RUN,
            "operations.changes": [
                change(name, "settled", content_hash="h", first_sent_at=at(hour))
                for hour, name in enumerate("xyz", start=1)
            ],
        },
        ACCOUNT,
    ),
    "a change made twice, and the owner's value elsewhere": Case(
        "P07",
        {
            **RUN,
            "operations.changes": [
                change("x", "settled", content_hash="h", first_sent_at=at(1)),
                change("y", "settled", content_hash="h", first_sent_at=at(2)),
                change("z", "ready", system="stripe", object="customer", target="cu1"),
            ],
            "operations.change_fields": [field("x"), field("z")],
        },
    ),
    "an exception past its term": Case(
        "P09",
        {**SEEN, "operations.exceptions": [exception("B01", due_at=at(5))]},
        ACCOUNT,
    ),
    "an exception that came back three times": Case(
        "P09",
        {**SEEN, "operations.exceptions": [exception("B01", reopened=3)]},
        ACCOUNT,
    ),
    "exceptions that are in time, over, accepted, or about late ones": Case(
        "P09",
        {
            **SEEN,
            "operations.exceptions": [
                exception("B01", reopened=2),
                exception("B02", due_at=at(5), closed_at=at(5.5)),
                exception("B03", due_at=at(5), state="accepted"),
                exception("P09", due_at=at(5)),
            ],
        },
    ),
    "a field that was edited where it is not owned": Case(
        "P10", {**RUN, "operations.exceptions": [edit("user_edit")]}, ACCOUNT
    ),
    "a field that moved on both sides": Case(
        "P10", {**RUN, "operations.exceptions": [edit("conflict")]}, ACCOUNT
    ),
    "edits that gave way or may stand, and a difference of a check": Case(
        "P10",
        {
            **RUN,
            "operations.exceptions": [
                edit("user_edit", closed_at=at(2)),
                edit("user_edit", state="accepted"),
                edit("M04", source="reconciliation"),
            ],
        },
    ),
    "three of a hundred invoices": Case(
        "B14", invoices(100, 3), ("invoices:US:2026-11-01",)
    ),
    "two of fifty, which are few": Case("B14", invoices(50, 2)),
    "three of a hundred and fifty, which is the policy": Case("B14", invoices(150, 3)),
}
