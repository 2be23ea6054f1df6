// The exchange desk: what a base buys, in examples and in compute. All that was measured comes rounded from Python
// (Desk.to_json); worked out here are only the price for so many customers and from how many on a base pays.

const count = (value) => value.toLocaleString("en", { maximumSignificantDigits: 12 });
const percent = (value) => `${value.toFixed(1)}\u00a0%`; // no line break between the two
const flop = (value) => `${value.toExponential(1).replace("e+", "e")}\u00a0FLOP`;

// A cost in units of one tuning.
const asTunings = (value, { tuning }) => (value / tuning).toLocaleString("en", { maximumSignificantDigits: 3 });
const inTunings = (value, compute) => {
  const said = asTunings(value, compute);
  return `${said}\u00a0tuning${said === "1" ? "" : "s"}`;
};

// ---- What the desk knows ----

// What was measured at a choice {kind, start, examples, customers}, beside the same from scratch.
export function look(desk, { kind, start, examples }) {
  const [k, s, n] = [desk.kinds.indexOf(kind), desk.starts.indexOf(start), desk.examples.indexOf(examples)];
  return { base: desk.scores[k][s], scratch: desk.scores[k][0], bound: desk.ceiling[k], chance: desk.chance[k],
    score: desk.scores[k][s][n], alone: desk.scores[k][0][n], ceiling: desk.ceiling[k][n], worth: s ? desk.worth[k][s][n] : null,
    fromScratch: s === 0, pretraining: desk.compute.pretraining[s] };
}

// What a customer pays, {share, each, total} in FLOP: a share of the pretraining and a tuning.
export function price(pretraining, run, customers) {
  const share = pretraining / customers;
  return { share, each: share + run, total: pretraining + customers * run };
}

// The fewest customers for whom the base costs no more than from scratch; null where it always costs more.
export const breakEven = (pretraining, { tuning, scratch }) => (scratch > tuning ? Math.ceil(pretraining / (scratch - tuning)) : null);

const SIDE = { "": "", "at least": "more than ", "at most": "fewer than " };
const worthWords = ([examples, bound]) => SIDE[bound] + count(examples);
const rateWords = ({ rate, middle: [, bound] }) => `${bound && `${bound} `}×\u00a0${count(rate)}`;
const nameOf = (desk, start) => (start === desk.starts[0] ? "from scratch" : start === desk.placebo ? start : `base “${start}”`);

// ---- In words: each line is [[text, strong?], ...] ----

function scoreLine(desk, choice, { score, alone, fromScratch, ceiling }) {
  const where = `${choice.kind}, ${count(choice.examples)} examples, ${nameOf(desk, choice.start)}: `;
  if (!score) return [[`${where}not measured.`]];
  const values = score.seeds.filter((value) => value !== null), all = desk.seeds.length;
  const seeds = values.length === all ? `${all} seeds` : `${values.length} of ${all} seeds`;
  return [[where], [percent(score.mean), true], [` on average over ${seeds}, from ${percent(Math.min(...values))} to ${percent(Math.max(...values))}.`
    + (fromScratch ? "" : alone ? ` From scratch they give ${percent(alone.mean)}.` : " From scratch: not measured.")
    + (ceiling === null ? "" : ` From so many examples ${percent(ceiling)} could be known.`)
    + (choice.start === desk.placebo ? " This base is the placebo." : "")]];
}

function worthLine(desk, { examples }, { worth, fromScratch }) {
  if (fromScratch) return [["Without a base there is nothing to exchange: an example is worth an example."]];
  if (!worth) return [["The exchange rate was not measured here."]];
  const seeds = worth.seeds.filter((one) => one).map(worthWords), many = seeds.length > 1;
  return [[`${count(examples)} examples on this base are worth ${worthWords(worth.middle)} from scratch${worth.middle[1] && " (as far as we measured)"}: `],
    [rateWords(worth), true], [!many ? "." : new Set(seeds).size === 1 ? `. All ${seeds.length} seeds say so.` : `. That is the middle of ${seeds.length} seeds: ${seeds.join("; ")}.`]];
}

function costLine(desk, { customers }, { worth, fromScratch, pretraining }) {
  const { compute } = desk, { tuning, scratch } = compute;
  if (fromScratch) return [[`Without a base every customer pays for a run from scratch: ${inTunings(scratch, compute)}.`]];
  const each = inTunings(price(pretraining, tuning, customers).each, compute);
  const paid = `${customers === 1 ? "A single customer" : `Each of ${count(customers)} customers`} pays ${each} on this base, and ${inTunings(scratch, compute)} from scratch. `;
  if (!worth) return [[`${paid}Whether from scratch reaches this score was not measured.`]];
  if (worth.middle[1] === "at least") return [[`${paid}What that buys differs: `], ["from scratch never reaches this score", true], [" (as far as we measured)."]];
  const from = breakEven(pretraining, compute);
  if (from === null) return [[`${paid}In compute the base pays for itself `], ["never: from scratch reaches this too, for less", true], [`, given ${worthWords(worth.middle)} examples.`]];
  return [[`${paid}In compute the base pays for itself `], [`from ${count(from)} customer${from === 1 ? "" : "s"} on`, true], ["."]];
}

