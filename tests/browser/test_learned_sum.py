"""Watch a model learn one sum, in a real Chromium, on a small page made here with the site's own widget host.

Needs a Chromium but no built site; about twenty seconds: pytest tests/browser/test_learned_sum.py
That the opening's own widget shows the ledger's values is tested in test_pages.py, on the built site.
"""

import json
import random
import re

import pytest
from playwright.sync_api import expect, sync_playwright

from crucible.widgets.learned_sum import LearnedSum
from pipeline import ROOT, browser

ARMS, SEEDS, STEPS = ["all sums", "few sums"], [10, 11], [0, 500, 1000, 1500]
SUMS = {"10": [[27, 58], [99, 1], [3, 4]], "11": [[12, 34], [50, 50], [8, 9]]}
PLACES = ("ones", "tens", "hundreds")
PAGE = """<!doctype html><html lang="en" data-theme="light"><head><meta charset="utf-8"><title>Sum</title>
<meta name="viewport" content="width=device-width"></head><body><main>{views}</main>
<script type="application/vnd.jupyter.widget-state+json">{state}</script><script>{host}</script></body></html>"""
VIEW = '<script type="application/vnd.jupyter.widget-view+json">{"model_id": "one"}</script>'
# The widget with a kernel in place of the page's host: what it sets, saves and sends is noted.
KERNEL = """async ([source, traits]) => {
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    const widget = (await import(url)).default, listeners = {};
    Object.assign(window, { traits, sent: [], saved: 0, emit: (event, said) => (listeners[event] ?? []).forEach((one) => one(said)) });
    const model = {
        get: (name) => traits[name], set(name, value) { traits[name] = value; window.emit(`change:${name}`); },
        save_changes() { window.saved += 1; }, send(message) { window.sent.push(message); },
        on(event, listener) { (listeners[event] ??= []).push(listener); },
        off(event, listener) { listeners[event] = listeners[event].filter((one) => one !== listener); },
    };
    document.querySelector("main").replaceChildren();
    window.stop = widget.render({ model, el: document.querySelector("main") });
}"""  # noqa: E501


