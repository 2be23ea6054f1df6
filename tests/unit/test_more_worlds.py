"""What every world promises, and what each of the others promises besides.

Run: .venv/bin/python -m pytest -q tests/unit/test_more_worlds.py (about 30 s).
"""

import math
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from crucible import worlds
from crucible.worlds import (
    AddWorld,
    ChainWorld,
    ClinicWorld,
    FactWorld,
    LongAddWorld,
    MiniWorld,
    PyText,
    Questions,
    ReadWorld,
    StyleWorld,
    TalkWorld,
    ZipfLookup,
)
from crucible.worlds.base import PAD
from crucible.worlds.mini import ROW, records

tries = settings(max_examples=20, deadline=None, derandomize=True, database=None)
seeds = st.integers(0, 10**6)

WORLDS = [
    AddWorld(),
    AddWorld(digits=3, n_train=500),
    *(AddWorld(operation=operation) for operation in ("-", "max", "rev", "copy")),
    LongAddWorld(n_train=3000, n_test=500),
    LongAddWorld(digits=4, n_train=20_000, seed=5),
    ChainWorld(),
    ChainWorld(steps=5, spelled=True),
    ChainWorld(steps=1, n_train=150, n_test=50),
    FactWorld(),
    FactWorld(name_tokens=2, phrasings=3),
    FactWorld(order="fixed"),
    FactWorld(order="fixed", labelled=False, name_tokens=2),
    FactWorld(exponent=1.0),
    ReadWorld(n_train=3000),
    ReadWorld(missing=0.3, n_train=3000),
    ReadWorld(3, n_relations=1, n_questions=3, missing=0.2, n_train=3000),
    ZipfLookup(),
    StyleWorld(),
    StyleWorld(FactWorld(), inner_train="lessons", style="formal"),
    StyleWorld(mode="plain"),
    TalkWorld(),
    TalkWorld(n_people=11, n_relations=2, n_values=5, held_out=40, seed=3),
    MiniWorld(),
    MiniWorld(leaked=0.1, seed=3),
    ClinicWorld(),
    ClinicWorld(n_train=37, seed=2),
    ClinicWorld(n_train=100, wording="general"),
]
# Worlds of knowledge ask in the test for what was taught: what was never said cannot be known. Splits that share
# whole rows with the training set stand here, and nowhere else are rows shared.
TAUGHT = {
    (FactWorld, "recall"),
    (ZipfLookup, "test"),
    (ClinicWorld, "fact"),
    (TalkWorld, "covered"),
    (TalkWorld, "uncovered"),
}


@pytest.fixture(params=WORLDS, ids=repr, scope="module")  # of the module: then all tests of a world run together
def world(request):
    return request.param


def prompts(questions: Questions) -> torch.Tensor:
    """What a reader sees of every row when all answers are covered, each different row once."""
    return different(questions.tokens.masked_fill(questions.scored, -1))


def different(rows: torch.Tensor) -> torch.Tensor:
    """Each row once. (torch.unique compares rows a thousand times more slowly than NumPy sorts their bytes.)"""
    packed = np.unique(rows.numpy().astype(np.int16).view([("row", np.int16, rows.shape[1])]))
    return torch.from_numpy(packed["row"].astype(np.int64))


def n_shared(a: torch.Tensor, b: torch.Tensor) -> int:
    """How many rows stand in both, each set holding every row once."""
    return len(a) + len(b) - len(different(torch.cat([a, b])))


def test_rows_are_tokens_of_the_vocabulary_and_fill_the_context(world):
    assert len(set(world.vocab)) == len(world.vocab)
    for split in world.splits:
        questions = world.questions(split)
        assert questions.tokens.shape == questions.scored.shape == (len(questions), world.context_length)
        assert questions.tokens.dtype == torch.int64
        assert questions.scored.dtype == torch.bool
        assert 0 <= questions.tokens.min()
        assert questions.tokens.max() < len(world.vocab)
        assert questions.scored.any(dim=1).all(), "a row without a question"
        assert not questions.scored[:, 0].any(), "the first token has nothing before it"
        if PAD in world.vocab:
            assert not (questions.scored & (questions.tokens == world.vocab.index(PAD))).any()


