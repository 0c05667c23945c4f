"""The score counts what was planted, found, missed and invented."""

from dataclasses import replace

from sandbox.disorder.scene import Planted
from tests.evaluation.score import Break, Mistake, score

KNOWN = ("B05", "C02", "M02", "M02R")


def mistake(
    check_id: str, key: str, *also: str, customer: str | None = None
) -> Mistake:
    """Return a mistake that its check or one more may find."""
    return Mistake(
        f"{check_id} at {key}",
        check_id,
        frozenset({check_id, *also}),
        frozenset({key}),
        customer,
    )


def test_a_break_at_the_planted_record_is_found() -> None:
    """Found by record, or by customer where another system's record is named."""
    found = score(
        KNOWN,
        [mistake("C02", "netsuite:payment:1", customer="k1"), mistake("B05", "x:y:2")],
        [Break("C02", "stripe:payment:1", "a", "k1"), Break("B05", "x:y:2", "b")],
    )

    assert (found.recall, found.attributed) == (100.0, 100.0)


def test_another_check_does_not_find_it() -> None:
    """What only its consequence says is missed, and the consequence is no invention."""
    found = score(
        KNOWN,
        [mistake("C02", "x:y:1", "B05", customer="k1")],
        [Break("B05", "x:y:9", "a", "k1")],
    )

    lines = {line.check_id: line for line in found.lines}
    assert (lines["C02"].found, lines["C02"].missed) == (0, ("C02 at x:y:1",))
    assert lines["B05"].false == 0


def test_what_nobody_planted_is_false() -> None:
    """An invented break lowers the share that is attributed."""
    found = score(KNOWN, [], [Break("B05", "x:y:1", "invented", "k1")])

    assert found.attributed == 0.0
    assert next(each for each in found.lines if each.check_id == "B05").examples == (
        "invented",
    )


def test_what_another_check_explains_is_found_and_nothing_more() -> None:
    """It says its mistake; where nobody planted one it invents nothing."""
    found = score(
        KNOWN,
        [mistake("C02", "x:y:1")],
        [
            Break("C02", "x:y:1", "a", is_explained=True),
            Break("B05", "x:y:9", "b", is_explained=True),
        ],
    )

    assert (found.recall, found.attributed, found.breaks) == (100.0, 100.0, 0)


def test_a_question_counts_as_its_check() -> None:
    """M02R asks a person what M02 could not say alone."""
    found = score(KNOWN, [mistake("M02", "x:y:1")], [Break("M02R", "x:y:1", "a")])

    assert (found.recall, found.attributed) == (100.0, 100.0)


def test_a_mistake_without_a_check_is_named() -> None:
    """Nobody takes a missing check for a check that found all."""
    found = score(KNOWN, [mistake("Z99", "x:y:1")], [])

    assert found.unchecked == {"Z99": 1}


def test_a_settled_mistake_is_neither_found_nor_missed() -> None:
    """Where resolution gave the record to its owner no check has anything to say."""
    lost = Planted("x", "stripe", "customer", "c1", "link", "a1", None, "", "M01")
    label = replace(lost, customer="k1")
    mistakes = [
        Mistake.of(label, {"stripe:c1": "k1"}),
        Mistake.of(label, {"stripe:c1": "k2"}),
        Mistake.of(label, {}),
    ]

    found = score(("M01",), mistakes, [])

    (line,) = found.lines
    assert (line.planted, line.settled, line.found) == (3, 1, 0)
    assert line.missed == ("x", "x")
    assert found.recall == 0.0


def test_a_settled_mistake_that_is_said_is_found() -> None:
    """What a check says all the same counts as found."""
    lost = Planted("x", "stripe", "customer", "c1", "link", "a1", None, "", "M01")
    label = replace(lost, customer="k1")

    found = score(
        ("M01",),
        [Mistake.of(label, {"stripe:c1": "k1"})],
        [Break("M01", "stripe:customer:c1", "a", "k1")],
    )

    (line,) = found.lines
    assert (line.settled, line.found) == (0, 1)
