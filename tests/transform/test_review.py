"""Who may be another customer too is neither merged nor made until people answer."""

import shutil
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from identity.model import load as identity_model
from identity.run import run
from operations.pins import Signature, pin
from operations.store import Store
from reverse_etl.contract import load_contract
from reverse_etl.guard import Guarded, guard
from reverse_etl.ledger import Ledger
from reverse_etl.plan import make_plan
from reverse_etl.policy import Policy

MODELS = Path(__file__).parents[2] / "transform" / "models"
REBUILT = ("int_customers__linked", "customer_records", "customers")
NOW = datetime(2026, 11, 1, tzinfo=UTC)
QUESTION = """
    select left_key, right_key, left_golden_id, right_golden_id from identity.review
"""
# A final invoice of one of the two loses its posting, so that one is to be created.
UNPOST = """
    update canonical.invoices set netsuite_invoice_id = null
    where invoice_id = (
        select min(invoice_id) from canonical.invoices
        where customer_id in (?, ?) and posts_on is not null
    )
"""


def test_a_create_is_held_until_a_pin_answers(
    disordered: Any, dbt: Any, tmp_path: Path
) -> None:
    """The posting waits and says why; after the answer it only wants a yes."""
    warehouse = tmp_path / "warehouse.duckdb"
    shutil.copy(disordered.warehouse, warehouse)
    with closing(duckdb.connect(str(warehouse))) as connection:
        (left, right, *customers), *_ = connection.execute(QUESTION).fetchall()
        connection.execute(UNPOST, customers)
    contract = load_contract(MODELS)

    with Store(tmp_path / "operations.sqlite") as store:

        def guarded() -> Guarded:
            ledger = Ledger(store)
            plan = make_plan(warehouse, contract, ledger, made_at=NOW)
            return guard(plan, ledger, Policy(), NOW)

        held = [each for each in guarded().held if each.guard == "review"]
        pin(store, "customers", "different", (left, right), Signature("a", NOW, "no"))
        run(warehouse, store, identity_model(), NOW + timedelta(hours=1))
        dbt.run("run", "--select", *REBUILT, warehouse=warehouse)
        after = guarded()

    (one,) = held
    assert one.change.action == "create"
    assert one.change.customer_id in customers
    assert "concord identity review" in one.why
    assert one.change.change_id in {each.change_id for each in after.waiting}
    assert {each.guard for each in after.held} <= {"limit"}
