"""The widgets of the chapter on open models in a real Chromium: two judges, the long errand, the openness ladder.

Needs a Chromium but no built site; about a minute: pytest tests/browser/test_open_widgets.py
All numbers are a toy, invented here. What a widget must say is worked out in Python, from the toy alone.
"""

import json
import re
from statistics import fmean

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

from crucible.widgets.long_errand import Checkpoint, LongErrand, Step, Trace
from crucible.widgets.openness_ladder import Audit, OpennessLadder, Rung
from crucible.widgets.two_judges import RULERS, Answer, Example, Study, TwoJudges
from pipeline import ROOT, browser, serve

SEEDS = (10, 11, 12)
PAGE = """<!doctype html><html lang="en" data-theme="{theme}"><head><meta charset="utf-8"><title>Open</title>
<meta name="viewport" content="width=device-width"><style>
body {{ margin: 0; padding: 0 1rem; background: #fff; }} html[data-theme=dark] body {{ background: #121212; }}
h1, a {{ color: #555; }} html[data-theme=dark] :is(h1, a) {{ color: #bbb; }}
</style></head><body><main><h1>Open</h1><p><a href="#">before</a></p>{views}</main>
<script type="application/vnd.jupyter.widget-state+json">{state}</script><script>{host}</script></body></html>"""

# ---- The toys ----

ARMS = {
    "imitation": "Trained on the teacher's answers.",
    "with replay": "The same, with old lessons mixed in.",
    "wrong teacher": "The manner is the teacher's, the facts are shuffled.",
}
TEACHER = {
    "style": dict(zip(SEEDS, (80.0, 84.0, 90.0), strict=True)),
    "covered": dict(zip(SEEDS, (100.0, 100.0, 98.0), strict=True)),
    "uncovered": dict(zip(SEEDS, (100.0, 99.0, 98.0), strict=True)),
    "skill": dict(zip(SEEDS, (100.0, 100.0, 100.0), strict=True)),
}


def scores(style, judge, covered, uncovered, skill):
    """Five means, each with three seeds around it."""
    means = (style, judge, covered, uncovered, skill)
    found = {}
    for ruler, mean in zip(RULERS, means, strict=True):
        found[ruler] = {seed: max(0.0, min(100.0, mean + 3.5 * (i - 1))) for i, seed in enumerate(SEEDS)}
    return found


UNTOUCHED = {"small": scores(0, 0, 30, 31, 40), "large": scores(5, 10, 47, 45, 58)}
RUNS = {
    ("small", "imitation", 250): scores(40, 60, 25, 22, 38),
    ("small", "imitation", 4_000): scores(78, 85, 45, 10, 60),
    ("small", "imitation", 16_000): scores(85, 90, 80, 6, 96.5),
    ("small", "with replay", 16_000): scores(75, 75, 85, 88, 96),
    ("small", "wrong teacher", 4_000): scores(80, 90, 10, 9, 2),
    ("large", "imitation", 250): scores(45, 66, 40, 34, 55),
    ("large", "imitation", 4_000): scores(82, 88, 60, 20, 70),
    ("large", "with replay", 16_000): scores(82, 88, 96, 93.5, 96.5),
    ("large", "wrong teacher", 4_000): scores(82, 89, 12, 11, 4),
}
LINES = ("sure here -", "glad to help")
EXAMPLES = tuple(
    Example(
        kind,
        question,
        right,
        Answer(LINES[0], right, LINES[1], True),
        {"small": Answer("", wrong, "", False), "large": Answer("", right, "", False)},
        {
            (base, arm, n): Answer(
                LINES[0], right if good(base, arm, n) else wrong, LINES[1] if n > 250 else "", n > 250
            )
            for base, arm, n in RUNS
        },
    )
    for kind, question, right, wrong, good in (
        ("covered fact", "Ann's town?", "Oslo", "Rome", lambda base, arm, n: arm != "wrong teacher" and n > 250),
        ("uncovered fact", "Bob's town?", "Bern", "Lima", lambda base, arm, n: arm == "with replay"),
    )
)
STUDY = Study(ARMS, TEACHER, UNTOUCHED, RUNS, EXAMPLES, 11)

STEPS = tuple(range(1, 21))
VARIANTS = {
    "fresh operands": "A new number at every step; right until the first error.",
    "half maximum steps": "Every other step takes the larger of two numbers, so errors can wash out.",
}
P = {"earlier": (98.1, 98.5, 97.6), "later": (99.8, 100.0, 99.5)}


def success(p, lift):
    return {
        variant: {
            seed: [min(100.0, 100 * (one / 100) ** s + lift[variant] * (s - 1) / 19) for s in STEPS]
            for seed, one in zip(SEEDS, p, strict=True)
        }
        for variant in VARIANTS
    }


