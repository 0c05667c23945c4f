"""Declared: read-only vendors that need no Python, one YAML file each.

Every `<vendor>.yml` of this folder is found by itself and becomes what the module of a
vendor is. docs/add_a_vendor.md says what a file may say.
"""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from ingestion.declared.said import DeclarationError
from ingestion.declared.vendor import DeclaredVendor, declared

__all__ = ["VENDORS", "DeclarationError", "DeclaredVendor", "declared", "vendors"]


def vendors(folder: Traversable | Path) -> tuple[DeclaredVendor, ...]:
    """Return the vendors that a folder declares, sorted by name.

    Raises:
        DeclarationError: a file cannot be read as a vendor.
    """
    found = [each for each in folder.iterdir() if each.name.endswith(".yml")]
    return tuple(
        declared(each.read_text(encoding="utf-8"), each.name)
        for each in sorted(found, key=lambda each: each.name)
    )


VENDORS = vendors(files(__name__))
