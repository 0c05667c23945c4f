"""Start the dashboard: `python -m dashboard`, with the options of Streamlit.

What `access.toml` of the home says of the sign-in reaches Streamlit as its secrets, and
a file that does not say clearly who may see what ends the start with a sentence.
"""

import sys
from pathlib import Path

from dashboard import access
from dashboard.entry import access_file
from dashboard.pages import SECTIONS

APP = Path(__file__).parent / "app" / "main.py"
WRONG_FILE = 2


def main(options: list[str]) -> None:
    """Hand over to Streamlit, in this process."""
    file = access_file().resolve()
    try:
        rules = access.read(file)
        if rules is not None:
            access.known_pages(
                rules, {page.PATH for pages in SECTIONS.values() for page in pages}
            )
    except access.AccessFileError as error:
        print(f"✕ {error}", file=sys.stderr)  # noqa: T201 - a command
        sys.exit(WRONG_FILE)
    from streamlit.web.cli import main as streamlit

    if rules is not None and rules.signs_in:
        options = ["--secrets.files", str(file), *options]
    streamlit(["run", str(APP), *options], prog_name="python -m dashboard")


if __name__ == "__main__":
    main(sys.argv[1:])