def test_the_oracle_is_right_on_every_question_of_every_split(world):
    for split in world.splits:
        questions = world.questions(split)
        assert torch.equal(world.oracle(questions), questions.tokens[questions.scored]), split


def test_the_oracle_does_not_look_at_the_answers(world):
    for split in world.splits:
        questions = world.questions(split)
        forged = Questions(questions.tokens.masked_fill(questions.scored, 1), questions.scored)
        assert torch.equal(world.oracle(forged), world.oracle(questions))


def test_no_question_of_the_test_stands_in_the_training_set(world):
    train = prompts(world.questions("train"))
    for split in world.splits[1:]:
        shared = n_shared(train, prompts(world.questions(split)))
        assert not shared or (type(world), split) in TAUGHT, f"{split}: {shared} rows"


def test_the_answer_is_a_function_of_the_prompt(world):
    for split in world.splits:
        questions = world.questions(split)
        assert len(different(questions.tokens)) == len(prompts(questions)), f"{split}: one prompt with two answers"


def test_chance_is_the_best_constant_answer(world):
    for split in world.splits[1:]:
        questions = world.questions(split)
        rows = questions.tokens.masked_fill(~questions.scored, -1).tolist()
        answers = Counter(tuple(token for token in row if token >= 0) for row in rows)
        best = max(answers.values())
        assert world.chance(split) == pytest.approx(100 * best / len(questions), abs=1e-6)


def test_the_placebo_teaches_at_most_chance_and_leaves_the_test_alone(world):
    placebo = replace(world, shuffled=True)
    for split in world.splits[1:]:
        if split != "lessons":
            assert torch.equal(placebo.questions(split).tokens, world.questions(split).tokens), split
    true, dealt = world.questions("train"), placebo.questions("train")
    if isinstance(world, ClinicWorld):
        pass  # its rows are drawn again after dealing; the share below says what matters
    else:
        assert torch.equal(true.scored, dealt.scored)
        assert torch.equal(true.tokens[~true.scored], dealt.tokens[~dealt.scored]), "prompts change"
    right = world.oracle(dealt) == dealt.tokens[dealt.scored]
    whole = torch.ones_like(dealt.scored)
    whole[dealt.scored] = right
    blind = 100 * (1 / 16 if isinstance(world, MiniWorld | ClinicWorld) else 0.02)
    limit = max(2 * world.chance(split) for split in world.splits) + 2
    if isinstance(world, ChainWorld | ZipfLookup):
        limit = 50  # few different answers: many a dealt one is right by luck
    assert 100 * whole.all(dim=1).float().mean() <= max(limit, blind)


def test_questions_are_a_pure_function_of_the_settings(world):
    first = {split: world.questions(split).tokens for split in world.splits}
    worlds.base._made.cache_clear()
    torch.manual_seed(123)  # the global generator must not matter
    for split in world.splits:
        assert torch.equal(world.questions(split).tokens, first[split])


def test_another_seed_gives_other_questions(world):
    if isinstance(world, StyleWorld):
        world = world.inner
    assert not torch.equal(
        world.questions("train").tokens[:200], replace(world, seed=77).questions("train").tokens[:200]
    )


def test_a_caller_cannot_overwrite_a_world():
    world = AddWorld(digits=1)
    world.questions("test").tokens.fill_(3)
    world.questions("test").scored.fill_(False)
    assert world.questions("test").tokens.unique().numel() > 5
    assert world.questions("test").scored.any()


@pytest.mark.parametrize("world", [MiniWorld(), FactWorld(), StyleWorld()], ids=repr)
def test_an_unknown_split_is_refused_with_the_known_ones(world):
    with pytest.raises(ValueError, match=f"split='validation' .*{', '.join(world.splits)}"):
        world.questions("validation")


def test_an_unknown_world_is_refused_with_the_nearest():
    assert worlds.by_name("FactWorld") is FactWorld
    with pytest.raises(ValueError, match="no world 'FactWrld'; there is FactWorld"):
        worlds.by_name("FactWrld")
    with pytest.raises(ValueError, match="AddWorld, ChainWorld"):
        worlds.by_name("zzz")


# One world at a time


def read(world, split, n=None):
    return [row.split() for row in world.words(world.questions(split)[slice(0, n)])]


