"""Plan: golden values, values there and bases give exactly the changes due."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ingestion.errors import Unknown
from operations.decisions import approve, overwrite, reject
from operations.exceptions import open_exceptions
from reverse_etl.change import Decision
from reverse_etl.contract import Contract, load_contract
from reverse_etl.guard import Policy, guard
from reverse_etl.ledger import Ledger
from reverse_etl.mirror import Base
from reverse_etl.plan import Plan, make_plan
from reverse_etl.push import push
from reverse_etl.read_back import read_back
from reverse_etl.settle import Settled, settle
from tests.reverse_etl.support import (
    START,
    Clock,
    Script,
    Vendor,
    build_warehouse,
    states,
)

CONTRACT = """
models:
  - name: customers
    config:
      meta:
        receivers:
          crm.Account: {model: stg_crm__accounts, key: crm_account_id}
    columns:
      - {name: customer_id}
      - {name: crm_account_id}
      - {name: legal_name_source}
      - name: legal_name
        config: {meta: {owner: erp, push: {crm: Account.Name}}}
      - name: discount
        config:
          meta:
            {rule: r, nulls: clear, approval: required, push: {crm: Account.Discount}}
      - {name: country, config: {meta: {owner: erp}}}
  - name: products
    config:
      meta:
        receivers:
          crm.Product: {model: stg_crm__products, key: crm_product_id}
          crm.Unused: {model: stg_crm__products, key: crm_product_id}
    columns:
      - {name: product_id}
      - {name: crm_product_id}
      - {name: item_id, config: {meta: {owner: erp, push: {crm: Product.Item}}}}
  - name: invoices
    config:
      meta:
        receivers:
          erp.invoice:
            model: stg_erp__invoices
            key: erp_invoice_id
            create: {key: invoice_id, approval: required, requires: [erp_customer_id]}
          erp.memo:
            key: erp_memo_id
            create: {key: invoice_id}
    columns:
      - {name: invoice_id}
      - {name: customer_id}
      - {name: erp_invoice_id}
      - {name: erp_memo_id}
      - {name: currency, config: {meta: {push: {erp: invoice.currency}}}}
      - {name: number, config: {meta: {push: {erp: invoice.number}}}}
      - {name: erp_customer_id, config: {meta: {push: {erp: invoice.entity}}}}
      - {name: total_minor, config: {meta: {push: {erp: invoice.total}}}}
      - {name: text, config: {meta: {push: {erp: memo.text}}}}
