"""Of every load is told what came of it, and no word of it is a secret."""

import logging
from typing import Any

import pytest

from sandbox.wire import dump
from tests.conformance.account import Account
from tests.conformance.wire import Answer


def test_the_control_totals_add_up(account: Account) -> None:
    """What the vendor gave is loaded, came twice, or is in quarantine."""
    totals = {one.stream: one for one in account.totals()}

    assert totals.keys() == {stream.name for stream in account.system.streams}
    for name, (rows,) in account.counted("count(*)").items():
        one = totals[name]
        assert one.read == one.loaded + one.duplicates + one.quarantined
        assert (one.loaded, one.changed) == (rows, rows)


def test_the_control_totals_tell_of_quarantine(account: Account) -> None:
    """A record that is set aside is counted, and so is one that came twice."""
    source = account.source
    bad = account.ids()[0]
    account.alter_records((bad, {source.text: {"not": "a text"}}))

    loaded = account.read_again()

    [one] = [each for each in account.totals()[:30] if each.quarantined]
    assert (one.stream, one.quarantined) == (source.stream, 1)
    assert one.read == loaded.read == len(account.ids())
    assert one.loaded == one.read - 1


def test_no_secret_is_told(
    account: Account,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """A vendor that quotes our credential in its errors has it shown to nobody."""
    caplog.set_level(logging.DEBUG)
    secrets = [account.environ[name] for name in account.source.secrets]

    def quoting(answer: Answer) -> Answer:
        said = " ".join([answer.heard, *secrets])
        heard.add(answer.heard.split()[-1])
        return Answer(400, dump(quoted(account.source.erroneous, said)))

    heard: set[str] = set()
    account.alter(quoting)

    fault = account.fault()

    told = [str(fault), repr(fault), "\n".join(getattr(fault, "__notes__", ()))]
    told += [caplog.text, *capfd.readouterr()]
    files = [path for path in account.home.rglob("*") if path.is_file()]
    kept = [path.read_bytes() for path in files]
    assert heard
    for secret in {*secrets, *heard}:
        assert not any(secret in text for text in told)
        assert not any(secret.encode() in content for content in kept)
    assert [path for path in files if path.suffix == ".duckdb"]


def quoted(told: Any, secret: str) -> Any:
    """Return an error whose every text ends in the secret."""
    if isinstance(told, dict):
        return {name: quoted(each, secret) for name, each in told.items()}
    if isinstance(told, list):
        return [quoted(each, secret) for each in told]
    return f"{told} {secret}" if isinstance(told, str) else told
