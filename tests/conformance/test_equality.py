"""Reading what changed ends, row for row, where reading everything anew does."""

from collections.abc import Sequence
from typing import Any, get_args

from sandbox.faults import Kind
from tests.conformance.account import Account, Office, drawn

ROUNDS = 3
# Shares of all calls, on top of what each round plans; a bad night has a third of it.
_RATES = {
    "lost_request": 0.03,
    "status": 0.05,
    "expired_tokens": 0.02,
    "edit": 0.05,
    "late_commit": 0.03,
    "burst": 0.03,
    "lost_response": 0.03,
    "truncated_body": 0.03,
}


def test_incremental_equals_full_refresh_under_every_fault(
    account: Account, office: Office, record_property: Any
) -> None:
    """People edit, enter and delete while every fault of the sandbox happens.

    A load may fail in between. When it is calm again, one load later nothing tells the
    warehouse from one that has just been filled.
    """
    source, chance = account.source, drawn(account.source.name)
    kinds = get_args(Kind)
    failed = 0
    for number in range(ROUNDS):
        people(account, chance, number)
        rates = {"seed": f"{source.name} {number}", **_RATES}
        account.store.set_conditions({source.name: {"faults": rates}})
        account.spoil(*(planned(account, kind) for kind in kinds[number::ROUNDS]))
        while account.faults.waiting:  # a load that fails may not come so far
            failed += len(account.outcome().faults)
            account.passing.pause(60)  # a load every minute
    account.store.set_conditions({source.name: {"faults": None}})
    account.passing.pause(120)
    account.age()
    account.load()

    whole = office.beside(account)
    whole.load()

    left = {stream.name for stream in account.system.streams} - source.stays.keys()
    found, expected = (
        account.contents(*left, alive=True),
        whole.contents(*left, alive=True),
    )
    differing = {
        name: sorted({*found[name]} ^ {*expected[name]}, key=repr)
        for name in left
        if found[name] != expected[name]
    }
    record_property("measured", {"loads that failed": failed})
    assert differing == {}


def people(account: Account, chance: Any, number: int) -> None:
    """Let people work: some edits, a new record, and now and then a deletion."""
    ids = account.ids()
    for record_id in chance.sample(ids, min(3, len(ids))):
        account.edit(record_id, f"Edited in round {number}")
    account.create(1 + number)
    if number % 2:
        account.delete(chance.choice(ids))


def planned(account: Account, kind: str) -> dict[str, Any]:
    """Return a fault of a kind, with what a person does where it is one."""
    source = account.source
    ids: Sequence[str] = account.ids()
    fault: dict[str, Any] = {"kind": kind, "path_contains": "", "seconds": 0.02}
    edit = {"object": source.object, "fields": {source.text: f"By {kind}"}}
    if kind in ("edit", "late_commit"):
        fault["edit"] = {**edit, "id": ids[-1]}
        if kind == "late_commit":
            fault["seconds"] = 90  # there are loads before it
    elif kind == "burst":
        fault["edit"] = {**edit, "ids": ids[:5]}
    elif kind == "delete" and source.deleted is not None:  # a mark, set by a person
        fault["kind"] = "edit"
        fault["edit"] = {**edit, "id": ids[-2], "fields": dict(source.deleted)}
    elif kind == "delete":
        fault["edit"] = {**edit, "ids": ids[-2:-1], "fields": None}
    return fault
