"""How good a space is by labels, pairs and judgements, and when one model may be said to beat another."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import spearmanr
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score, silhouette_samples

from embedlab.base.arrays import frozen
from embedlab.base.errors import EmbedlabError
from embedlab.corpus import Column, Corpus
from embedlab.corpus.pairs import Pairs, pairs_of
from embedlab.corpus.reading.table import read, read_table
from embedlab.corpus.split import split
from embedlab.encoders.tfidf import LexicalEncoder
from embedlab.evaluate.knn import knn
from embedlab.evaluate.labels import Labelled, dealt, usable_labels
from embedlab.evaluate.probe import best_penalty, held_out_probe, linear_probe, trained
from embedlab.evaluate.quality import (
    AMI,
    ARI,
    CLUSTERINGS,
    KNN,
    MEASURES,
    PROBE,
    SILHOUETTE,
    SPEARMAN,
    by_judgements,
    by_labels,
    by_pairs,
)
from embedlab.evaluate.ranking import METRICS, NDCG, MethodScores
from embedlab.evaluate.retrieval import Evaluation
from embedlab.evaluate.separation import agreement, shuffled_agreement, shuffled_silhouettes, silhouette
from embedlab.evaluate.versus import headline, knows_nothing, versus
from embedlab.finetune.frozen import readers
from embedlab.space import Clusters, Space
from embedlab.space.clusters import cluster
from embedlab.space.embedding import embed
from embedlab.space.neighbours import neighbours
from embedlab.stats.intervals import draws, resampled_means, spearman
from tests.conftest import ALPHABET, LetterEncoder
from tests.evaluate.labels import column, measured, planted, space_of
from tests.sentences import say, says


def numbers(values: Sequence[float]) -> Column:
    return Column("stars", "number", frozen(np.array(values, dtype=np.float64)))


def usable(labels: Column, learnt: NDArray[np.bool_] | None = None) -> Labelled:
    """Return the usable labels of as many different texts."""
    return usable_labels(labels, Corpus.of([str(row) for row in range(len(labels.values))]), learnt)


# --- Which texts count ---


def test_missing_labels_and_classes_of_one_are_left_out_and_said() -> None:
    found = usable(column(["a", None, "b", "a", "rare", "b"]))
    rows, notes = found.rows, found.notes
    assert rows.tolist() == [0, 2, 3, 5]
    assert notes[0] == "1 text without a label left out."
    assert says(notes[1], "1 class", "one text", "left out", "“rare”")
    assert says(notes[-1], "largest", "2 classes", "50.0 %")


def test_texts_that_a_model_has_learned_from_count_for_none() -> None:
    learnt = np.array([True, True, False, False, False, False])
    found = usable(column(["a", None, "a", "b", "a", "b"]), learnt=learnt)
    assert found.rows.tolist() == [2, 3, 4, 5]
    assert say(found.notes[:2], ("1 text", "without a label", "left out"), ("1 text", "has learned from", "left out"))
    assert "fine-tuned" not in "".join(usable(column(["a", "a", "b", "b"]), learnt=np.zeros(4, dtype=bool)).notes)
    with pytest.raises(EmbedlabError, match="none is left to measure on"):
        usable(column(["a", "a", "b", "b"]), learnt=np.ones(4, dtype=bool))


def test_measures_leave_out_what_a_model_has_learned_from() -> None:
    vectors, classes = planted(0.1)
    learnt = np.arange(len(classes)) < 30
    space = space_of(vectors)
    near = neighbours(space)
    found = by_labels(space, near, cluster(near, 1.0), column(classes), learnt=learnt)
    assert found.rows.tolist() == list(range(30, len(classes)))


def test_a_text_that_repeats_counts_once_with_its_most_frequent_label() -> None:
    corpus = Corpus.of(["x", "y", "x", "x", "z", "w"])
    found = usable_labels(column(["a", "a", "b", "b", "b", "a"]), corpus)
    assert found.rows.tolist() == [1, 2, 4, 5]
    assert [found.names[code] for code in found.codes] == ["a", "b", "b", "a"]
    assert "1 text has copies with different labels" in found.notes[0]
    assert "2 texts repeat another one" in found.notes[1]


def test_copies_do_not_make_a_class_of_two() -> None:
    corpus = Corpus.of(["x", " X ", "y", "z", "u", "v"])
    found = usable_labels(column(["rare", "rare", "a", "a", "b", "b"]), corpus)
    assert found.names == ("a", "b")


@pytest.mark.parametrize(
    ("labels", "says"),
    [
        (column(["a", "a", "a"]), "have the same one"),
        (column([None, None]), "no value for any text"),
        (column(["a", "b", "c"]), "No two texts share a value"),
        (column(["a", "a", "b", "c"]), "Only one value"),
        (numbers([0.1, 0.2, 0.3, 0.4, 0.5, 0.5, 0.6, 0.6, 0.7]), "numbers that hardly repeat"),
        (Column("day", "date", np.array(["2020-01-01", "2020-01-02"], dtype="datetime64[us]")), "dates that hardly"),
    ],
)
def test_labels_that_cannot_be_used_are_one_sentence(labels: Column, says: str) -> None:
    with pytest.raises(EmbedlabError, match=says):
        usable(labels)


def test_numbers_and_dates_are_names_and_that_is_said() -> None:
    found = usable(numbers([1, 5, 1, np.nan, 5]))
    rows, notes = found.rows, found.notes
    assert rows.tolist() == [0, 1, 2, 4]
    assert any("taken as names" in note for note in notes)
    days = np.array(["2020-01-01", "2020-01-02"] * 2, dtype="datetime64[us]")
    assert len(usable(Column("day", "date", days))) == 4


# --- The linear probe ---


class Uncased(LetterEncoder):
    """Counts letters, whatever their width."""

    def encode(self, texts: Sequence[str], query: bool = False) -> NDArray[np.float32]:
        return super().encode([unicodedata.normalize("NFKC", text) for text in texts], query)


def full_width(text: str) -> str:
    return "".join(chr(ord(letter) + 0xFEE0) for letter in text)


def test_each_class_is_spread_evenly_over_folds_of_like_size() -> None:
    codes = np.repeat(np.arange(4), (2, 3, 11, 17))
    fold = dealt(codes, 5, seed=3)
    for code in range(4):
        counts = np.bincount(fold[codes == code], minlength=5)
        assert np.ptp(counts) <= 1
    assert np.ptp(np.bincount(fold)) <= 1
    assert not np.array_equal(fold, dealt(codes, 5, seed=4))


def test_the_probe_names_classes_that_stand_apart_and_guesses_labels_without_meaning() -> None:
    vectors, classes = planted(0.1)
    codes = np.unique(classes, return_inverse=True)[1]
    assert linear_probe(vectors.astype(np.float32), codes).right.mean() == 1
    shuffled = np.random.default_rng(1).permutation(codes)
    assert linear_probe(vectors.astype(np.float32), shuffled).right.mean() == pytest.approx(1 / 3, abs=0.15)


def test_the_probe_sees_no_copy_of_what_it_is_asked() -> None:
    """Labels by chance, each text twice: whoever has seen the copy knows the label."""
    rng = np.random.default_rng(0)
    texts = [str(number) for number in range(100)] * 2
    chance = rng.choice(["a", "b"], 100).tolist() * 2
    space = embed(Corpus.of(texts), _Scattered())
    found = measured(space, column(chance))
    assert found.task.items == 100
    assert found.intervals[PROBE].mean < 0.7
    assert found.intervals[KNN].mean < 0.7


class _Scattered(LetterEncoder):
    """Gives every text a direction of its own, the same for its copies."""

    def encode(self, texts: Sequence[str], query: bool = False) -> NDArray[np.float32]:
        rows = [np.random.default_rng(int(text)).normal(size=self.card.dimensions) for text in texts]
        return np.array([row / np.linalg.norm(row) for row in rows], dtype=np.float32)


def test_a_narrow_cone_is_probed_as_well_as_a_wide_one() -> None:
    """A common direction added to all vectors changes their cosines, not what can be read off."""
    vectors, classes = planted(0.25, sizes=(90, 15, 15))
    codes = np.unique(classes, return_inverse=True)[1]
    wide, narrow = (space_of(vectors + shift * np.eye(12)[11]).vectors for shift in (0, 30))
    probed = [linear_probe(vectors, codes).right.mean() for vectors in (narrow, wide)]
    assert probed[0] == pytest.approx(probed[1], abs=0.05)
    assert probed[0] > 0.9


def test_the_penalty_is_chosen_where_others_are_asked_and_its_weight_is_told() -> None:
    """Few texts in many dimensions, most of them noise: a strong penalty names more right than a weak one."""
    rng = np.random.default_rng(0)
    codes = np.repeat(np.arange(2), 60)
    vectors = (0.3 * np.eye(2, 80)[codes] + 0.3 * rng.normal(size=(120, 80))).astype(np.float32)
    found = linear_probe(vectors, codes)
    assert len(found.penalties) == 5
    assert np.median(found.penalties) < 1
    by_hand = {penalty: _fixed(vectors, codes, penalty) for penalty in found.shifts}
    for penalty, accuracy in by_hand.items():
        assert found.shifts[penalty] == pytest.approx(accuracy - found.right.mean())


def _fixed(vectors: NDArray[np.float32], codes: NDArray[np.intp], penalty: float) -> float:
    """Return the accuracy with one penalty, in the same folds."""
    fold = dealt(codes, 5)
    right = np.zeros(len(codes))
    for number in range(5):
        held = fold == number
        right[held] = trained(vectors[~held], codes[~held], penalty).named(vectors[held]) == codes[held]
    return float(right.mean())


def test_the_penalty_of_a_held_out_part_is_chosen_without_it() -> None:
    """Whatever the held-out labels are, the same penalty is taken."""
    rng = np.random.default_rng(0)
    codes = np.repeat(np.arange(2), 40)
    vectors = (np.eye(2, 30)[codes] + 0.5 * rng.normal(size=(80, 30))).astype(np.float32)
    asked = vectors[::2] + 0.1 * rng.normal(size=(40, 30)).astype(np.float32)
    one, other = (held_out_probe(vectors, codes, asked, answers) for answers in (codes[::2], 1 - codes[::2]))
    assert one.penalties == other.penalties == (best_penalty(vectors, codes)[0],)
    assert one.right.mean() == pytest.approx(1 - other.right.mean())
    assert one.shifts[one.penalties[0]] == 0


def test_more_texts_than_a_penalty_is_looked_for_on_are_all_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where one text of so many is drawn as there are folds."""
    vectors, classes = planted(0.2)
    codes = np.unique(classes, return_inverse=True)[1]
    for drawn in (60, 40, 24):
        monkeypatch.setattr("embedlab.evaluate.probe._TRIED", drawn)
        found = linear_probe(vectors.astype(np.float32), codes)
        assert found.right.shape == (120,)
        assert found.right.mean() > 0.95


