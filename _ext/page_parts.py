"""Sphinx extension: what every page of the book needs, from this folder and from no other host.

The widget host and the book's style sheet; formulas as MathML in place of MathJax.
"""

from pathlib import Path

from docutils import nodes
from latex2mathml.converter import convert

STATIC = Path(__file__).parent / "static"


def _inline(self, node):
    self.body.append(convert(node.astext()))
    raise nodes.SkipNode


def _block(self, node):
    # Its own class: Sphinx's style for div.math clips tall fractions.
    self.body.append(f'<div class="formula">{convert(node.astext(), display="block")}</div>')
    raise nodes.SkipNode


def _add_static(_app, config):
    # Not in _config.yml: jupyter-book would load every script it finds there on every page.
    config.html_static_path.append(str(STATIC))


def setup(app):
    app.connect("config-inited", _add_static)
    app.add_css_file("book.css")
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"parallel_read_safe": True}
