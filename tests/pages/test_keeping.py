"""What is made once for everybody: what it holds, what goes when there is too much, and what never goes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import streamlit as st

from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Job, Paused, Progress, Report
from embedlab.corpus import Corpus
from embedlab.corpus.vectors import OwnVectors
from embedlab.pipeline import EmbeddingChoice
from pages.app import jobs as app_jobs
from pages.app.jobs import ENTRY_BYTES, GRACE, PAUSE, JobRegistry, budget, kept, work
from pages.app.keys import about_of, stands_for
from pages.app.weighing import pieces
from tests.conftest import LetterEncoder

KB = 1_000


class Room:
    """A workshop, a clock that is turned by hand, and who draws a page now; `open_sessions` are connected."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, room_for: int) -> None:
        self.now, self.who, self.open_sessions = 1_000.0, "", {"anna", "ben"}
        self.workshop = JobRegistry(
            room_for * (KB + 200 + ENTRY_BYTES), self.open_sessions.__contains__, lambda: self.now
        )
        monkeypatch.setattr(app_jobs, "session_of_this_thread", lambda: self.who or None)

    def make(self, key: str, who: str = "") -> np.ndarray:
        """Ask, as `who`, for an array of a kilobyte."""
        self.who = who
        made: np.ndarray = self.workshop.value(key, lambda: np.zeros(KB, dtype=np.uint8))
        return made

    def page(self, who: str, *keys: str) -> None:
        """Draw a page that asks for `keys`."""
        self.who = who
        self.workshop.page_begins()
        for key in keys:
            self.make(key, who)

    def there(self, *keys: str) -> str:
        return "".join(key for key in keys if self.workshop.has(key))


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], Room]:
    return lambda room_for: Room(monkeypatch, room_for)


# --- What goes -----------------------------------------------------------------------------------


def test_what_was_not_asked_for_longest_goes_first_and_only_as_much_as_is_needed(room: Callable[[int], Room]) -> None:
    three = room(3)
    for key in "abc":
        three.make(key)
        three.now += GRACE
    three.make("a")
    three.now += GRACE
    three.make("d")
    assert three.there(*"abcd") == "acd"
    assert three.workshop.bytes <= three.workshop.budget


def test_nothing_goes_within_a_minute(room: Callable[[int], Room]) -> None:
    two = room(2)
    for key in "abcd":
        two.make(key)
        two.now += GRACE / 5
    assert two.there(*"abcd") == "abcd"
    two.now += GRACE
    two.make("e")
    assert two.there(*"abcde") == "de"


def test_what_an_open_session_shows_stays_however_long_it_looks(room: Callable[[int], Room]) -> None:
    two = room(2)
    two.page("anna", "a", "b")
    two.now += 100 * GRACE
    for key in "cdef":
        two.make(key)
        two.now += 2 * GRACE
    assert two.there(*"abcdef") == "abf"


def test_thirty_people_keep_their_maps_where_there_is_room_for_twelve(room: Callable[[int], Room]) -> None:
    twelve = room(12)
    people = [f"person {number}" for number in range(30)]
    twelve.open_sessions.update(people)
    for who in people:
        twelve.page(who, f"map of {who}")
        twelve.now += GRACE
    assert all(twelve.workshop.has(f"map of {who}") for who in people)


def test_what_a_page_no_longer_asks_for_goes_a_minute_later(room: Callable[[int], Room]) -> None:
    one = room(1)
    one.page("anna", "a")
    one.now += 10 * GRACE
    one.page("anna")  # a page that was interrupted before it asked for anything: what it showed is on the screen still
    one.make("b")
    assert one.there(*"ab") == "ab"
    one.now += GRACE
    one.make("c")
    assert one.there(*"abc") == "c"


def test_what_a_closed_session_showed_goes_a_minute_later_and_not_while_it_is_reconnecting(
    room: Callable[[int], Room],
) -> None:
    one = room(1)
    one.page("anna", "a")
    one.now += 10 * GRACE
    one.open_sessions.discard("anna")
    one.make("b")
    assert one.there(*"ab") == "ab"
    one.open_sessions.add("anna")
    one.now += 2 * GRACE
    one.make("c")
    assert one.there(*"abc") == "ac"
    one.open_sessions.discard("anna")
    one.now += GRACE
    one.make("d")
    one.now += GRACE
    one.make("e")
    assert one.there(*"acde") == "e"


