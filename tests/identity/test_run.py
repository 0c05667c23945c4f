"""A run on the warehouse of a hard company: right, stable, and undone without trace."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import timedelta
from itertools import combinations

import duckdb
import pytest

from identity import explain, warehouse
from identity.entities import ENTITIES
from identity.records import raw_tables, sources
from ingestion.systems import SYSTEMS
from operations.golden import history, redirects
from operations.pins import Kind, Signature, pin, unpin
from operations.store import Store
from tests.identity.conftest import AT, CUSTOMERS, Place
from tests.identity.test_incremental import contents

SIGNED = Signature("ann", AT, "they told me")


def couples(groups: Mapping[str, str]) -> set[frozenset[str]]:
    """Return all pairs of records that are in one group."""
    together: dict[str, list[str]] = defaultdict(list)
    for key, group in groups.items():
        together[group].append(key)
    return {
        frozenset(two)
        for members in together.values()
        for two in combinations(members, 2)
    }


def say(place: Place, kind: Kind, left: str, right: str) -> None:
    """Pin two records, as ann."""
    with Store(place.operations) as store:
        pin(store, "customers", kind, (left, right), SIGNED)


def take_back(place: Place, left: str, right: str) -> None:
    """Withdraw it."""
    with Store(place.operations) as store:
        unpin(store, "customers", (left, right), SIGNED)


def two_customers(golden_ids: Mapping[str, str]) -> tuple[str, str]:
    """Return an account each of two customers."""
    accounts = sorted(key for key in golden_ids if key.startswith("salesforce:"))
    return accounts[0], accounts[1]


def test_every_record_has_one_customer(
    resolved: Place, truth: Mapping[str, str]
) -> None:
    """No record of any system is left out, none is invented."""
    assert resolved.golden_ids().keys() == truth.keys()


def test_who_is_who_is_right(resolved: Place, truth: Mapping[str, str]) -> None:
    """Precision of 0.995 and recall of 0.95, and at most 2 % of customers in doubt."""
    found, right = couples(resolved.golden_ids()), couples(truth)

    assert len(found & right) / len(found) >= 0.995
    assert len(found & right) / len(right) >= 0.95
    questions = resolved.rows("select count(*) from identity.review")[0][0]
    assert questions <= CUSTOMERS * 0.02


def test_without_references_the_model_still_does_not_confuse(
    place: Place, truth: Mapping[str, str]
) -> None:
    """Nobody's id in another system: then more is asked, and nothing more is wrong."""
    place.execute(
        "update raw_hubspot.companies set salesforceaccountid = null",
        "update raw_stripe.customers set metadata_salesforce_account_id = null",
        "update raw_chargebee.customers set meta_data_salesforce_account_id = null",
        "update raw_zendesk.organizations set external_id = null",
        "update raw_netsuite.customers set externalid = null",
        "update raw_vitally.accounts set external_id = null",
    )

    place.run(is_full=True)

    found, right = couples(place.golden_ids()), couples(truth)
    assert len(found & right) / len(found) >= 0.99
    assert len(found & right) / len(right) >= 0.85


@pytest.fixture
def doubtful(place: Place) -> Place:
    """A company whose support desk does not know the CRM's ids: much is in doubt."""
    place.execute("update raw_zendesk.organizations set external_id = null")
    assert place.run().questions > 0
    return place


def test_no_question_is_within_one_customer(doubtful: Place) -> None:
    """What is in doubt stays two customers, and both are marked as in doubt."""
    asked = doubtful.rows(
        "select left_golden_id, right_golden_id, reason from identity.review"
    )
    marked = {
        golden_id
        for (golden_id,) in doubtful.rows(
            "select golden_id from identity.links where is_in_review"
        )
    }

    assert asked
    assert all(left != right and reason for left, right, reason in asked)
    assert marked == {
        golden_id for left, right, _ in asked for golden_id in (left, right)
    }


def test_a_merge_by_hand_is_undone_without_trace(place: Place) -> None:
    """Two customers become one with a redirect; withdrawn, all tables are as before."""
    before = contents(place)
    left, right = two_customers(place.golden_ids())

    say(place, "same", left, right)
    merged = place.run(at=AT + timedelta(days=1))

    assert (merged.merged, merged.minted) == (1, 0)
    assert place.golden_ids()[left] == place.golden_ids()[right]
    with Store(place.operations) as store:
        assert len(redirects(store, "customers")) == 1
    take_back(place, left, right)
    place.run(at=AT + timedelta(days=2))
    assert contents(place) == before
    with Store(place.operations) as store:
        assert redirects(store, "customers") == {}
        spans = history(store, "customers", left), history(store, "customers", right)
    assert sorted(map(len, spans)) == [1, 3]