def make_data():
    """Digits of every kind; at the last step the first arm writes what is right."""
    draw = random.Random(3)
    data = {"arms": ARMS, "seeds": SEEDS, "steps": STEPS, "batch_size": 64, "sums": SUMS}
    data |= {name: {arm: {} for arm in ARMS} for name in ("exact_match", "written", "probabilities")}
    for arm in ARMS:
        for seed in map(str, SEEDS):
            data["exact_match"][arm][seed] = [round(draw.uniform(0, 100), 3) for _ in STEPS]
            data["written"][arm][seed] = [[[draw.randrange(10) for _ in PLACES] for _ in range(3)] for _ in STEPS]
            if arm == ARMS[0]:
                right = [[(a + b) // 10**i % 10 for i in range(3)] for a, b in SUMS[seed]]
                data["written"][arm][seed][-1] = right
            data["probabilities"][arm][seed] = [
                [[[draw.randrange(101) for _ in range(10)] for _ in PLACES] for _ in range(3)] for _ in STEPS
            ]
    return data


DATA = make_data()


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=browser.find(), args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def open_page(chromium):
    """Opens a page with views of one widget; at the end no request and no complaint may have come up."""
    complaints, contexts = [], []
    widget = LearnedSum(DATA)
    names = ("data", "arm", "seed", "place", "question", "_esm", "_css")
    state = json.dumps({"state": {"one": {"state": {name: getattr(widget, name) for name in names}}}}, sort_keys=True)
    host = (ROOT / "_ext/static/widget_host.js").read_text()

    def open_it(views=1, touch=False):
        context = chromium.new_context(viewport={"width": 390 if touch else 1280, "height": 900}, has_touch=touch)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: None if request.url.startswith("blob:") else complaints.append(request.url))
        page.set_content(PAGE.format(views=VIEW * views, state=state.replace("</", "<\\/"), host=host))
        expect(page.locator("[data-widget=ready]")).to_have_count(views)
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert not complaints


def sentence(a, b, written, arm, seed, place):
    total = sum(digit * 10**i for i, digit in enumerate(written))
    verdict = "right" if total == a + b else "wrong"
    start = f"After {STEPS[place]:,} steps ({64 * STEPS[place]:,} examples) the model writes {a} + {b} = {total}"
    share = DATA["exact_match"][arm][str(seed)][place]
    return f"{start}, which is {verdict}. On all held-out sums it is right for {share:.1f} %."


def cards_show(widget, a, b, written, probabilities):
    """Each digit with its probabilities, the hundreds first, and the right digit marked."""
    cards = widget.locator(".ls-card")
    for i, name in enumerate(PLACES):
        card, right = cards.nth(2 - i), (a + b) // 10**i % 10
        said = f"{name}: the model writes {written[i]}, probability {probabilities[i][written[i]]} %; right is {right}"
        expect(card).to_have_attribute("aria-label", said)
        expect(card.locator("> b")).to_have_text(str(written[i]))
        expect(card).to_have_class("ls-card ls-right" if written[i] == right else "ls-card")
        heights = card.locator(".ls-bars i").evaluate_all("all => all.map((one) => parseFloat(one.style.height))")
        assert heights == [max(value, 1) for value in probabilities[i]]
        expect(card.locator(".ls-bars > .ls-truth small")).to_have_text(str(right))


def shows(widget, arm, seed, place, question):
    """Everything in the widget belongs to this choice: sentence, digits, curve, and the controls themselves."""
    key = str(seed)
    a, b = SUMS[key][question]
    written = DATA["written"][arm][key][place][question]
    expect(widget.locator(".crucible-status")).to_have_text(sentence(a, b, written, arm, seed, place))
    cards_show(widget, a, b, written, DATA["probabilities"][arm][key][place][question])
    curve = widget.evaluate(
        """node => { const number = (one, name) => Number(one.getAttribute(name));
        const all = (kind) => [...node.querySelectorAll(`.ls-curve ${kind}`)], [circle] = all("circle");
        return { lines: all("> line").map((line) => number(line, "y1")), path: all("path").at(-1).getAttribute("d"),
            at: [number(circle, "cx"), number(circle, "cy")],
            chosen: all("path").map((one) => one.classList.contains("ls-chosen")) }; }"""
    )
    points = [[float(x), float(y)] for x, y in re.findall(r"[ML]([\d.]+) ([\d.]+)", curve["path"])]
    shares = [100 * (curve["lines"][0] - y) / (curve["lines"][0] - curve["lines"][2]) for _, y in points]
    assert shares == pytest.approx(DATA["exact_match"][arm][key])
    assert curve["at"] == points[place]
    assert curve["chosen"] == [one == seed for one in SEEDS] + [True]
    expect(widget.get_by_role("radio", name=arm)).to_be_checked()
    expect(widget.get_by_role("radio", name=key)).to_be_checked()
    expect(widget.get_by_role("slider")).to_have_value(str(place))
    expect(widget.get_by_role("slider")).to_have_attribute("aria-valuetext", f"{STEPS[place]:,}")
    expect(widget.locator("output")).to_have_text(f"{STEPS[place]:,}")
    sums = widget.get_by_label("Held-out sum")
    expect(sums).to_have_value(str(question))
    expect(sums.locator("option")).to_have_text([f"{a} + {b}" for a, b in SUMS[key]])


def of(page, which=0):
    return page.get_by_role("group", name="Watch a model learn one sum").nth(which)


def button(widget, label):
    return widget.locator("label", has=widget.page.get_by_role("radio", name=label, exact=True))


def test_every_control_by_mouse_shows_its_part_of_the_grid(open_page):
    widget = of(open_page())
    shows(widget, "all sums", 10, 1, 0)
    button(widget, "few sums").click()
    shows(widget, "few sums", 10, 1, 0)
    widget.get_by_label("Held-out sum").select_option("99 + 1")
    shows(widget, "few sums", 10, 1, 1)
    button(widget, "11").click()
    shows(widget, "few sums", 11, 1, 1)
    slider = widget.get_by_role("slider")
    box = slider.bounding_box()
    slider.click(position={"x": box["width"] - 2, "y": box["height"] / 2})
    shows(widget, "few sums", 11, 3, 1)
    button(widget, "all sums").click()
    shows(widget, "all sums", 11, 3, 1)
    button(widget, "10").click()
    shows(widget, "all sums", 10, 3, 1)


def test_every_control_by_keyboard(open_page):
    page = open_page()
    widget = of(page)
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    shows(widget, "few sums", 10, 1, 0)
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    shows(widget, "few sums", 11, 1, 0)
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    shows(widget, "few sums", 11, 1, 1)
    page.keyboard.press("Tab")
    expect(widget.get_by_role("slider")).to_be_focused()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("ArrowRight")
    shows(widget, "few sums", 11, 2, 1)
    page.keyboard.press("Home")
    shows(widget, "few sums", 11, 0, 1)


def test_every_control_by_touch(open_page):
    page = open_page(touch=True)
    widget = of(page)
    button(widget, "few sums").tap()
    button(widget, "11").tap()
    slider = widget.get_by_role("slider")
    box = slider.bounding_box()
    slider.tap(position={"x": box["width"] - 2, "y": box["height"] / 2})
    shows(widget, "few sums", 11, 3, 0)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_two_views_of_one_widget_show_the_same(open_page):
    page = open_page(views=2)
    one, other = of(page), of(page, 1)
    button(one, "few sums").click()
    button(one, "11").click()
    one.get_by_role("slider").fill("2")
    one.get_by_label("Held-out sum").select_option("8 + 9")
    shows(one, "few sums", 11, 2, 2)
    shows(other, "few sums", 11, 2, 2)


def test_without_a_kernel_nobody_is_asked_for_a_sum(open_page):
    widget = of(open_page())
    expect(widget.locator("form")).to_be_hidden()


@pytest.fixture
def with_kernel(open_page):
    page = open_page()
    start = {"data": DATA, "arm": "all sums", "seed": 10, "place": 1, "question": 0}
    page.evaluate(KERNEL, [LearnedSum._esm, start])
    shows(of(page), "all sums", 10, 1, 0)
    return page


def test_with_a_kernel_what_the_reader_chooses_goes_to_python_as_its_traits_want_it(with_kernel):
    page, widget = with_kernel, of(with_kernel)
    button(widget, "few sums").click()
    button(widget, "11").click()
    widget.get_by_role("slider").fill("2")
    widget.get_by_label("Held-out sum").select_option("50 + 50")
    sent = {name: page.evaluate(f"traits.{name}") for name in ("arm", "seed", "place", "question")}
    assert sent == {"arm": "few sums", "seed": 11, "place": 2, "question": 1}
    assert page.evaluate("saved") == 4
    LearnedSum(DATA).set_state(sent)  # and Python takes them


def test_a_sum_of_ones_own_is_answered_refused_and_left_for_the_grid_again(with_kernel):
    page, widget = with_kernel, of(with_kernel)
    assert page.evaluate("sent") == [{"type": "hello"}]
    form = widget.locator("form")
    expect(form).to_be_hidden()
    page.evaluate("emit('msg:custom', { type: 'ready' })")
    expect(form).to_be_visible()
    widget.get_by_label("first number").fill("12")
    widget.get_by_label("second number").fill("88")
    widget.get_by_role("button", name="Ask the model").click()
    assert page.evaluate("sent.at(-1)") == {"type": "ask", "a": 12, "b": 88}
    page.evaluate("emit('msg:custom', { type: 'refused', reason: 'too large' })")
    note = form.get_by_role("status")
    expect(note).to_have_text("too large")
    shows(widget, "all sums", 10, 1, 0)
    page.keyboard.press("Enter")
    assert page.evaluate("sent.length") == 3
    chances = [[(3 * i + digit) % 100 for digit in range(10)] for i in range(3)]
    for written in ([0, 0, 1], [0, 0, 2]):
        answer = {"type": "answer", "a": 12, "b": 88, "written": written, "probabilities": chances}
        page.evaluate("answer => emit('msg:custom', answer)", answer)
        expect(widget.locator(".crucible-status")).to_have_text(sentence(12, 88, written, "all sums", 10, 1))
        cards_show(widget, 12, 88, written, chances)
    expect(note).to_be_empty()
    button(widget, "few sums").click()
    shows(widget, "few sums", 10, 1, 0)


def test_a_stopped_view_hears_nothing_any_more(with_kernel):
    page, widget = with_kernel, of(with_kernel)
    page.evaluate("() => { stop(); traits.place = 3; emit('change:place'); emit('msg:custom', { type: 'ready' }); }")
    expect(widget.locator("form")).to_be_hidden()
    shows(widget, "all sums", 10, 1, 0)
