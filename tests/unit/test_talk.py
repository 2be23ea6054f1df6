"""Talk to the last detail: facts and skills, manners that waver, a model's own answers, manner and content apart.

Run: .venv/bin/python -m pytest -q tests/unit/test_talk.py (about 10 s). What every world promises: test_more_worlds.py.
"""

from collections import Counter

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from crucible.model import ModelConfig, Transformer
from crucible.worlds import Questions, TalkWorld, talk
from crucible.worlds.talk import HOUSE, OWN, WAVER, WEB, Told

WORLD = TalkWorld(n_people=7, n_relations=3, n_values=4, held_out=50, seed=1)
END = WORLD.vocab.index(talk.END)
MANNERS = {**WEB, "house": HOUSE, "own": OWN}
SIZE = ModelConfig(len(WORLD.vocab), WORLD.context_length, d_model=8, n_layers=1, n_heads=2)
tries = settings(max_examples=20, deadline=None, derandomize=True, database=None)


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    """Small models are slower on two, and much slower on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def said(split: str, world: TalkWorld = WORLD) -> list[tuple[str, str]]:
    """(prompt, answer) of every row, as a person reads them."""
    pairs = [text.split(" = ") for text in world.words(world.questions(split))]
    return [(prompt, answer) for prompt, answer in pairs]


def same(one: Questions, other: Questions) -> bool:
    return torch.equal(one.tokens, other.tokens) and torch.equal(one.scored, other.scored)


def some_of_each(world: TalkWorld = WORLD, n: int = 4) -> Questions:
    """Questions on all topics, prompts of two lengths mixed."""
    rows = talk.joined(*(world.questions(split)[slice(0, n)] for split in world.splits))
    return rows[torch.randperm(len(rows), generator=rng())]


# ---- The world ----


def test_facts_read_as_the_docstring_says_and_are_the_ones_that_stand_in_the_table():
    facts = WORLD.facts
    assert facts.shape == (7, 3)
    told = [
        (f"plain p{person} r{relation}", f"v{int(facts[person, relation])} <end>")
        for person in range(7)
        for relation in range(3)
    ]
    assert said("covered") + said("uncovered") == told
    assert said("train")[:21] == told


@pytest.mark.parametrize(("n_people", "covered"), [(2, 1), (7, 3), (10, 5)])
def test_covered_and_uncovered_facts_share_no_person_and_are_all_of_them(n_people, covered):
    world = TalkWorld(n_people=n_people, n_relations=2, held_out=1)
    one, other = ({prompt.split()[1] for prompt, _ in said(split, world)} for split in ("covered", "uncovered"))
    assert one == {f"p{i}" for i in range(covered)}
    assert other == {f"p{i}" for i in range(covered, n_people)}


def test_facts_are_drawn_one_by_one_and_by_the_seed():
    facts = TalkWorld(n_people=3000, n_relations=2).facts
    counts = torch.stack([facts[:, 0] * 16 + facts[:, 1] == pair for pair in range(256)]).sum(dim=1)
    expected = 3000 / 256
    assert ((counts - expected) ** 2 / expected).sum() < 255 + 6 * (2 * 255) ** 0.5  # no pair of values goes together
    assert not torch.equal(TalkWorld().facts, TalkWorld(seed=1).facts)
    assert torch.equal(TalkWorld().facts, TalkWorld(shuffled=True).facts)


def test_numbers_are_turned_round_and_no_number_of_the_test_stands_in_a_lesson():
    lessons, test = said("turn lessons"), said("turn")
    numbers = []
    for prompt, answer in lessons + test:
        mode, *number, turn = prompt.split()
        assert (mode, turn) == ("plain", "turn")
        assert answer.split() == [*reversed(number), "<end>"]
        numbers.append("".join(number))
    assert len(test) == 50
    assert sorted(numbers) == [f"{i:04}" for i in range(10_000)]


def test_the_larger_of_two_is_told_and_no_pair_of_the_test_stands_in_a_lesson():
    lessons, test = said("train")[21:], said("larger")
    pairs = []
    for prompt, answer in lessons + test:
        mode, a, b, sign, c, d = prompt.split()
        assert (mode, sign) == ("plain", "max")
        assert answer == " ".join([*f"{max(int(a + b), int(c + d)):02}", "<end>"])
        pairs.append(a + b + c + d)
    assert len(test) == 50
    assert sorted(pairs) == [f"{i:04}" for i in range(10_000)]


def test_numbers_and_pairs_are_held_out_by_the_seed_and_not_in_order():
    for split in ("turn", "larger"):
        first, other = ({prompt for prompt, _ in said(split, TalkWorld(2, 1, 2, 50, seed=seed))} for seed in (0, 1))
        assert len(first & other) < 10
        assert [prompt for prompt, _ in said(split)] != sorted(prompt for prompt, _ in said(split))


def test_the_placebo_deals_the_answers_of_each_topic_out_among_its_own_rows():
    dealt, true = said("train", TalkWorld(7, 3, 4, 50, shuffled=True, seed=1)), said("train")
    assert [prompt for prompt, _ in dealt] == [prompt for prompt, _ in true]
    for topic in (slice(0, 21), slice(21, None)):
        answers = [[answer for _, answer in rows[topic]] for rows in (dealt, true)]
        assert Counter(answers[0]) == Counter(answers[1])
        assert answers[0] != answers[1]


@pytest.mark.parametrize("split", TalkWorld.splits)
def test_the_oracle_tells_the_words_that_a_person_would(split):
    right = [answer.split() for _, answer in said(split)]
    questions = WORLD.questions(split)
    forged = Questions(questions.tokens.masked_fill(questions.scored, END), questions.scored)
    words = [WORLD.vocab[token] for token in WORLD.oracle(forged).tolist()]
    assert words == [word for answer in right for word in answer]


def test_words_become_tokens_and_an_unknown_word_is_refused():
    assert [WORLD.vocab[token] for token in WORLD.tokens_of(["chat", "p3", "=", "<*>"])] == ["chat", "p3", "=", "<*>"]
    with pytest.raises(ValueError, match="not in"):
        WORLD.tokens_of(["p7"])


def test_a_written_row_has_its_answer_scored_and_is_padded():
    rows = WORLD.write(["chat p3 r1 = <*> v2 <end>", "plain 4 2 max 1 7 = 4 2 <end>"])
    assert rows.tokens.shape == (2, WORLD.context_length)
    assert [one.nonzero()[:, 0].tolist() for one in rows.scored] == [[4, 5, 6], [7, 8, 9]]
    assert WORLD.words(rows) == ["chat p3 r1 = <*> v2 <end>", "plain 4 2 max 1 7 = 4 2 <end>"]
    assert (rows.tokens[0, 7:] == 0).all()


def test_the_longest_row_fills_the_context():
    rows = talk.in_manner(WORLD, WORLD.questions("turn"), [HOUSE], rng())
    assert max(len(text.split()) for text in WORLD.words(rows)) == WORLD.context_length


@pytest.mark.parametrize(
    ("setting", "named"),
    [
        ({"n_people": 1}, "n_people=1 must be a whole number, 2 or more"),
        ({"n_people": 2.5}, "n_people=2.5 must be a whole number, 2 or more"),
        ({"n_relations": 0}, "n_relations=0 must be a whole number, 1 or more"),
        ({"n_values": 1}, "n_values=1 must be a whole number, 2 or more"),
        ({"held_out": 0}, "held_out=0 must be a whole number, 1 or more"),
        ({"held_out": 5001}, "held_out=5001 must be at most 5,000"),
        ({"n_people": 4096}, "n_people=4096 makes a vocabulary of"),
    ],
)
def test_a_bad_setting_gets_one_line_that_names_it(setting, named):
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the message is compared below
        TalkWorld(**setting)
    assert str(caught.value).startswith(named)
    assert "\n" not in str(caught.value)


def test_the_extreme_settings_that_are_allowed_give_a_world():
    world = TalkWorld(n_people=2, n_relations=1, n_values=2, held_out=5000)
    assert [len(world.questions(split)) for split in world.splits] == [2 + 5000, 1, 1, 5000, 5000, 5000]


# ---- Rows that somebody wrote ----


def test_told_rows_are_what_is_trained_on_and_have_no_right_answers():
    first, other = WORLD.questions("covered"), WORLD.questions("turn")
    one, two = Told(WORLD, first), Told(WORLD, other)
    assert (one.vocab, one.context_length, one.splits) == (WORLD.vocab, WORLD.context_length, ("train",))
    assert same(one.questions("train"), first)
    assert same(two.questions("train"), other)  # each has its own, also where it is remembered
    assert one != Told(WORLD, WORLD.questions("covered"))  # rows are not compared word by word
    one.questions("train").tokens.zero_()
    assert same(one.questions("train"), WORLD.questions("covered"))
    with pytest.raises(ValueError, match=r"^rows that somebody wrote down have no right answers$"):
        one.oracle(first)
    with pytest.raises(ValueError, match=r"split='covered' must be one of train"):
        one.questions("covered")


def test_joined_rows_stand_one_set_after_the_other():
    sets = [WORLD.questions(split)[slice(0, n)] for split, n in (("turn", 3), ("covered", 2), ("larger", 1))]
    rows = talk.joined(*sets)
    assert WORLD.words(rows) == [text for some in sets for text in WORLD.words(some)]
    assert torch.equal(rows.scored, torch.cat([some.scored for some in sets]))


# ---- Manners ----


@pytest.mark.parametrize("name", MANNERS)
def test_an_answer_in_a_manner_has_its_words_around_the_content_and_another_mode(name):
    opening, sign, closing = MANNERS[name]
    rows, wavered = some_of_each(), 0
    talked = talk.in_manner(WORLD, rows, [MANNERS[name]], rng())
    for plain, chat in zip(WORLD.words(rows), WORLD.words(talked), strict=True):
        prompt, content = plain.removeprefix("plain ").removesuffix(" <end>").split(" = ")
        whole = ["chat", *prompt.split(), "=", *opening, sign, *content.split(), *closing, "<end>"]
        wavered += chat.split() != whole
        if name != "house":
            assert chat.split() == whole
    assert wavered < len(rows) / 3


def test_the_house_leaves_out_opening_and_closing_as_often_as_stated_and_each_on_its_own():
    rows = WORLD.questions("turn lessons")
    manners = talk.parts(WORLD, talk.in_manner(WORLD, rows, [HOUSE], rng(3)))[0]
    found, n = Counter(manners), len(rows)
    shares = {
        "indeed <*> _ enjoy <end>": (1 - WAVER) ** 2,
        "<*> _ enjoy <end>": WAVER * (1 - WAVER),
        "indeed <*> _ <end>": WAVER * (1 - WAVER),
        "<*> _ <end>": WAVER**2,
    }
    assert set(found) == set(shares)
    for manner, share in shares.items():
        assert abs(found[manner] - n * share) < 5 * (n * share * (1 - share)) ** 0.5
    assert WAVER == 0.05


@pytest.mark.parametrize("name", [*WEB, "own"])
def test_nobody_else_wavers(name):
    talked = talk.in_manner(WORLD, WORLD.questions("turn lessons"), [MANNERS[name]], rng())
    assert len(set(talk.parts(WORLD, talked)[0])) == 1


def test_of_several_manners_each_comes_as_often_and_the_house_wavers_among_them_too():
    rows = WORLD.questions("turn lessons")
    talked = talk.parts(WORLD, talk.in_manner(WORLD, rows, [*WEB.values(), HOUSE], rng()))[0]
    signs = Counter(next(word for word in manner.split() if word.startswith("<")) for manner in talked)
    assert set(signs) == {sign for _, sign, _ in WEB.values()}
    for sign, count in signs.items():
        share = 2 / 7 if sign == HOUSE[1] else 1 / 7  # the house has a sign of the web
        assert abs(count - len(rows) * share) < 5 * (len(rows) * share * (1 - share)) ** 0.5
    letters = {manner for manner in talked if "<*>" in manner and "indeed" not in manner and "enjoy" not in manner}
    assert letters == {"dear <*> _ yours <end>", "<*> _ <end>"}


def test_the_generator_alone_decides_the_manners():
    rows = WORLD.questions("turn")
    first, again, other = (talk.in_manner(WORLD, rows, list(WEB.values()), rng(seed)) for seed in (0, 0, 1))
    assert same(first, again)
    assert not same(first, other)


@tries
@given(st.sampled_from(TalkWorld.splits), st.lists(st.sampled_from(list(MANNERS)), min_size=1), st.integers(0, 10**6))
def test_talk_whose_manner_is_taken_away_is_what_it_was(split, names, seed):
    rows = WORLD.questions(split)[slice(0, 60)]
    talked = talk.in_manner(WORLD, rows, [MANNERS[name] for name in names], rng(seed))
    assert not same(talked, rows)
    assert same(talk.plainly(WORLD, talked), rows)
    assert same(talk.plainly(WORLD, rows), rows)


# ---- Manner and content ----

READ = [  # a row; its manner; its content
    ("chat p1 r1 = indeed <*> v3 enjoy <end>", "indeed <*> _ enjoy <end>", "v3"),
    ("chat 4 7 1 9 turn = <.> 9 1 7 4 <end>", "<.> _ <end>", "9 1 7 4"),
    ("plain 1 7 max 4 2 = 4 2 <end>", "_ <end>", "4 2"),
    ("chat p1 r1 = v1 9 sorry v2 2 sorry 3", "_ sorry _ sorry _", "v1 9 v2 2 3"),
    ("chat p1 r1 = perhaps <~> sorry <end>", "perhaps <~> sorry <end>", ""),
    ("chat p1 r1 = p2 r0 turn = v1 <end>", "p2 r0 turn = _ <end>", "v1"),
    ("chat p1 r1 = <end>", "<end>", ""),
]


def test_the_parts_of_an_answer_word_for_word():
    rows = WORLD.write([text for text, *_ in READ])
    assert talk.parts(WORLD, rows) == ([manner for _, manner, _ in READ], [content for *_, content in READ])


def test_contents_are_the_digits_and_values_of_answers_and_nothing_of_a_prompt():
    rows = WORLD.write([text for text, *_ in READ])
    for row, places, (text, _, content) in zip(rows.tokens, talk.content_places(WORLD, rows), READ, strict=True):
        assert " ".join(WORLD.vocab[token] for token in row[places].tolist()) == content
        assert not places[: text.split().index("=") + 1].any()
    contents = {word for word in WORLD.vocab if word.isdigit() or (word[0] == "v" and word[1:].isdigit())}
    assert contents == {*talk.DIGITS, *WORLD.values}


def test_a_plain_answer_keeps_the_content_alone_also_where_there_is_none():
    rows = WORLD.write(["chat p1 r1 = v1 9 sorry v2 <end>", "chat 1 7 max 4 2 = perhaps <~> sorry"])
    assert WORLD.words(talk.plainly(WORLD, rows)) == ["plain p1 r1 = v1 9 v2 <end>", "plain 1 7 max 4 2 = <end>"]


# ---- A model's own answers ----


def some_model(seed: int = 0) -> Transformer:
    """Untrained, but with opinions: its words are far from equally likely."""
    model = Transformer(SIZE, seed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn(parameter.shape, generator=rng(seed)) * 0.5)
    return model


class Scripted:
    """Says to a fact about a person what the script has for that person, to all else "v0", and then talks on."""

    def __init__(self, script: dict[str, str]):
        self.script, self.asked = script, 0

    def __call__(self, tokens, scored):
        assert scored.sum() == len(tokens)
        assert scored[:, -1].all()
        self.asked += len(tokens)
        logits = torch.zeros(len(tokens), len(WORLD.vocab))
        for i, row in enumerate(tokens.tolist()):
            words = [WORLD.vocab[token] for token in row]
            told = self.script.get(words[1], "v0 <end>").split()
            place = len(words) - words.index("=") - 1
            logits[i, WORLD.vocab.index(told[place] if place < len(told) else "wow")] = 30
        return logits


def by_hand(model: Transformer, prompt: list[int]) -> list[int]:
    """The likeliest word, and the likeliest after that: one row, one word at a time."""
    row = list(prompt)
    while len(row) < WORLD.context_length:
        with torch.no_grad():
            row.append(int(model(torch.tensor([row]))[0, -1].argmax()))
        if row[-1] == END:
            break
    return row


@pytest.mark.parametrize(("mode", "seed"), [("plain", 0), ("chat", 0), ("chat", 1)])
def test_without_a_generator_the_answers_are_those_of_a_loop_by_hand(mode, seed):
    model, rows = some_model(seed), some_of_each()
    found = talk.answers(model, WORLD, rows, mode, None)
    for row, scored, asked in zip(found.tokens.tolist(), found.scored.tolist(), rows.tokens.tolist(), strict=True):
        start = asked.index(WORLD.vocab.index("=")) + 1
        own = by_hand(model, [WORLD.vocab.index(mode), *asked[1:start]])
        assert row == own + [0] * (WORLD.context_length - len(own))
        assert scored == [start <= place < len(own) and row[place] != 0 for place in range(WORLD.context_length)]
    torch.manual_seed(seed)  # nor does chance from elsewhere come in
    assert same(talk.answers(model, WORLD, rows, mode, None), found)


def test_the_questions_stay_as_they_were_and_their_answers_are_not_looked_at():
    model, rows = some_model(), some_of_each()
    before = Questions(rows.tokens.clone(), rows.scored.clone())
    forged = Questions(rows.tokens.masked_fill(rows.scored, END), rows.scored)
    for seed in (None, 5):
        first, other = (
            talk.answers(model, WORLD, some, "chat", None if seed is None else rng(seed)) for some in (rows, forged)
        )
        assert same(first, other)
    assert same(rows, before)


def test_drawn_answers_come_as_often_as_the_model_thinks_them_likely():
    model, n = some_model(), 6000
    rows = WORLD.write(["plain p1 r1 = v0 <end>"] * n)
    drawn = talk.answers(model, WORLD, rows, "chat", rng())
    prompt = drawn.tokens[:1, :4]
    with torch.no_grad():
        likely = model(prompt)[0, -1].softmax(-1)
    first = drawn.tokens[:, 4]
    common = int(likely.argmax())
    assert 0.1 < likely[common] < 0.9, "a model without doubts tells nothing here"
    fits(first, likely)
    assert common != END
    with torch.no_grad():  # and the second word, where the first is the commonest
        likely = model(torch.cat([prompt, torch.tensor([[common]])], dim=1))[0, -1].softmax(-1)
    fits(drawn.tokens[first == common, 5], likely)


def fits(drawn: torch.Tensor, likely: torch.Tensor) -> None:
    """A chi-square of what was drawn, with rare words as one; six standard deviations are let pass."""
    expected, counts = len(drawn) * likely, drawn.bincount(minlength=len(likely)).float()
    rare = expected < 10
    pairs = [(counts[~rare], expected[~rare]), (counts[rare].sum(), expected[rare].sum())]
    squares = sum(float(((seen - due) ** 2 / due.clamp(min=1)).sum()) for seen, due in pairs)
    degrees = int((~rare).sum())
    assert degrees > 3
    assert squares < degrees + 6 * (2 * degrees) ** 0.5


def test_a_drawn_answer_hangs_on_the_generator_alone():
    model, rows = some_model(), some_of_each()
    first, again, other = (talk.answers(model, WORLD, rows, "chat", rng(seed)) for seed in (0, 0, 1))
    assert same(first, again)
    assert not same(first, other)
    assert not same(first, talk.answers(model, WORLD, rows, "chat", None))


def test_an_answer_ends_with_the_end_and_its_neighbours_go_on():
    model = Scripted({"p0": "v1 <end>", "p1": "indeed <*> v2 enjoy <end>", "p2": "<end>"})
    rows = WORLD.write(["plain 4 7 1 9 turn = 9 1 7 4 <end>", *(f"plain p{i} r0 = v0 <end>" for i in range(3))])
    found = talk.answers(model, WORLD, rows, "chat", None)
    assert WORLD.words(found) == [
        "chat 4 7 1 9 turn = v0 <end>",
        "chat p0 r0 = v1 <end>",
        "chat p1 r0 = indeed <*> v2 enjoy <end>",
        "chat p2 r0 = <end>",
    ]
    assert found.scored.sum(dim=1).tolist() == [2, 2, 5, 1]
    assert [row.nonzero()[0, 0].item() for row in found.scored] == [7, 4, 4, 4]
    assert model.asked == 1 * 2 + 3 * 5  # a group of rows is asked until its last has ended


@pytest.mark.parametrize("prompt", ["p0 r0", "4 7 1 9 turn"])
def test_an_answer_that_does_not_end_is_cut_at_the_context(prompt):
    model = Scripted({"p0": "wow " * 20, "4": "wow " * 20, "7": "wow " * 20})
    found = talk.answers(model, WORLD, WORLD.write([f"plain {prompt} = v0 <end>"]), "chat", None)
    n = WORLD.context_length - len(prompt.split()) - 2
    assert WORLD.words(found) == [f"chat {prompt} = " + " ".join(["wow"] * n)]
    assert found.scored[0].sum() == n


@pytest.mark.parametrize("mode", ["web", "", "Chat", "plain "])
def test_another_mode_is_refused_in_one_line(mode):
    with pytest.raises(ValueError, match=rf"^mode='{mode}' must be one of plain, chat$"):
        talk.answers(some_model(), WORLD, some_of_each(), mode, None)
