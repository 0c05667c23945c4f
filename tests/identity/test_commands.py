"""The commands and the asset reach what they say they do."""

from pathlib import Path
from shutil import copyfile

import dagster as dg
import duckdb
import pytest
from typer.testing import CliRunner, Result

from identity.entities import ENTITIES
from identity.model import read
from orchestration import cli_identity
from orchestration.defs.identity import ASSETS, TABLES
from orchestration.defs.resources import Workplace
from orchestration.home import NotReadyError
from tests.identity.conftest import Place

BY = ["--by", "ann", "--reason", "they told me"]


@pytest.fixture
def home(resolved: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of one's own with the company in its warehouse, as after a run."""
    monkeypatch.setenv("CONCORD_HOME", str(tmp_path))
    monkeypatch.setenv("CONCORD_ENV", "own")
    folder = tmp_path / "own"
    folder.mkdir()
    copyfile(resolved.warehouse, folder / "warehouse.duckdb")
    copyfile(resolved.operations, folder / "operations.sqlite")
    return folder


def called(*words: str) -> Result:
    """Call a command; what it refuses is raised."""
    return CliRunner().invoke(cli_identity.app, list(words), catch_exceptions=False)


def two(resolved: Place, entity: str = "customers") -> tuple[str, str]:
    """Return two accounts, contacts or products of the CRM."""
    rows = resolved.rows(
        f"select record_key from identity.{resolved.of(entity).prefix}links"
        " where system = 'salesforce' and object <> 'lead'"
        " order by record_key limit 2"
    )
    return rows[0][0], rows[1][0]


@pytest.mark.parametrize("entity", ENTITIES)
def test_a_person_merges_asks_why_and_takes_it_back(
    home: Path, resolved: Place, entity: str
) -> None:
    """pin, run, why, unpin, run: each says what became of it."""
    left, right = two(resolved, entity)

    assert "pinned" in called("pin", "same", left, right, *BY).output
    assert "1 merged" in called("run").output
    assert "pin with" in " ".join(called("why", left).output.split())
    assert "withdrawn" in called("unpin", left, right, *BY).output
    assert "1 taken apart" in " ".join(called("run").output.split())
    assert home.exists()


def test_what_is_in_doubt_is_listed(home: Path) -> None:
    """Also where nothing is."""
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        connection.execute("delete from identity.contact_review")
    assert "Nothing is in doubt" in called("review").output
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        connection.execute("update raw_zendesk.organizations set external_id = null")
    called("run")

    listed = called("review", "--limit", "1").output

    assert "zendesk:organization:" in listed
    assert "the same name" in listed
    assert "concord identity pin" in listed


def test_what_cannot_be_is_said_in_a_sentence(home: Path, resolved: Place) -> None:
    """A record that nobody knows, a pin without a reason, no warehouse at all."""
    with pytest.raises(NotReadyError, match="No record 'nobody'"):
        called("why", "nobody")
    with pytest.raises(NotReadyError, match="No record 'a'"):
        called("pin", "same", "a", "b", *BY)
    with pytest.raises(NotReadyError, match="--reason"):
        called("pin", "same", *two(resolved), "--by", "ann")
    contact, _ = two(resolved, "contacts")
    with pytest.raises(NotReadyError, match="customers, contacts"):
        called("pin", "same", two(resolved)[0], contact, *BY)
    with pytest.raises(NotReadyError, match="500 are needed"):
        called("estimate", "products", "--into", str(home / "model.json"))
    (home / "warehouse.duckdb").unlink()
    with pytest.raises(NotReadyError, match="no warehouse"):
        called("run")


@pytest.mark.parametrize("entity", ["customers", "contacts"])
def test_estimation_is_a_command_of_its_own(
    home: Path, tmp_path: Path, entity: str
) -> None:
    """It writes the next version where it is told to, and no run does."""
    into = tmp_path / "model.json"

    assert "version 1" in called("estimate", entity, "--into", str(into)).output
    assert "version 2" in called("estimate", entity, "--into", str(into)).output
    assert read(into).entity == entity
    assert home.exists()


def test_the_assets_are_resolved_after_the_raw_tables(home: Path) -> None:
    """A step for each entity writes all its tables, below the raw tables."""
    result = dg.materialize(ASSETS, resources={"workplace": Workplace()})

    assert result.success
    assert home.exists()
    made = [
        event.materialization for event in result.get_asset_materialization_events()
    ]
    told = {each.asset_key.path[-1]: each.metadata for each in made}
    assert told.keys() == {
        each.prefix + table
        for each in ENTITIES.values()
        for table in (*TABLES, *(["hierarchy"] if each.has_parents else ()))
    }
    assert int(str(told["records"]["records"].value)) > 1_000
    upstream = {
        key.to_user_string() for asset in ASSETS for key in asset.dependency_keys
    }
    assert upstream >= {
        "raw_salesforce/accounts",
        "raw_business_central/customers",
        "raw_salesforce/leads",
        "raw_netsuite/items",
        "identity/links",
    }
