"""The cookie that tells one browser from another."""

import pytest
from starlette.testclient import TestClient

from bertlab.ui.state.student import COOKIE, KnowStudent, student_in

PAGE = {"accept": "text/html"}


async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x", b"y")]})
    await send({"type": "http.response.body", "body": b"page"})


@pytest.fixture
def client():
    return TestClient(KnowStudent(app), base_url="http://lab/lab/")


def test_the_first_page_gives_an_id_that_later_ones_keep(client):
    first = client.get("/lab/", headers=PAGE)
    cookie = first.headers["set-cookie"]
    assert first.content == b"page"
    assert first.headers["x"] == "y"
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert len(client.cookies[COOKIE]) == 22
    assert "set-cookie" not in client.get("/lab/attention", headers=PAGE).headers


def test_the_cookie_fits_the_address_in_the_browser_whatever_a_proxy_took_off_it(client):
    """A Path of the server's own, "/" or "/lab/", would be another one than the browser's."""
    assert "path" not in client.get("/attention", headers=PAGE).headers["set-cookie"].lower()
    kept = {cookie.name: cookie.path for cookie in client.cookies.jar}
    assert kept == {COOKIE: "/lab"}  # the folder of the page


def test_two_browsers_are_two_students(client):
    other = TestClient(KnowStudent(app))
    client.get("/lab/", headers=PAGE)
    other.get("/", headers=PAGE)
    assert client.cookies[COOKIE] != other.cookies[COOKIE]


def test_only_documents_set_it(client):
    assert "set-cookie" not in client.get("/lab/main.js", headers={"accept": "*/*"}).headers


@pytest.mark.parametrize("value", ["", "short", "a" * 23, "a" * 21 + "/", "../../etc/passwd"])
def test_what_is_no_id_is_replaced(client, value):
    answer = client.get("/lab/", headers={**PAGE, "cookie": f"{COOKIE}={value}"})
    assert "set-cookie" in answer.headers


def test_reading_the_header():
    assert student_in(f"a=b; {COOKIE}={'x' * 22}; c=d") == "x" * 22
    assert student_in("") == student_in("=;=;") == student_in(COOKIE) == ""
