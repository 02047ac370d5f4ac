"""A person at the Hub's own pages: signing in, the home page, the admin pages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Self

import httpx

from example_project.demo.wire import Tally

Fields = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Welcome:
    """What signing in led to."""

    status: int
    """302 when a session began; the page comes back with 200 when it did not."""
    standing: str = ""
    """What the home page says the person is: pending, active, inactive."""
    home: str = ""


class Visitor:
    """A browser with cookies of its own."""

    def __init__(self, url: str, tally: Tally) -> None:
        """Open the browser."""
        self._http = httpx.Client(base_url=url, timeout=30, event_hooks={"request": [tally.count]})

    def __enter__(self) -> Self:
        """Return the visitor; leaving closes the browser."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Close the browser."""
        self._http.close()

    def sign_in(self, organization: str, username: str) -> Welcome:
        """Sign in "with Microsoft": the Hub trusts who the page says is there."""
        self._http.get("/login/")
        answer = self._post("/login/", {"organization": [organization], "username": [username]})
        if answer.status_code != 302:
            return Welcome(answer.status_code)
        home = self._http.get(answer.headers["Location"]).text
        standing = re.search(r'class="hub-status hub-(\w+)"', home)
        return Welcome(302, standing[1] if standing else "", home)

    def change_groups(self, user_key: object, groups: list[object]) -> str:
        """Save a user's admin page with other groups; return "saved" or the error that the page shows."""
        path = f"/admin/hub/user/{user_key}/change/"
        form = FormReader("user_form")
        form.feed(self._http.get(path).text)
        fields = {**form.fields, "groups": [str(group) for group in groups]}
        answer = self._post(path, {name: fields[name] for name in fields if not name.startswith("_")})
        if answer.status_code == 302:
            return "saved"
        error = re.search(r'<ul class="errorlist"[^>]*>\s*<li>(.*?)</li>', answer.text, re.DOTALL)
        return f"refused: {error[1].split('.')[0]}" if error else f"status {answer.status_code}"

    def _post(self, path: str, fields: Fields) -> httpx.Response:
        token = self._http.cookies["csrftoken"]
        return self._http.post(path, data={**fields, "csrfmiddlewaretoken": token})


class FormReader(HTMLParser):
    """Reads the fields of one form as a browser would send them back."""

    def __init__(self, form_id: str) -> None:
        """Look for the form of this id."""
        super().__init__()
        self.fields: Fields = {}
        self._form_id = form_id
        self._inside = False
        self._name = ""
        self._textarea = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take inputs, chosen options, and the beginning of a text area."""
        values = {name: text or "" for name, text in attrs}
        if tag == "form":
            self._inside = values.get("id") == self._form_id
        if not self._inside:
            return
        if tag in {"select", "textarea"}:
            self._name, self._textarea = values.get("name", ""), tag == "textarea"
        elif tag == "option" and "selected" in values:
            self._take(self._name, values.get("value", ""))
        elif tag == "input" and self._is_sent(values):
            self._take(values["name"], values.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        """Leave the form or the text area."""
        if tag == "form":
            self._inside = False
        elif tag == "textarea":
            self._textarea = False

    def handle_data(self, data: str) -> None:
        """Take the text of a text area."""
        if self._textarea and data.strip():
            self._take(self._name, data)

    def _take(self, name: str, value: str) -> None:
        self.fields.setdefault(name, []).append(value)

    @staticmethod
    def _is_sent(values: dict[str, str]) -> bool:
        if not values.get("name") or values.get("type") in {"submit", "button"}:
            return False
        return values.get("type") not in {"checkbox", "radio"} or "checked" in values