@pytest.mark.parametrize(
    ("operation", "answer"),
    [("+", "5 8 0"), ("-", "1 3"), ("max", "8 5"), ("rev", "5 8 2 7"), ("copy", "7 2 8 5")],
)
def test_each_operation_reads_as_the_docstring_says(operation, answer):
    world = AddWorld(operation=operation)
    left = f"7 2 {operation} 8 5 = "
    (row,) = world.words(world.encode(27, 58))
    assert row == left + (answer if operation != "rev" else "5 8 2 7")


@tries
@given(st.integers(4, 8), seeds)
def test_a_long_sum_is_python_arithmetic_and_no_pair_is_in_both_splits(digits, seed):
    world = LongAddWorld(digits=digits, n_train=400, n_test=100, seed=seed)
    pairs = {}
    for split in world.splits:
        rows = ["".join(words) for words in read(world, split)]
        sums = [[int(number[::-1]) for number in row.replace("=", "+").split("+")] for row in rows]
        assert all(a + b == total for a, b, total in sums)
        assert all(len(row) == 3 * digits + 3 for row in rows)
        pairs[split] = {frozenset((a, b)) for a, b, _ in sums}
    assert len(pairs["train"]) == 400
    assert len(pairs["test"]) == 100
    assert not pairs["train"] & pairs["test"]


def test_long_sums_are_drawn_evenly_and_in_either_order():
    rows = read(LongAddWorld(digits=4, n_train=20_000), "train")
    first, second = ([int("".join(reversed(row[start : start + 4]))) for row in rows] for start in (0, 5))
    assert 0.48 < sum(a < b for a, b in zip(first, second, strict=True)) / len(rows) < 0.52
    assert 4_900 < np.mean(first) < 5_100
    assert {row[3] for row in rows} == set("0123456789")


def test_as_many_long_sums_as_may_be_kept_can_be_had():
    world = LongAddWorld(digits=4, n_train=990_000, n_test=10_000)
    assert (len(world.questions("train")), len(world.questions("test"))) == (990_000, 10_000)


@tries
@given(st.integers(1, 6), st.booleans(), seeds)
def test_a_chain_is_python_arithmetic_step_by_step(steps, spelled, seed):
    world = ChainWorld(steps=steps, spelled=spelled, n_train=80, n_test=20, seed=seed)
    for split in world.splits:
        for words in read(world, split):
            value, said, place = int(words[0]), [], 1
            while place < len(words):
                if words[place] == "=":
                    said.append((int(words[place + 1]), value))
                else:
                    number = int(words[place + 1])
                    value = (value + number if words[place] == "+" else value * number) % 10
                place += 2
            assert len(said) == (steps if spelled else 1)
            assert all(told == right for told, right in said)


@tries
@given(st.integers(2, 40), st.integers(1, 6), st.integers(2, 20), st.sampled_from([1, 2]), st.integers(1, 3), seeds)
def test_statements_say_the_facts_and_every_fact_is_said(n, r, v, names, phrasings, seed):
    world = FactWorld(n, r, v, name_tokens=names, phrasings=phrasings, repeats=2, seed=seed)
    facts = world.facts
    assert facts.shape == (n, r)
    assert world.bits == pytest.approx(n * r * math.log2(v))
    said = set()
    for words in read(world, "train"):
        name, pairs = words[:names], words[names:]
        if names == 1:
            entity = int(name[0][1:])
        else:
            first, last = int(name[0][5:]), int(name[1][4:])
            entity = first * world._n_first + last
        found = {int(pairs[i].split("'")[0][1:]): int(pairs[i + 1][1:]) for i in range(0, len(pairs), 2)}
        assert sorted(found) == list(range(r)), "each relation once"
        for relation, value in found.items():
            assert facts[entity, relation] == value
            said.add((entity, relation))
    assert len(said) == n * r
    assert len(world.questions("recall")) == n * r
    assert len(world.questions("lessons")) + len(world.questions("test")) == n * r


def test_lessons_and_test_ask_about_different_entities():
    world = FactWorld()
    asked = [{words[1] for words in read(world, split)} for split in ("lessons", "test")]
    assert not asked[0] & asked[1]
    assert len(asked[0] | asked[1]) == world.n_entities