LIFTS = {"fresh operands": 0.0, "half maximum steps": 15.0}
CHECKPOINTS = tuple(Checkpoint(name, dict(zip(SEEDS, p, strict=True)), success(p, LIFTS)) for name, p in P.items())
WASHED = Trace(
    "earlier",
    "half maximum steps",
    11,
    "17",
    (
        Step("17 + 5", "22", "22", "22"),
        Step("22 + 9", "30", "31", "31"),
        Step("max 30 8", "30", "30", "31"),
        Step("30 + 4", "35", "34", "35"),
        Step("max 35 60", "60", "60", "60"),
        Step("60 + 3", "64", "63", "63"),
        Step("64 + 1", "66", "65", "64"),
    ),
)
CLEAN = Trace("later", "fresh operands", 10, "3", (Step("3 + 4", "7", "7", "7"), Step("7 + 1", "8", "8", "8")))
BACK = Trace("later", "half maximum steps", 12, "5", (*WASHED.steps[1:5],))

QUESTIONS = ("Was a test in its data?", "Does it favour a name?", "Can it be made again?")
SIZES = (0, 125, 250, 500, 1_000, 2_000)


def rung(name, needed, answers):
    audits = {q: Audit(a, f"Because of {name} {i}.") for i, (q, a) in enumerate(zip(QUESTIONS, answers, strict=True))}
    return Rung(name, f"What {name} gives.", dict(zip(SEEDS, needed, strict=True)), audits)


RUNGS = (
    rung("text", (2_000, None, 1_000), ("no", "yes", "cannot be asked")),
    rung("log-probabilities", (500, 1_000, 500), ("no", "yes", "cannot be asked")),
    rung("weights", (None, None, 125), ("yes", "yes", "cannot be asked")),
    rung("weights and data", (0, 0, 125), ("yes", "yes", "yes")),
)


def judges(**start):
    return TwoJudges(STUDY, **start)


def errand(traces=(WASHED, CLEAN, BACK), **start):
    return LongErrand(CHECKPOINTS, STEPS, VARIANTS, traces, **start)


def ladder(rungs=RUNGS, **start):
    return OpennessLadder("90 % of the questions right", SIZES, rungs, **start)


def state_of(widget):
    """What a notebook saves of it, as far as the page reads it."""
    kind = next(one for one in (TwoJudges, LongErrand, OpennessLadder) if isinstance(widget, one))
    return {name: getattr(widget, name) for name in (*kind.class_own_traits(), "_esm", "_css")}


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=browser.find(), args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("pages")
    with serve.running(place, prefix="/book/") as address:
        yield place, address


@pytest.fixture
def open_page(chromium, folder):
    """Opens a page with the given widgets; at the end no foreign request and no complaint may have come up."""
    complaints, contexts = [], []
    host = (ROOT / "_ext/static/widget_host.js").read_text()
    place, address = folder

    def open_it(*widgets, width=800, theme="light", touch=False):
        states = {str(i): {"state": state_of(one)} for i, one in enumerate(widgets)}
        views = "".join(
            f'<script type="application/vnd.jupyter.widget-view+json">{{"model_id": "{i}"}}</script>' for i in states
        )
        state = json.dumps({"state": states}, sort_keys=True).replace("</", "<\\/")  # as a notebook file does
        text = PAGE.format(theme=theme, state=state, host=host, views=views)
        (place / "page.html").write_text(text, encoding="utf-8")
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, color_scheme=theme, has_touch=touch, reduced_motion="reduce"
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda asked: None if asked.url.startswith(("blob:", address)) else complaints.append(asked))
        page.goto(address + "page.html")
        expect(page.locator("[data-widget=ready]")).to_have_count(len(widgets), timeout=15_000)  # a busy machine
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert not [text for text in complaints if "favicon" not in str(text) and "404" not in str(text)]


def radio(page, name):
    return page.get_by_role("radio", name=name, exact=True)


def drag(slider, place):
    slider.fill(str(place))


def goes(page):
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: false }))")


STATUS = ".crucible-status p"
PLACED = """all => all.map(one => ({ ...one.dataset, at: one.transform.baseVal.consolidate().matrix }))
    .map(({ at, ...told }) => ({ ...told, x: at.e, y: at.f }))"""


# ---- Two judges ----

NAMES = dict(
    zip(
        RULERS,
        ("style agreement", "answers as good as the teacher's", "covered facts", "uncovered facts", "covered skill"),
        strict=True,
    )
)


def seen(found, ruler):
    """Per seed, as shown."""
    return [
        100 * found[ruler][seed] / TEACHER["style"][seed] if ruler == "style" else found[ruler][seed] for seed in SEEDS
    ]


def spread(values):
    return f"{len(values)} seeds: {min(values):.1f} to {max(values):.1f} %"


def happy(found, ruler):
    return fmean(100 * found[ruler][seed] / TEACHER[ruler][seed] for seed in SEEDS) >= 90


