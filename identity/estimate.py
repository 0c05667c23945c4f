"""Estimation: what each agreement says, learned from records that refer to each other.

Systems that carry another system's id label their own pairs: these are one customer.
From them come the m probabilities, from pairs of records drawn by chance the u
probabilities. Nothing is learned from what the model itself linked.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import duckdb
from splink import DuckDBAPI, Linker

from identity.entities import ENTITIES
from identity.entities.entity import Entity
from identity.model import Model, UntrainedError
from identity.records import read

# Pairs drawn by chance for u. 2,000 customers have 3 M pairs: all of them are seen.
DRAWN_PAIRS = 2e7
DRAWN_RECORDS = 6_000  # they have 18 M pairs
SEED = 1
# Fewer labelled pairs than this leave the rarer levels to chance.
LEAST_LABELLED = 500
# What a version begins with; people may choose others in the model's file.
REVIEW_WEIGHT, MARGIN = 0.0, 4.0


class TooFewError(Exception):
    """Too few records refer to each other to learn from."""


def estimate(
    connection: duckdb.DuckDBPyConnection, entity: str, on: date, source: str
) -> Model:
    """Learn a model from the records in the systems' raw tables.

    Args:
        connection: as `warehouse.opened` gives it.
        entity: what is resolved, as `customers`.
        on: the day, for the model's own record.
        source: whose records these are, for the same.

    Raises:
        TooFewError: too few records refer to each other.
        UntrainedError: a level was never seen.
    """
    learned = ENTITIES[entity]
    read(connection, learned)
    _label(connection)
    common, shared = learned.vocabulary(connection)
    connection.execute(
        "create or replace table taught as"
        f" with told as ({learned.features('labelled', common, shared)})"
        " select * from told where is_live"
    )
    counts = _counts(connection)
    if counts["labelled_pairs"] < LEAST_LABELLED:
        raise TooFewError(
            f"Only {counts['labelled_pairs']} pairs of records refer to each other and "
            f"{LEAST_LABELLED} are needed: load more systems, or keep the model that "
            "comes with Concord."
        )
    prior = counts["labelled_pairs"] / counts["pairs"]
    settings = _with_u(connection, learned, learned.settings(prior))
    splink = _with_m(connection, learned, settings)
    splink.pop("linker_uid", None)  # chance, of which nothing depends
    model = Model(
        entity=entity,
        version=1,
        link_weight=learned.link_weight,
        review_weight=REVIEW_WEIGHT,
        margin=MARGIN,
        common_words=tuple(common),
        shared_domains=tuple(shared),
        estimated={
            "on": on.isoformat(),
            "source": source,
            "seed": SEED,
            **counts,
            "blocking": _reached(connection, learned),
        },
        splink=splink,
    )
    model.weights()
    return model


def another_version(model: Model, before: Model | None) -> Model:
    """Return the model as the version that follows, with the limits people chose."""
    if before is None:
        return model
    return replace(
        model,
        version=before.version + 1,
        link_weight=before.link_weight,
        review_weight=before.review_weight,
        margin=before.margin,
    )


def _label(connection: duckdb.DuckDBPyConnection) -> None:
    """Write the records to `labelled`, with a label for those that refer to others.

    A label is the key that a record has or refers to, followed to its end: NetSuite
    names Stripe's customer, and that one Salesforce's account.
    """
    connection.execute(
        """
        create or replace table labelled as
        with
            directly as (
                select record_key, reference_keys[1] as known_key from read
            ),
            followed as (
                select
                    directly.record_key,
                    coalesce(
                        further.known_key, directly.known_key, directly.record_key
                    ) as label
                from directly
                left join directly as further
                    on further.record_key = directly.known_key
            )
        select read.*, label from read join followed using (record_key)
        """
    )


def _counts(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    ((records, labels, pairs),) = connection.execute(
        """
        with sizes as (select label, count(*) as size from taught group by label)
        select sum(size), count(*), sum(size * (size - 1) / 2) from sizes
        """
    ).fetchall()
    total = int(records or 0)
    return {
        "records": total,
        "labels": int(labels),
        "labelled_pairs": int(pairs or 0),
        "pairs": total * (total - 1) // 2,
    }


def _reached(
    connection: duckdb.DuckDBPyConnection, entity: Entity
) -> dict[str, dict[str, int]]:
    """Measure the blocking rules: the pairs that each makes, and the labelled ones.

    A labelled pair that no rule makes is never compared: see `any`.
    """
    told: dict[str, dict[str, int]] = {}
    rules = {
        " and ".join(
            rule
        ): "select l.record_key as left_key, r.record_key as right_key,"
        " l.label = r.label as is_labelled from taught as l join taught as r"
        f" using ({', '.join(rule)}) where l.record_key < r.record_key"
        for rule in entity.blocking
    }
    rules["any"] = " union ".join(rules.values())
    for name, sql in rules.items():
        ((pairs, labelled),) = connection.execute(
            f"select count(*), count(*) filter (is_labelled) from ({sql})"
        ).fetchall()
        told[name] = {"pairs": pairs, "labelled": labelled}
    return told


def _with_u(
    connection: duckdb.DuckDBPyConnection,
    entity: Entity,
    settings: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the settings with u, from pairs of records of different labels.

    One record stands for each label, so that the pairs are of two customers: drawn from
    all records, one pair in two thousand would be of one.
    """
    connection.execute(
        "create or replace table drawn as from taught"
        " qualify row_number() over (partition by label order by hash(record_key)) = 1"
        f" order by hash(label) limit {DRAWN_RECORDS}"
    )
    linker = _linker(connection, "drawn", settings)
    linker.training.estimate_u_using_random_sampling(
        max_pairs=DRAWN_PAIRS, seed=SEED, min_count_per_level=None, num_chunks=1
    )
    learned = dict(linker.misc.save_model_to_json())
    told = _told(connection, entity, "drawn", "l.record_key < r.record_key")
    return _with_unseen(learned, "u_probability", told)


