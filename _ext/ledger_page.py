"""Sphinx extension: the ledger on a page, from the ledger.json that the build has just written beside the pages.

{ledger-count}   how many claims were tested, checked, cannot be tested, wait: a sentence
{ledger-mosaic}  a small tile for every claim, as a picture that leads to the ledger
{ledger-table}   claims with their verdicts; with :tested: only those an experiment has judged
{ledger}         the ledger page: tables that need no JavaScript, and the data from which ledger.js builds the mosaic
"""

import json
from collections import Counter
from html import escape
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

from crucible.ledger import in_words

# verdict: the letter on its tile, and what it means
VERDICTS = {
    "supported": ("✓", "Measured on several seeds, and the effect lies beyond the minimum that the rule asked for."),
    "contradicted": ("✗", "Measured on several seeds, and the effect falls short of what the rule asked for."),
    "conditional": ("±", "True under one condition and false under another; the condition is named."),
    "open": ("?", "Measured, and the measurement does not decide."),
    "record": ("R", "No experiment: checked against the written record, and the record is quoted."),
    "untestable": ("–", "Neither a small model nor the record can decide it; the reason is given."),
    "not yet tested": ("·", "Its experiment is planned and has not been run."),
}
TESTED = ("supported", "contradicted", "conditional", "open")
REACH = (
    "none: about markets, policy or persons, where a small model has nothing to say",
    "an existence proof: the mechanism can produce the effect, with no word on its size at scale",
    "mechanism and published evidence at several scales: the direction carries over, the size does not",
    "free of scale: arithmetic, statistics or a property of the measure, so it carries over as it is",
)
PAGE = "ledger"  # the document that holds {ledger}


def _decimals(part) -> int:
    return 1 if part["unit"] == "points" else 2  # as in crucible/metrics.py


def _mean(part) -> str:
    return f"{sum(part['measured']) / len(part['measured']):.{_decimals(part)}f} {part['unit']}"


def _interval(part) -> str:
    return " to ".join(f"{end:.{_decimals(part)}f}" for end in part["interval"])


def read_ledger(env) -> dict:
    """The published ledger, as the build staged it."""
    file = Path(env.srcdir) / "ledger.json"
    env.note_dependency(str(file))
    return json.loads(file.read_text(encoding="utf-8"))


def link(env, docname: str, text: str, place: str = "") -> nodes.reference:
    """A link to a place on another page of the book."""
    uri = env.app.builder.get_relative_uri(env.docname, docname) + (f"#{place}" if place else "")
    return nodes.reference("", text, refuri=uri, internal=True)


def css_class(verdict: str) -> str:
    """The class of a tile with this verdict."""
    return "v-" + verdict.replace(" ", "-")


class LedgerDirective(SphinxDirective):
    """What the directives share: their data, and that the page loads the ledger's style sheet."""

    scripts: tuple[str, ...] = ()

    def run(self):
        wanted = self.env.metadata[self.env.docname].setdefault("ledger-files", [])
        wanted.extend(name for name in ("ledger.css", *self.scripts) if name not in wanted)
        return self.content_nodes(read_ledger(self.env))


class LedgerCount(LedgerDirective):
    """The honest count, in words."""

    def content_nodes(self, ledger):
        verdicts = Counter(claim["verdict"] for claim in ledger["claims"])
        groups = (
            (sum(verdicts[verdict] for verdict in TESTED), "been tested by an experiment of this book"),
            (verdicts["record"], "been checked against the written record"),
        )
        done = [f"{in_words(count)} {'has' if count == 1 else 'have'} {what}" for count, what in groups]
        wait = verdicts["not yet tested"]
        text = (
            f"Of {len(ledger['claims'])} claims, {', '.join(done)}, {in_words(verdicts['untestable'])} "
            f"cannot be tested, each with its reason, "
            f"and {in_words(wait)} {'waits for its test' if wait == 1 else 'wait for their test'}."
        )
        return [nodes.paragraph("", text, classes=["ledger-count"])]


class LedgerMosaic(LedgerDirective):
    """One small tile a claim, by article: a picture, beside which {ledger-count} says the same in words."""

    def content_nodes(self, ledger):
        page = self.env.app.builder.get_relative_uri(self.env.docname, PAGE)
        bands = []
        for article in ledger["articles"]:
            tiles = "".join(
                f'<a class="tile {css_class(claim["verdict"])}" tabindex="-1" href="{page}#claim={claim["id"]}" '
                f'title="{escape(claim["claim"])}">{VERDICTS[claim["verdict"]][0]}</a>'
                for claim in ledger["claims"]
                if claim["article"] == article["article"]
            )
            bands.append(f'<div class="ledger-band">{tiles}</div>')
        counts = Counter(claim["verdict"] for claim in ledger["claims"])
        legend = "".join(
            f'<li><a href="{page}#verdict={verdict.replace(" ", "+")}"><span class="tile {css_class(verdict)}" '
            f'aria-hidden="true">{letter}</span> {verdict} <b>{counts[verdict]}</b></a></li>'
            for verdict, (letter, _) in VERDICTS.items()
            if counts[verdict]
        )
        html = (
            f'<div class="ledger-look ledger-small"><div aria-hidden="true">{"".join(bands)}</div>'
            f'<ul class="ledger-legend" aria-label="Claims by verdict">{legend}</ul></div>'
        )
        return [nodes.raw("", html, format="html")]


