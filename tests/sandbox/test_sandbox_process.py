"""The sandbox as a process: how it starts, refuses and stops."""

import json
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]
SMALL = ("--customers", "25", "--months", "6")


def start(*arguments: str) -> subprocess.Popen[str]:
    """Start the sandbox as a user does."""
    return subprocess.Popen(
        [sys.executable, "-m", "sandbox", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_it_says_where_it_is_and_stops_when_asked(tmp_path: Path) -> None:
    """One line of JSON with what connects; SIGTERM ends it cleanly."""
    process = start("--home", str(tmp_path), *SMALL)
    assert process.stdout is not None

    ready = json.loads(process.stdout.readline())
    health = httpx.get(f"{ready['url']}/_sandbox/health").json()
    process.send_signal(signal.SIGTERM)
    rest, complaints = process.communicate(timeout=10)

    key_file = Path(ready["environment"]["NETSUITE_PRIVATE_KEY_FILE"])
    assert ready["environment"]["STRIPE_URL"] == f"{ready['url']}/stripe"
    assert key_file.read_text().startswith("-----BEGIN PRIVATE KEY-----")
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert health["records"]["stripe"]["customer"] >= 25
    assert (process.returncode, rest, complaints) == (0, "", "")


def test_it_tells_the_settings_that_connect(tmp_path: Path) -> None:
    """Every variable that the house reads for the four systems is there."""
    process = start("--home", str(tmp_path), "--disorder", "none", *SMALL)
    assert process.stdout is not None
    ready = json.loads(process.stdout.readline())
    process.terminate()
    process.communicate(timeout=10)

    assert set(ready["environment"]) == {
        "SALESFORCE_URL",
        "SALESFORCE_CLIENT_ID",
        "SALESFORCE_CLIENT_SECRET",
        "STRIPE_URL",
        "STRIPE_API_KEY",
        "ZENDESK_URL",
        "ZENDESK_EMAIL",
        "ZENDESK_API_TOKEN",
        "NETSUITE_URL",
        "NETSUITE_CLIENT_ID",
        "NETSUITE_CERTIFICATE_ID",
        "NETSUITE_PRIVATE_KEY_FILE",
    }


@pytest.mark.parametrize("host", ["0.0.0.0", "localhost.example.com", "::"])  # noqa: S104
def test_it_serves_this_machine_only(host: str) -> None:
    """Another address is refused in one sentence."""
    process = start("--host", host)

    output, complaint = process.communicate(timeout=30)

    assert (process.returncode, output) == (2, "")
    assert complaint == f"The sandbox serves 127.0.0.1 only, not {host}.\n"


def test_a_taken_port_is_told_in_one_sentence() -> None:
    """No stack trace where a person has started it twice."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = start("--port", str(port), *SMALL)
        output, complaint = process.communicate(timeout=30)

    assert (process.returncode, output) == (2, "")
    assert complaint.startswith(f"The sandbox cannot use port {port}: ")
    assert complaint.count("\n") == 1
