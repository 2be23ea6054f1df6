"""A reader's bets in Python: score, calibration, the file and what becomes of a damaged one, the widgets' state.

Run: .venv/bin/python -m pytest -q tests/unit/test_bets.py (a few seconds).
"""

import json
import math
from itertools import product

import pytest
import traitlets

from crucible import bets
from crucible.widgets.bet import Bet
from crucible.widgets.calibration import Calibration

ABOUT = {"question": "Q", "unit": "%", "minimum": 0, "maximum": 100, "scale": "linear", "level": 0.9}


def record(**changes):
    return ABOUT | {"guess": 50, "low": 40, "high": 60, "result": None} | changes


@pytest.fixture
def file(tmp_path):
    return tmp_path / "bets.json"


def make(file, **changes):
    return Bet("q/one", **({"question": "Q", "unit": "%", "minimum": 0, "maximum": 100, "file": file} | changes))


def placed(bet, **changes):
    bet.record = dict(bet.about) | {"guess": 50, "low": 40, "high": 60, "result": bet.result} | changes
    return bet


def kept(file):
    return json.loads(file.read_text())["bets"]


# the score and the calibration


def test_points_of_a_bet_by_hand():
    assert bets.points(record(result=60)) == pytest.approx(20)
    assert bets.points(record(result=63)) == pytest.approx(20 + 20 * 3)
    assert bets.points(record(result=30, level=0.8)) == pytest.approx(20 + 10 * 10)


def test_the_calibration_by_hand():
    chosen = {"a": record(result=50), "b": record(result=60.5), "c": record(), "d": record(result=40)}
    found = bets.calibration(chosen)
    assert (found.known, found.held) == (3, 2)
    assert found.expected == pytest.approx(2.7)
    assert found.usual == (2, 3)  # one hit or fewer: 2.8 %
    assert found.points == pytest.approx(20 + 10 / 3)
    assert bets.calibration({"c": record()}) == bets.Calibration(0, 0, 0, (0, 0), None)


@pytest.mark.parametrize(("count", "usual"), [(1, (0, 1)), (2, (1, 2)), (10, (7, 10)), (28, (22, 28)), (29, (23, 28))])
def test_what_is_usual_at_ninety_percent(count, usual):
    found = bets.calibration({str(i): record(result=50) for i in range(count)})
    tail = [math.comb(count, k) * 0.9**k * 0.1 ** (count - k) for k in range(count + 1)]
    low = max(k for k in range(count + 1) if sum(tail[:k]) <= 0.05)
    high = min(k for k in range(count + 1) if sum(tail[k + 1 :]) <= 0.05)
    assert found.usual == (low, high) == usual


def test_what_is_usual_with_mixed_levels_is_counted_out():
    levels = (0.5, 0.8, 0.9, 0.95, 0.5)
    chances = [0.0] * 6
    for hits in product((0, 1), repeat=5):
        chances[sum(hits)] += math.prod(level if hit else 1 - level for level, hit in zip(levels, hits, strict=True))
    low = max(k for k in range(6) if sum(chances[:k]) <= 0.05)
    high = min(k for k in range(6) if sum(chances[k + 1 :]) <= 0.05)
    found = bets.calibration({str(level * 7 + i): record(level=level, result=1) for i, level in enumerate(levels)})
    assert found.usual == (low, high)
    assert found.expected == pytest.approx(sum(levels))


# what a bet must hold, and its file


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"guess": 30}, "guess=30.0 must lie between low=40.0 and high=60.0"),
        ({"low": 70}, "guess=50.0 must lie between low=70.0"),
        ({"low": -1}, "low=-1 must lie between 0 and 100"),
        ({"high": 101}, "high=101 must lie between 0 and 100"),
        ({"high": math.inf}, "high: Input should be a finite number"),
        ({"guess": "50"}, "guess: Input should be a valid number"),
        ({"level": 1}, "level: Input should be less than 1"),
        ({"scale": "log"}, "minimum=0.0 must be above 0"),
        ({"question": None}, "question: "),
    ],
)
def test_what_is_no_bet_is_refused_in_one_line(changes, said):
    with pytest.raises(ValueError, match=r"^[^\n]*$") as error:
        bets.checked(record(**changes))
    assert said in str(error.value)


def test_a_file_goes_round(file):
    assert bets.read(file) == ({}, "")
    assert not file.exists()
    chosen = {"q/one": bets.checked(record(question="多少?")), "q/two": bets.checked(record(result=3))}
    assert bets.write(file, chosen) == ""
    assert bets.read(file) == (chosen, "")
    assert [found.name for found in file.parent.iterdir()] == ["bets.json"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "it is no JSON"),
        (b"\xff\xfe\x00", "it is no text"),
        (b"[]", "it holds no bets of this book"),
        (b'{"version": 1}', "it holds no bets of this book"),
        (b'{"version": 2, "bets": {}}', "its version is 2 and this book reads version 1"),
        (b'{"version": true, "bets": {}}', "its version is True"),
        (b"[" * 100_000, "it is no JSON"),
    ],
)
def test_a_damaged_file_is_named_and_set_aside(file, content, said):
    file.write_bytes(content)
    first = file.with_name("bets.damaged-1.json")
    first.write_text("an older one")
    found, trouble = bets.read(file)
    assert found == {}
    assert str(file) in trouble
    assert said in trouble
    assert "bets.damaged-2.json" in trouble
    assert file.with_name("bets.damaged-2.json").read_bytes() == content
    assert first.read_text() == "an older one"
    assert not file.exists()


