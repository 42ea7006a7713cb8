"""Every page through Streamlit's own test harness, with the letter-counting encoder in the model's place."""

from __future__ import annotations

import gzip
import io
import json
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Multiselect

from embedlab import pipeline
from embedlab.base.english import counted
from embedlab.base.errors import EmbedlabError
from embedlab.corpus import Column, Corpus
from embedlab.encoders import DEFAULT_MODEL, registry
from embedlab.encoders.base import PACKAGES, REMOTE, TRANSFORMER, ModelEntry, not_ready
from embedlab.encoders.registry import FAMILIES
from embedlab.encoders.store import Store, stored
from embedlab.pipeline import EmbeddingChoice
from embedlab.space.clusters import DEFAULT_RESOLUTION, GRANULARITIES
from pages.app import results, session
from tests.conftest import LetterEncoder
from tests.pages.driving import MAIN, WORDS, button, run, said, settled, tickets

pytestmark = pytest.mark.usefixtures("fresh")


def test_map_shows_clusters_and_how_far_to_trust_it() -> None:
    at = run()
    assert at.title[0].value == "Map"
    assert re.fullmatch(r"Granularity: \d+ clusters", at.select_slider(key=session.granularity_key(tickets())).label)
    assert "Trust " in said(at)
    assert "36 texts" in said(at)


@pytest.mark.parametrize("by", ["Clusters", "topic", "stars", "Neighbours kept by the map", "Nothing"])
def test_map_can_be_coloured_by_everything(by: str) -> None:
    at = run()
    at.selectbox(key="colour_by").set_value(by).run()
    settled(at)


def test_granularity_changes_the_number_of_clusters() -> None:
    at = run()
    counts = []
    for granularity in (0.3, 20.0):
        at.select_slider(key=session.granularity_key(tickets())).set_value(granularity).run()
        label = settled(at).select_slider(key=session.granularity_key(tickets())).label
        counts.append(int(label.split()[1]))
    assert counts[0] < counts[1]


def test_find_by_letters_counts_the_texts_that_contain_it() -> None:
    at = run()
    at.segmented_control(key="find_by").set_value("Letters").run()
    at.text_input(key="find").set_value("AAAB").run()
    assert "**3 texts contain it**" in said(settled(at))
    at.text_input(key="find").set_value("zzz").run()
    assert "**0 texts contain it**" in said(settled(at))


def test_a_typed_sentence_is_placed_and_its_fit_said() -> None:
    at = run()
    at.text_input(key="find").set_value("abba").run()
    assert "Your sentence" in said(settled(at))
    assert "nearest text" in said(at)


def test_a_clicked_text_shows_its_neighbours() -> None:
    at = run()
    at.session_state["touched"] = session.Touched(tickets().fingerprint, clicked=4)
    at.run()
    assert "true neighbours are near it" in said(settled(at))
    assert "topic" in said(at)
    button(at, "Clear").click().run()
    assert "true neighbours are near it" not in said(settled(at))


def test_a_selection_is_described() -> None:
    at = run()
    at.session_state["touched"] = session.Touched(tickets().fingerprint, selected=np.arange(6))
    at.run()
    assert "**6** texts, 17 % of all" in said(settled(at))
    assert "Most typical texts" in said(at)


def test_find_looks_into_other_columns_of_texts_and_minds_no_accents() -> None:
    """The letter with its accent composed, decomposed, capital, and without any."""
    notes = ["Caf\u00e9", "cafe\u0301", "CAF\u00c9", "cafe", "tea", None] * 2
    corpus = Corpus("notes", tuple(WORDS), (Column("note", "text", np.array(notes, dtype=object)),))
    at = run(corpus)
    for mode in ("Letters", "Words"):
        at.segmented_control(key="find_by").set_value(mode).run()
        for typed in ("caf\u00e9", "cafe\u0301", "cafe"):
            at.text_input(key="find").set_value(typed).run()
            assert "**8 texts contain it**" in said(settled(at))


