"""No page leads to nowhere. Anchors are checked where the site is built."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "SECURITY.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    links = {link for link in re.findall(r"\]\(([^)#\s]+)", text) if "://" not in link}
    assert {link for link in links if not (page.parent / link).exists()} == set()


def test_every_page_is_found_from_the_first() -> None:
    docs = ROOT / "docs"
    seen, due = set[Path](), [docs / "index.md"]
    while due:
        page = due.pop().resolve()
        if page in seen:
            continue
        seen.add(page)
        links = re.findall(r"\]\(([^)#\s]+\.md)", page.read_text(encoding="utf-8"))
        due += [page.parent / link for link in links if "://" not in link and (page.parent / link).exists()]
    assert [page for page in sorted(docs.rglob("*.md")) if page.resolve() not in seen] == []
