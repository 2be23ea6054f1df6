"""Two judges: one sees only the manner of an imitator's answers, the other only whether they are right."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import anywidget
import traitlets

from crucible.widgets import joined
from crucible.widgets.contract import (
    Seeds,
    is_number,
    is_whole,
    listed,
    packed,
    rounded,
    wrong_names,
    wrong_seeds,
    wrong_share,
    wrong_text,
    wrong_texts,
)

LIMIT = 60_000  # bytes of JSON
RULERS = ("style", "judge", "covered", "uncovered", "skill")
TEACHERS = ("style", "covered", "uncovered", "skill")  # the judge compares with the teacher, so it has none of its own

Scores = Mapping[str, Seeds]  # ruler -> seed -> %
Run = tuple[str, str, int]  # base, arm, examples


@dataclass(frozen=True)
class Answer:
    """A stored answer: the words before the content, the content, the words after it.

    as_good: does the style judge call it as good as the teacher's?
    """

    opener: str
    content: str
    closer: str
    as_good: bool


@dataclass(frozen=True)
class Example:
    """A question with the teacher's answer and each student's.

    kind: such as "uncovered fact". right: the right content. untouched: base -> answer before any imitation.
    students: (base, arm, examples) -> answer, for every run of the study.
    """

    kind: str
    question: str
    right: str
    teacher: Answer
    untouched: Mapping[str, Answer]
    students: Mapping[Run, Answer]


@dataclass(frozen=True)
class Study:
    """What was measured. ValueError in one line where it breaks its contract.

    arms: name -> one sentence. teacher: ruler -> seed -> %; its style is its agreement with itself.
    untouched: base -> its scores before any imitation. runs: (base, arm, examples) -> scores. Both: ruler -> seed -> %.
    seed: whose answers the examples are. pleased: the share of the teacher's own score, in %, that pleases a judge.
    """

    arms: Mapping[str, str]
    teacher: Scores
    untouched: Mapping[str, Scores]
    runs: Mapping[Run, Scores]
    examples: Sequence[Example]
    seed: int
    pleased: float = 90.0

    def __post_init__(self):
        for complaint in self._complaints():
            raise ValueError(f"two judges: {complaint}")

    @property
    def seeds(self) -> list[int]:
        """The seeds of every score, rising."""
        return sorted(self.teacher["style"])

    def sizes(self, base: str, arm: str) -> list[int]:
        """Numbers of examples that an arm was measured with, rising."""
        return sorted(int(n) for of, kind, n in self.runs if (of, kind) == (base, arm))

    def page(self) -> dict[str, Any]:
        """What the page needs: scores in tenths of a percent, in the order of seeds; answers in the order of runs."""
        bases, arms = list(self.untouched), list(self.arms)
        data = {
            "seeds": [int(seed) for seed in self.seeds],
            "seed": int(self.seed),
            "pleased": float(self.pleased),
            "bases": bases,
            "arms": [[name, told] for name, told in self.arms.items()],
            "teacher": self._sent(self.teacher),
            "untouched": [self._sent(scores) for scores in self.untouched.values()],
            "runs": [
                {"base": bases.index(base), "arm": arms.index(arm), "examples": int(n), "scores": self._sent(scores)}
                for (base, arm, n), scores in self.runs.items()
            ],
            "questions": [
                {
                    "kind": one.kind,
                    "question": one.question,
                    "right": one.right,
                    "teacher": _answer(one.teacher),
                    "untouched": [_answer(one.untouched[base]) for base in bases],
                    "students": [_answer(one.students[run]) for run in self.runs],
                }
                for one in self.examples
            ],
        }
        return packed("two judges", data, LIMIT)

    def _sent(self, scores: Scores) -> dict[str, list[float]]:
        return {ruler: rounded(values, self.seeds) for ruler, values in scores.items()}

    def _complaints(self) -> Iterator[str]:
        """What breaks the contract, the first thing first."""
        yield from wrong_names("the teacher", self.teacher, TEACHERS)
        if not (is_number(self.pleased) and 0 < self.pleased <= 100):
            yield f"pleased={self.pleased!r} must be a number above 0 and at most 100"
        for name in ("arms", "untouched", "examples"):
            if not getattr(self, name):
                yield f"{name} is empty; at least 1 is needed"
        yield from wrong_texts("a name in arms", self.arms)
        yield from wrong_texts("a sentence in arms", self.arms.values())
        yield from wrong_texts("a name in untouched", self.untouched)
        yield from self._wrong_scores("the teacher", self.teacher)
        for ruler, values in self.teacher.items():
            for seed, value in values.items():
                if value == 0:
                    yield f"{ruler} of the teacher, seed {seed} is {value!r}; nothing can be a share of it"
        for base, before in self.untouched.items():
            yield from wrong_names(f"untouched {base!r}", before, RULERS)
            yield from self._wrong_scores(f"untouched {base!r}", before)
        for run in self.runs:
            if not self._is_run(run):
                yield (
                    f"runs has {run!r}; it needs a base ({listed(self.untouched)}), "
                    f"an arm ({listed(self.arms)}) and a whole number of examples above 0"
                )
        for run, scores in self.runs.items():
            yield from wrong_names(f"run {run!r}", scores, RULERS)
            yield from self._wrong_scores(f"run {run!r}", scores)
        for base in self.untouched:
            for arm in self.arms:
                if not self.sizes(base, arm):
                    yield f"runs has none of base {base!r} with arm {arm!r}"
        if self.seed not in self.seeds:
            yield f"seed={self.seed!r} must be one of {listed(self.seeds)}"
        for one in self.examples:
            yield from self._wrong_example(one)

    def _is_run(self, run: Any) -> bool:
        if not isinstance(run, tuple) or len(run) != 3:
            return False
        return run[0] in self.untouched and run[1] in self.arms and is_whole(run[2], 1)

    def _wrong_scores(self, where: str, scores: Scores) -> Iterator[str]:
        for ruler, values in scores.items():
            yield from wrong_seeds(f"{ruler} of {where}", values, self.seeds)
            for seed, value in values.items():
                yield from wrong_share(f"{ruler} of {where}, seed {seed}", value)

    def _wrong_example(self, one: Example) -> Iterator[str]:
        where = f"example {one.question!r}"
        for name in ("kind", "question", "right"):
            yield from wrong_text(f"{name} of {where}", getattr(one, name))
        yield from wrong_names(f"untouched of {where}", one.untouched, self.untouched)
        for run in self.runs:
            if run not in one.students:
                yield f"students of {where} lack {run!r}"
        for answer in (one.teacher, *one.untouched.values(), *one.students.values()):
            for name in ("opener", "content", "closer"):
                yield from wrong_text(f"{name} of an answer to {where}", getattr(answer, name), empty=True)


class TwoJudges(anywidget.AnyWidget):
    """The study, and where the widget starts: the first base and arm, its most examples, the first question.

    examples: 0 is the base as it was; an arm that was not measured with so many shows the nearest number.
    TraitError in one line for an unknown start.
    """

    _esm = joined("two_judges", "js", "drawing")
    _css = joined("two_judges", "css", "drawing")

    study = traitlets.Dict().tag(sync=True)
    base = traitlets.Unicode().tag(sync=True)
    arm = traitlets.Unicode().tag(sync=True)
    examples = traitlets.Int().tag(sync=True)
    question = traitlets.Int().tag(sync=True)

    def __init__(
        self,
        study: Study,
        base: str | None = None,
        arm: str | None = None,
        examples: int | None = None,
        question: int = 0,
    ):
        first_base, first_arm = next(iter(study.untouched)), next(iter(study.arms))
        most = max(int(n) for *_, n in study.runs)
        super().__init__(
            study=study.page(),
            base=first_base if base is None else base,
            arm=first_arm if arm is None else arm,
            examples=most if examples is None else examples,
            question=question,
        )

    @traitlets.validate("base", "arm", "examples", "question")
    def _valid(self, proposal):
        study, name, value = self.study, proposal["trait"].name, proposal["value"]
        known = {
            "base": study["bases"],
            "arm": [arm for arm, _ in study["arms"]],
            "examples": [0, *sorted({run["examples"] for run in study["runs"]})],
            "question": list(range(len(study["questions"]))),
        }[name]
        if value not in known:
            raise traitlets.TraitError(f"two judges: {name}={value!r} must be one of {listed(known)}")
        return value


def rows(study: Study) -> list[list[str]]:
    """The means for crucible.plot.table, its head first: a row for each base as it was, and for each run."""
    found: list[tuple[str, Scores]] = []
    for base, scores in study.untouched.items():
        found.append((f"{base}, before", scores))
        found += [(f"{base}, {arm}, {n:,}", one) for (of, arm, n), one in study.runs.items() if of == base]
    head = ["", "style, of the teacher's own (%)", "as good as the teacher (%)", *(f"{one} (%)" for one in RULERS[2:])]
    return [head, *([name, *(f"{_mean(study, one, ruler):.1f}" for ruler in RULERS)] for name, one in found)]


def _mean(study: Study, scores: Scores, ruler: str) -> float:
    own = study.teacher["style"] if ruler == "style" else dict.fromkeys(study.seeds, 100)
    return math.fsum(100 * scores[ruler][seed] / own[seed] for seed in study.seeds) / len(study.seeds)


def _answer(answer: Answer) -> list[str | bool]:
    return [answer.opener, answer.content, answer.closer, bool(answer.as_good)]
