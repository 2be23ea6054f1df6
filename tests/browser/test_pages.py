"""The built site in a real Chromium, below a sub-path, with every request to another host refused.

Needs a Chromium; a few minutes: pytest tests/browser/test_pages.py
"""

import json
from statistics import mean

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

CHAPTERS = "chapters/pretraining_and_finetuning"
PAGES = [
    "index.html",
    "chapters/opening.html",
    f"{CHAPTERS}/what-pretraining-buys.html",
    f"{CHAPTERS}/the-flood.html",
    "chapters/open_and_closed/is-open-a-ceiling.html",
    "chapters/craft/same-ore-same-furnace.html",
    "chapters/scale/laws-of-size.html",
    "chapters/scale/emergence.html",
    "exercises/opening/opening.html",
    "exercises/what_pretraining_buys/what_pretraining_buys.html",
    "exercises/the_flood/the_flood.html",
    "exercises/ceiling/ceiling.html",
    "exercises/craft/craft.html",
    "exercises/laws/laws.html",
    "exercises/emergence/emergence.html",
    "chapters/closing.html",
    "glossary.html",
    "ledger.html",
    "records.html",
    "sources.html",
]
# axe's findings in what others write: the theme on every page, docutils in a list of sources.
KNOWN = {"region"}
KNOWN_OF = {"sources.html": {"aria-allowed-role", "aria-deprecated-role", "aria-required-children"}}
# What a second theme can change for axe: the colours, and which pictures are shown. The rest is the same page.
OF_A_THEME = ["color-contrast", "link-in-text-block", "image-alt"]


def widget_of(page):
    widget = page.locator(".learned-sum")
    expect(widget).to_be_visible()
    return widget


def data_of(page) -> dict:
    """The measured grid, as the page carries it."""
    states = json.loads(page.locator('script[type="application/vnd.jupyter.widget-state+json"]').text_content())
    return next(entry["state"]["data"] for entry in states["state"].values() if "data" in entry["state"])