// ---- Drawing ----

const rule = (x1, y1, x2, y2, kind) => h("line", { x1, y1, x2, y2, class: kind });
const text = (said, x, y, anchor, kind) => h("text", { x, y, "text-anchor": anchor, class: kind }, said);

// A seed's mark; each series has a shape of its own.
const MARKS = {
  base: (x, y, r, told) => h("circle", { cx: x, cy: y, r, class: "xd-base", ...told }),
  scratch: (x, y, r, told) => h("path", { d: `M${x - r} ${y - r}h${2 * r}v${2 * r}h${-2 * r}z`, class: "xd-scratch", ...told }),
  placebo: (x, y, r, told) => h("path", { d: `M${x} ${y - r}l${r} ${r}l${-r} ${r}l${-r} ${-r}z`, class: "xd-placebo", ...told }),
};
const kindOf = (desk, start) => (start === desk.starts[0] ? "scratch" : start === desk.placebo ? "placebo" : "base");

// Score over examples, twice: from scratch and on the chosen base. An arrow leads from one to the other.
function chart(desk, choose) {
  const [width, height, left, right, top, bottom, inset] = [360, 250, 34, 356, 34, 206, 30];
  const [low, high] = [desk.examples[0], desk.examples.at(-1)].map(Math.log);
  const x = (n) => left + inset + (right - left - 2 * inset) * (Math.log(n) - low) / (high - low);
  const y = (score) => bottom - (bottom - top) * score / 100;
  const xs = desk.examples.map(x), gap = Math.min(2 * inset, ...xs.slice(1).map((at, i) => at - xs[i]));
  const r = Math.min(3, (gap - 4) / (4 * desk.seeds.length)), every = Math.ceil(desk.examples.length / 6);
  const node = h("svg", { viewBox: `0 0 ${width} ${height}`, class: "xd-chart", role: "img", onclick: (event) => {
    const box = node.getBoundingClientRect(), at = (event.clientX - box.left) / box.width * width;
    choose(desk.examples.reduce((best, n) => (Math.abs(x(n) - at) < Math.abs(x(best) - at) ? n : best)));
  } });
  const path = (values) => values.map((value, i) => (value === null ? "" : `${(values[i - 1] ?? null) === null ? "M" : "L"}${xs[i]} ${y(value)}`)).join("");

  // The seeds of a place stand side by side, those from scratch and those on a base in turn: none hides another.
  const series = (places, kind) => h("g", { "data-series": kind },
    h("path", { d: path(places.map((place) => place && place.mean)), class: `xd-mean xd-of-${kind}` }),
    ...places.flatMap((place, i) => (place ? [h("g", { "data-examples": desk.examples[i] }, ...place.seeds.flatMap((value, j) => {
      const shift = 2 * j + (kind === "scratch" ? 0 : 1) - (desk.seeds.length - 0.5);
      const told = { "data-seed": desk.seeds[j], "data-value": value };
      const mark = value === null ? null : MARKS[kind](xs[i] + 2 * shift * r, y(value), 0.85 * r, told);
      mark?.append(h("title", {}, `seed ${desk.seeds[j]}: ${percent(value)}`));
      return mark ? [mark] : [];
    }))] : [])));

  // From the chosen point level to the from-scratch curve, or to the edge where that curve never gets there.
  const exchange = (examples, { score, worth }) => {
    if (!score || !worth) return [];
    const [n, bound] = worth.middle, at = y(score.mean), from = x(examples);
    const to = bound === "at least" ? right : bound === "at most" ? left : x(n), way = Math.sign(to - from), tip = `l${-6 * way} -4m${6 * way} 4l${-6 * way} 4`;
    const middle = Math.min(Math.max((from + to) / 2, left + 46), right - 46);
    return [h("g", { class: "xd-exchange", "data-to": bound || n }, ...(bound ? [] : [rule(to, at, to, bottom, "xd-drop")]),
      h("path", { d: `M${from} ${at}H${to}${Math.abs(to - from) > 7 ? tip : ""}` }), h("circle", { cx: from, cy: at, r: 4.5 }),
      text(rateWords(worth), middle, at < top + 18 ? at + 19 : at - 9, "middle"))];
  };

  return { node, draw(choice, found) {
    node.setAttribute("aria-label", `${choice.kind}: score in % over examples of the domain, from scratch and ${nameOf(desk, choice.start)}, every mark a seed; the values are in the lines below`);
    node.replaceChildren(
      rule(x(choice.examples), top - 8, x(choice.examples), bottom, "xd-here"),
      ...[0, 25, 50, 75, 100].flatMap((score) => [rule(left, y(score), right, y(score), "xd-grid"), text(String(score), left - 6, y(score) + 4, "end")]),
      ...desk.examples.flatMap((n, i) => (i % every && n !== choice.examples ? [] : [text(count(n), xs[i], bottom + 16, "middle", n === choice.examples ? "xd-tick xd-chosen" : "xd-tick")])),
      text(`${choice.kind}: score (%)`, 2, 15, "start", "xd-title"), text("examples of the domain", (left + right) / 2, height - 7, "middle", "xd-title"),
      ...(found.chance === null ? [] : [rule(left, y(found.chance), right, y(found.chance), "xd-chance")]),
      h("path", { d: path(found.bound), class: "xd-ceiling" }),
      series(found.scratch, "scratch"), ...(found.fromScratch ? [] : [series(found.base, kindOf(desk, choice.start))]),
      ...exchange(choice.examples, found));
  } };
}

