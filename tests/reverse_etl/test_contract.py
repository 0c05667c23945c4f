"""Contract: the canonical properties files say who owns and who receives each field."""

from pathlib import Path

import pytest

from reverse_etl.contract import (
    Contract,
    ContractError,
    Create,
    Receiver,
    load_contract,
)

ROOT = Path(__file__).parents[2]

CUSTOMERS = """
models:
  - name: customers
    config:
      meta:
        receivers:
          salesforce.Account: {model: stg_accounts, key: account_id}
          zendesk.organization: {model: stg_organizations, key: organization_id}
    columns:
      - {name: customer_id, data_type: varchar}
      - {name: account_id}
      - {name: organization_id}
      - name: legal_name
        data_type: varchar
        config:
          meta:
            owner: netsuite
            then: [salesforce]
            push: {salesforce: Account.Name}
      - name: support_tier
        config:
          meta:
            rule: from contracts
            approval: required
            push: {zendesk: organization.organization_fields.support_tier}
            nulls: clear
"""
INVOICES = """
models:
  - name: invoices
    config:
      meta:
        key: invoice_id
        receivers:
          netsuite.invoice:
            model: stg_invoices
            key: netsuite_invoice_id
            create: {key: invoice_id, approval: required, requires: [entity]}
    columns:
      - {name: number}
      - {name: invoice_id}
      - {name: netsuite_invoice_id}
      - {name: entity, config: {meta: {push: {netsuite: invoice.entity}}}}
"""


def written(models: Path, **files: str) -> Path:
    """Write properties files."""
    (models / "canonical").mkdir(exist_ok=True)
    for name, content in files.items():
        (models / "canonical" / f"{name}.yml").write_text(content, encoding="utf-8")
    return models


def test_every_word_of_the_contract_is_read(tmp_path: Path) -> None:
    """Owner, followers, receivers, approval, clearing and creation."""
    contract = load_contract(written(tmp_path, customers=CUSTOMERS, invoices=INVOICES))

    customers, invoices = contract.entities
    account, organization = customers.receivers
    name, tier = customers.fields
    assert customers.key == "customer_id"
    assert account == Receiver(
        "salesforce", "Account", "stg_accounts", "account_id", None
    )
    assert (name.owner, name.then, name.approval, name.clears) == (
        "netsuite",
        ("salesforce",),
        False,
        False,
    )
    assert (tier.rule, tier.approval, tier.clears) == ("from contracts", True, True)
    assert customers.pushed(account) == ((name, "Name"),)
    assert customers.pushed(organization) == (
        (tier, "organization_fields.support_tier"),
    )
    assert invoices.key == "invoice_id"
    assert invoices.receivers[0].create == Create(
        key="invoice_id", requires=("entity",), approval=True
    )


def test_any_changed_word_changes_the_hash(tmp_path: Path) -> None:
    """A plan tells by which contract it was made."""
    before = load_contract(written(tmp_path, customers=CUSTOMERS)).hash
    after = load_contract(
        written(tmp_path, customers=CUSTOMERS.replace("owner: netsuite", "owner: x"))
    ).hash

    assert before != after


def test_a_file_without_models_is_no_error(tmp_path: Path) -> None:
    """Properties files may describe other things."""
    contract = load_contract(written(tmp_path, other="version: 2"))

    assert contract.entities == ()


def test_no_files_are_an_error(tmp_path: Path) -> None:
    """An empty contract would make an empty plan look like success."""
    with pytest.raises(ContractError, match="holds no properties file"):
        load_contract(tmp_path)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("salesforce.Account:", "salesforce:", "needs the form"),
        ("key: account_id", "other: account_id", "needs the form"),
        ("model: stg_accounts, ", "", "needs the form"),
        ("Account.Name", "Lead.Name", "no field of a receiver"),
        ("Account.Name", "Account", "no field of a receiver"),
        ("key: account_id", "key: nothing", "names nothing"),
        ("nulls: clear", "policy: propose", "approval: required"),
        ("nulls: clear", "nulls: clear\n            policy: fill_empty", "both"),
    ],
)
def test_a_contract_that_contradicts_itself_is_refused(
    tmp_path: Path, before: str, after: str, message: str
) -> None:
    """Each mistake is named with its file, model and column."""
    assert before in CUSTOMERS
    broken = CUSTOMERS.replace(before, after)

    with pytest.raises(ContractError, match=message):
        load_contract(written(tmp_path, customers=broken))


def test_a_field_may_only_be_filled(tmp_path: Path) -> None:
    """Where its owner says so, what stands there is left."""
    filling = CUSTOMERS.replace("nulls: clear", "policy: fill_empty")

    [customers] = load_contract(written(tmp_path, customers=filling)).entities

    assert [field.fills for field in customers.fields] == [False, True]


def test_a_creation_names_columns_that_exist(tmp_path: Path) -> None:
    """Otherwise nothing would ever be created, silently."""
    broken = INVOICES.replace("requires: [entity]", "requires: [posted_on]")

    with pytest.raises(ContractError, match="names posted_on"):
        load_contract(written(tmp_path, invoices=broken))


def test_one_field_there_has_one_origin_here(tmp_path: Path) -> None:
    """Two golden columns for one field would take turns for ever."""
    other = CUSTOMERS.replace("name: customers", "name: customer_records")

    with pytest.raises(ContractError, match="are both pushed to"):
        load_contract(written(tmp_path, customers=CUSTOMERS, records=other))


def test_the_house_s_own_contract_holds() -> None:
    """The real canonical models: every receiver is complete, every repair has one."""
    contract = load_contract(ROOT / "transform" / "models")

    assert {
        (receiver.system, receiver.object)
        for entity in contract.entities
        for receiver in entity.receivers
    } >= {
        ("salesforce", "Account"),
        ("salesforce", "Product2"),
        ("salesforce", "Contract"),
        ("stripe", "customer"),
        ("stripe", "subscription"),
        ("stripe", "invoiceitem"),
        ("zendesk", "organization"),
        ("netsuite", "customer"),
        ("netsuite", "invoice"),
        ("netsuite", "journalEntry"),
    }
    assert isinstance(contract, Contract)
    assert all(
        entity.pushed(receiver)
        for entity in contract.entities
        for receiver in entity.receivers
    )


def test_the_house_s_receivers_are_staged() -> None:
    """Each receiver's staging model exists and has the key and the pushed columns."""
    models = ROOT / "transform" / "models"
    contract = load_contract(models)
    for entity in contract.entities:
        for receiver in entity.receivers:
            (model,) = (models / "staging").glob(f"*/{receiver.model}.sql")
            sql = model.read_text(encoding="utf-8")
            wanted = [receiver.key]
            if not receiver.create:
                wanted += [field.name for field, _ in entity.pushed(receiver)]
            assert [column for column in wanted if column not in sql] == [], model