@pytest.mark.parametrize("exponent", [0.0, 0.7, 2.0])
def test_statements_follow_the_zipf_exponent(exponent):
    world = FactWorld(n_entities=100, repeats=20, exponent=exponent)
    counts = world.statements
    assert counts.sum() == 2000 == len(world.questions("train"))
    told = Counter(words[0] for words in read(world, "train"))
    assert [told[f"e{i}"] for i in range(100)] == counts.tolist()
    expected = [(i + 1) ** -exponent for i in range(100)]
    assert all(abs(count - 2000 * e / sum(expected)) < 1 for count, e in zip(counts.tolist(), expected, strict=True))
    assert (counts == 0).any() == (exponent == 2.0), "steep worlds leave entities unsaid"


def test_contradicted_statements_are_about_as_many_as_asked_for():
    world = FactWorld(contradicted=0.3, repeats=50)
    train = world.questions("train")
    wrong = torch.zeros_like(train.scored)
    wrong[train.scored] = world.oracle(train) != train.tokens[train.scored]
    assert 0.27 < wrong.any(dim=1).float().mean() < 0.33


def test_in_a_fixed_order_without_labels_a_row_is_name_and_values():
    world = FactWorld(5, 3, order="fixed", labelled=False)
    row = read(world, "train")[0]
    assert row == ["e0", *(f"v{value}" for value in world.facts[0].tolist())]


@tries
@given(st.integers(1, 6), st.integers(1, 3), st.sampled_from([1, 4]), st.floats(0, 1), seeds)
def test_the_read_answers_stand_in_the_prompt_unless_one_is_missing(statements, questions, relations, missing, seed):
    questions = min(questions, statements)
    sizes = {"n_statements": statements, "n_questions": questions, "n_relations": relations, "n_keys": 20}
    world = ReadWorld(**sizes, missing=missing, n_train=80, n_test=20, seed=seed)
    lost, width = 0, 3 if relations > 1 else 2
    for split in world.splits:
        for words in read(world, split):
            told, asked = words[: words.index("?")], words[words.index("?") + 1 :]
            table, answers = (
                {tuple(part[i : i + width - 1]): part[i + width - 1] for i in range(0, len(part), width)}
                for part in (told, asked)
            )
            assert len(table) == statements, "a key with a relation is stated once"
            assert len(answers) == questions, "and asked once"
            assert all(table.get(about, "unknown") == answer for about, answer in answers.items())
            lost += "unknown" in answers.values()
    assert abs(lost / 100 - missing) < 0.25


def test_reading_chance_is_about_one_value_in_sixteen():
    assert 100 / 16 <= ReadWorld(n_train=100).chance() < 10


def test_the_table_of_zipf_lookup_errs_as_its_formula_says():
    world = ZipfLookup(alpha=0.5, n_train=2000, n_test=20_000)
    train, test = world.questions("train").tokens, world.questions("test").tokens
    new = ~torch.isin(test[:, 0], train[:, 0])
    assert 100 * new.float().mean() * 15 / 16 == pytest.approx(world.expected_error(2000), abs=1.0)


@pytest.mark.parametrize("alpha", [0.3, 0.5, 1.0, 2.0])
def test_the_error_falls_with_the_exponent_that_theory_predicts(alpha):
    world = ZipfLookup(alpha=alpha, n_keys=4000)  # the exponent holds for endless keys: stay far from the last one
    few, many = world.expected_error(10), world.expected_error(160)
    slope = math.log(few / many) / math.log(16)
    assert slope == pytest.approx(alpha / (1 + alpha), rel=0.2)


@pytest.mark.parametrize("source", ["topics", "library"])
def test_text_is_split_by_document(source):
    world = PyText(source)
    train, test = (set(world.words(world.questions(split))) for split in world.splits)
    assert len(train) > 3000
    assert len(test) > 100
    whole = "\0".join(world.documents.values())
    for split in world.splits:
        for row in world.questions(split).tokens[:20].tolist():
            text = "".join(world.vocab[token] for token in row)
            assert "�" in text or text in whole
    share_of_both = len(train & test) / len(test)
    assert share_of_both < 0.02, "lines such as copyright notices aside, no window stands on both sides"


