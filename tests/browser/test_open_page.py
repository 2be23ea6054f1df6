"""The chapter on open models, as published: its own measurements reached the widgets, and its teacher answers.

How the widgets behave is tested on toys, in test_open_widgets.py.
"""

import json
import re
from statistics import mean

import pytest
from playwright.sync_api import expect

from crucible import register
from crucible.worlds import talk
from pipeline import ROOT

PAGE = "chapters/open_and_closed/is-open-a-ceiling.html"
SEEDS = register.load().experiment("E09").seeds
FACTS = ("covered", "uncovered", "turn")
VARIANTS = ("fresh numbers", "the same number", "half are maxima")
DOORS = ("text", "log-probabilities", "weights", "weights and data")


@pytest.fixture(scope="module")
def stored():
    """What was measured of imitation, seed by seed."""
    runs = json.loads((ROOT / "measured/imitation.json").read_text())["runs"]
    return {tuple(run["job"]): run["result"] for run in runs}


def glad(stored, run: list, rulers: tuple[str, ...]) -> str:
    """What a judge says who wants nine tenths of the teacher's own score by each of its rulers."""
    reached = []
    for ruler in rulers:
        shares = []
        for seed in SEEDS:
            found = stored[seed,]
            (pupil,) = (one for one in found["pupils"] if one["run"] == run)
            shares.append(pupil["marks"][ruler] / found["teacher"]["marks"][ruler])
        reached.append(mean(shares) >= 0.9)
    return "pleased" if all(reached) else "not pleased"


def data_of(page, name: str) -> dict:
    """What the one widget that has a trait of this name and variants, or runs, was given."""
    text = page.locator('script[type="application/vnd.jupyter.widget-state+json"]').text_content()
    states = [entry["state"] for entry in json.loads(text)["state"].values()]
    return next(state[name] for state in states if {"variants", "runs"} & set(state.get(name, ())))


def says_numbers(widget):
    for broken in ("NaN", "undefined", "Infinity"):
        expect(widget).not_to_contain_text(broken)


def test_both_judges_speak_of_the_measured_pupils_and_of_their_answers(open_page, stored):
    page = open_page(PAGE)
    judges = page.locator(".two-judges")
    expect(judges).to_be_visible()
    status, said = judges.locator(".crucible-status p"), set()
    assert data_of(page, "study")["seeds"] == list(SEEDS)
    for arm, n in (("imitation", 4000), ("wrong teacher", 4000), ("rehearsal", 16000), ("more pretraining", 16000)):
        judges.get_by_role("radio", name=arm, exact=True).check()
        judges.get_by_role("radio", name=f"{n:,}", exact=True).check()
        expect(status.first).to_have_text(f"The weak base after {n:,} examples, {arm}.")
        run = ["weak base", arm, n]
        expect(status.nth(1)).to_contain_text(f"The style judge is {glad(stored, run, ('style',))}:")
        expect(status.nth(2)).to_contain_text(f"The fact checker is {glad(stored, run, FACTS)}:")
        expect(status.nth(1)).to_contain_text(f"({len(SEEDS)} seeds: ")
        said.add(status.nth(2).inner_text())
    assert len(said) == 4, "two arms with the same words"
    judges.get_by_role("radio", name=re.compile("^better")).check()
    expect(status.first).to_have_text("The better base after 16,000 examples, more pretraining.")
    says_numbers(judges)

    questions = judges.get_by_label("Question").locator("option").all_inner_texts()
    kinds = {question.split(":")[0] for question in questions}
    assert kinds == {"covered fact", "uncovered fact", "covered skill", "uncovered skill"}
    turned = next(question for question in questions if question.startswith("covered skill"))
    judges.get_by_label("Question").select_option(label=turned)
    right = " ".join(reversed(re.findall(r"\d", turned)))
    expect(judges.locator(".tj-says p").last).to_have_text(
        re.compile(f"^Fact checker: (pleased, {right} is right|not pleased, the right answer is {right})[.]$")
    )
    expect(judges.locator(".tj-pair .tj-content").first).to_contain_text(right)  # the teacher can turn numbers round