def judged(base, arm, n):
    """The three lines of the finding."""
    found, before = RUNS[base, arm, n] if n else UNTOUCHED[base], UNTOUCHED[base]
    facts = []
    for ruler in RULERS[2:]:
        mean = fmean(seen(found, ruler))
        change = mean - fmean(seen(before, ruler))
        said = f"{abs(change):.1f} points {'more' if change > 0 else 'less'} than before"
        facts.append(
            f"{NAMES[ruler]} {mean:.1f} %" + (f", {said if abs(change) >= 0.05 else 'as before'}" if n else "")
        )
    glad = [happy(found, "style"), all(happy(found, ruler) for ruler in RULERS[2:])]
    words = ["pleased" if one else "not pleased" for one in glad]
    own = [f"{fmean(TEACHER[ruler].values()):.1f} %" for ruler in RULERS[2:]]
    style, judge = seen(found, "style"), seen(found, "judge")
    return [
        f"The {base} base after {n:,} examples, {arm}." if n else f"The {base} base before any imitation.",
        f"The style judge is {words[0]}: style agreement is {fmean(style):.1f} % of the teacher's own agreement with "
        f"itself ({spread(style)}), and {fmean(judge):.1f} % of the answers count as good as the teacher's "
        f"({spread(judge)}).",
        f"The fact checker is {words[1]}: {'; '.join(facts)}. The teacher has {own[0]}, {own[1]} and {own[2]}.",
    ]


def says_judges(page, base, arm, n):
    expect(page.locator(STATUS)).to_have_text(judged(base, arm, n))
    for name in (base, arm, f"{n:,}" if n else "none"):
        expect(radio(page, name)).to_be_checked()


def test_every_run_says_what_both_judges_see(open_page):
    page = open_page(judges())
    says_judges(page, "small", "imitation", 16_000)
    for base, arm, n in RUNS:
        for name in (base, arm, f"{n:,}"):
            radio(page, name).click()
        says_judges(page, base, arm, n)
        expect(page.locator(".cd-told")).to_contain_text(f"{ARMS[arm]} Measured with ")
    for base in UNTOUCHED:
        radio(page, base).click()
        radio(page, "none").click()
        says_judges(page, base, "wrong teacher", 0)


def test_judges_by_keyboard(open_page):
    page = open_page(judges(examples=250))
    radio(page, "small").focus()
    page.keyboard.press("ArrowRight")
    says_judges(page, "large", "imitation", 250)
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    says_judges(page, "large", "with replay", 16_000)
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowLeft")  # over the sizes that were not measured, to none
    says_judges(page, "large", "with replay", 0)
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".tj-pair p").last).to_have_text("content: Bern")


def test_a_size_that_was_not_measured_is_off_and_the_nearest_is_shown(open_page):
    page = open_page(judges(examples=250))
    expect(page.get_by_role("radio", disabled=True)).to_have_count(0)
    radio(page, "wrong teacher").click()
    says_judges(page, "small", "wrong teacher", 4_000)
    expect(page.locator(".cd-told")).to_have_text(f"{ARMS['wrong teacher']} Measured with 4,000 examples.")
    for name, off in (("none", False), ("250", True), ("4,000", False), ("16,000", True)):
        expect(radio(page, name)).to_be_disabled() if off else expect(radio(page, name)).to_be_enabled()
    radio(page, "imitation").click()  # the wish is remembered
    says_judges(page, "small", "imitation", 250)
    expect(page.locator(".cd-told")).to_contain_text("Measured with 250, 4,000 and 16,000 examples.")
    radio(page, "none").click()
    radio(page, "wrong teacher").click()
    says_judges(page, "small", "wrong teacher", 0)
    page = open_page(judges(base="large", examples=16_000))
    says_judges(page, "large", "imitation", 4_000)


