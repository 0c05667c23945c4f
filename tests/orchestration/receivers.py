"""Receivers: who takes alerts on loopback: a web server, and one for mail."""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Receiver:
    """What arrived, and what is answered to what comes next."""

    port: int = 0
    status: int = 200
    taken: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    mails: list[str] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        """Return the texts as Slack would show them."""
        return [str(json.loads(body)["text"]) for _, body in self.taken]

    @property
    def documents(self) -> list[dict[str, Any]]:
        """Return the documents that a webhook got."""
        return [json.loads(body) for _, body in self.taken]


@contextmanager
def web() -> Iterator[Receiver]:
    """Take what is posted."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if receiver.status == 200:
                headers = {name.lower(): said for name, said in self.headers.items()}
                receiver.taken.append((headers, body))
            self.send_response(receiver.status)
            self.end_headers()
            self.wfile.write(b"ok")  # as Slack does, and that is no JSON

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        yield from _served(server, receiver)


@contextmanager
def mail() -> Iterator[Receiver]:
    """Take mail, as far as a client that hands some in speaks SMTP."""
    receiver = Receiver()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 here\r\n")
            for line in self.rfile:
                word = line.split()[0].upper()
                if word == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    lines = iter(self.rfile.readline, b".\r\n")
                    receiver.mails.append(b"".join(lines).decode())
                answer = b"221 bye" if word == b"QUIT" else b"250 ok"
                self.wfile.write(answer + b"\r\n")
                if word == b"QUIT":
                    return

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        yield from _served(server, receiver)


def _served(server: socketserver.BaseServer, receiver: Receiver) -> Iterator[Receiver]:
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    receiver.port = server.server_address[1]  # type: ignore[index, assignment]
    yield receiver
    server.shutdown()
    thread.join()
