"""The commands refuse what they cannot work with, before they make anything."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from orchestration.home import ROOT

OLD_PYTHON = """#!/bin/sh
exec {python} -c "import sys
sys.version_info = (3, 10, 4, 'final', 0)
exec(sys.argv[1])" "$2"
"""


def test_an_old_python_is_named_with_the_way_out(tmp_path: Path) -> None:
    """Python 3.10 gets one sentence, and no half-made environment."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("requirements.lock", "pyproject.toml"):
        (tmp_path / name).touch()
    old = tmp_path / "python3.10"
    old.write_text(OLD_PYTHON.format(python=sys.executable))
    old.chmod(0o755)

    refused = subprocess.run(
        ["make", "demo", f"PYTHON={old}"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )

    assert refused.returncode != 0
    assert "Concord needs Python 3.11 or newer" in refused.stderr
    assert "is 3.10" in refused.stderr
    assert not (tmp_path / ".venv").exists()