def test_texts_that_nearly_repeat_each_other_lie_in_one_fold_and_have_no_vote() -> None:
    """Labels by chance, each text there twice in other words: whoever has seen its like knows the label."""
    rng = np.random.default_rng(0)
    half = rng.normal(size=(100, 200))
    vectors = np.concatenate([half, half + 0.01 * rng.normal(size=half.shape)])
    labels = rng.choice(["a", "b"], 100).tolist() * 2
    together = np.tile(np.arange(100), 2)
    fold = dealt(np.zeros(200, dtype=np.intp), 5, together=together)
    assert np.array_equal(fold[:100], fold[100:])
    space = space_of(vectors)
    near = neighbours(space)
    blind = by_labels(space, near, cluster(near, 1.0), column(labels), together=together)
    leaking = by_labels(space, near, cluster(near, 1.0), column(labels))
    for name in (PROBE, KNN):
        assert leaking.intervals[name].mean > 0.9
        assert blind.intervals[name].mean < 0.65
    assert any("200 texts that nearly repeat another" in note for note in blind.task.notes)


@pytest.mark.parametrize("again", [str.upper, str.title, "  {} ".format, full_width])
def test_a_model_that_sees_no_capitals_is_not_flattered_by_copies_in_others(again: Callable[[str], str]) -> None:
    """Labels by chance, each text there twice, in other capitals, spaces or letters of another width."""
    rng = np.random.default_rng(0)
    once = ["".join(rng.choice(list(ALPHABET), 30)) for _ in range(60)]
    labels = rng.choice(["a", "b"], 60).tolist() * 2
    corpus = Corpus.of([*once, *map(again, once)])
    space = embed(corpus, Uncased())
    assert np.allclose(space.vectors[:60], space.vectors[60:])
    found = measured(space, column(labels))
    assert found.rows.tolist() == list(range(60))
    assert found.task.notes[0].startswith("60 texts repeat another one, but for capitals, white space or form: ")
    alone = measured(embed(Corpus.of(once), Uncased()), column(labels[:60]))
    for name in (PROBE, KNN):
        assert found.intervals[name].mean == alone.intervals[name].mean < 0.7
    parts = column(["train" if row < 60 else "test" for row in range(120)], "part")
    near = neighbours(space)
    with pytest.raises(EmbedlabError, match="both a text to learn from and one to hold out"):
        by_labels(space, near, cluster(near, 1.0), column(labels), by=parts)


