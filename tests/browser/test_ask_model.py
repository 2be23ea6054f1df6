"""The model in the page in a real Chromium, against torch, on a small page made here with the site's own widget host.

Needs a Chromium but no built site; about half a minute: pytest tests/browser/test_ask_model.py
The last tests look at the built opening, so make book comes first: leave them out with -k "not opening".
"""

import json
import re

import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from crucible import bases
from crucible.evaluate import exact_match, write_answers
from crucible.model import ModelConfig, Transformer
from crucible.train import TrainConfig, train
from crucible.widgets.ask_model import AskModel
from crucible.widgets.export import pack, unpack
from crucible.worlds import AddWorld, MiniWorld
from pipeline import ROOT, serve

ADD, MINI = AddWorld(seed=3), MiniWorld(seed=3)
SMALL = ModelConfig(vocab_size=12, context_length=9)
SIZES = [
    SMALL,
    ModelConfig(vocab_size=5, context_length=3, d_model=8, n_layers=1, n_heads=1),
    ModelConfig(vocab_size=len(MINI.vocab), context_length=16, d_model=48),
    ModelConfig(vocab_size=40, context_length=24, d_model=64, n_layers=3, n_heads=8),
]
PROMPTS = ["27 + 58", "99 + 1", "3 + 4"]
PAGE = """<!doctype html><html lang="en" data-theme="{theme}"><head><meta charset="utf-8"><title>Ask</title>
<meta name="viewport" content="width=device-width"><style>
body {{ margin: 0; padding: 0 1rem; background: #fff; }}
html[data-theme=dark] body {{ background: #121212; color: #ddd; }}
</style></head><body><main><h1 style="color: #888">Ask</h1><p id="figure">The figure.</p>
{views}</main><script type="application/vnd.jupyter.widget-state+json">{state}</script>
<script src="widget_host.js"></script></body></html>"""
# The module of the widget, once a page: what the tests below call are its own exports.
MODULE = """async (source) => { const file = new Blob([source], {type: "text/javascript"});
  globalThis.ask = await import(URL.createObjectURL(file)); }"""
LOGITS = """([packed, rows]) => { const net = ask.unpack(packed);
  const read = (row, reading) => row.map((token) => [...reading.feed(token)]);
  const all = rows.map((row) => read(row, ask.begin(net)));
  return JSON.stringify(all); }"""  # as text: Playwright is slow with long lists
WRITE = """([packed, rows, count]) => { const net = ask.unpack(packed);
  return rows.map((row) => ask.write(net, row, count).map(({token}) => token)); }"""

WIDTHS = "bars => bars.map((bar) => parseFloat(bar.style.width))"


def some(config=SMALL, seed=0, spread=0.3):
    """A model whose every parameter counts, biases and norms, too."""
    model = Transformer(config, seed)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn(parameter.shape, generator=generator) * spread)
    return model


@pytest.fixture(scope="module")
def run():
    """A model that learns to add, at three stages; a few seconds."""
    checkpoints = train(ADD, SMALL, TrainConfig(steps=500), seed=3, checkpoints=(0, 250, 500)).checkpoints
    torch.set_flush_denormal(False)
    return checkpoints


@pytest.fixture(scope="module")
def module(chromium):
    """A page that holds the widget's module and nothing else."""
    page = chromium.new_page()
    page.evaluate(MODULE, AskModel._esm)
    yield page
    page.close()


def states(widgets) -> dict:
    """What a notebook saves of these widgets and of those that they refer to."""
    copies = {copy.model_id: copy for w in widgets for system in w.systems for copy in system["weights"]}
    return {name: {"state": dict(w.get_state())} for name, w in {**{w.model_id: w for w in widgets}, **copies}.items()}