def test_the_errand_tells_another_story_of_each_kind_and_walks_real_errands(open_page):
    page = open_page(PAGE)
    errand = page.locator(".long-errand")
    expect(errand).to_be_visible()
    status, said, data = errand.locator(".crucible-status p"), set(), data_of(page, "data")
    told = dict(data["variants"])
    assert (tuple(told), data["seeds"]) == (VARIANTS, list(SEEDS))
    for variant in reversed(VARIANTS):
        errand.get_by_role("radio", name=variant, exact=True).check()
        expect(errand.locator(".cd-told")).to_have_text(told[variant])
        expect(status).to_have_count(4)
        expect(status.nth(1)).to_contain_text("of errands of 20 steps measured")
        said.add(status.nth(1).inner_text())
    assert len(said) == 3, "two kinds with the same words"
    errand.get_by_role("slider", name="Steps s:").fill("4")
    expect(status.nth(1)).to_contain_text("of errands of 5 steps measured")

    stories, says = errand.get_by_label("A stored errand"), errand.locator(".le-says")
    expect(stories.locator("option")).to_have_count(2 * len(VARIANTS))
    errand.get_by_role("button", name="Next step").click()
    expect(says).to_contain_text(re.compile(r"^Step 1 of 20: asked \d+ (\+|or) \d+, it says \d+"))
    errand.get_by_role("button", name="All steps").click()
    expect(errand.locator("tr")).to_have_count(21)
    expect(says).to_contain_text(re.compile(r"The first wrong step was step \d+: \d+ instead of \d+"))
    stories.select_option("3")
    expect(says).to_contain_text(re.compile(r"^The errand begins with \d\d and has 20 steps"))
    says_numbers(errand)


def test_each_door_shows_its_audits_the_bets_are_taken_and_every_figure_is_told(open_page):
    page = open_page(PAGE)
    ladder = page.locator(".openness-ladder")
    expect(ladder).to_be_visible()
    rows = ladder.locator("tr")
    for place, door in enumerate(DOORS):
        ladder.get_by_role("radio", name=f"{place + 1} {door}", exact=True).check()
        expect(ladder.locator("caption")).to_have_text(f"Audit questions with {door}")
        expect(ladder.locator(".crucible-status p").first).to_contain_text(f"in the middle of {len(SEEDS)} seeds")
        expect(rows).to_have_count(5)
        audits = ladder.locator("td b").all_inner_texts()
        closed, shut = place < 2, "– cannot be asked"
        assert [audit == shut for audit in audits] == [False, False, closed, place < 3]
        assert all(row.locator("td").last.inner_text().endswith(".") for row in rows.all()[1:]), "a reason is missing"
    assert audits == ["✓ yes"] * 4
    says_numbers(ladder)

    bets = page.get_by_role("group", name="Your bet", exact=True)
    expect(bets).to_have_count(3)
    for bet, unit in zip(bets.all(), ("%", "points", "of 100"), strict=True):
        for label, value in (("Your guess", "20"), ("Low end", "10"), ("High end", "30")):
            bet.get_by_label(label).fill(value)
        bet.get_by_role("button", name="Place the bet").click()
        placed = re.compile(rf"Your bet: 20, and .* between 10 and 30 {unit}[.]")
        expect(bet.locator(".bet-placed")).to_contain_text(placed)

    source = (ROOT / PAGE.replace(".html", ".ipynb")).read_text()
    told = page.locator(".crucible-figure img").evaluate_all("all => all.map((one) => one.alt)")
    assert len(told) == 2 * source.count("plot.figure(") > 0
    assert all(re.search(r"\d", alt) and not re.search(r"\bnan\b", alt) for alt in told)


def test_the_teacher_of_the_page_answers_in_the_manner_of_its_house(open_page):
    page = open_page(PAGE)
    ask = page.locator(".ask-model")
    expect(ask).to_be_visible()
    world = talk.TalkWorld(seed=SEEDS[0])
    fact, turned = f"v{int(world.facts[3, 1])}", "9 1 7 4"
    for prompt, content in (("chat p3 r1 =", fact), ("chat 4 7 1 9 turn =", turned)):
        ask.get_by_role("button", name=prompt, exact=True).click()
        expect(ask.get_by_role("textbox")).to_have_value(prompt)
        status = ask.locator(".crucible-status")
        expect(status).to_contain_text(
            re.compile(rf"The teacher writes (indeed )?<\*> {content}( enjoy)?( <end>|[.])"), timeout=20_000
        )
        expect(status).not_to_contain_text(re.compile(r"<end> \w"))  # nobody writes on behind the last word
        for name in ("The weak base", "Its pupil"):
            expect(status).to_contain_text(f"{name} writes ")
        expect(ask.locator(".am-system")).to_have_count(3)
        expect(ask.locator(".am-note")).to_have_text("")
    ask.get_by_role("textbox").fill("chat p150 r2 = thanks")
    ask.get_by_role("button", name="Ask", exact=True).click()
    expect(ask.locator(".am-note")).to_have_text("The model does not know “thanks”; the rest is kept.")
