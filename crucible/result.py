"""What a reader measured under a plan: read, held against the plan, and judged by the book's ledger.

Every complaint is one line that starts with the file. Used in the closing.
"""

import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from crucible import ledger
from crucible.ledger import Outcome, Row
from crucible.metrics import METRICS
from crucible.plan import Plan, claim_text, listed, read, text_of
from crucible.register import Claim, Register, Source, Verdict


@dataclass(frozen=True)
class Result:
    """What a reader measured, as result.json holds it."""

    rows: tuple[Row, ...]
    plan: str | None  # the seal of the plan it was measured under
    seconds: float | None  # of the longest run


@dataclass(frozen=True)
class Judgement:
    """A plan, its result, and what the ledger says about them."""

    plan: Plan
    result: Result
    outcome: Outcome

    @property
    def verdict(self) -> Verdict:
        """The claim's verdict: all parts must stand."""
        claim, book = _as_register(self.plan)
        return ledger.claim_verdict(claim, book, {"plan": self.outcome})

    def text(self) -> str:
        """Every part with its interval and its placebo, the verdict, and what to doubt; as Markdown."""
        parts = [f"**{part.part.part}.** {part.sentence()}" for part in self.outcome.parts]
        closing = f"**{self.verdict.capitalize()} here:** {claim_text(self.plan)}"
        return "\n\n".join([*parts, closing, *_doubts(self)])


class _ResultRow(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)  # "61" is not a number

    metric: str
    arm: str
    seed: int
    value: float  # NaN is left to the ledger, which names arm and seed


class _ResultFile(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    plan: str | None = None
    seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    rows: list[_ResultRow]


def read_result(file: Path | str, plan: Plan) -> Result:
    """Read what was measured under a plan. ValueError, in one line with the file's name, for anything else."""
    file = Path(file)
    text = text_of(file)
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"{file.name}:{error.lineno}: not valid JSON: {error.msg}") from None
    except (RecursionError, ValueError):
        raise ValueError(f"{file.name}: nested too deeply, or a number is too long") from None
    try:
        entries = _ResultFile.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(step) for step in first["loc"]) or "the file"
        got = "" if isinstance(first["input"], dict | list) else f", got {json.dumps(first['input'])}"
        raise ValueError(f"{file.name}: {field}: {first['msg']}{got}") from None
    result = Result(tuple(Row(**row.model_dump()) for row in entries.rows), entries.plan, entries.seconds)
    for place, message in _strangers(plan, result):
        raise ValueError(f"{file.name}: {place}: {message}")
    return result


def _strangers(plan: Plan, result: Result) -> Iterator[tuple[str, str]]:
    """What is in a result and not in its plan: (where, what is wrong)."""
    if result.plan not in (None, plan.seal()):
        yield "plan", f"measured under a plan with the seal {result.plan!r}, this one has {plan.seal()!r}"
    metrics = {part.metric for part in plan.parts}
    for i, row in enumerate(result.rows):
        if row.metric not in metrics:
            yield f"rows.{i}.metric", f"{row.metric!r} is not measured by the plan, only {', '.join(sorted(metrics))}"
        if row.arm not in plan.arms:
            yield f"rows.{i}.arm", f"{row.arm!r} is not among the plan's arms {listed(plan.arms, row.arm)}"
        if row.seed not in plan.seeds:
            seeds = ", ".join(map(str, plan.seeds))
            yield f"rows.{i}.seed", f"seed {row.seed} is not in the plan, which counts {seeds}"
        elif METRICS[row.metric].unit == "%" and not (0 <= row.value <= 100 or math.isnan(row.value)):
            yield f"rows.{i}.value", f"{row.metric} is a share in %, from 0 to 100, got {row.value:g}"


def write_result(file: Path | str, plan: Plan, rows: Iterable[Row], seconds: float | None = None) -> None:
    """Write result.json for `judge`. seconds: of the longest run."""
    data = {"plan": plan.seal(), "seconds": seconds, "rows": [asdict(row) for row in rows]}
    Path(file).write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


def judge(plan_file: Path | str, result_file: Path | str) -> Judgement:
    """Apply a plan's rules to its result, with the ledger's own code.

    ValueError, in one line that starts with the file, where either is wrong, an arm or a seed is
    missing, or a value is not a number.
    """
    plan = read(plan_file)
    result = read_result(result_file, plan)
    try:
        return Judgement(plan, result, ledger.judge(plan.experiment(), result.rows, plan.seeds))
    except ValueError as error:
        raise ValueError(f"{Path(result_file).name}: {error}") from None


def _as_register(plan: Plan) -> tuple[Claim, Register]:
    """A register of one claim that rests on all parts of the plan."""
    claim = Claim(
        id="plan/claim",
        who="the reader",
        kind="empirical",
        theme="other",
        claim=plan.claim,
        tested_in=("plan",),
        verdict="not yet tested",
        reach=0,
    )
    words = dict.fromkeys(("title", "author", "outlet", "date", "language", "argument"), "-")
    return claim, Register(
        sources=(Source(article="plan", claims=(claim,), experiments=(plan.experiment(),), **words),)
    )


def _doubts(judged: Judgement) -> list[str]:
    plan, result, lines = judged.plan, judged.result, []
    if result.plan is None:
        lines.append("The result bears no seal, so nobody can tell whether this plan came before the run.")
    if result.seconds is None:
        lines.append("The result does not say how long the longest run took.")
    else:
        kept = "within" if result.seconds <= plan.budget else "**over**"
        lines.append(f"The longest run took {result.seconds:.1f} s, {kept} the plan's {plan.budget:g} s.")
    shares = [row.value for row in result.rows if METRICS[row.metric].unit == "%"]
    if shares and max(shares) <= 1 and any(0 < value < 1 for value in shares):
        lines.append("No share in the result exceeds 1 %: are these fractions where the metric is in %?")
    return lines