def test_the_clusters_to_begin_with_are_those_of_the_command() -> None:
    """So few texts that three links each make a whole: their granularity is less than usual."""
    prepared = results.prepared_job(tickets(), EmbeddingChoice(DEFAULT_MODEL)).result()
    suits = session.granularity(prepared)
    assert suits in GRANULARITIES
    assert suits < DEFAULT_RESOLUTION
    assert pipeline.group(prepared).clusters.resolution == suits


@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("method", ["PCA", "UMAP"])
def test_every_layout_works(method: str, dimensions: int) -> None:
    at = run()
    at.segmented_control(key="method").set_value(method).run()
    at.segmented_control(key="dimensions").set_value(dimensions).run()
    assert "Trust " in said(settled(at))


@pytest.mark.parametrize(
    "texts",
    [
        ["alone"],
        ["one", "two"],
        ["one", "two", "three"],
        ["same"] * 30,
        ["<script>alert(1)</script>", "$x$", "**b**", "💚"],
    ],
    ids=["one", "two", "three", "all the same", "markup"],
)
def test_small_and_strange_corpora_have_a_map(texts: list[str]) -> None:
    at = run(Corpus.of(texts))
    assert counted(len(texts), "text") in said(at)
    assert not at.error


def test_names_with_markdown_are_shown_as_typed() -> None:
    column = Column("**:red[x]** $y$", "category", np.array(["a", "b"] * 6, dtype=object))
    corpus = Corpus("corpus", tuple(WORDS), (column,))
    at = run(corpus)
    at.session_state["touched"] = session.Touched(corpus.fingerprint, selected=np.arange(4), by=column.name)
    assert "\\*\\*:\u2060red" in said(settled(at.run()))
    assert not at.exception


def test_texts_longer_than_the_window_are_counted() -> None:
    assert "2 of 4 texts are longer than the 8 tokens" in said(run(Corpus.of(["a b", "c d e", "x " * 9, "y " * 99])))


def test_a_corpus_of_fewer_texts_than_the_neighbours_chosen_before() -> None:
    """Another page lies between: what was set on the map is kept for the return."""
    at = run()
    at.switch_page("library/texts.py").run()
    at.session_state["corpus"] = Corpus.of(WORDS[:5])
    at.switch_page("map/page.py").run()
    assert "Trust" in said(settled(at))
    assert not at.error


def test_settings_that_the_next_corpus_lacks_are_let_go() -> None:
    at = run()
    at.selectbox(key="colour_by").set_value("topic").run()
    next(one for one in at.slider if one.label == "Neighbours").set_value(30).run()
    at.session_state["corpus"] = Corpus.of(WORDS[:6])
    at.run()
    assert at.selectbox(key="colour_by").value == "Clusters"
    assert "6 texts" in said(settled(at))


# --- Texts ---------------------------------------------------------------------------------------


def upload(at: AppTest, name: str, content: bytes) -> AppTest:
    at.file_uploader(key="file").set_value((name, content, "application/octet-stream")).run()
    assert not at.exception, at.exception
    return at


def test_an_uploaded_file_is_read_reported_and_opened() -> None:
    at = run(page="library/texts.py")
    upload(at, "t.csv.gz", gzip.compress(b"message,topic\nhello there,a\n,b\nhello again,a\n"))
    assert "**3** rows read, **2** texts kept, **1** dropped" in said(at)
    assert "Rows: 2" in said(at)
    button(at, "Map 2 texts").click().run()
    assert at.session_state["corpus"].texts == ("hello there", "hello again")
    assert at.session_state["corpus"].column("topic").values.tolist() == ["a", "a"]


def test_the_text_column_can_be_changed() -> None:
    at = run(page="library/texts.py")
    upload(at, "t.csv", b"question,answer\nwhat is it?,a long answer here\nand why?,another long answer\n")
    texts_of(at).set_value(["question"]).run()
    button(at, "Map 2 texts").click().run()
    assert at.session_state["corpus"].texts == ("what is it?", "and why?")


