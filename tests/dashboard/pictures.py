"""Pictures: those of docs/tour.md, taken from a demo's home. `make pictures`.

Needs a home in which `make demo` has run, and Chromium (Debian: apt install chromium).
"""

import os
import sys
import time
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from dashboard.pack.compose import compose
from dashboard.published import current, published_folder, reading
from orchestration.home import ROOT
from orchestration.servers import free_port, serving, wait_until_open
from tests.browser import Tab, browsing, chromium

TO = ROOT / "docs" / "pictures"
WIDTH, HEIGHT = 1280, 800
LARGEST = 100_000  # bytes: the history of the repository keeps each of them
PAGES = {
    "overview": "",
    "trace": "trace?metric=arr",
    "trust": "trust",
    "inbox": "inbox",
}
READY_SECONDS = 300.0
# Charts come into the page after its texts, and grow into their place.
CHARTS_SECONDS = 3.0


def main() -> None:
    """Serve the dashboard, look at its pages, and keep what was seen."""
    executable = chromium()
    if executable is None:
        sys.exit("There is no Chromium here: apt install chromium, then try again.")
    TO.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder:
        port = free_port(0)
        command = ["-m", "dashboard", "--server.port", str(port)]
        log = Path(folder) / "dashboard.log"
        with serving(command, log, {**os.environ, "USER": "anna"}) as process:
            if not wait_until_open(port, process, READY_SECONDS):
                sys.exit(log.read_text(encoding="utf-8"))
            with browsing(executable) as tab:
                _take(tab, f"http://127.0.0.1:{port}", Path(folder))


def _take(tab: Tab, url: str, folder: Path) -> None:
    tab.scheme("light")
    tab.size(WIDTH, HEIGHT)
    for name, path in PAGES.items():
        tab.open(f"{url}/{path}")
        time.sleep(CHARTS_SECONDS)
        _keep(name, tab.picture())
    publication = current(published_folder())
    pack = folder / "pack.html"
    with reading(publication) as connection:
        pack.write_text(compose(publication, connection)[1], encoding="utf-8")
    tab.call("Page.navigate", url=pack.as_uri())
    time.sleep(CHARTS_SECONDS)
    _keep("board-pack", tab.picture())


def _keep(name: str, seen: bytes) -> None:
    """Keep a picture with so many colours that signs keep theirs."""
    file = TO / f"{name}.png"
    picture = Image.open(BytesIO(seen)).convert("RGB").quantize(256, dither=0)
    picture.save(file, optimize=True)
    size = file.stat().st_size
    if size > LARGEST:
        sys.exit(f"{file} has {size:,} bytes: no more than {LARGEST:,} may be kept.")
    print(f"{file.relative_to(ROOT)}  {size:,} bytes")  # noqa: T201 - a command


if __name__ == "__main__":
    main()
