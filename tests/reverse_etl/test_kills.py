"""Kills: a push ended at any point, over and over, still has one effect per change."""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from operations.audit import verify
from operations.store import Store
from reverse_etl.change import Change
from reverse_etl.destinations import Caps, Destination
from reverse_etl.destinations.registry import connect
from reverse_etl.guard import Policy, guard
from reverse_etl.ledger import Ledger, Row
from reverse_etl.push import Progress, push
from reverse_etl.read_back import read_back
from tests.reverse_etl.support import plan_of
from tests.reverse_etl.vendors import effects, invoice_items, invoices, now, updates

CUSTOMERS = 60
# A request that a killed process had sent takes a few milliseconds here.
WINDOW = timedelta(milliseconds=150)
STEPS = ("reading", "sending", "answered", "acknowledged")
KILLS = 60
WAVES = 60
ROOMY = Policy(share_floor=1000)  # the limits are tested elsewhere
# Each object with the write that reaches it, to be lost, and to be killed around.
WRITES = {
    ("salesforce", "Account"): ("POST", "/composite"),
    ("stripe", "customer"): ("POST", "/v1/customers"),
    ("stripe", "invoiceitem"): ("POST", "/v1/invoiceitems"),
    ("zendesk", "organization"): ("PUT", "/update_many"),
    ("netsuite", "customer"): ("PATCH", "/record/v1/customer"),
    ("netsuite", "invoice"): ("PUT", "/record/v1/invoice"),
}
CREATED_OBJECTS = (("stripe", "invoiceitem"), ("netsuite", "invoice"))


def small_calls(destinations: Mapping[str, Destination]) -> Mapping[str, Destination]:
    """Cut the batches small, so that there are many calls to be killed in."""
    for name in ("salesforce", "zendesk"):
        destinations[name].caps = Caps(read_size=8, write_size=4)
    destinations["netsuite"].caps = Caps(read_size=8, write_size=1)
    destinations["zendesk"]._pause = lambda seconds: time.sleep(seconds / 20)
    return destinations


def push_in_child(
    home: Path, environ: Mapping[str, str], kill_at: tuple[str, str, str], nth: int
) -> int:
    """Start a push that kills itself at the nth such step; return the process's id."""
    child = os.fork()
    if child:
        return child
    try:
        seen = 0

        def report(progress: Progress) -> None:
            nonlocal seen
            seen += (progress.step, progress.system, progress.object) == kill_at
            if seen == nth:
                os.kill(os.getpid(), signal.SIGKILL)

        with Store(home / "operations.sqlite") as store:
            destinations = small_calls(connect(environ))
            push(Ledger(store), destinations, now, report, settle_window=WINDOW)
        os._exit(0)
    except BaseException:  # noqa: BLE001 - the child must not return into pytest
        os._exit(1)


def losses(chance: random.Random) -> list[dict[str, object]]:
    """Lose the answer to, or the request of, the next write to two of the objects."""
    return [
        {
            "system": at[0],
            "method": WRITES[at][0],
            "path_contains": WRITES[at][1],
            # An account is looked at by the same kind of call, right before.
            "skip": int(at == ("salesforce", "Account")),
            "kind": chance.choice(["lost_response", "lost_request"]),
        }
        for at in (chance.choice(CREATED_OBJECTS), chance.choice(list(WRITES)))
    ]


def unsent(home: Path) -> list[Row]:
    """Return what a push would still have to do."""
    with Store(home / "operations.sqlite") as store:
        return Ledger(store).rows(("ready", "sending", "unknown"))


def moment(chance: random.Random, rows: list[Row]) -> tuple[str, str, str]:
    """Choose a step that a push of these changes will come to, or any moment."""
    row = chance.choice(rows)
    open_outcome = row.state != "ready"
    steps = [*STEPS, *["resolved"] * open_outcome, "any moment", "any moment"]
    return chance.choice(steps), row.change.system, row.change.object


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_sixty_kills_and_lost_answers_leave_one_effect_per_change(
    start_sandbox: object, tmp_path: Path
) -> None:
    """The vendors' own journal shows nothing twice and nothing lost."""
    chance = random.Random(7)  # noqa: S311 - chance that can be repeated
    sandbox = start_sandbox(customers=CUSTOMERS, months=6, disorder="none")
    stripe = sandbox.records("stripe", "customer")[:CUSTOMERS]
    netsuite = sandbox.records("netsuite", "customer")[:CUSTOMERS]
    changed: list[Change] = [
        *updates("salesforce", sandbox.records("salesforce", "account")[:CUSTOMERS]),
        *updates("stripe", stripe),
        *updates("zendesk", sandbox.records("zendesk", "organization")[:CUSTOMERS]),
        *updates("netsuite", netsuite),
    ]
    items, bills = invoice_items(stripe), invoices(netsuite)
    waves = [
        changed[n::WAVES] + items[n::WAVES] + bills[n::WAVES] for n in range(WAVES)
    ]

    killed_at: Counter[str] = Counter()
    while killed_at.total() < KILLS:
        # New work arrives all along, so that the late kills find some, too.
        if waves and len(unsent(tmp_path)) < len(waves[0]):
            with Store(tmp_path / "operations.sqlite") as store:
                plan = plan_of(*waves.pop(), plan_id=f"wave {len(waves)}")
                guard(plan, Ledger(store), ROOMY, now())
        rows = unsent(tmp_path)
        assert rows, f"only {killed_at.total()} kills fitted in"
        sandbox.faults(losses(chance))
        step, *at = moment(chance, rows)
        child = push_in_child(
            tmp_path, sandbox.environment, (step, *at), chance.choice((1, 1, 2))
        )
        if step == "any moment":
            time.sleep(chance.uniform(0.02, 0.3))
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        killed_at[f"{step} {at[1]}"] += os.WIFSIGNALED(status)
        assert not os.WIFEXITED(status) or os.WEXITSTATUS(status) == 0

    sandbox.faults([])
    with Store(tmp_path / "operations.sqlite") as store:
        ledger = Ledger(store)
        destinations = small_calls(connect(sandbox.environment))
        for wave in waves:
            guard(plan_of(*wave, plan_id=wave[0].change_id), ledger, ROOMY, now())
        last = push(ledger, destinations, now, settle_window=WINDOW)
        assert (last.refused, last.away, last.unconnected) == ({}, {}, ())
        read_back(ledger, destinations, now)

        journal = sandbox.journal()
        wrong = {
            change.change_id: seen
            for change in changed
            if (seen := effects(journal, change))
            != {(change.fields[0].theirs, change.fields[0].ours): 1}
        }
        keys = Counter(
            item["metadata"].get("concord_key")
            for item in sandbox.records("stripe", "invoiceitem")
        )
        posted = Counter(
            bill["externalid"] for bill in sandbox.records("netsuite", "invoice")
        )
        assert wrong == {}
        assert {key: keys[key] for item in items if (key := item.external_key)} == {
            item.external_key: 1 for item in items
        }
        assert {key: posted[key] for bill in bills if (key := bill.external_key)} == {
            bill.external_key: 1 for bill in bills
        }
        assert set(ledger.outcomes().values()) == {"confirmed"}
        assert len(ledger.rows(("confirmed",))) == len(changed) + len(items) + len(
            bills
        )
        verify(store)
