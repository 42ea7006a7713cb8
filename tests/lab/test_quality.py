"""How good a space is by labels, pairs and judgements, and when one model may be said to beat another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import spearmanr
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score, silhouette_samples

from embedlab.corpus import Column, Corpus, frozen
from embedlab.corpus.builtin import builtin
from embedlab.corpus.pairs import Pairs, pairs_of
from embedlab.corpus.readers import read, read_table
from embedlab.encoders import Card, Encoder
from embedlab.errors import EmbedlabError
from embedlab.lab.labelled import agreement, dealt, knn, labelled, linear_probe, silhouette
from embedlab.lab.quality import (
    ARI,
    CLUSTERINGS,
    KNN,
    MEASURES,
    NMI,
    PROBE,
    SILHOUETTE,
    SPEARMAN,
    Quality,
    Task,
    all_versus,
    by_judgements,
    by_labels,
    by_pairs,
    labels_usable,
    summary,
    versus,
)
from embedlab.lab.ranking import METRICS, NDCG, Comparison
from embedlab.lab.resampling import draws, percentiles, resampled_means, spearman
from embedlab.lab.search import Evaluation
from embedlab.space import Clusters, Space
from embedlab.space.clusters import cluster
from embedlab.space.embedding import embed
from embedlab.space.neighbours import neighbours
from tests.conftest import LetterEncoder


def column(values: Sequence[str | None], name: str = "kind") -> Column:
    cells = np.empty(len(values), dtype=object)
    cells[:] = values
    return Column(name, "category", frozen(cells))


def numbers(values: Sequence[float]) -> Column:
    return Column("stars", "number", frozen(np.array(values, dtype=np.float64)))


def space_of(vectors: NDArray[np.floating], texts: Sequence[str] = (), model: str = "given") -> Space:
    unit = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    corpus = Corpus.of(texts or [str(number) for number in range(len(unit))])
    none = frozen(np.zeros(len(unit), dtype=bool))
    return Space(corpus, Card(model, "", unit.shape[1], 8, "numpy"), frozen(unit), none)


def planted(noise: float, seed: int = 0, sizes: Sequence[int] = (40, 40, 40)) -> tuple[NDArray[np.float64], list[str]]:
    """Return noisy vectors around one direction a class, and the classes; the classes don't depend on `noise`."""
    rng = np.random.default_rng(seed)
    codes = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    return np.eye(len(sizes), 12)[codes] + noise * rng.normal(size=(len(codes), 12)), [f"c{code}" for code in codes]


def measured(space: Space, labels: Column, **how: int) -> Quality:
    near = neighbours(space)
    return by_labels(space, near, cluster(near, 1.0), labels, **how)


def made(values: Sequence[float], model: str = "A", measure: str = PROBE, kind: str = "labels") -> Quality:
    """Return a quality with these values and nothing else."""
    found = np.array(values, dtype=np.float64)
    drawn = resampled_means(found[None])[0]
    task = Task(kind, "kind", len(found), ())  # type: ignore[arg-type]
    intervals = {measure: percentiles(float(found.mean()), drawn)}
    return Quality(model, task, np.arange(len(found)), {measure: found}, {}, intervals, {measure: drawn})


# --- Which texts count ---


def test_missing_labels_and_classes_of_one_are_left_out_and_said() -> None:
    rows, notes = labels_usable(column(["a", None, "b", "a", "rare", "b"]))
    assert rows.tolist() == [0, 2, 3, 5]
    assert notes[0] == "1 text without a label left out."
    assert notes[1] == "1 class has one text only and can't be learned from another: left out (“rare”)."
    assert notes[-1] == "Always naming the largest of the 2 classes would be right in 50.0 %."


def test_texts_that_a_model_has_learned_from_count_for_none() -> None:
    learnt = np.array([True, True, False, False, False, False])
    found = labelled(column(["a", None, "a", "b", "a", "b"]), learnt=learnt)
    assert found.rows.tolist() == [2, 3, 4, 5]
    assert found.notes[:2] == (
        "1 text without a label left out.",
        "1 text that a fine-tuned model has learned from left out, for all models alike.",
    )
    assert "fine-tuned" not in "".join(labelled(column(["a", "a", "b", "b"]), learnt=np.zeros(4, dtype=bool)).notes)
    with pytest.raises(EmbedlabError, match="none is left to measure on"):
        labelled(column(["a", "a", "b", "b"]), learnt=np.ones(4, dtype=bool))