# --- The labels of the neighbours ---


def circle(*degrees: float) -> Space:
    return space_of(np.stack([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))], axis=1))


def test_neighbours_vote_with_their_cosines() -> None:
    """On a circle at these degrees; what the two nearest of each say, by hand."""
    space = circle(0, 10, 30, 31, 90)
    of = usable(column(["a", "b", "a", "b", "b"]))
    found = knn(space, neighbours(space), of, k=2)
    # 0: b (10) before a (30); 10: a, a; 30: b, b; 31: a (30) before b (10); 90: b (31) before a (30)
    assert found.tolist() == [0, 0, 0, 0, 1]


def test_two_weaker_votes_outweigh_one_and_of_equal_ones_the_nearest_wins() -> None:
    labels = column(["a", "b", "a", "a", "b"])
    space = circle(0, 5, 40, 45, 200)
    found = knn(space, neighbours(space), usable(labels), k=3)
    assert found[0] == 1  # b (5) against a (40) and a (45)
    away = circle(0, 100, 170, 175, 265)  # nobody near the first: votes of 0, the nearest at 95 (b) and 100 (b)
    assert knn(away, neighbours(away), usable(column(["b", "b", "a", "a", "b"])), k=2)[0] == 1
    assert knn(away, neighbours(away), usable(column(["a", "b", "a", "a", "b"])), k=4)[0] == 0


