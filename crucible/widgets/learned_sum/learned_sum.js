// Watch a model learn one sum. State comes from Python's traits; with a kernel the reader may also type a sum.

const PLACES = ["ones", "tens", "hundreds"];

// The number behind digits written ones first.
export const number = (digits) => digits.reduceRight((sum, digit) => 10 * sum + digit, 0);

// What the model wrote for the chosen sum, and how sure it was: {a, b, written, probabilities, right}.
export function look(data, { arm, seed, place, question }) {
  const [a, b] = data.sums[seed][question];
  const written = data.written[arm][seed][place][question];
  return { a, b, written, probabilities: data.probabilities[arm][seed][place][question], right: number(written) === a + b };
}

// The finding as a sentence, for eyes and screen readers alike: [text, verdict, text].
export function describe(data, choice, shown) {
  const step = data.steps[choice.place], examples = step * data.batch_size;
  const share = data.exact_match[choice.arm][choice.seed][choice.place];
  return [
    `After ${step.toLocaleString("en")} steps (${examples.toLocaleString("en")} examples) the model writes ${shown.a} + ${shown.b} = ${number(shown.written)}, which is `,
    shown.right ? "right" : "wrong",
    `. On all held-out sums it is right for ${share.toFixed(1)} %.`,
  ];
}

function digitCard(place) {
  const bars = Array.from({ length: 10 }, () => h("i", {}));
  const picked = h("b", {});
  const node = h("div", { class: "ls-card", role: "img" }, h("span", { class: "ls-place" }, place), picked,
    h("div", { class: "ls-bars" }, ...bars.map((bar, digit) => h("span", {}, bar, h("small", {}, String(digit))))));
  return { node, draw(digit, probabilities, truth) {
    picked.textContent = String(digit);
    node.classList.toggle("ls-right", digit === truth);
    node.setAttribute("aria-label", `${place}: the model writes ${digit}, probability ${probabilities[digit]} %; right is ${truth}`);
    bars.forEach((bar, i) => {
      bar.style.height = `${Math.max(probabilities[i], 1)}%`;
      bar.parentNode.classList.toggle("ls-truth", i === truth);
    });
  } };
}

// Learning curves of all runs of an arm, the chosen one in front, the chosen step marked.
function curveChart(data) {
  const [width, height, left, bottom] = [440, 150, 46, 40];
  const last = data.steps.at(-1);
  const x = (step) => left + (width - left - 12) * step / last, y = (share) => 8 + (height - bottom - 8) * (1 - share / 100);
  const lines = h("g", {}), marks = h("g", {});
  const label = (text, px, py, anchor) => h("text", { x: px, y: py, "text-anchor": anchor }, text);
  const node = h("svg", { viewBox: `0 0 ${width} ${height}`, class: "ls-curve", "aria-hidden": "true" },
    ...[0, 50, 100].flatMap((share) => [h("line", { x1: left, x2: width - 12, y1: y(share), y2: y(share) }), label(`${share} %`, left - 6, y(share) + 4, "end")]),
    ...[0, last / 2, last].map((step) => label(String(step), x(step), height - bottom + 16, "middle")),
    label("held-out sums right over steps trained; a line is a run", width / 2, height - 4, "middle"), lines, marks);
  return { node, draw({ arm, seed, place }) {
    const path = (run) => data.exact_match[arm][run].map((share, i) => `${i ? "L" : "M"}${x(data.steps[i])} ${y(share)}`).join("");
    lines.replaceChildren(...data.seeds.map((run) => h("path", { d: path(run), class: run === seed ? "ls-chosen" : "" })),
      h("path", { d: path(seed), class: "ls-chosen" }));
    marks.replaceChildren(h("circle", { cx: x(data.steps[place]), cy: y(data.exact_match[arm][seed][place]), r: 6 }));
  } };
}

// The field for a sum of the reader's own; shown once a kernel has answered.
function ownSum(model, onAnswer) {
  const field = (name) => h("input", { type: "number", min: 0, max: 99, required: true, "aria-label": name });
  const [a, b] = [field("first number"), field("second number")];
  const note = h("span", { role: "status" });
  const node = h("form", { class: "ls-own", hidden: true, onsubmit: (event) => {
    event.preventDefault();
    model.send({ type: "ask", a: Number(a.value), b: Number(b.value) });
  } }, h("span", {}, "Your own sum"), a, "+", b, h("button", { type: "submit" }, "Ask the model"), note);
  const listen = (message) => {
    if (message.type === "ready") node.hidden = false;
    if (message.type === "answer") { note.textContent = ""; onAnswer(message); }
    if (message.type === "refused") note.textContent = message.reason;
  };
  model.on("msg:custom", listen);
  model.send({ type: "hello" });
  return { node, stop: () => model.off("msg:custom", listen) };
}

function render({ model, el }) {
  const data = model.get("data");
  const choice = () => ({ arm: model.get("arm"), seed: model.get("seed"), place: model.get("place"), question: model.get("question") });
  const put = (name) => (value) => { model.set(name, value); model.save_changes(); };
  const arms = segmented("Trained on", data.arms.map((arm) => ({ value: arm, label: arm })), put("arm"));
  const seeds = segmented("Run (seed)", data.seeds.map((seed) => ({ value: seed, label: String(seed) })), put("seed"));
  const sums = dropdown("Held-out sum", (value) => put("question")(Number(value)));
  const steps = slider("Steps trained:", data.steps.length, (place) => data.steps[place].toLocaleString("en"), put("place"));
  const cards = PLACES.map(digitCard);
  const curve = curveChart(data);
  const status = h("p", { class: "crucible-status", "aria-live": "polite" });
  const show = (shown) => {
    cards.forEach((card, i) => card.draw(shown.written[i], shown.probabilities[i], Math.floor((shown.a + shown.b) / 10 ** i) % 10));
    const [before, verdict, after] = describe(data, choice(), shown);
    status.replaceChildren(before, h("strong", { class: verdict }, verdict), after);
  };
  const draw = () => {
    const { arm, seed, place, question } = choice();
    arms.set(arm); seeds.set(seed); steps.set(place);
    sums.set(question, data.sums[seed].map(([a, b], i) => ({ value: i, label: `${a} + ${b}` })));
    curve.draw(choice());
    show(look(data, choice()));
  };
  const own = ownSum(model, (answer) => show({ ...answer, right: number(answer.written) === answer.a + answer.b }));
  const names = ["arm", "seed", "place", "question"].map((name) => `change:${name}`);
  names.forEach((name) => model.on(name, draw));
  draw();
  el.append(h("div", { class: "crucible-widget learned-sum", role: "group", "aria-label": "Watch a model learn one sum" },
    h("div", { class: "crucible-controls" }, arms.node, seeds.node, sums.node, steps.node),
    h("div", { class: "ls-cards" }, ...cards.map((card) => card.node).reverse()), own.node, status, curve.node));
  return () => { names.forEach((name) => model.off(name, draw)); own.stop(); };
}

export default { render };