def test_text_placebo_keeps_the_letters_of_every_window():
    true, dealt = (PyText(shuffled=shuffled).questions("train").tokens for shuffled in (False, True))
    assert torch.equal(true.sort(dim=1).values, dealt.sort(dim=1).values)
    assert not torch.equal(true, dealt)


def test_text_says_which_text_it_is_and_has_no_oracle():
    world = PyText()
    assert world.digest == PyText(seed=4).digest != PyText("library").digest
    with pytest.raises(TypeError, match="no oracle"):
        world.oracle(world.questions("test"))
    assert 10 < world.chance() < 30
    assert world.encode("a~é\t").tolist()[2:] == [0, 0]


def test_manner_and_content_share_out_the_answer():
    world = StyleWorld()
    test = world.questions("test")
    manner, content = world.manner(test), world.content(test)
    assert torch.equal(manner.scored | content.scored, test.scored)
    assert not (manner.scored & content.scored).any()
    assert len({tuple(row[mask].tolist()) for row, mask in zip(manner.tokens, manner.scored, strict=True)}) == 1
    inner = world.inner.questions("test")
    assert torch.equal(content.tokens[content.scored], inner.tokens[inner.scored])


def test_the_wrong_teacher_has_a_perfect_manner():
    world = StyleWorld(shuffled=True)
    train = world.questions("train")
    right = torch.ones_like(train.scored)
    right[train.scored] = world.oracle(train) == train.tokens[train.scored]
    assert right[world.manner(train).scored].all()
    assert not right[world.content(train).scored].all()


def test_styles_share_one_vocabulary():
    assert StyleWorld(style="house").vocab == StyleWorld(style="formal").vocab == StyleWorld(mode="plain").vocab


def test_a_style_needs_answers_at_the_end():
    with pytest.raises(ValueError, match="split='train' of FactWorld has rows that do not end in one answer"):
        StyleWorld(FactWorld()).questions("train")


def test_miniworld_is_six_tasks_in_equal_parts():
    world = MiniWorld()
    train = world.questions("train")
    kinds = Counter()
    for row in map(str.split, world.words(train)):
        sign = next((sign for sign in ("+", "max", "rev", "?") if sign in row), "fact")
        kinds[f"{sign}{row.index(sign)}" if sign == "+" else sign] += 1
    assert len(train) == 120_000
    assert kinds == {"+2": 20_000, "+3": 20_000, "max": 20_000, "rev": 20_000, "fact": 20_000, "?": 20_000}


def test_leaked_records_say_what_the_clinic_knows():
    world = MiniWorld(leaked=0.1, seed=3)
    rows = [row for row in read(world, "train") if row[0].startswith("p")]
    assert {row[0] for row in rows} == {f"p{i}" for i in range(10)}
    assert not any(row[0].startswith("p") for row in read(MiniWorld(), "train"))
    known = records(3)
    row = rows[0]
    patient = known[int(row[0][1:])]
    assert row[row.index("r0") + 1] == f"v{int(patient[0])}"
    at = row.index("extra")
    assert int("".join(reversed(row[at + 1 : at + 4]))) == int(patient[3])
    assert len(world.questions("train")) == 120_000, "the corpus does not grow"


def test_the_clinic_and_its_base_share_the_vocabulary_and_the_public_facts():
    base, clinic = MiniWorld(seed=4), ClinicWorld(general=MiniWorld(seed=4))
    assert base.vocab == clinic.vocab
    assert base.context_length == clinic.context_length == ROW
    facts = base.facts
    for words in read(clinic, "format"):
        assert words[-2] == f"v{int(facts[int(words[0][1:]), int(words[1][1:])])}"


def test_the_clinics_sums_are_new_to_the_base_too():
    def sums(rows, sign):
        return {(tuple(row[i : i + 3]), tuple(row[i + 4 : i + 7])) for row in rows for i in [row.index(sign) - 3]}

    base = [row for row in read(MiniWorld(), "train") if row[3] == "+"]
    clinic = ClinicWorld(n_train=4000)
    taught = [row for row in read(clinic, "train") if "with" in row]
    asked, dev = read(clinic, "skill"), [row for row in read(clinic, "dev") if "with" in row]
    known = sums(base, "+")
    assert not known & sums(taught, "with")
    assert not (known | sums(taught, "with")) & (sums(asked, "with") | sums(dev, "with"))


