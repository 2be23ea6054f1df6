"""The commands behind make.py, inside the environment: python -m pipeline book"""

import argparse
import signal
import sys

from pipeline import Refused, address, book, checks, resolve, seeds, serve


def main() -> int:
    parser = argparse.ArgumentParser(prog="make.py")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("book").set_defaults(run=lambda _: book.make())
    commands.add_parser("check").set_defaults(run=lambda _: checks.check())
    commands.add_parser("test").set_defaults(run=lambda _: checks.test())
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
