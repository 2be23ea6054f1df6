"""The capstone: a reader's own plan, checked before the run.

plan.yml says what would be measured and what would change our mind; crucible.result judges what was.
From the shell: python -m crucible plan example | check plan.yml | judge plan.yml result.json.
Used in the closing.
"""

import difflib
import hashlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from crucible import ledger, register
from crucible.ledger import FEWEST_SEEDS, in_words
from crucible.metrics import METRICS
from crucible.register import Experiment, Part
from crucible.yaml_lines import RegisterError, line_of
from crucible.yaml_lines import read as read_as

SECONDS_PER_RUN = 60  # the course's limit for one run of a capstone
REACH_WORDS = 300
_OF_THE_REGISTER = re.compile(r"[\w-]+/[\w-]+")
_WORD = re.compile(r"[\u4e00-\u9fff]|[^\s\u4e00-\u9fff]+")  # a Chinese character counts as a word

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


def _within_the_limit(seconds: float) -> float:
    if not 0 < seconds <= SECONDS_PER_RUN:
        raise ValueError(f"one run may take more than 0 and at most {SECONDS_PER_RUN} seconds")
    return seconds


def _short_enough(text: str) -> str:
    words = len(_WORD.findall(text))
    if words > REACH_WORDS:
        raise ValueError(f"the argument has {words} words, at most {REACH_WORDS} are read")
    return text


class Plan(BaseModel):
    """What a reader wants to test, and the rule that decides, written down before the run."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    claim: Text  # an id of the register, or a sentence of the reader's own
    hypothesis: Text
    arms: Annotated[dict[Text, Text], Field(min_length=2)]  # name -> how this arm treats the model
    parts: Annotated[tuple[Part, ...], Field(min_length=1)]  # the rules; the claim stands when all of them do
    seeds: Annotated[tuple[Annotated[int, Field(ge=0)], ...], Field(min_length=FEWEST_SEEDS)]
    budget: Annotated[float, AfterValidator(_within_the_limit)]  # seconds that one run may take
    reach_argument: Annotated[Text, AfterValidator(_short_enough)] | None = None  # may be written after the run

    def experiment(self) -> Experiment:
        """The plan's rules as the ledger reads them."""
        return Experiment(id="plan", title=self.hypothesis, chapter="-", seeds=self.seeds, parts=self.parts)

    def seal(self) -> str:
        """Twelve characters that change with the plan; not with the argument, which comes last."""
        text = self.model_dump_json(exclude={"reach_argument"})
        return hashlib.sha256(text.encode()).hexdigest()[:12]


def read(file: Path | str) -> Plan:
    """Read and check a plan. RegisterError with file, line, field and value of the first thing that is wrong."""
    file = Path(file)
    text_of(file)
    plan, nodes = read_as(file, Plan)
    for path, message in _faults(plan):
        field = ".".join(str(step) for step in path)
        raise RegisterError(f"{file.name}:{line_of(nodes, path)}: {field}: {message}")
    return plan


def _faults(plan: Plan) -> Iterator[tuple[tuple, str]]:
    """What no single field can know: (where it stands, what is wrong)."""
    if _OF_THE_REGISTER.fullmatch(plan.claim):
        try:
            register.load().claim(plan.claim)
        except KeyError as error:
            yield ("claim",), f"{error.args[0]} A claim of your own is a sentence."
    for i, seed in enumerate(plan.seeds):
        if seed in plan.seeds[:i]:
            yield ("seeds", i), f"seed {seed} stands twice; at least {FEWEST_SEEDS} different ones are needed"
    names = [part.part for part in plan.parts]
    used = set()
    for i, part in enumerate(plan.parts):
        if part.part in names[:i]:
            yield ("parts", i, "part"), f"part {part.part!r} stands twice"
        for path, name in _arms_of(part):
            used.add(name)
            if name not in plan.arms:
                yield ("parts", i, *path), f"{name!r} is not among the arms {listed(plan.arms, name)}"
        yield from ((("parts", i, *path), message) for path, message in _faults_of(part))
    for name in plan.arms:
        if name not in used:
            yield ("arms", name), f"no part compares {name!r}; an arm that nothing rests on is not run"


def _faults_of(part: Part) -> Iterator[tuple[tuple, str]]:
    placebo, effect = part.placebo, part.minimum_effect
    if placebo.arm == (placebo.against or part.against):
        yield ("placebo", "arm"), f"{placebo.arm!r} would be compared with itself, which can never fail"
    if {placebo.arm, placebo.against or part.against} == {part.arm, part.against}:
        yield ("placebo", "arm"), "this is the comparison of the part itself; a placebo is one without the effect"
    if effect == 0 or (effect > 0) != (part.direction == "greater"):
        side = "above" if part.direction == "greater" else "below"
        yield ("minimum_effect",), f"with direction {part.direction!r} it must lie {side} 0, got {effect:g}"
    if placebo.bound >= abs(effect):
        limit = f"must be smaller than the minimum effect, {abs(effect):g}"
        yield ("placebo", "bound"), f"{limit}, got {placebo.bound:g}"


