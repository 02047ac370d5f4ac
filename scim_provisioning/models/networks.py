"""The addresses that a connection may be called from, as text of the form ``192.0.2.0/24 2001:db8::/32``."""

import ipaddress
from functools import lru_cache

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@lru_cache(maxsize=1024)
def read_networks(text: str) -> tuple[Network, ...]:
    """Return the networks of a text; an address alone is a network of one.

    :raises ValueError: naming what is no network.
    """
    return tuple(ipaddress.ip_network(part, strict=False) for part in text.replace(",", " ").split())


def validate_networks(text: str) -> None:
    """Refuse a text that cannot be read as networks."""
    try:
        read_networks(text)
    except ValueError as error:
        raise ValidationError(
            _("%(reason)s. Write networks such as 192.0.2.0/24, separated by spaces."),
            params={"reason": error},
        ) from None


def permits(text: str, address: str) -> bool:
    """Return whether an address is in one of the networks; without any, every address is."""
    if not text.strip():
        return True
    try:
        host = ipaddress.ip_address(address)
        return any(host in network for network in read_networks(text))
    except ValueError:
        return False
