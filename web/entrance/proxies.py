"""Proxies in front of the server: whose word is taken on where a request comes from, and by which scheme."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from typing import Any

from werkzeug.middleware.proxy_fix import ProxyFix

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
LOOPBACK: tuple[Network, ...] = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))


def network(text: str) -> Network:
    """An address or a network of proxies, as a setting names it.

    Raises
    ------
    ValueError
        It is neither.
    """
    return ipaddress.ip_network(text.strip(), strict=False)


class Forwarded:
    """Take from trusted proxies alone what they say of a request; anybody else's word is not looked at.

    Parameters
    ----------
    app : what answers.
    trusted : the proxies. Of a chain of them the first address that is none of them is the sender's.
    https : whether browsers come by TLS, even where a proxy does not say so.
    """

    def __init__(self, app: Any, trusted: Sequence[Network], *, https: bool) -> None:
        self._app, self._trusted, self._https = app, tuple(trusted), https

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a request with its sender's own address."""
        if self._https:
            environ["wsgi.url_scheme"] = "https"
        if not self._is_trusted(environ.get("REMOTE_ADDR", "")):
            answer: Iterable[bytes] = self._app(environ, start_response)
            return answer
        told = [each.strip() for each in environ.get("HTTP_X_FORWARDED_FOR", "").split(",") if each.strip()]
        fixed = ProxyFix(self._app, x_for=min(self._hops(told), len(told)), x_proto=1, x_host=1)
        return fixed(environ, start_response)

    def _hops(self, told: Sequence[str]) -> int:
        """How many of the addresses that were passed on are to be believed, the last one first."""
        hops = 1
        for address in reversed(told):
            if not self._is_trusted(address):
                break
            hops += 1
        return hops

    def _is_trusted(self, address: str) -> bool:
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(found in each for each in self._trusted)