@pytest.fixture
def open_widgets(chromium, tmp_path):
    """Opens a page with these widgets, without a kernel; at the end no request elsewhere and no complaint came up."""
    complaints, contexts, servers = [], [], []
    (tmp_path / "widget_host.js").write_text((ROOT / "_ext/static/widget_host.js").read_text())

    def open_it(*widgets, width=1280, theme="light", touch=False, ready=None, change=lambda state: None):
        state = states(widgets)
        change(state)
        views = [f'<script type="application/vnd.jupyter.widget-view+json">{{"model_id": "{w.model_id}"}}</script>'
                 for w in widgets]  # fmt: skip
        text = json.dumps({"state": state}, sort_keys=True).replace("</", "<\\/")
        (tmp_path / "index.html").write_text(PAGE.format(theme=theme, views="\n".join(views), state=text))
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, color_scheme=theme, has_touch=touch, is_mobile=touch
        )
        contexts.append(context)
        server = serve.running(tmp_path)
        servers.append(server)
        address = server.__enter__()
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "request",
            lambda asked: None if asked.url.startswith((address, "blob:")) else complaints.append(asked.url),
        )
        page.goto(address)
        expect(page.locator("[data-widget=ready]")).to_have_count(len(widgets) if ready is None else ready)
        return page

    yield open_it
    for context in contexts:
        context.close()
    for server in servers:
        server.__exit__(None, None, None)
    known = ("favicon.ico", "404 (File not found)", "the weights")
    assert not [text for text in complaints if not any(part in text for part in known)]


@pytest.fixture
def adder(run):
    return AskModel({"the model": run}, ADD.vocab, PROMPTS, answer_length=3, form="sum")


def logits_of(page, model, rows, dtype="fp16"):
    return torch.tensor(json.loads(page.evaluate(LOGITS, [pack(model, dtype), rows.tolist()])))


@torch.no_grad()
def furthest(page, model, rows, dtype="fp16", against=None) -> float:
    """The largest difference of a logit in the page from torch's, over all positions of all rows."""
    right = (against or unpack(pack(model, dtype)))(rows)
    return (logits_of(page, model, rows, dtype) - right).abs().max().item()


@pytest.mark.parametrize("dtype", ["fp16", "int8"])
def test_the_page_unpacks_every_weight_as_python_does(module, dtype):
    model = some()
    with torch.no_grad():
        model.positions.weight[0] *= 1e-5  # numbers so small that 16 bits write them another way
        model.norm.bias *= 1e-5
    found = json.loads(module.evaluate(
        """(packed) => JSON.stringify(Object.fromEntries(Object.entries(ask.unpack(packed).tensors)
        .map(([name, numbers]) => [name, [...numbers]])))""", pack(model, dtype)))  # fmt: skip
    right = unpack(pack(model, dtype)).state_dict()
    assert list(found) == list(right)
    for name, tensor in right.items():
        assert torch.equal(torch.tensor(found[name]), tensor.flatten()), name


@pytest.mark.parametrize("config", SIZES, ids=lambda config: f"{config.d_model}x{config.n_layers}")
@pytest.mark.parametrize("dtype", ["fp16", "int8"])
def test_the_logits_are_torchs_at_every_position(module, config, dtype):
    """Token by token with the cache, against a whole forward pass: so the cache changes nothing."""
    rows = torch.randint(config.vocab_size, (40, config.context_length), generator=torch.Generator().manual_seed(1))
    for seed in (0, 1):
        model = some(config, seed)
        assert furthest(module, model, rows, dtype) < 1e-3


def test_the_logits_of_a_trained_model_are_torchs_and_rounding_costs_little(module, run, record_property):
    rows, model = ADD.questions("test").tokens[:200], run[500]
    assert furthest(module, model, rows) < 1e-3
    off = furthest(module, model, rows, against=model)
    record_property("fp16_logits_off_before_rounding", off)
    print(f"largest change of a logit by rounding to 16 bits: {off:.5f}")
    assert off < 0.1


STORED = [(size, seed) for size in bases.SIZES for seed in bases.SEEDS if bases.paths(size, seed)[1].exists()]


