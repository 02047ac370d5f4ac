"""Commands as a shell would call them."""

import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command


class Shell:
    """Calls commands and keeps what they printed."""

    def __init__(self) -> None:
        self.errors = ""

    def __call__(self, *arguments: Any) -> str:
        """Call a command and return what it wrote to standard output."""
        out, err = StringIO(), StringIO()
        try:
            call_command(*map(str, arguments), stdout=out, stderr=err, no_color=True)
        finally:
            self.errors = err.getvalue()
            self.out = out.getvalue()
        return self.out

    def json(self, *arguments: Any) -> Any:
        """Call a command with ``--json`` and return what it printed."""
        return json.loads(self(*arguments, "--json"))


@pytest.fixture
def shell(db: None) -> Shell:
    """Return a shell."""
    return Shell()


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Callable[[str | None], None]:
    """Return a function that sets what a person types; None is a closed standard input."""

    def set_answer(text: str | None) -> None:
        def typed(_question: str) -> str:
            if text is None:
                raise EOFError
            return text

        monkeypatch.setattr("builtins.input", typed)

    return set_answer
