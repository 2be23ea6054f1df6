"""The plumbing of the build, on small copies of the book: what runs again, what fails, what is refused.

Run: .venv/bin/python -m pytest -q tests/unit/test_pipeline.py (about 5 s; no notebook is executed).
"""

import itertools
import json
import os
import socket
import sys
import urllib.error
import urllib.request
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from pipeline import Refused, address, book, browser, checks, notebooks, seeds, serve
from pipeline import __main__ as command_line

PAGE = "chapters/opening.ipynb"
CONFIG = 'title: T\nrepository:\n  url: ""  # the address\n  branch: main\nlaunch_buttons:\n  colab_url: https://c\n'


def write_notebook(file: Path, *sources: str, prose: str = "Some prose.") -> None:
    cells = [new_markdown_cell(prose, id="prose")]
    cells += [new_code_cell(source, id=f"code-{place}") for place, source in enumerate(sources)]
    file.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=cells), file)


@pytest.fixture
def root(tmp_path, monkeypatch) -> Path:
    """A very small book in a folder of its own, and the pipeline pointed at it."""
    write_notebook(tmp_path / PAGE, 'REPOSITORY = ""\nimport crucible', "1 + 1")
    files = {
        "crucible/model.py": "x = 1\n",
        "crucible/widgets/w.js": "export default {}\n",
        "seeds/mine.yml": "article: mine\n",
        "constraints.txt": "torch==2\n",
        "_toc.yml": "format: jb-book\nroot: index\nchapters:\n  - file: chapters/opening\n",
        "_config.yml": CONFIG,
        "CITATION.cff": 'title: T\nrepository-code: ""\n',
        "index.md": "# T\n",
        "_ext/part.py": "",
    }
    files = {name: "" for name in book.PAGES if Path(name).suffix} | files
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    for module in (notebooks, book, address):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    build = tmp_path / "build"
    for module, names in ((notebooks, ("EXECUTED", "LEDGER")), (book, ("EXECUTED", "LEDGER"))):
        for name in names:
            monkeypatch.setattr(module, name, build / name.lower())
    monkeypatch.setattr(notebooks, "BUILD", build)
    monkeypatch.setattr(notebooks, "MANIFEST", build / "manifest.json")
    monkeypatch.setattr(book, "STAGE", build / "stage")
    monkeypatch.delenv("CRUCIBLE_SEEDS", raising=False)
    return tmp_path


@pytest.fixture
def executed(root, monkeypatch) -> list[str]:
    """In place of running notebooks: a copy with outputs, and a list of what was run."""
    ran = []

    def execute(path, target, ledger_folder, guess, cell_timeout=None):
        ran.append(path)
        notebook = nbformat.read(root / path, as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [new_output("stream", text=f"out of {cell.source}")], 7
        target.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, target)
        ledger_folder.mkdir(parents=True, exist_ok=True)
        return 12.34, 567.8, 5

    monkeypatch.setattr(notebooks, "execute", execute)
    return ran


# What a notebook's outputs depend on


def test_the_key_of_an_unchanged_book_is_stable(root):
    assert notebooks.key(PAGE) == notebooks.key(PAGE)


@pytest.mark.parametrize("name", ["crucible/model.py", "crucible/widgets/w.js", "seeds/mine.yml", "constraints.txt"])
def test_the_key_changes_with_package_register_and_lock(root, name):
    before = notebooks.key(PAGE)
    (root / name).write_text((root / name).read_text() + "# more\n")
    assert notebooks.key(PAGE) != before


@pytest.mark.parametrize(
    "name",
    ["crucible/new.py", "crucible/widgets/new.css", "seeds/new.yml", "measured/new.json", "bases/8x-seed10.json"],
)
def test_the_key_changes_with_a_new_file_of_package_register_and_what_is_stored(root, name):
    before = notebooks.key(PAGE)
    (root / name).parent.mkdir(exist_ok=True)
    (root / name).write_text("")
    assert notebooks.key(PAGE) != before


def test_the_key_changes_with_a_code_cell_and_not_with_prose(root):
    before = notebooks.key(PAGE)
    write_notebook(root / PAGE, 'REPOSITORY = ""\nimport crucible', "1 + 1", prose="Other prose.")
    assert notebooks.key(PAGE) == before
    write_notebook(root / PAGE, 'REPOSITORY = ""\nimport crucible', "1 + 2", prose="Other prose.")
    assert notebooks.key(PAGE) != before