def test_one_result_that_two_people_show_stays_until_both_have_left(room: Callable[[int], Room]) -> None:
    one = room(1)
    one.page("anna", "a")
    one.page("ben", "a")
    one.page("anna")
    one.now += 2 * GRACE
    one.make("b")
    assert one.there(*"ab") == "ab"
    one.page("ben")
    one.now += 2 * GRACE
    one.make("c")
    assert one.there(*"abc") == "c"


def test_work_on_its_way_never_goes_and_is_done_once(room: Callable[[int], Room]) -> None:
    none, let_go, begun = room(0), threading.Event(), []

    def work(report: object) -> str:
        begun.append(1)
        let_go.wait(10)
        return "made"

    job = none.workshop.job("slow", work)
    none.now += 10 * GRACE
    none.make("a")
    assert none.workshop.job("slow", work) is job
    let_go.set()
    assert job.result() == "made"
    assert begun == [1]
    assert none.workshop.known("slow") is job
    assert none.workshop.known("never asked for") is None
    until = time.monotonic() + 10
    while none.workshop.bytes < 2 * ENTRY_BYTES and time.monotonic() < until:
        time.sleep(0.01)
    none.now += 10 * GRACE
    none.make("b")
    assert none.workshop.known("slow") is None
    none.workshop.forget("b")
    assert none.workshop.bytes == 0


def test_what_fails_is_told_to_everybody_until_it_is_forgotten_as_a_job_and_tried_again_at_once_as_a_quick_result(
    room: Callable[[int], Room],
) -> None:
    two = room(2)
    tries = []

    def fails(report: object = None) -> str:
        tries.append(1)
        raise EmbedlabError("no")

    for _ in range(2):
        with pytest.raises(EmbedlabError):
            two.workshop.job("job", fails).result()
    assert len(tries) == 1
    two.workshop.forget("job")
    with pytest.raises(EmbedlabError):
        two.workshop.job("job", fails).result()
    for _ in range(2):
        with pytest.raises(EmbedlabError):
            two.workshop.value("quick", fails)
    assert len(tries) == 4


def test_two_who_ask_at_once_wait_for_one_result(room: Callable[[int], Room]) -> None:
    two, made, begun = room(2), [], threading.Event()

    def slow() -> str:
        begun.set()
        time.sleep(0.1)
        made.append(1)
        return "made"

    asking = [threading.Thread(target=lambda: made.append(two.workshop.value("a", slow))) for _ in range(4)]
    for one in asking:
        one.start()
    for one in asking:
        one.join()
    assert made.count("made") == 4
    assert made.count(1) == 1


def test_a_result_forgotten_while_it_is_made_holds_nothing(room: Callable[[int], Room]) -> None:
    two = room(2)

    def made() -> np.ndarray:
        two.workshop.forget("a")
        return np.zeros(KB)

    two.workshop.value("a", made)
    assert two.workshop.bytes == 0
    assert not two.workshop.has("a")


# --- For whom work goes on ---------------------------------------------------------------------


class Steps:
    """Work that reports whenever it is let to, on a clock that is turned by hand."""

    def __init__(self, one: Room) -> None:
        self.room, self.steps = one, threading.Semaphore(0)
        self.done = 0

    def __call__(self, report: Report) -> int:
        while self.done < 100:
            self.steps.acquire(timeout=10)
            self.done += 1
            report(Progress("Counting", self.done, 100, 1.0, self.done))
        return self.done

    def ask(self, who: str, about: str = "these texts", key: str = "count") -> Job[int]:
        """Ask for it, as `who`, who looks at `about`."""
        self.room.who = who
        self.room.workshop.looks_at(about)
        return self.room.workshop.job(key, self, "“tickets”")

    def after(self, seconds: float) -> None:
        """Let it report once, so many seconds later."""
        before, self.room.now = self.done, self.room.now + seconds
        self.steps.release()
        until = time.monotonic() + 5
        while self.done == before and time.monotonic() < until:
            time.sleep(0.005)
        time.sleep(0.02)  # until what was reported has been looked at

    def goes_on(self, job: Job[int]) -> bool:
        self.after(1)
        self.after(PAUSE + 1)
        return not job.wait(0.2)


@pytest.fixture
def steps(room: Callable[[int], Room]) -> Iterator[Steps]:
    made = Steps(room(5))
    yield made
    made.done = 100
    made.steps.release(3)


def test_work_goes_on_while_its_page_is_open_whichever_page_that_is(steps: Steps) -> None:
    job = steps.ask("anna")
    steps.room.workshop.page_begins()  # another page, which asks for nothing
    assert steps.goes_on(job)


