"""What is served beside the page: to whoever has the address, to nobody else, and while its session is open."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from pages.app import served as module
from pages.app.served import MOST_ROWS, PARTS_OF_A_SESSION, Served, routes


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Served:
    one = Served()
    monkeypatch.setattr(module, "served", lambda: one)
    return one


@pytest.fixture
def client(here: Served) -> TestClient:
    return TestClient(Starlette(routes=routes()))


def session(monkeypatch: pytest.MonkeyPatch, name: str | None, still_open: set[str] | None = None) -> None:
    monkeypatch.setattr(module, "session_of_this_thread", lambda: name)
    monkeypatch.setattr(module, "is_open", lambda one: still_open is None or one in still_open)


def test_a_part_is_what_was_offered_compressed_and_kept_for_good(here: Served, client: TestClient) -> None:
    address = here.offer("zeros", lambda: bytes(4000))
    answer = client.get(f"/{address}")
    assert answer.content == bytes(4000)
    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]
    plain = client.get(f"/{address}", headers={"Accept-Encoding": "identity"})
    assert plain.content == bytes(4000)
    assert "content-encoding" not in plain.headers


def test_what_does_not_become_smaller_is_sent_as_it_is(here: Served, client: TestClient) -> None:
    noise = gzip.compress(bytes(range(256)) * 40)
    answer = client.get(f"/{here.offer('noise', lambda: noise)}")
    assert answer.content == noise
    assert "content-encoding" not in answer.headers


def test_a_part_is_made_once_and_only_when_it_is_asked_for(here: Served, client: TestClient) -> None:
    made: list[int] = []

    def make() -> bytes:
        made.append(1)
        return b"part"

    address = here.offer("part", make)
    assert made == []
    for _ in range(2):
        assert client.get(f"/{address}").content == b"part"
    assert made == [1]


def test_addresses_differ_from_session_to_session_and_server_to_server(
    here: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    session(monkeypatch, "anna")
    first = here.offer("same", lambda: b"")
    assert here.offer("same", lambda: b"") == first
    session(monkeypatch, "ben")
    assert here.offer("same", lambda: b"") != first
    assert Served().offer("same", lambda: b"") not in (first, here.offer("same", lambda: b""))
    assert len(first.rpartition("/")[2]) == 48  # 24 bytes: not to be guessed


def test_nothing_is_served_to_who_does_not_know_the_address(client: TestClient) -> None:
    for path in ("data/0", "texts/0?rows=1", "data/../app.py", f"data/{'0' * 48}"):
        answer = client.get(f"/embedlab/{path}")
        assert answer.status_code == 404
        assert "zeros" not in answer.text


def test_who_has_left_is_served_nothing_and_holds_nothing(
    here: Served, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    session(monkeypatch, "anna", {"anna"})
    address = here.offer("hers", lambda: b"hers")
    assert client.get(f"/{address}").status_code == 200
    session(monkeypatch, "ben", {"ben"})
    assert client.get(f"/{address}").status_code == 404
    here.offer("his", lambda: b"his")
    assert [offer.name for offer in here.offers.values()] == ["his"]


def test_of_one_session_the_oldest_offers_go(here: Served) -> None:
    for number in range(PARTS_OF_A_SESSION + 5):
        here.offer(str(number), lambda: b"")
    assert len(here.offers) == PARTS_OF_A_SESSION
    assert {offer.name for offer in here.offers.values()}.isdisjoint({"0", "4"})


def test_texts_are_told_for_the_rows_that_are_asked_for(here: Served, client: TestClient) -> None:
    def tell(rows: Any) -> list[dict[str, Any]]:
        return [{"text": f"<b>{row}</b>", "values": []} for row in rows]

    address = here.offer_texts("rows", tell)
    answer = client.get(f"/{address}?rows=3,1")
    assert answer.json() == [{"text": "<b>3</b>", "values": []}, {"text": "<b>1</b>", "values": []}]
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize("rows", ["", "a", "1,,2", "-1", "1.5", "99999999999", ",".join(["1"] * (MOST_ROWS + 1)), "²"])
def test_what_is_no_list_of_rows_is_refused_in_a_sentence(here: Served, client: TestClient, rows: str) -> None:
    address = here.offer_texts("rows", lambda rows: [])
    answer = client.get(f"/{address}?rows={rows}")
    assert answer.status_code == 400
    assert "Ask for at most" in answer.text