def test_texts_without_a_label_have_no_vote_but_others_take_their_place() -> None:
    vectors, classes = planted(0.5, sizes=(60, 60))
    labels = [label if row % 3 == 0 else None for row, label in enumerate(classes)]
    space = space_of(vectors)
    of = usable(column(labels))
    unit = space.vectors[of.rows]
    cosines = unit @ unit.T
    np.fill_diagonal(cosines, -np.inf)
    expected = []
    for row, order in enumerate(np.argsort(-cosines, axis=1)[:, :10]):
        votes = np.bincount(of.codes[order], np.maximum(cosines[row, order], 0))
        expected.append(votes.argmax() == of.codes[row])
    for stored in (4, 30):
        assert knn(space, neighbours(space, stored), of).tolist() == expected


# --- Silhouette, ARI, NMI ---


def test_the_silhouette_is_that_of_all_pairs() -> None:
    vectors, classes = planted(0.4, sizes=(5, 20, 35))
    space = space_of(vectors)
    codes = np.unique(classes, return_inverse=True)[1]
    values, pseudo = silhouette(space.vectors, codes)
    assert values == pytest.approx(silhouette_samples(space.vectors, codes, metric="cosine"), abs=1e-6)
    assert pseudo.mean() == pytest.approx(values.mean())


def test_its_pseudo_values_are_those_of_leaving_one_text_out() -> None:
    vectors, classes = planted(0.4)
    space = space_of(vectors)
    codes = np.unique(classes, return_inverse=True)[1]
    values, pseudo = silhouette(space.vectors, codes)
    count = len(codes)
    others = [np.delete(np.arange(count), row) for row in range(count)]
    without = [silhouette(space.vectors[rows], codes[rows])[0].mean() for rows in others]
    brute = count * values.mean() - (count - 1) * np.array(without)
    assert np.abs(pseudo - brute).max() < 0.1 * brute.std()
    assert np.abs(values - brute).max() > 0.1 * brute.std()


def test_identical_vectors_of_all_classes_have_no_silhouette() -> None:
    assert silhouette(np.ones((4, 2), dtype=np.float32), np.array([0, 0, 1, 1]))[0].tolist() == [0, 0, 0, 0]


def test_agreement_and_its_pseudo_values_are_those_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    codes = np.repeat(np.arange(4), 6)
    groups = np.where(rng.random(24) < 0.6, codes, rng.integers(-1, 3, 24))
    rows = np.arange(24)
    single, pseudo = agreement(codes, Clusters(groups.astype(np.int32), 1.0, 0, ""), rows)
    for name, score in (("ARI", adjusted_rand_score), ("AMI", adjusted_mutual_info_score)):
        whole = score(codes, groups)
        without = np.array([score(np.delete(codes, row), np.delete(groups, row)) for row in rows])
        brute = 24 * whole - 23 * without
        assert single[name] == pytest.approx(whole)
        shifted = brute - brute.mean() + whole
        if name == "ARI":
            assert pseudo[name] == pytest.approx(shifted)
        else:  # what chance gives is taken to fall evenly with the number of texts
            assert np.abs(pseudo[name] - shifted).max() < 0.25 * shifted.std()
            assert pseudo[name].std() == pytest.approx(shifted.std(), rel=0.1)