"""


class House:
    """A warehouse that can be loaded again, its contract and its ledger."""

    def __init__(self, home: Path, ledger: Ledger) -> None:
        """Write the contract; nothing is loaded yet."""
        (home / "canonical").mkdir()
        (home / "canonical" / "all.yml").write_text(CONTRACT, encoding="utf-8")
        self.contract: Contract = load_contract(home)
        self.ledger = ledger
        self.path = home / "warehouse.duckdb"
        self.golden: dict[str, dict[str, Any]] = {}
        self.there: dict[str, dict[str, Any]] = {}
        self.products: list[dict[str, Any]] = []
        self.items: dict[str, Any] = {}
        self.invoices: list[dict[str, Any]] = []

    def customer(self, key: str, ours: str | None, theirs: str | None) -> None:
        """Give one customer a golden name and a name there."""
        self.golden[key] = {
            "customer_id": f"c-{key}",
            "crm_account_id": key,
            "legal_name": ours,
            "legal_name_source": "erp",
        }
        self.there[key] = {"crm_account_id": key, "legal_name": theirs}

    def load(self) -> Path:
        """Write the warehouse as ingestion and models would."""
        return build_warehouse(
            self.path,
            {
                "canonical.customers": (
                    (
                        "customer_id text, crm_account_id text, legal_name text,"
                        " legal_name_source text, discount text, country text"
                    ),
                    self.golden.values(),
                ),
                "staging.stg_crm__accounts": (
                    (
                        "crm_account_id text, legal_name text, discount text,"
                        " is_deleted boolean"
                    ),
                    self.there.values(),
                ),
                "canonical.products": (
                    "product_id text, crm_product_id text, item_id integer",
                    self.products,
                ),
                "staging.stg_crm__products": (
                    "crm_product_id text, item_id integer, is_deleted boolean",
                    [
                        {"crm_product_id": key, "item_id": value}
                        for key, value in self.items.items()
                    ],
                ),
                "canonical.invoices": (
                    (
                        "invoice_id text, customer_id text, erp_invoice_id text,"
                        " erp_memo_id text, currency text, number text,"
                        " erp_customer_id text, total_minor bigint, text text"
                    ),
                    self.invoices,
                ),
                "staging.stg_erp__invoices": (
                    "erp_invoice_id text, is_deleted boolean",
                    [{"erp_invoice_id": "70"}],
                ),
            },
        )

    def plan(self) -> Plan:
        """Load, then plan."""
        return make_plan(self.load(), self.contract, self.ledger, made_at=START)

    def admit(self, policy: Policy | None = None) -> Plan:
        """Load, plan, and take the plan in."""
        plan = self.plan()
        guard(plan, self.ledger, policy or Policy(), START)
        return plan


@pytest.fixture
def house(tmp_path: Path, ledger: Ledger) -> House:
    """An empty house."""
    return House(tmp_path, ledger)


def decided(plan: Plan) -> dict[str, Mapping[str, str | None]]:
    """Return what a plan wants, by record."""
    return {change.target: change.values for change in plan.changes}


def test_only_what_differs_is_planned(house: House) -> None:
    """One change per record, with each field's old and new value and its reason."""
    house.customer("a1", "Acme Inc.", "Acme")
    house.customer("a2", "Beta", "Beta")

    plan = house.plan()

    (change,) = plan.changes
    (field,) = change.fields
    assert (change.system, change.object, change.record_id) == ("crm", "Account", "a1")
    assert (change.entity, change.entity_id, change.customer_id) == (
        "customers",
        "c-a1",
        "c-a1",
    )
    assert (field.canonical, field.theirs, field.ours) == (
        "legal_name",
        "Acme",
        "Acme Inc.",
    )
    assert change.reason == "legal_name: erp says 'Acme Inc.', crm holds 'Acme'"
    assert plan.sizes["crm", "Account"] == 2
    # Two names, and two discounts that the golden record governs by their absence.
    assert (plan.governed, plan.equal) == (4, 3)
    assert not plan.is_empty
    assert not plan.is_converged


def test_the_same_state_gives_the_same_plan(house: House) -> None:
    """Replaying a plan proves how it came about."""
    house.customer("a1", "Acme Inc.", "Acme")

    assert house.plan() == house.plan()


def test_a_plan_taken_in_twice_is_taken_in_once(house: House) -> None:
    """A crash after recording, and again: no second change, no second audit row."""
    house.customer("a1", "Acme Inc.", "Acme")
    plan = house.plan()
    guard(plan, house.ledger, Policy(), START)
    before = house.ledger.store.rows("select count(*) from audit")[0][0]

    guard(plan, house.ledger, Policy(), START)

    assert len(house.ledger.rows(("ready",))) == 1
    assert house.ledger.store.rows("select count(*) from audit")[0][0] == before


def test_an_equal_value_becomes_the_base(house: House) -> None:
    """Only then is a later edit of a field that we never wrote noticed."""
    house.customer("a1", "Acme", "Acme")
    house.admit()
    house.customer("a1", "Acme", "Edited")

    plan = house.admit()

    (issue,) = plan.issues
    (opened,) = open_exceptions(house.ledger.store)
    assert Base("crm", "Account", "a1", "Name", "Acme") in house.ledger.base(
        "crm", "Account"
    )
    assert (issue.kind, issue.theirs, issue.ours) == ("user_edit", "Edited", "Acme")
    assert opened.broken.subject == (
        "Name of crm Account a1 was changed there to 'Edited';"
        " the golden value is 'Acme'."
    )
    assert plan.is_empty
    assert not plan.is_converged


def test_no_value_on_both_sides_becomes_the_base_too(house: House) -> None:
    """A discount that somebody gives by hand later is an edit, and is not cleared."""
    house.customer("a1", "Acme", "Acme")
    house.admit()
    house.there["a1"]["discount"] = "by hand"

    plan = house.plan()

    assert Base("crm", "Account", "a1", "Discount", None) in house.ledger.base(
        "crm", "Account"
    )
    assert plan.is_empty
    assert [issue.kind for issue in plan.issues] == ["user_edit"]


def test_a_base_already_known_is_not_written_again(house: House) -> None:
    """The second plan over a converged house has nothing to remember."""
    house.customer("a1", "Acme", "Acme")
    house.admit()

    plan = house.plan()

    assert plan.converged == ()
    assert plan.is_converged


