"""Whatever is asked in a form: an answer or the vendor's refusal."""

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.responses import Response

from sandbox.stripe.shapes import decode
from sandbox.wire import Refusal


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.text("ab[]01", max_size=8), st.text(max_size=3))))
def test_a_form_is_read_or_refused(pairs: list[tuple[str, str]]) -> None:
    """Brackets may stand anywhere."""
    assert refused_or_done(lambda: decode(pairs), Refusal)


def refused_or_done(ask: Callable[[], Any], refusal: type[Exception]) -> bool:
    """Say whether it was done or refused properly; other errors pass through."""
    try:
        ask()
    except refusal as refused:
        answer = getattr(refused, "response", None)
        return answer is None or isinstance(answer, Response)
    return True