def test_the_key_changes_when_a_line_moves_from_one_cell_to_the_next(root):
    write_notebook(root / PAGE, "a", "bc")
    before = notebooks.key(PAGE)
    write_notebook(root / PAGE, "ab", "c")
    assert notebooks.key(PAGE) != before


def test_the_key_changes_with_the_seeds(root, monkeypatch):
    keys = {notebooks.key(PAGE)}
    for text in ("31,32,33", "41,42,43"):
        monkeypatch.setenv("CRUCIBLE_SEEDS", text)
        keys.add(notebooks.key(PAGE))
    assert len(keys) == 3


def test_the_key_changes_when_a_file_of_the_package_is_renamed(root):
    before = notebooks.key(PAGE)
    (root / "crucible/model.py").rename(root / "crucible/world.py")
    assert notebooks.key(PAGE) != before


@pytest.mark.parametrize(
    "name", ["README.md", "crucible/__pycache__/model.pyc", "chapters/other.ipynb", "crucible/exercises/new.py"]
)
def test_the_key_does_not_change_with_what_the_notebook_does_not_use(root, name):
    before = notebooks.key(PAGE)
    (root / name).parent.mkdir(exist_ok=True)
    (root / name).write_text("x")
    assert notebooks.key(PAGE) == before


# Running what changed


def test_the_notebooks_of_the_table_of_contents_are_found_in_its_order(root):
    for name in ("z", "a", "not-listed"):
        write_notebook(root / f"chapters/part/{name}.ipynb")
    parts = "parts:\n  - caption: P\n    chapters:\n      - file: chapters/part/z\n        sections:\n"
    toc = "format: jb-book\nroot: index\n" + parts + "          - file: chapters/part/a\n      - file: pages/one\n"
    (root / "_toc.yml").write_text(toc)
    (root / "pages").mkdir()
    (root / "pages/one.md").write_text("# One\n")
    assert notebooks.in_book() == ["chapters/part/z.ipynb", "chapters/part/a.ipynb"]
    assert notebooks.in_book(".md") == ["index.md", "pages/one.md"]


def test_a_notebook_runs_once_and_again_only_when_its_code_has_changed(root, executed):
    first = notebooks.run_what_changed()
    assert notebooks.run_what_changed() == first
    assert executed == [PAGE]
    write_notebook(root / PAGE, "2 + 2")
    assert notebooks.run_what_changed() != first
    assert executed == [PAGE, PAGE]


@pytest.mark.parametrize("lost", ["executed", "ledger"])
def test_a_notebook_whose_executed_copy_or_measurements_are_lost_runs_again(root, executed, lost):
    notebooks.run_what_changed()
    (root / "build" / lost).rename(root / "elsewhere")
    notebooks.run_what_changed()
    assert executed == [PAGE, PAGE]