def test_when_both_moved_nothing_is_written(house: House) -> None:
    """The golden value changed, and so did theirs: a person decides."""
    house.customer("a1", "Acme", "Acme")
    house.admit()
    house.customer("a1", "Acme SE", "Edited")

    plan = house.admit()

    (opened,) = open_exceptions(house.ledger.store)
    assert plan.is_empty
    assert opened.broken.kind == "conflict"
    assert "moved from 'Acme' to 'Acme SE'" in opened.broken.subject


def test_a_person_can_let_the_golden_value_win(house: House) -> None:
    """The edit is written over; a further edit is a new question."""
    house.customer("a1", "Acme", "Acme")
    house.admit()
    house.customer("a1", "Acme", "Edited")
    house.admit()
    (opened,) = open_exceptions(house.ledger.store)

    overwrite(
        house.ledger.store, [opened.broken.fingerprint], "ann", START, "it was a typo"
    )
    plan = house.plan()
    house.customer("a1", "Acme", "Edited again")
    later = house.plan()

    assert decided(plan) == {"a1": {"Name": "Acme"}}
    assert later.is_empty
    assert [issue.kind for issue in later.issues] == ["conflict"]


def test_an_edit_taken_back_closes_its_exception(house: House) -> None:
    """Nobody has to close by hand what is no longer so."""
    house.customer("a1", "Acme", "Acme")
    house.admit()
    house.customer("a1", "Acme", "Edited")
    house.admit()
    house.customer("a1", "Acme", "Acme")

    house.admit()

    assert open_exceptions(house.ledger.store) == []


def test_silence_clears_nothing_unless_it_means_nothing(house: House) -> None:
    """An owner who says nothing keeps the value there; a rule may say: none."""
    house.customer("a1", None, "Acme")
    house.there["a1"]["discount"] = "forever"

    plan = house.plan()

    assert decided(plan) == {"a1": {"Discount": None}}
    assert plan.changes[0].approval
    assert plan.changes[0].reason.startswith("discount: our rule says None")


def test_what_needs_approval_goes_apart_from_what_does_not(house: House) -> None:
    """A name is not kept waiting for a decision about money."""
    house.customer("a1", "Acme Inc.", "Acme")
    house.there["a1"]["discount"] = "forever"

    plan = house.plan()

    assert sorted((change.approval, *change.values) for change in plan.changes) == [
        (False, "Name"),
        (True, "Discount"),
    ]


def test_deleted_records_and_blanks_are_no_differences(house: House) -> None:
    """A tombstone receives nothing, and a trailing blank is not worth a call."""
    house.customer("a1", "Acme Inc.", "Acme")
    house.there["a1"]["is_deleted"] = True
    house.customer("a2", "Beta", " Beta ")
    house.golden["a3"] = {"customer_id": "c-a3", "legal_name": "No account"}

    plan = house.plan()

    assert plan.is_empty
    assert plan.sizes["crm", "Account"] == 1


def test_numbers_compare_by_value(house: House) -> None:
    """An entity without customers, a field without a source column."""
    house.products = [{"product_id": "p1", "crm_product_id": "x1", "item_id": 7}]
    house.items = {"x1": 8}

    (change,) = house.plan().changes

    assert change.values == {"Item": "7"}
    assert change.customer_id is None
    assert change.fields[0].source == "erp"


def test_two_golden_rows_never_take_turns_on_one_record(house: House) -> None:
    """They contradict each other: an exception, and no write."""
    house.customer("a1", "Acme", "Other")
    house.golden["twin"] = {**house.golden["a1"], "legal_name": "Acme 2"}

    plan = house.admit()

    (opened,) = open_exceptions(house.ledger.store)
    assert plan.is_empty
    assert opened.broken.kind == "contradiction"


def test_two_golden_rows_that_agree_make_one_change(house: House) -> None:
    """The same value for the same field is one field of one change."""
    house.customer("a1", "Acme", "Other")
    house.golden["twin"] = dict(house.golden["a1"])

    (change,) = house.plan().changes

    assert change.values == {"Name": "Acme"}
    assert len(change.fields) == 1


def test_what_waits_unchanged_is_not_planned_again(house: House) -> None:
    """The convergence of a plan does not depend on a person's speed."""
    house.customer("a1", "Acme Inc.", "Acme")
    house.there["a1"]["discount"] = "forever"
    first = house.admit()

    second = house.admit()

    assert len(first.changes) == 2
    assert second.is_empty
    assert second.standing == {change.change_id for change in first.changes}
    assert not second.is_converged