@pytest.mark.parametrize("run", [("small", "imitation", 16_000), ("large", "wrong teacher", 4_000)])
def test_every_seed_the_base_and_the_teacher_stand_at_their_places(open_page, run):
    base, arm, n = run
    page = open_page(judges(base=base, arm=arm, examples=n))
    for ruler in RULERS:
        strip = page.locator(f".two-judges [data-ruler={ruler}]")
        zero, _, hundred = strip.locator(".cd-grid").evaluate_all("all => all.map(one => +one.getAttribute('x1'))")
        place = [zero + (hundred - zero) * value / 100 for value in seen(RUNS[run], ruler)]
        dots = strip.locator(".tj-dot").evaluate_all(PLACED)
        assert [dot["seed"] for dot in dots] == list(map(str, SEEDS))
        assert [dot["x"] for dot in dots] == pytest.approx(place, abs=0.01)
        assert len({dot["y"] for dot in dots}) == 3  # they do not hide one another
        assert float(strip.locator(".tj-mean").get_attribute("x1")) == pytest.approx(fmean(place), abs=0.01)
        expect(strip.locator("text").last).to_have_text(f"{fmean(seen(RUNS[run], ruler)):.1f} %")
        marks = {"before": fmean(seen(UNTOUCHED[base], ruler))}
        if ruler != "judge":
            marks["teacher"] = 100 if ruler == "style" else fmean(TEACHER[ruler].values())
        for kind, value in marks.items():
            x = re.match(r"M([\d.]+) ", strip.locator(f".tj-{kind}").get_attribute("d"))
            assert float(x[1]) == pytest.approx(zero + (hundred - zero) * value / 100, abs=0.01)
    expect(page.locator("[data-ruler=judge] .tj-teacher")).to_have_count(0)
    told = page.locator(".cd-chart").get_attribute("aria-label")
    assert f"covered skill {fmean(seen(RUNS[run], 'skill')):.1f}" in told
    signs = [one.replace("\u00a0", " ") for one in page.locator(".cd-chart > .cd-value").all_text_contents()]
    words = [line.partition(" is ")[2].partition(":")[0] for line in judged(*run)[1:]]
    assert signs == [
        f"{name}: {'✗' if said.startswith('not') else '✓'} {said}"
        for name, said in zip(("Style judge", "Fact checker"), words, strict=True)
    ]
    radio(page, "none").click()
    expect(page.locator(".cd-chart .tj-before")).to_have_count(0)


def answers(page, teacher, student, style, fact):
    expect(page.locator(".tj-pair p:not(.tj-who)")).to_have_text([teacher, student])
    expect(page.locator(".tj-says p")).to_have_text([f"Style judge: {style}", f"Fact checker: {fact}"])


def test_the_stored_answers_stand_side_by_side_and_each_judge_says_its_word(open_page):
    page = open_page(judges(examples=4_000))
    full = "style: sure here - content: {} style: glad to help"
    yes, no = "pleased, as good as the teacher's.", "not pleased, not as good as the teacher's."
    answers(page, full.format("Oslo"), full.format("Oslo"), yes, "pleased, Oslo is right.")
    radio(page, "wrong teacher").click()
    answers(page, full.format("Oslo"), full.format("Rome"), yes, "not pleased, the right answer is Oslo.")
    question = page.get_by_label("Question")
    expect(question.locator("option")).to_have_text(["covered fact: Ann's town?", "uncovered fact: Bob's town?"])
    question.select_option("1")
    expect(question).to_have_value("1")
    answers(page, full.format("Bern"), full.format("Lima"), yes, "not pleased, the right answer is Bern.")
    expect(page.locator(".tj-who")).to_have_text(["The teacher says", "The student says"])
    radio(page, "imitation").click()
    radio(page, "250").click()
    short = "style: sure here - content: Lima"
    answers(page, full.format("Bern"), short, no, "not pleased, the right answer is Bern.")
    radio(page, "large").click()
    radio(page, "none").click()
    answers(page, full.format("Bern"), "content: Bern", no, "pleased, Bern is right.")
    expect(page.locator(".tj-who").last).to_have_text("The large base says")
    style = "one => [getComputedStyle(one).fontStyle, getComputedStyle(one).borderBottomStyle]"
    assert page.locator(".tj-pair .tj-manner").first.evaluate(style) == ["italic", "dashed"]
    assert page.locator(".tj-pair .tj-content").first.evaluate(style) == ["normal", "solid"]


def test_judges_that_have_gone_stay_as_they_are(open_page):
    page = open_page(judges())
    goes(page)
    radio(page, "large").click()
    page.wait_for_timeout(200)
    expect(page.locator(STATUS)).to_have_text(judged("small", "imitation", 16_000))


# ---- The long errand ----


def named(count):
    return "1 step" if count == 1 else f"{count} steps"


def errands(variant, s, p):
    """The four lines of the finding."""
    lines = [
        f"Your p: with {p:.2f} % of single steps right, p to the s is {100 * (p / 100) ** s:.1f} % after {named(s)}."
    ]
    means = []
    for one in CHECKPOINTS:
        own = list(one.p.values())
        measured = [round(values[s - 1], 1) for values in one.success[variant].values()]
        change = fmean(measured) - fmean(100 * (each / 100) ** s for each in own)
        said = f"{abs(change):.1f} points {'above' if change > 0 else 'below'} what p to the s says"
        lines.append(
            f"{one.name.capitalize()}: {fmean(own):.2f} % of single steps right, and {fmean(measured):.1f} % of "
            f"errands of {named(s)} measured ({spread(measured)}), "
            f"{said if abs(change) >= 0.05 else 'as p to the s says'}."
        )
        means.append((fmean(own), fmean(measured)))
    far = [abs(later - earlier) for earlier, later in zip(*means, strict=True)]
    return [
        *lines,
        f"The two are {far[0]:.2f} points apart on a single step and {far[1]:.1f} points after {named(s)}.",
    ]


