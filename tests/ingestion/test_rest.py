"""The client: reads are retried within bounds, a write is sent once."""

from collections.abc import Callable
from decimal import Decimal

import httpx
import pytest

from ingestion.errors import (
    Refused,
    Rejected,
    SystemFault,
    Transient,
    Unknown,
    reaction,
)
from ingestion.transport.auth import FixedHeader, TokenAuth
from ingestion.transport.rest import Rest, retry_after

Answer = Callable[[httpx.Request], httpx.Response]


def by_status(response: httpx.Response, *, wrote: bool) -> SystemFault:
    """Classify by the status alone."""
    kind = reaction(response.status_code, wrote=wrote)
    return kind("vendor", "said no", retry_after=retry_after(response))


class Server:
    """Answers with the given answers in turn, the last one for ever; a timer too."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        """Keep the answers."""
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []
        self.pauses: list[float] = []

    def now(self) -> float:
        """Tell the seconds that pauses have taken: nothing else takes time."""
        return sum(self.pauses)

    def pause(self, seconds: float) -> None:
        """Note a pause instead of resting."""
        if seconds:
            self.pauses.append(seconds)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def rest(self) -> Rest:
        """Return a client of this server that notes its pauses instead of resting."""
        return Rest(
            "vendor",
            "https://vendor.test/base",
            FixedHeader("Bearer secret"),
            by_status,
            transport=httpx.MockTransport(self),
            timer=self,
        )


def json_answer(status: int = 200, **headers: str) -> httpx.Response:
    """Return an answer with a small JSON body."""
    return httpx.Response(status, json={}, headers=headers)


def test_a_read_is_sent_once_when_it_succeeds() -> None:
    """No request is repeated without a reason."""
    server = Server(json_answer())

    server.rest().get("/things", {"limit": 1})

    assert [str(request.url) for request in server.requests] == [
        "https://vendor.test/base/things?limit=1"
    ]
    assert server.requests[0].headers["authorization"] == "Bearer secret"


@pytest.mark.parametrize(
    "broken",
    [
        json_answer(500),
        json_answer(429),
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("closed"),
    ],
)
def test_a_read_is_asked_again_while_the_system_is_not_well(
    broken: httpx.Response | Exception,
) -> None:
    """A hiccup costs a pause, not the load."""
    server = Server(broken, broken, json_answer())

    response = server.rest().get("/things")

    assert response.status_code == 200
    assert len(server.requests) == 3
    assert 0 < server.pauses[0] < server.pauses[1] * 2


def test_a_read_is_not_retried_for_ever() -> None:
    """After five attempts the next run tries again."""
    server = Server(json_answer(503))

    with pytest.raises(Transient):
        server.rest().read_post("/query", json={"q": "select"})

    assert len(server.requests) == 5


def test_the_pause_a_system_asks_for_is_kept() -> None:
    """Retry-After is honoured to the second."""
    server = Server(json_answer(429, **{"Retry-After": "7"}), json_answer())

    server.rest().get("/things")

    assert server.pauses == [7.0]


def test_a_pause_too_long_to_wait_for_is_left_to_the_schedule() -> None:
    """An hour's pause does not hold the warehouse for an hour."""
    server = Server(json_answer(429, **{"Retry-After": "3600"}))

    with pytest.raises(Transient) as caught:
        server.rest().get("/things")

    assert server.pauses == []
    assert caught.value.retry_after == 3600


def test_a_refusal_is_not_retried() -> None:
    """What a person has to mend is said at once."""
    server = Server(json_answer(400))

    with pytest.raises(Rejected):
        server.rest().get("/things")

    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("outcome", "kind"),
    [
        (httpx.ConnectError("refused"), Transient),
        (httpx.ConnectTimeout("slow"), Transient),
        (httpx.ReadTimeout("slow"), Unknown),
        (httpx.WriteError("broken pipe"), Unknown),
        (httpx.RemoteProtocolError("closed"), Unknown),
        (json_answer(500), Unknown),
        (json_answer(429), Transient),
        (json_answer(422), Rejected),
        (httpx.Response(200, html="<html>hello</html>"), Unknown),
    ],
)
def test_a_write_is_sent_once_whatever_comes_back(
    outcome: httpx.Response | Exception, kind: type[SystemFault]
) -> None:
    """Only the ledger decides what an unknown outcome means."""
    server = Server(outcome)

    with pytest.raises(SystemFault) as caught:
        server.rest().write("POST", "/things", form={"name": "Acme"})

    assert type(caught.value) is kind
    assert len(server.requests) == 1


