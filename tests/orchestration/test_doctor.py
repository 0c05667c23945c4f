"""What stands in the way of a run is found before it, with the next step."""

import json
import sqlite3
from datetime import UTC, datetime
from typing import Any

import pytest
from typer.testing import CliRunner

from ingestion.systems import SYSTEMS
from operations.audit import Entry, append
from operations.store import Store
from orchestration.cli import app
from tests.orchestration.conftest import OpenHouse

AT = datetime(2026, 11, 1, tzinfo=UTC)
NAMES = [each.name for each in SYSTEMS if each.name != "tryton"]


def doctor() -> tuple[int, dict[str, dict[str, Any]]]:
    """Ask, as a program does; return the exit code and what was found of what."""
    result = CliRunner().invoke(app, ["doctor", "--json"])
    found = json.loads(result.output)
    return result.exit_code, {each["subject"]: each for each in found}


def test_every_walk_of_every_system_is_tried(open_house: OpenHouse) -> None:
    """All vendors are connected and well: nothing is bad, and no warehouse is made."""
    house = open_house(*NAMES)

    code, found = doctor()

    assert code == 0, found
    assert {name: found[name]["finding"] for name in NAMES} == dict.fromkeys(
        NAMES, "good"
    )
    assert "organizations, users, tickets" in found["zendesk"]["detail"]
    assert found["tryton"]["finding"] == "absent"
    assert list(house.home.folder.iterdir()) == []


def test_a_wrong_credential_is_named(
    open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of each walk that was refused; the other system is as well as it was."""
    open_house("zendesk", "stripe")
    monkeypatch.setenv("STRIPE_API_KEY", "sk_test_wrong")

    code, found = doctor()

    assert code == 1
    assert found["zendesk"]["finding"] == "good"
    bad = [each for each in found.values() if each["finding"] == "bad"]
    assert bad
    assert all("STRIPE_API_KEY" in each["detail"] for each in bad)
    assert not any("sk_test_wrong" in each["detail"] for each in bad)


def test_a_system_that_is_half_connected_is_told_what_it_lacks(
    open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No request is made with half a credential."""
    open_house("zendesk")
    monkeypatch.delenv("ZENDESK_API_TOKEN")

    code, found = doctor()

    assert code == 1
    assert found["zendesk"]["detail"] == "half connected: set ZENDESK_API_TOKEN too"


def test_an_altered_audit_chain_is_found(open_house: OpenHouse) -> None:
    """The sentence says which row, and where a whole store comes from."""
    home = open_house().home
    with Store(home.operations) as store, store.transaction() as connection:
        for word in "ab":
            append(connection, [Entry("ann", word, "subject")], AT)
    with sqlite3.connect(home.operations) as connection:
        connection.execute("drop trigger audit_is_never_changed")
        connection.execute("update audit set actor = 'bob' where seq = 1")

    code, found = doctor()

    assert code == 1
    assert "Audit row 1 was altered." in found["operations store"]["detail"]
    assert "from its backup" in found["operations store"]["detail"]
