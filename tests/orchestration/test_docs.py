"""Docs: what people are told to set, grant and expect is what the code does."""

import re
from functools import cache
from pathlib import Path

import pytest

from ingestion.systems import SYSTEMS, System
from orchestration.home import ROOT, TRANSFORM
from orchestration.receiving import setting
from reverse_etl.contract import load_contract

CONNECT = (ROOT / "docs" / "connect.md").read_text(encoding="utf-8")
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")
SETTING = re.compile(r"\b(?:[A-Z]+_)+[A-Z]+\b")
# Settings of the network and of others, which are spelled as the world spells them.
FOREIGN = {"HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "POSTGRES_PASSWORD"}


@cache
def section(title: str) -> str:
    """Return what docs/connect.md says under a title."""
    found = CONNECT.split(f"\n## {title}\n")
    assert len(found) == 2, f"docs/connect.md has no section {title}"
    return found[1].split("\n## ")[0]


def listed(title: str, word: str) -> set[str]:
    """Return the names in code of one point of a section."""
    found = re.search(
        rf"^- {word}: (.*?)(?=^- |\Z)", section(title), re.MULTILINE | re.DOTALL
    )
    assert found, f"docs/connect.md does not say what it {word} of {title}"
    return set(re.findall(r"`([^`]+)`", found[1]))


@cache
def written() -> dict[str, set[str]]:
    """Return by system the fields that the contract sends."""
    fields: dict[str, set[str]] = {}
    for entity in load_contract(TRANSFORM / "models").entities:
        for field in entity.fields:
            for system, place in field.push.items():
                fields.setdefault(system, set()).add(place)
    return fields


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.name)
def test_whoever_connects_a_system_is_told_what_is_read_and_written(
    system: System,
) -> None:
    """Settings, tables and fields are those of the code, none more and none less."""
    assert set(system.required) <= listed(system.name, "Settings")
    assert listed(system.name, "Reads") == {each.name for each in system.streams}
    assert listed(system.name, "Writes") == written().get(system.name, set())


@pytest.mark.parametrize("text", [CONNECT, EXAMPLE], ids=["connect.md", ".env.example"])
def test_every_setting_that_is_named_is_read_somewhere(text: str) -> None:
    """Nobody fills in a name that no code looks for."""
    code = "\n".join(
        file.read_text(encoding="utf-8")
        for room in ("ingestion", "orchestration", "reverse_etl", "dashboard")
        for pattern in ("*.py", "*.yml", "*.yaml")
        for file in sorted(Path(ROOT / room).rglob(pattern))
    )
    known = {setting(system.name) for system in SYSTEMS}
    known |= {name for system in SYSTEMS for name in system.required}

    named = set(SETTING.findall(text)) - FOREIGN

    assert named
    assert {each for each in named - known if each not in code} == set()