BEIR = b"_id,title,text\na,Bonds,They carry interest.\nb,Stocks,They carry none of it.\n"


def test_the_title_that_a_layout_makes_a_part_of_the_text_is_one_and_said() -> None:
    at = run(page="library/texts.py")
    upload(at, "corpus.csv", BEIR)
    assert texts_of(at).value == ["title", "text"]
    assert "Each text is its “title” and its “text”, one after the other." in said(at).replace("\\", "")
    button(at, "Map 2 texts").click().run()
    opened = at.session_state["corpus"]
    assert opened.texts == ("Bonds They carry interest.", "Stocks They carry none of it.")
    assert [column.name for column in opened.columns] == ["_id"]


def test_a_title_can_be_left_out_and_another_one_taken_in() -> None:
    at = run(page="library/texts.py")
    upload(at, "corpus.csv", BEIR)
    texts_of(at).set_value(["text"]).run()
    button(at, "Map 2 texts").click().run()
    assert at.session_state["corpus"].texts == ("They carry interest.", "They carry none of it.")
    at.switch_page("library/texts.py").run()
    upload(at, "news.csv", BEIR.replace(b"_id,title", b"day,headline"))
    assert texts_of(at).value == ["text"]
    texts_of(at).set_value(["headline", "text"]).run()
    button(at, "Map 2 texts").click().run()
    assert at.session_state["corpus"].texts[0] == "Bonds They carry interest."


def texts_of(at: AppTest) -> Multiselect:
    return next(one for one in at.multiselect if one.label == "Text column")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("header.csv", b"text\n"),
        ("numbers.csv", b"n\n1\n2\n3\n"),
        ("binary.csv", bytes(range(256)) * 40),
        ("old.xlsx", bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600),
        ("broken.json", b'[{"text": "a"'),
        ("blank.csv", b"text\n\n  \n"),
        ("broken.gz", b"\x1f\x8b\x08\0\0"),
        ("broken.parquet", b"PAR1 not really PAR1"),
    ],
)
def test_bad_files_are_answered_with_one_sentence(name: str, content: bytes) -> None:
    at = upload(run(page="library/texts.py"), name, content)
    assert len(at.error) == 1
    assert at.session_state["corpus"].name == "tickets"  # nothing lost


def test_pasted_lines_are_texts() -> None:
    at = run(page="library/texts.py")
    at.text_area(key="pasted").set_value("first line\n\nsecond line").run()
    assert "**2** texts kept" in said(at)
    button(at, "Map 2 texts").click().run()
    assert at.session_state["corpus"].texts == ("first line", "second line")


def test_a_built_in_data_set_opens() -> None:
    at = run(page="library/texts.py")
    at.button(key="open-nouns").click().run()
    assert at.session_state["corpus"].name == "Nouns by category"
    settled(at)


# --- Own vectors, models ---------------------------------------------------------------------------


def test_vectors_that_came_with_the_texts_make_the_map() -> None:
    rows = [{"text": f"text {word}", "emb": [float(word.count(letter)) for letter in "abcdefgh"]} for word in WORDS]
    at = run(page="library/texts.py")
    upload(at, "t.jsonl", "\n".join(map(json.dumps, rows)).encode())
    assert "Kept as vectors of your own" in said(at).replace("\\", "")
    button(at, "Map 12 texts").click().run()
    settled(at).switch_page("map/page.py").run()
    assert "Your own vectors" in said(at)
    assert "8 dimensions" in said(at).replace("\\", "")
    at.text_input(key="find").set_value("a sentence").run()
    assert "what made them is not known" in at.error[0].value.replace("\\", "")
    at.switch_page("library/models.py").run()
    assert "vectors that came with the texts" in said(at).replace("\\", "")


