"""Which addresses count as public, and who is let through although they are not."""

from __future__ import annotations

import pytest

from gpu_etl.resources.http import AddressRefused, Unreachable
from gpu_etl.resources.http_addresses import AddressGuard, is_public
from gpu_etl.resources.http_urls import Place


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.1.2.3", "100.64.0.1"),
        *("224.0.0.1", "255.255.255.255", "240.0.0.1", "192.0.2.1", "::1", "::", "fe80::1%eth0", "fc00::1", "ff02::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "nonsense", ""),
    ],
)
def test_not_public(address: str) -> None:
    assert not is_public(address)


def guard(*trusted: str, **names: str) -> AddressGuard:
    return AddressGuard(trusted, resolver=lambda host, port: names.get(host.partition(".")[0], host).split())


def test_every_address_of_a_name_must_be_public() -> None:
    guard(shop="8.8.8.8 1.1.1.1").check("https://shop.test/")
    with pytest.raises(AddressRefused, match=r"^https://shop\.test/x: 10\.1\.1\.1 is not a public address"):
        guard(shop="8.8.8.8 10.1.1.1").check("https://shop.test/x")


@pytest.mark.parametrize("trusted", ["http://10.0.0.5:8080/list", "10.0.0.5:8080"])
def test_trust_is_for_one_port(trusted: str) -> None:
    guard(trusted).check("http://10.0.0.5:8080/")
    with pytest.raises(AddressRefused):
        guard(trusted).check("http://10.0.0.5:5432/")


def test_a_bare_host_is_trusted_on_the_web_ports() -> None:
    home = guard("nas.home", nas="192.168.1.9")
    home.check("http://nas.home/")
    home.check("https://nas.home/")
    with pytest.raises(AddressRefused):
        home.check("http://nas.home:8080/")


def test_a_peer_is_judged_for_the_server_it_was_asked_for() -> None:
    some = guard("10.0.0.5:80")
    assert some.allows_peer(Place("10.0.0.5", 80), "10.0.0.5")
    assert some.allows_peer(Place("shop.test", 443), "8.8.8.8")
    assert not some.allows_peer(Place("shop.test", 443), "127.0.0.1")


def test_behind_a_proxy_names_are_the_proxys_but_addresses_are_not() -> None:
    nameless = guard(shop="")
    nameless.check("https://shop.test/", proxied=True)
    for url in ("http://10.0.0.1/", "http://localhost/", "http://2130706433/"):
        with pytest.raises((AddressRefused, Unreachable)):
            nameless.check(url, proxied=True)


def test_an_unknown_name_is_unreachable() -> None:
    with pytest.raises(Unreachable, match="name is not known"):
        guard(shop="").check("https://shop.test/")


def test_a_trusted_host_that_is_none_is_named() -> None:
    with pytest.raises(ValueError, match="':80' is none"):
        guard(":80")
