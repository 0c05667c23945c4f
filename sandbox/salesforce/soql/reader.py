"""Reader: the text of a SOQL query becomes a tree, from left to right."""

from sandbox.salesforce.soql.tokens import SoqlError, Token, tokens, unexpected
from sandbox.salesforce.soql.tree import (
    Both,
    Compare,
    Condition,
    Expression,
    Function,
    Item,
    Name,
    Not,
    Order,
    Select,
    Value,
)

# Words that end a list of fields or conditions, so that no field or alias is one.
_AFTER_SOURCE = frozenset(
    {
        *("where", "with", "group", "having", "order", "limit", "offset"),
        *("for", "using"),
    }
)
_RESERVED = _AFTER_SOURCE | {
    *("and", "or", "not", "in", "like", "from", "by", "select"),
    *("nulls", "asc", "desc"),
}
_COMPARISONS = ("=", "!=", "<>", "<", "<=", ">", ">=")
_SECURITY = ("security_enforced", "user_mode", "system_mode")
# Deeper nesting than people write; Salesforce refuses such queries too.
_MAX_DEPTH = 40


def read(text: str) -> Select:
    """Return the tree of a query; SoqlError says where it is broken."""
    reader = _Reader(text)
    query = reader.query()
    if reader.at < len(reader.tokens):
        raise reader.wrong()
    return query


