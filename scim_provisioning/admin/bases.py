"""What our pages inherit from beside Django's own class, for admin themes that bring a class of their own."""

from typing import Any

from scim_provisioning import conf


def on_base_class(page: type[Any]) -> type[Any]:
    """Return a class of pages on top of the one that the setting ``ADMIN_BASE_CLASS`` names.

    It is read while the admin registers its models: a class has to be complete by then.
    """
    base = conf.imported("ADMIN_BASE_CLASS")
    return (
        page if issubclass(page, base) else type(page.__name__, (page, base), {"__module__": page.__module__})
    )