class LedgerTable(LedgerDirective):
    """Tables of claims, one for each article, readable without JavaScript."""

    option_spec = {"tested": directives.flag}  # noqa: RUF012 (docutils' own form)

    def content_nodes(self, ledger):
        tested = "tested" in self.options
        tables = []
        for article in ledger["articles"]:
            of_it = [claim for claim in ledger["claims"] if claim["article"] == article["article"]]
            chosen = [claim for claim in of_it if not tested or claim["verdict"] in TESTED]
            if chosen:
                tables.append(self._table(article, chosen, ledger["titles"], anchors=not tested))
        return tables

    def _table(self, article, claims, titles, anchors):
        table = nodes.table("", classes=["ledger-table", "ledger-claims", "colwidths-given"])
        head = ("Claim", "Verdict here", "Grounds", "Reach")
        group = nodes.tgroup(cols=len(head))
        group += [nodes.colspec(colwidth=width) for width in (40, 16, 33, 11)]
        group += nodes.thead("", self._line([nodes.paragraph("", text)] for text in head))
        group += nodes.tbody("", *(self._row(claim, titles, anchors) for claim in claims))
        table += group
        if not anchors:
            return table
        author, outlet = (
            article[field].replace("not named in the copy", f"{field} not named") for field in ("author", "outlet")
        )
        head = nodes.paragraph("", "", nodes.strong("", article["title"]), nodes.Text(f"; {author}; {outlet}; "))
        head += nodes.Text(article["date"])
        return nodes.container("", head, table, classes=["ledger-article"])

    def _row(self, claim, titles, anchors):
        said = nodes.paragraph("", claim["claim"] + " ")
        if claim["chapter"]:
            said += link(self.env, claim["chapter"], "The chapter.")
        about = f"{claim['who']} · {claim['kind']} · {claim['theme']}"
        cell = [said, nodes.paragraph("", about, classes=["ledger-about"])]
        if claim["counter"]:
            cell.append(nodes.paragraph("", f"Against it: {claim['counter']}"))
        verdict = nodes.paragraph("", "", nodes.strong("", claim["verdict"]))
        if claim["condition"]:
            verdict += nodes.Text(f": {claim['condition']}")
        row = self._line(
            [cell, [verdict], self._grounds(claim, titles), [nodes.paragraph("", f"{claim['reach']} of 3")]]
        )
        if anchors:
            row["ids"].append(f"claim={claim['id']}")
        return row

    def _grounds(self, claim, titles):
        grounds = [
            nodes.paragraph(
                "",
                f"{part['id']}, {part['part']}: {_mean(part)} (90 % interval {_interval(part)}), {part['verdict']}."
                + "".join(
                    f" On seeds {', '.join(map(str, other['seeds']))}: {other['verdict']}."
                    for other in part["other_seeds"]
                ),
            )
            for part in claim["experiments"]
        ]
        if claim["reason"]:
            grounds.append(nodes.paragraph("", claim["reason"]))
        for name in claim["planned"]:
            if name.startswith("R"):
                check = link(self.env, "records", f"{name}: {titles[name]}", name)
                grounds.append(nodes.paragraph("", "", nodes.Text("Record check "), check))
            else:
                grounds.append(nodes.paragraph("", f"Planned: {name}, {titles[name]}"))
        if claim["forecast"]:
            grounds.append(nodes.paragraph("", f"Our forecast: {claim['forecast']}"))
        return grounds

    @staticmethod
    def _line(cells):
        return nodes.row("", *(nodes.entry("", *cell) for cell in cells))


class Ledger(LedgerTable):
    """The whole ledger page: what each verdict means, the host and data of ledger.js, and the tables."""

    scripts = ("ledger.js",)

    def content_nodes(self, ledger):
        legend = "".join(
            f'<li id="verdict={verdict.replace(" ", "+")}"><span class="tile {css_class(verdict)}" aria-hidden="true">'
            f"{letter}</span> <span><strong>{verdict}</strong> {meaning}</span></li>"
            for verdict, (letter, meaning) in VERDICTS.items()
        )
        data = json.dumps(self._data(ledger), ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
        html = (
            "<noscript><p>Without JavaScript the claims stand below as tables, one for each article.</p></noscript>"
            '<div class="ledger-look" id="ledger"></div>'
            f'<script type="application/json" id="ledger-data">{data}</script>'
            f'<details class="ledger-look" id="ledger-key" open><summary>What the tiles say</summary>'
            f'<ul class="ledger-key">{legend}</ul></details>'
        )
        tables = nodes.container("", *super().content_nodes(ledger), classes=["ledger-tables"])
        return [nodes.raw("", html, format="html"), tables]

    def _data(self, ledger):
        """What ledger.js needs; a record that speaks of five claims is in it once."""
        left_out = ("record", "article_title", "author")
        claims = [{key: value for key, value in claim.items() if key not in left_out} for claim in ledger["claims"]]
        uri = self.env.app.builder.get_relative_uri
        chapters = {claim["chapter"] for claim in claims if claim["chapter"]}
        return {
            "claims": claims,
            **{key: ledger[key] for key in ("articles", "titles", "records", "contradictions")},
            "verdicts": {verdict: letter for verdict, (letter, _) in VERDICTS.items()},
            "reach": REACH,
            "links": {name: uri(self.env.docname, name) for name in (*sorted(chapters), "records")},
        }


def load_files(app, docname, _template, _context, _doctree):
    """The ledger's script and style sheet on the pages that use them, and on no other."""
    for name in app.env.metadata.get(docname, {}).get("ledger-files", []):
        if name.endswith(".css"):
            app.add_css_file(name)
        else:
            app.add_js_file(name, loading_method="defer")


def setup(app):
    app.add_directive("ledger-count", LedgerCount)
    app.add_directive("ledger-mosaic", LedgerMosaic)
    app.add_directive("ledger-table", LedgerTable)
    app.add_directive("ledger", Ledger)
    app.connect("html-page-context", load_files)
    return {"parallel_read_safe": True}