@pytest.mark.skipif(not STORED, reason="no stored base here")
def test_a_stored_base_gives_torchs_logits_and_answers(module):
    base = bases.load(*STORED[0])  # 16 bits already: packing rounds nothing
    questions = [base.world.questions(split) for split in base.world.splits[1:]]
    rows = torch.cat([split.tokens[:10] for split in questions])
    assert furthest(module, base.model, rows, against=base.model) < 1e-3
    length = int(questions[0].scored[0].sum())
    prompt = int(questions[0].scored[0].int().argmax())
    few = questions[0][slice(0, 200)]
    short = type(few)(few.tokens[:, : prompt + length], few.scored[:, : prompt + length])
    expected, _ = write_answers(base.model, short)
    assert module.evaluate(WRITE, [pack(base.model), short.tokens[:, :prompt].tolist(), length]) == expected.tolist()


@pytest.mark.parametrize("step", [0, 250, 500])
def test_the_same_greedy_answers_on_200_prompts(module, run, step):
    questions = ADD.questions("test")[slice(0, 200)]
    model = unpack(pack(run[step]))
    expected, _ = write_answers(model, questions)
    found = module.evaluate(WRITE, [pack(run[step]), questions.tokens[:, :-3].tolist(), 3])
    assert found == expected.tolist()


def test_what_8_bits_cost(module, run, record_property):
    questions = ADD.questions("test")
    prompts = questions.tokens[:200, :-3].tolist()
    expected, _ = write_answers(run[500], questions[slice(0, 200)])
    same = {}
    for dtype in ("fp16", "int8"):
        found = torch.tensor(module.evaluate(WRITE, [pack(run[500], dtype), prompts, 3]))
        same[dtype] = (found == expected).all(dim=1).float().mean().item()
        score = exact_match(unpack(pack(run[500], dtype)), questions)
        print(f"{dtype}: {100 * same[dtype]:.1f} % of 200 answers as at 32 bits; exact match {score:.2f} %")
        record_property(f"{dtype}_same_answers", same[dtype])
    print(f"32 bits: exact match {exact_match(run[500], questions):.2f} %")
    assert same["fp16"] >= 0.99
    assert same["int8"] >= 0.9


def test_a_second_reading_starts_anew_and_two_can_run_side_by_side(module):
    rows = [[1, 2, 3, 4], [4, 3, 2, 1]]
    model = some()
    alone = logits_of(module, model, torch.tensor(rows))
    turns = module.evaluate(
        """([packed, [one, other]]) => { const net = ask.unpack(packed), a = ask.begin(net), b = ask.begin(net);
        const out = one.map((token, i) => [[...a.feed(token)], [...b.feed(other[i])]]);
        return [out.map(([x]) => x), out.map(([, y]) => y)]; }""",
        [pack(model), rows],
    )
    assert torch.equal(torch.tensor(turns), alone)


def test_probabilities_are_the_softmax_of_torch(module, run):
    prompts = ADD.questions("test").tokens[:50, :-3]
    found = module.evaluate(
        "([packed, rows]) => rows.map((row) => ask.write(ask.unpack(packed), row, 1)[0].probabilities)",
        [pack(run[250]), prompts.tolist()],
    )
    with torch.no_grad():
        right = unpack(pack(run[250]))(prompts)[:, -1].softmax(-1)
    assert torch.allclose(torch.tensor(found), right, atol=1e-5)


def test_one_token_too_many_is_named_with_the_limit(module):
    said = module.evaluate(
        """(packed) => { const reading = ask.begin(ask.unpack(packed));
        try { for (let i = 0; i < 20; i++) reading.feed(1); } catch (error) { return error.message; } }""",
        pack(some()),
    )
    assert said == "10 tokens do not fit: context_length=9"


def test_writing_stops_where_the_context_ends(module):
    lengths = module.evaluate(
        "(packed) => [1, 8, 9].map((n) => ask.write(ask.unpack(packed), Array(n).fill(1), 99).length)", pack(some())
    )
    assert lengths == [9, 2, 1]


# --- the widget

ASK = "Your sum"


def shown(widget) -> str:
    """The answer's digits as they stand from left to right."""
    return "".join(widget.locator(".am-card > b").all_text_contents())