def test_clusters_that_are_the_classes_agree_wholly_and_one_cluster_not_at_all() -> None:
    codes = np.repeat(np.arange(3), 5)
    same, _ = agreement(codes, Clusters(codes.astype(np.int32)[::-1], 1.0, 0, ""), np.arange(15))
    one, _ = agreement(codes, Clusters(np.zeros(15, dtype=np.int32), 1.0, 0, ""), np.arange(15))
    assert same == {"ARI": pytest.approx(1), "AMI": pytest.approx(1)}
    assert one == {"ARI": pytest.approx(0), "AMI": pytest.approx(0)}


def test_labels_in_random_order_agree_with_nothing_and_say_what_chance_gives() -> None:
    vectors, classes = planted(0.1)
    codes = np.unique(classes, return_inverse=True)[1]
    groups = Clusters(codes.astype(np.int32), 1.0, 0, "")
    mixed = shuffled_agreement(codes, [groups, groups], np.arange(120))
    rng = np.random.default_rng(0)
    orders = [rng.permutation(codes) for _ in range(len(mixed["ARI"]))]
    assert mixed["ARI"] == pytest.approx([adjusted_rand_score(one, codes) for one in orders])
    assert mixed["AMI"] == pytest.approx([adjusted_mutual_info_score(one, codes) for one in orders])
    rng = np.random.default_rng(0)
    by_hand = [silhouette_samples(vectors, rng.permutation(codes), metric="cosine").mean() for _ in range(5)]
    assert shuffled_silhouettes(vectors.astype(np.float32), codes)[:5] == pytest.approx(by_hand, abs=1e-6)


@pytest.mark.filterwarnings("error")
def test_a_vector_of_length_0_is_alike_to_none_and_spoils_no_silhouette() -> None:
    vectors = np.array([[1, 0], [1, 0], [0, 1], [0, 1], [0, 0]], dtype=np.float32)
    codes = np.array([0, 0, 1, 1, 1])
    values, pseudo = silhouette(vectors, codes)
    assert values.tolist() == [1, 1, 0.5, 0.5, 0]  # 0.5: half of its class is at distance 1, as all the others are
    assert np.isfinite(pseudo).all()
    assert np.isfinite(shuffled_silhouettes(vectors, codes)).all()


def test_a_text_alone_in_its_class_has_no_silhouette() -> None:
    vectors = np.array([[1, 0], [1, 0.1], [0, 1]], dtype=np.float32)
    values, pseudo = silhouette(vectors, np.array([0, 0, 1]))
    assert values[2] == 0
    assert values == pytest.approx(silhouette_samples(vectors, [0, 0, 1], metric="cosine"), abs=1e-6)
    assert np.isfinite(pseudo).all()


# --- All by labels ---


def test_by_labels_measures_all_five_on_the_same_texts() -> None:
    vectors, classes = planted(0.2)
    found = measured(space_of(vectors, model="mine"), column([None, *classes[1:]]))
    assert [one.name for one in found.measures] == [PROBE, KNN, SILHOUETTE, ARI, AMI]
    assert (found.model, found.task.kind, found.task.name, found.task.counted) == (
        "mine",
        "labels",
        "kind",
        "119 texts",
    )
    assert found.rows.tolist() == list(range(1, 120))
    for name in (PROBE, KNN, SILHOUETTE):
        assert found.values[name].shape == (119,)
        assert found.intervals[name].mean == pytest.approx(found.values[name].mean())
    assert found.single[ARI] == found.intervals[ARI].mean
    assert all(one.low <= one.mean <= one.high for one in found.intervals.values())


def test_labels_with_a_meaning_beat_chance_by_every_measure_and_shuffled_ones_by_none() -> None:
    vectors, classes = planted(0.3)
    real = measured(space_of(vectors), column(classes))
    assert all(real.beats_chance(name, 3) for name in real.intervals)
    assert real.chance[PROBE] == pytest.approx(1 / 3)
    shuffled = np.random.default_rng(3).permutation(classes).tolist()
    none = measured(space_of(vectors), column(shuffled))
    assert not any(none.beats_chance(name, 3) for name in none.intervals)