// What the marks and lines mean.
function key(desk, { start }, found) {
  const entry = (drawn, label) => h("span", {}, h("svg", { viewBox: "0 0 18 14", class: "xd-sign", "aria-hidden": "true" }, ...drawn), ` ${label}`);
  const line = (kind) => h("path", { d: "M0 7H18", class: kind });
  return [...new Set([desk.starts[0], start])].map((one) => entry([line(`xd-mean xd-of-${kindOf(desk, one)}`), MARKS[kindOf(desk, one)](9, 7, 4)], nameOf(desk, one))).concat(
    found.chance === null ? [] : [entry([line("xd-chance")], "chance")],
    found.bound.every((value) => value === null) ? [] : [entry([line("xd-ceiling")], "what could be known")]);
}

// What a customer pays: a bar for the base, one for a run from scratch, on one scale.
function costs(desk) {
  const { compute } = desk, node = h("div", { class: "xd-costs" });
  return { node, draw({ start, customers }, { fromScratch, pretraining, worth }) {
    const scratch = price(0, compute.scratch, customers), base = price(pretraining, compute.tuning, customers);
    const most = fromScratch ? scratch.each : Math.max(scratch.each, base.each);
    const part = (value, kind) => h("i", { class: kind, style: `width: ${100 * value / most}%` });
    const bar = (name, parts, { share, each, total }, note = "") => h("div", { class: "xd-cost" }, h("b", {}, name),
      h("div", { class: "xd-track", "aria-hidden": "true" }, ...parts),
      h("span", {}, `${flop(each)}, ${inTunings(each, compute)}${share ? ` (${asTunings(share, compute)} of them pretraining, striped)` : ""}`
        + `${customers > 1 ? `; for all ${count(customers)}: ${flop(total)}` : ""}${note}`));
    node.replaceChildren(h("p", {}, `Compute for ${customers === 1 ? "a single customer" : `each of ${count(customers)} customers`}; a tuning is ${flop(compute.tuning)}`),
      ...(fromScratch ? [] : [bar(nameOf(desk, start), [part(base.share, `xd-share xd-by-${kindOf(desk, start)}`), part(compute.tuning, `xd-tuning xd-by-${kindOf(desk, start)}`)], base)]),
      bar("from scratch", [part(scratch.each, worth?.middle[1] === "at least" ? "xd-run xd-short" : "xd-run")], scratch,
        worth?.middle[1] === "at least" ? "; does not reach this score" : ""));
  } };
}

function render({ model, el }) {
  const desk = model.get("desk"), names = ["kind", "start", "examples", "customers"];
  const put = (name) => (value) => { model.set(name, value); model.save_changes(); };
  const steps = (label, name, values, words) => {
    const knob = slider(label, values.length, (place) => words(values[place]), (place) => put(name)(values[place]));
    return { node: knob.node, draw: (choice) => knob.set(values.indexOf(choice[name])) };
  };
  const kinds = segmented("What is bought", desk.kinds.map((value) => ({ value, label: value })), put("kind"));
  const knobs = [{ node: kinds.node, draw: ({ kind }) => kinds.set(kind) },
    steps("Examples of the domain:", "examples", desk.examples, count),
    steps("Strength of the base:", "start", desk.starts, (start) => start),
    steps("Customers:", "customers", desk.customers, count)];
  const picture = chart(desk, put("examples")), bars = costs(desk), legend = h("p", { class: "xd-key" });
  const lines = [scoreLine, worthLine, costLine].map((say) => ({ say, node: h("p", {}) }));
  const draw = () => {
    const choice = Object.fromEntries(names.map((name) => [name, model.get(name)])), found = look(desk, choice);
    [...knobs, picture, bars].forEach((part) => part.draw(choice, found));
    legend.replaceChildren(...key(desk, choice, found));
    lines.forEach(({ say, node }) => {
      const said = say(desk, choice, found);
      if (node.textContent === said.map(([words]) => words).join("")) return; // a screen reader hears only what is new
      node.replaceChildren(...said.map(([words, strong]) => (strong ? h("strong", {}, words) : words)));
    });
  };
  names.forEach((name) => model.on(`change:${name}`, draw));
  draw();
  el.append(h("div", { class: "crucible-widget exchange-desk", role: "group", "aria-label": "Exchange desk" },
    h("div", { class: "crucible-controls" }, ...knobs.map((knob) => knob.node)), picture.node, legend,
    h("div", { class: "crucible-status", "aria-live": "polite" }, ...lines.map(({ node }) => node)), bars.node));
  return () => names.forEach((name) => model.off(`change:${name}`, draw));
}

export default { render };
