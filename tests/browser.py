"""Browser: Chromium without a window, driven over its own protocol.

For what only a browser shows: whether a page fits a phone, calls another host or can be
heard. Debian's package `chromium` is enough; no driver is installed beside it.
"""

import base64
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import httpx
from websockets.sync.client import ClientConnection, connect

NAMES = ("chromium", "chromium-browser", "google-chrome")
START_SECONDS = 60.0
# An answer that holds a picture of a long page.
LARGEST_ANSWER = 64 * 2**20

# Streamlit draws while its status says so, and charts once they are in sight.
_IS_DRAWN = """
!!document.querySelector("h1")
&& !document.querySelector("[data-testid=stStatusWidget]")
&& !document.querySelector("[data-testid=stSkeleton]")
&& ![...document.querySelectorAll("[data-testid=stApp]")]
    .some((app) => app.dataset.testScriptState !== "notRunning")
"""


def chromium() -> str | None:
    """Return where this machine keeps a browser, None if it has none."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@dataclass
class Tab:
    """One page of the browser, and what it did besides showing something."""

    connection: ClientConnection
    errors: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)
    sent: int = 0

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Ask the browser for something and return its answer."""
        self.sent += 1
        self.connection.send(
            json.dumps({"id": self.sent, "method": method, "params": params})
        )
        while True:
            said = json.loads(self.connection.recv(timeout=300))
            if said.get("id") == self.sent:
                if "error" in said:
                    raise RuntimeError(f"{method}: {said['error']['message']}")
                answer: dict[str, Any] = said["result"]
                return answer
            self._heard(said)

    def evaluate(self, script: str) -> Any:
        """Return what a script comes to on the page; promises are waited for."""
        said = self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in said:
            raise RuntimeError(str(said["exceptionDetails"]))
        return said["result"].get("value")

    def size(self, width: int, height: int) -> None:
        """Show the page as wide and as high as that."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def scheme(self, scheme: str) -> None:
        """Tell pages that their reader likes light or dark."""
        self.call(
            "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-color-scheme", "value": scheme}],
        )

    def open(self, url: str, seconds: float = 300.0) -> None:
        """Open a page of Streamlit and wait until it is drawn."""
        self.errors.clear()
        self.hosts.clear()
        self.call("Page.navigate", url=url)
        self.settle(seconds)

    def go(self, url: str) -> None:
        """Open a page of anybody; what it has to show is waited for."""
        self.errors.clear()
        self.hosts.clear()
        self.call("Page.navigate", url=url)

    def wait_for(self, script: str, seconds: float = 120.0) -> Any:
        """Wait until a script comes to something on the page; return what."""
        deadline = time.monotonic() + seconds
        while not (found := self.evaluate(script)):
            if time.monotonic() > deadline:
                shown = self.evaluate("document.body && document.body.innerText")
                raise TimeoutError(f"{script} never came to anything: {shown}")
            time.sleep(0.25)
        return found

    def settle(self, seconds: float = 300.0) -> None:
        """Wait until the page was drawn, and for a moment nothing moved."""
        deadline = time.monotonic() + seconds
        calm = 0
        while calm < 4:  # looks, a quarter of a second apart
            if time.monotonic() > deadline:
                raise TimeoutError("The page was not drawn in time.")
            time.sleep(0.25)
            calm = calm + 1 if self.evaluate(_IS_DRAWN) else 0

    def picture(self) -> bytes:
        """Return the page, as it is now, as PNG."""
        said = self.call("Page.captureScreenshot", format="png")
        return base64.b64decode(said["data"])

    def _heard(self, said: dict[str, Any]) -> None:
        """Keep what the page complained of, and where it went."""
        if said.get("method") == "Runtime.consoleAPICalled":
            if said["params"]["type"] == "error":
                self.errors.append(
                    " ".join(
                        str(each.get("value", each.get("description")))
                        for each in said["params"]["args"]
                    )
                )
        elif said.get("method") == "Runtime.exceptionThrown":
            self.errors.append(said["params"]["exceptionDetails"]["text"])
        elif said.get("method") == "Network.requestWillBeSent":
            address = urlsplit(said["params"]["request"]["url"])
            if address.scheme.startswith(("http", "ws")):
                self.hosts.add(address.netloc)


@contextmanager
def browsing(executable: str) -> Iterator[Tab]:
    """Start the browser with one empty page; it ends with the block."""
    # Chromium may still write its profile while we remove it.
    with TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [
                executable,
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--hide-scrollbars",
                "--no-first-run",
                "--disable-background-networking",
                "--remote-debugging-port=0",
                f"--user-data-dir={profile}",
                "about:blank",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            with connect(
                _first_page(Path(profile), process),
                max_size=LARGEST_ANSWER,
                compression=None,
            ) as connection:
                tab = Tab(connection)
                for domain in ("Page", "Runtime", "Network"):
                    tab.call(f"{domain}.enable")
                yield tab
        finally:
            process.terminate()
            process.wait(timeout=20)


def _first_page(profile: Path, process: subprocess.Popen[bytes]) -> str:
    """Wait until the browser says where it listens; return its page's address."""
    told = profile / "DevToolsActivePort"
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        lines = told.read_text("utf-8").splitlines() if told.exists() else []
        if len(lines) > 1:
            pages = httpx.get(
                f"http://127.0.0.1:{lines[0]}/json/list", timeout=60
            ).json()
            found = [each for each in pages if each["type"] == "page"]
            if found:
                return str(found[0]["webSocketDebuggerUrl"])
        time.sleep(0.1)
    raise RuntimeError("Chromium did not start.")
