"""The address under which others reach a page, by where the browser and the server are."""

import socket
from types import SimpleNamespace

import pytest

from bertlab.ui.app import join_qr
from bertlab.ui.app.join_qr import IN_CONTAINER, Reach, lan_addresses, page_address, qr_svg, reach


@pytest.fixture
def browser(monkeypatch):
    """A browser at some address and a server with some settings, on a machine of two networks."""
    context = SimpleNamespace(url="http://localhost:8501", headers={})
    settings = {"server.port": 8501, "server.baseUrlPath": "", "server.address": None,
                "server.sslCertFile": None}  # fmt: skip
    monkeypatch.setattr(join_qr.st, "context", context)
    monkeypatch.setattr(join_qr.st, "get_option", settings.get)
    monkeypatch.setattr(join_qr, "lan_addresses", lambda: ("192.168.1.5", "10.0.0.5"))
    monkeypatch.setattr(join_qr, "CONTAINER_MARKS", ())
    monkeypatch.delenv("BERTLAB_PUBLIC_URL", raising=False)
    context.settings = settings
    return context


def test_from_the_machine_itself_others_take_its_network_addresses(browser):
    assert reach() == Reach("http://192.168.1.5:8501/", ("http://10.0.0.5:8501/",))


def test_an_address_that_others_use_already_is_right_with_its_prefix(browser):
    browser.url = "https://hub.example/user/ana/proxy/8501/attention_cell"
    assert reach("attention_cell") == Reach("https://hub.example/user/ana/proxy/8501/")
    browser.url = "http://192.168.1.5:8501"  # Streamlit leaves the last slash out
    assert reach() == Reach("http://192.168.1.5:8501/")


def test_the_servers_own_prefix_and_port_count_whatever_tunnel_the_browser_came_by(browser):
    browser.url = "http://localhost:9999/lab/heads"
    browser.settings |= {"server.baseUrlPath": "/lab/", "server.sslCertFile": "cert.pem"}
    assert reach("heads").root == "https://192.168.1.5:8501/lab/"


def test_a_proxy_on_this_machine_keeps_its_port_and_its_prefix(browser):
    browser.url = "http://localhost:8080/bert/heads"
    browser.headers["x-forwarded-for"] = "127.0.0.1"
    assert reach("heads").root == "http://192.168.1.5:8080/bert/"


def test_the_setting_comes_before_all(browser, monkeypatch):
    monkeypatch.setenv("BERTLAB_PUBLIC_URL", "https://bert.example/lab")
    assert reach("heads") == Reach("https://bert.example/lab/")


def test_where_nobody_can_join_it_is_said_why(browser, monkeypatch, tmp_path):
    browser.settings["server.address"] = "127.0.0.1"
    assert not reach().root
    assert "--server.address=127.0.0.1" in reach().advice
    browser.headers["x-forwarded-prefix"] = "/user/ana/bertlab"  # others come through the proxy
    browser.url = "http://localhost:8888/user/ana/bertlab/"
    assert reach().root == "http://192.168.1.5:8888/user/ana/bertlab/"
    del browser.headers["x-forwarded-prefix"]
    browser.settings["server.address"] = "0.0.0.0"
    assert reach().root
    monkeypatch.setattr(join_qr, "lan_addresses", lambda: ())
    assert not reach().root
    assert "on no network" in reach().advice


def test_in_a_container_the_address_is_doubtful(browser, monkeypatch, tmp_path):
    monkeypatch.setattr(join_qr, "CONTAINER_MARKS", (tmp_path,))
    assert reach().root == "http://192.168.1.5:8501/"
    assert reach().advice == IN_CONTAINER


def test_cards_that_other_machines_do_not_reach_are_left_out(monkeypatch):
    found = {"lo": "127.0.0.1", "docker0": "172.17.0.1", "br-1f": "172.18.0.1", "wlan0": "10.0.0.5",
             "eth9": "10.9.9.9", "eth0": "169.254.1.1"}  # fmt: skip
    cards = {
        name: [SimpleNamespace(family=socket.AF_INET, address=a), SimpleNamespace(family=-1)]
        for name, a in found.items()
    }
    states = {name: SimpleNamespace(isup=name != "eth9") for name in found}
    monkeypatch.setattr(join_qr.psutil, "net_if_addrs", lambda: cards)
    monkeypatch.setattr(join_qr.psutil, "net_if_stats", lambda: states)
    assert lan_addresses() == ("10.0.0.5",)


def test_the_state_of_a_page_stands_in_its_address():
    state = {"text": ["北京 & [MASK]"], "head": ["2.1"]}
    address = page_address("http://10.0.0.5/", "heads", state)
    assert address == "http://10.0.0.5/heads?text=%E5%8C%97%E4%BA%AC+%26+%5BMASK%5D&head=2.1"
    assert page_address("http://10.0.0.5/", "", {}) == "http://10.0.0.5/"


def test_a_long_address_is_a_code_too_and_one_past_any_code_is_refused():
    assert qr_svg("http://10.0.0.5/" + "a" * 2_800).startswith("<svg")
    with pytest.raises(ValueError, match=r"(?i)data too large"):
        qr_svg("http://10.0.0.5/" + "a" * 3_000)
