"""The book's widgets: one Python class and one ES module each, alive in a notebook and on the page.

They are anywidgets. In Jupyter and Colab ipywidgets carries them; on the published page, without
a kernel, the small host of _ext/static/widget_host.js does.
"""

from pathlib import Path

HERE = Path(__file__).parent


def joined(name: str, ending: str, *between: str) -> str:
    """The shared front-end code followed by a widget's own, as one text.

    A widget's module travels inside the notebook as text, so it cannot import a neighbour.
    name: the widget's folder. ending: "js" or "css". between: what some widgets share, such as "bets".
    """
    files = [*(HERE / f"{stem}.{ending}" for stem in ("shared", *between)), HERE / name / f"{name}.{ending}"]
    return "\n".join(file.read_text(encoding="utf-8") for file in files)