def test_a_write_that_succeeds_is_sent_once() -> None:
    """One call, one request; no body is an answer too."""
    server = Server(httpx.Response(204))

    response = server.rest().write("PATCH", "/things/1", json={"name": "Acme"})

    assert response.status_code == 204
    assert len(server.requests) == 1


def token_server(*tokens: str) -> tuple[Server, Rest]:
    """Return a server that gives tokens in turn and accepts only the last."""
    given = iter(tokens)

    class Tokens(Server):
        def __call__(self, request: httpx.Request) -> httpx.Response:
            self.requests.append(request)
            if request.url.path == "/token":
                return httpx.Response(200, json={"access_token": next(given)})
            right = request.headers["authorization"] == f"Bearer {tokens[-1]}"
            return json_answer(200 if right else 401)

    server = Tokens(json_answer())
    auth = TokenAuth("vendor", "https://vendor.test/token", lambda: ({}, {}), "THE_KEY")
    rest = Rest(
        "vendor",
        "https://vendor.test",
        auth,
        by_status,
        transport=httpx.MockTransport(server),
        timer=server,
    )
    return server, rest


def test_a_token_that_ended_is_renewed_once_and_the_write_repeated() -> None:
    """A 401 says that nothing was done, so the same request goes out again."""
    server, rest = token_server("old", "new")

    response = rest.write("POST", "/things", json={})

    assert response.status_code == 200
    assert [request.url.path for request in server.requests] == [
        "/token",
        "/things",
        "/token",
        "/things",
    ]


def test_a_second_401_is_a_refusal() -> None:
    """A new token that is not accepted either will not be by the third."""
    server, rest = token_server("a", "b", "never given")

    with pytest.raises(Refused):
        rest.get("/things")

    assert len(server.requests) == 4


def test_a_token_is_fetched_once_for_many_requests() -> None:
    """The token serves until it ends."""
    server, rest = token_server("only")

    for _ in range(3):
        rest.get("/things")

    assert [request.url.path for request in server.requests].count("/token") == 1


def test_a_credential_that_is_not_accepted_names_the_setting() -> None:
    """The reader learns which variables to check."""
    rest = Rest(
        "vendor",
        "https://vendor.test",
        TokenAuth("vendor", "https://vendor.test/token", lambda: ({}, {}), "THE_KEY"),
        by_status,
        transport=httpx.MockTransport(
            lambda _request: httpx.Response(400, json={"error": "invalid_grant"})
        ),
    )

    with pytest.raises(Refused, match=r"invalid_grant.*check THE_KEY"):
        rest.get("/things")


def test_an_unreachable_host_is_named() -> None:
    """The sentence has the host and the setting that holds it."""
    server = Server(httpx.ConnectError("Connection refused"))

    with pytest.raises(Transient, match=r"vendor\.test.*VENDOR_URL"):
        server.rest().get("/things")


def test_a_web_page_instead_of_json_is_refused() -> None:
    """A login page or a proxy that answers is not taken for data."""
    server = Server(httpx.Response(200, html="<html>Sign in</html>"))
    rest = server.rest()

    with pytest.raises(Refused, match=r"text/html instead of JSON.*VENDOR_URL"):
        rest.parsed(rest.get("/things"))


def test_numbers_with_a_fraction_stay_exact() -> None:
    """Seventeen digits survive: no float is in between."""
    body = b'{"amount": 9007199254740993.01, "count": 3}'
    server = Server(httpx.Response(200, content=body))
    rest = server.rest()

    assert rest.parsed(rest.get("/things")) == {
        "amount": Decimal("9007199254740993.01"),
        "count": 3,
    }


def test_what_is_no_json_number_is_refused() -> None:
    """NaN would be compared as unequal to itself for ever."""
    server = Server(httpx.Response(200, content=b'{"amount": NaN}'))
    rest = server.rest()

    with pytest.raises(Refused):
        rest.parsed(rest.get("/things"))
