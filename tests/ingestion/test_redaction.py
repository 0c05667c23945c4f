"""Secrets stay inside: a load with canaries, under faults, leaves none anywhere."""

import base64
import logging
import pickle
import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ingestion.errors import SystemFault
from ingestion.load import Place, load
from ingestion.systems import connected
from ingestion.transport.redaction import Secret, redacted, secret
from sandbox.clock import Clock
from sandbox.credentials import Credentials
from sandbox.vendors import VENDORS
from sandbox.world import World
from tests.sandbox.doors import Doors, opened

CANARIES = {
    "salesforce_client_secret": "canary-salesforce-client-secret",
    "stripe_api_key": "sk_test_canary_stripe_key",
    "zendesk_api_token": "canary+zendesk/token=",
    "netsuite_client_id": "canary-netsuite-client",
}
# What is wrong with every vendor in turn.
FAULTS = [
    [],
    [{"kind": "lost_response", "times": 2}],
    [{"kind": "lost_request", "times": 100}],
    [{"kind": "expired_tokens", "times": 2, "skip": 1}],
    [{"kind": "truncated_body", "times": 100}],
    [{"kind": "status", "status": 401, "times": 100}],
    [{"kind": "status", "status": 500, "times": 100}],
]


@pytest.fixture(scope="module")
def doors(world: World, keys: Credentials) -> Iterator[Doors]:
    """A sandbox whose keys are canaries."""
    canaries = replace(keys, **CANARIES)
    only = [each.name for each in VENDORS]
    with opened(world, canaries, Clock(), only=only) as served:
        plenty = {"zendesk": {"export_calls_per_minute": 1000}}
        served.control("conditions", plenty)
        yield served


def forms(value: str) -> set[bytes]:
    """Return how a secret may be written."""
    encoded = value.encode()
    return {
        encoded,
        base64.b64encode(encoded),
        value.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D").encode(),
    }


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not rest between attempts."""
    monkeypatch.setattr("ingestion.transport.rest._FIRST_WAIT_SECONDS", 0.001)


@pytest.mark.parametrize("name", ["salesforce", "stripe", "zendesk", "netsuite"])
def test_a_load_under_faults_leaves_no_secret_anywhere(
    name: str,
    doors: Doors,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """No file below the home, no log at its loudest, no output and no exception."""
    caplog.set_level(logging.DEBUG)
    home = tmp_path / "home"
    home.mkdir()
    environ = dict(doors.environment)
    texts: list[str] = []
    outcomes = []

    for faults in FAULTS:
        doors.control("faults", [{"system": name, **fault} for fault in faults])
        try:
            load(
                Place(home / "warehouse.duckdb", home, home / "operations.sqlite"),
                environ,
                [name],
            ).insist()
            outcomes.append(True)
        except SystemFault as fault:
            outcomes.append(False)
            pickled = pickle.dumps(fault).decode("latin-1")
            texts += [
                str(fault),
                repr(fault),
                pickled,
                *traceback.format_exception(fault),
            ]

    captured = capfd.readouterr()
    texts += [captured.out, captured.err, caplog.text]
    written = "\n".join(texts).encode("utf-8", "replace")
    files = [file.read_bytes() for file in home.rglob("*") if file.is_file()]
    for value in CANARIES.values():
        for form in forms(value):
            assert form not in written
            assert not any(form in content for content in files)
    assert outcomes[:2] == [True, True]
    assert outcomes.count(False) >= 3
    assert files


def test_the_tokens_of_a_session_are_no_more_shown_than_the_keys(
    doors: Doors,
) -> None:
    """The credentials and clients of all systems show themselves without a secret."""
    doors.control("faults", [])
    for one in connected(doors.environment):
        with one.connect(doors.environment) as rest:
            headers = rest._auth.headers(rest._client)
            shown = f"{rest!r} {rest._auth!r} {headers!r} {vars(rest)!r}"

        value = headers["Authorization"].partition(" ")[2]
        assert value not in shown
        assert redacted(f"they said {value}!") == "they said [secret]!"
        assert not any(canary in shown for canary in CANARIES.values())


def test_a_secret_is_found_in_every_form_and_short_words_are_left() -> None:
    """Encoded for a header or an address it is the same secret."""
    value = secret("pass word/with+signs")
    pair = base64.b64encode(value.encode()).decode()

    said = redacted(
        f"{value} {pair} pass%20word%2Fwith%2Bsigns pass+word%2Fwith%2Bsigns"
    )

    assert said == "[secret] [secret] [secret] [secret]"
    assert secret("wrong") == "wrong"
    assert redacted("the wrong key") == "the wrong key"


def test_a_fault_is_cleaned_when_it_is_shown() -> None:
    """Whoever made it, and whatever the vendor quoted."""
    secret("canary-in-a-fault")

    fault = SystemFault("vendor", "no such key: canary-in-a-fault", field="x")

    assert "canary" not in str(fault)
    assert "canary" not in repr(fault)
    assert "canary" not in repr(Secret("canary"))
