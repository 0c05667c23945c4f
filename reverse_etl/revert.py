"""Revert: a plan that undoes a plan, where nobody has touched the fields since.

It puts back what was there before, field by field. What no longer holds what we wrote
was edited by somebody since: it is left and listed. A record that we made is left, too:
nothing is ever deleted.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from reverse_etl.change import Change, FieldChange, change_id
from reverse_etl.contract import Contract
from reverse_etl.issue import Issue
from reverse_etl.ledger import Ledger
from reverse_etl.mirror import opened
from reverse_etl.plan import Plan, named_plan
from reverse_etl.settle import Seen

# What arrived at the system and is known to have.
_ARRIVED = ("confirmed", "settled")


class NothingToRevertError(Exception):
    """No change of the plan has arrived, or all that did was undone already."""


def plan_revert(
    warehouse: Path,
    contract: Contract,
    ledger: Ledger,
    plan_id: str,
    *,
    made_at: datetime,
    author: str,
) -> Plan:
    """Make the plan that undoes a plan; `guard` takes it in.

    The original changes count as declined from then on, so that the next plan does not
    write the same values over the same ones again.

    Raises:
        UnknownPlanError: No such plan was taken in.
        NothingToRevertError: Nothing of it is there to undo.
    """
    document = ledger.document(plan_id)
    arrived = [
        row for row in ledger.rows(_ARRIVED, plan_id=plan_id) if row.change.fields
    ]
    if not arrived:
        raise NothingToRevertError(f"No change of the plan {plan_id} is there to undo.")
    changes: list[Change] = []
    issues: list[Issue] = []
    with opened(warehouse) as mirror:
        seen = Seen(mirror, contract, [row.change for row in arrived])
        for row in arrived:
            change = row.change
            if change.action == "create":
                issues.append(_left(change, change.fields[0], "made", None))
                continue
            # Ingestion may not have seen yet what was read back already.
            held = change.values if row.state == "confirmed" else seen.values(change)
            undone = tuple(_undone(change, held or {}, issues))
            if undone:
                changes.append(_change(ledger, change, undone, author))
    return named_plan(
        Plan(
            plan_id="",
            made_at=made_at,
            contract_hash=contract.hash,
            changes=tuple(changes),
            standing=frozenset(),
            withdrawn=frozenset(),
            issues=tuple(issues),
            converged=(),
            sizes={},
            governed=sum(len(row.change.fields) for row in arrived),
            equal=0,
            busy=0,
            kind="revert",
            author=author,
            undoes=str(document["plan_id"]),
        )
    )


def _undone(
    change: Change, held: Mapping[str, str | None], issues: list[Issue]
) -> Iterator[FieldChange]:
    """Turn each field round that still holds what we wrote; note the others."""
    for field in change.fields:
        if held.get(field.field) == field.ours:
            yield replace(
                field,
                theirs=field.ours,
                ours=field.theirs,
                base=field.ours,
                base_known=True,
            )
        else:
            issues.append(_left(change, field, "left", held.get(field.field)))


def _change(
    ledger: Ledger, change: Change, fields: tuple[FieldChange, ...], author: str
) -> Change:
    turned = replace(
        change,
        fields=fields,
        reason=f"{author} takes back: {change.reason}",
        change_id="",
    )
    content = turned.content_hash
    return replace(turned, change_id=change_id(content, ledger.generation(content)))


def _left(change: Change, field: FieldChange, kind: str, held: str | None) -> Issue:
    return Issue(
        kind=kind,
        system=change.system,
        object=change.object,
        record_id=str(change.record_id),
        field=field.field,
        customer_id=change.customer_id,
        theirs=held,
        ours=field.theirs,
        base=field.ours,
    )
