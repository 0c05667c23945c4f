"""Features of products: codes however they are written, and names."""

from collections.abc import Iterable

from identity.features.text import folded, spaced

NAMES = ("sku_key", "sku_parts", "name_key")


def select(
    records: str, _common: Iterable[str] = (), _shared: Iterable[str] = ()
) -> str:
    """Return SQL: the columns of `records`, and each record's features behind them.

    `sku_key` is a code without what stands between its parts, what an ERP puts before
    it (Parent : Child) or what people put behind it in brackets; `sku_parts` are the
    parts in one order.

    Args:
        records: a table with the columns that every file of `sources` selects.
    """
    return f"""
with
    coded as (
        select
            *,
            regexp_replace(
                regexp_extract(sku, '[^:]*$'), '[(\\[].*?[)\\]]', '', 'g'
            ) as code
        from {records}
    ),
    written as (
        select *, {spaced(folded("code"))} as parts from coded
    )
select
    * exclude (code, parts),
    nullif(replace(parts, ' ', ''), '') as sku_key,
    nullif(array_to_string(list_sort(string_split(parts, ' ')), ' '), '') as sku_parts,
    nullif({spaced(folded("name"))}, '') as name_key
from written
"""
