"""The course from the shell: the register, a plan of your own, the finished runs. `python -m crucible --help`."""

import argparse
import sys
from collections import Counter

from crucible import register
from crucible.landscape import landscape

MANUAL = "Small Models, Big Claims, from the shell: the claims register, a plan of your own, the finished runs."


def check(_arguments) -> str:
    """read the whole register; a wrong entry is named with file and line"""
    book = register.load()
    figures = landscape() if (register.seeds_folder() / register.LANDSCAPE).exists() else ()
    verdicts = Counter(claim.verdict for claim in book.claims.values())
    counts = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.most_common())
    size = f"{len(book.claims)} claims ({counts}), {len(book.experiments)} experiments, {len(figures)} figures"
    return f"{size}: the register is in order."


def show(arguments) -> str:
    """print one claim, one experiment with its rules, or one record check"""
    return register.load().entry(arguments.id).model_dump_json(indent=2, exclude_none=True)


def schema(_arguments) -> str:
    """print the JSON Schema of the published ledger.json"""
    from crucible.published import schema_text

    return schema_text()


def plan(arguments) -> str:
    """a plan of your own: check it before the run, judge its result after it"""
    from crucible import plan as plans
    from crucible import result

    if arguments.step == "example":
        return plans.example().rstrip()
    if arguments.step == "check":
        text = plans.check_text(plans.read(arguments.plan))
    else:
        text = result.judge(arguments.plan, arguments.result).text()
    return text.replace("*", "")  # the same text is Markdown in a notebook


def cache(arguments) -> str:
    """show where finished runs are kept, and how much; --clear removes them"""
    from crucible import cache as runs

    place = runs.folder()
    if place is None:
        return "the cache of finished runs is off (CRUCIBLE_CACHE=off); nothing is kept, and nothing was removed"
    if arguments.clear:
        return f"removed from {place}: {runs.clear(place)}"
    return f"{place}: {runs.size_text(place)}"


def world(arguments) -> str:
    """list the worlds, or print what one of them asks"""
    from crucible import worlds

    if arguments.name is None:
        first_lines = {name: (kind.__doc__ or "").splitlines()[0] for name, kind in worlds.WORLDS.items()}
        return "\n".join(f"{name:11} {line}" for name, line in first_lines.items())
    one = worlds.by_name(arguments.name)()
    lines = [f"{one}: {len(one.vocab)} words, rows of {one.context_length} tokens"]
    for split in one.splits:
        questions = one.questions(split)
        lines.append(f"{split}: {len(questions):,} rows, a blind guess gets {one.chance(split):.1f} % right")
        lines += [f"    {row}" for row in one.words(questions[:: max(1, len(questions) // 3)][:3])]
    return "\n".join(lines)


PLAN_STEPS = {
    "example": ("print a valid plan.yml, and the form of its result", ()),
    "check": ("say what a plan would test, and what would support or contradict it", ("plan",)),
    "judge": ("apply a plan to its result: intervals, placebo, verdict", ("plan", "result")),
}


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        self.exit(2, f"crucible: {message}; python -m crucible --help lists what there is\n")


def main(words: list[str] | None = None) -> int:
    parser = _Parser(prog="python -m crucible", description=MANUAL)
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    for command in (check, show, plan, world, schema, cache):
        sub = commands.add_parser(command.__name__, help=command.__doc__)
        sub.set_defaults(run=command)
        if command is show:
            sub.add_argument("id", help="such as this-book/small-adds, E00 or R01")
        if command is world:
            sub.add_argument("name", nargs="?", help="such as MiniWorld")
        if command is cache:
            sub.add_argument("--clear", action="store_true", help="remove the runs, and nothing else in that folder")
        if command is plan:
            steps = sub.add_subparsers(dest="step", required=True, metavar="step")
            for step, (says, files) in PLAN_STEPS.items():
                one = steps.add_parser(step, help=says, description=says)
                for file in files:
                    one.add_argument(file, help={"plan": "such as plan.yml", "result": "such as result.json"}[file])
    arguments = parser.parse_args(words)
    try:
        print(arguments.run(arguments))
    except (KeyError, ValueError) as error:
        print(f"crucible: {error.args[0]}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"crucible: {error}", file=sys.stderr)  # its text names the file
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