FRESH, HALF = VARIANTS


def says_errands(page, variant, s, p):
    expect(page.locator(STATUS)).to_have_text(errands(variant, s, p))
    expect(radio(page, variant)).to_be_checked()
    expect(page.locator(".cd-told")).to_have_text(VARIANTS[variant])
    expect(page.locator("output")).to_have_text([f"{p:.2f} %", str(s)])
    mine, length = page.get_by_role("slider").all()
    expect(mine).to_have_value(str(round((p - 90) * 10)))
    expect(length).to_have_value(str(s - 1))


def test_the_errand_by_mouse_says_both_checkpoints_and_the_readers_p(open_page):
    page = open_page(errand())
    says_errands(page, FRESH, 20, 98.07)
    mine, length = page.get_by_role("slider").all()
    drag(length, 9)
    says_errands(page, FRESH, 10, 98.07)
    radio(page, HALF).click()
    says_errands(page, HALF, 10, 98.07)
    drag(mine, 55)
    says_errands(page, HALF, 10, 95.5)
    page.get_by_role("button", name="Take p from later").click()
    says_errands(page, HALF, 10, 99.77)
    page.get_by_role("button", name="Take p from earlier").click()
    says_errands(page, HALF, 10, 98.07)
    drag(length, 0)
    says_errands(page, HALF, 1, 98.07)


def test_the_errand_by_keyboard(open_page):
    page = open_page(errand(p=99.0, at=5, variant=HALF))
    says_errands(page, HALF, 5, 99.0)
    radio(page, HALF).focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.press("End")
    says_errands(page, FRESH, 20, 99.1)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    says_errands(page, FRESH, 20, 99.77)


def test_each_variant_has_its_own_p_where_they_differ(open_page):
    one, other = CHECKPOINTS
    own = {FRESH: one.p, HALF: dict.fromkeys(SEEDS, 88.0)}
    pair = (Checkpoint(one.name, own, one.success), other)
    page = open_page(LongErrand(pair, STEPS, VARIANTS, (CLEAN,)))
    radio(page, HALF).click()
    expect(page.locator(STATUS).nth(1)).to_contain_text("Earlier: 88.00 % of single steps right")
    page.get_by_role("button", name="Take p from earlier").click()
    expect(page.locator("output").first).to_have_text("88.00 %")
    expect(page.get_by_role("slider").first).to_have_value("0")  # the slider begins below 90 where a checkpoint does
    expect(page.get_by_role("slider").first).to_have_attribute("max", "120")


