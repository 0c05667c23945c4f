"""Alerts: what is wrong reaches people once, with the next step, and once when over."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_string, policy
from pathlib import Path

import dagster as dg
import pytest
from typer.testing import CliRunner

from ingestion.errors import Refused
from ingestion.systems import SYSTEMS
from operations.exceptions import Break, sync
from operations.store import Store, text
from orchestration import channels
from orchestration.alerts import Alert, notices, remembered, wrong
from orchestration.cli import app
from orchestration.defs import alerts as defs
from orchestration.defs.alerts import alerts, failed
from orchestration.defs.resources import Workplace
from orchestration.home import Home, open_home
from orchestration.loop import instance
from tests.orchestration.receivers import Receiver, mail, web

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home in which nothing has happened, whose only connected system is Stripe."""
    for name in (*channels.SETTINGS, *(key for one in SYSTEMS for key in one.required)):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CONCORD_HOME", str(tmp_path))
    monkeypatch.setenv("CONCORD_ENV", "demo")
    monkeypatch.setenv("STRIPE_API_KEY", "rk_test_1")
    return open_home()


@pytest.fixture
def slack(home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A receiver of Slack's messages, which the home's settings name."""
    del home
    with web() as receiver:
        url = f"http://127.0.0.1:{receiver.port}/services/T0/B0/secret-word"
        monkeypatch.setenv(channels.SLACK, url)
        yield receiver


def broken(number: int, severity: str = "S1", hours: int | None = None) -> Break:
    """Return a break whose sentence names a customer."""
    return Break(
        fingerprint=f"B03:{number}",
        kind="B03",
        subject="Ridge Capital GmbH was not invoiced",
        severity=severity,
        owner="billing",
        record_key=f"stripe:invoice:in_{number}",
        difference_minor=5,
        currency="USD",
        hours=hours,
    )


def report(home: Home, *found: Break, at: datetime = NOON) -> None:
    """Let the reconciliation find this, and nothing else."""
    with Store(home.operations) as store:
        sync(store, found, at)


def looked(dagster: dg.DagsterInstance, cursor: str | None = None) -> str:
    """Evaluate the sensor once; return its cursor."""
    context = dg.build_sensor_context(
        instance=dagster, cursor=cursor, resources={"workplace": Workplace()}
    )
    list(alerts(context))  # type: ignore[call-overload]
    return context.cursor or ""


def test_a_grave_break_is_told_once_and_again_when_it_is_over(
    home: Home, slack: Receiver
) -> None:
    """Several of one check are one message; lesser ones wait in the inbox."""
    report(home, broken(1), broken(2), broken(3, "S2"))
    with instance(home) as dagster:
        cursor = looked(dagster)
        cursor = looked(dagster, cursor)
        report(home, broken(1), broken(2), broken(4))
        cursor = looked(dagster, cursor)
        report(home)
        looked(dagster, cursor)

    first, second, over = slack.texts
    assert first.splitlines() == [
        "✕ S1 break of B03, billing (2)",
        "  stripe:invoice:in_1",
        "  stripe:invoice:in_2",
        "Next: decide or repair it: `concord inbox` shows both sides and the repair",
        "Page: http://127.0.0.1:8501/inbox",
        "Runbook: docs/runbook.md#a-grave-break-opened",
    ]
    assert "in_4" in second
    assert "in_1" not in second
    assert over == "✓ Over S1 break of B03, billing (3)"
    assert "Ridge" not in "".join(slack.texts)


def test_what_a_channel_did_not_take_is_told_later_and_to_it_alone(
    home: Home, slack: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are not told twice because one was away."""
    report(home, broken(1))
    with web() as hook, instance(home) as dagster:
        url = f"http://127.0.0.1:{hook.port}/"
        monkeypatch.setenv(channels.WEBHOOK, url)
        hook.status = 404
        cursor = looked(dagster)
        hook.status = 200
        looked(dagster, cursor)

    assert len(slack.taken) == 1
    (said,) = hook.documents
    assert said["data"]["topic"] == "break:B03"


def test_each_term_that_is_over_is_told_to_the_next_one(home: Home) -> None:
    """Its owner, then the Controller; in between nothing is repeated."""
    report(home, broken(1, hours=4))
    whom = []
    said: dict[str, tuple[str, str, int]] = {}

    for hours in (1, 5, 6, 9):
        at = NOON + timedelta(hours=hours)
        report(home, broken(1, hours=4), at=at)
        now = [each for each in wrong(home, at) if each.topic.startswith("late")]
        whom.append([each.headline for each in notices(now, said, "") if each.about])
        said = remembered(now)

    late = "S1 break of B03 is past its time, for"
    assert whom == [[], [f"{late} billing"], [], [f"{late} Controller"]]


def test_a_source_that_is_not_loaded_is_told_of(home: Home) -> None:
    """After six hours; a system that is not connected is not missed."""
    with Store(home.operations) as store, store.transaction() as connection:
        for system in ("stripe", "zendesk"):
            connection.execute(
                "insert into control_totals (at, system, stream, is_partial, read,"
                " loaded, duplicates, quarantined, changed, deleted, load_id)"
                " values (?, ?, 'customers', 0, 1, 1, 0, 0, 1, 0, '1')",
                [text(NOON), system],
            )

    found = [wrong(home, NOON + timedelta(hours=each)) for each in (6, 7)]

    assert found[0] == []
    (alert,) = found[1]
    assert alert.headline == "stripe was not loaded for 7 hours"


def run(dagster: dg.DagsterInstance, *, error: Exception | None, step: str) -> None:
    """Run a job of that name with one step, which may fail."""

    @dg.op(name=step)
    def only() -> None:
        if error is not None:
            raise error

    @dg.job(name="close_loop")
    def close_loop() -> None:
        only()

    close_loop.execute_in_process(instance=dagster, raise_on_error=False)


def test_a_failed_run_and_a_connector_are_told_apart_until_they_work(
    home: Home,
) -> None:
    """Of a system that is away the sentence is its own; the next good run ends it."""
    away = Refused("stripe", "refused the credential", "renew it in .env")
    with instance(home) as dagster:
        run(dagster, error=away, step="raw_stripe")
        down = failed(home, dagster)
        run(dagster, error=ValueError("a & b"), step="transform")
        both = failed(home, dagster)
        run(dagster, error=None, step="raw_stripe")
        after = failed(home, dagster)

    assert [each.headline for each in down] == ["stripe could not be loaded"]
    assert "refused the credential; renew it in .env." in down[0].about
    assert {each.topic for each in both} == {"run:close_loop", "connector:stripe"}
    (last,) = (each for each in both if each.topic == "run:close_loop")
    assert last.about == "transform: ValueError: a & b"
    assert last.page.startswith("http://127.0.0.1:3000/runs/")
    assert after == []


NOTICE = notices(
    [
        Alert(
            "f", "t", "<b> & \r\nBcc: x@example.com", "about", "next", "page", "section"
        )
    ],
    {},
    "runbook",
)[0]


def test_words_from_outside_are_no_markup_and_no_header(home: Home) -> None:
    """Slack gets them escaped; a line break in a headline adds no header to a mail."""
    del home
    with web() as slack, mail() as post:
        environ = {
            channels.SLACK: f"http://127.0.0.1:{slack.port}/x",
            channels.SMTP: f"smtp://127.0.0.1:{post.port}",
            channels.MAIL_FROM: "concord@example.com",
            channels.MAIL_TO: "anna@example.com",
        }
        for way in channels.channels(environ):
            way.send(NOTICE, NOON)

    (said,) = slack.texts
    assert "&lt;b&gt; &amp;" in said
    (sent,) = post.mails
    message = message_from_string(sent, policy=policy.default)
    assert message["Subject"] == "Concord: <b> & Bcc: x@example.com"
    assert message["Bcc"] is None
    assert "Runbook: runbook#section" in message.get_content()


def test_a_webhook_is_signed_as_the_standard_says(home: Home) -> None:
    """Recomputed from what arrived, by the rule of standardwebhooks.com."""
    del home
    key = base64.b64encode(b"a key of twenty-four byt").decode()
    with web() as hook:
        environ = {
            channels.WEBHOOK: f"http://127.0.0.1:{hook.port}/in?a=1",
            channels.WEBHOOK_SECRET: f"whsec_{key}",
        }
        (way,) = channels.channels(environ)
        way.send(NOTICE, NOON)

    ((headers, body),) = hook.taken
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = hmac.new(base64.b64decode(key), signed, hashlib.sha256).digest()
    expected = f"v1,{base64.b64encode(digest).decode()}"
    assert headers["webhook-signature"] == expected
    assert json.loads(body)["type"] == "alert.opened"


@pytest.mark.parametrize("status", [400, 404, 503])
def test_a_refusal_is_a_sentence_without_the_address(
    home: Home, slack: Receiver, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever reads the log could write to the channel otherwise."""
    monkeypatch.setattr("ingestion.transport.rest._FIRST_WAIT_SECONDS", 0.001)
    slack.status = status

    result = CliRunner().invoke(app, ["doctor", "--alert", "--json"])

    (found,) = json.loads(result.output)
    assert (result.exit_code, found["finding"]) == (1, "bad")
    assert str(status) in found["detail"]
    assert "secret-word" not in result.output
    assert home.name == "demo"


def test_doctor_tries_whether_messages_arrive(home: Home, slack: Receiver) -> None:
    """And says so; nothing else is looked at."""
    result = CliRunner().invoke(app, ["doctor", "--alert"])

    assert result.exit_code == 0
    (said,) = slack.texts
    assert f"Concord ({home.name}) tries whether its alerts arrive" in said


def test_half_a_setting_is_named(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mail without a recipient would be sent to nobody, silently."""
    monkeypatch.setenv(channels.SMTP, "smtp://127.0.0.1:25")
    settings = replace(home, environ=dict(open_home().environ))

    with pytest.raises(channels.NotSentError, match=channels.MAIL_TO):
        channels.channels(settings.environ)


def test_every_alert_has_its_section_in_the_runbook() -> None:
    """What a message leads to is there."""
    root = Path(__file__).parents[2]
    headings = {
        line.strip("# \n").lower().replace(" ", "-")
        for line in (root / "docs" / "runbook.md").read_text("utf-8").splitlines()
        if line.startswith("#")
    }
    named = {
        word
        for module in (root / "orchestration" / "alerts.py", Path(defs.__file__))
        for word in module.read_text("utf-8").split('"')
        if word.startswith("a-")
    }

    assert named
    assert named <= headings