def written(model, a, b) -> str:
    digits, _ = write_answers(unpack(pack(model)), ADD.encode(a, b))
    return "".join(ADD.vocab[token] for token in digits[0].tolist()[::-1])


def ask(page, text):
    page.get_by_label("Your").fill(text)
    page.get_by_role("button", name="Ask").click()


def test_a_typed_sum_is_answered_by_the_model_at_each_checkpoint(open_widgets, adder, run):
    page = open_widgets(adder)
    widget, slider = page.locator(".ask-model"), page.get_by_role("slider")
    assert shown(widget) == written(run[0], 27, 58), "the first example, by the untrained model"
    ask(page, " 46+ 38 = ")
    for place, step in enumerate(run):
        slider.fill(str(place))
        expect(slider).to_have_attribute("aria-valuetext", f"{step:,}")
        expect(widget.locator(".crucible-status")).to_contain_text(f"After {step} steps the model writes 46 + 38 = ")
        digits = written(run[step], 46, 38)
        assert shown(widget) == digits
        verdict = "right" if digits == "084" else "wrong"
        expect(widget.locator(".crucible-status strong")).to_have_text(verdict)
        expect(widget.locator(".crucible-status strong")).to_have_class(verdict)
        expect(widget.locator(".crucible-status")).to_contain_text(f"= {digits.lstrip('0')}, which is")


def test_the_cards_are_in_the_usual_order_and_say_probabilities(open_widgets, adder, run):
    page = open_widgets(adder)
    page.get_by_role("slider").fill("2")
    _, chances = write_answers(unpack(pack(run[500])), ADD.encode(27, 58))
    cards = page.locator(".am-card")
    expect(cards).to_have_count(3)
    for i, name in enumerate(("hundreds", "tens", "ones")):
        digit, right = int(written(run[500], 27, 58)[i]), "085"[i]
        share = 100 * chances[0, 2 - i, digit].item()
        label = re.compile(rf"^{name}: the model writes {digit}, probability ([\d.]+) %; right is {right}$")
        expect(cards.nth(i)).to_have_attribute("aria-label", label)
        assert abs(float(label.search(cards.nth(i).get_attribute("aria-label")).group(1)) - share) < 0.6
        expect(cards.nth(i).locator(".am-row")).to_have_count(11)  # ten digits and the rest
        widths = cards.nth(i).locator(".am-bar i").evaluate_all(WIDTHS)
        assert abs(sum(widths) - 100) < 0.1
        assert abs(widths[digit] - share) < 0.1


def test_an_example_is_asked_by_its_button(open_widgets, adder, run):
    page = open_widgets(adder)
    page.get_by_role("slider").fill("2")
    page.get_by_role("button", name="99 + 1").click()
    expect(page.get_by_label(ASK)).to_have_value("99 + 1")
    expect(page.locator(".crucible-status")).to_contain_text("writes 99 + 1 = ")
    assert shown(page.locator(".ask-model")) == written(run[500], 99, 1)


def test_it_can_be_worked_by_keyboard_alone(open_widgets, adder):
    page = open_widgets(adder)
    for _ in range(2):
        page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_label(ASK)).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("12 + 34")
    page.keyboard.press("Enter")
    expect(page.locator(".crucible-status")).to_contain_text("After 0 steps the model writes 12 + 34 = ")
    page.get_by_role("slider").focus()
    page.keyboard.press("End")
    expect(page.locator(".crucible-status")).to_contain_text("After 500 steps")
    expect(page.get_by_role("slider")).to_have_attribute("aria-valuetext", "500")
    expect(page.locator("output")).to_have_text("500")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".crucible-status")).to_contain_text("After 250 steps")
    expect(page.locator(".crucible-status")).to_have_attribute("aria-live", "polite")


def test_it_can_be_worked_by_touch(open_widgets, adder):
    page = open_widgets(adder, width=360, touch=True)
    page.get_by_role("button", name="3 + 4").tap()
    expect(page.locator(".crucible-status")).to_contain_text("writes 3 + 4 = ")
    box = page.get_by_role("slider").bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] - 4, box["y"] + box["height"] / 2)
    expect(page.locator(".crucible-status")).to_contain_text("After 500 steps")