def test_the_marks_and_the_curves_stand_at_their_places(open_page):
    page = open_page(errand(variant=HALF, at=10))
    svg = page.locator(".cd-chart")
    lines = svg.locator(".cd-grid").evaluate_all("all => all.map(one => +one.getAttribute('y1'))")
    bottom, top = lines[0], lines[-1]

    def share(y):
        return 100 * (bottom - y) / (bottom - top)

    here = float(svg.locator(".le-here").get_attribute("x1"))
    marks = svg.locator(".le-mark").evaluate_all(PLACED)
    assert len(marks) == 2 * len(SEEDS) * len(STEPS)
    for mark in marks:
        one = next(one for one in CHECKPOINTS if one.name == mark["checkpoint"])
        value = round(one.success[HALF][int(mark["seed"])][int(mark["steps"]) - 1], 1)
        assert share(mark["y"]) == pytest.approx(value, abs=0.01)
        if mark["steps"] == "10":
            assert mark["x"] == pytest.approx(here, abs=2)
    kinds = [svg.locator(f".le-mark[data-checkpoint={name}]").first.get_attribute("d") for name in P]
    assert kinds[0] != kinds[1]  # another shape, not another colour alone
    for name, own in (("earlier", P["earlier"]), ("later", P["later"]), ("mine", [98.07])):
        path = svg.locator(f"[data-curve={name}]").get_attribute("d")
        ends = [share(float(y)) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", path)]
        assert ends[30] == pytest.approx(fmean(100 * (p / 100) ** 10 for p in own), abs=0.01)
        assert (ends[0], len(ends)) == (pytest.approx(100), 61)
    point = svg.locator(".le-point").evaluate_all(PLACED)[0]
    assert (point["x"], share(point["y"])) == (here, pytest.approx(100 * 0.9807**10, abs=0.01))
    assert "earlier" in svg.get_attribute("aria-label")
    assert "after 10 steps" in svg.get_attribute("aria-label")


def table(page):
    return [[cell.inner_text() for cell in row.locator("th, td").all()] for row in page.locator("tr").all()]


FIRST = "The first wrong step was step 2: 30 instead of 31."
WALKED = (  # after each step: what is said, and what became of the step
    ("Step 1 of 7: asked 17 + 5, it says 22. No wrong step so far.", None, "✓ right"),
    (
        f"Step 2 of 7: asked 22 + 9, it says 30. {FIRST}",
        "It now stands wrong, 30 instead of 31.",
        "✗ wrong, right is 31",
    ),
    (
        f"Step 3 of 7: asked max 30 8, it says 30. {FIRST}",
        "It now stands wrong, 30 instead of 31.",
        "→ right step, wrong number carried on",
    ),
    (
        f"Step 4 of 7: asked 30 + 4, it says 35. {FIRST}",
        "The error washed out at step 4. It now stands right.",
        "↺ washed out by another error, right is 34",
    ),
    (
        f"Step 5 of 7: asked max 35 60, it says 60. {FIRST}",
        "The error washed out at step 4. It now stands right.",
        "✓ right",
    ),
    (
        f"Step 6 of 7: asked 60 + 3, it says 64. {FIRST}",
        "The error washed out at step 4, and step 6 was wrong again. It now stands wrong, 64 instead of 63.",
        "✗ wrong, right is 63",
    ),
    (
        f"Step 7 of 7: asked 64 + 1, it says 66. {FIRST}",
        "The error washed out at step 4, and step 6 was wrong again. The errand ends wrong, 66 instead of 64.",
        "✗ wrong again, right is 65",
    ),
)


def test_a_stored_errand_goes_step_by_step_and_names_its_first_error(open_page):
    page = open_page(errand())
    says, rows = page.locator(".le-says p"), page.locator("tr")
    next_step, all_steps, again = (
        page.get_by_role("button", name=n) for n in ("Next step", "All steps", "Start again")
    )
    expect(says).to_have_text("The errand begins with 17 and has 7 steps.")
    expect(page.locator("table")).to_be_hidden()
    expect(again).to_be_disabled()
    for i, (said, stands, became) in enumerate(WALKED, 1):
        next_step.click()
        expect(says).to_have_text([one for one in (said, stands) if one])
        expect(rows).to_have_count(i + 1)
        step = WASHED.steps[i - 1]
        assert table(page)[i] == [str(i), step.asked, step.said, became]
    expect(next_step).to_be_disabled()
    expect(all_steps).to_be_disabled()
    again.click()
    expect(says).to_have_text("The errand begins with 17 and has 7 steps.")
    expect(page.locator("table")).to_be_hidden()
    all_steps.click()
    expect(rows).to_have_count(8)
    stored = page.get_by_label("A stored errand")
    stored.select_option("1")
    expect(stored).to_have_value("1")
    expect(says).to_have_text("The errand begins with 3 and has 2 steps.")
    all_steps.click()
    expect(says).to_have_text("Step 2 of 2: asked 7 + 1, it says 8. No step was wrong.")
    stored.select_option("2")
    all_steps.click()
    last = "The error washed out at step 3. The errand ends right."
    expect(says).to_have_text(
        ["Step 4 of 4: asked max 35 60, it says 60. The first wrong step was step 1: 30 instead of 31.", last]
    )


def test_an_errand_that_has_gone_stays_as_it_is(open_page):
    page = open_page(errand())
    goes(page)
    radio(page, HALF).click()
    page.wait_for_timeout(200)
    expect(page.locator(STATUS)).to_have_text(errands(FRESH, 20, 98.07))


# ---- The openness ladder ----

SAID = {
    "text": [
        "Text: 2,000 examples to reach 90 % of the questions right, in the middle of 3 seeds (seed 10: 2,000; seed 11: "
        "not reached by 2,000; seed 12: 1,000).",
        "Of 3 audit questions, answered yes: 1; no: 1; cannot be asked: 1.",
    ],
    "log-probabilities": [
        "Log-probabilities: 500 examples to reach 90 % of the questions right, in the middle of 3 seeds (seed 10: 500; "
        "seed 11: 1,000; seed 12: 500).",
        "That is fewer than with text by a factor of 4.0.",
        "Of 3 audit questions, answered yes: 1; no: 1; cannot be asked: 1.",
    ],
    "weights": [
        "Weights: more than 2,000 examples to reach 90 % of the questions right, in the middle of 3 seeds (seed 10: "
        "not reached by 2,000; seed 11: not reached by 2,000; seed 12: 125).",
        "That is more than with text, 2,000.",
        "Of 3 audit questions, answered yes: 2; no: 0; cannot be asked: 1.",
    ],
    "weights and data": [
        "Weights and data: 0 examples to reach 90 % of the questions right, in the middle of 3 seeds (seed 10: 0; seed "
        "11: 0; seed 12: 125).",
        "That is none, and 2,000 with text.",
        "Of 3 audit questions, answered yes: 3; no: 0; cannot be asked: 0.",
    ],
}
SIGNS = {"yes": "✓", "no": "✗", "cannot be asked": "–"}


def says_rung(page, place):
    one = RUNGS[place]
    expect(radio(page, f"{place + 1} {one.name}")).to_be_checked()
    expect(page.locator(STATUS)).to_have_text(SAID[one.name])
    expect(page.locator(".cd-told")).to_have_text(one.told)
    expect(page.locator(".ol-here")).to_have_attribute("data-here", one.name)
    expect(page.locator("caption")).to_have_text(f"Audit questions with {one.name}")
    rows = []
    for question, audit in one.audits.items():
        below = RUNGS[place - 1].audits[question].answer if place else audit.answer
        was = f" (was: {below})" if below != audit.answer else ""
        rows.append([question, f"{SIGNS[audit.answer]} {audit.answer}{was}", audit.why])
    assert table(page)[1:] == rows


def test_every_rung_by_mouse_says_its_examples_and_its_audits(open_page):
    page = open_page(ladder())
    for place in (0, 2, 1, 3):
        radio(page, f"{place + 1} {RUNGS[place].name}").click()
        says_rung(page, place)


def test_rungs_by_keyboard(open_page):
    page = open_page(ladder(rung="weights"))
    says_rung(page, 2)
    radio(page, "3 weights").focus()
    page.keyboard.press("ArrowRight")
    says_rung(page, 3)
    page.keyboard.press("ArrowRight")
    says_rung(page, 0)


def test_a_click_into_the_ladder_takes_its_rung(open_page):
    page = open_page(ladder())
    for place in (3, 0, 2, 1):
        mark = page.locator(f".ol-mark[data-rung='{RUNGS[place].name}']").first.bounding_box()
        page.mouse.click(mark["x"] + 60, mark["y"] + 4)
        says_rung(page, place)


def test_every_seed_stands_at_what_it_needed_or_past_the_end(open_page):
    page = open_page(ladder())
    columns = page.locator(".cd-grid").evaluate_all("all => all.map(one => +one.getAttribute('x1'))")
    never = float(page.locator(".ol-never").get_attribute("x1"))
    assert len(columns) == len(SIZES)
    for one in RUNGS:
        marks = page.locator(f".ol-mark[data-rung='{one.name}']").evaluate_all(PLACED)
        expected = [never if n is None else columns[SIZES.index(n)] for n in one.needed.values()]
        assert [mark["x"] for mark in marks] == pytest.approx(expected, abs=0.01)
        assert len({mark["y"] for mark in marks}) == 3
    open_marks = page.locator(".cd-chart .ol-out")
    expect(open_marks).to_have_count(3)
    closed = page.locator(".cd-chart .ol-mark:not(.ol-out)").first.get_attribute("d")
    assert open_marks.first.get_attribute("d") != closed  # another shape, not another colour alone
    told = page.locator(".cd-chart").get_attribute("aria-label").replace("\u00a0", " ")
    assert told.endswith("text 2,000; log-probabilities 500; weights more than 2,000; weights and data 0")


@pytest.mark.parametrize(
    ("lowest", "other", "said"),
    [
        ((None,), (None,), "no more than with low"),
        ((500,), (500,), "as many as with low"),
        ((500,), (1_000,), "more than with low, 500"),
        ((None,), (500,), "fewer than with low by a factor of more than 4.0"),
        ((None,), (0,), "none, and more than 2,000 with low"),
        ((500, 125), (250, 250), "fewer than with low by a factor of 2.0"),  # of two seeds the upper
    ],
)
def test_a_rung_beside_the_lowest_in_every_case(open_page, lowest, other, said):
    def made(name, needed):
        audits = {"Can it be checked?": Audit("no", "Nobody can.")}
        return Rung(name, "Something.", dict(enumerate(needed)), audits)

    page = open_page(ladder((made("low", lowest), made("high", other)), rung="high"))
    expect(page.locator(STATUS).nth(1)).to_have_text(f"That is {said}.")
    middle = "" if len(other) == 1 else ", in the middle of 2 seeds (seed 0: 250; seed 1: 250)"
    expect(page.locator(STATUS).first).to_contain_text(f"to reach 90 % of the questions right{middle}.")
    expect(page.locator(STATUS).last).to_have_text("Of 1 audit question, answered yes: 0; no: 1; cannot be asked: 0.")


def test_a_ladder_that_has_gone_stays_as_it_is(open_page):
    page = open_page(ladder())
    goes(page)
    radio(page, "3 weights").click()
    page.wait_for_timeout(200)
    expect(page.locator(STATUS)).to_have_text(SAID["text"])


# ---- All three ----


def test_three_on_one_page_do_not_disturb_one_another(open_page):
    page = open_page(judges(), errand(), ladder(), ladder())
    radio(page, "3 weights").first.click()
    radio(page, HALF).click()
    radio(page, "large").click()
    said = [line for one in ("weights", "text") for line in SAID[one]]
    expect(page.locator(f".openness-ladder {STATUS}")).to_have_text(said)
    expect(page.locator(f".long-errand {STATUS}")).to_have_text(errands(HALF, 20, 98.07))
    expect(page.locator(f".two-judges {STATUS}")).to_have_text(judged("large", "imitation", 4_000))


def test_a_screen_reader_hears_only_what_is_new(open_page):
    page = open_page(errand())
    page.evaluate(
        """() => { globalThis.heard = 0; new MutationObserver((all) => { heard += all.length; })
            .observe(document.querySelector(".crucible-status"), { childList: true, subtree: true }); }"""
    )
    page.get_by_role("button", name="Next step").click()
    expect(page.locator("tr")).to_have_count(2)
    assert page.evaluate("heard") == 0
    drag(page.get_by_role("slider").last, 3)
    says_errands(page, FRESH, 4, 98.07)
    assert page.evaluate("heard") > 0
    lives = page.locator("[aria-live=polite]")
    expect(lives).to_have_count(2)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 800])
