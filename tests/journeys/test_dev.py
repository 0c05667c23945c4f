"""`concord dev`: everything a person opens is there, and gone when it is stopped."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.browser import Tab, browsing, chromium

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
COMMAND = Path(sys.executable).with_name("concord")


@dataclass(frozen=True, slots=True)
class Dev:
    """What was started, by its addresses."""

    sandbox: str
    receiver: str
    dagster: str
    dashboard: str


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dev]:
    """Start it once for all that people do with it; nobody answers afterwards."""
    home = tmp_path_factory.mktemp("home")
    process = subprocess.Popen(
        [COMMAND, "dev"],
        env={**os.environ, "CONCORD_HOME": str(home), "COLUMNS": "200"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    addresses: list[str] = []
    line = ""
    for line in process.stdout:
        addresses += re.findall(r"http://127\.0\.0\.1:\d+", line)
        if "Ctrl-C" in line:
            break
    assert "Ctrl-C" in line, line  # otherwise its last words say why it ended
    yield Dev(*addresses)
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=60)
    assert all(falls_silent(address) for address in addresses)


def falls_silent(address: str) -> bool:
    """Wait until nobody answers at an address any more."""
    for _ in range(50):
        try:
            httpx.get(address, timeout=1)
        except httpx.TransportError:
            return True
        time.sleep(0.2)
    return False


def test_dev_serves_people(dev: Dev) -> None:
    """Sandbox, receiver, Dagster UI and dashboard answer."""
    pages = [
        httpx.get(address, timeout=60).status_code
        for address in (dev.dagster, dev.dashboard)
    ]
    health = httpx.get(f"{dev.receiver}/health").json()
    truth = httpx.get(f"{dev.sandbox}/_sandbox/truth").json()

    assert pages == [200, 200]
    assert health["refused"] == {}
    assert len(truth["planted"]) == 28


@pytest.fixture
def tab() -> Iterator[Tab]:
    """One page of the browser, as wide as a desk."""
    executable = chromium()
    assert executable is not None  # or the test is skipped
    with browsing(executable) as opened:
        opened.size(1600, 1000)
        yield opened


# Every folder of the house that is one group, in the order of the flow.
FLOW = (
    *("raw_salesforce", "staging", "intermediate", "canonical", "marts"),
    *("reconciliation", "reverse_etl", "published"),
)
PLACES = f"""
(() => {{
    const found = {{}};
    for (const one of document.querySelectorAll("foreignObject *"))
        if (!one.children.length && {list(FLOW)}.includes(one.textContent.trim()))
            found[one.textContent.trim()] = one.getBoundingClientRect().left;
    return Object.keys(found).length === {len(FLOW)} && found;
}})()
"""
TEXT = "document.body ? document.body.innerText : ''"


def shows(*words: str) -> str:
    """Return what comes to the page's text once it holds all of the words."""
    return f"{list(words)}.every((each) => ({TEXT}).includes(each)) && ({TEXT})"


@pytest.mark.skipif(chromium() is None, reason="no Chromium: apt install chromium")
def test_an_engineer_finds_an_asset_and_makes_it(dev: Dev, tab: Tab) -> None:
    """Left to right in the graph, told on its page, made by a click, seen done."""
    tab.go(f"{dev.dagster}/asset-groups")
    places = tab.wait_for(PLACES)
    assert sorted(FLOW, key=places.get) == list(FLOW)

    tab.go(f"{dev.dagster}/assets/raw_vitally/accounts")
    told = tab.wait_for(
        shows("Materialize", "Owners", "as vitally (customer success) sent them")
    )
    assert "data-platform" in told
    assert "vitally" in told.split("Kinds", 1)[1]

    tab.evaluate(
        "[...document.querySelectorAll('button')]"
        ".find((each) => each.innerText.trim() === 'Materialize').click()"
    )
    tab.wait_for(shows("Launched run"))

    tab.go(f"{dev.dagster}/assets/marts/arr_movements?view=checks")
    tab.wait_for(shows("unique_key"))
    tab.go(f"{dev.dagster}/runs")
    tab.wait_for(shows("accounts", "Success"))
