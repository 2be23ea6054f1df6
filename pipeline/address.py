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
    _replace_line("_config.yml", r'^  url: ".*"', f'  url: "{url}"')
    _replace_line("CITATION.cff", r'^repository-code: ".*"', f'repository-code: "{url}"')
    for file in sorted((ROOT / "chapters").rglob("*.ipynb")):
        notebook = nbformat.read(file, as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.source = SETUP_LINE.sub(f'REPOSITORY = "{url}"', cell.source)
        nbformat.write(notebook, file)
    print(f"the repository's address is now {url}; commit the change")


def _replace_line(name: str, pattern: str, line: str) -> None:
    text = (ROOT / name).read_text()
    new, count = re.subn(pattern, line, text, count=1, flags=re.MULTILINE)
    if not count:
        raise Refused(f"{name} has no line like {pattern}")
    (ROOT / name).write_text(new)
