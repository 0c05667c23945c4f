"""Fixtures of the Tryton tests: one real server for all of them, with a few records."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.tryton import Unready
from sandbox.tryton.api import Api
from sandbox.tryton.books import add_user
from sandbox.tryton.install import install
from sandbox.tryton.seed import enter
from sandbox.tryton.server import ADMINISTRATOR, running
from tests.sandbox.tryton.support import ERP, Real

_KEPT = Path(__file__).parents[3] / "build" / "tryton"


@pytest.fixture(scope="session")
def installed() -> None:
    """Tryton in its own environment; without it, nothing here can be said."""
    try:
        install()
    except Unready as error:
        pytest.skip(f"the real ERP was NOT tested: {error}")


@pytest.fixture(scope="session")
def tryton_home(
    installed: None,  # noqa: ARG001 -- without it there is nothing to keep
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Path]:
    """The folder in which the server of this session works.

    The empty database, which takes 15 s to make, is kept for the next session.
    """
    home = tmp_path_factory.mktemp("tryton")
    for empty in _KEPT.glob("empty-*"):
        shutil.copytree(empty, home / empty.name)
    yield home
    for empty in home.glob("empty-*"):
        if not (_KEPT / empty.name).exists():
            shutil.copytree(empty, home / "kept")
            _KEPT.mkdir(parents=True, exist_ok=True)
            shutil.move(home / "kept", _KEPT / empty.name)


@pytest.fixture(scope="session")
def real(tryton_home: Path) -> Iterator[Real]:
    """A server with five customers and five invoices; a test changes its own."""
    with (
        running(tryton_home) as server,
        Api(server.url, server.database) as colleague,
    ):
        administrator = colleague.login(ADMINISTRATOR, server.password)
        entered = enter(colleague, administrator, ERP)
        environ = server.environment(*add_user(colleague, entered.company))
        yield Real(environ, colleague, server, entered)
