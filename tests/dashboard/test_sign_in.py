"""Sign-in: a browser, the dashboard and an identity provider, all on loopback."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from operations.decisions import waiting
from operations.store import Store
from orchestration.servers import free_port, serving, wait_until_open
from tests.browser import Tab, browsing, chromium
from tests.dashboard.identity_provider import Provider, provided
from tests.dashboard.test_deciding import put

ROLES = """
[roles.finance]
people = ["anna@example.com"]
decides = true

[roles.germany]
groups = ["sales-de"]
pages = ["overview", "arr", "inbox"]
entities = ["DE"]
"""

pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.skipif(chromium() is None, reason="no Chromium: apt install chromium"),
]


@pytest.fixture
def provider() -> Iterator[Provider]:
    """An identity provider."""
    with provided() as running:
        yield running


@pytest.fixture
def home(publish: Callable[..., Path]) -> Path:
    """The home of the small company, in which one change waits for a word."""
    folder = publish().parent.parent
    with Store(folder / "operations.sqlite") as store:
        put(store, "c1", "waiting")
    return folder


@pytest.fixture
def served(home: Path, provider: Provider, tmp_path: Path) -> Iterator[str]:
    """The dashboard, started as its page says, with a sign-in."""
    port = free_port(0)
    url = f"http://localhost:{port}"
    file = home / "access.toml"
    file.write_text(provider.access(url) + ROLES, "utf-8")
    file.chmod(0o600)
    log = tmp_path / "dashboard.log"
    command = ["-m", "dashboard", "--server.port", str(port)]
    environ = {**os.environ, "USER": "whoever-started-it"}
    with serving(command, log, environ) as process:
        assert wait_until_open(port, process, 120), log.read_text("utf-8")
        yield url


@pytest.fixture
def tab() -> Iterator[Tab]:
    """One page of the browser."""
    executable = chromium()
    assert executable is not None  # or the test is skipped
    with browsing(executable) as opened:
        yield opened


def text(tab: Tab) -> str:
    """Return what is to be read on the page."""
    shown = str(tab.evaluate("document.body.innerText"))
    return shown.replace("\N{WORD JOINER}", "")


def press(tab: Tab, label: str) -> None:
    """Press a button and wait for what comes of it."""
    tab.evaluate(
        "[...document.querySelectorAll('button')]"
        f".find((each) => each.innerText.includes({label!r})).click()"
    )
    time.sleep(1)
    tab.settle()


def test_people_sign_in_decide_in_their_name_and_are_let_out(
    served: str, tab: Tab, provider: Provider, home: Path
) -> None:
    """From the closed door through a decision to an expired sign-in and a poorer role.

    One journey, because it is the starting that costs.
    """
    tab.open(f"{served}/approvals")
    assert "Sign in to see the numbers." in text(tab)
    assert "Ridge" not in text(tab)

    provider.claims = {"email": "anna@example.com", "email_verified": True}
    press(tab, "Sign in")
    assert "Signed in as anna@example.com" in text(tab)
    tab.open(f"{served}/approvals")
    _type(tab, "Reason, for the auditor", "as agreed")
    press(tab, "Approve")
    with Store(home / "operations.sqlite") as store:
        assert waiting(store) == []
        (said,) = store.rows("select decided_by, reason from decisions")
    assert tuple(said) == ("anna@example.com", "as agreed")

    press(tab, "Sign out")
    assert "Sign in to see the numbers." in text(tab)

    provider.issued_at = time.time() - 13 * 3600
    press(tab, "Sign in")
    assert "was good for 12 hours and has expired" in text(tab)
    assert "Signed in as" not in text(tab)

    provider.issued_at = None
    provider.claims = {"email": "kai@example.com", "groups": ["sales-de"]}
    press(tab, "Sign in")
    assert "Rows of DE only, as your role." in text(tab)
    tab.open(f"{served}/trust")
    assert "does not have this page" in text(tab)

    provider.claims = {"email": "stranger@example.com"}
    press(tab, "Sign out")
    press(tab, "Sign in")
    assert "no role names you" in text(tab)


def _type(tab: Tab, label: str, words: str) -> None:
    """Type into a field as its person would."""
    tab.evaluate(f"document.querySelector('input[aria-label=\"{label}\"]').focus()")
    tab.call("Input.insertText", text=words)
    time.sleep(0.5)
