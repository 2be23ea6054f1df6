// The control board. The records come from Python (Board.to_json); here a marker goes over them, and a trend is told.

// ---- The core ----

export const nearest = (steps, wanted) => steps.reduce((best, step, i) => (Math.abs(step - wanted) < Math.abs(steps[best] - wanted) ? i : best), 0);

// How many records a trend compares with as many before them.
export const stretch = (count) => Math.max(3, Math.round(count / 12));

// Where a gauge is going at place i: {way: "rising" | "falling" | "steady", by}, null where there are too few records.
// by: the mean of the last `wide` records less that of those before; steady within two standard errors of it, or
// within half of the last printed digit.
export function trend(values, i, wide, decimals) {
  const there = values.slice(0, i + 1).filter((value) => value !== null);
  if (values[i] === null || there.length < 2 * wide) return null;
  const parts = [there.slice(-2 * wide, -wide), there.slice(-wide)], means = parts.map(mean);
  const error = Math.sqrt(parts.reduce((sum, part, k) => sum + part.reduce((all, value) => all + (value - means[k]) ** 2, 0), 0) / (wide - 1) / wide);
  const by = means[1] - means[0];
  return { way: Math.abs(by) <= Math.max(2 * error, 0.5 * 10 ** -decimals) ? "steady" : by > 0 ? "rising" : "falling", by };
}

// The faults to choose from, each once, and that there is none ("").
export const faults = (runs) => ["", ...new Set(runs.flatMap(({ fault }) => (fault === null ? [] : [fault])))];

// ---- Words ----

const NOTHING = "nothing, it is healthy";
const grouped = (value, decimals) => { // thousands apart, and no minus before a zero
  const [head, tail] = fixed(value, decimals).replace(/^-(?=[0.]*$)/, "").split("."), whole = head.replace(/\B(?=(\d{3})+$)/g, ",");
  return `${whole}${tail ? `.${tail}` : ""}`.replace("-", "−");
};
const spoken = ({ unit, decimals }, value) => (value === null ? "no value" : `${grouped(value, decimals)}${unit === "%" ? `${NARROW}%` : unit && ` ${unit}`}`);

function going(gauge, values, i, wide) {
  const found = trend(values, i, wide, gauge.decimals);
  if (!found) return values[i] === null ? "" : "too early for a trend";
  return found.way === "steady" ? "steady" : `${found.way}, ${grouped(Math.abs(found.by), gauge.decimals)} ${found.by > 0 ? "more" : "less"} than just before`;
}

// Where nothing was read, what was read last.
function before(gauge, values, steps, i) {
  const at = values.slice(0, i).findLastIndex((value) => value !== null);
  return at < 0 ? "" : `; the last was ${spoken(gauge, values[at])} at step ${grouped(steps[at], 0)}`;
}

function reading(data, run, g, i) {
  const gauge = data.gauges[g], values = run.values[g], way = going(gauge, values, i, stretch(run.steps.length));
  return [[`Step ${grouped(run.steps[i], 0)}, ${gauge.name}: `], [spoken(gauge, values[i]), true], [`${values[i] === null ? before(gauge, values, run.steps, i) : `, ${way}`}.`]];
}

// ---- A gauge's picture ----

const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [340, 132, 46, 330, 12, 108];