@pytest.mark.parametrize(("theme", "widths"), [("light", (1280, 390)), ("dark", (390, 1280))], ids=["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_never_scrolls_sideways_and_has_no_accessibility_violation(open_page, path, theme, widths):
    """One load for all of it, since a chapter's page takes seconds: light starts wide and dark as on a phone.

    The findings are axe-core's, and what is ours must have none.
    """
    page = open_page(path, widths[0], theme)
    expect(page.locator("article h1").first).to_be_visible()
    assert page.evaluate("document.documentElement.dataset.theme") == theme
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        expect(page.locator("html")).to_have_js_property("scrollWidth", width)  # a widget may draw itself anew
        if width == 1280:
            # preload would fetch style sheets by paths that axe gets wrong
            only = {"runOnly": OF_A_THEME} if theme == "dark" else {}
            found = Axe().run(page, options={"resultTypes": ["violations"], "preload": False, **only})
    violations = [rule for rule in found.response["violations"] if rule["id"] not in KNOWN | KNOWN_OF.get(path, set())]
    assert not [(rule["id"], rule["nodes"][0]["html"][:160]) for rule in violations]


def test_the_widget_moves_and_answers_with_the_ledgers_value(open_page, ledger_json):
    page = open_page("chapters/opening.html")
    widget, data = widget_of(page), data_of(page)
    status, slider = widget.locator(".crucible-status"), widget.get_by_role("slider")
    parts = [part for claim in ledger_json["claims"] for part in claim["experiments"]]
    measured = next(part for part in parts if (part["id"], part["part"]) == ("E00", "many"))
    for i, seed in enumerate(measured["seeds"]):
        widget.get_by_role("radio", name=str(seed), exact=True).check()
        slider.fill(str(len(data["steps"]) - 1))
        untrained = data["exact_match"]["all sums"][str(seed)][0]
        expect(status).to_contain_text(f"right for {measured['measured'][i] + untrained:.1f} %")
    slider.fill("0")
    expect(status).to_contain_text("After 0 steps (0 examples)")


def test_the_widget_can_be_worked_by_keyboard_and_says_what_it_shows(open_page):
    page = open_page("chapters/opening.html")
    widget, data = widget_of(page), data_of(page)
    slider = widget.get_by_role("slider")
    slider.focus()
    page.keyboard.press("Home")
    expect(slider).to_have_attribute("aria-valuetext", "0")
    page.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", str(data["steps"][1]))
    widget.get_by_role("radio", name="all sums").focus()
    page.keyboard.press("ArrowRight")
    expect(widget.get_by_role("radio", name="128 sums")).to_be_checked()
    expect(widget.locator(".crucible-status")).to_have_attribute("aria-live", "polite")


def test_the_widget_shows_the_digits_and_probabilities_of_the_grid(open_page):
    page = open_page("chapters/opening.html")
    widget, data = widget_of(page), data_of(page)
    widget.get_by_role("radio", name="shuffled answers").check()
    widget.get_by_label("Held-out sum").select_option("3")
    place, seed = 9, str(data["seeds"][0])
    widget.get_by_role("slider").fill(str(place))
    a, b = data["sums"][seed][3]
    written = data["written"]["shuffled answers"][seed][place][3]
    chances = data["probabilities"]["shuffled answers"][seed][place][3]
    for name, i in (("ones", 0), ("tens", 1), ("hundreds", 2)):
        card = widget.locator(f".ls-card[aria-label^='{name}']")
        expect(card.locator("b").first).to_have_text(str(written[i]))
        right = (a + b) // 10**i % 10
        expect(card).to_have_attribute(
            "aria-label",
            f"{name}: the model writes {written[i]}, probability {chances[i][written[i]]} %; right is {right}",
        )


def test_a_broken_widget_says_so_in_one_line_beside_its_figure(open_page, chromium, address):
    context = chromium.new_context()
    page = context.new_page()

    def break_it(route):
        response = route.fetch()
        route.fulfill(response=response, body=response.text().replace("function look(", "function overlook("))

    page.route("**/chapters/opening.html", break_it)
    page.goto(address + "chapters/opening.html")
    message = page.locator("[data-widget=failed]")
    expect(message).to_contain_text("This widget could not start")
    expect(message).to_have_attribute("role", "alert")
    context.close()


def test_a_page_opened_from_the_disk_works_too(chromium, site):
    page = chromium.new_page()
    page.goto((site / "chapters/opening.html").as_uri())
    widget = widget_of(page)
    widget.get_by_role("slider").fill("0")
    expect(widget.locator(".crucible-status")).to_contain_text("After 0 steps")
    page.close()


def test_without_javascript_the_text_figures_and_verdicts_are_there(open_page):
    page = open_page("chapters/opening.html", scripts=False)
    expect(page.get_by_text("Verdict of this part").first).to_be_visible()
    expect(page.locator("img.crucible-light").first).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_one_picture_of_each_figure_is_seen_and_it_belongs_to_the_theme(open_page, theme):
    page = open_page("chapters/opening.html", theme=theme)
    other = {"light": "dark", "dark": "light"}[theme]
    for figure in page.locator(".crucible-figure").all():
        expect(figure.locator(f"img.crucible-{theme}")).to_be_visible()
        expect(figure.locator(f"img.crucible-{other}")).to_be_hidden()
    sheet = page.locator(".cell_output .text_html:has(.crucible-figure)").first
    assert sheet.evaluate("node => getComputedStyle(node).backgroundColor") == "rgba(0, 0, 0, 0)"


def test_formulas_are_drawn_and_not_clipped(open_page):
    page = open_page("chapters/opening.html", 390)
    for formula in page.locator(".formula").all():
        box = formula.evaluate("node => [node.scrollHeight, node.clientHeight]")
        assert box[0] <= box[1] + 1
    assert page.locator("math").first.evaluate("node => node.getBoundingClientRect().height") > 8


def test_the_front_page_lists_the_tested_claims_with_their_verdicts(open_page, ledger_json):
    rows = open_page("index.html").locator(".ledger-table tbody tr")
    tested = [claim for claim in ledger_json["claims"] if claim["experiments"]]
    expect(rows).to_have_count(len(tested))
    for i, claim in enumerate(tested):
        expect(rows.nth(i)).to_contain_text(claim["claim"].replace("'", "’"))  # as the page sets it
        expect(rows.nth(i)).to_contain_text(claim["verdict"])


def test_the_search_finds_the_chapter(open_page):
    page = open_page("search.html?q=placebo")
    expect(page.locator("#search-results li", has_text="Opening").first).to_be_visible(timeout=10_000)
    expect(page.locator("#search-results li").first).to_contain_text("Glossary")  # a term comes before its uses


def knob_of(page):
    """The opening's explorer, and the grid that it carries."""
    states = json.loads(page.locator('script[type="application/vnd.jupyter.widget-state+json"]').text_content())
    grid = next(entry["state"]["grid"] for entry in states["state"].values() if "grid" in entry["state"])
    explorer = page.get_by_role("group", name="Grid explorer: knob")
    expect(explorer).to_be_visible()
    return explorer, grid


def test_the_explorer_reads_what_the_ledger_measured(open_page, ledger_json):
    """The rule asks for trained minus untrained, so the reading at the last step less the one at step 0."""
    page = open_page("chapters/opening.html")
    explorer, grid = knob_of(page)
    arms, held = grid["axes"]["trained on"], grid["metrics"]["held-out sums right"]["values"]
    untrained = held[arms.index("all sums")][0]
    parts = {part["part"]: part for claim in ledger_json["claims"] for part in claim["experiments"]}
    for part, arm in (("many", "all sums"), ("few", "128 sums")):
        explorer.get_by_role("radio", name=arm, exact=True).check()
        trained = held[arms.index(arm)][-1]
        assert [after - before for after, before in zip(trained, untrained, strict=True)] == parts[part]["measured"]
        expect(explorer.locator(".crucible-status")).to_contain_text(f": {mean(trained):.1f} % on average over")
    explorer.get_by_role("slider").fill("0")
    expect(explorer.locator(".crucible-status")).to_contain_text("steps 0: ")


def test_the_explorers_verdict_is_the_ledgers(open_page, ledger_json):
    explorer, _grid = knob_of(open_page("chapters/opening.html"))
    claim = next(claim for claim in ledger_json["claims"] if claim["id"] == "this-book/small-adds")
    expect(explorer.locator(".ge-decision")).to_contain_text(
        f"Verdict: {claim['verdict']} (reach {claim['reach']} of 3)."
    )


def test_a_teachers_link_opens_the_explorer_at_its_setting(open_page):
    page = open_page("chapters/opening.html#knob=trained+on:256+sums,steps:400")
    explorer, _grid = knob_of(page)
    expect(explorer.get_by_role("radio", name="256 sums", exact=True)).to_be_checked()
    expect(explorer.locator(".crucible-status")).to_contain_text("trained on 256 sums, steps 400: ")
    expect(explorer).to_be_in_viewport()


def test_without_javascript_the_explorers_numbers_are_a_table(open_page):
    page = open_page("chapters/opening.html", scripts=False)
    folded = page.locator("details", has=page.get_by_text("Every number of this grid, as a table")).last
    expect(folded.locator("table").first).to_be_hidden()
    folded.locator("summary").click()
    expect(folded.locator("table").first).to_be_visible()
