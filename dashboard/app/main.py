"""The app: its pages and how people find them.

Started with `python -m streamlit run dashboard/app/main.py` from the root of the
checkout. No folder `pages` may stand beside this file: Streamlit would take its modules
for whole apps, and show an empty page to the first visitor who follows a link.
"""

from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.pages import SECTIONS
from dashboard.shell import framed

FAVICON = Path(__file__).parent / "favicon.svg"


def main() -> None:
    """Lay out the navigation and draw the page that the address names."""
    st.set_page_config(page_title="Concord", page_icon=str(FAVICON), layout="wide")
    pages: dict[str, Any] = {}
    sections: dict[str, list[Any]] = {}
    for section, modules in SECTIONS.items():
        for module in modules:
            pages[module.PATH] = st.Page(
                framed(module, pages),
                title=module.TITLE,
                icon=module.ICON,
                url_path=module.PATH,
                default=not pages,
            )
            sections.setdefault(section, []).append(pages[module.PATH])
    st.navigation(sections).run()


main()