def test_work_pauses_when_other_texts_are_looked_at_and_goes_on_when_asked_for_again(steps: Steps) -> None:
    job = steps.ask("anna")
    steps.room.workshop.looks_at("other texts")
    assert not steps.goes_on(job)
    assert job.paused
    assert steps.room.workshop.known("count") is None
    again = steps.ask("anna")
    assert again is not job
    assert steps.goes_on(again)


def test_work_pauses_when_its_tab_is_closed_and_not_while_it_is_reloaded(steps: Steps) -> None:
    job = steps.ask("anna")
    steps.room.open_sessions.discard("anna")
    steps.after(1)
    steps.after(PAUSE / 2)
    assert steps.ask("ben") is job  # the page again, as another session
    assert steps.goes_on(job)
    steps.room.open_sessions.discard("ben")
    assert not steps.goes_on(job)


def test_work_that_another_person_waits_for_goes_on(steps: Steps) -> None:
    job = steps.ask("anna")
    steps.ask("ben")
    steps.room.who = "anna"
    steps.room.workshop.looks_at("other texts")
    assert steps.goes_on(job)
    assert [(one.about, one.mine, one.others) for one in steps.room.workshop.running()] == [("“tickets”", False, 1)]
    steps.room.who = "ben"
    assert steps.room.workshop.running()[0].whom == "for this tab"


def test_what_the_server_began_with_goes_on_and_is_not_listed(steps: Steps) -> None:
    job = steps.ask("")
    assert steps.goes_on(job)
    assert steps.room.workshop.running() == []


def test_work_that_other_work_needs_goes_on_and_pauses_with_it(steps: Steps) -> None:
    shop, needed = steps.room.workshop, []

    def needs_it(report: Report) -> int:
        needed.append(shop.job("count", steps))
        return needed[0].result()

    steps.room.who = "anna"
    shop.looks_at("these texts")
    job = shop.job("whole", needs_it)
    steps.room.who = ""
    until = time.monotonic() + 5
    while not needed and time.monotonic() < until:
        time.sleep(0.01)
    assert steps.goes_on(needed[0])
    assert [one.job for one in shop.running()] == [job]
    steps.room.open_sessions.discard("anna")
    assert not steps.goes_on(needed[0])
    assert job.wait(5)
    assert job.paused
    assert shop.known("whole") is None


def test_a_stop_is_one_for_everybody_and_is_remembered(steps: Steps) -> None:
    job = steps.ask("anna")
    steps.ask("ben")
    job.stop()
    assert job.stopping
    steps.after(1)
    assert job.wait(5)
    assert job.stopped
    assert not job.paused
    assert not job.stopping
    assert steps.ask("ben") is job
    assert steps.room.workshop.running() == []
    with pytest.raises(Paused):
        raise Paused


def test_a_job_says_which_texts_and_which_model_it_is_about() -> None:
    corpus = Corpus.of(["a", "b"], "tickets")
    assert about_of([corpus, EmbeddingChoice("a-model")]) == "“tickets”, a-model"
    assert about_of([SimpleNamespace(texts=corpus), 3]) == "“tickets”"
    assert about_of([SimpleNamespace(space=SimpleNamespace(corpus=corpus))]) == "“tickets”"
    assert about_of(["a-model", ("x",)]) == ""


# --- What it weighs ------------------------------------------------------------------------------


def test_an_array_that_two_results_share_is_counted_once(room: Callable[[int], Room]) -> None:
    ten, shared = room(10), np.zeros(5 * KB, dtype=np.uint8)
    ten.workshop.value("a", lambda: SimpleNamespace(vectors=shared, own=np.zeros(KB, dtype=np.uint8)))
    ten.workshop.value("b", lambda: (shared[::2], [shared[:10]]))
    assert ten.workshop.bytes == 6 * KB + 2 * ENTRY_BYTES
    ten.workshop.forget("a")
    assert ten.workshop.bytes == 5 * KB + ENTRY_BYTES
    ten.workshop.forget("b")
    assert ten.workshop.bytes == 0


def test_texts_count_one_by_one_or_as_one_row_where_there_are_many() -> None:
    few, many = ("a" * 1_000, "b" * 1_000), tuple("c" * 1_000 + str(row) for row in range(1_000))
    assert 2_000 < sum(pieces(few).values()) < 2_200
    weighed = pieces({"texts": many, "again": many})
    assert len([held for held in weighed.values() if held > 10_000]) == 1
    assert 1_000_000 < sum(weighed.values()) < 1_200_000