def test_the_part_that_the_file_holds_out_is_asked_about_and_the_other_is_learned_from() -> None:
    vectors, classes = planted(0.3)
    space = space_of(vectors)
    near = neighbours(space)
    sides = column(["test" if number % 3 == 0 else "train" for number in range(120)], "split")
    found = by_labels(space, near, cluster(near, 1.0), column(classes), by=sides)
    assert found.rows.tolist() == list(range(0, 120, 3))
    assert found.task.counted == "40 texts of the test part by “split”"
    assert "80 texts that “split” names for training" in found.task.how
    parted = split(space.corpus, column(classes), by=sides)
    probe, votes, _ = readers(space, parted)
    assert found.intervals[PROBE].mean == probe.accuracy.mean
    assert found.intervals[KNN].mean == votes.accuracy.mean
    learnt = np.arange(120) < 60
    fewer = by_labels(space, near, cluster(near, 1.0), column(classes), by=sides, learnt=learnt)
    assert fewer.rows.tolist() == list(range(60, 120, 3))
    assert any("20 held-out texts that a fine-tuned model has learned from" in note for note in fewer.task.notes)


def test_one_label_among_the_held_out_texts_is_one_sentence() -> None:
    vectors, _ = planted(0.3)
    space = space_of(vectors)
    near = neighbours(space)
    labels = column(["a"] * 60 + ["b"] * 60)
    sides = column(["test"] * 30 + ["train"] * 90, "split")
    with pytest.raises(EmbedlabError, match="Fewer than two labels are left among the held-out texts"):
        by_labels(space, near, cluster(near, 1.0), labels, by=sides)


def test_ari_is_the_mean_of_several_clusterings_and_its_interval_knows_that_they_differ() -> None:
    vectors, classes = planted(0.9, sizes=(60, 60, 60))
    space, labels = space_of(vectors), column(classes)
    near = neighbours(space)
    first = cluster(near, 3.0)
    codes = np.unique(classes, return_inverse=True)[1]
    made_of = [agreement(codes, cluster(near, 3.0, seed), np.arange(180)) for seed in range(CLUSTERINGS)]
    runs = [single["ARI"] for single, _ in made_of]
    found = by_labels(space, near, first, labels)
    assert found.single[ARI] == pytest.approx(np.mean(runs))
    of_texts = np.mean([pseudo["ARI"].var() / 180 for _, pseudo in made_of])
    assert np.var(runs) > of_texts / 4
    assert np.var(found.resamples[ARI]) == pytest.approx(of_texts + np.var(runs), rel=0.05)


def test_few_texts_and_small_classes_are_measured_and_said() -> None:
    vectors = np.array([[1, 0], [1, 0.1], [0, 1], [0.1, 1]])
    found = measured(space_of(vectors), column(["a", "a", "b", "b"]))
    assert found.intervals[PROBE].mean == 1
    assert any("Only 4 texts count" in note for note in found.task.notes)
    assert any("2 classes have fewer than 4 texts" in note for note in found.task.notes)


def test_two_hundred_classes() -> None:
    rng = np.random.default_rng(0)
    codes = np.repeat(np.arange(200), 5)
    vectors = rng.normal(size=(200, 32))[codes] + 0.3 * rng.normal(size=(1000, 32))
    found = measured(space_of(vectors), column([f"c{code}" for code in codes]), folds=2)
    assert found.intervals[PROBE].mean > 0.9
    assert found.intervals[KNN].mean > 0.9


# --- By pairs ---


def scored(content: str, corpus: Corpus | None = None) -> Pairs:
    return pairs_of(read_table(content.encode(), "pairs.csv"), corpus)


def test_spearman_of_pairs_by_hand() -> None:
    """Cosines of ab with ab, ac, cd and bd: 1, 1/2, 0, 1/2."""
    corpus = read(b"text\nab x\nac x\ncd x\nbd x\n", "text", name="texts.csv")
    space = embed(corpus, LetterEncoder())
    pairs = scored("text1,text2,score\nab x,ab x,5\nab x,ac x,3\nab x,cd x,1\nab x,bd x,2\n", corpus)
    found = by_pairs(space, pairs)
    assert found.single[SPEARMAN] == pytest.approx(spearmanr([1, 0.5, 0, 0.5], [5, 3, 1, 2])[0])
    assert found.task.counted == "4 pairs"
    assert any("made of 4 texts" in note for note in found.task.notes)