def test_measures_leave_out_what_a_model_has_learned_from() -> None:
    vectors, classes = planted(0.1)
    learnt = np.arange(len(classes)) < 30
    space = space_of(vectors)
    near = neighbours(space)
    found = by_labels(space, near, cluster(near, 1.0), column(classes), learnt=learnt)
    assert found.rows.tolist() == list(range(30, len(classes)))


def test_a_text_that_repeats_counts_once_with_its_most_frequent_label() -> None:
    corpus = Corpus.of(["x", "y", "x", "x", "z", "w"])
    found = labelled(column(["a", "a", "b", "b", "b", "a"]), corpus)
    assert found.rows.tolist() == [1, 2, 4, 5]
    assert [found.names[code] for code in found.codes] == ["a", "b", "b", "a"]
    assert "2 texts repeat an earlier one" in found.notes[0]
    assert "1 text has copies with different labels" in found.notes[1]


def test_copies_do_not_make_a_class_of_two() -> None:
    corpus = Corpus.of(["x", "x", "y", "z", "u", "v"])
    found = labelled(column(["rare", "rare", "a", "a", "b", "b"]), corpus)
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
        labels_usable(labels)


def test_numbers_and_dates_are_names_and_that_is_said() -> None:
    rows, notes = labels_usable(numbers([1, 5, 1, np.nan, 5]))
    assert rows.tolist() == [0, 1, 2, 4]
    assert any("taken as names" in note for note in notes)
    days = np.array(["2020-01-01", "2020-01-02"] * 2, dtype="datetime64[us]")
    assert len(labels_usable(Column("day", "date", days))[0]) == 4


# --- The linear probe ---


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
    assert linear_probe(vectors.astype(np.float32), codes).mean() == 1
    shuffled = np.random.default_rng(1).permutation(codes)
    assert linear_probe(vectors.astype(np.float32), shuffled).mean() == pytest.approx(1 / 3, abs=0.15)


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
    assert linear_probe(narrow, codes).mean() == pytest.approx(linear_probe(wide, codes).mean(), abs=0.05)
    assert linear_probe(narrow, codes).mean() > 0.9


# --- The labels of the neighbours ---


def circle(*degrees: float) -> Space:
    return space_of(np.stack([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))], axis=1))


def test_neighbours_vote_with_their_cosines() -> None:
    """On a circle at these degrees; what the two nearest of each say, by hand."""
    space = circle(0, 10, 30, 31, 90)
    of = labelled(column(["a", "b", "a", "b", "b"]))
    found = knn(space, neighbours(space), of, k=2)
    # 0: b (10) before a (30); 10: a, a; 30: b, b; 31: a (30) before b (10); 90: b (31) before a (30)
    assert found.tolist() == [0, 0, 0, 0, 1]


def test_two_weaker_votes_outweigh_one_and_of_equal_ones_the_nearest_wins() -> None:
    labels = column(["a", "b", "a", "a", "b"])
    space = circle(0, 5, 40, 45, 200)
    found = knn(space, neighbours(space), labelled(labels), k=3)
    assert found[0] == 1  # b (5) against a (40) and a (45)
    away = circle(0, 100, 170, 175, 265)  # nobody near the first: votes of 0, the nearest at 95 (b) and 100 (b)
    assert knn(away, neighbours(away), labelled(column(["b", "b", "a", "a", "b"])), k=2)[0] == 1
    assert knn(away, neighbours(away), labelled(column(["a", "b", "a", "a", "b"])), k=4)[0] == 0


def test_texts_without_a_label_have_no_vote_but_others_take_their_place() -> None:
    vectors, classes = planted(0.5, sizes=(60, 60))
    labels = [label if row % 3 == 0 else None for row, label in enumerate(classes)]
    space = space_of(vectors)
    of = labelled(column(labels))
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
    for name, score in (("ARI", adjusted_rand_score), ("NMI", normalized_mutual_info_score)):
        whole = score(codes, groups)
        without = np.array([score(np.delete(codes, row), np.delete(groups, row)) for row in rows])
        brute = 24 * whole - 23 * without
        assert single[name] == pytest.approx(whole)
        assert pseudo[name] == pytest.approx(brute - brute.mean() + whole)


