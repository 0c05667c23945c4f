"""The project keeps its own rules: grain, owners, names, one place for each fact."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ingestion.systems import SYSTEMS

PROJECT = Path(__file__).parents[2] / "transform"
LAYERS = (
    *("staging", "intermediate", "canonical"),
    *("revenue", "marts", "reconciliation"),
)
NAMES = {
    "staging": rf"stg_({'|'.join(system.name for system in SYSTEMS)}|usage|operations)"
    "__[a-z_]+",
    "intermediate": r"int_[a-z_]+__[a-z_]+",
    "canonical": r"[a-z]+(_[a-z]+)*s",
    "revenue": r"revenue_[a-z_]+",
    "marts": r"[a-z_]+",
    # A check says what it compares; what several of them read has a name of its own.
    "reconciliation": r"rec_[a-z_]+__[a-z_]+__[a-z_]+|(?!rec_)[a-z_]+",
}
CHECK_FACTS = {
    "check_id",
    "title",
    "area",
    "owner",
    "severity",
    "tolerance",
    "repair",
    "push_class",
    "population",
}


@pytest.fixture(scope="module")
def models(dbt: Any) -> dict[str, Any]:
    """Return the project's models by name."""
    return {
        node.name: node
        for node in dbt.manifest.nodes.values()
        if node.resource_type == "model"
    }


def golden_columns(node: Any) -> dict[str, Any]:
    """Return the contract of the columns that have an owner or receivers."""
    return {
        name: column.config.meta
        for name, column in node.columns.items()
        if column.config.meta
    }


def layer(node: Any) -> str:
    """Return the folder below models."""
    return str(node.fqn[1])


def checks(models: dict[str, Any]) -> dict[str, Any]:
    """Return the checks among the models."""
    return {name: node for name, node in models.items() if name.startswith("rec_")}


def test_every_model_says_its_grain_first(models: dict[str, Any]) -> None:
    """A description begins with what one row is."""
    silent = [
        name
        for name, node in models.items()
        if not node.description.strip().startswith("One row per ")
    ]

    assert silent == []


def test_folder_and_schema_are_one_word(models: dict[str, Any]) -> None:
    """Who knows the folder knows where the table is."""
    assert {layer(node) for node in models.values()} == set(LAYERS)
    assert [name for name, node in models.items() if node.schema != layer(node)] == []


def test_names_follow_the_vocabulary(models: dict[str, Any]) -> None:
    """A model's name says its layer, its system and its subject."""
    misnamed = [
        name
        for name, node in models.items()
        if not re.fullmatch(NAMES[layer(node)], name)
    ]

    assert misnamed == []


def test_every_canonical_column_is_described(models: dict[str, Any]) -> None:
    """Canonical columns have a type and a meaning, by enforced contract."""
    canonical = [node for node in models.values() if layer(node) == "canonical"]

    assert all(node.contract.enforced for node in canonical)
    assert [
        (node.name, name)
        for node in canonical
        for name, column in node.columns.items()
        if not (column.description and column.data_type)
    ] == []


def test_every_golden_field_has_an_owner_and_says_its_source(
    models: dict[str, Any],
) -> None:
    """Each value that may come from several systems stands beside where it is from."""
    unsaid = [
        (node.name, name)
        for node in models.values()
        if layer(node) == "canonical" and "golden_record" in node.raw_code
        for name, meta in golden_columns(node).items()
        if not meta.get("owner") or f"{name}_source" not in node.columns
    ]

    assert unsaid == []


def test_owners_followers_and_receivers_are_known_systems(
    models: dict[str, Any],
) -> None:
    """No field belongs to a system that nobody can load."""
    known = {system.name for system in SYSTEMS}

    named = {
        system
        for node in models.values()
        if layer(node) == "canonical"
        for meta in golden_columns(node).values()
        for system in [
            *filter(None, [meta.get("owner")]),
            *meta.get("then", []),
            *meta.get("push", {}),
        ]
    }

    assert named
    assert named <= known


def test_staging_shows_what_each_receiver_holds(
    models: dict[str, Any], disordered: Any
) -> None:
    """A field that is written to a record can be read there under the same name."""
    staged = set(
        disordered.rows(
            "select table_name, column_name from information_schema.columns"
            " where table_schema = 'staging'"
        )
    )

    unread = []
    for node in models.values():
        for at, receiver in node.config.meta.get("receivers", {}).items():
            system, name = at.split(".")
            unread += [
                (node.name, at, column)
                for column in [receiver["key"], *pushed(node, system, name)]
                if (receiver["model"], column) not in staged
                and "create" not in receiver
            ]

    assert unread == []


def pushed(node: Any, system: str, name: str) -> list[str]:
    """Return the columns that an object of a system receives."""
    return [
        column
        for column, meta in golden_columns(node).items()
        if meta.get("push", {}).get(system, "").startswith(f"{name}.")
    ]


def test_all_checks_are_in_the_union_and_describe_themselves(
    models: dict[str, Any],
) -> None:
    """A check that is not in `breaks` would find things for nobody."""
    found = checks(models)

    assert {
        node_id.removeprefix("model.concord.")
        for node_id in models["breaks"].depends_on.nodes
    } == set(found)
    assert {
        name: CHECK_FACTS - set(node.config.meta)
        for name, node in found.items()
        if CHECK_FACTS - set(node.config.meta)
    } == {}
    identifiers = [node.config.meta["check_id"] for node in found.values()]
    assert len(set(identifiers)) == len(identifiers) >= 18


def test_a_population_lies_upstream_of_its_check(models: dict[str, Any]) -> None:
    """check_results counts it by name, so it must be built before."""

    @cache
    def upstream(name: str) -> frozenset[str]:
        parents = {
            node_id.removeprefix("model.concord.")
            for node_id in models[name].depends_on.nodes
            if node_id.startswith("model.concord.")
        }
        return frozenset(parents.union(*map(upstream, parents)))

    loose = [
        name
        for name, node in checks(models).items()
        if node.config.meta["population"] not in upstream(name)
    ]

    assert loose == []


def test_money_is_whole_minor_units_everywhere(disordered: Any) -> None:
    """No double on a money path, and no decimal but the vendors' own in staging."""
    wrong = disordered.rows(
        f"""
        select table_schema, table_name, column_name, data_type
        from information_schema.columns
        where table_schema in {LAYERS}
        and (
            data_type in ('DOUBLE', 'FLOAT', 'HUGEINT')
            or (column_name like '%\\_minor' escape '\\' and data_type <> 'BIGINT')
            or (
                column_name like '%\\_amount' escape '\\'
                and table_schema not in ('staging', 'marts')
                -- Of a ledger in its company's own currency, which is not known yet.
                and table_name || '.' || column_name <> 'int_gl__lines.signed_amount'
            )
        )
        """
    )

    assert wrong == []


def test_sql_speaks_no_dialect() -> None:
    """What one adapter alone understands stands in a macro of that adapter."""
    spoken = re.compile(
        r"::|\bqualify\b|\bfilter\s*\(|\bdate_trunc\b|\binterval\b|group by all"
        r"|\bunnest\b|\blist_[a-z]+\(|\bselect distinct\b|(?<![\w-])//",
        re.IGNORECASE,
    )

    found = [
        (path.name, match.group())
        for path in sorted((PROJECT / "models").rglob("*.sql"))
        for match in spoken.finditer(path.read_text())
    ]

    assert found == []