def test_texts_of_no_corpus_are_read_or_their_pairs_left_out() -> None:
    corpus = Corpus.of(["ab", "ac", "cd", "bd"])
    space = embed(corpus, LetterEncoder())
    pairs = scored("text1,text2,score\nab,ac,4\nab,cd,1\nac,bd,0\nab,abb,5\n", corpus)
    read_all, without = by_pairs(space, pairs, LetterEncoder()), by_pairs(space, pairs)
    assert (read_all.task.items, without.task.items) == (4, 3)
    assert read_all.single[SPEARMAN] == pytest.approx(spearmanr([0.5, 0, 0, 0.949], [4, 1, 0, 5])[0])
    assert any("1 pair with a text that is not in the corpus left out" in note for note in without.task.notes)
    with pytest.raises(EmbedlabError, match=r"not measured on the same items \(4 pairs and 3 pairs\)"):
        versus(read_all, without, SPEARMAN)


class _Fitted(LetterEncoder):
    """Refuses texts with a z, as a model that is fitted to a corpus refuses words that it has never seen."""

    def __init__(self) -> None:
        super().__init__()
        self.card = replace(self.card, kept=False)

    def encode(self, texts: Sequence[str], query: bool = False) -> NDArray[np.float32]:
        if any("z" in text for text in texts):
            raise EmbedlabError("Unknown words.")
        return super().encode(texts, query)

    def refitted(self, texts: Sequence[str]) -> _Fitted:
        return self


def test_a_text_that_the_model_cannot_read_counts_as_like_nothing() -> None:
    corpus = Corpus.of(["ab", "ac", "cd"])
    space = embed(corpus, _Fitted())
    pairs = scored("text1,text2,score\nab,ac,4\nab,cd,1\nab,zz,0\nab,abb,5\n", corpus)
    found = by_pairs(space, pairs, _Fitted())
    assert found.task.items == 4
    assert any("could make no vector of 1 text:" in note for note in found.task.notes)


def test_tf_idf_is_fitted_to_the_pairs_where_they_are_not_of_the_corpus() -> None:
    """The corpus is about boats, the pairs about bread: words of the pairs decide, as if they were the corpus."""
    content = (
        "text1,text2,score\nfresh white bread,fresh brown bread,4\nfresh white bread,sour milk here,0\n"
        "sour milk here,sour milk there,5\nbrown bread,white milk,1\n"
    )
    corpus = Corpus.of(["red boats sail", "blue boats sail far", "a fresh wind", "boats here"])
    encoder = LexicalEncoder.fitted(corpus.texts)
    space = embed(corpus, encoder)
    found = by_pairs(space, scored(content, corpus), encoder)
    of_pairs = scored(content)
    own = LexicalEncoder.fitted([*of_pairs.first, *of_pairs.second])
    cosines = (own.encode(of_pairs.first) * own.encode(of_pairs.second)).sum(axis=1)
    assert found.single[SPEARMAN] == pytest.approx(spearmanr(cosines, of_pairs.scores)[0])
    assert "tf-idf is fitted to the texts of the pairs, since not all of them are in the corpus." in found.task.notes
    inside = scored("text1,text2,score\nboats here,a fresh wind,1\nboats here,red boats sail,3\n"
                    "boats here,blue boats sail far,2\n", corpus)  # fmt: skip
    assert not any("fitted" in note for note in by_pairs(space, inside, encoder).task.notes)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("text1,text2,score\nab,ac,2\nab,cd,2\nac,bd,2\n", "All 3 scores in “pairs.csv” are 2"),
        ("text1,text2,score\nab,ac,1\nab,cd,2\n", "Only 2 pairs"),
        ("text1,text2,score\nab,cd,1\nac,bd,2\nab,ab cd,3\n", None),
        ("text1,text2,score\nab,cd,1\nac,bd,2\nad,bc,3\n", "the same cosine"),
    ],
)
def test_pairs_without_an_order_to_compare_are_one_sentence(content: str, says: str | None) -> None:
    space = embed(Corpus.of(["ab", "cd"]), LetterEncoder())
    if says is None:
        assert by_pairs(space, scored(content), LetterEncoder()).task.items == 3
        return
    with pytest.raises(EmbedlabError, match=says):
        by_pairs(space, scored(content), LetterEncoder())


def test_spearman_under_the_bootstrap_is_that_of_the_pairs_drawn() -> None:
    rng = np.random.default_rng(0)
    first, second = rng.integers(0, 6, 30).astype(float), rng.normal(size=30)
    counts = next(draws(30))[:5]
    for row, found in zip(counts, spearman(first, second, counts), strict=True):
        drawn = np.repeat(np.arange(30), row)
        assert found == pytest.approx(spearmanr(first[drawn], second[drawn])[0])