def test_a_pending_change_gives_way_when_the_golden_value_moves(house: House) -> None:
    """The approver sees the new value only; the old change is superseded."""
    house.customer("a1", "Acme", "Acme")
    house.there["a1"]["discount"] = "forever"
    (first,) = house.admit().changes
    house.golden["a1"]["discount"] = "ten"

    (second,) = house.admit().changes

    assert second.values == {"Discount": "ten"}
    assert [row.change.change_id for row in house.ledger.rows(("superseded",))] == [
        first.change_id
    ]
    assert [row.change.change_id for row in house.ledger.rows(("waiting",))] == [
        second.change_id
    ]


def test_a_pending_change_gives_way_when_it_is_no_longer_needed(house: House) -> None:
    """Somebody corrected the record by hand while it waited."""
    house.customer("a1", "Acme Inc.", "Acme")
    house.admit()
    house.customer("a1", "Acme Inc.", "Acme Inc.")

    plan = house.admit()

    assert plan.is_converged
    assert states(house.ledger) == {"a1": "superseded"}


def test_what_a_person_declined_is_not_asked_again(house: House) -> None:
    """Until the content changes: then it is another question."""
    house.customer("a1", "Acme", "Acme")
    house.there["a1"]["discount"] = "forever"
    (first,) = house.admit().changes
    reject(house.ledger.store, [first.change_id], "ann", START, "agreed with them")

    same = house.admit()
    house.there["a1"]["discount"] = "twenty"
    other = house.admit()

    assert same.is_empty
    assert [change.fields[0].theirs for change in other.changes] == ["twenty"]


def test_the_loop_closes(house: House, clock: Clock) -> None:
    """Plan, push, read back, ingest, settle: the next plan is empty, all is settled."""
    house.customer("a1", "Acme Inc.", "Acme")
    house.invoices = [invoice()]
    plan = house.admit()
    approve(
        house.ledger.store,
        [change.change_id for change in plan.changes if change.approval],
        "ann",
        START,
        "it is missing",
    )
    crm = Vendor({("Account", "a1"): {"Name": "Acme"}})
    erp = Vendor({}, system="erp")
    push(house.ledger, {"crm": crm, "erp": erp}, clock)
    read_back(house.ledger, {"crm": crm, "erp": erp}, clock)

    lagging = house.plan()
    unseen = settle(house.ledger, house.path, house.contract, clock())
    house.there["a1"]["legal_name"] = crm.records["Account", "a1"]["Name"]
    house.invoices[0]["erp_invoice_id"] = "77"
    house.load()
    seen = settle(house.ledger, house.path, house.contract, clock())
    after = house.plan()

    assert lagging.is_empty
    assert lagging.issues == ()
    assert unseen == Settled(0, 0, 2)
    assert seen == Settled(2, 0, 0)
    assert after.is_converged
    assert (after.governed, after.equal) == (2, 2)
    assert set(states(house.ledger).values()) == {"settled"}


def test_a_record_with_an_open_outcome_is_left_out(house: House, clock: Clock) -> None:
    """Planning waits for reading; what is pending for the record stays."""
    house.customer("a1", "Acme Inc.", "Acme")
    house.there["a1"]["discount"] = "forever"
    house.invoices = [invoice()]
    house.admit()
    with house.ledger.store.transaction() as connection:
        connection.execute(
            "update changes set state = 'ready' where object = 'invoice'"
        )
        connection.execute("update changes set approval = 0")
    lost = Unknown("crm", "lost")
    push(
        house.ledger,
        {
            "crm": Vendor(
                {("Account", "a1"): {"Name": "Acme"}}, scripts=[Script(lost)] * 3
            ),
            "erp": Vendor({}, system="erp", scripts=[Script(lost)] * 3),
        },
        clock,
        pause=clock.pause,
    )

    plan = house.plan()

    assert plan.is_empty
    assert plan.withdrawn == frozenset()
    assert plan.busy == 3
    assert len(plan.standing) == 1
    assert not plan.is_converged