def test_what_a_library_holds_counts_where_it_says_so_and_circles_end() -> None:
    circle = SimpleNamespace(name="x", model=SimpleNamespace(nbytes=7_000_000))
    circle.itself = circle
    assert 7_000_000 <= sum(pieces([circle, 1, None, 2.5, len, KB]).values()) < 7_001_000
    column = np.array(["d" * 500] * 3, dtype=object)
    assert sum(pieces(column).values()) > 1_500


# --- Functions whose results are kept ------------------------------------------------------------


@pytest.fixture
def empty() -> Iterator[None]:
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


@pytest.mark.usefixtures("empty")
def test_arguments_that_others_stand_for_dont_count() -> None:
    calls = []

    @kept
    def doubled(number: int, _whatever: object, times: int = 2) -> int:
        calls.append(number)
        return times * number

    assert [doubled(1, []), doubled(1, {}), doubled(2, []), doubled(1, _whatever=[], times=2)] == [2, 2, 4, 2]
    assert calls == [1, 2]
    doubled.forget(1, None)
    assert doubled(1, []) == 2
    assert calls == [1, 2, 1]
    doubled.forget_all()
    doubled(1, [])
    doubled(2, [])
    assert calls == [1, 2, 1, 1, 2]


def test_the_operator_says_how_much_may_be_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(app_jobs.ENVIRONMENT, raising=False)
    monkeypatch.setattr(app_jobs, "_memory", lambda: 6_000_000_000)
    assert budget() == 1_500_000_000
    monkeypatch.setattr(app_jobs, "_memory", lambda: 10**12)
    assert budget() == app_jobs.MOST_BYTES
    monkeypatch.setenv(app_jobs.ENVIRONMENT, "700")
    assert budget() == 700_000_000
    for told in ("0", "many", "-3", "1.5"):
        monkeypatch.setenv(app_jobs.ENVIRONMENT, told)
        with pytest.raises(EmbedlabError, match=f"“{told}”: give the megabytes"):
            budget()


# --- By arguments --------------------------------------------------------------------------------


@pytest.fixture
def own_registry(monkeypatch: pytest.MonkeyPatch) -> JobRegistry:
    made = JobRegistry(10**9, lambda session: False)
    monkeypatch.setattr(app_jobs, "registry", lambda: made)
    return made


@pytest.mark.usefixtures("own_registry")
def test_work_is_kept_by_what_its_arguments_hold() -> None:
    calls = []

    @work
    def twice(report: Report, corpus: Corpus, rows: np.ndarray, _about: object, k: int = 2) -> int:
        calls.append(k)
        return len(corpus) * k

    rows, other = np.arange(3), Corpus.of(["a", "b"])
    job = twice(Corpus.of(["a", "b"]), rows, "x")
    assert job.wait(5)
    assert job.result() == 4
    assert twice(other, rows.copy(), "another", k=2) is job
    assert twice.made(other, rows, "x") == 4
    assert twice(other, rows[:2], "x") is not job
    assert twice.known(other, rows, "x", 3) is None
    assert twice.made(other, rows, "x", 3) is None
    twice.forget(other, rows, "y")
    assert twice(other, rows, "x") is not job
    twice.forget_all()
    assert twice.known(other, rows[:2], "x") is None


def test_what_has_no_fingerprint_is_not_taken_for_an_argument() -> None:
    with pytest.raises(TypeError, match="SimpleNamespace has no fingerprint"):
        stands_for([SimpleNamespace()])
    assert stands_for(LetterEncoder()) == stands_for(LetterEncoder())
    assert stands_for(LetterEncoder()) != stands_for(LetterEncoder(window=9))
    assert stands_for(Corpus.of(["a"])) != stands_for(Corpus.of(["b"]))
    assert stands_for((1, "a")) == (1, "a")
    assert stands_for([None, "a"]) == (None, "a")


def test_texts_with_other_vectors_of_their_own_are_others() -> None:
    made = [Corpus.of(["a", "b"]), *(_with_vectors(number) for number in (1.0, 2.0, 2.0))]
    assert len({one.fingerprint for one in made}) == 1
    keys = [stands_for(one) for one in made]
    assert keys[2] == keys[3]
    assert len(set(keys)) == 3


def _with_vectors(number: float) -> Corpus:
    return replace(Corpus.of(["a", "b"]), vectors=(OwnVectors("own", np.full((2, 3), number, dtype=np.float32)),))