def test_a_npy_file_beside_the_texts_must_fit_them() -> None:
    at = run(page="library/texts.py")
    upload(at, "t.csv", b"text,n\none text,1\nanother text,2\n")
    wrong, right = io.BytesIO(), io.BytesIO()
    np.save(wrong, np.eye(3))
    np.save(right, np.eye(2))
    at.file_uploader(key="file-npy").set_value(("v.npy", wrong.getvalue(), "application/octet-stream")).run()
    assert "has 3 rows, but 2 rows were read" in at.error[0].value.replace("\\", "")
    at.file_uploader(key="file-npy").set_value(("v.npy", right.getvalue(), "application/octet-stream")).run()
    assert not at.error
    button(at, "Map 2 texts").click().run()
    assert session_own(at) == "v.npy"


def test_vectors_before_and_after_are_compared() -> None:
    """Both files may have the same name, as they have in two folders."""
    at = run(page="library/texts.py")
    texts = "text,n\n" + "".join(f"text {word},{row}\n" for row, word in enumerate(WORDS))
    upload(at, "t.csv", texts.encode())
    files = []
    for seed in (0, 1):
        content = io.BytesIO()
        np.save(content, np.random.default_rng(seed).normal(size=(12, 4)))
        files.append(("v.npy", content.getvalue(), "application/octet-stream"))
    at.file_uploader(key="file-npy").set_value(files).run()
    button(at, "Map 12 texts").click().run()
    settled(at).switch_page("compare/page.py").run()
    at = settled(at)
    assert at.multiselect[0].value == ["v.npy", "v.npy (2)"]
    assert "is laid onto that of" in said(at)
    assert not at.error
    assert not at.exception


def session_own(at: AppTest) -> str:
    own: str = at.session_state["own"][1]
    return own


def test_every_family_is_explained_and_a_model_is_chosen_with_one_click() -> None:
    at = run(page="library/models.py")
    for family in FAMILIES:
        assert (family.explained in said(at)) == (family != PACKAGES), "other packages, once there is one"
    at.button(key="use-wordllama").click().run()
    assert at.session_state["model"] == "wordllama"
    at = settled(at)
    at.select_slider(key="dimensions-wordllama").set_value(64).run()
    assert session_kept(at) == {"wordllama": 64}
    assert "256 bytes a text" in said(at)
    assert not at.exception


def test_models_of_other_packages_are_shown_also_one_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    ready = replace(not_ready("mine", PACKAGES, "from the package plugged"), ready=True)
    entries = [ready, not_ready("broken", PACKAGES, "“broken” fails (OSError): mend or update its package.")]
    monkeypatch.setattr(registry, "plugin_entries", lambda taken: entries)
    at = run(page="library/models.py")
    assert PACKAGES.explained in said(at)
    assert "From the package plugged" in said(at)
    assert "mend or update its package" in said(at)
    assert at.button(key="use-mine")
    assert "use-broken" not in [one.key for one in at.button]
    assert not at.exception


def session_kept(at: AppTest) -> dict[str, int]:
    kept: dict[str, int] = at.session_state["kept-dimensions"]
    return kept


@pytest.mark.parametrize("typed", ["", "nothing", "../../etc/passwd", "/etc", "a/b/c", "<b>/x"])
def test_what_is_no_models_id_is_never_looked_for(typed: str) -> None:
    at = run(page="library/models.py")
    at.text_input[-1].set_value(typed)
    next(one for one in at.button if one.label == "Download").click().run()
    assert "is no model's id" in at.error[0].value.replace("\\", "")
    assert "fetching" not in at.session_state


