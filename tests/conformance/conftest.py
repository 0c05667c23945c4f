"""Every source of the registry gets every check, against an account of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.clock import Clock
from sandbox.credentials import credentials
from sandbox.server import application, running
from sandbox.store import Store
from tests.conformance.account import Account, Office
from tests.conformance.source import Source
from tests.conformance.sources import SOURCES
from tests.conformance.wire import Wire


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Try each check on each source."""
    if "source" in metafunc.fixturenames:
        metafunc.parametrize("source", SOURCES, ids=lambda one: one.name)


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One server for the session; what stands behind it changes with every test."""
    folder = tmp_path_factory.mktemp("conformance")
    keys = credentials(7)
    wire = Wire(application(Store({}, Clock()), keys))
    with running(wire, folder / "keys") as served:
        yield Office(wire, served.environment, keys, folder)


@pytest.fixture
def fresh(
    source: Source,
    office: Office,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> Account:
    """An account of which nothing is loaded."""
    insist_on_applicable(source, request)
    return office.open(source, tmp_path, monkeypatch)


@pytest.fixture
def account(
    source: Source,
    office: Office,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> Iterator[Account]:
    """An account of which everything is loaded."""
    insist_on_applicable(source, request)
    opened = office.opened(source, tmp_path, monkeypatch)
    with opened.kept_open():
        yield opened


def insist_on_applicable(source: Source, request: pytest.FixtureRequest) -> None:
    """Skip a check that the vendor cannot meet; the reason is recorded."""
    check = request.function.__name__
    if check in source.not_applicable:
        pytest.skip(f"not applicable: {source.not_applicable[check]}")
