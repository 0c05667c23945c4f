"""Tests that share something costly run in one worker, which makes it once."""

import os

import pytest


@pytest.mark.skipif("PYTEST_XDIST_WORKER" not in os.environ, reason="one process")
def test_a_file_stays_in_one_worker(request: pytest.FixtureRequest) -> None:
    """The scheduler reads the group from the test's id: without, each is alone."""
    assert request.node.nodeid.endswith(f"@{request.path}")
