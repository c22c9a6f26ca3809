"""What the documentation's site needs besides mkdocs: pages from the root of the tree, links to files, drawings.

Read by mkdocs, as mkdocs.yml says.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path, PurePosixPath

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation, Section
from mkdocs.structure.pages import Page

sys.path.insert(0, str(Path(__file__).parent))
from state_picture import picture

ROOT = Path(__file__).resolve().parents[1]
FROM_ROOT = {
    "README.md": "project/readme.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "CHANGELOG.md": "project/changes.md",
    "SECURITY.md": "project/reporting.md",
}
"Pages that stand in the root of the tree, and where they are in the site."
FILES = "files"
"The folder of the site for other files of the tree that pages lead to."
ORDER = ("Tutorial", "How to", "Reference", "Design", "Project")
"The sections of the site; pages without one go before them."
FETCHED = re.compile(
    r"<(?:script|img|iframe|source|audio|video)[^>]*\ssrc=[\"']?(?:https?:)?//[^\s>]+"
    r"|<link(?![^>]*rel=[\"']?canonical)[^>]*\shref=[\"']?(?:https?:)?//[^\s>]+"
    r"|@import[^;]*//[^;]+|url\([\"']?(?:https?:)?//[^)]+"
)
"What a browser would load from another host."
LINK = re.compile(r"(\]\(|\bsrc(?:set)?=\")(?!\w+:|#|/)([^)\s#\"]+)(#[^)\s\"]*)?([)\"])")
"Links, and pictures that are named in HTML."
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Diagrams of states are drawn while the site is built: a page loads no program for them."""
    drawn = {"name": "mermaid", "class": "states", "format": drawing}
    config.mdx_configs.setdefault("pymdownx.superfences", {})["custom_fences"] = [drawn]
    return config


def drawing(source: str, language: str, css: str, options: object, md: object, **rest: object) -> str:
    return picture(source)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """The pages of the root are in the site."""
    for name, place in FROM_ROOT.items():
        files.append(File.generated(config, place, content=(ROOT / name).read_text(encoding="utf-8")))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Links that lead out of docs/ lead to what they mean."""
    origins = {place: name for name, place in FROM_ROOT.items()}
    place = page.file.src_uri
    origin = PurePosixPath(origins.get(place) or f"docs/{place}")

    def led(link: re.Match[str]) -> str:
        before, target, anchor, after = link[1], link[2], link[3] or "", link[4]
        meant = PurePosixPath(os.path.normpath(origin.parent / target))
        if not (ROOT / meant).exists():
            raise PluginError(f"{origin}: there is no {meant}")
        inside = in_site(meant, files, config)
        return f"{before}{os.path.relpath(inside, PurePosixPath(place).parent)}{anchor}{after}"

    parts = FENCE.split(markdown)
    fences = [*FENCE.findall(markdown), ""]
    return "".join(LINK.sub(led, part) + fence for part, fence in zip(parts, fences, strict=True))


def in_site(meant: PurePosixPath, files: Files, config: MkDocsConfig) -> str:
    """Where in the site a part of the tree is. What is no page is copied there as text; a folder with its files."""
    if str(meant) in FROM_ROOT:
        return FROM_ROOT[str(meant)]
    if meant.parts[0] == "docs":
        return str(meant.relative_to("docs"))
    uri = f"{FILES}/{meant}.txt"
    if files.get_file_from_path(uri) is None:
        files.append(File.generated(config, uri, content=text_of(ROOT / meant)))
    return uri


def text_of(path: Path) -> str:
    """What stands in a file, or in the files of a folder, one after the other."""
    if path.is_file():
        return path.read_text(encoding="utf-8")
    inside = sorted(file for file in path.iterdir() if file.is_file())
    return "\n".join(f"==== {file.relative_to(ROOT)}\n{file.read_text(encoding='utf-8')}" for file in inside)


def on_nav(nav: Navigation, config: MkDocsConfig, files: Files) -> Navigation:
    """Sections stand in the order in which one reads them."""

    def rank(item: object) -> int:
        title = item.title if isinstance(item, Section) else ""
        return ORDER.index(title) if title in ORDER else -1

    nav.items.sort(key=rank)
    return nav


def on_post_build(config: MkDocsConfig) -> None:
    """Nothing that the site shows is fetched from elsewhere. Raises PluginError that names what would be."""
    site = Path(config.site_dir)
    for file in [*site.rglob("*.html"), *site.rglob("*.css")]:
        text = file.read_text(encoding="utf-8")
        if found := FETCHED.search(text):
            raise PluginError(f"{file.relative_to(site)} would fetch {found[0]}")
