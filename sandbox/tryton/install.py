"""Install: makes .venv-tryton from requirements.lock, with its hashes.

Tryton's dependencies are its own: in the environment of the house they would meet
pins that were chosen without them.
"""

import hashlib
import subprocess
import sys
from pathlib import Path

from sandbox.tryton import Unready

HERE = Path(__file__).parent
LOCK = HERE / "requirements.lock"
VENV = HERE.parent.parent / ".venv-tryton"


def install(venv: Path = VENV) -> bool:
    """Bring the environment to what the lock file says; False if it was so already.

    Raises:
        Unready: a package cannot be had, or the disk cannot take it.
    """
    if is_installed(venv):
        return False
    # An environment that was interrupted half way, or locked otherwise, starts anew.
    _run([sys.executable, "-m", "venv", "--clear", str(venv)])
    _run(
        [
            str(venv / "bin" / "python"),
            *("-m", "pip", "install", "--quiet", "--no-input"),
            *("--disable-pip-version-check", "--require-hashes"),
            *("--requirement", str(LOCK)),
        ]
    )
    _stamp(venv).write_text(_wanted(), encoding="ascii")
    return True


def is_installed(venv: Path = VENV) -> bool:
    """Tell whether the environment is complete and of today's lock file."""
    try:
        return _stamp(venv).read_text(encoding="ascii") == _wanted()
    except OSError:
        return False


def _stamp(venv: Path) -> Path:
    return venv / "installed"


def _wanted() -> str:
    return hashlib.sha256(LOCK.read_bytes()).hexdigest()


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise Unready(
            f"Tryton cannot be installed: {command[0]} does not run"
            f" ({error.strerror}); run make demo, then again."
        ) from error
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()
        wrong = [line for line in lines if line.startswith("ERROR")] or lines or ["?"]
        raise Unready(
            f"Tryton cannot be installed: {wrong[-1].removeprefix('ERROR: ')};"
            " check that the package registry can be reached and the disk has 200 MB"
            " free, then run again."
        )


def main() -> int:
    """Install, and return the exit status."""
    try:
        install()
    except Unready as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