def test_the_slider_leaves_a_text_alone_that_is_not_asked_yet(open_widgets, adder):
    page = open_widgets(adder)
    page.get_by_label(ASK).fill("5 + 5")
    page.get_by_role("slider").fill("1")
    expect(page.get_by_label(ASK)).to_have_value("5 + 5")
    expect(page.locator(".crucible-status")).to_contain_text("writes 27 + 58 = ")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Type a sum first."),
        ("   ", "Type a sum first."),
        ("hello", "Type a sum, such as 27 + 58; “hello” is none."),
        ("1 + 2 + 3", "Type a sum, such as 27 + 58; “1 + 2 + 3” is none."),
        ("100 + 1", "This model adds numbers from 0 to 99; “100” is larger."),
        ("1 + " + "9" * 10_000, f"This model adds numbers from 0 to 99; “{'9' * 20}…” is larger."),
        ("x" * 10_000, f"Type a sum, such as 27 + 58; “{'x' * 20}…” is none."),
    ],
    ids=["empty", "blank", "word", "three", "large", "long number", "long"],
)
def test_a_prompt_that_is_no_sum_gets_one_line_and_the_next_one_an_answer(open_widgets, adder, text, says):
    page = open_widgets(adder)
    ask(page, text)
    expect(page.locator(".am-note")).to_have_text(says)
    expect(page.locator(".am-note")).to_have_attribute("role", "status")
    expect(page.locator(".am-card")).to_have_count(0)
    expect(page.locator(".crucible-status")).to_be_empty()
    ask(page, "1 + 2")
    expect(page.locator(".am-note")).to_be_empty()
    expect(page.locator(".am-card")).to_have_count(3)


@pytest.fixture
def pair():
    """Two models of MiniWorld's words, side by side; 72,000 parameters each."""
    config = SIZES[2]
    return {"first": some(config, 1), "second": some(config, 2)}


@pytest.fixture
def worded(pair):
    return AskModel(pair, MINI.vocab, ["e1 r2 ="], answer_length=4, top=3)


def test_systems_answer_side_by_side_with_the_likeliest_tokens_and_the_rest(open_widgets, worded, pair):
    page = open_widgets(worded)
    assert page.get_by_role("slider").count() == 0
    tokens = torch.tensor([[MINI.vocab.index(word) for word in ("e1", "r2", "=")]])
    for i, (name, model) in enumerate(pair.items()):
        system = page.locator(".am-system").nth(i)
        expect(system.locator(".am-name")).to_be_visible()
        expect(system.locator(".am-name")).to_have_text(name)
        row = tokens
        for k in range(4):
            with torch.no_grad():
                chances = unpack(pack(model))(row)[0, -1].softmax(-1)
            best = [MINI.vocab[token] for token in chances.topk(3).indices]
            card = system.locator(".am-card").nth(k)
            expect(card.locator("b")).to_have_text(best[0])
            assert card.locator(".am-row > span:first-child").all_text_contents() == [*best, "rest"]
            widths = card.locator(".am-bar i").evaluate_all(WIDTHS)
            assert torch.allclose(torch.tensor(widths[:3]), 100 * chances.topk(3).values, atol=0.01)
            assert abs(sum(widths) - 100) < 0.01
            row = torch.cat([row, chances.argmax()[None, None]], dim=1)
        answer = " ".join(MINI.vocab[token] for token in row[0, 3:])
        expect(page.locator(".crucible-status")).to_contain_text(f"{name.capitalize()} writes {answer}. ")


