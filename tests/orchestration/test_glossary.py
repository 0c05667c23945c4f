"""The glossary is the semantic layer's own words."""

from pathlib import Path

from typer.testing import CliRunner

from orchestration.build import manifest_path
from orchestration.cli import app
from orchestration.glossary import metrics

PAGE = Path(__file__).parents[2] / "docs" / "metrics.md"


def said(*words: str) -> str:
    """Run the command and return what it printed."""
    result = CliRunner().invoke(app, ["metrics", *words], env={"COLUMNS": "200"})
    assert result.exit_code == 0, result.output
    return result.output


def test_the_page_is_what_the_command_writes() -> None:
    """Nobody keeps a second list of definitions by hand."""
    assert PAGE.read_text(encoding="utf-8") == said("--markdown")


def test_every_metric_says_what_it_means_in_which_unit() -> None:
    """A definition is a sentence of its own, and no two metrics share one."""
    found = metrics(manifest_path())

    assert len(found) > 50
    assert [each.name for each in found if not each.definition.endswith(".")] == []
    assert [each.name for each in found if each.label == each.name] == []
    assert len({each.definition for each in found}) == len(found)


def test_the_terminal_shows_each_metric() -> None:
    """Who does not know a number's name finds it in one list."""
    shown = said()

    assert "US cents" in shown
    assert [
        each.name for each in metrics(manifest_path()) if each.name not in shown
    ] == []
