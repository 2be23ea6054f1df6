"""The commands behind make.py, inside the environment: python -m pipeline book"""

import argparse
import signal
import sys

from pipeline import Refused, address, bases, bench, book, checks, exercises, measure, mutants, resolve, seeds, serve


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        self.exit(2, f"make: {message}; python3 make.py --help lists what there is\n")


def main() -> int:
    parser = _Parser(prog="make.py")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("book").set_defaults(run=lambda _: book.make())
    commands.add_parser("check").set_defaults(run=lambda _: checks.check())
    commands.add_parser("test").set_defaults(run=lambda _: checks.test())
    speed = commands.add_parser("bench")
    speed.add_argument("--quick", action="store_true")
    speed.add_argument("--page", action="store_true")
    speed.set_defaults(run=lambda words: bench.run(words.quick, words.page))
    server = commands.add_parser("serve")
    server.add_argument("--port", type=int, default=8000)
    server.set_defaults(run=lambda words: serve.forever(words.port))
    again = commands.add_parser("seeds")
    again.add_argument("--seeds", default="31,32,33")
    again.add_argument("--chapter", default="chapters/opening.ipynb")
    again.set_defaults(run=lambda words: seeds.run(words.chapter, words.seeds))
    place = commands.add_parser("address")
    place.add_argument("--url", required=True)
    place.set_defaults(run=lambda words: address.write(words.url))
    stored = commands.add_parser("bases")
    stored.add_argument("--sizes", default="1x,2x,4x,8x,placebo")
    stored.add_argument("--seeds", default="10,11,12")
    stored.add_argument("--folder")
    stored.set_defaults(run=lambda words: bases.run(words.sizes, words.seeds, words.folder))
    measurement = commands.add_parser("measure")
    measurement.add_argument("--only", metavar="NAME")
    measurement.set_defaults(run=lambda words: measure.run(words.only))
    assigned = commands.add_parser("exercises")
    assigned.add_argument("--key", default="", metavar="STUDENT")
    assigned.add_argument("--restore", default="", metavar="FILE")
    assigned.add_argument("--only", default="", metavar="NAME")
    assigned.set_defaults(run=lambda words: exercises.make(words.key, words.restore, words.only))
    broken = commands.add_parser("mutants")
    broken.add_argument("--only", default="")
    broken.set_defaults(run=lambda words: mutants.run(words.only))
    commands.add_parser("resolve").set_defaults(run=lambda _: resolve.run())
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ended from outside: tidy up as after Ctrl-C
    try:
        arguments.run(arguments)
    except Refused as error:
        print(f"make {arguments.command}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(
            f"\nmake {arguments.command}: interrupted; what is finished is kept, run it again to go on", file=sys.stderr
        )
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