def test_a_model_writes_up_to_its_stop_word_and_one_that_never_writes_it_goes_on(open_widgets, pair):
    def words_of(model):
        tokens = torch.tensor([[MINI.vocab.index(word) for word in ("e1", "r2", "=")]])
        for _ in range(4):
            with torch.no_grad():
                tokens = torch.cat([tokens, unpack(pack(model))(tokens)[:, -1:].argmax(-1)], dim=1)
        return [MINI.vocab[token] for token in tokens[0, 3:]]

    first, second = (words_of(model) for model in pair.values())
    stop = next(word for word in first[:-1] if word not in second)
    page = open_widgets(AskModel(pair, MINI.vocab, ["e1 r2 ="], answer_length=4, stop=stop))
    kept = first[: first.index(stop) + 1]
    expect(page.locator(".am-system").nth(0).locator(".am-card b")).to_have_text(kept)
    expect(page.locator(".am-system").nth(1).locator(".am-card b")).to_have_text(second)
    expect(page.locator(".crucible-status")).to_contain_text(f"First writes {' '.join(kept)}. Second writes")


@pytest.mark.parametrize(
    ("text", "note", "cards"),
    [
        ("e1 foo r2 =", "The model does not know “foo”; the rest is kept.", 8),
        ("e150 e1", "The model does not know “e150”; the rest is kept.", 8),
        ("a b c d e e1", "The model does not know “a”, “b”, “c” and 2 more; the rest is kept.", 8),
        ("foo foo", "The model does not know “foo”, and nothing else is in the prompt.", 0),
        ("", "Type a prompt first.", 0),
        ("e1 " * 17, "This prompt has 17 tokens; the model reads at most 16.", 0),
        ("e1 " * 3_334, "This prompt has 3,334 tokens; the model reads at most 16.", 0),
        ("e1 " * 16, "", 2),
    ],
    ids=["unknown", "beyond", "many", "nothing", "empty", "one too many", "ten thousand", "just fits"],
)
def test_unknown_words_are_named_and_the_rest_is_kept(open_widgets, worded, text, note, cards):
    page = open_widgets(worded)
    ask(page, text)
    expect(page.locator(".am-note")).to_have_text(note)
    expect(page.locator(".am-card")).to_have_count(cards)


def test_the_kept_words_are_what_the_model_reads(open_widgets, worded):
    page = open_widgets(worded)
    first = page.locator(".am-system").nth(0).locator(".am-card b").all_text_contents()
    ask(page, "foo e1 bar r2 baz =")
    assert page.locator(".am-system").nth(0).locator(".am-card b").all_text_contents() == first


@pytest.mark.parametrize(
    ("vocab", "text", "tokens", "unknown"),
    [
        (ADD.vocab, "72+85=", [7, 2, 10, 8, 5, 11], []),
        (ADD.vocab, " 72 + 85 = ", [7, 2, 10, 8, 5, 11], []),
        (ADD.vocab, "7xy2 z+", [7, 2, 10], ["xy", "z"]),
        (AddWorld(operation="max").vocab, "72max85=", [7, 2, 10, 8, 5, 11], []),
        (AddWorld(operation="max").vocab, "72ma85", [7, 2, 8, 5], ["ma"]),
        (("a", " ", "ab"), "ab a", [2, 1, 0], []),
    ],
)
def test_signs_are_read_by_the_longest_entry_that_fits(module, vocab, text, tokens, unknown):
    found = module.evaluate(
        "([words, text]) => ask.tokenise(text, new Map(words.map((word, i) => [word, i])), false)", [list(vocab), text]
    )
    assert found == {"tokens": tokens, "unknown": unknown}


@pytest.mark.parametrize("dtype", ["fp16", "int8"])
@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda data: data[:1000], "the weights are cut short: 750 of "),
        (lambda data: data[:1001], "the weights are cut short: 0 of "),
        (lambda data: data[:-4], "the weights are cut short: "),
        (lambda data: "", "the weights are cut short: 0 of "),
        (lambda data: data[:800] + ("A" if data[800] != "A" else "B") + data[801:], "the weights are damaged: "),
    ],
    ids=["short", "odd", "end", "nothing", "changed"],
)
def test_damaged_weights_give_one_line_and_the_figure_stays(open_widgets, run, dtype, damage, says):
    widget = AskModel({"the model": run}, ADD.vocab, PROMPTS, answer_length=3, form="sum", dtype=dtype)
    last = widget.systems[0]["weights"][-1].model_id

    def cut(state):
        packed = state[last]["state"]["packed"]
        state[last]["state"]["packed"] = packed | {"data": damage(packed["data"])}

    page = open_widgets(widget, ready=0, change=cut)
    line = page.locator("[data-widget=failed]")
    expect(line).to_have_attribute("role", "alert")
    expect(line).to_contain_text(f"This widget could not start ({says}")
    assert "\n" not in line.text_content()
    expect(page.locator("#figure")).to_be_visible()


