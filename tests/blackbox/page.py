"""Reads a page of HTML strictly, as the reports of the program are to be written."""

import re
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser

SVG = "{http://www.w3.org/2000/svg}"


class Page(HTMLParser):
    """Well-formed or AssertionError; the text of each element that has an id. It may need nothing
    else: no script, no link, nothing that is loaded."""

    VOID = {"meta", "br"}
    LOADING = {"script", "link", "img", "iframe", "object", "embed", "base", "form", "a", "use",
               "image", "foreignobject"}

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[tuple[str, str | None]] = []
        self.texts: dict[str, str] = {}
        self.tags: set[str] = set()
        assert not re.search(r"@import|url\(", html)
        self.feed(html)
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        name = dict(attrs).get("id")
        assert name not in self.texts, f"two elements are {name}"
        self.tags.add(tag)
        assert tag not in self.LOADING, f"<{tag}>"
        assert not any(attr.startswith("on") or attr in ("src", "href", "xlink:href", "style")
                       for attr, _ in attrs), f"<{tag} {attrs}>"
        if name:
            self.texts[name] = ""
        if tag not in self.VOID:
            self.open.append((tag, name))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop()[0] == tag, f"</{tag}> within {self.open}"

    def handle_data(self, data: str) -> None:
        for _, name in self.open:
            if name:
                self.texts[name] += data


def drawings(html: str) -> dict[str, ElementTree.Element]:
    """The SVGs by their ids. Each is XML and says in words what it shows."""
    found = {}
    for text in re.findall(r"<svg .*?</svg>", html, re.S):
        svg = ElementTree.fromstring(text.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))
        named = {element.get("id"): element.text for element in svg}
        assert svg.get("role") == "img"
        assert all(named[name] for name in svg.get("aria-labelledby").split())
        found[svg.get("id")] = svg
    return found


def colours(html: str) -> list[dict[str, str]]:
    """Of each scheme of the page: light, dark and paper."""
    return [dict(re.findall(r"--(\w+): (#\w+)", block))
            for block in re.findall(r":root \{(.*?)\}", html, re.S)]


def contrast(one: str, other: str) -> float:
    """As WCAG 2 counts it: 1 to 21."""
    def luminance(colour: str) -> float:
        digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
        parts = [int(digits[at:at + 2], 16) / 255 for at in (0, 2, 4)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
                  for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)
