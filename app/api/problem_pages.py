"""Pages about the kinds of problems: where the `type` of an error leads.

Their text is `docs/problems.md`, a section for each kind; a test holds that none is missing.
"""

import re
from functools import cache
from html import escape
from pathlib import Path

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from app.api.route import Route
from app.errors import NotFound

_PLACES = (
    Path(__file__).resolve().parents[1] / "problems.md",  # installed
    Path(__file__).resolve().parents[2] / "docs" / "problems.md",  # a checkout
)
_SECTION = re.compile(r"^## (\S+)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_INLINE = (
    (re.compile(r"`([^`]+)`"), r"<code>\1</code>"),
    (re.compile(r"\*\*(.+?)\*\*"), r"<strong>\1</strong>"),
    (re.compile(r"\*(\w.*?)\*"), r"<em>\1</em>"),
)

router = APIRouter(include_in_schema=False, route_class=Route)


@router.get("/problems")
async def problem_types() -> Response:
    """All kinds of problems."""
    links = [
        f'<li><a href="/problems/{slug}">{escape(_title(text), quote=False)}</a></li>'
        for slug, text in sections().items()
    ]
    return _page("Problems", f"<ul>{''.join(links)}</ul>")


@router.get("/problems/{slug}")
async def problem_type(slug: str) -> Response:
    """What one kind of problem means, what to do, and an example."""
    text = sections().get(slug)
    if text is None:
        raise NotFound("There is no such kind of problem; /problems lists them all.")
    parts = text.split("\n\n")
    return _page(_title(text), "".join(_html(part) for part in parts[1:]), _status(text))


@cache
def sections() -> dict[str, str]:
    """The sections of the document by slug; each begins with `**STATUS · TITLE**`."""
    path = next(place for place in _PLACES if place.exists())
    found = _SECTION.findall(path.read_text(encoding="utf-8"))
    return {slug: text.strip() for slug, text in found}


def _status(text: str) -> str:
    return f"<p>HTTP status {text[2:5]}</p>"


def _title(text: str) -> str:
    return text.partition("\n")[0].strip("*").partition(" · ")[2]


def _html(part: str) -> str:
    """A paragraph or a block of code; there is no other Markdown in these sections."""
    if part.startswith("```"):
        code = part.partition("\n")[2].removesuffix("```")
        return f"<pre><code>{escape(code, quote=False)}</code></pre>"
    text = escape(part, quote=False)
    for pattern, replacement in _INLINE:
        text = pattern.sub(replacement, text)
    return f"<p>{text}</p>"


def _page(title: str, body: str, under: str = "") -> HTMLResponse:
    name = escape(title, quote=False)
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    head += '<meta name="color-scheme" content="light dark">'
    foot = '<p><a href="/problems">All problems</a> · <a href="/docs">API</a></p>'
    return HTMLResponse(
        f'<!doctype html><html lang="en"><head>{head}<title>{name}</title></head>'
        f"<body><h1>{name}</h1>{under}{body}{foot}</body></html>"
    )