def test_clusters_that_are_the_classes_agree_wholly_and_one_cluster_not_at_all() -> None:
    codes = np.repeat(np.arange(3), 5)
    same, _ = agreement(codes, Clusters(codes.astype(np.int32)[::-1], 1.0, 0, ""), np.arange(15))
    one, _ = agreement(codes, Clusters(np.zeros(15, dtype=np.int32), 1.0, 0, ""), np.arange(15))
    assert same == {"ARI": pytest.approx(1), "NMI": pytest.approx(1)}
    assert one == {"ARI": pytest.approx(0), "NMI": pytest.approx(0)}


# --- All by labels ---


def test_by_labels_measures_all_five_on_the_same_texts() -> None:
    vectors, classes = planted(0.2)
    found = measured(space_of(vectors, model="mine"), column([None, *classes[1:]]))
    assert [one.name for one in found.measures] == [PROBE, KNN, SILHOUETTE, ARI, NMI]
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


def test_a_text_that_the_model_cannot_read_counts_as_like_nothing() -> None:
    corpus = Corpus.of(["ab", "ac", "cd"])
    space = embed(corpus, _Fitted())
    pairs = scored("text1,text2,score\nab,ac,4\nab,cd,1\nab,zz,0\nab,abb,5\n", corpus)
    found = by_pairs(space, pairs, _Fitted())
    assert found.task.items == 4
    assert any("could make no vector of 1 text:" in note for note in found.task.notes)


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
    found = by_judgements(Evaluation(Comparison(values), np.arange(8), ("Note.",)), "mine")
    assert [one.name for one in found.measures] == list(METRICS)
    assert found.intervals[NDCG].mean == 0.5
    assert (found.task.counted, found.task.notes) == ("8 queries", ("Note.",))


# --- One against another ---


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


def test_the_better_model_is_named_with_its_points_and_interval() -> None:
    better, worse = [1.0] * 90 + [0.0] * 10, [1.0] * 70 + [0.0] * 30
    found = versus(made(better, "MiniLM"), made(worse, "WordLlama"), PROBE)
    assert found.verdict == "better"
    assert found.difference.mean == pytest.approx(0.2)
    low, high = (f"{100 * bound:.1f}" for bound in (found.difference.low, found.difference.high))
    beats = (
        f"MiniLM beats WordLlama by 20.0 points of linear-probe accuracy (95 % interval {low} to {high}; 100 texts)."
    )
    assert found.sentence == beats
    turned = versus(made(worse, "WordLlama"), made(better, "MiniLM"), PROBE)
    assert (turned.verdict, turned.sentence) == ("worse", beats)


def test_a_tie_is_called_a_tie() -> None:
    rng = np.random.default_rng(0)
    first, second = (rng.integers(0, 2, 60).astype(float) for _ in range(2))
    found = versus(made(first), made(second, "B"), PROBE)
    assert found.verdict == "tie"
    assert found.sentence.startswith(
        "No difference in linear-probe accuracy between A and B that these 60 texts can show"
    )
    assert "points, 95 % interval -" in found.sentence


def test_the_same_values_are_a_tie_that_says_so() -> None:
    found = versus(made([1, 0, 1]), made([1, 0, 1], "B"), PROBE)
    assert (found.verdict, found.difference.low, found.difference.high) == ("tie", 0, 0)
    assert found.sentence.endswith("these 3 texts can show: they are equal in all of them.")


def test_equal_measures_of_the_whole_are_called_equal() -> None:
    one = made([0.5, 0.7] * 4, measure=ARI)
    whole = replace(one, values={}, single={ARI: one.intervals[ARI].mean})
    said = versus(whole, replace(whole, model="B"), ARI).sentence
    assert said == "No difference in ARI between A and B that these 8 texts can show: they are equal."


def test_of_several_models_the_best_is_named_with_those_that_can_not_be_told_from_it() -> None:
    good, close, bad = [1.0] * 90 + [0.0] * 10, [0.0] * 8 + [1.0] * 85 + [0.0] * 7, [1.0] * 40 + [0.0] * 60
    models = [made(bad, "bad"), made(close, "close"), made(good, "good")]
    assert summary(models, PROBE) == (
        "Of 3 models good has the best linear-probe accuracy; close can't be told from it."
    )
    assert summary([models[0], made(bad, "worse"), models[2]], PROBE).endswith("clearly ahead of all others.")
    none = [made(good, name) for name in "abc"]
    assert summary(none, PROBE) == "By linear-probe accuracy none of the 3 models can be told from the best, a."


