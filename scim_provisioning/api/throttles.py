"""How many requests are served: a ceiling for each connection, and one for each address that has no valid token.

Both count in the shared cache, and let everybody through when there is none: a limit is no reason to stop
provisioning (F12).
"""

import logging
import random
from time import time
from typing import Any

from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from scim_provisioning import conf

logger = logging.getLogger(__name__)

# Entra's own demand on a service provider (C17): no connection is ever held below it.
LEAST_REQUESTS_PER_SECOND = 25
MINUTE = 60
# Spread, so that all who were sent away together do not come back together.
LONGEST_WAIT = 4


class ConnectionThrottle(BaseThrottle):
    """Refuses what one connection asks beyond the ceiling, with 429 and ``Retry-After`` (F12, F13, T31)."""

    def allow_request(self, request: Request, view: Any) -> bool:
        """Return whether the connection is below its ceiling in this second; without one, nothing is counted."""
        ceiling = conf.value("REQUESTS_PER_SECOND")
        if ceiling is None:
            return True
        served = counted(f"requests:{view.connection.pk}", 1)
        return bool(served <= max(ceiling, LEAST_REQUESTS_PER_SECOND))

    def wait(self) -> float:
        """Return after how many seconds to come back."""
        return jittered()


def jittered() -> int:
    """Return a random number of seconds, for ``Retry-After``."""
    return random.randint(1, LONGEST_WAIT)  # noqa: S311 - spreads load, keeps no secret


def is_knocking_too_often(address: str) -> bool:
    """Count a failed authentication; return whether its address has had too many of them this minute.

    Never asked for a valid token: many organizations may call from one address of their identity provider,
    and the expired token of one must not stop the others.
    """
    return bool(address) and counted(f"failures:{address}", MINUTE) > conf.value(
        "FAILED_AUTHENTICATIONS_PER_MINUTE"
    )


def counted(name: str, seconds: int) -> int:
    """Count one more in the present window of so many seconds, and return how many there are; 0 without a cache."""
    key = f"scim_provisioning:{name}:{int(time()) // seconds}"
    try:
        if cache.add(key, 1, timeout=2 * seconds):
            return 1
        return cache.incr(key)
    except Exception as error:  # noqa: BLE001 - each cache has exceptions of its own, and none may cost a request
        logger.debug("The cache cannot count requests: %s", type(error).__name__)
        return 0
