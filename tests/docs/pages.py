"""The pages of the documentation, as they are read by Sphinx."""

import re
from pathlib import Path

from docs._ext.pages import completed

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
# A block of code that a guide asks to write into a file.
FILE_BLOCK = re.compile(r"<!-- file: (\S+) -->\n```\w*\n(.*?)```", re.DOTALL)


def page(name: str) -> str:
    """Return a page with its tables."""
    return completed((DOCS / f"{name}.md").read_text(encoding="utf-8"))


def section(text: str, heading: str) -> str:
    """Return what stands below a heading, up to the next one."""
    _before, _heading, rest = text.partition(f"\n{heading}\n")
    assert rest, f"there is no {heading}"
    return re.split(r"\n#+ ", rest)[0]


def first_cells(text: str) -> list[str]:
    """Return the name in the first cell of each row of the tables of a text: `name` or [`name`]{#anchor}."""
    return re.findall(r"^\| \[?`([^`]+)`", text, re.MULTILINE)


def rows(text: str) -> dict[str, list[str]]:
    """Return the cells of each row by the name in the first one."""
    lines = re.findall(r"^\| \[?`([^`]+)`[^|]*\| (.*) \|$", text, re.MULTILINE)
    return {name: re.split(r"(?<!\\) \| ", rest) for name, rest in lines}


def files_of(text: str) -> dict[str, str]:
    """Return the files that a guide asks to write; blocks of one file are joined."""
    files: dict[str, str] = {}
    for name, block in FILE_BLOCK.findall(text):
        files[name] = files.get(name, "") + block
    return files