def test_an_interrupted_build_goes_on_where_it_stopped(root, executed, monkeypatch):
    write_notebook(root / "chapters/second.ipynb", "1")
    (root / "_toc.yml").write_text((root / "_toc.yml").read_text() + "  - file: chapters/second\n")
    whole = notebooks.execute

    def stops_at_the_second(path, *rest):
        if "second" in path:
            raise KeyboardInterrupt
        return whole(path, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(notebooks, "execute", stops_at_the_second)
        with pytest.raises(KeyboardInterrupt):
            notebooks.run_what_changed()
    notebooks.run_what_changed()
    assert executed == [PAGE, "chapters/second.ipynb"]


def test_a_notebook_that_left_the_book_leaves_the_manifest(root, executed):
    assert list(notebooks.run_what_changed()) == [PAGE]
    (root / "_toc.yml").write_text("format: jb-book\nroot: index\n")
    assert notebooks.run_what_changed() == {} == notebooks.read_manifest()


def test_a_manifest_is_read_as_it_was_written(root, executed):
    assert notebooks.run_what_changed() == notebooks.read_manifest()
    assert notebooks.read_manifest()[PAGE].seconds == 12.3


@pytest.mark.parametrize(
    "text",
    [
        "",
        '{"chapters/op',
        '{"a.ipynb": {"key": "k"}}',
        '{"a.ipynb": 3}',
        "\x00\x01",
        "[]",
        "null",
    ],
)
def test_a_damaged_manifest_counts_as_empty_and_says_so_in_one_line(root, capsys, text):
    (root / "build").mkdir()
    (root / "build" / "manifest.json").write_text(text)
    assert notebooks.read_manifest() == {}
    (line,) = capsys.readouterr().err.splitlines()
    assert "manifest.json" in line


def test_a_missing_manifest_is_empty_without_a_word(root, capsys):
    assert notebooks.read_manifest() == {}
    assert capsys.readouterr().err == ""


def test_the_run_times_hold_what_the_contract_asks_for(root, executed):
    times = notebooks.run_times(notebooks.run_what_changed())
    assert times["notebooks"] == [{"path": PAGE, "seconds": 12.3, "peak_mib": 568, "runs_from_cache": 5}]
    assert {"cores", "python", "torch"} <= set(times["machine"])
    json.dumps(times)


class FakeRun:
    """In place of pytest --nbmake: writes a measurement and a report, then ends with the wished exit code."""

    STDOUT = None
    returncode = 0
    cache_log = ""

    def Popen(self, command, cwd, env, stdout, stderr):
        (Path(env["CRUCIBLE_LEDGER_DIR"]) / "E90.json").write_text("new")
        Path(env["CRUCIBLE_CACHE_LOG"]).write_text(self.cache_log)
        self.cache = env["CRUCIBLE_CACHE"]
        stdout.write("cell 3\nZeroDivisionError: division by zero\n")
        self.command = command
        return SimpleNamespace(poll=lambda: self.returncode, returncode=self.returncode, pid=os.getpid())


@pytest.fixture
def fake_run(root, monkeypatch) -> FakeRun:
    monkeypatch.setattr(notebooks, "subprocess", FakeRun())
    (root / "build" / "ledger" / PAGE).mkdir(parents=True)
    (root / "build" / "ledger" / PAGE / "E90.json").write_text("old")
    return notebooks.subprocess


def run_page(root: Path) -> tuple[float, float, int]:
    return notebooks.execute(PAGE, root / "build" / "executed" / PAGE, root / "build" / "ledger" / PAGE, 1.0)


def test_a_run_that_is_through_leaves_its_copy_and_its_measurements(root, fake_run):
    seconds, _, from_cache = run_page(root)
    assert seconds > 0
    assert from_cache == 0
    assert "--nbmake" in fake_run.command
    assert (root / "build" / "ledger" / PAGE / "E90.json").read_text() == "new"
    assert (root / "build" / "executed" / PAGE).exists()


def test_a_failed_run_is_refused_with_its_report_and_leaves_the_old_measurements(root, fake_run):
    fake_run.returncode = 1
    with pytest.raises(Refused, match=rf"(?s)^{PAGE} failed.*ZeroDivisionError"):
        run_page(root)
    assert (root / "build" / "ledger" / PAGE / "E90.json").read_text() == "old"
    assert not (root / "build" / "executed" / PAGE).exists()


def test_a_run_reports_how_many_of_its_training_runs_came_from_the_cache(root, fake_run, capsys):
    fake_run.cache_log = (
        '{"runs": 18, "from_cache": 5}\n{"message": "x.pickle is dropped"}\n{"runs": 6, "from_cache": 2}\n'
    )
    assert run_page(root)[2] == 7
    printed = capsys.readouterr()
    assert f"{PAGE}: 7 of 24 training runs came from the cache\n" in printed.out
    assert f"{PAGE}: cache of runs: x.pickle is dropped\n" in printed.err


@pytest.mark.parametrize(("wish", "handed_on"), [("off", "off"), ("here", "{cwd}/here")])
def test_a_notebook_gets_the_cache_that_was_wished_for_wherever_it_runs(root, fake_run, monkeypatch, wish, handed_on):
    monkeypatch.chdir(root)
    monkeypatch.setenv("CRUCIBLE_CACHE", wish)
    run_page(root)
    assert fake_run.cache == handed_on.format(cwd=root)


def test_the_manifest_of_a_build_before_there_was_a_cache_is_read(root):
    (root / "build").mkdir()
    (root / "build" / "manifest.json").write_text(json.dumps({PAGE: {"key": "k", "seconds": 1.0, "peak_mib": 2.0}}))
    assert notebooks.read_manifest()[PAGE].runs_from_cache == 0


def test_make_test_builds_cold(monkeypatch):
    monkeypatch.setenv("CRUCIBLE_CACHE", "/some/folder")
    seen = []
    for name in ("check", "_two_at_a_time"):
        monkeypatch.setattr(checks, name, lambda *_: None)
    monkeypatch.setattr(checks.browser, "find", lambda: None)
    monkeypatch.setattr(checks.shutil, "rmtree", lambda *_, **__: None)
    monkeypatch.setattr(checks.book, "make", lambda: seen.append(os.environ["CRUCIBLE_CACHE"]))
    checks.test()
    assert seen == ["off"]


@pytest.mark.parametrize("count", [1, 2, 6])
def test_the_parts_hold_every_file_of_tests_once_and_are_about_as_large(count):
    folder = Path(__file__).parent
    parts = list(checks._parts("unit", count).values())
    assert len(parts) == count
    assert sorted(itertools.chain(*parts)) == sorted(map(str, folder.glob("test_*.py")))
    sizes = [sum(Path(file).stat().st_size for file in part) for part in parts]
    assert max(sizes) < 1.5 * min(sizes)


def test_make_test_leaves_out_no_folder_of_tests():
    with_tests = {file.parent.name for file in (Path(__file__).parents[1]).rglob("test_*.py")}
    assert with_tests == {*checks.PARTS, "unit"}


def spoken(tmp_path, text, *waits_for):
    """A command that leaves a file of its name, waits for others' files, at most half a minute, and speaks."""
    wait = f"from pathlib import Path; import time; Path({str(tmp_path / text)!r}).touch()\n"
    for other in waits_for:
        wait += f"for _ in range(300):\n if Path({str(tmp_path / other)!r}).exists(): break\n time.sleep(0.1)\n"
        wait += "else: raise SystemExit(3)\n"
    return [sys.executable, "-c", wait + f"print('heard {text}')"]


def test_two_run_at_once_who_is_done_takes_the_next_and_all_are_heard(tmp_path, monkeypatch, capfd):
    """The first waits for a file of the last: it ends only if the other core went through all the rest meanwhile."""
    monkeypatch.setattr(checks, "BUILD", tmp_path)
    waits = {"a": "d", "b": "a", "c": "a", "d": "a"}
    checks._two_at_a_time({f"part {name}": spoken(tmp_path, name, other) for name, other in waits.items()})
    said = capfd.readouterr().out
    assert [said.count(f"heard {name}") for name in waits] == [1] * 4


def test_never_more_than_two_run_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(checks, "BUILD", tmp_path)
    alive, most = [0], [0]

    class Process:
        returncode = 0

        def __init__(self, *_, **__):
            alive[0] += 1
            most[0] = max(most[0], alive[0])

        def poll(self):
            alive[0] -= 1
            return 0

    monkeypatch.setattr(checks.subprocess, "Popen", Process)
    checks._two_at_a_time({name: ["true"] for name in "abcde"})
    assert (alive, most) == ([0], [2])


@pytest.mark.parametrize("bad", ["one", "other"])
def test_a_part_that_fails_is_named_and_the_other_is_heard(tmp_path, monkeypatch, capfd, bad):
    monkeypatch.setattr(checks, "BUILD", tmp_path)
    commands = {
        name: [sys.executable, "-c", f"print('{name} spoke'); exit({name == bad:d})"] for name in ("one", "other")
    }
    with pytest.raises(Refused, match=f"^{bad} failed"):
        checks._two_at_a_time(commands)
    said = capfd.readouterr().out
    assert "one spoke" in said
    assert "other spoke" in said


# From the executed copies to the site


def test_the_staged_notebook_has_todays_prose_and_the_runs_outputs(root, executed):
    write_notebook(root / PAGE, "1 + 1", "2 + 2", prose="Written before the run.")
    manifest = notebooks.run_what_changed()
    write_notebook(root / PAGE, "1 + 1", "2 + 2", prose="Written after the run.")
    book.stage(manifest)
    staged = nbformat.read(root / "build" / "stage" / PAGE, as_version=4).cells
    assert staged[0].source == "Written after the run."
    assert [cell.outputs[0].text for cell in staged[1:]] == ["out of 1 + 1", "out of 2 + 2"]
    assert "outputs" not in nbformat.read(root / PAGE, as_version=4).cells[0]


def test_every_page_of_the_table_of_contents_is_staged(root, executed):
    (root / "_toc.yml").write_text((root / "_toc.yml").read_text() + "  - file: pages/sources\n")
    (root / "pages").mkdir()
    (root / "pages/sources.md").write_text("# Sources\n")
    (root / "README.md").write_text("not a page")
    book.stage(notebooks.run_what_changed())
    staged = {str(file.relative_to(root / "build/stage")) for file in (root / "build/stage").rglob("*.*")}
    assert {"index.md", "pages/sources.md", PAGE, "_config.yml", "_ext/part.py"} <= staged
    assert "README.md" not in staged


def test_without_an_address_the_staged_book_has_no_launch_button(root, executed):
    book.stage(notebooks.run_what_changed())
    assert "launch_buttons" not in (root / "build" / "stage" / "_config.yml").read_text()
    address.write("https://github.com/owner/name")
    book.stage(notebooks.run_what_changed())
    assert "launch_buttons" in (root / "build" / "stage" / "_config.yml").read_text()


class Judged:
    """One claim whose measured verdict is not the recorded one, as crucible.ledger tells it."""

    line = "claim x/y: recorded 'supported', measured 'open'"

    @staticmethod
    def disagreements(_book, _outcomes):
        return [Judged.line]


def test_in_the_locked_environment_another_verdict_is_refused_by_claim_and_verdicts(monkeypatch, capsys):
    monkeypatch.setattr(book, "ledger", Judged)
    monkeypatch.setattr(book, "locked", lambda: True)
    with pytest.raises(Refused, match="x/y: recorded 'supported', measured 'open'") as error:
        book.compare(None, {})
    assert "\n" not in str(error.value)
    assert capsys.readouterr().out == ""


def test_elsewhere_another_verdict_is_only_noted(monkeypatch, capsys):
    monkeypatch.setattr(book, "ledger", Judged)
    monkeypatch.setattr(book, "locked", lambda: False)
    book.compare(None, {})
    (line,) = capsys.readouterr().out.splitlines()
    assert Judged.line in line


def test_a_real_disagreement_reaches_the_build(monkeypatch):
    from crucible import ledger, register

    monkeypatch.delenv("CRUCIBLE_SEEDS", raising=False)
    entries = register.load()
    experiment = entries.experiment("E00")
    arms = {arm for p in experiment.parts for arm in (p.arm, p.against, p.placebo.arm, p.placebo.against or p.against)}
    zero = [ledger.Row("exact_match", arm, seed, 0.0) for arm in arms for seed in experiment.seeds]
    monkeypatch.setattr(book, "locked", lambda: True)
    book.compare(entries, {})
    with pytest.raises(Refused, match=r"this-book/small-recites: recorded 'supported', measured 'contradicted'"):
        book.compare(entries, {"E00": ledger.judge(experiment, zero)})


def test_a_chapter_that_ran_without_measuring_its_experiment_is_refused_by_both_names(root):
    experiment = SimpleNamespace(id="E90", chapter="chapters/opening")
    entries = SimpleNamespace(experiments={"E90": experiment})
    book.complete(entries, {"E90": "an outcome"}, {PAGE: "a run"})
    book.complete(entries, {}, {})
    with pytest.raises(Refused, match=rf"{PAGE} .*E90"):
        book.complete(entries, {}, {PAGE: "a run"})


@pytest.mark.parametrize(
    ("version", "torch", "text", "expected"),
    [
        ((3, 11, 9), "2.13.0", "", True),
        ((3, 11, 9), "2.13.0+cpu", "", True),
        ((3, 12, 1), "2.13.0", "", False),
        ((3, 11, 9), "2.12.0", "", False),
        ((3, 11, 9), "2.13.0", "31,32,33", False),
    ],
)
def test_the_environment_is_locked_with_its_python_versions_and_seeds(
    root, monkeypatch, version, torch, text, expected
):
    versions = {"torch": torch, "numpy": "2.1", "scipy": "1.14"}
    (root / "constraints.txt").write_text("# a lock\nnumpy==2.1\nscipy==1.14\ntorch==2.13.0\n")
    monkeypatch.setattr(book, "metadata", SimpleNamespace(version=versions.get))
    monkeypatch.setattr(book, "sys", SimpleNamespace(version_info=version))
    monkeypatch.setenv("CRUCIBLE_SEEDS", text)
    assert book.locked() is expected


# Serving


def get(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, ""


def test_a_site_is_served_under_its_prefix_and_nowhere_else(tmp_path):
    (tmp_path / "index.html").write_text("the book")
    with serve.running(tmp_path, prefix="/a/book/") as url:
        assert url.endswith("/a/book/")
        assert get(url) == get(url + "index.html") == (200, "the book")
        assert get(url.replace("/a/book/", "/index.html"))[0] == 404
        assert get(url.replace("/a/book/", "/a/"))[0] == 404
        assert get(url + "missing.html")[0] == 404


def test_without_a_prefix_a_site_is_served_at_the_root(tmp_path):
    (tmp_path / "page.html").write_text("a page")
    with serve.running(tmp_path) as url:
        assert get(url + "page.html") == (200, "a page")


def test_nothing_outside_the_folder_is_served(tmp_path):
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "site").mkdir()
    with serve.running(tmp_path / "site", prefix="/book/") as url:
        assert get(url + "../secret.txt")[0] == 404
        assert get(url + "%2e%2e/secret.txt")[0] == 404


def test_the_server_ends_with_its_context(tmp_path):
    with serve.running(tmp_path) as url:
        assert get(url)[0] == 200
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(url, timeout=1)


def test_a_port_in_use_is_refused_in_one_line_that_names_it(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Refused, match=f"port {port} .*--port") as error, serve.running(tmp_path, port):
            pass
    assert "\n" not in str(error.value)


def test_a_port_that_cannot_be_is_refused_by_its_number(tmp_path):
    with pytest.raises(Refused, match="70000"), serve.running(tmp_path, 70000):
        pass


def test_without_a_site_make_serve_says_how_to_get_one(monkeypatch, tmp_path):
    monkeypatch.setattr(serve, "SITE", tmp_path)
    with pytest.raises(Refused, match="make book"):
        serve.forever(0)


# The repository's address


@pytest.mark.parametrize(
    "url", ["", "github.com/a/b", "http://github.com/a/b", "https://gitlab.com/a/b", "https://github.com/a", 'x"y']
)
def test_an_address_that_colab_cannot_open_is_refused_and_changes_nothing(root, url):
    files = [root / "_config.yml", root / "CITATION.cff", root / PAGE]
    before = [file.read_bytes() for file in files]
    with pytest.raises(Refused, match=r"must look like https://github\.com/OWNER/NAME") as error:
        address.write(url)
    assert repr(url) in str(error.value)
    assert [file.read_bytes() for file in files] == before


@pytest.mark.parametrize("ending", ["", "/", ".git"])
def test_the_address_is_written_everywhere_it_stands(root, ending):
    write_notebook(root / "chapters/craft/deep.ipynb", 'x = 1\nREPOSITORY = "old"', 'print("REPOSITORY = ")')
    address.write("https://github.com/some-one/a.book" + ending)
    assert (
        '\n  url: "https://github.com/some-one/a.book"  # the address\n  branch: main'
        in (root / "_config.yml").read_text()
    )
    assert 'repository-code: "https://github.com/some-one/a.book"\n' in (root / "CITATION.cff").read_text()
    opening, deep = (nbformat.read(root / name, as_version=4).cells for name in (PAGE, "chapters/craft/deep.ipynb"))
    assert opening[1].source == 'REPOSITORY = "https://github.com/some-one/a.book"\nimport crucible'
    assert deep[1].source == 'x = 1\nREPOSITORY = "https://github.com/some-one/a.book"'
    assert deep[2].source == 'print("REPOSITORY = ")'


def test_the_address_may_be_changed_again(root):
    for url in ("https://github.com/one/two", "https://github.com/three/four"):
        address.write(url)
    texts = [(root / name).read_text() for name in ("_config.yml", "CITATION.cff", PAGE)]
    assert all("three/four" in text and "one/two" not in text for text in texts)


@pytest.mark.parametrize("name", ["_config.yml", "CITATION.cff"])
def test_a_file_without_a_line_for_the_address_is_named(root, name):
    (root / name).write_text("title: T\n")
    files = [root / "_config.yml", root / "CITATION.cff", root / PAGE]
    before = [file.read_bytes() for file in files]
    with pytest.raises(Refused, match=f"^{name} "):
        address.write("https://github.com/owner/name")
    assert [file.read_bytes() for file in files] == before


@pytest.mark.parametrize("name", ["CITATION.cff", "chapters/zz.ipynb"])
@pytest.mark.parametrize("damage", [b"{\x80\n", None], ids=["not UTF-8", "a folder"])
def test_a_damaged_file_keeps_the_address_out_of_all_of_them(root, name, damage):
    (root / name).unlink(missing_ok=True)
    (root / name).mkdir() if damage is None else (root / name).write_bytes(damage)
    files = [root / "_config.yml", root / PAGE]
    before = [file.read_bytes() for file in files]
    with pytest.raises(Refused, match=f"^{name} ") as error:
        address.write("https://github.com/owner/name")
    assert "\n" not in str(error.value)
    assert [file.read_bytes() for file in files] == before


# The browser


@pytest.fixture
def empty_path(monkeypatch, tmp_path) -> Path:
    """A machine on which no program is installed."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    return tmp_path


def program(file: Path) -> str:
    file.write_text("#!/bin/sh\n")
    file.chmod(0o755)
    return str(file)


def test_a_missing_browser_is_refused_in_one_line_with_how_to_get_it(empty_path):
    with pytest.raises(Refused, match=r"Chromium.*apt-get install chromium.*CHROMIUM=") as error:
        browser.find()
    assert "\n" not in str(error.value)


def test_a_wished_browser_that_is_no_program_is_named(empty_path, monkeypatch):
    program(empty_path / "chromium")
    monkeypatch.setenv("CHROMIUM", "/no/such/browser")
    with pytest.raises(Refused, match=r"'/no/such/browser'"):
        browser.find()


def test_the_wished_browser_comes_before_the_installed_one(empty_path, monkeypatch):
    installed, wished = program(empty_path / "google-chrome"), program(empty_path / "mine")
    assert browser.find() == installed
    monkeypatch.setenv("CHROMIUM", wished)
    assert browser.find() == wished


# Other seeds, and the command line


def test_a_chapter_that_is_not_in_the_book_is_refused_with_those_that_are(root, monkeypatch):
    monkeypatch.setenv("CRUCIBLE_SEEDS", "")  # seeds.run sets it; this puts it back afterwards
    with pytest.raises(Refused, match=rf"'chapters/closing.ipynb' is not .*{PAGE}"):
        seeds.run("chapters/closing.ipynb", "31,32,33")


@pytest.mark.parametrize("text", ["31,32", "a,b,c"])
def test_bad_seeds_are_refused_before_anything_runs(root, executed, monkeypatch, text):
    monkeypatch.setenv("CRUCIBLE_SEEDS", "")
    with pytest.raises(Refused, match=f"^--seeds='{text}'"):
        seeds.run(PAGE, text)
    assert executed == []


@pytest.mark.parametrize("words", [["dance"], [], ["serve", "--prot", "1"], ["serve", "--port", "one"]])
def test_wrong_words_are_one_line(monkeypatch, capsys, words):
    monkeypatch.setattr(sys, "argv", ["make.py", *words])
    with pytest.raises(SystemExit) as end:
        command_line.main()
    assert end.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "make.py --help" in line


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [(Refused("the moon is full"), 1, "the moon is full"), (KeyboardInterrupt(), 130, "inter")],
)
def test_what_ends_a_command_early_is_one_line_and_an_exit_code(monkeypatch, capsys, error, code, said):
    def end():
        raise error

    monkeypatch.setattr(command_line.book, "make", end)
    monkeypatch.setattr(command_line.signal, "signal", lambda *_: None)  # this process keeps its own
    monkeypatch.setattr(sys, "argv", ["make.py", "book"])
    try:
        ended = command_line.main()
    except KeyboardInterrupt:
        pytest.fail("the interruption went through")
    assert ended == code
    assert capsys.readouterr().err.strip().startswith(f"make book: {said}")
