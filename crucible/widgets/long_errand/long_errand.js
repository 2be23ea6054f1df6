// The long errand. What was measured and the stored errands come from Python; worked out here are p to the s, means, and
// what became of each step.

// ---- The core ----

// The share of errands of s steps that come out right if each step is right with p %, independently; in %.
export const power = (p, s) => 100 * (p / 100) ** s;

// What became of each step: [{asked, said, right, truth, kind}], kind one of
// right, wrong (the first error, or one after it was washed out), again (another error), carried (right, from a wrong number), washed (back on the track).
export function judged(steps) {
  let on = true;
  return steps.map(([asked, said, right, truth]) => {
    const now = said === truth, kind = now ? (on ? "right" : "washed") : on ? "wrong" : said === right ? "carried" : "again";
    on = now;
    return { asked, said, right, truth, kind };
  });
}

// What a checkpoint has after the place-th number of steps: per seed what was measured and what its own p says, in %.
export function errands({ p, success }, variant, place, s) {
  return { measured: success[variant].map((values) => values[place]), expected: p[variant].map((one) => power(one, s)), p: p[variant] };
}

// ---- Words ----

const stepsOf = (s) => (s === 1 ? "1 step" : `${s} steps`);
const apart = (change) => (Math.abs(change) < 0.05 ? "as p to the s says" : `${fixed(Math.abs(change), 1)} points ${change > 0 ? "above" : "below"} what p to the s says`);
const ONE = (p) => percent(p, 2);

function finding(data, variant, place, p) {
  const s = data.steps[place], found = data.checkpoints.map((one) => errands(one, variant, place, s));
  const lines = found.map(({ measured, expected, p: own }, i) => [[`${capital(data.checkpoints[i].name)}: ${ONE(mean(own))} of single steps right, and `], [percent(mean(measured)), true],
    [` of errands of ${stepsOf(s)} measured (${spread(measured)}), ${apart(mean(measured) - mean(expected))}.`]]);
  const gap = (of) => fixed(Math.abs(mean(found[1][of]) - mean(found[0][of])), of === "p" ? 2 : 1);
  return [[[`Your p: with ${ONE(p)} of single steps right, p to the s is `], [percent(power(p, s)), true], [` after ${stepsOf(s)}.`]], ...lines,
    [[`The two are ${gap("p")} points apart on a single step and `], [`${gap("measured")} points after ${stepsOf(s)}`, true], ["."]]];
}

const KINDS = { right: ["✓", "right"], wrong: ["✗", "wrong"], again: ["✗", "wrong again"], carried: ["→", "right step, wrong number carried on"], washed: ["↺", "washed out"] };
const became = ({ kind, said, right }) => `${KINDS[kind].join(" ")}${said === right ? "" : `${kind === "washed" ? " by another error" : ""}, right is ${right}`}`;

function walked(trace, shown) {
  const all = judged(trace.steps), done = all.slice(0, shown), count = all.length;
  if (!shown) return [[[`The errand begins with ${trace.start} and has ${stepsOf(count)}.`]]];
  const first = done.findIndex(({ kind }) => kind === "wrong"), now = done.at(-1);
  const [washed, last] = ["washed", "wrong"].map((kind) => done.findLastIndex((step) => step.kind === kind));
  const here = `Step ${shown} of ${count}: asked ${now.asked}, it says ${now.said}. `;
  if (first < 0) return [[[here], [shown === count ? "No step was wrong." : "No wrong step so far.", true]]];
  const begun = `The first wrong step was step ${first + 1}: ${done[first].said} instead of ${done[first].right}.`;
  const on = now.said === now.truth, end = shown === count ? "The errand ends" : "It now stands";
  return [[[here], [begun, true]], [[washed < 0 ? "" : `The error washed out at step ${washed + 1}${on ? "" : `, and step ${last + 1} was wrong again`}. `], [`${end} ${on ? "right" : "wrong"}`, true], [on ? "." : `, ${now.said} instead of ${now.truth}.`]]];
}

// ---- Drawing ----

