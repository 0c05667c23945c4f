"""Entity: what is resolved, and all that is its own: the rest is the same for each.

A level of a comparison is a number: the higher, the more alike; -1 says that one side
tells nothing. The model says how much each level weighs.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

UNKNOWN = -1  # Splink's number for a comparison in which one side is empty

Features = Callable[[str, Iterable[str], Iterable[str]], str]
Vocabulary = Callable[[duckdb.DuckDBPyConnection], tuple[list[str], list[str]]]


def nothing_is_common(
    _connection: duckdb.DuckDBPyConnection,
) -> tuple[list[str], list[str]]:
    """Return no words and no domains."""
    return [], []


@dataclass(frozen=True, slots=True)
class Comparison:
    """One feature of two records, compared.

    `levels` are conditions on columns with `_l` and `_r` behind them, the most alike
    first, each with the words for it; below them all stands `otherwise`.
    """

    name: str
    unknown: str
    levels: tuple[tuple[str, str], ...]
    otherwise: str

    @property
    def words(self) -> dict[int, str]:
        """Return each level's number and what it says."""
        highest = len(self.levels)
        told = {highest - at: words for at, (_, words) in enumerate(self.levels)}
        return {**told, 0: self.otherwise, UNKNOWN: "not told by both"}


@dataclass(frozen=True, slots=True)
class Rules:
    """What resolution looks at: SQL over the columns of a record, or of a pair.

    Attributes:
        columns: the features that the others are made of.
        kind: of which one customer (and so on) has one live record: its system.
        scope, value: two values in one scope show that two records are two.
        proof: what only one can have; empty if there is nothing of the sort.
        telling: a reference is mistaken if all of these are different.
        named, placed: of a record, what shows a name of its own, and where it sits.
        parent: the key of the record above it.
        is_strong: of a pair, whether they are one though one system has both.
    """

    columns: tuple[str, ...]
    kind: str
    scope: str
    value: str
    proof: str
    telling: tuple[str, ...]
    named: str
    placed: str
    parent: str
    is_strong: str


@dataclass(frozen=True, slots=True)
class Entity:
    """One of the things that many systems have and that we know by one id.

    Attributes:
        name: as `customers`; also of its model's file and of its folder of sources.
        prefix: of its tables.
        written: the columns of every source; their hash tells what changed.
        belongs_to: the column of `written` that names a customer's record, if any;
            `customer_id` then has that customer's golden id.
        begins: the records that found ids before all others do, as `system:object:`.
        features: SQL of records with their features, given words and domains that say
            little; `feature_names` are their columns.
        compared: the columns, besides the key, that two records are compared by.
        comparisons: in which ways two records may agree.
        blocking: records that share one of these meet; all others never do.
        rules: what they look at.
        shown: the columns that are shown of a record.
        vocabulary: learns the words and domains that say little.
        has_parents: whether there are some above others.
        link_weight: the bits from which a first model links; people may choose others.
    """

    name: str
    prefix: str
    written: tuple[str, ...]
    belongs_to: str | None
    begins: str
    features: Features
    feature_names: tuple[str, ...]
    compared: tuple[str, ...]
    comparisons: tuple[Comparison, ...]
    blocking: tuple[tuple[str, ...], ...]
    rules: Rules
    shown: tuple[str, ...]
    vocabulary: Vocabulary = nothing_is_common
    has_parents: bool = False
    link_weight: float = 6.0

    @property
    def comparison_names(self) -> tuple[str, ...]:
        """Return the names of the comparisons: columns of `pairs`."""
        return tuple(each.name for each in self.comparisons)

    @property
    def levels(self) -> Mapping[str, Mapping[int, str]]:
        """Return what each level of each comparison says."""
        return {each.name: each.words for each in self.comparisons}

    def settings(self, prior: float) -> dict[str, Any]:
        """Return what Splink takes, untrained; `prior` is the chance of any two."""
        return {
            "link_type": "dedupe_only",
            "unique_id_column_name": "record_key",
            "probability_two_random_records_match": prior,
            "blocking_rules_to_generate_predictions": [
                {"blocking_rule": " and ".join(f"l.{name} = r.{name}" for name in rule)}
                for rule in self.blocking
            ],
            "comparisons": [_for_splink(each) for each in self.comparisons],
            "retain_intermediate_calculation_columns": False,
            # Without them Splink leaves the levels out.
            "retain_matching_columns": True,
        }


def unknown(*columns: str) -> str:
    """Return the condition that one side tells nothing of one of the columns."""
    return " or ".join(f"{name}_l is null or {name}_r is null" for name in columns)


def alike(column: str, least: float) -> str:
    """Return the condition that two texts are almost the same."""
    return f"jaro_winkler_similarity({column}_l, {column}_r) >= {least}"


def _for_splink(comparison: Comparison) -> dict[str, Any]:
    """Return a comparison as Splink's dictionary; it numbers the levels as we do."""
    told = [
        {"sql_condition": condition, "label_for_charts": words}
        for condition, words in comparison.levels
    ]
    missing = {
        "sql_condition": comparison.unknown,
        "label_for_charts": "unknown",
        "is_null_level": True,
    }
    rest = {"sql_condition": "ELSE", "label_for_charts": comparison.otherwise}
    return {
        "output_column_name": comparison.name,
        "comparison_levels": [missing, *told, rest],
    }
