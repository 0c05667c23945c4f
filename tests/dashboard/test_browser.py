"""Browser: what only a browser shows of the pages, in the soak: it takes minutes."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dashboard.pages import SECTIONS
from orchestration.servers import free_port, serving, wait_until_open
from tests.browser import Tab, browsing, chromium

PATHS = [module.PATH for modules in SECTIONS.values() for module in modules]
PHONE = (390, 844)

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(900),
    pytest.mark.skipif(chromium() is None, reason="no Chromium: apt install chromium"),
]


@pytest.fixture
def served(publish: Callable[..., Path], tmp_path: Path) -> Iterator[str]:
    """The dashboard over the small company, which nobody has looked at yet."""
    publish()
    port = free_port(0)
    command = ["-m", "dashboard", "--server.port", str(port)]
    log = tmp_path / "dashboard.log"
    with serving(command, log, {**os.environ, "USER": "anna"}) as process:
        assert wait_until_open(port, process, 300), log.read_text("utf-8")
        yield f"127.0.0.1:{port}"


@pytest.fixture
def tab() -> Iterator[Tab]:
    """One page of the browser, as wide as a phone."""
    executable = chromium()
    assert executable is not None  # or the test is skipped
    with browsing(executable) as opened:
        opened.size(*PHONE)
        yield opened


def test_pages_fit_a_phone_and_stay_in_the_house(served: str, tab: Tab) -> None:
    """Followed from a link, each has its title, no error, no sideways scroll.

    The first is not the app's own first page: nobody has opened the server before.
    """
    seen = {}

    for path in PATHS[1:]:
        tab.open(f"http://{served}/{path}")
        title, width = tab.evaluate(
            "[document.querySelector('h1').innerText,"
            " document.querySelector('[data-testid=stMain]').scrollWidth]"
        )
        hosts, errors = set(tab.hosts), list(tab.errors)
        seen[path] = (title.strip(), width <= PHONE[0], hosts, errors)

    titles = {
        module.PATH: module.TITLE for each in SECTIONS.values() for module in each
    }
    assert seen == {path: (titles[path], True, {served}, []) for path in PATHS[1:]}
