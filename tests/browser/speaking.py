"""Somebody who speaks Streamlit's own protocol, and so can touch a page faster than a browser draws it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import ClientConnection, connect


@contextmanager
def visiting(address: str) -> Iterator[Visitor]:
    """Open the app in a tab of its own."""
    where = address.replace("http", "ws") + "/_stcore/stream"
    with connect(where, subprotocols=["streamlit"], max_size=None) as line:  # type: ignore[list-item]
        yield Visitor(line)


class Visitor:
    """One open tab: what is on it, and what was said in alerts so far. Fragments that run by themselves do so."""

    def __init__(self, line: ClientConnection) -> None:
        self._line = line
        self._states: dict[str, WidgetState] = {}
        self._timers: dict[str, tuple[float, float]] = {}
        self._page = ""
        self.elements: dict[tuple[int, ...], tuple[str, Any, str]] = {}
        self.alerts: list[str] = []
        self.ask()

    def ask(self, fragment: str = "", *, by_itself: bool = False) -> None:
        """Ask for the page anew, or for one fragment of it."""
        message = BackMsg()
        asked = message.rerun_script
        asked.fragment_id, asked.is_auto_rerun, asked.page_script_hash = fragment, by_itself, self._page
        asked.widget_states.widgets.extend(self._states.values())
        self._line.send(message.SerializeToString())

    def touch(self, kind: str, label: str, **value: Any) -> None:
        """Give a widget a value, as the page does when somebody touches it."""
        found, fragment = self.widget(kind, label)
        self._states[found.id] = WidgetState(id=found.id, **value)
        self.ask(fragment)

    def widget(self, kind: str, label: str) -> tuple[Any, str]:
        """Return a widget, and the fragment that it belongs to."""
        return next((one, of) for name, one, of in self.elements.values() if name == kind and one.label == label)

    def reads(self, text: str) -> bool:
        """Return whether `text` stands on the page."""
        return any(name == "text" and text in one.body for name, one, _ in self.elements.values())

    def look(self, seconds: float, until: Callable[[], bool] = lambda: False) -> bool:
        """Take in what comes, for so long or until something is so; return whether it is."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not until():
            with suppress(TimeoutError):
                self._take(ForwardMsg.FromString(self._line.recv(timeout=0.05)))  # type: ignore[arg-type]
            for fragment, (every, due) in self._timers.items():
                if time.monotonic() >= due:
                    self._timers[fragment] = every, time.monotonic() + every
                    self.ask(fragment, by_itself=True)
        return until()

    def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            element = message.delta.new_element
            name = element.WhichOneof("type") or ""
            one = getattr(element, name)
            self.elements[tuple(message.metadata.delta_path)] = name, one, message.delta.fragment_id
            if name in ("alert", "exception"):
                self.alerts.append(str(one))
        elif kind == "navigation":
            self._page = message.navigation.page_script_hash
        elif kind == "new_session" and not message.metadata.run.fragment_ids:
            self.elements.clear()
            self._timers.clear()
        elif kind == "auto_rerun":
            every = message.auto_rerun.interval
            self._timers[message.auto_rerun.fragment_id] = every, time.monotonic() + every
        elif kind == "stop_auto_rerun":
            for fragment in message.stop_auto_rerun.fragment_ids:
                self._timers.pop(fragment, None)