function picture(data, g, move) {
  const { log } = data.gauges[g], values = data.runs.flatMap((run) => run.values[g]).filter((value) => value !== null), scale = log ? Math.log10 : Number;
  const last = Math.max(...data.runs.map(({ steps }) => steps.at(-1))), first = Math.min(...data.runs.map(({ steps }) => steps[0]));
  const ends = [Math.min(...values), Math.max(...values)].map(scale), more = 0.06 * (ends[1] - ends[0] || 1), [low, high] = [ends[0] - more, ends[1] + more];
  const x = (step) => LEFT + (RIGHT - LEFT) * (step - first) / (last - first), y = (value) => BOTTOM - (BOTTOM - TOP) * (scale(value) - low) / (high - low);
  const marks = log ? [1, 3].flatMap((one) => Array.from({ length: 15 }, (_, k) => one * 10 ** (k - 7))).filter((one) => scale(one) >= low && scale(one) <= high) : ticks(low, high);
  const powers = marks.filter((one) => Math.abs(scale(one) - Math.round(scale(one))) < 1e-9), shown = log && powers.length > 1 ? powers : log && !marks.length ? [10 ** ((low + high) / 2)] : marks;
  const brief = (value) => (Math.abs(value) >= 1e4 ? `${Number((value / 1e3).toPrecision(3))}k` : String(Number(value.toPrecision(3))).replace("-", "−"));
  const read = (all) => all.flatMap((value, k) => (value === null ? [] : [k]));
  const line = ({ steps }, all) => read(all).map((k, n) => `${n ? "L" : "M"}${x(steps[k]).toFixed(1)} ${y(all[k]).toFixed(1)}`).join("");
  // A gauge that is not read at every step has a dot where it was, so that the line between them is no reading.
  const sparse = (all) => (read(all).at(-1) >= read(all).length ? read(all) : []);
  const node = h("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "cb-chart", role: "img", onclick: (event) => {
    const box = node.getBoundingClientRect(), at = (event.clientX - box.left) / box.width * WIDTH;
    move(first + (last - first) * (at - LEFT) / (RIGHT - LEFT));
  } });
  return { node, draw(run, i, healthy) {
    const all = run.values[g], at = x(run.steps[i]), gauge = data.gauges[g];
    node.setAttribute("aria-label", `${gauge.name} over the steps: ${spoken(gauge, all[0])} at step ${grouped(run.steps[0], 0)}, ${spoken(gauge, all.at(-1))} at step ${grouped(run.steps.at(-1), 0)}; the marker is at step ${grouped(run.steps[i], 0)}`);
    node.replaceChildren(...shown.flatMap((value) => [rule(LEFT, y(value), RIGHT, y(value), "cb-grid"), text(brief(value), LEFT - 5, y(value) + 4, "end")]),
      text(grouped(first, 0), LEFT, HEIGHT - 7, "start"), text("steps", (LEFT + RIGHT) / 2, HEIGHT - 7, "middle"), text(grouped(last, 0), RIGHT, HEIGHT - 7, "end"),
      ...healthy.map((other) => h("path", { d: line(other, other.values[g]), class: "cb-healthy", "data-run": data.runs.indexOf(other) })),
      rule(at, TOP - 6, at, BOTTOM, "cb-here"), h("path", { d: line(run, all), class: "cb-line" }), ...sparse(all).map((k) => h("circle", { cx: x(run.steps[k]), cy: y(all[k]), r: 2.4, class: "cb-dot" })),
      ...(all[i] === null ? [] : [h("circle", { cx: at.toFixed(1), cy: y(all[i]).toFixed(1), r: 4.4, class: "cb-marker", "data-value": all[i] })]));
  } };
}

// ---- The board ----