def test_weights_that_are_not_on_the_page_or_of_another_form_give_one_line(open_widgets, adder):
    first = adder.systems[0]["weights"][0].model_id
    page = open_widgets(adder, ready=0, change=lambda state: state.pop(first))
    # the browser says this one in its own console, too
    expect(page.locator("[data-widget=failed]")).to_contain_text("the weights are not on this page")
    page = open_widgets(adder, ready=0, change=lambda state: state[first]["state"].update(packed={"form": 2}))
    expect(page.locator("[data-widget=failed]")).to_contain_text("the weights have form 2, this page reads form 1")


def test_two_widgets_with_the_same_weights_store_them_once_and_move_apart(open_widgets, adder, run):
    twin = AskModel({"again": run}, ADD.vocab, ["8 + 9"], answer_length=3, form="sum")
    page = open_widgets(adder, twin)
    text = page.content()
    for model in run.values():
        assert text.count(pack(model)["data"]) == 1
    one, other = page.locator(".ask-model").nth(0), page.locator(".ask-model").nth(1)
    one.get_by_role("slider").fill("2")
    expect(one.locator(".crucible-status")).to_contain_text("After 500 steps the model writes 27 + 58")
    expect(other.locator(".crucible-status")).to_contain_text("After 0 steps again writes 8 + 9")
    assert shown(other) == written(run[0], 8, 9)


def test_two_views_of_one_widget_move_together(open_widgets, adder):
    page = open_widgets(adder, adder)
    page.locator(".ask-model").nth(0).get_by_role("slider").fill("1")
    expect(page.locator(".ask-model").nth(1).locator(".crucible-status")).to_contain_text("After 250 steps")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_it_fits_the_page_and_has_no_accessibility_violation(open_widgets, adder, worded, width, theme):
    page = open_widgets(adder, worded, width=width, theme=theme)
    page.get_by_role("slider").fill("2")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for box in page.locator(".ask-model .am-card").all():
        assert box.evaluate("node => node.scrollWidth <= node.clientWidth")
    found = Axe().run(page, options={"resultTypes": ["violations"], "preload": False})
    bad = [(rule["id"], rule["nodes"][0]["html"][:160]) for rule in found.response["violations"]]
    assert not bad


# --- the built opening: make book first


def opening_asker(open_page):
    widget = open_page("chapters/opening.html").locator(".ask-model")
    expect(widget).to_be_visible()
    return widget


def test_the_opening_answers_a_typed_sum_at_every_checkpoint(open_page):
    widget = opening_asker(open_page)
    widget.get_by_label("Your sum").fill("46 + 38")
    widget.get_by_role("button", name="Ask").click()
    slider = widget.get_by_role("slider")
    for place in range(int(slider.get_attribute("max")) + 1):
        slider.fill(str(place))
        expect(widget.locator(".crucible-status")).to_contain_text("writes 46 + 38 = ")
    expect(widget.locator(".am-card")).to_have_count(3)
    slider.fill("0")
    expect(widget.locator(".crucible-status")).to_contain_text("After 0 steps")


def test_the_openings_weights_stay_below_300_kb(site):
    text = (site / "chapters/opening.html").read_text()
    states = json.loads(re.search(r'widget-state\+json">(.*?)</script>', text, re.DOTALL).group(1))["state"]
    packed = [json.dumps(entry["state"]["packed"]) for entry in states.values() if "packed" in entry["state"]]
    assert packed
    assert sum(map(len, packed)) < 300_000
    assert len(set(packed)) == len(packed)