class _Reader:
    """Reads one query."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(tokens(text))
        self.at = 0
        self.depth = 0

    def query(self) -> Select:
        """Return a query, or one inside another."""
        self._deeper()
        self._expect("select")
        items, fields = self._items()
        self._expect("from")
        source = self._source()
        alias = self._source_alias()
        where = group = having = None
        order: tuple[Order, ...] = ()
        limit, offset, offset_at = None, 0, 0
        if self._word("using"):
            self._expect("scope")
            self._name()
        if self._word("where"):
            where = self._condition()
        if self._word("with"):
            self._one_of(_SECURITY)
        if self._word("group"):
            self._expect("by")
            group = self._grouped()
        if self._word("having"):
            having = self._condition()
        if self._word("order"):
            self._expect("by")
            order = self._order()
        if self._word("limit"):
            limit = self._whole()
        if self._word("offset"):
            offset_at = self._here()
            offset = self._whole()
        if self._word("for"):
            self._one_of(("view", "reference"))
        self.depth -= 1
        return Select(
            *(items, fields, source, alias, where, group or (), having, order),
            *(limit, offset, offset_at, self.text),
        )

    def _items(self) -> tuple[tuple[Item, ...], tuple[str, ...]]:
        items, fields = [], []
        while True:
            start = self._here()
            if self._mark("("):
                inner = self.query()
                self._close()
                items.append(Item(inner, "", start))
            elif self._peek("fields") and self._peek("(", 1):
                self.at += 2
                fields.append(self._one_of(("all", "standard", "custom")))
                self._close()
            else:
                what = self._expression()
                items.append(Item(what, self._alias(), start))
            if not self._mark(","):
                return tuple(items), tuple(fields)

    def _alias(self) -> str:
        token = self._token()
        if token and token.kind == "word" and token.text.lower() not in _RESERVED:
            self.at += 1
            return token.text
        return ""

    def _source(self) -> Name:
        token = self._token()
        if token and self._peek("order") and not self._peek("by", 1):
            # The one object whose name is a word of the language.
            self.at += 1
            return Name((token.text,), token.at)
        return self._name()

    def _source_alias(self) -> str:
        if self._word("as"):
            return self._plain()
        token = self._token()
        if token and token.kind == "word" and token.text.lower() not in _AFTER_SOURCE:
            return self._plain()
        return ""

    def _plain(self) -> str:
        name = self._name()
        if len(name.parts) > 1:
            raise self.wrong(self.tokens[self.at - 1])
        return name.text

    def _expression(self) -> Expression:
        name = self._name()
        if not self._mark("("):
            return name
        if self._mark(")"):
            return Function(name.text.lower(), None, name.at)
        inner = self._name()
        self._close()
        return Function(name.text.lower(), inner, name.at)

    def _condition(self) -> Condition:
        """Return a list of conditions; AND and OR are not mixed without brackets."""
        parts = [self._single()]
        word = next((each for each in ("and", "or") if self._peek(each)), "")
        while word and self._word(word):
            parts.append(self._single())
        if word and self._peek("or" if word == "and" else "and"):
            raise self.wrong()
        return parts[0] if len(parts) == 1 else Both(word, tuple(parts))

    def _single(self) -> Condition:
        self._deeper()
        try:
            if self._mark("("):
                inside = self._condition()
                self._close()
                return inside
            if self._word("not"):
                return Not(self._single())
            return self._comparison()
        finally:
            self.depth -= 1

    def _comparison(self) -> Condition:
        left = self._expression()
        token = self._next()
        operator = token.text.lower()
        if operator == "not" and self._word("in"):
            operator = "not in"
        if token.kind == "mark" and operator in _COMPARISONS:
            return Compare(left, operator, (self._value(),), None, token.at)
        if operator == "like":
            return Compare(left, operator, (self._value(),), None, token.at)
        if operator not in ("in", "not in", "includes", "excludes"):
            raise self.wrong(token)
        if not self._mark("("):
            raise self.wrong()
        if self._peek("select"):
            query = self.query()
            self._close()
            return Compare(left, operator, (), query, token.at)
        values = [self._value()]
        while self._mark(","):
            values.append(self._value())
        self._close()
        return Compare(left, operator, tuple(values), None, token.at)

    def _value(self) -> Value:
        token = self._next()
        if token.kind == "mark":
            if token.text == ":":
                sentence = "bind variables only allowed in Apex code"
                raise SoqlError("MALFORMED_QUERY", sentence)
            raise self.wrong(token)
        if token.kind != "word":
            return Value(token.kind, token.text, token.at)
        word = token.text.lower()
        if word == "null":
            return Value("null", word, token.at)
        if word in ("true", "false"):
            return Value("boolean", word, token.at)
        number = None
        if self._mark(":"):
            number = self._whole()
        return Value("range", word, token.at, number)

    def _grouped(self) -> tuple[Expression, ...]:
        group = [self._expression()]
        while self._mark(","):
            group.append(self._expression())
        return tuple(group)

    def _order(self) -> tuple[Order, ...]:
        order = []
        while True:
            what = self._expression()
            descending = self._word("desc")
            if not descending:
                self._word("asc")
            nulls_last = False
            if self._word("nulls"):
                nulls_last = self._one_of(("first", "last")) == "last"
            order.append(Order(what, descending, nulls_last))
            if not self._mark(","):
                return tuple(order)

    def _whole(self) -> int:
        token = self._next()
        # Eight digits: no result has more rows, no window more days.
        if token.kind != "number" or not token.text.isdecimal() or len(token.text) > 8:
            raise self.wrong(token)
        return int(token.text)

    def _one_of(self, words: tuple[str, ...]) -> str:
        for word in words:
            if self._word(word):
                return word
        raise self.wrong()

    def _name(self) -> Name:
        token = self._next()
        if token.kind != "word" or token.text.lower() in _RESERVED:
            raise self.wrong(token)
        return Name(tuple(token.text.split(".")), token.at)

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise SoqlError("QUERY_TOO_COMPLICATED", "The query is nested too deeply")

    def _token(self, ahead: int = 0) -> Token | None:
        place = self.at + ahead
        return self.tokens[place] if place < len(self.tokens) else None

    def _here(self) -> int:
        token = self._token()
        return len(self.text) if token is None else token.at

    def _next(self) -> Token:
        token = self._token()
        if token is None:
            raise self.wrong()
        self.at += 1
        return token

    def _peek(self, text: str, ahead: int = 0) -> bool:
        token = self._token(ahead)
        return (
            token is not None
            and token.kind in ("word", "mark")
            and token.text.lower() == text
        )

    def _word(self, word: str) -> bool:
        found = self._peek(word)
        self.at += found
        return found

    _mark = _word

    def _expect(self, word: str) -> None:
        if not self._word(word):
            raise self.wrong()

    def _close(self) -> None:
        if not self._mark(")"):
            raise self.wrong()

    def wrong(self, token: Token | None = None) -> SoqlError:
        """Return the error for a token that cannot stand there: the next one."""
        return unexpected(self.text, token or self._token())