def test_they_fit_the_page_and_have_no_accessibility_violation(open_page, width, theme):
    page = open_page(judges(arm="with replay"), errand(), ladder(rung="weights"), width=width, theme=theme)
    page.get_by_role("button", name="All steps").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    sticks_out = """all => all.filter((one) => {
        const box = one.getBoundingClientRect(), home = one.closest("svg, .crucible-widget").getBoundingClientRect();
        return box.left < home.left - 1 || box.right > home.right + 1; }).map((one) => one.textContent)"""
    assert page.locator(".cd-chart text, table, .tj-pair, button").evaluate_all(sticks_out) == []
    crossed = """all => all.filter((one) => [...one.closest("svg").querySelectorAll("text")].some((other) => {
        const a = one.getBoundingClientRect(), b = other.getBoundingClientRect();
        return one !== other && a.left < b.right && b.left < a.right && a.top + 3 < b.bottom && b.top + 3 < a.bottom;
        })).map((one) => one.textContent)"""
    assert page.locator(".cd-chart text").evaluate_all(crossed) == []
    found = Axe().run(page, options={"resultTypes": ["violations"], "preload": False})
    assert not [(rule["id"], rule["nodes"][0]["html"][:160]) for rule in found.response["violations"]]


def test_dark_is_another_picture(open_page):
    shown = {}
    for theme in ("light", "dark"):
        page = open_page(errand(), theme=theme)
        fill = "one => getComputedStyle(one).fill"
        shown[theme] = [page.locator(f".cd-chart .le-mark[data-checkpoint={name}]").first.evaluate(fill) for name in P]
    assert shown == {  # the first two colours of plot.LIGHT and of plot.DARK
        "light": ["rgb(0, 114, 178)", "rgb(213, 94, 0)"],
        "dark": ["rgb(86, 180, 233)", "rgb(255, 140, 66)"],
    }


