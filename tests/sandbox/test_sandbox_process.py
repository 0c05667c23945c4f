"""The sandbox as a process: how it starts, refuses and stops."""

import json
import signal
import socket
import ssl
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
    assert ready["environment"]["STRIPE_URL"] == "https://api.stripe.com"
    assert ready["environment"]["HTTPS_PROXY"] == ready["door"]
    assert key_file.read_text().startswith("-----BEGIN PRIVATE KEY-----")
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert health["records"]["stripe"]["customer"] >= 25
    assert (process.returncode, rest, complaints) == (0, "", "")


def test_it_tells_the_settings_that_connect(tmp_path: Path) -> None:
    """Every variable that the house reads is there, and what leads to the door."""
    process = start("--home", str(tmp_path), "--disorder", "none", *SMALL)
    assert process.stdout is not None
    ready = json.loads(process.stdout.readline())
    process.terminate()
    process.communicate(timeout=10)

    assert set(ready["environment"]) >= {
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
        "HTTPS_PROXY",
        "NO_PROXY",
        "SSL_CERT_FILE",
        "REQUESTS_CA_BUNDLE",
    }


def test_vendors_answer_at_their_own_hostnames(tmp_path: Path) -> None:
    """Whoever takes the settings as they are told reaches a vendor over TLS."""
    process = start("--home", str(tmp_path), *SMALL)
    assert process.stdout is not None
    told = json.loads(process.stdout.readline())["environment"]

    trusted = ssl.create_default_context(cafile=told["SSL_CERT_FILE"])
    with httpx.Client(proxy=told["HTTPS_PROXY"], verify=trusted) as client:
        answer = client.get(
            f"{told['STRIPE_URL']}/v1/customers?limit=1",
            headers={"Authorization": f"Bearer {told['STRIPE_API_KEY']}"},
        )
    process.terminate()
    process.communicate(timeout=10)

    assert (answer.status_code, len(answer.json()["data"])) == (200, 1)


@pytest.mark.parametrize("host", ["0.0.0.0", "localhost.example.com", "::"])  # noqa: S104
def test_it_serves_this_machine_only(host: str) -> None:
    """Another address is refused in one sentence."""
    process = start("--host", host)

    output, complaint = process.communicate(timeout=30)

    assert (process.returncode, output) == (2, "")
    assert complaint == f"The sandbox serves 127.0.0.1 only, not {host}.\n"


@pytest.mark.parametrize("option", ["--port", "--door-port"])
def test_a_taken_port_is_told_in_one_sentence(option: str, tmp_path: Path) -> None:
    """No stack trace where somebody else has the port."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = start(option, str(port), "--home", str(tmp_path), *SMALL)
        output, complaint = process.communicate(timeout=30)

    assert (process.returncode, output) == (2, "")
    assert complaint.startswith(f"The sandbox cannot use port {port}: ")
    assert complaint.count("\n") == 1


def test_one_port_does_not_do_for_both_doors(tmp_path: Path) -> None:
    """The same number twice is refused like a port that somebody else has."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    home = ("--home", str(tmp_path))
    process = start("--port", port, "--door-port", port, *home, *SMALL)

    output, complaint = process.communicate(timeout=30)

    assert (process.returncode, output) == (2, "")
    assert complaint.startswith(f"The sandbox cannot use port {port}: ")


def test_one_home_has_one_sandbox_at_a_time(tmp_path: Path) -> None:
    """The second one says so and ends with 1; a kill leaves no lock behind.

    What was told before the kill still connects after it: keys and certificate stay.
    """
    home = ("--home", str(tmp_path), "--disorder", "none")
    first = start(*home, *SMALL)
    assert first.stdout is not None
    before = json.loads(first.stdout.readline())["environment"]
    trusted = ssl.create_default_context(cafile=before["SSL_CERT_FILE"])
    keys = {file.name: file.read_bytes() for file in tmp_path.glob("*.pem")}

    second = start(*home, *SMALL)
    output, complaint = second.communicate(timeout=30)
    first.kill()
    first.communicate(timeout=10)
    third = start(*home, *SMALL)
    assert third.stdout is not None
    after = json.loads(third.stdout.readline())["environment"]
    with httpx.Client(proxy=after["HTTPS_PROXY"], verify=trusted) as client:
        answer = client.get(f"{after['STRIPE_URL']}/v1/customers")
    third.terminate()
    third.communicate(timeout=10)

    assert (second.returncode, output) == (1, "")
    assert complaint == (
        f"Another sandbox works in {tmp_path}: stop it, or take another --home.\n"
    )
    assert answer.status_code == 401
    assert {file.name: file.read_bytes() for file in tmp_path.glob("*.pem")} == keys
    assert set(keys) == {"ca.pem", "netsuite.pem", "netsuite_ec.pem", "salesforce.pem"}
    assert {name: value for name, value in after.items() if name != "HTTPS_PROXY"} == {
        name: value for name, value in before.items() if name != "HTTPS_PROXY"
    }


def test_a_spoilt_key_is_named(tmp_path: Path) -> None:
    """A file that holds no key is told of in one sentence, and left as it is."""
    (tmp_path / "netsuite.pem").write_text("nonsense")
    process = start("--home", str(tmp_path), "--disorder", "none", *SMALL)

    output, complaint = process.communicate(timeout=30)

    file = tmp_path / "netsuite.pem"
    sentence = f"{file} holds no key of the sandbox's: remove it.\n"
    assert (process.returncode, output, complaint) == (2, "", sentence)
    assert file.read_text() == "nonsense"
