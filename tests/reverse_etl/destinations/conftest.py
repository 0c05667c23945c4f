"""Every destination of the registry gets every check, in a sandbox of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.credentials import Credentials, credentials
from tests.reverse_etl.destinations.place import Place, opened
from tests.reverse_etl.destinations.target import Target
from tests.reverse_etl.destinations.targets import TARGETS


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Try each check on each destination, or on each bad change of each."""
    if "wrong" in metafunc.fixturenames:
        pairs = [(one, name) for one in TARGETS for name in one.bad]
        ids = [f"{one.label}-{name}" for one, name in pairs]
        metafunc.parametrize(("target", "wrong"), pairs, ids=ids)
    elif "target" in metafunc.fixturenames:
        metafunc.parametrize("target", TARGETS, ids=lambda one: one.label)


@pytest.fixture(scope="session")
def keys() -> Credentials:
    """What the vendors ask for; making the keys takes time."""
    return credentials(7)


@pytest.fixture
def place(
    target: Target, keys: Credentials, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Place]:
    """A destination, connected as in production, and the sandbox behind it."""
    check = request.function.__name__
    if check in target.not_applicable:
        pytest.skip(f"not applicable: {target.not_applicable[check]}")
    with opened(target, keys, tmp_path) as there:
        yield there