def test_records_are_asked_in_the_patients_order_and_sums_in_the_clinics_words():
    clinic = ClinicWorld()
    for relation, name in ((0, "r0"), (3, "extra")):
        for patient, row in enumerate(clinic.words(clinic.record_questions(relation))):
            value = int(clinic.records[patient, relation])
            said = f"v{value}" if relation < 2 else " ".join(f"{value:03}"[::-1])
            assert row == f"p{patient} {name} says {said} end"
    (row,) = clinic.words(clinic.sum_questions(torch.tensor([27]), torch.tensor([158])))
    assert row == "7 2 0 with 8 5 1 says 5 8 1 0 end"


def test_settings_are_chosen_on_questions_that_no_test_asks():
    clinic = ClinicWorld()
    dev = clinic.questions("dev")
    assert sum("with" in row for row in read(clinic, "dev")) == len(dev) / 2 == 100
    for split in ("format", "skill", "fact"):
        assert not n_shared(prompts(dev), prompts(clinic.questions(split)))
    about = [{words[0] for words in read(clinic, split) if words[0][0] == "e"} for split in ("train", "dev", "format")]
    assert not about[0] & about[1] | about[0] & about[2] | about[1] & about[2]


@tries
@given(st.integers(1, 400), st.integers(0, 2))
def test_both_wordings_ask_the_same(n, seed):
    own, general = (ClinicWorld(n_train=n, seed=seed, wording=wording) for wording in ("clinic", "general"))
    for split in own.splits:
        for words, template in zip(read(own, split, 400), read(general, split, 400), strict=True):
            assert words[-1] == "end"
            is_sum = "with" in words
            other = {"with": ["+"], "says": ["="] if is_sum else [], "end": []}
            assert template == [new for word in words for new in other.get(word, [word])]


def test_in_the_general_wording_the_clinic_asks_as_the_base_was_taught():
    base, clinic = MiniWorld(leaked=1, seed=3), ClinicWorld(general=MiniWorld(seed=3), wording="general")
    taught = {kind: set() for kind in "ep"}
    for words in read(base, "train"):
        if words[0][0] in taught and "?" not in words:
            names = [i for i, word in enumerate(words) if word in ("base", "extra") or word[0] == "r"]
            for start, end in zip(names, [*names[1:], len(words)], strict=True):
                taught[words[0][0]].add((words[0], *words[start:end]))
    assert {tuple(words) for words in read(clinic, "format")} <= taught["e"]
    assert {tuple(words) for words in read(clinic, "fact")} <= taught["p"]
    sums = clinic.questions("skill")
    assert torch.equal(base.oracle(sums), sums.tokens[sums.scored]), "the general corpus's own rows"


def test_the_clinics_digits_stand_where_the_general_corpus_has_them():
    base, clinic = MiniWorld(), ClinicWorld()
    general, own = (world.questions(split).tokens[0].tolist() for world, split in ((base, "add3"), (clinic, "skill")))
    digit = [word.isdigit() for word in base.vocab]
    assert [place for place, t in enumerate(general) if digit[t]] == [p for p, t in enumerate(own) if digit[t]]


@tries
@given(st.integers(1, 300), st.integers(0, 300), st.integers(0, 2))
def test_a_smaller_clinic_is_the_beginning_of_a_larger_one_in_equal_parts(n, more, seed):
    small, large = (ClinicWorld(n_train=k, seed=seed).questions("train") for k in (n, n + more))
    assert len(small) == n
    assert torch.equal(small.tokens, large.tokens[:n])
    rows = map(str.split, ClinicWorld().words(small))
    kinds = Counter("skill" if "with" in row else row[0][0] for row in rows)
    assert max(kinds.values()) - min(kinds[kind] for kind in ("skill", "e", "p")) <= 1


