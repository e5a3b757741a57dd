"""Who calls: what wrong codes and reports are counted by."""

import pytest
from fastapi import Request

from verifier.settings import Settings
from verifier.web.callers import caller_of


def request_from(host: str | None) -> Request:
    client = None if host is None else (host, 40_000)
    return Request({"type": "http", "client": client})


@pytest.mark.parametrize(
    ("host", "counted_by"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("::1", "::/64"),
        ("somebody", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_one_caller_is_one_however_it_is_written(host: str | None, counted_by: str) -> None:
    assert caller_of(request_from(host)) == counted_by


@pytest.mark.parametrize("network", ["0.0.0.0/0", "::/0", "10.0.0.0/7", "2000::/3", "*", "proxy"])
def test_not_everybody_is_a_proxy(network: str) -> None:
    with pytest.raises(ValueError, match="trusted_proxies"):
        Settings(
            base_url="https://desk.example",
            trusted_proxies=(network,),
        )


def test_proxies_are_set_as_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KYKY_VERIFIER_TRUSTED_PROXIES", '["10.0.0.5", "2001:db8::/48"]')
    settings = Settings(base_url="https://desk.example")
    assert [str(one) for one in settings.trusted_proxies] == ["10.0.0.5/32", "2001:db8::/48"]