function render({ model, el }) {
  const data = model.get("data"), { gauges, runs } = data, anonymous = model.get("anonymous"), choices = faults(runs);
  const put = (changes) => { Object.entries(changes).forEach(([name, value]) => model.set(name, value)); model.save_changes(); };
  const letter = (place) => `run ${String.fromCharCode(65 + place)}`;
  const answered = (place) => String(place) in model.get("answers"), right = (place) => model.get("answers")[place] === (runs[place].fault ?? "");
  const known = (place) => !anonymous || answered(place);
  const called = (place) => (anonymous ? `${letter(place)}${answered(place) ? `, ${right(place) ? "✓" : "✗"} ${runs[place].fault ?? "healthy"}` : ""}` : runs[place].name);
  const which = dropdown("Run", (place) => put({ run: Number(place) }));
  const shown = () => runs[model.get("run")];
  const knob = slider("Step:", 2, (i) => `${grouped(shown().steps[i], 0)} of ${grouped(shown().steps.at(-1), 0)}`, (i) => put({ step: shown().steps[i] }));
  const cards = gauges.map((gauge, g) => {
    const chart = picture(data, g, (step) => put({ step: shown().steps[nearest(shown().steps, step)] })), told = h("p", { class: "cb-told" });
    const title = h("button", { type: "button", class: "cb-title", onclick: () => put({ gauge: g }) }, gauge.name);
    return { chart, told, title, node: h("div", { class: "cb-gauge", "data-gauge": gauge.name }, title, chart.node, told) };
  });
  const status = h("div", { class: "crucible-status", "aria-live": "polite" }), sight = h("div", { class: "cb-sight" });
  const buttons = choices.map((fault) => h("button", { type: "button", onclick: () => {
    const place = model.get("run");
    if (!answered(place)) put({ answers: { ...model.get("answers"), [place]: fault } }); // the first answer counts
  } }, fault || NOTHING));
  const anew = h("button", { type: "button", onclick: () => put({ answers: {} }) }, "Forget my answers");
  const verdict = h("div", { class: "cb-verdict", "aria-live": "polite" });
  const question = h("div", { class: "cb-question" }, h("fieldset", {}, h("legend", {}, "What is wrong with this run?"), h("div", { class: "cb-faults" }, ...buttons)), verdict, anew);
  const legend = h("p", { class: "cb-key" });
  const draw = () => {
    const place = Math.min(Math.max(model.get("run"), 0), runs.length - 1), run = runs[place], i = nearest(run.steps, model.get("step")), g = model.get("gauge"), gauge = gauges[g];
    const healthy = runs.filter((other) => other.fault === null && other !== run), wide = stretch(run.steps.length), answers = model.get("answers"), given = Object.keys(answers).length;
    which.set(place, runs.map((_, value) => ({ value, label: called(value) })));
    knob.node.querySelector("input").max = run.steps.length - 1;
    knob.set(i);
    cards.forEach(({ chart, told, title }, k) => {
      chart.draw(run, i, healthy);
      title.setAttribute("aria-pressed", String(k === g));
      const way = going(gauges[k], run.values[k], i, wide);
      told.replaceChildren(h("b", {}, spoken(gauges[k], run.values[k][i])), way ? `, ${way}` : "");
    });
    legend.textContent = `Bold: ${anonymous ? letter(place) : "this run"}.${healthy.length ? ` Faint: ${anonymous ? "other healthy runs" : healthy.length === 1 ? "the healthy run" : "the healthy runs"}.` : ""} `
      + `A trend compares the mean of ${wide} records with that of the ${wide} before, and is told from two standard errors on.`;
    tell(status, [reading(data, run, g, i), ...(anonymous ? [] : [[[run.fault === null ? "This run is healthy." : `Its fault: ${run.fault}.`], [run.tells && ` ${run.tells}`]]])]);
    sight.replaceChildren(h("p", {}, h("strong", {}, `What can ${gauge.name} see?`)), ...(gauge.sees ? [h("p", {}, `It sees ${gauge.sees}.`)] : []), ...(gauge.blind ? [h("p", {}, `It is blind to ${gauge.blind}.`)] : []));
    sight.toggleAttribute("hidden", !(gauge.sees || gauge.blind));
    buttons.forEach((button, k) => {
      button.setAttribute("aria-disabled", String(known(place)));
      button.setAttribute("aria-pressed", String(answers[place] === choices[k]));
    });
    anew.toggleAttribute("hidden", !given);
    const score = runs.filter((_, k) => answered(k) && right(k)).length;
    tell(verdict, answered(place) ? [[[right(place) ? "Right" : "Not that", true], [right(place) ? ". " : `; you said ${answers[place] || NOTHING}. `], [`${letter(place)} is ${runs[place].name}: ${run.fault ?? "no fault"}.`.replace(/^r/, "R")], [run.tells && ` ${run.tells}`]],
      [[`${score} of ${given} named right${given < runs.length ? `, ${runs.length - given} to go` : ""}.`]]] : []);
  };
  el.append(h("div", { class: "crucible-widget control-board", role: "group", "aria-label": "Control board" },
    h("div", { class: "crucible-controls" }, which.node, knob.node), h("div", { class: "cb-gauges" }, ...cards.map(({ node }) => node)), legend, status, sight, ...(anonymous ? [question] : [])));
  const names = ["run", "step", "gauge", "answers"];
  names.forEach((name) => model.on(`change:${name}`, draw));
  draw();
  return () => names.forEach((name) => model.off(`change:${name}`, draw));
}

export default { render };
