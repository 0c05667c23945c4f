"""Browser: what only a browser shows of the pages, in the soak: it takes minutes."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dashboard.pages import SECTIONS
from orchestration.servers import free_port, serving, wait_until_open
from tests.browser import Tab, browsing, chromium

PATHS = [module.PATH for modules in SECTIONS.values() for module in modules]
PHONE, DESK = (390, 844), (1440, 900)
# axe-core's one file, which whoever runs this fetches.
AXE = Path(os.environ.get("AXE_CORE", "node_modules/axe-core/axe.min.js"))
# Its navigation is no list to axe, and its charts' marks have no words of their own.
OF_STREAMLIT = {"list", "listitem", "svg-img-alt"}

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
    That one comes last, by its name.
    """
    seen = {}
    order = (*PATHS[1:], PATHS[0])

    for path in order:
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
    assert seen == {path: (titles[path], True, {served}, []) for path in order}


@pytest.mark.skipif(not AXE.is_file(), reason="no axe: npm pack axe-core, set AXE_CORE")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_keeps_anybody_out(served: str, tab: Tab, scheme: str) -> None:
    """Nothing that axe calls serious, but for what Streamlit's own frame is made of."""
    tab.size(*DESK)
    tab.scheme(scheme)
    found = {}

    for path in PATHS:
        tab.open(f"http://{served}/{path}")
        tab.evaluate(AXE.read_text("utf-8") + "; true")
        said = tab.evaluate(
            "axe.run(document, {resultTypes: ['violations']}).then((told) =>"
            " told.violations.filter((each) => /serious|critical/.test(each.impact))"
            ".map((each) => [each.id, each.nodes[0].html]))"
        )
        found[path] = [each for each in said if each[0] not in OF_STREAMLIT]

    assert found == {path: [] for path in PATHS}
