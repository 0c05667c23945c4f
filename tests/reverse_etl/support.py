"""Support: a vendor in memory, a house to plan in, and changes without a planner."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from ingestion.errors import SystemFault
from reverse_etl.change import Change, FieldChange, change_id
from reverse_etl.contract import Contract, load_contract
from reverse_etl.destinations import Answer, Caps, Held, Outgoing
from reverse_etl.guard import Guarded, guard
from reverse_etl.ledger import Ledger
from reverse_etl.plan import Plan, make_plan
from reverse_etl.policy import Policy
from reverse_etl.push import PushSummary, push

MADE = ("Invoice", "invoice", "memo")
START = datetime(2026, 10, 31, 12, tzinfo=UTC)


class Clock:
    """A clock that stands until it is moved; pausing moves it."""

    def __init__(self) -> None:
        """Start at noon."""
        self.at = START
        self.pauses: list[float] = []

    def __call__(self) -> datetime:
        """Tell the time."""
        return self.at

    def pause(self, seconds: float) -> None:
        """Let the time pass."""
        self.pauses.append(seconds)
        self.at += timedelta(seconds=seconds)


def update(record_id: str = "a1", **changed: Any) -> Change:
    """Make an update; by default of one Account's name from Acme to Acme Inc."""
    fields = changed.pop("fields", (name_field(),))
    return _identified(
        Change(
            change_id="",
            system="crm",
            object="Account",
            record_id=record_id,
            external_key=None,
            entity="customers",
            entity_id=f"c-{record_id}",
            customer_id=f"c-{record_id}",
            action="update",
            fields=fields,
            approval=False,
            amount_minor=None,
            currency=None,
            reason="legal_name: erp says 'Acme Inc.', crm holds 'Acme'",
        ),
        changed,
    )


def create(external_key: str = "in_1", **changed: Any) -> Change:
    """Make a creation; by default of an invoice in the ERP."""
    return _identified(
        Change(
            change_id="",
            system="crm",
            object="Invoice",
            record_id=None,
            external_key=external_key,
            entity="invoices",
            entity_id=external_key,
            customer_id="c-1",
            action="create",
            fields=(FieldChange("total", "total_minor", None, "1200"),),
            approval=False,
            amount_minor=1200,
            currency="USD",
            reason="the ERP has no invoice",
        ),
        changed,
    )


def name_field(**changed: Any) -> FieldChange:
    """Make the change of a name from Acme to Acme Inc."""
    plain = FieldChange("Name", "legal_name", "Acme", "Acme Inc.")
    return replace(plain, **changed)


def _identified(change: Change, changed: Mapping[str, Any]) -> Change:
    generation = changed.get("generation", 0)
    change = replace(
        change,
        **{name: value for name, value in changed.items() if name != "generation"},
    )
    return replace(change, change_id=change_id(change.content_hash, generation))


def plan_of(*changes: Change, **changed: Any) -> Plan:
    """Make a plan that wants these changes."""
    plain = Plan(
        plan_id="-".join(["plan", *(change.change_id[:6] for change in changes)]),
        made_at=START,
        contract_hash="c0ffee",
        changes=tuple(changes),
        standing=frozenset(),
        withdrawn=frozenset(),
        issues=(),
        converged=(),
        sizes={("crm", "Account"): 1000, ("crm", "Invoice"): 1000},
        governed=1000,
        equal=1000 - len(changes),
        busy=0,
    )
    return replace(plain, **changed)


def admit(
    ledger: Ledger, *changes: Change, policy: Policy | None = None, **changed: Any
) -> Guarded:
    """Take changes into the ledger through the guard."""
    return guard(plan_of(*changes, **changed), ledger, policy or Policy(), START)


@dataclass
class Vendor:
    """A vendor in memory: records by object and id, and what it does wrong next.

    Each call takes the next script, if there is one. A record in `bad` makes every call
    fail that carries it, one in `unreadable` every read.
    """

    records: dict[tuple[str, str], dict[str, str | None]]
    system: str = "crm"
    caps: Caps = field(
        default_factory=lambda: Caps(200, 200, creates=dict.fromkeys(MADE, "search"))
    )
    scripts: list["Script"] = field(default_factory=list)
    read_faults: list[SystemFault] = field(default_factory=list)
    sent: list[tuple[str, ...]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    bad: dict[str, SystemFault] = field(default_factory=dict)  # fails a whole call
    unreadable: dict[str, SystemFault] = field(default_factory=dict)

    def read(self, changes: Sequence[Change]) -> dict[str, Held]:
        """Look the records up, or fail as told."""
        if self.read_faults:
            raise self.read_faults.pop(0)
        for change in changes:
            if change.target in self.unreadable:
                raise self.unreadable[change.target]
        found = {}
        for change in changes:
            key = change.record_id or str(change.external_key)
            record = self.records.get((change.object, key))
            if record is not None:
                found[change.change_id] = Held(key, dict(record))
        return found

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Answer]:
        """Write the records, or fail as told."""
        self.sent.append(tuple(outgoing.change.target for outgoing in batch))
        self.keys += [outgoing.idempotency_key for outgoing in batch]
        for outgoing in batch:
            if outgoing.change.target in self.bad:
                raise self.bad[outgoing.change.target]
        script = self.scripts.pop(0) if self.scripts else Script()
        if script.whole and not script.applies:
            raise script.whole
        answers = [
            Answer(fault=script.single[outgoing.change.target])
            if outgoing.change.target in script.single
            else self._apply(outgoing.change)
            for outgoing in batch
        ]
        if script.whole:
            raise script.whole
        return answers

    def _apply(self, change: Change) -> Answer:
        key = change.record_id or str(change.external_key)
        record = self.records.setdefault((change.object, key), {})
        record.update(change.values)
        return Answer(record_id=key)


@dataclass
class Script:
    """What goes wrong with one call."""

    whole: SystemFault | None = None
    applies: bool = False
    single: dict[str, SystemFault] = field(default_factory=dict)


def pushed(ledger: Ledger, vendor: Vendor, clock: Clock, **more: object) -> PushSummary:
    """Push to one vendor, waiting on the test's clock."""
    return push(ledger, {"crm": vendor}, clock, pause=clock.pause, **more)


def accounts(*ids: str, name: str = "Acme") -> dict[tuple[str, str], dict[str, Any]]:
    """Make the records of Accounts that all have one name."""
    return {("Account", record_id): {"Name": name} for record_id in ids}


def states(ledger: Ledger) -> dict[str, str]:
    """Return each record's latest state, by the record's id."""
    return {key.split(":", 2)[2]: state for key, state in ledger.outcomes().items()}


Rows = Iterable[Mapping[str, Any]]


def build_warehouse(path: Path, tables: Mapping[str, tuple[str, Rows]]) -> Path:
    """Write a warehouse: `<schema>.<table>` -> (columns with types, rows)."""
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        for name, (columns, rows) in tables.items():
            schema = name.split(".")[0]
            connection.execute(f"create schema if not exists {schema}")
            connection.execute(f"create table {name} ({columns})")
            names = [column.split()[0] for column in columns.split(",")]
            for row in rows:
                connection.execute(
                    f"insert into {name} values ({', '.join('?' * len(names))})",
                    [row.get(column) for column in names],
                )
    return path


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