# --- By judgements ---


def test_by_judgements_takes_the_search_by_meaning() -> None:
    values = {
        method: {name: np.full(8, number) for name in METRICS} for method, number in (("meaning", 0.5), ("words", 0.9))
    }
    evaluation = Evaluation(
        MethodScores(values), np.arange(8), ("Note.",), "mine", Corpus.of(["a"]), LetterEncoder().card
    )
    found = by_judgements(evaluation, "mine")
    assert [one.name for one in found.measures] == list(METRICS)
    assert found.intervals[NDCG].mean == 0.5
    assert (found.task.counted, found.task.notes) == ("8 queries", ("Note.",))


def test_every_measure_is_explained() -> None:
    assert set(MEASURES) == {PROBE, KNN, SILHOUETTE, ARI, AMI, SPEARMAN, *METRICS}
    assert all(one.explained.endswith(".") and one.higher_is_better for one in MEASURES.values())


def test_the_draws_are_the_same_for_every_model() -> None:
    values = np.random.default_rng(0).random((2, 40))
    apart = [resampled_means(row[None])[0] for row in values]
    together = resampled_means(values[:1] - values[1:])[0]
    assert apart[0] - apart[1] == pytest.approx(together)
    assert together.std() == pytest.approx((values[0] - values[1]).std() / np.sqrt(40), rel=0.05)


def test_many_items_are_drawn_in_blocks_and_less_often() -> None:
    assert sum(len(counts) for counts in draws(100)) == 10_000
    assert sum(len(counts) for counts in draws(20_000)) == 2_000
    assert all((counts.sum(axis=1) == 20_000).all() for counts in draws(20_000))


def test_a_rare_class_that_is_told_apart_is_no_label_that_says_nothing() -> None:
    vectors, classes = planted(0.9, sizes=(400, 30))
    real = measured(space_of(vectors), column(classes))
    assert not real.beats_chance(PROBE)
    assert real.by_shuffling == pytest.approx(1 / 2_000)
    assert not knows_nothing([real])
    assert "no model beats always naming the largest class (93.0 %)" in headline([real], PROBE)
    shuffled = np.random.default_rng(3).permutation(classes).tolist()
    none = measured(space_of(vectors), column(shuffled))
    assert knows_nothing([none])
    assert headline([none], PROBE).startswith("These labels say nothing here")


def test_the_penalty_is_chosen_without_near_copies_on_both_sides() -> None:
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 2, 100)
    base = rng.normal(size=(100, 60))
    base[:, 0] += 1.5 * codes
    learnt, asked = np.repeat(np.arange(50), 5), np.arange(50, 100)
    vectors = np.concatenate([base[learnt] + 0.05 * rng.normal(size=(250, 60)), base[asked]])
    classes = [f"c{code}" for code in codes[np.concatenate([learnt, asked])]]
    space, alike = space_of(vectors), np.concatenate([learnt, asked])
    near = neighbours(space)
    sides = column(["train"] * 250 + ["test"] * 50, "split")
    flattered, honest = (
        by_labels(space, near, cluster(near, 1.0), column(classes), by=sides, together=groups)
        for groups in (None, alike)
    )
    assert min(honest.shifts) < min(flattered.shifts)
    (probe, *_) = readers(space, split(space.corpus, column(classes), by=sides, together=alike))
    assert honest.intervals[PROBE].mean == probe.accuracy.mean


def test_texts_that_are_all_one_group_can_be_learned_from_none() -> None:
    vectors, classes = planted(0.3)
    space = space_of(vectors)
    near = neighbours(space)
    found = by_labels(space, near, cluster(near, 1.0), column(classes), together=np.zeros(120, dtype=np.intp))
    assert found.intervals[PROBE].mean == 0


@pytest.mark.filterwarnings("error")
def test_where_no_text_speaks_for_a_penalty_the_first_one_tried_is_taken() -> None:
    """All texts lie in the first fold: its own probe has none to choose by, those of the others have all."""
    codes = np.repeat(np.arange(2), 30)
    vectors = np.random.default_rng(0).normal(size=(60, 8)).astype(np.float32)
    found = linear_probe(vectors, codes, folds=3, together=np.zeros(60, dtype=np.intp))
    assert found.penalties == (3.0, 0.1, 0.1)
    assert not found.right.any()
