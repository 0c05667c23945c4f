"""The catalogue of checks is the dbt project's own words."""

from pathlib import Path

from typer.testing import CliRunner

from orchestration.build import manifest_path
from orchestration.catalogue import checks
from orchestration.cli import app

PAGE = Path(__file__).parents[2] / "docs" / "reconciliation.md"


def said(*words: str) -> str:
    """Run the command and return what it printed."""
    result = CliRunner().invoke(app, ["checks", *words], env={"COLUMNS": "200"})
    assert result.exit_code == 0, result.output
    return result.output


def test_the_page_is_what_the_command_writes() -> None:
    """Nobody keeps a second list of checks by hand."""
    assert PAGE.read_text(encoding="utf-8") == said("--markdown")


def test_the_terminal_shows_each_check() -> None:
    """Who sees an identifier on a screen finds what it stands for."""
    shown = said()

    assert [
        each for each in checks(manifest_path()) if each.check_id not in shown
    ] == []