def test_speeds_of_the_models_here_are_measured_by_turns_on_the_open_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model and its fine-tuned copy share a figure; one that isn't asked for is left alone."""
    shapes = {"base": "six layers", "tuned": "six layers", "other": ""}
    loaded: list[str] = []

    def load(name: str, exact: bool = False, texts: Sequence[str] = ()) -> LetterEncoder:
        loaded.append(name)
        encoder = LetterEncoder()
        encoder.card = replace(encoder.card, model=name, shape=shapes.get(name, ""))
        return encoder

    listings = tuple(
        ModelEntry(name, TRANSFORMER, True, "here", lambda exact, texts: LetterEncoder(), shape=shape)
        for name, shape in shapes.items()
    )
    away = ModelEntry("away", REMOTE, True, "elsewhere", lambda exact, texts: LetterEncoder())
    monkeypatch.setattr(pipeline, "load", load)
    monkeypatch.setattr("embedlab.encoders.models", lambda: (*listings, away))
    monkeypatch.setattr("embedlab.encoders.speed.AT_LEAST", 0.001)
    at = run(page="library/models.py")
    loaded.clear()
    settled(at.button(key="models-measure").click().run())
    assert said(at).count("texts a second here, tests") == 3
    assert sorted(loaded) == ["base", "other"]
    helps = [one.help for one in at.caption if "texts a second here" in one.value]
    assert all("2 models by turns" in one for one in helps)
    assert not at.error


def test_a_download_that_fails_is_said_and_can_be_left(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(name: str, report: object = None) -> None:
        raise EmbedlabError("The hub can't be reached: check the connection.")

    monkeypatch.setattr(results, "download", unreachable)
    at = run(page="library/models.py")
    at.text_input[-1].set_value("some/model")
    next(one for one in at.button if one.label == "Download").click().run()
    assert "The hub can't be reached" in at.error[0].value.replace("\\", "")
    button(at, "Back to the models").click().run()
    assert not at.error
    assert "Lexical" in [one.value for one in at.subheader]


# --- Similarity, stored vectors --------------------------------------------------------------------


def test_similarity_samples_clusters_and_orders_by_columns() -> None:
    at = run(page="similarity/page.py")
    assert at.title[0].value == "Similarity"
    for order in ("Cluster", "topic", "stars"):
        at.selectbox[0].set_value(order).run()
        settled(at)
        assert not at.error


def test_similarity_of_pasted_texts() -> None:
    at = run(page="similarity/page.py")
    at.segmented_control(key="similarity-texts").set_value("Pasted texts").run()
    at.text_area(key="similarity-pasted").set_value("abc\ncab\nxyz").run()
    assert "3 texts." in said(settled(at))
    at.text_area(key="similarity-pasted").set_value("  ").run()
    assert len(at.error) == 1


def test_stored_vectors_are_shown_and_cleared(letters: LetterEncoder) -> None:
    store = Store(letters.card)
    store.put(["abc"], letters.encode(["abc"]))
    at = run(page="library/stored.py")
    assert at.dataframe[0].value["Texts"].tolist()[0] >= 1
    button(at, "Clear now").click().run()
    assert not at.exception
    assert sum(entry.texts for entry in stored()) == 0


def test_a_fault_in_the_encoder_is_said_and_can_be_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str, exact: bool = False, texts: Sequence[str] = ()) -> LetterEncoder:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(pipeline, "load", broken)
    at = run()
    assert len(at.error) == 1
    assert "secret detail" not in said(at)
    monkeypatch.setattr(pipeline, "load", lambda name, exact=False, texts=(): LetterEncoder())
    button(at, "Try again").click().run()
    assert "Trust " in said(settled(at))


def test_a_stop_keeps_what_was_done(monkeypatch: pytest.MonkeyPatch, fresh: LetterEncoder) -> None:
    slow: Callable[..., object] = fresh.encode

    def encode(texts: list[str]) -> object:
        time.sleep(0.5)
        return slow(texts)

    fresh.encode = encode  # type: ignore[method-assign,assignment]
    fresh.card = replace(fresh.card, at_once=4)
    at = AppTest.from_file(MAIN, default_timeout=60)
    at.session_state["corpus"] = tickets()
    at.run()
    button(at, "Stop").click().run()
    for _ in range(40):
        if at.info:
            break
        time.sleep(0.1)
        at.run()
    assert "kept" in said(at)
    assert 0 < sum(entry.texts for entry in stored()) < len(set(tickets().texts))
    button(at, "Continue").click().run()
    assert "Trust " in said(settled(at))
