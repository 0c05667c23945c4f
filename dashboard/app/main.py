"""The app: its pages and how people find them.

Started with `python -m dashboard` from the root of the checkout. No folder `pages` may
stand beside this file: Streamlit would take its modules for whole apps, and show an
empty page to the first visitor who follows a link.
"""

from pathlib import Path
from typing import Any

import streamlit as st

from dashboard import entry
from dashboard.access import NoEntryError, Reader
from dashboard.entry import is_open
from dashboard.pages import SECTIONS
from dashboard.shell import framed

# Streamlit keeps the first page at the root and its own address from being opened.
ROOT = "start"
FAVICON = Path(__file__).parent / "favicon.svg"


def main() -> None:
    """Lay out the navigation and draw the page that the address names."""
    st.set_page_config(page_title="Concord", page_icon=str(FAVICON), layout="wide")
    looking = _looking()
    every = [module for modules in SECTIONS.values() for module in modules]
    seen = [
        each for each in every if looking is not None and is_open(each.PATH, looking)
    ]
    first = (seen or every)[0]
    pages: dict[str, Any] = {}
    sections: dict[str, list[Any]] = {}
    for section, modules in SECTIONS.items():
        for module in modules:
            pages[module.PATH] = st.Page(
                framed(module, pages),
                title=module.TITLE,
                icon=module.ICON,
                url_path=ROOT if module is first else module.PATH,
                default=module is first,
                # What a role lacks keeps its address, and says there why it is empty.
                visibility="visible" if module in seen else "hidden",
            )
            sections.setdefault(section, []).append(pages[module.PATH])
    # A link to the first page by its name leads to it as well.
    also = st.Page(
        framed(first, pages),
        title=first.TITLE,
        icon=first.ICON,
        url_path=first.PATH,
        visibility="hidden",
    )
    chosen = st.navigation({**sections, "": [also]}, expanded=True)
    if looking is not None:
        entry.say_who(looking)
    chosen.run()


def _looking() -> Reader | None:
    """Say who looks; None for whoever sees nothing, which each page then explains."""
    try:
        return entry.reader()
    except NoEntryError:
        return None


main()