def test_five_texts_that_differ_are_too_few_whatever_the_bootstrap_says() -> None:
    """By the sign test five of five are no less likely than one time in sixteen; six of six are."""
    five, six, none = ([1.0] * count + [0.0] * (500 - count) for count in (5, 6, 0))
    found = versus(made(five), made(none, "B"), PROBE)
    assert found.difference.apart_from_zero
    assert found.verdict == "tie"
    assert "they differ in 5 of them, too few to tell" in found.sentence
    assert versus(made(six), made(none, "B"), PROBE).verdict == "better"


def test_a_sure_difference_that_rounding_can_make_is_none_to_speak_of() -> None:
    values = np.linspace(0.1, 0.9, 50)
    found = versus(made(values + 0.0003, measure=SILHOUETTE), made(values, "B", SILHOUETTE), SILHOUETTE)
    assert found.difference.apart_from_zero
    assert found.verdict == "tie"
    assert found.sentence.startswith("No difference in silhouette between A and B to speak of (+0.0003, 95 %")
    assert (
        versus(made(values + 0.001, measure=SILHOUETTE), made(values, "B", SILHOUETTE), SILHOUETTE).verdict == "better"
    )


def test_other_measures_are_not_told_in_points() -> None:
    first, second = np.linspace(0.4, 0.9, 50), np.linspace(0.3, 0.8, 50)
    found = versus(made(first, measure=NDCG, kind="judgements"), made(second, "B", NDCG, "judgements"), NDCG)
    assert found.sentence == "A beats B by 0.100 nDCG@10 (95 % interval 0.100 to 0.100; 50 queries)."


def test_many_comparisons_at_once_have_wider_intervals_and_say_so() -> None:
    rng = np.random.default_rng(0)
    models = [made((rng.random(200) < share).astype(float), f"m{share}") for share in (0.55, 0.45, 0.7)]
    found = all_versus(models, PROBE)
    assert [(one.first, one.second) for one in found] == [("m0.7", "m0.55"), ("m0.7", "m0.45"), ("m0.55", "m0.45")]
    alone = versus(models[2], models[0], PROBE).difference
    wide = found[0].difference
    # 2.394 is the normal quantile for 5 % over three comparisons
    assert wide.high - wide.low == pytest.approx((alone.high - alone.low) * 2.394 / 1.960, rel=1e-3)
    assert "95 % interval for all 3 comparisons together" in found[0].sentence


def test_other_items_and_unknown_measures_are_refused() -> None:
    with pytest.raises(EmbedlabError, match=r"same items \(2 texts and 3 texts\)"):
        versus(made([1, 0]), made([1, 0, 1], "B"), PROBE)
    with pytest.raises(EmbedlabError, match="was not measured by “ARI”: choose one of linear probe"):
        versus(made([1, 0]), made([1, 1], "B"), ARI)


def test_every_measure_is_explained() -> None:
    assert set(MEASURES) == {PROBE, KNN, SILHOUETTE, ARI, NMI, SPEARMAN, *METRICS}
    assert all(one.explained.endswith(".") and one.higher_is_better for one in MEASURES.values())


def test_the_intervals_of_a_difference_cover_it() -> None:
    """1,000 experiments on 150 texts each, one model right in 80 %, the other in 72 %, and the same texts hard."""
    rng = np.random.default_rng(0)
    hard = rng.random((1000, 150))
    first = hard + 0.2 * rng.normal(size=hard.shape) < 0.8
    second = hard + 0.2 * rng.normal(size=hard.shape) < 0.72
    many = rng.random(2_000_000)
    noise = 0.2 * rng.normal(size=(2, len(many)))
    truth = (many + noise[0] < 0.8).mean() - (many + noise[1] < 0.72).mean()
    differences = first.astype(float) - second
    drawn = resampled_means(differences)
    found = [percentiles(float(own.mean()), row) for own, row in zip(differences, drawn, strict=True)]
    covered = np.mean([one.low <= truth <= one.high for one in found])
    assert 0.93 <= covered <= 0.97


# --- The real model ---


@pytest.mark.model
def test_minilm_beats_letters_and_ties_with_itself_in_fp32(minilm: Encoder, exact: Encoder) -> None:
    corpus = builtin("support")
    labels = corpus.column(corpus.label or "")
    fast, slow, letters = (measured(embed(corpus, one), labels) for one in (minilm, exact, LetterEncoder()))
    for name in (PROBE, KNN):
        assert versus(fast, letters, name).verdict == "better"
        assert versus(fast, replace(slow, model="fp32"), name).verdict == "tie"
    assert versus(fast, slow, ARI).verdict == "tie"