def test_a_newer_golden_value_follows_a_confirmed_write(
    house: House, clock: Clock
) -> None:
    """Also before ingestion has seen the first one: ours counts as theirs."""
    house.customer("a1", "Acme Inc.", "Acme")
    house.admit()
    crm = Vendor({("Account", "a1"): {"Name": "Acme", "Discount": None}})
    push(house.ledger, {"crm": crm}, clock)
    read_back(house.ledger, {"crm": crm}, clock)
    house.golden["a1"]["legal_name"] = "Acme SE"

    (change,) = house.admit().changes
    push(house.ledger, {"crm": crm}, clock)

    assert (change.fields[0].theirs, change.fields[0].ours) == ("Acme Inc.", "Acme SE")
    assert change.fields[0].decision is Decision.WRITE
    assert crm.records["Account", "a1"]["Name"] == "Acme SE"
    assert [row.state for row in house.ledger.rows(("superseded", "acknowledged"))] == [
        "superseded",
        "acknowledged",
    ]


def test_an_edit_after_a_confirmed_write_is_not_taken_for_a_lag(
    house: House, clock: Clock
) -> None:
    """Ingestion saw neither the old value nor ours: somebody was there."""
    house.customer("a1", "Acme Inc.", "Acme")
    house.admit()
    crm = Vendor({("Account", "a1"): {"Name": "Acme"}})
    push(house.ledger, {"crm": crm}, clock)
    read_back(house.ledger, {"crm": crm}, clock)
    house.customer("a1", "Acme SE", "Edited")

    plan = house.plan()

    assert plan.is_empty
    assert [issue.kind for issue in plan.issues] == ["conflict"]


def test_a_newer_value_of_another_field_leaves_a_confirmed_write_alone(
    house: House, clock: Clock
) -> None:
    """It is still to be settled by ingestion."""
    house.customer("a1", "Acme Inc.", "Acme")
    house.admit()
    crm = Vendor({("Account", "a1"): {"Name": "Acme"}})
    push(house.ledger, {"crm": crm}, clock)
    read_back(house.ledger, {"crm": crm}, clock)
    house.golden["a1"]["discount"] = "ten"

    house.admit()

    assert sorted(row.state for row in house.ledger.rows(("confirmed", "waiting"))) == [
        "confirmed",
        "waiting",
    ]


def test_the_same_value_again_is_a_further_change(house: House, clock: Clock) -> None:
    """A value that comes, goes and comes back is written each time."""
    crm = Vendor({("Account", "a1"): {"Name": "A"}})
    ids = []
    for ours in ("B", "A", "B"):
        house.customer("a1", ours, crm.records["Account", "a1"]["Name"])
        (change,) = house.admit().changes
        ids.append(change.change_id)
        push(house.ledger, {"crm": crm}, clock)
        read_back(house.ledger, {"crm": crm}, clock)
        house.there["a1"]["legal_name"] = ours
        settle(house.ledger, house.load(), house.contract, clock())

    assert len(set(ids)) == 3
    assert crm.records["Account", "a1"]["Name"] == "B"


def invoice(**given: Any) -> dict[str, Any]:
    """Make an invoice that the ERP lacks."""
    return {
        "invoice_id": "in_1",
        "customer_id": "c-1",
        "currency": "USD",
        "erp_customer_id": "e1",
        "total_minor": 1200,
        "erp_memo_id": "m1",
        **given,
    }


def test_a_missing_record_is_to_be_created(house: House) -> None:
    """With the pushed columns that have a value, under our key, once approved."""
    house.invoices = [
        invoice(),
        invoice(invoice_id="in_2", erp_customer_id=None),
        invoice(invoice_id="in_3", erp_invoice_id="77"),
        invoice(invoice_id=None),
    ]

    plan = house.plan()

    (change,) = plan.changes
    assert plan.sizes["erp", "invoice"] == 1
    assert ("erp", "memo") not in plan.sizes
    assert (change.action, change.record_id, change.external_key) == (
        "create",
        None,
        "in_1",
    )
    assert change.values == {"currency": "USD", "entity": "e1", "total": "1200"}
    assert (change.approval, change.amount_minor, change.currency) == (
        True,
        1200,
        "USD",
    )
    assert change.reason == "erp has no invoice for invoices in_1"


def test_a_creation_may_need_no_approval_and_carry_no_amount(house: House) -> None:
    """What is created is as the contract says."""
    house.invoices = [invoice(erp_invoice_id="77", erp_memo_id=None, text="Hello")]

    (change,) = house.plan().changes

    assert change.values == {"text": "Hello"}
    assert (change.approval, change.amount_minor) == (False, None)


