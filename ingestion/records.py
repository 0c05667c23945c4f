"""Records: a page's list of records as it came, for columns without objects in between.

Python makes an object of every value, and of every record its text again. pyarrow
reads plain records into columns in a quarter of that time, and lets other threads work
meanwhile. A page in which anything is not plain is read in the usual way: then nothing
here decides what a value means, or whether it is one.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, overload

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pj

from ingestion.readings import Document
from ingestion.streams import RAW_TYPES, Stream
from ingestion.transport.documents import DEEPEST, depth, document

# Stands for the list where the answer around it is read; no vendor writes it.
_LIST = "<the list of records>"
# Elsewhere we write a record without space between its parts, and escape no character
# that need not be: a record has the same text, whichever way its page was read. Who
# writes spaces does so in every record, so the first is looked at.
_LINES, _ESCAPED = (b"\n", b"\r", b"\t"), (rb"\u", rb"\/")
_SPACED = ('": ', '", "')
# The reader takes these for numbers.
_NO_NUMBERS = re.compile(rb"[:,\[]\s*-?(?:NaN|Inf)")
# The largest page that is read at once.
_MOST_BYTES = 2**31 - 2**16


class Records(Sequence[Document]):
    """Records of a page: `texts` has each as it came, `columns` what is in them."""

    def __init__(self, texts: pa.StringArray, columns: pa.StructArray) -> None:
        """Hold both; there are documents once somebody asks for one."""
        self.texts = texts
        self.columns = columns

    @cached_property
    def documents(self) -> list[Document]:
        """Return the records as documents."""
        listed: list[Document] = document(
            b"[" + ",".join(self.texts.to_pylist()).encode() + b"]"
        )
        return listed

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.texts)

    def __iter__(self) -> Iterator[Document]:
        """Yield the documents."""
        return iter(self.documents)

    @overload
    def __getitem__(self, place: int) -> Document: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Document]: ...

    def __getitem__(self, place: int | slice) -> Document | Sequence[Document]:
        """Return one document, or some."""
        return self.documents[place]

    def column(self, path: str) -> pa.Array:
        """Return what stands at a path of each record, null where it is absent."""
        return pc.struct_field(self.columns, steps(path))

    def lacks(self, path: str) -> bool:
        """Tell whether a record has no value at a path and does not say null either."""
        found = self.column(path)
        if not found.null_count or all(step.endswith("?") for step in path.split(".")):
            return False
        for place in pc.indices_nonzero(found.is_null()).to_pylist():
            value = self._plain(place)
            for step in path.split("."):
                if value is None:
                    break
                name = step.removesuffix("?")
                if name not in value and name == step:
                    return True
                value = value.get(name)
        return False

    def _plain(self, place: int) -> Any:
        """Return a document of which only the names count."""
        if place not in self._parsed:
            self._parsed[place] = orjson.loads(self.texts[place].as_py())
        return self._parsed[place]

    @cached_property
    def _parsed(self) -> dict[int, Any]:
        return {}


def steps(path: str) -> list[str]:
    """Return the names that lead to a value."""
    return [step.removesuffix("?") for step in path.split(".")]


def listed(body: bytes, path: str, stream: Stream) -> tuple[Any, Records] | None:
    """Return an answer, and its list of a stream's records at a path.

    In the answer a word stands for the list. None where the page has to be read in the
    usual way; what is wrong with it is said there.
    """
    types = _types(stream)
    inner = _inner(body, path)
    if types is None or inner is None or not _is_plain(body, inner):
        return None
    first, last = inner
    around = body[:first] + orjson.dumps(_LIST) + body[last:]
    # A list is what stands in brackets with objects between commas, and in no other
    # way: where each piece is an object, these are the records.
    lines = body[first + 1 : last - 1].replace(b"},{", b"}\n{")
    try:
        answer = document(around)
        texts = pc.split_pattern(pa.array([lines], pa.binary()), b"\n").flatten()
        texts = texts.cast(pa.string())
        columns = _columns(lines, types, texts[0].as_py())
    except (ValueError, AttributeError):  # pyarrow's own errors are among these
        return None
    if columns is None or len(columns) != len(texts) or _at(answer, path) != _LIST:
        return None
    return answer, Records(texts, columns)


def _inner(body: bytes, path: str) -> tuple[int, int] | None:
    """Return where the list of records begins and ends."""
    before = b'"%b":' % steps(path)[-1].encode() if path else b""
    first, last = body.find(before + b"[{"), body.rfind(b"}]")
    first += len(before)
    return (first, last + 2) if len(before) <= first < last else None


def _is_plain(body: bytes, inner: tuple[int, int]) -> bool:
    """Tell whether pyarrow reads records as we do, and we would write them so."""
    signs = [*_LINES, *(_ESCAPED if b"\\" in body else ())]
    if any(body.find(sign, *inner) >= 0 for sign in signs):
        return False
    if (b"NaN" in body or b"Inf" in body) and _NO_NUMBERS.search(body):
        return False
    return len(body) <= _MOST_BYTES and depth(body) <= DEEPEST


def _at(answer: Any, path: str) -> Any:
    for step in steps(path) if path else ():
        answer = answer.get(step)
    return answer


def _types(stream: Stream) -> dict[str, pa.DataType] | None:
    """Return the type in which the value at each path is read.

    None where a column is made of what pyarrow does not read so.
    """
    types = dict.fromkeys(stream.identity, pa.string())
    for column in stream.columns:
        if not isinstance(column.path, str) or column.read not in RAW_TYPES:
            return None
        if column.path.startswith("@"):
            continue
        path = ".".join(steps(column.path))
        if types.setdefault(path, RAW_TYPES[column.read]) != RAW_TYPES[column.read]:
            return None
    return types


def _columns(
    lines: bytes, types: dict[str, pa.DataType], example: str
) -> pa.StructArray | None:
    """Return what is in the records, one on a line; None where it is not plain."""
    if any(sign in example for sign in _SPACED):
        return None
    sample = orjson.loads(example)
    tree: dict[str, Any] = {}
    for path, kind in types.items():
        *parents, name = path.split(".")
        if pa.types.is_decimal(kind) and b'"%b":"' % name.encode() in lines:
            return None  # it would take a text for the number in it
        found, place = sample, tree
        for parent in parents:
            place = place.setdefault(parent, {})
            found = found.get(parent) if isinstance(found, dict) else None
        is_number = isinstance(found, dict) and type(found.get(name)) is int
        place[name] = pa.int64() if is_number and kind == pa.string() else kind
    table = pj.read_json(
        pa.BufferReader(lines),
        pj.ReadOptions(use_threads=False, block_size=len(lines) + 1),
        # What we do not read is read all the same, so that no name stands twice in it.
        pj.ParseOptions(explicit_schema=pa.schema(_fields(tree))),
    )
    [batch] = table.to_batches()
    columns = batch.to_struct_array()
    for path, kind in types.items():
        if pa.types.is_decimal(kind):  # those of too many digits are taken too
            pc.struct_field(columns, path.split(".")).validate(full=True)
    return columns


def _fields(tree: dict[str, Any]) -> list[pa.Field]:
    return [
        pa.field(name, pa.struct(_fields(kind)) if isinstance(kind, dict) else kind)
        for name, kind in tree.items()
    ]