def test_sound_bets_beside_a_broken_one_are_kept(file):
    file.write_text(json.dumps({"version": 1, "bets": {"a": record(), "b": record(low=99)}}))
    found, trouble = bets.read(file)
    assert list(found) == ["a"]
    assert "bet 'b': guess=50.0" in trouble
    assert bets.read(file) == (found, "")


def test_a_file_that_cannot_be_read_or_written_gets_one_line(tmp_path):
    folder = tmp_path / "bets.json"
    folder.mkdir()
    found, trouble = bets.read(folder)
    assert found == {}
    assert "cannot be read (Is a directory)" in trouble
    assert "cannot be written" in bets.write(tmp_path / "none/bets.json", {})
    bet = placed(make(tmp_path / "none/bets.json"))
    assert bet.trouble.endswith("cannot be written (No such file or directory): your bets last as long as this kernel")
    assert bet.record["guess"] == 50
    assert "cannot be read" in placed(make(folder)).trouble


# the widgets


def test_a_bet_is_placed_kept_and_revealed_and_lives_on(file):
    bet = make(file)
    assert (bet.record, bet.result, bet.trouble) == ({}, None, "")
    assert not file.exists(), "nothing is written before a bet is placed"
    placed(bet)
    assert kept(file)["q/one"] == bets.checked(record())
    bet.reveal(63)
    assert (bet.result, bet.record["result"], kept(file)["q/one"]["result"]) == (63, 63, 63)
    again = make(file)
    assert (again.record["guess"], again.record["result"], again.result) == (50, 63, None)


def test_a_result_that_comes_first_waits_for_the_bet(file):
    bet = make(file)
    bet.reveal(63)
    assert (bet.record, file.exists()) == ({}, False)
    placed(bet)
    assert kept(file)["q/one"]["result"] == 63
    assert make(file, result=7).record["result"] == 7, "a new run brings its own result"
    assert kept(file)["q/one"]["result"] == 7


@pytest.mark.parametrize(("value", "stands"), [(math.inf, 100), (-math.inf, 0), (101, 100), (12.5, 12.5)])
def test_a_result_beyond_an_end_counts_as_the_end(value, stands):
    bet = make(None)
    bet.reveal(value)
    assert bet.result == stands
    with pytest.raises(ValueError, match="value=nan"):
        bet.reveal(math.nan)


def test_a_placed_bet_can_be_cleared_and_not_changed(file):
    bet = placed(make(file))
    with pytest.raises(traitlets.TraitError, match=r"high=70.*placed with 60.*cleared, not changed"):
        bet.record = {**bet.record, "high": 70}
    assert (bet.record["high"], kept(file)["q/one"]["high"]) == (60, 60)
    bet.record = {}
    assert kept(file) == {}
    placed(bet, high=70)
    assert kept(file)["q/one"]["high"] == 70


def test_a_bet_that_is_none_is_refused_and_not_kept(file):
    bet = make(file)
    with pytest.raises(traitlets.TraitError, match="guess=99"):
        placed(bet, guess=99)
    assert (bet.record, file.exists()) == ({}, False)


def test_two_bets_share_a_file(file):
    one, two = make(file), Bet("q/two", "R", "", 1, 10, scale="log", file=file)
    placed(one)
    placed(two, guess=2, low=2, high=3)
    assert list(kept(file)) == ["q/one", "q/two"]
    one.record = {}
    assert list(kept(file)) == ["q/two"]


def test_without_a_file_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    placed(make(None)).reveal(4)
    assert not list(tmp_path.iterdir())


def test_a_damaged_file_is_named_by_the_widget_and_stays_beside_the_new_one(file):
    file.write_text("not ours")
    bet = make(file)
    assert "it is no JSON" in bet.trouble
    placed(bet)
    assert bet.trouble == ""
    assert list(kept(file)) == ["q/one"]
    assert file.with_name("bets.damaged-1.json").read_text() == "not ours"
    file.write_text("not ours either")  # while the widget lives
    bet.record = {}
    assert "damaged-2.json" in bet.trouble
    assert file.with_name("bets.damaged-2.json").read_text() == "not ours either"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"minimum": 100}, "minimum=100 must be less than maximum=100"),
        ({"scale": "log"}, "minimum=0 must be above 0"),
        ({"scale": "root"}, "scale='root'"),
        ({"level": 90}, "level=90 must lie between 0 and 1"),
        ({"question": ""}, "an id and a question"),
    ],
)
def test_a_question_that_is_none_is_refused(changes, said):
    with pytest.raises(ValueError, match=said):
        make(None, **changes)


def test_the_calibration_reads_imports_and_clears_the_file(file):
    placed(make(file)).reveal(63)
    closing = Calibration(file=file)
    assert closing.bets == bets.read(file)[0]
    closing.bets = {**closing.bets, "q/two": record(result=5)}
    assert list(kept(file)) == ["q/one", "q/two"]
    with pytest.raises(traitlets.TraitError, match="low=-1"):
        closing.bets = {"q/three": record(low=-1)}
    assert len(closing.bets) == len(kept(file)) == 2
    closing.bets = {}
    assert (kept(file), closing.trouble) == ({}, "")
    assert Calibration(file=file).bets == {}
