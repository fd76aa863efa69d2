"""The vendored files of the documentation pages are the ones that `app/static/README.md` names."""

import hashlib
import re
from pathlib import Path

STATIC = Path(__file__).parent.parent / "app" / "static"
ROW = re.compile(r"^\| `(?P<file>[^`]+)` \|.*\| `(?P<sum>[0-9a-f]{64})` \|$", re.MULTILINE)


def test_every_file_has_the_sum_that_the_readme_gives() -> None:
    given = {row["file"]: row["sum"] for row in ROW.finditer((STATIC / "README.md").read_text())}
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in STATIC.iterdir()
        if path.name != "README.md"
    }

    assert found == given


def test_redoc_asks_nobody_for_a_logo() -> None:
    """The policy of the page would stop it, and the browser's console say so."""
    script = (STATIC / "redoc.standalone.js").read_text(encoding="utf-8")
    assert script.count('"redocly logo"') == 1
    assert "logo-mini" not in script