def _arms_of(part: Part) -> list[tuple[tuple, str]]:
    """Where a part names an arm: (path, name)."""
    places = [(("arm",), part.arm), (("against",), part.against), (("placebo", "arm"), part.placebo.arm)]
    return places + ([(("placebo", "against"), part.placebo.against)] if part.placebo.against else [])


def listed(names: Iterable[str], wrong: str) -> str:
    """The names there are, and the one that a wrong name may have meant."""
    names = list(names)
    near = difflib.get_close_matches(wrong, names, n=1)
    return ", ".join(names) + (f"; did you mean {near[0]!r}?" if near else "")


def claim_text(plan: Plan) -> str:
    """The claim in words, whether it stands in the register or is the reader's own."""
    if _OF_THE_REGISTER.fullmatch(plan.claim):
        return f"{register.load().claim(plan.claim).claim} ({plan.claim})"
    return plan.claim


def check_text(plan: Plan) -> str:
    """What the plan would test, what would support it and what would contradict it, its cost and its seal."""
    seeds = ", ".join(map(str, plan.seeds))
    lines = [f"**The claim.** {claim_text(plan)}"]
    lines.append(f"**What is tested**, over {in_words(len(plan.seeds))} seeds ({seeds}): {plan.hypothesis}")
    lines += [_part_text(part) for part in plan.parts]
    runs = len(plan.arms) * len(plan.seeds)
    cost = f"{len(plan.arms)} arms under {len(plan.seeds)} seeds are {runs} runs of at most {plan.budget:g} s each"
    lines.append(f"Cost: {cost}, {runs * plan.budget / 60:.1f} minutes one after the other at the most.")
    pilots = [seed for seed in plan.seeds if seed < 10]
    if pilots:
        lines.append(f"Note: in this book the seeds 0 to 9 are for pilots, and the plan counts {pilots[0]}.")
    lines.append(f"Seal: {plan.seal()}. It changes with the plan, so show it to somebody before you run.")
    return "\n\n".join(lines)


def _part_text(part: Part) -> str:
    metric, placebo = METRICS[part.metric], part.placebo
    unit, share = metric.difference_unit, 100 * ledger.CONFIDENCE
    beyond, short = ("above", "below") if part.direction == "greater" else ("below", "above")
    return (
        f"**{part.part}.** {part.rule} "
        f"Measured is {metric.label} of *{part.arm}* minus *{part.against}*, seed by seed. "
        f"*Supported* if the {share:.0f} % interval lies wholly {beyond} {part.minimum_effect:g} {unit}, "
        f"*contradicted* if it lies wholly {short}, else *open*. "
        f"The placebo, *{placebo.arm}* minus *{placebo.against or part.against}*, must stay within "
        f"±{placebo.bound:g} {unit}, or the part is void and open."
    )


def text_of(file: Path) -> str:
    """The text of a reader's file. ValueError, in one line, where there is none."""
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise ValueError(f"{file}: {(error.strerror or 'cannot be read').lower()}") from None
    except UnicodeDecodeError:
        raise ValueError(f"{file.name}: not a text file in UTF-8") from None


EXAMPLE = """\
# plan.yml: written before the run.
# claim: an id of the register, or a sentence of your own.
claim: >-
  With the same data and the same number of steps, how the
  knobs are set decides how much a model has learned.
hypothesis: >-
  A very small model that is shown one-digit sums for 200
  steps knows far more of them when its learning rate is
  0.004 than when it is ten times lower.
# arms: a name, and how this arm treats the model.
arms:
  high rate: learning rate 0.004, true sums
  low rate: learning rate 0.0004, true sums
  high rate on shuffled: 0.004, answers dealt at random
  low rate on shuffled: 0.0004, answers dealt at random
# parts: one rule each; the claim stands when all of them do.
# metric: exact_match or token_accuracy, in %, or answer_loss.
# direction: greater, or less with a minimum effect below 0.
parts:
  - part: rate
    rule: >-
      With the high rate it gets more than 30 points more of
      the shown sums right than with the low one.
    metric: exact_match
    arm: high rate
    against: low rate
    direction: greater
    minimum_effect: 30
    placebo:
      arm: high rate on shuffled
      against: low rate on shuffled
      bound: 15
# seeds: three at least; 0 to 9 are for pilots.
seeds: [21, 22, 23]
# budget: seconds that one run may take, at most 60.
budget: 30
# reach_argument: at most 300 words, after the run.
"""

RESULT_FORM = """\

# result.json, for: plan judge plan.yml result.json
# plan: the seal that plan check prints.
# seconds: of the longest run.
# rows: one for each metric, arm and seed of the plan;
# the value here is no measurement.
# {
#   "plan": "...",
#   "seconds": 0.0,
#   "rows": [
#     {"metric": "exact_match", "arm": "high rate",
#      "seed": 21, "value": 0.0}
#   ]
# }
"""


def example() -> str:
    """A plan to start from, and as a comment below it the form of its result."""
    return EXAMPLE + RESULT_FORM
