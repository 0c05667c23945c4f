"""Shape: how a row's JSON is put together from fields, parents and children."""

from sandbox.collection import Value
from sandbox.salesforce.field import SObject
from sandbox.salesforce.soql.plan import Column
from sandbox.salesforce.soql.scope import Bound

Path = tuple[tuple[str, str, SObject], ...]


class Shape:
    """A row of one object; parents are shapes within it."""

    def __init__(self, sobject: SObject, alias: str, root: str) -> None:
        """Begin with the attributes alone."""
        self.sobject = sobject
        self.alias = alias
        self.root = root
        self.values: list[Value] = []
        self.nested = False
        self._entries: dict[str, Bound | Shape | str] = {}

    def add(self, path: Path, label: str, value: Bound) -> bool:
        """Add a field, reached through parents; False if it is there already."""
        if path:
            (name, alias, sobject), *rest = path
            inner = self._entries.setdefault(name, Shape(sobject, alias, self.root))
            return isinstance(inner, Shape) and inner.add(tuple(rest), label, value)
        if label in self._entries:
            return False
        self._entries[label] = value
        return True

    def add_children(self, name: str, sql: str, values: list[Value]) -> None:
        """Add the children that a query inside the query finds."""
        self._entries[name] = sql
        self.values.extend(values)
        self.nested = True

    def template(self) -> tuple[str, tuple[Column, ...]]:
        """Return a row's JSON with a mark for each column, and the columns."""
        url = f"{self.root}/sobjects/{self.sobject.name}/%s"
        marks = [f'"attributes":{{"type":"{self.sobject.name}","url":"{url}"}}']
        marks.extend(f'"{name}":%s' for name in self._entries)
        first = Column("", f"{self.alias}.id")
        columns = [
            Column(name, self._sql(each)) for name, each in self._entries.items()
        ]
        return "{" + ",".join(marks) + "}", (first, *columns)

    def texts(self, prefix: str = "") -> tuple[tuple[str, str], ...]:
        """Return (label, SQL for plain text) of all fields, those of parents too."""
        found: list[tuple[str, str]] = []
        for name, entry in self._entries.items():
            if isinstance(entry, Shape):
                found.extend(entry.texts(f"{prefix}{name}."))
            elif isinstance(entry, Bound):
                found.append((prefix + name, entry.text))
        return tuple(found)

    def json(self) -> str:
        """Return SQL that makes the row's JSON; a parent that isn't there is null."""
        url = f"{self.root}/sobjects/{self.sobject.name}/"
        begin = f'{{"attributes":{{"type":"{self.sobject.name}","url":"{url}'
        parts = [f"'{begin}' || {self.alias}.id || '\"}}'"]
        parts.extend(
            f"',\"{name}\":' || {self._sql(entry)}"
            for name, entry in self._entries.items()
        )
        row = " || ".join(parts) + " || '}'"
        return f"case when {self.alias}.id is null then 'null' else {row} end"

    @staticmethod
    def _sql(entry: "Bound | Shape | str") -> str:
        if isinstance(entry, Shape):
            return entry.json()
        return entry.json if isinstance(entry, Bound) else entry
