"""Where a request comes from."""

import ipaddress

from django.http import HttpRequest

from scim_provisioning import conf


def address_of(request: HttpRequest) -> str:
    """Return the address of the client, or nothing where it cannot be told.

    Behind proxies, each of which adds the address of its caller to ``X-Forwarded-For``, the setting
    ``TRUSTED_PROXIES`` says how many of them are the Hub's own; what stands before their entries is hearsay.
    """
    proxies = conf.value("TRUSTED_PROXIES")
    if proxies is None:
        return _canonical(request.META.get("REMOTE_ADDR", ""))
    entries = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    return _canonical(entries[-proxies]) if len(entries) >= proxies else ""


def _canonical(text: str) -> str:
    try:
        address = ipaddress.ip_address(text.strip().partition("%")[0])
    except ValueError:
        return ""
    return str(getattr(address, "ipv4_mapped", None) or address)
