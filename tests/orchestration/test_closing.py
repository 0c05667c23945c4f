"""The closing table counts each planted mistake once, from the outside."""

from orchestration.closing import Row, close

PLANTED = [
    {"kind": "sku_mismatch", "record_key": "salesforce:product2:1"},
    {"kind": "sku_mismatch", "record_key": "salesforce:product2:2"},
    {"kind": "sku_mismatch", "record_key": "salesforce:product2:3"},
    {"kind": "late_usage", "record_key": "stripe:invoice:1"},
]


def keys(kind: str, *numbers: int) -> list[tuple[str, str]]:
    """Name records of one kind."""
    place = {"sku_mismatch": "salesforce:product2", "late_usage": "stripe:invoice"}
    return [(kind, f"{place[kind]}:{number}") for number in numbers]


def test_each_planted_mistake_is_repaired_waiting_or_missed() -> None:
    """Gone after the push is repaired; still there with an open item is waiting."""
    closing = close(
        PLANTED,
        found=keys("sku_mismatch", 1, 2) + keys("late_usage", 1),
        remaining=keys("sku_mismatch", 2) + keys("late_usage", 1),
        waiting=keys("sku_mismatch", 2),
    )

    assert closing.rows == (
        Row("late_usage", planted=1, found=1, repaired=0, waiting=0),
        Row("sku_mismatch", planted=3, found=2, repaired=1, waiting=1),
    )
    assert [row.missed for row in closing.rows] == [1, 1]
    assert closing.missed == 2


def test_a_mistake_that_was_never_found_is_missed_not_repaired() -> None:
    """A break that no check saw is absent afterwards too: that is no repair."""
    closing = close(PLANTED, found=[], remaining=[], waiting=[])

    assert closing.missed == len(PLANTED)


def test_what_was_found_but_not_planted_is_told() -> None:
    """A check that cries wolf shows up by record."""
    closing = close(PLANTED[:1], keys("sku_mismatch", 1, 9), [], [])

    assert closing.not_planted == ("sku_mismatch salesforce:product2:9",)
