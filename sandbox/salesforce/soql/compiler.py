"""Compiler: a SOQL query's tree, checked against the objects, becomes SQL."""

from collections.abc import Iterator
from itertools import count

from sandbox.collection import Value
from sandbox.salesforce.field import TEXT_TYPES, SObject
from sandbox.salesforce.soql.conditions import Conditions
from sandbox.salesforce.soql.groups import AGGREGATES, Groups
from sandbox.salesforce.soql.plan import Plan
from sandbox.salesforce.soql.scope import Bound, Scope, Target, bound
from sandbox.salesforce.soql.shape import Shape
from sandbox.salesforce.soql.tokens import SoqlError, located
from sandbox.salesforce.soql.tree import (
    Expression,
    Function,
    Item,
    Name,
    Order,
    Select,
)

__all__ = ["Target", "compile_query"]

MAX_OFFSET = 2000
# FIELDS(ALL) and FIELDS(CUSTOM) need a limit of at most this.
MAX_FIELDS_ROWS = 200


def compile_query(query: Select, target: Target) -> Plan:
    """Return the SQL of a query; SoqlError if Salesforce would refuse it."""
    return _Compiler(query, target, count()).plan()


class _Compiler:
    """Compiles one SELECT; a query inside it has a compiler of its own."""

    def __init__(self, query: Select, target: Target, aliases: Iterator[int]) -> None:
        self.query = query
        self.target = target
        self.aliases = aliases
        self.text = query.text

    def plan(self) -> Plan:
        """Return the whole query's plan."""
        sobject = self._object()
        self._check_offset()
        if self._is_count():
            return self._count(sobject)
        if self.query.group or self.query.having or self._aggregates():
            return Groups(self.query, self.scope(sobject), self.conditions).plan()
        return self._rows(sobject)

    def scope(self, sobject: SObject) -> Scope:
        """Return a scope of the query's object."""
        return Scope(self.target, self.aliases, sobject, self.text, self.query.alias)

    def conditions(self, scope: Scope) -> Conditions:
        """Return what makes SQL of conditions on plain fields."""
        return Conditions(scope, scope.bound, self.inner)

    def _object(self) -> SObject:
        source = self.query.source
        found = self.target.objects.get(source.text.lower())
        if found is None:
            raise located(
                "INVALID_TYPE",
                self.text,
                source.at,
                f"sObject type '{source.text}' is not supported. If you are attempting "
                "to use a custom object, be sure to append the '__c' after the entity "
                "name. Please reference your WSDL or the describe call for the "
                "appropriate names.",
            )
        return found

    def _check_offset(self) -> None:
        if self.query.offset > MAX_OFFSET:
            raise located(
                "NUMBER_OUTSIDE_VALID_RANGE",
                self.text,
                self.query.offset_at,
                f"Maximum SOQL offset allowed is {MAX_OFFSET}",
            )

    def _is_count(self) -> bool:
        [*items] = self.query.items
        return (
            len(items) == 1
            and not self.query.fields
            and not self.query.group
            and items[0].what == Function("count", None, items[0].at)
        )

    def _aggregates(self) -> bool:
        return any(
            isinstance(item.what, Function) and item.what.name in AGGREGATES
            for item in self.query.items
        )

    def _count(self, sobject: SObject) -> Plan:
        scope = self.scope(sobject)
        where, values = self.where(scope)
        limited, more = self.limit()
        sql = f"select count(*) from (select 1 from {scope.source}{where}{limited})"
        return Plan(sobject.name, "count", sql, (*values, *more), "", ())

    def _rows(self, sobject: SObject) -> Plan:
        shown = self.scope(sobject)
        shape = self._shape(shown)
        asked = self.scope(sobject)
        where, values = self.where(asked)
        order = self.order(asked)
        limited, more = self.limit()
        places = (
            f"select {asked.base}.place from {asked.source}{where}"
            f" order by {order}{limited}"
        )
        template, columns = shape.template()
        return Plan(
            *(sobject.name, "rows", places, (*values, *more), template, columns),
            f"from json_each(?) p cross join {shown.table}"
            f" on {shown.base}.place = p.value {shown.joins}",
            tuple(shape.values),
            nested=shape.nested,
            texts=shape.texts(),
        )

    def _shape(self, scope: Scope) -> Shape:
        shape = Shape(scope.sobject, scope.base, self.target.root)
        self._all_fields(scope, shape)
        for item in self.query.items:
            if item.alias:
                sentence = "only aggregate expressions use field aliasing"
                raise located("MALFORMED_QUERY", self.text, item.at, sentence)
            if isinstance(item.what, Select):
                self._children(scope, shape, item.what)
            else:
                self._field(scope, shape, item, item.what)
        return shape

    def _all_fields(self, scope: Scope, shape: Shape) -> None:
        limit = self.query.limit
        for which in self.query.fields:
            if which != "standard" and (limit is None or limit > MAX_FIELDS_ROWS):
                sentence = "The SOQL FIELDS function must have a LIMIT of at most 200"
                raise SoqlError("MALFORMED_QUERY", sentence)
            for field in scope.sobject.fields.values():
                if which == "all" or field.custom == (which == "custom"):
                    value = bound(scope.base, scope.sobject, field, never_null=True)
                    self._add(shape, (), field.name, value, self.query.source.at)

    def _field(self, scope: Scope, shape: Shape, item: Item, what: Expression) -> None:
        value = scope.bound(what)
        path: list[tuple[str, str, SObject]] = []
        label = value.label
        if isinstance(what, Name):
            *parents, _ = scope.parts(what)
            owner = scope.sobject
            for depth, step in enumerate(parents):
                name = owner.parents[step.lower()].relationship
                alias, owner = scope.parent(tuple(parents[: depth + 1]), what)
                path.append((name, alias, owner))
        elif what.name != "tolabel":
            sentence = f"{what.name} is only allowed in a grouped query"
            raise located("MALFORMED_QUERY", self.text, item.at, sentence)
        self._add(shape, tuple(path), label, value, item.at)

    def _add(
        self,
        shape: Shape,
        path: tuple[tuple[str, str, SObject], ...],
        label: str,
        value: Bound,
        at: int,
    ) -> None:
        if not shape.add(path, label, value):
            sentence = f"duplicate field selected: {label}"
            raise located("MALFORMED_QUERY", self.text, at, sentence)

    def _children(self, scope: Scope, shape: Shape, query: Select) -> None:
        name = query.source.text.lower()
        for sobject in self.target.objects.values():
            for field in sobject.fields.values():
                of_ours = field.refers_to == scope.sobject.name
                if of_ours and field.children and field.children.lower() == name:
                    self.target.index(sobject, field)
                    inner = _Compiler(query, self.target, self.aliases)
                    sql, values = inner.children(sobject, field.name, scope.base)
                    shape.add_children(field.children, sql, values)
                    return
        raise located(
            "INVALID_TYPE",
            self.text,
            query.source.at,
            f"Didn't understand relationship '{query.source.text}' in FROM part of "
            "query call. If you are attempting to use a custom relationship, be sure "
            "to append the '__r' after the custom relationship name. Please reference "
            "your WSDL or the describe call for the appropriate names.",
        )

    def children(
        self, sobject: SObject, pointer: str, parent: str
    ) -> tuple[str, list[Value]]:
        """Return SQL for the JSON of a parent's children: a result, or null."""
        if self.query.group or self._aggregates() or self._is_count():
            sentence = "Only root queries support aggregate expressions"
            raise SoqlError("MALFORMED_QUERY", sentence)
        shown = self.scope(sobject)
        shape = self._shape(shown)
        if shape.nested:
            sentence = "SOQL aggregate relationship queries cannot be nested"
            raise SoqlError("MALFORMED_QUERY", sentence)
        field = sobject.fields[pointer]
        mine = bound(shown.base, sobject, field, never_null=False).sql
        where, values = self.where(shown, f"{mine} = {parent}.id")
        order = self.order(shown)
        limited, more = self.limit()
        rows = (
            f"select {shape.json()} as child from {shown.source}{where}"
            f" order by {order}{limited}"
        )
        sql = (
            "(select case when count(*) = 0 then 'null' else '{\"totalSize\":' ||"
            " count(*) || ',\"done\":true,\"records\":[' || group_concat(child, ',')"
            f" || ']}}' end from ({rows}))"
        )
        return sql, [*values, *more]

    def inner(self, query: Select) -> tuple[str, list[Value]]:
        """Return SQL for the ids that a query within a condition finds."""
        compiler = _Compiler(query, self.target, self.aliases)
        sobject = compiler._object()
        scope = compiler.scope(sobject)
        items = query.items
        if len(items) != 1 or query.fields or not isinstance(items[0].what, Name):
            sentence = "The inner select must have exactly one field"
            raise located("MALFORMED_QUERY", self.text, query.source.at, sentence)
        value = scope.bound(items[0].what)
        if value.type not in ("id", "reference"):
            sentence = f"The inner select field '{value.label}' must be an id"
            raise located("MALFORMED_QUERY", self.text, items[0].at, sentence)
        where, values = compiler.where(scope)
        return f"select {value.sql} from {scope.source}{where}", values

    def where(self, scope: Scope, *further: str) -> tuple[str, list[Value]]:
        """Return the WHERE of a scope with its values."""
        conditions = self.conditions(scope)
        parts = [*further, scope.visible]
        if self.query.where is not None:
            parts.append(conditions.sql(self.query.where))
        wanted = [part for part in parts if part]
        text = f" where {' and '.join(wanted)}" if wanted else ""
        return text, conditions.values

    def order(self, scope: Scope) -> str:
        """Return the ORDER BY; the id decides where the query leaves it open."""
        keys = [ordering(scope.bound(each.what), each) for each in self.query.order]
        return ", ".join([*keys, f"{scope.base}.id"])

    def limit(self) -> tuple[str, list[Value]]:
        """Return the LIMIT and OFFSET."""
        limit, offset = self.query.limit, self.query.offset
        if limit is None and not offset:
            return "", []
        return " limit ? offset ?", [-1 if limit is None else limit, offset]


def ordering(value: Bound, order: Order) -> str:
    """Return one key of an ORDER BY; nulls come first unless the query says so."""
    collated = ""
    if value.type in TEXT_TYPES - {"id", "reference", "date", "datetime"}:
        collated = " collate nocase"
    sql = f"{value.sql}{collated}{' desc' if order.descending else ''}"
    if value.never_null or value.type in {"boolean", "id"}:
        return sql
    # Written out only where it isn't SQLite's own habit, so that indexes serve it.
    if order.nulls_last != order.descending:
        sql += " nulls last" if order.nulls_last else " nulls first"
    return sql
