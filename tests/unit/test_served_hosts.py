"""Which names and pages are ours: a foreign page may let its own name point at this machine."""

import re
import socket

import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from bertlab.errors import InputError
from bertlab.ui.server import hosts
from bertlab.ui.server.headers import SafeHeaders
from bertlab.ui.server.host_guard import MAX_TOLD, CheckAddress
from bertlab.ui.server.hosts import ServedHosts, own_names, public_url


@pytest.fixture(autouse=True)
def pc7(monkeypatch, tmp_path):
    """A machine called pc7 in the domain school.example, with one network card."""
    resolver = tmp_path / "resolv.conf"
    resolver.write_text("nameserver 10.0.0.1\nsearch school.example lan.\n# search evil.example\n")
    monkeypatch.setattr(hosts, "RESOLVER", resolver)
    monkeypatch.setattr(socket, "gethostname", lambda: "PC7")
    monkeypatch.setattr(hosts, "own_addresses", lambda: frozenset({"192.168.1.5", "::1"}))
    own_names.cache_clear()
    yield
    own_names.cache_clear()


SERVED = ServedHosts.of(["https://bert.example/lab/", "", "*.hub.example"], ["https://portal.org"])


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "localhost:8501", "LocalHost.", "lesson.localhost:8501"),
        *("127.0.0.1:8501", "192.168.1.5:8501", "10.20.30.40", "[::1]:8501", "[fe80::1]"),
        *("pc7", "PC7.local:8501", "pc7.school.example", "pc7.lan:8501"),
        *("bert.example", "bert.example:8443", "ana.hub.example"),
    ],
)
def test_a_class_joins_by_any_name_of_the_machine_and_by_any_ip_address(host):
    assert SERVED.answers(host)


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "evil.example:8501", "localhost.evil.example", "pc7.evil.example"),
        *("127.0.0.1.evil.example", "bert.example.evil.example", "hub.example", "pc8"),
        *("evil@localhost", "localhost/x", "localhost:port", "[::1", "", " ", "a b", "\\localhost"),
    ],
)
def test_no_other_name_is_answered(host):
    assert not SERVED.answers(host)


def test_a_star_answers_everybody():
    assert ServedHosts.of(["*"]).answers("evil.example")


@pytest.mark.parametrize(
    ("origin", "host", "is_trusted"),
    [
        ("http://10.20.30.40:8501", "10.20.30.40:8501", True),  # the page came from here
        ("http://pc7.local", "pc7.local:80", True),
        ("https://bert.example", "127.0.0.1:8501", True),  # a proxy that does not pass the Host
        ("http://192.168.1.5", "127.0.0.1:8501", True),
        ("https://portal.org", "pc7:8501", True),
        ("http://evil.example", "192.168.1.5:8501", False),
        ("http://10.9.9.9:8000", "192.168.1.5:8501", False),  # an IP address, but not ours
        ("http://10.20.30.40:9999", "10.20.30.40:8501", False),
        ("null", "localhost:8501", False),
        ("https://portal.org.evil.example", "pc7:8501", False),
    ],
)
def test_which_pages_may_connect(origin, host, is_trusted):
    assert SERVED.trusts(origin, host) is is_trusted


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("", ""),
        (" https://bert.example ", "https://bert.example/"),
        ("http://10.0.0.5:9000/lab/", "http://10.0.0.5:9000/lab/"),
    ],
)
def test_the_public_address(monkeypatch, given, meant):
    monkeypatch.setenv("BERTLAB_PUBLIC_URL", given)
    assert public_url() == meant


@pytest.mark.parametrize("given", ["bert.example", "ftp://bert.example", "http://", "http://a?b=c"])
def test_a_public_address_that_is_none_says_how_to_write_it(monkeypatch, given):
    monkeypatch.setenv("BERTLAB_PUBLIC_URL", given)
    with pytest.raises(InputError, match="Write it as others type it"):
        public_url()


async def app(scope, receive, send):
    if scope["type"] == "http":
        await PlainTextResponse("page")(scope, receive, send)
    else:
        socket = WebSocket(scope, receive, send)
        await socket.accept()
        await socket.send_text(socket.headers.get("origin", ""))


@pytest.fixture
def client():
    return TestClient(SafeHeaders(CheckAddress(app, SERVED)), base_url="http://pc7:8501")


def test_a_wrong_name_gets_a_page_that_says_what_to_start(client):
    told = {"host": "hub.org", "x-forwarded-proto": "https", "x-forwarded-prefix": "/user/a/8501"}
    answer = client.get("/attention", headers=told)
    assert answer.status_code == 403
    assert "BERTLAB_PUBLIC_URL=https://hub.org/user/a/8501/" in answer.text
    assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]


def test_markup_in_a_name_stays_text(client):
    answer = client.get("/", headers={"host": "<script>x</script>"})
    assert answer.status_code == 403
    assert "<script>" not in answer.text


def test_refused_names_do_not_fill_the_log(client, caplog):
    for number in range(3 * MAX_TOLD):
        client.get("/", headers={"host": f"evil{number}.example"})
        client.get("/", headers={"host": "evil0.example"})
    assert len(caplog.records) == MAX_TOLD


def test_a_foreign_page_reads_nothing_but_a_shell_and_changes_nothing(client):
    foreign = {"origin": "http://evil.example"}
    assert client.get("/", headers=foreign).status_code == 200  # a link from another site
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert (
            client.request(method, "/_stcore/upload_file/a/b", headers=foreign).status_code == 403
        )
        assert client.request(method, "/", headers={"origin": "http://pc7:8501"}).status_code == 200


@pytest.mark.parametrize(
    "headers", [{"origin": "http://evil.example", "host": "pc7"}, {"host": "evil.example"}]
)
def test_a_foreign_websocket_is_closed_before_it_opens(client, headers):
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/x", headers=headers):
        pass


def test_of_a_trusted_websocket_streamlit_is_told_its_own_origin(client):
    """It would otherwise ask a host on the internet for the machine's outside address."""
    told = {"origin": "https://bert.example", "host": "pc7:8501"}
    with client.websocket_connect("/x", headers=told) as socket:
        assert socket.receive_text() == "http://pc7:8501"


def test_every_answer_says_what_a_browser_may_do(client):
    headers = client.get("/media/x.svg").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"  # a run's id stands in the address
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert re.fullmatch("'self' blob:( 'sha256-[^ ]+')+", policy["script-src"])
    assert policy["frame-ancestors"] == policy["form-action"] == policy["base-uri"] == "'self'"
    assert policy["object-src"] == "'none'"
    assert "http" not in " ".join(policy.values())
