"""Progress, stopwatch and jobs."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from embedlab.base import progress
from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Job, Progress, Report, Sharing, Stopped, Stopwatch

SOON = 10.0


def test_the_rate_rests_on_fresh_items_alone() -> None:
    """900 were stored; 50 were worked on in 5 s, so 10 a second, and the last 50 take 5 s more."""
    progress = Progress("Embedding", done=950, total=1_000, seconds=5.0, fresh=50)
    assert progress.rate == 10.0
    assert progress.seconds_left == 5.0
    assert progress.fraction == 0.95


def test_before_the_first_item_there_is_no_rate() -> None:
    progress = Progress("Embedding", done=900, total=1_000, seconds=2.0, fresh=0)
    assert progress.rate is None
    assert progress.seconds_left is None


def test_no_time_and_no_items_are_no_trouble() -> None:
    assert Progress("Embedding", done=1, total=2, seconds=0.0, fresh=1).rate is None
    assert Progress("Embedding", done=0, total=0, seconds=0.0, fresh=0).fraction == 1.0


def test_finished_work_has_no_time_left() -> None:
    assert Progress("Embedding", done=10, total=10, seconds=2.0, fresh=10).seconds_left == 0.0


def test_a_stopwatch_counts_what_is_fresh_and_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([100.0, 101.0, 104.0])
    monkeypatch.setattr(time, "perf_counter", lambda: next(clock))
    seen: list[Progress] = []
    watch = Stopwatch("Embedding", 10, seen.append, ready=4)
    watch.at(4)
    watch.at(7)
    assert seen == [
        Progress("Embedding", done=4, total=10, seconds=1.0, fresh=0),
        Progress("Embedding", done=7, total=10, seconds=4.0, fresh=3),
    ]
    assert watch.done == 7


def test_a_job_gives_its_result_and_its_last_progress() -> None:
    def count(report: Report) -> int:
        watch = Stopwatch("Counting", 3, report)
        for done in (1, 2, 3):
            watch.at(done)
        return threading.get_ident()

    job = Job(count)
    assert job.wait(SOON)
    assert job.result() != threading.get_ident()
    assert job.done
    assert not job.stopped
    assert job.progress is not None
    assert (job.progress.stage, job.progress.done) == ("Counting", 3)


def test_a_job_can_be_watched_and_stopped() -> None:
    started, asked = threading.Event(), threading.Event()
    done: list[int] = []

    def endless(report: Report) -> None:
        watch = Stopwatch("Waiting", 100, report)
        watch.at(1)
        started.set()
        asked.wait(SOON)
        for number in range(2, 100):
            watch.at(number)
            done.append(number)

    job = Job(endless)
    assert started.wait(SOON)
    assert not job.done
    assert not job.wait(0.0)
    assert job.progress is not None
    assert job.progress.done == 1
    job.stop()
    asked.set()
    assert job.wait(SOON)
    assert job.stopped
    assert done == []
    assert job.progress.done == 2, "the last progress before the stop is known"
    with pytest.raises(Stopped):
        job.result()


def test_a_stop_after_the_end_changes_nothing() -> None:
    job = Job(lambda report: "ready")
    assert job.wait(SOON)
    job.stop()
    assert job.result() == "ready"
    assert not job.stopped


def test_an_error_reaches_whoever_asks() -> None:
    def fail(report: Report) -> None:
        raise EmbedlabError("The file is empty: choose another.")

    job = Job(fail)
    for _ in range(2):
        with pytest.raises(EmbedlabError, match=r"^The file is empty: choose another\.$"):
            job.result()
    assert job.done
    assert not job.stopped


def test_too_little_memory_is_said() -> None:
    def fail(report: Report) -> None:
        raise MemoryError

    with pytest.raises(EmbedlabError, match=r"not enough memory.*fewer texts") as caught:
        Job(fail).result()
    assert isinstance(caught.value.__cause__, MemoryError)


# --- Several pieces of work on one machine -------------------------------------------------------


@pytest.fixture
def four_cores(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A machine of four cores, and what BLAS was told on it."""
    told: list[int] = []
    monkeypatch.setattr(progress, "threads", lambda: 4)
    monkeypatch.setattr(Sharing, "_limit", lambda self, share: told.append(share))
    monkeypatch.setattr(Sharing, "_limit_own", lambda self, share: None)
    return told


def test_work_has_all_cores_alone_and_its_share_among_others(four_cores: list[int]) -> None:
    sharing = Sharing()
    assert sharing.threads == 4
    with sharing.computing():
        assert (sharing.running, sharing.threads) == (1, 4)
        with _elsewhere(sharing), _elsewhere(sharing):
            assert (sharing.running, sharing.threads) == (3, 1)
        assert sharing.threads == 4
    assert sharing.running == 0
    assert four_cores == [4, 2, 1, 2, 4, 4]


def test_a_server_keeps_what_a_touch_computes_to_one_thread(four_cores: list[int]) -> None:
    sharing = Sharing()
    sharing.in_between = 1
    assert sharing.threads == 1
    with sharing.computing():
        assert sharing.threads == 4
    assert sharing.threads == 1


@pytest.mark.usefixtures("four_cores")
def test_work_inside_work_is_one_and_who_waits_for_another_does_not_count() -> None:
    sharing = Sharing()
    with sharing.computing(), sharing.computing(), sharing.computing(3):
        assert sharing.running == 3
        with sharing.computing(2):
            assert sharing.running == 3
        with sharing.resting():
            assert sharing.running == 0
        assert sharing.running == 3
    assert sharing.running == 0
    with sharing.resting():
        assert sharing.running == 0


@pytest.mark.usefixtures("four_cores")
def test_what_fails_counts_no_longer() -> None:
    sharing = Sharing()
    with pytest.raises(ValueError, match="no"), sharing.computing(2):
        raise ValueError("no")
    assert sharing.running == 0


def test_a_job_counts_until_it_ends_but_not_while_it_waits_for_another() -> None:
    before, seen, let_go = progress.sharing.running, [], threading.Event()

    def inner(report: Report) -> None:
        let_go.wait(SOON)

    def outer(report: Report) -> None:
        waited_for = Job(inner)
        while progress.sharing.running < before + 2:
            time.sleep(0.01)
        threading.Timer(0.2, lambda: (seen.append(progress.sharing.running - before), let_go.set())).start()
        waited_for.wait(SOON)

    Job(outer).result()
    assert seen == [1]
    until = time.monotonic() + SOON
    while progress.sharing.running > before and time.monotonic() < until:
        time.sleep(0.01)
    assert progress.sharing.running == before


def test_blas_really_has_its_share_and_gets_all_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process-wide setting is changed from other threads than the one that changed it before."""
    monkeypatch.setattr(progress, "threads", lambda: 2)
    np.ones((2, 2)) @ np.ones((2, 2))
    sharing = Sharing()
    with sharing.computing():
        assert _blas_threads() == 2
        with _elsewhere(sharing):
            assert _blas_threads() == 1
        assert _blas_threads() == 2
    assert _blas_threads() == 2
    monkeypatch.undo()
    with sharing.computing():  # as it was
        pass


def _blas_threads() -> int:
    return max(one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas")


@contextmanager
def _elsewhere(sharing: Sharing) -> Iterator[None]:
    """Compute in another thread meanwhile."""
    begun, let_go = threading.Event(), threading.Event()

    def compute() -> None:
        with sharing.computing():
            begun.set()
            let_go.wait(SOON)

    thread = threading.Thread(target=compute)
    thread.start()
    assert begun.wait(SOON)
    yield
    let_go.set()
    thread.join()
