"""Names of clusters: short, different, and there even without words."""

from __future__ import annotations

import numpy as np

from embedlab.space.keywords import vocabulary
from embedlab.space.names import MAX_NAME, ClusterNames, name_clusters
from embedlab.space.space import Clusters


def named(texts: list[str], labels: list[int]) -> ClusterNames:
    clusters = Clusters(np.array(labels, dtype=np.int32), 1.0, 0, "space")
    return name_clusters(clusters, vocabulary(texts))


def test_a_name_is_made_of_the_words_that_set_the_cluster_apart() -> None:
    texts = ["red apple", "red cherry", "blue sky", "blue sea", "grey"]
    names = named(texts, [0, 0, 1, 1, -1])
    assert names.names == ("red, apple, cherry", "blue, sky, sea")
    assert names.words[0][0].term == "red"
    assert names.of(1) == "blue, sky, sea"
    assert names.of(-1) == "no cluster"


def test_names_are_different_even_for_the_same_texts() -> None:
    names = named(["same text"] * 6, [0, 0, 1, 1, 2, 2]).names
    assert len({name.casefold() for name in names}) == 3


def test_the_smaller_cluster_takes_another_of_its_words() -> None:
    texts = ["lost card alpha"] * 3 + ["lost card beta"] * 2 + ["weather"] * 20
    names = named(texts, [0] * 3 + [1] * 2 + [2] * 20).names
    assert len(set(names)) == 3
    assert "beta" in names[1]
    assert "(2)" not in "".join(names)


def test_names_are_short() -> None:
    texts = ["internationalisation considerations notwithstanding", "x" * 50, "blue sky"]
    for name in named(texts, [0, 1, 2]).names:
        assert 0 < len(name) <= MAX_NAME


def test_a_cluster_without_words_is_named_by_its_most_frequent_text() -> None:
    names = named(["😀", "😀", "😡", "12 34", "12  34", "words here"], [0, 0, 0, 1, 1, 2]).names
    assert names[:2] == ("😀", "12 34")


def test_a_cluster_of_blank_texts_is_named_by_its_number() -> None:
    assert named([" ", " ", "words here"], [0, 0, 1]).names[0] == "cluster 1"


def test_no_clusters() -> None:
    assert named(["a", "b"], [-1, -1]).names == ()


def test_fingerprint_changes_with_the_names() -> None:
    first, second = named(["red", "blue"], [0, 1]), named(["red", "grey"], [0, 1])
    assert first.fingerprint == named(["red", "blue"], [0, 1]).fingerprint
    assert first.fingerprint != second.fingerprint


def test_single_words_are_named_by_the_most_central_ones() -> None:
    texts = ("aab", "ab", "abb", "ab", "xxy", "xy", "xyy", "xyyyy")
    clusters = Clusters(np.array([0, 0, 0, 0, 1, 1, 1, 1], dtype=np.int32), 1.0, 0, "")
    vectors = np.array([[2, 1], [1, 1], [1, 2], [1, 1], [-2, 1], [-1, 1], [-1, 2], [-1, 4]], dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    names = name_clusters(clusters, vocabulary(texts), vectors).names
    assert names == ("ab, aab, abb", "xy, xyy, xyyyy")


def groups_of(*groups: tuple[list[str], list[str]]) -> tuple[str, ...]:
    """Return the names of clusters of texts, each a beginning and an end of its group's, all combinations."""
    texts = [(start + end, label) for label, (starts, ends) in enumerate(groups) for start in starts for end in ends]
    return named([text for text, _ in texts], [label for _, label in texts]).names


def test_german_tickets_are_named_by_what_they_are_about() -> None:
    texts = [
        f"Ihre Anfrage Nr. {4711 + 7 * at} {what}" for what in ("zur Lieferung", "zur Rechnung", "zum Konto")
        for at in range(10)
    ]  # fmt: skip
    names = named(texts, [0] * 10 + [1] * 10 + [2] * 10).names
    assert names == ("Lieferung", "Rechnung", "Konto")


def test_clusters_of_one_template_differ_by_more_than_a_number() -> None:
    texts = [f"Ihre Anfrage Nr. {at} bearbeitet, Gruß {('Anna', 'Tom')[at % 2]}" for at in range(40)]
    names = named(texts, [at % 4 for at in range(40)]).names
    assert len(set(names)) == 4
    assert "(" not in "".join(names)


def test_names_have_no_fragments_of_thai_words() -> None:
    thanks = ["ขอบคุณครับ", "ดีมาก", ""]
    names = groups_of((["จัดส่งรวดเร็ว", "จัดส่งช้า", "การจัดส่งล่าช้า"], thanks), (["ราคาถูก", "ราคาแพง", "คุ้มราคา"], thanks))
    assert [name.split(", ")[0] for name in names] == ["จัดส่ง", "ราคา"]


def test_korean_particles_and_french_elisions_are_no_part_of_a_name() -> None:
    korean = groups_of(
        (["환불은", "환불을", "환불이"], [" 언제 되나요", " 도와주세요"]),
        (["배송은", "배송이", "배송을"], [" 왜 늦어요", " 주세요"]),
    )
    assert [name.split(", ")[0] for name in korean] == ["환불", "배송"]
    french = groups_of(
        (["l'hôtel", "L’hôtel", "un hôtel"], [" est bien", " de la gare"]),
        (["l'abonnement", "mon abonnement"], [" est cher", " du mois"]),
    )
    assert [name.split(", ")[0] for name in french] == ["hôtel", "abonnement"]


def test_function_words_of_the_texts_languages_name_nothing() -> None:
    hindi = groups_of(
        (["मेरा पार्सल", "वह पार्सल"], [" अभी तक नहीं आया", " कहाँ है"]), (["मेरा रिफंड", "मुझे रिफंड"], [" कब मिलेगा", " चाहिए"])
    )
    assert hindi[0].startswith("पार्सल")
    assert hindi[1].startswith("रिफंड")
    assert (
        named(["the man is in the hat", "a man with a hat", "blue sky", "blue sea"], [0, 0, 1, 1])
        .names[0]
        .startswith(("man", "hat"))
    )


def test_what_carries_no_meaning_names_only_what_has_nothing_else() -> None:
    texts = [f"{word} Ref A{1000 + at} www.shop.com" for word in ("alpha", "beta", "") for at in range(6)]
    names = named([*texts, *["elsewhere"] * 9], [at // 6 for at in range(18)] + [3] * 9).names
    assert names[:2] == ("alpha", "beta")


def test_texts_that_differ_in_a_number_are_named_by_what_they_share_and_it_is_said() -> None:
    texts = [f"Order {100_000 + 37 * at} has not arrived" for at in range(8)]
    texts += [f"Ticket AB-{at:05} closed" for at in range(6)]
    found = named(texts, [0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 4])
    assert found.names == (
        "Order, arrived",
        "Order … has not arrived",
        "Ticket, closed",
        "Ticket … closed",
        "Ticket … closed (2)",
    )
    assert found.doubt == "1 cluster differs from others in numbers only."
    alone = named(texts[:8], [0, 0, 0, 0, 0, 1, 1, 2])
    assert alone.names[0] == "Order … has not arrived"
    assert alone.doubt == "2 clusters differ from others in numbers only."
    assert named(["the cat 12345 sat", "a dog 54321 ran", "fish 11111 swam", "a bird"], [0, 0, 1, 1]).doubt == ""
