from __future__ import annotations

from tests.sentences import say, says


def test_facts_are_looked_for_in_their_order_and_none_beside_them() -> None:
    sentence = "2 values of “when” can't be read (“soon”): left out."

    assert says(sentence, 2, "“when”", "“soon”", "left out")
    assert not says(sentence, "“when”", "“soon”")  # the 2 is a fact, too
    assert not says(sentence, 2, "“when”")
    assert not says(sentence, 2, "“soon”", "“when”")
    assert not says("12 values", 2)
    assert not says("2.5 values", 2)


def test_each_sentence_has_its_facts() -> None:
    assert say(["1 left out.", "None left."], ("1", "left out"), ("none",))
    assert not say(["1 left out."], ("1",), ("none",))
    assert not say(["1 left out.", "2 left."], ("1",), ("none",))