const COLOURS = ["le-first", "le-second"]; // dots and squares
function chart(data) {
  const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [360, 258, 36, 350, 26, 216], { steps, seeds, checkpoints } = data;
  const most = steps.at(-1), x = (s) => LEFT + 6 + (RIGHT - LEFT - 12) * s / most, y = (share) => BOTTOM - (BOTTOM - TOP) * share / 100;
  const along = Array.from({ length: 61 }, (_, i) => most * i / 60);
  const curve = (of, kind, told) => h("path", { d: along.map((s, i) => `${i ? "L" : "M"}${x(s).toFixed(2)} ${y(of(s)).toFixed(2)}`).join(""), class: `le-curve ${kind}`, ...told });
  const labels = steps.filter((s) => steps.length < 7 || s === 1 || s % 5 === 0 || s === most);
  const node = h("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "cd-chart", role: "img" });
  return { node, draw(variant, place, p) {
    const s = steps[place];
    node.setAttribute("aria-label", `Errands that come out right over their steps, every mark a seed. ${checkpoints.map((one) => `${one.name} ${percent(mean(errands(one, variant, place, s).measured))}`).join(", ")} and your p ${percent(power(p, s))} after ${stepsOf(s)}`);
    node.replaceChildren(rule(x(s), TOP - 4, x(s), BOTTOM, "le-here"),
      ...[0, 25, 50, 75, 100].flatMap((share) => [rule(LEFT, y(share), RIGHT, y(share), "cd-grid"), text(String(share), LEFT - 5, y(share) + 4, "end")]),
      ...labels.map((at) => text(String(at), x(at), BOTTOM + 16, "middle")),
      text("errands that come out right (%)", 2, 13, "start", "cd-title"), text("steps", (LEFT + RIGHT) / 2, HEIGHT - 8, "middle", "cd-title"),
      ...checkpoints.map((one, i) => curve((at) => mean(one.p[variant].map((own) => power(own, at))), COLOURS[i], { "data-curve": one.name })),
      curve((at) => power(p, at), "le-mine", { "data-curve": "mine" }),
      ...checkpoints.flatMap((one, i) => seeds.flatMap((seed, j) => steps.map((at, k) => mark(i, x(at) + (i - 0.5) * 3, y(one.success[variant][j][k]), `le-mark ${COLOURS[i]}`,
        { "data-checkpoint": one.name, "data-seed": seed, "data-steps": at }, `${one.name}, seed ${seed}, ${stepsOf(at)}: ${percent(one.success[variant][j][k])}`, steps.length > 12 ? 2.2 : 3)))),
      mark(2, x(s), y(power(p, s)), "le-mine le-point", { "data-mine": power(p, s) }, null, 3.6));
  } };
}

function render({ model, el }) {
  const data = model.get("data"), { steps, variants, checkpoints, traces } = data;
  const put = (name) => (value) => { model.set(name, value); model.save_changes(); };
  const least = Math.min(90, Math.floor(Math.min(...checkpoints.flatMap(({ p }) => p.flat())))), PLACES = (100 - least) * 10 + 1;
  const placeOf = (p) => Math.round((Math.max(p, least) - least) * 10);
  const kind = segmented("Errand", variants.map(([value]) => ({ value, label: value })), put("variant"));
  const told = h("p", { class: "cd-told" });
  const mine = slider("Your p, a single step right:", PLACES, () => ONE(model.get("p")), (place) => put("p")(Number((least + place / 10).toFixed(1))));
  const length = slider("Steps s:", steps.length, (place) => String(steps[place]), (place) => put("at")(steps[place]));
  const takes = checkpoints.map((one) => h("button", { type: "button", onclick: () => put("p")(Number(mean(one.p[variants.findIndex(([name]) => name === model.get("variant"))]).toFixed(2))) }, `Take p from ${one.name}`));
  const picture = chart(data), status = h("div", { class: "crucible-status", "aria-live": "polite" });

  const which = dropdown("A stored errand", (place) => { model.set("shown", 0); put("trace")(Number(place)); });
  const next = h("button", { type: "button", onclick: () => put("shown")(model.get("shown") + 1) }, "Next step");
  const all = h("button", { type: "button", onclick: () => put("shown")(traces[model.get("trace")].steps.length) }, "All steps");
  const again = h("button", { type: "button", onclick: () => put("shown")(0) }, "Start again");
  const table = h("table", {}), says = h("div", { class: "le-says", "aria-live": "polite" });
  const draw = () => {
    const variant = variants.findIndex(([name]) => name === model.get("variant")), place = steps.indexOf(model.get("at")), p = model.get("p");
    const trace = traces[model.get("trace")], shown = Math.min(model.get("shown"), trace.steps.length);
    kind.set(variants[variant][0]);
    told.textContent = variants[variant][1];
    mine.set(placeOf(p));
    length.set(place);
    picture.draw(variant, place, p);
    tell(status, finding(data, variant, place, p));
    which.set(model.get("trace"), traces.map(({ name }, value) => ({ value, label: name })));
    [next, all].forEach((button) => { button.disabled = shown === trace.steps.length; });
    again.disabled = shown === 0;
    const cell = (words) => h("td", {}, words);
    table.replaceChildren(h("caption", { class: "cd-unseen" }, "The steps so far"), h("tr", {}, ...["step", "asked", "says", "what became of it"].map((name) => h("th", { scope: "col" }, name))),
      ...judged(trace.steps).slice(0, shown).map((step, i) => h("tr", { class: `le-${step.kind}` }, h("th", { scope: "row" }, String(i + 1)), cell(step.asked), cell(step.said),
        cell(became(step)))));
    table.toggleAttribute("hidden", !shown);
    tell(says, walked(trace, shown));
  };
  const curve = (kind, path = "M0 7H22") => h("path", { d: path, class: `le-curve ${kind}` });
  el.append(h("div", { class: "crucible-widget crucible-drawing long-errand", role: "group", "aria-label": "The long errand" },
    h("div", { class: "crucible-controls" }, kind.node, told, mine.node, length.node, h("div", { class: "le-buttons" }, ...takes)), picture.node,
    key(...checkpoints.map((one, i) => [mark(i, 11, 7, `le-mark ${COLOURS[i]}`), `${one.name}, a seed`]),
      [h("g", {}, curve("le-first", "M0 4H22"), curve("le-second", "M0 10H22")), "what their own p to the s says"],
      [h("g", {}, curve("le-mine"), mark(2, 11, 7, "le-mine le-point")), "your p to the s"]),
    status, h("p", { class: "cd-head" }, "One errand, step by step"), which.node, h("div", { class: "le-buttons" }, next, all, again), says, table));
  const names = ["p", "at", "variant", "trace", "shown"];
  names.forEach((name) => model.on(`change:${name}`, draw));
  draw();
  return () => names.forEach((name) => model.off(`change:${name}`, draw));
}

export default { render };