def test_what_a_system_says_is_one_a_person_can_take_apart(place: Place) -> None:
    """Against a reference, and back: the former ids are there again."""
    before = place.golden_ids()
    ((organization, account),) = place.rows(
        "select record_key, linked_to from identity.links where system = 'zendesk'"
        " and evidence = 'reference' and linked_to like 'salesforce:%'"
        " order by record_key limit 1"
    )

    say(place, "different", organization, account)
    place.run()

    apart = place.golden_ids()
    assert apart[organization] != apart[account] == before[account]
    take_back(place, organization, account)
    place.run()
    assert place.golden_ids() == before


def test_a_decision_answers_its_question(doubtful: Place) -> None:
    """Once a person said that they are two, nobody is asked again."""
    ((left, right),) = doubtful.rows(
        "select left_key, right_key from identity.review"
        " order by left_key, right_key limit 1"
    )

    say(doubtful, "different", left, right)
    doubtful.run()

    assert doubtful.rows(
        "select count(*) from identity.review"
        f" where left_key = '{left}' and right_key = '{right}'"
    ) == [(0,)]


def test_a_rebuilt_warehouse_has_the_same_ids(place: Place) -> None:
    """Golden ids are kept where nothing is rebuilt from."""
    before = contents(place)

    place.execute("drop schema identity cascade")
    again = place.run()

    assert (again.is_full, again.minted) == (True, 0)
    assert contents(place) == before


def test_batches_end_as_everything_at_once(
    place: Place, empty: Callable[[], Place]
) -> None:
    """Systems that are loaded one after another end up with the same customers."""
    batched = empty()
    tables = sorted(raw_tables(ENTITIES["customers"]).values(), reverse=True)
    for batch in (tables[:3], tables[3:6], tables[6:]):
        batched.execute(
            f"attach '{place.warehouse}' as source (read_only)",
            *(f"insert into {table} from source.{table}" for table in batch),
        )
        batched.run()

    assert couples(batched.golden_ids()) == couples(place.golden_ids())
    kept = {"records", "reference_keys", "pairs"}
    for table, rows in contents(place).items():
        if table in kept:
            assert contents(batched)[table] == rows


def test_a_run_that_breaks_off_leaves_everything(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody sees half of it, and the next run does it all."""
    before = contents(place)
    place.execute("delete from raw_zendesk.organizations where hash(id) % 3 = 0")
    broken = dict(warehouse.REPLACED)
    broken["state"] = "no such column"
    monkeypatch.setattr(warehouse, "REPLACED", broken)

    with pytest.raises(duckdb.Error):
        place.run()

    assert contents(place) == before
    monkeypatch.undo()
    assert place.run().changed > 0


def test_another_program_looks_at_everything(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rule that was changed may decide otherwise about what has not changed."""
    monkeypatch.setattr("identity.run._program", lambda: "another")

    assert place.run().is_full


def test_what_was_found_is_told_in_words(doubtful: Place) -> None:
    """A question has both records and the bits of each finding; so has a record."""
    with warehouse.opened(doubtful.warehouse, read_only=True) as connection:
        asked = explain.questions(connection, doubtful.model)
        key = asked[0].compared.left_key
        whole = explain.why(connection, doubtful.model, key)
        with pytest.raises(explain.NotResolvedError, match="'nothing'"):
            explain.why(connection, doubtful.model, "nothing")

    weighed = [each for each in asked if each.compared.findings]
    assert weighed
    for each in weighed:
        bits = sum(finding.bits for finding in each.compared.findings)
        assert each.compared.weight == pytest.approx(
            bits + doubtful.model.prior, abs=0.01
        )
    assert whole.is_in_review
    assert key in {member.record_key for member in whole.members}


def test_every_system_with_customers_is_resolved() -> None:
    """A file of `sources` reads a table that its system's ingestion makes."""
    known = {
        f"{system.schema}.{stream.name}"
        for system in SYSTEMS
        for stream in system.streams
    }

    for entity in ENTITIES.values():
        assert set(raw_tables(entity).values()) <= known
    assert sources(ENTITIES["customers"]).keys() == {system.name for system in SYSTEMS}
