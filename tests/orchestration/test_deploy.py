"""Deploy: what runs Concord elsewhere opens nothing, and tells nobody too much."""

import os
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

from orchestration.home import ROOT, Home
from orchestration.loop import POSTGRES, write_settings

DEPLOY = ROOT / "orchestration" / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
URL = "postgresql+psycopg2://dagster:word@127.0.0.1:5432/dagster"


@pytest.mark.parametrize("environ", [{}, {POSTGRES: URL}], ids=["files", "postgres"])
def test_dagster_keeps_its_history_where_the_setting_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]
) -> None:
    """Files of the home, or PostgreSQL; the password is in no file either way."""
    monkeypatch.setenv(POSTGRES, "")
    home = Home(tmp_path, "prod", environ)

    write_settings(home)

    written = (home.dagster / "dagster.yaml").read_text(encoding="utf-8")
    settings = yaml.safe_load(written)
    place = {"postgres": {"postgres_url": {"env": POSTGRES}}}
    assert settings.get("storage") == (place if environ else None)
    assert settings["concurrency"]["pools"]["default_limit"] == 1
    assert os.environ[POSTGRES] == environ.get(POSTGRES, "")
    assert "word" not in written


def test_every_port_is_on_loopback() -> None:
    """Who comes from outside comes through the proxy that signs people in."""
    ports = [
        port
        for service in COMPOSE["services"].values()
        for port in service.get("ports", ())
    ]

    assert len(ports) == 3
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_dagsters_ui_is_reached_through_the_sign_in_alone() -> None:
    """The UI itself has no port; the proxy in front lets in the named groups only.

    Nothing that it needs has a default: without it, nothing starts.
    """
    proxy = COMPOSE["services"]["sign-in"]
    settings = proxy["environment"]
    needed = {
        name
        for name, value in settings.items()
        if str(value).startswith("${") and ":?" in value
    }

    assert "ports" not in COMPOSE["services"]["webserver"]
    assert proxy["ports"] == ["127.0.0.1:3000:4180"]
    assert settings["OAUTH2_PROXY_HTTP_ADDRESS"].endswith(":4180")
    assert settings["OAUTH2_PROXY_UPSTREAMS"] == "http://webserver:3000"
    assert "env_file" not in proxy
    assert needed == {
        f"OAUTH2_PROXY_{name}"
        for name in (
            *("ALLOWED_GROUPS", "CLIENT_ID", "CLIENT_SECRET", "COOKIE_SECRET"),
            *("OIDC_ISSUER_URL", "REDIRECT_URL"),
        )
    }
    assert not any("skip_auth" in name.lower() for name in settings)


def test_the_dashboard_is_given_no_credential() -> None:
    """It reads the published copy: no setting of a system reaches it."""
    dashboard = COMPOSE["services"]["dashboard"]

    assert COMPOSE["services"]["daemon"]["env_file"] == "../../.env"
    assert not dashboard["env_file"]
    assert not dashboard["environment"]


def test_units_open_nothing_and_start_what_is_there() -> None:
    """Loopback alone, no rights to gain, and runs that died are ended first."""
    units = {file.stem: file.read_text("utf-8") for file in UNITS}
    started = {
        name: line.removeprefix("ExecStart=/srv/concord/.venv/bin/").split()
        for name, text in units.items()
        for line in text.splitlines()
        if line.startswith("ExecStart=")
    }

    assert set(started) == {
        f"concord-{name}" for name in ("daemon", "dashboard", "receiver", "webserver")
    }
    assert all("NoNewPrivileges=true" in text for text in units.values())
    assert (
        "ExecStartPre=/srv/concord/.venv/bin/concord orphans" in units["concord-daemon"]
    )
    for words in started.values():
        hosts = [
            words[place + 1]
            for place, word in enumerate(words)
            if word in {"--host", "--server.address"}
        ]
        assert hosts in ([], ["127.0.0.1"])


@pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="no systemd: apt install systemd"
)
@pytest.mark.parametrize("file", UNITS, ids=lambda file: file.stem)
def test_systemd_understands_each_unit(file: Path) -> None:
    """Its own checker finds no word that it would ignore."""
    said = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(file)],
        capture_output=True,
        text=True,
        check=False,
    ).stderr

    complaints = [
        line
        for line in said.splitlines()
        if file.name in line and "is not executable" not in line
    ]
    assert complaints == []


def test_what_is_started_is_there() -> None:
    """Modules and files that the image and its services name exist."""
    named = {
        command[place + 1]
        for service in COMPOSE["services"].values()
        for command in [service.get("command", [])]
        for place, word in enumerate(command)
        if word in {"-m", "--module-name"}
    }

    daemon = COMPOSE["services"]["daemon"]["command"][-1]
    assert daemon.startswith("concord orphans && exec dagster-daemon")
    assert named == {"dashboard", "orchestration.definitions"}
    assert all(find_spec(module) for module in named)
    assert find_spec("dashboard.__main__")
    assert (DEPLOY / "postgres.yaml").is_file()
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert {".env", ".concord", ".git"} <= set(ignored)