def _with_m(
    connection: duckdb.DuckDBPyConnection,
    entity: Entity,
    settings: Mapping[str, Any],
) -> dict[str, Any]:
    linker = _linker(connection, "taught", settings)
    linker.training.estimate_m_from_label_column("label")
    learned = dict(linker.misc.save_model_to_json())
    same = "l.label = r.label and l.record_key < r.record_key"
    told = _told(connection, entity, "taught", same)
    return _with_unseen(learned, "m_probability", told)


def _told(
    connection: duckdb.DuckDBPyConnection, entity: Entity, table: str, condition: str
) -> dict[str, int]:
    """Count the pairs of which both sides tell something, for each comparison."""
    told = ", ".join(
        f"count(*) filter (not ({_sided(each.unknown)}))" for each in entity.comparisons
    )
    ((*counts,),) = connection.execute(
        f"select {told} from {table} as l join {table} as r on {condition}"
    ).fetchall()
    return dict(zip(entity.comparison_names, counts, strict=True))


def _sided(condition: str) -> str:
    """Return a condition of Splink's with its columns taken from `l` and `r`."""
    return re.sub(r"(\w+)_([lr])\b", r"\2.\1", condition)


def _with_unseen(
    settings: dict[str, Any], name: str, told: Mapping[str, int]
) -> dict[str, Any]:
    """Give what was never seen the chance that it has after so many pairs without it.

    Of n pairs none had it: then it is one in n + 2 (Laplace's rule of succession). A
    zero would outweigh all other evidence for good.

    Raises:
        UntrainedError: no pair tells anything of a comparison.
    """
    for comparison in settings["comparisons"]:
        pairs = told[comparison["output_column_name"]]
        if not pairs:
            raise UntrainedError(
                f"No pair of records tells of {comparison['output_column_name']!r} on "
                "both sides: load the systems that have it, or keep the model that "
                "comes with Concord."
            )
        for level in comparison["comparison_levels"]:
            if not level.get("is_null_level") and not level.get(name):
                level[name] = 1 / (pairs + 2)
    return settings


def _linker(
    connection: duckdb.DuckDBPyConnection, table: str, settings: Mapping[str, Any]
) -> Linker:
    database = DuckDBAPI(connection)
    return Linker(database.register(table), dict(settings), log_level=None)
