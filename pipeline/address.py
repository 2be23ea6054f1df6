"""make address: the repository's address, in the one place that holds it and everywhere it is copied to."""

import re

import nbformat

from pipeline import ROOT, Refused

FORM = re.compile(r"https://github\.com/[\w.-]+/[\w.-]+")
SETUP_LINE = re.compile(r'^REPOSITORY = ".*"', re.MULTILINE)


def write(url: str) -> None:
    """Write the address into _config.yml, CITATION.cff and the set-up cell of every notebook."""
    url = url.rstrip("/").removesuffix(".git")
    if not FORM.fullmatch(url):
        raise Refused(f"--url {url!r} must look like https://github.com/OWNER/NAME (Colab opens nothing else)")
    new = {
        ROOT / "_config.yml": _with_line("_config.yml", r'^  url: ".*"', f'  url: "{url}"'),
        ROOT / "CITATION.cff": _with_line("CITATION.cff", r'^repository-code: ".*"', f'repository-code: "{url}"'),
    }
    for file in sorted([*(ROOT / "chapters").rglob("*.ipynb"), *(ROOT / "exercises").rglob("*.ipynb")]):
        new[file] = _notebook_with(url, str(file.relative_to(ROOT)))
    for file, text in new.items():  # only now: a damaged file must not leave the others half done
        file.write_text(text, encoding="utf-8")
    print(f"the repository's address is now {url}; commit the change")


def _read(name: str) -> str:
    try:
        return (ROOT / name).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise Refused(f"{name} cannot be read: {error}") from None


def _with_line(name: str, pattern: str, line: str) -> str:
    new, count = re.subn(pattern, line, _read(name), count=1, flags=re.MULTILINE)
    if not count:
        raise Refused(f"{name} has no line like {pattern}")
    return new


def _notebook_with(url: str, name: str) -> str:
    text = _read(name)
    try:
        notebook = nbformat.reads(text, as_version=4)
    except (ValueError, AttributeError) as error:
        raise Refused(f"{name} is no notebook: {str(error).splitlines()[0][:80]}") from None
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = SETUP_LINE.sub(f'REPOSITORY = "{url}"', cell.source)
    return nbformat.writes(notebook).rstrip("\n") + "\n"
