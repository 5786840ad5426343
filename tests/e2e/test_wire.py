"""What no proper client sends, through a raw socket: two lengths, two hosts, half a request."""

import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from api.compose import App
from api.settings import Settings
from tests.databases import SqliteDatabases
from tests.e2e.servers import serving_here

pytestmark = pytest.mark.enable_socket
POST = b"POST /v1/session HTTP/1.1\r\nHost: ketnoi\r\nContent-Type: application/json\r\n"
BODY = b'{"email": "nobody@example.vn", "password": "x"}'
NEXT = b"GET /v1/me HTTP/1.1\r\nHost: ketnoi\r\nConnection: close\r\n\r\n"
LENGTH = b"Content-Length: %d\r\n" % len(BODY)
CHUNKED = b"Transfer-Encoding: chunked\r\n"
CHUNKS = b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)


@pytest.fixture(scope="module")
def port(sqlite_databases: SqliteDatabases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    url = sqlite_databases.new()
    sqlite_databases.create_migrated(url)
    home = tmp_path_factory.mktemp("home")
    with serving_here(App(Settings(home=home, database_url=url, embedding_model="none"))) as port:
        yield port


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=30)


def sent(port: int, content: bytes) -> bytes:
    """Send bytes; return all that comes until the service closes."""
    with connect(port) as client:
        client.sendall(content)
        return b"".join(iter(lambda: client.recv(65_536), b""))


def statuses(told: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d+)", told)]


@pytest.mark.parametrize(
    "request_",
    [
        POST + LENGTH + CHUNKED + b"\r\n" + CHUNKS,
        POST + CHUNKED + b"Content-Length: 4\r\n\r\n" + CHUNKS,
        POST + LENGTH + b"Content-Length: 4\r\n\r\n" + BODY,
        POST + b"Content-Length: 4, 5\r\n\r\n" + BODY,
        POST + b"Content-Length: +4\r\n\r\n" + BODY,
        POST + b"Content-Length: -4\r\n\r\n" + BODY,
        POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + CHUNKS,
        POST + b"Transfer-Encoding: xchunked\r\n\r\n" + CHUNKS,
        POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n" + CHUNKS,
        POST + b"Transfer-Encoding : chunked\r\n\r\n" + CHUNKS,
        POST + CHUNKED + b"Transfer-Encoding: identity\r\n\r\n" + CHUNKS,
        POST + CHUNKED + b"\r\n0x" + CHUNKS,
        POST + CHUNKED + b"\r\n-" + CHUNKS,
    ],
)
def test_a_body_of_two_lengths_is_refused_and_nothing_behind_it_is_read(port: int, request_: bytes) -> None:
    assert statuses(sent(port, request_ + NEXT)) == [400]


@pytest.mark.parametrize("body", [LENGTH + b"\r\n" + BODY, CHUNKED + b"\r\n" + CHUNKS])
def test_a_body_of_one_length_is_read_and_so_is_the_next_request(port: int, body: bytes) -> None:
    assert statuses(sent(port, POST + body + NEXT)) == [401, 401]


@pytest.mark.parametrize(
    "headers", [b"", b"Host: a\r\nHost: b\r\n", b"Host: a\r\nX: b\x00\r\n", b"Host: a\r\nX: b\rY: c\r\n"]
)
def test_headers_that_can_be_read_in_two_ways_are_refused(port: int, headers: bytes) -> None:
    assert statuses(sent(port, b"GET /healthz HTTP/1.1\r\n" + headers + b"Connection: close\r\n\r\n")) == [
        400
    ]


def test_no_answer_depends_on_the_host_that_is_asked_for(port: int) -> None:
    told = sent(port, NEXT.replace(b"ketnoi", b"evil.example\r\nX-Forwarded-Host: evil.example"))
    assert statuses(told) == [401] and b"evil" not in told


def test_clients_that_never_finish_hold_up_nobody(port: int) -> None:
    with ExitStack() as open_:
        for number in range(200):
            client = open_.enter_context(connect(port))
            client.sendall(NEXT[:20] if number % 2 else POST + LENGTH + b"\r\n" + BODY[:5])
        for _ in range(10):
            assert statuses(sent(port, NEXT)) == [401]
