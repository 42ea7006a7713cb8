"""What a browser would make of a page: its elements, and its text outside scripts."""

from __future__ import annotations

from html.parser import HTMLParser


class Elements(HTMLParser):
    """Counts elements and keeps what is outside scripts; nothing may run or fetch from an attribute."""

    def __init__(self, page: str = "") -> None:
        super().__init__()
        self.counts: dict[str, int] = {}
        self.text = ""
        self._inside = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.counts[tag] = self.counts.get(tag, 0) + 1
        self._inside = tag
        assert not any(name.startswith("on") for name, _ in attrs), attrs
        assert not any(name in ("src", "href") for name, _ in attrs), attrs

    def handle_data(self, data: str) -> None:
        if self._inside not in ("script", "style"):
            self.text += data
