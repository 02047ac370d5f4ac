"""A user that waits in the directory's recycle bin: renamed there, and not in the Hub (A16)."""

import copy

from scim_provisioning.mapping.targets import Document
from scim_provisioning.mapping.users import WORK_EMAIL, UserMapping
from scim_provisioning.protocol.dialects import name_before_soft_delete


def as_hosted(mapping: UserMapping, document: Document) -> Document:
    """Return a document as the Hub is to see it: user name and e-mail as they were before a soft-delete.

    The SCIM resource keeps the userName as it was sent, and answers with it: what is not returned is sent again in
    every cycle (C4).
    """
    hosted = document
    for path in ("userName", WORK_EMAIL):
        target = mapping.target(path)
        name = name_before_soft_delete(
            target.get(document), document.get("externalId", ""), active=bool(document.get("active", True))
        )
        if name is not None:
            hosted = copy.deepcopy(hosted)
            target.discard(hosted)
            target.set(hosted, name)
    return hosted