def made(house: House, clock: Clock) -> Vendor:
    """Create the invoice in the ERP, and read it back."""
    house.invoices = [invoice()]
    (change,) = house.admit().changes
    approve(house.ledger.store, [change.change_id], "ann", START, "it is missing")
    erp = Vendor({}, system="erp")
    push(house.ledger, {"erp": erp}, clock)
    read_back(house.ledger, {"erp": erp}, clock)
    return erp


def test_a_record_that_was_made_is_never_made_again(house: House, clock: Clock) -> None:
    """It was deleted there afterwards: a person hears of it."""
    made(house, clock)
    before = house.plan()
    house.invoices[0]["erp_invoice_id"] = "77"
    settle(house.ledger, house.load(), house.contract, clock())
    house.invoices[0]["erp_invoice_id"] = None

    after = house.admit()

    (opened,) = open_exceptions(house.ledger.store)
    assert before.is_empty
    assert before.issues == ()
    assert after.is_empty
    assert opened.broken.kind == "vanished"


def test_a_record_that_ingestion_never_sees_diverged(
    house: House, clock: Clock
) -> None:
    """After the patience it is an exception, and still not made again."""
    made(house, clock)
    clock.pause(3600)

    settled = settle(house.ledger, house.path, house.contract, clock())
    plan = house.admit()
    again = house.admit()

    assert settled == Settled(0, 1, 0)
    assert plan.is_empty
    assert again.is_empty
    assert {found.broken.kind for found in open_exceptions(house.ledger.store)} == {
        "diverged",
        "vanished",
    }


def written(house: House, clock: Clock) -> Vendor:
    """Write one name, and read it back."""
    house.customer("a1", "Acme Inc.", "Acme")
    house.admit()
    crm = Vendor({("Account", "a1"): {"Name": "Acme"}})
    push(house.ledger, {"crm": crm}, clock)
    read_back(house.ledger, {"crm": crm}, clock)
    return crm


@pytest.mark.parametrize(
    ("seen", "later", "expected"),
    [
        ("Acme Inc.", 0, Settled(1, 0, 0)),
        ("Acme", 0, Settled(0, 0, 1)),
        ("Acme", 3600, Settled(0, 1, 0)),
        ("Edited", 0, Settled(0, 1, 0)),
    ],
)
def test_ingestion_has_the_last_word(
    house: House, clock: Clock, seen: str, later: float, expected: Settled
) -> None:
    """Our value settles; the old one may only lag; another one diverged at once."""
    written(house, clock)
    house.there["a1"]["legal_name"] = seen
    clock.pause(later)

    result = settle(
        house.ledger,
        house.load(),
        house.contract,
        clock(),
        patience=timedelta(minutes=15),
    )

    assert result == expected


def test_a_record_that_ingestion_lost_diverged(house: House, clock: Clock) -> None:
    """It was deleted there after we wrote; first it may only lag."""
    written(house, clock)
    house.there["a1"]["is_deleted"] = True

    first = settle(house.ledger, house.load(), house.contract, clock())
    clock.pause(3600)
    second = settle(house.ledger, house.path, house.contract, clock())

    assert (first, second) == (Settled(0, 0, 1), Settled(0, 1, 0))


def test_a_diverged_write_is_not_repeated_but_asked_about(
    house: House, clock: Clock
) -> None:
    """A vendor's rule that changes our value back must not make us a metronome."""
    written(house, clock)
    house.there["a1"]["legal_name"] = "ACME INC."
    settle(house.ledger, house.load(), house.contract, clock())

    plan = house.admit()

    assert plan.is_empty
    assert [issue.kind for issue in plan.issues] == ["user_edit"]
    # The change gives way to the question; its own exception is closed.
    assert states(house.ledger) == {"a1": "superseded"}
    assert [found.source for found in open_exceptions(house.ledger.store)] == ["plan"]


def test_an_issue_tells_where_it_is(house: House) -> None:
    """The inbox finds record, customer and the three values."""
    house.customer("a1", "Acme", "Acme")
    house.admit()
    house.customer("a1", "Acme", "Edited")

    (issue,) = house.plan().issues

    assert issue.broken.record_key == "crm:account:a1"
    assert issue.broken.customer_id == "c-a1"
    assert issue.broken.detail == {
        "system": "crm",
        "object": "Account",
        "record_id": "a1",
        "field": "Name",
        "theirs": "Edited",
        "ours": "Acme",
        "base": "Acme",
    }
    assert replace(issue, kind="contradiction").broken.subject.startswith("Two golden")
