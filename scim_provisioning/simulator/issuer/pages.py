"""The two pages of the issuer: choose an account, and what went wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

from scim_provisioning.simulator.objects import DirectoryUser

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 30rem; margin: 4rem auto; padding: 0 1rem; }}
ul {{ list-style: none; padding: 0; }}
button {{ font: inherit; width: 100%; margin: 0 0 .5rem; padding: .75rem 1rem; text-align: left; }}
small {{ display: block; }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
{content}
</main>
</body>
</html>
"""


def account_page(accounts: Iterable[tuple[str, DirectoryUser]], parameters: Mapping[str, str]) -> str:
    """Return the page on which a person says who they are; a rehearsal asks for no password."""
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">\n'
        for name, value in parameters.items()
    )
    buttons = "".join(
        f'<li><button name="account" value="{escape(tenant_id)}/{escape(user.object_id)}">'
        f"{escape(user.display_name or user.user_principal_name)}"
        f"<small>{escape(user.user_principal_name)}</small></button></li>\n"
        for tenant_id, user in accounts
    )
    content = (
        "<p>A stand-in for Microsoft's sign-in, for rehearsals: no password is asked for.</p>\n"
        f'<form method="post">\n{hidden}<ul>\n{buttons}</ul>\n</form>'
    )
    return _PAGE.format(title="Pick an account", content=content)


def refusal_page(reason: str) -> str:
    """Return the page of a sign-in that ends here."""
    return _PAGE.format(
        title="Sorry, but we’re having trouble signing you in", content=f"<p>{escape(reason)}</p>"
    )