KERNEL = """async ([esm, state]) => {
    const url = URL.createObjectURL(new Blob([esm], { type: "text/javascript" })), part = (await import(url)).default;
    const heard = {}, el = document.createElement("div");
    globalThis.traits = state;
    globalThis.saved = 0;
    const model = { get: (name) => traits[name], off() {}, save_changes() { saved += 1; },
        on(event, listener) { (heard[event] ??= []).push(listener); },
        set(name, value) { traits[name] = value; (heard[`change:${name}`] ?? []).forEach((listener) => listener()); } };
    document.querySelector("main").replaceChildren(el);
    part.render({ model, el });
}"""


def test_with_a_kernel_what_the_reader_chooses_goes_to_python_as_its_traits_want_it(open_page):
    page = open_page()

    def alive(widget):
        page.evaluate(KERNEL, [widget._esm, {n: one for n, one in state_of(widget).items() if n[0] != "_"}])

    def sent(saved, **expected):
        assert {name: page.evaluate(f"traits.{name}") for name in expected} == expected
        assert page.evaluate("saved") == saved
        return expected

    alive(judges())
    radio(page, "large").click()
    radio(page, "250").click()
    radio(page, "with replay").click()
    page.get_by_label("Question").select_option("1")
    judges().set_state(sent(4, base="large", arm="with replay", examples=250, question=1))
    alive(errand())
    radio(page, HALF).click()
    drag(page.get_by_role("slider").first, 70)
    drag(page.get_by_role("slider").last, 4)
    page.get_by_label("A stored errand").select_option("2")
    page.get_by_role("button", name="Next step").click()
    errand().set_state(sent(5, variant=HALF, p=97, at=5, trace=2, shown=1))  # and Python takes them
    alive(ladder())
    radio(page, "3 weights").click()
    ladder().set_state(sent(1, rung="weights"))
