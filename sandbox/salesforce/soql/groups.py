"""Groups: a SOQL query with aggregates, as one SQL statement."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.salesforce.field import NUMBER_TYPES
from sandbox.salesforce.soql.conditions import Conditions
from sandbox.salesforce.soql.plan import (
    SCALE,
    Column,
    Plan,
    average,
    quoted,
    scaled,
)
from sandbox.salesforce.soql.scope import Bound, Scope
from sandbox.salesforce.soql.tokens import SoqlError, located
from sandbox.salesforce.soql.tree import Expression, Function, Name, Select

# Salesforce gives groups in one answer only, and no more of them than this.
MAX_GROUPS = 2000
_NOT_GROUPED = ("datetime", "textarea", "multipicklist")
AGGREGATES = ("count", "count_distinct", "sum", "avg", "min", "max")


@dataclass(frozen=True, slots=True)
class _Aggregate:
    """SQL of an aggregate, and how its value becomes JSON."""

    sql: str
    finish: Callable[[Any], str]
    bound: Bound


class Groups:
    """Compiles one query with aggregates or GROUP BY."""

    def __init__(
        self,
        query: Select,
        scope: Scope,
        conditions: Callable[[Scope], Conditions],
    ) -> None:
        """Take the query's tree and its scope."""
        self.query = query
        self.scope = scope
        self.conditions = conditions

    def plan(self) -> Plan:
        """Return the plan."""
        if self.query.fields:
            sentence = "The SOQL FIELDS function is not supported in aggregate queries"
            raise SoqlError("MALFORMED_QUERY", sentence)
        group = {self._key(each): self._grouped(each) for each in self.query.group}
        columns = self._columns(group)
        names = [each.label for each in columns]
        if len(names) != len(set(names)):
            sentence = "duplicate alias or field in an aggregate query"
            raise SoqlError("MALFORMED_QUERY", sentence)
        asked = self.conditions(self.scope)
        where = [self.scope.visible] if self.scope.visible else []
        if self.query.where is not None:
            where.append(asked.sql(self.query.where))
        text = f" where {' and '.join(where)}" if where else ""
        if group:
            text += f" group by {', '.join(each.json for each in group.values())}"
        kept = Conditions(self.scope, self._bind, asked.inner)
        if self.query.having is not None:
            having = kept.sql(self.query.having)
            text += f" having {having}"
        text += self._order(group)
        limit = MAX_GROUPS + 1 if self.query.limit is None else self.query.limit
        sql = (
            f"select {', '.join(each.sql for each in columns)}"
            f" from {self.scope.source}{text} limit ? offset ?"
        )
        template = '{"attributes":{"type":"AggregateResult"}'
        template += "".join(f',"{each.label}":%s' for each in columns) + "}"
        values = (*asked.values, *kept.values, limit, self.query.offset)
        return Plan(
            self.scope.sobject.name, "groups", sql, values, template, tuple(columns)
        )

    def _columns(self, group: dict[str, Bound]) -> list[Column]:
        columns, unnamed = [], 0
        for item in self.query.items:
            what = item.what
            if isinstance(what, Select):
                sentence = "aggregate queries do not support child queries"
                raise self._error(item.at, sentence)
            label = item.alias
            named = isinstance(what, Name)
            if not label:
                if named:
                    label = self.scope.bound(what).label
                else:
                    label, unnamed = f"expr{unnamed}", unnamed + 1
            if isinstance(what, Function) and what.name in AGGREGATES:
                made = self._aggregate(what)
                columns.append(Column(label, made.sql, finish=made.finish))
                continue
            grouped = group.get(self._key(what))
            if grouped is None:
                self.scope.bound(what)
                shown = what.text if isinstance(what, Name) else what.name
                sentence = f"Field must be grouped or aggregated: {shown}"
                raise self._error(item.at, sentence)
            columns.append(Column(label, grouped.json))
        return columns

    def _grouped(self, what: Expression) -> Bound:
        value = self.scope.bound(what)
        if value.type in _NOT_GROUPED:
            sentence = f"field '{value.label}' can not be grouped in a query call"
            raise self._error(what.at, sentence)
        return value

    def _aggregate(self, what: Function) -> _Aggregate:
        if what.field is None:
            if what.name != "count":
                raise self._error(what.at, f"unexpected token: '{what.name}'")
            return _Aggregate("count(*)", str, Bound("count(*)", "", "int", "count"))
        field = self.scope.field(what.field)
        sql = field.sql
        if what.name in ("count", "count_distinct"):
            sql = f"count({'distinct ' if what.name == 'count_distinct' else ''}{sql})"
            return _Aggregate(sql, str, Bound(sql, "", "int", field.label))
        numeric = field.type in NUMBER_TYPES
        allowed = numeric or (what.name in ("min", "max") and field.type != "boolean")
        if not allowed:
            sentence = f"field {field.label} does not support aggregate operator"
            raise self._error(what.at, f"{sentence} {what.name.upper()}")
        compared = Bound(f"{what.name}({sql})", "", field.type, field.label)
        if not numeric:
            return _Aggregate(compared.sql, quoted, compared)
        whole = f"cast(round({sql} * {SCALE}) as integer)"
        if what.name == "avg":
            sql = f"sum({whole}) || '/' || count({sql})"
            return _Aggregate(sql, average, compared)
        return _Aggregate(f"{what.name}({whole})", scaled, compared)

    def _bind(self, what: Expression) -> Bound:
        """Return what HAVING and ORDER BY mean: an aggregate or a grouped field."""
        if isinstance(what, Function) and what.name in AGGREGATES:
            return self._aggregate(what).bound
        if isinstance(what, Name) and len(what.parts) == 1:
            for item in self.query.items:
                same = item.alias and item.alias.lower() == what.text.lower()
                if same and not isinstance(item.what, Select):
                    return self._bind(item.what)
        return self.scope.bound(what)

    def _order(self, group: dict[str, Bound]) -> str:
        keys = []
        for each in self.query.order:
            value = self._bind(each.what)
            nulls = "last" if each.nulls_last else "first"
            keys.append(
                f"{value.sql}{' desc' if each.descending else ''} nulls {nulls}"
            )
        keys.extend(each.sql for each in group.values())
        return f" order by {', '.join(keys)}" if keys else ""

    def _key(self, what: Expression) -> str:
        if isinstance(what, Name):
            return ".".join(self.scope.parts(what)).lower()
        return f"{what.name}({self._key(what.field) if what.field else ''})"

    def _error(self, at: int, sentence: str) -> SoqlError:
        return located("MALFORMED_QUERY", self.scope.text, at, sentence)