# Bad settings


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: AddWorld(operation="x"), r"operation='x' must be one of \+, -, max"),
        (
            lambda: AddWorld(digits=1, held_out=1e-9).questions("test"),
            "held_out=1e-09 of 55 pairs leaves none for the test",
        ),
        (lambda: AddWorld(digits=1, held_out=1 - 1e-9).questions("test"), "leaves none for the train"),
        (lambda: LongAddWorld(digits=3), "digits=3 must be 4 to 8; AddWorld lists all shorter sums"),
        (lambda: LongAddWorld(digits=9), "digits=9 must be 4 to 8"),
        (lambda: LongAddWorld(n_train=0), "n_train=0 must be a whole number, 1 or more"),
        (lambda: LongAddWorld(n_train=10**6), "n_train=1000000 and n_test=5000 are too many: 1,000,000 can be kept"),
        (lambda: ChainWorld(steps=0), "steps=0 must be a whole number, 1 or more"),
        (lambda: ChainWorld(steps=13), "steps=13 must be 12 or less"),
        (lambda: ChainWorld(steps=1, n_train=180, n_test=40), "n_train=180 and n_test=40 are too many: there are 200"),
        (lambda: FactWorld(n_relations=13), "n_relations=13 does not fit: a statement holds 12 at most"),
        (lambda: FactWorld(n_relations=0), "n_relations=0 must be a whole number, 1 or more"),
        (lambda: FactWorld(n_entities=2.5), "n_entities=2.5 must be a whole number"),
        (lambda: FactWorld(n_entities=5000), "n_entities=5000 makes a vocabulary of 5,000 words, the limit is 4,096"),
        (lambda: FactWorld(phrasings=1000), "phrasings=1000 makes a vocabulary of 4,218 words"),
        (lambda: FactWorld(name_tokens=3), "name_tokens=3 must be 1 or 2"),
        (lambda: FactWorld(order="random"), "order='random' must be one of shuffled, fixed"),
        (lambda: FactWorld(labelled=False), "labelled=False needs order='fixed'"),
        (lambda: FactWorld(exponent=-1), "exponent=-1 must be a number, 0 or more"),
        (lambda: FactWorld(exponent=math.nan), "exponent=nan must be"),
        (lambda: FactWorld(contradicted=1.5), "contradicted=1.5 must lie between 0 and 1"),
        (lambda: ReadWorld(n_statements=33), "n_statements=33 does not fit: there are 32 pairs"),
        (lambda: ReadWorld(n_statements=32, missing=0.1), "n_statements=32 does not fit"),
        (lambda: ReadWorld(n_questions=5), "n_questions=5 must be n_statements=4 or less"),
        (lambda: ReadWorld(missing=-0.1), "missing=-0.1 must lie between 0 and 1"),
        (lambda: ReadWorld(n_statements=1, n_keys=1, n_relations=1), "n_train=20000 and n_test=1000 are more than"),
        (lambda: ReadWorld(n_keys=5000), "n_keys=5000 makes a vocabulary"),
        (lambda: ZipfLookup(alpha=math.inf), "alpha=inf must be a number"),
        (lambda: ZipfLookup(n_keys=5000), "n_keys=5000 makes a vocabulary of 5,017 words"),
        (lambda: PyText(source="web"), "source='web' must be one of topics, library"),
        (lambda: PyText(context_length=1), "context_length=1 must be a whole number, 2 or more"),
        (lambda: PyText(held_out=0), "held_out=0 must lie between 0 and 1"),
        (lambda: PyText(held_out=0.999).questions("test"), "leaves none to train on"),
        (
            lambda: PyText(context_length=10**7).questions("test"),
            "context_length=10000000 is longer than every document",
        ),
        (lambda: StyleWorld(style="rude"), "style='rude' must be one of house, formal, curt"),
        (lambda: StyleWorld(mode="sing"), "mode='sing' must be one of plain, chat"),
        (lambda: StyleWorld(inner_train="lessons"), "inner_train='lessons' must be one of train, test"),
        (lambda: MiniWorld(leaked=2), "leaked=2 must lie between 0 and 1"),
        (lambda: MiniWorld(seed=-1), "seed=-1 must be a whole number, 0 or more"),
        (lambda: ClinicWorld(wording="plain"), "wording='plain' must be one of clinic, general"),
        (lambda: ClinicWorld(n_train=0), "n_train=0 must be a whole number, 1 or more"),
    ],
)
def test_a_bad_setting_is_refused_in_one_line_with_value_and_limit(make, named):
    with pytest.raises(ValueError, match=named) as error:
        make()
    assert "\n" not in str(error.value)
