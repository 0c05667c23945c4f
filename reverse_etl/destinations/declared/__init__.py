"""Declared: vendors that are written to without Python, one YAML file each.

A file is named as the vendor's in `ingestion/declared`, which says how to reach it and
what its errors ask for. docs/add_a_vendor.md says what a file may say.
"""

from collections.abc import Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from reverse_etl.destinations.declared.destination import Declared
from reverse_etl.destinations.declared.writer import Writer, writer

__all__ = ["WRITERS", "Declared", "Writer", "writer", "writers"]


def writers(folder: Traversable | Path) -> Mapping[str, Writer]:
    """Return what a folder declares, by the vendor's name.

    Raises:
        DeclarationError: a file cannot be read as one.
    """
    found = sorted(
        (each for each in folder.iterdir() if each.name.endswith(".yml")),
        key=lambda each: each.name,
    )
    told = [writer(each.read_text(encoding="utf-8"), each.name) for each in found]
    return {each.vendor: each for each in told}


WRITERS = writers(files(__name__))
