// The tide gauge. An island is as high as the old, tuned model scores; the water is what a new base gets that is only
// prompted. The core says what an island is at a setting {ratio, share, seed}; the rest draws it and says it in words.

const NEAR = 1e-9; // scores are shares of a hundred, and 0.1 + 0.2 is not 0.3

// ---- The core ----

// One line about the first thing that breaks the contract of the Python class, as an Error.
export function check(tide) {
  const fail = (what) => { throw new Error(`the tide breaks its contract: ${what}`); };
  for (const name of ["splits", "ratios", "shares", "seeds"]) if (!tide[name]?.length) fail(`${name} is no list with values`);
  const shape = (name, values, [length, ...deeper], known) => {
    if (!Array.isArray(values) || values.length !== length) fail(`${name} has ${values?.length ?? "no"} values where ${length} belong`);
    values.forEach((value) => (deeper.length ? shape(name, value, deeper, known)
      : value === null || Number.isFinite(value) || known.includes(value) || fail(`${name} holds ${JSON.stringify(value)}, not a number`)));
  };
  const { splits: { length: islands }, ratios: { length: ratios }, shares: { length: shares }, seeds: { length: seeds } } = tide;
  shape("tuned", tide.tuned, [islands, seeds], []);
  shape("prompted", tide.prompted, [islands, ratios, seeds], []);
  shape("leaked", tide.leaked, [islands, shares, seeds], []);
  shape("retuned", tide.retuned, [islands, ratios, seeds], []);
  shape("half_life", tide.half_life, [islands, seeds], ["never"]);
  shape("base_flop", tide.cost?.base_flop, [ratios], []);
}

// Only the largest ratio was measured with leaked records.
export const leaks = (tide, ratio) => ratio === tide.ratios.at(-1);

// The chosen seeds of island i at a setting: [{seed, land, sea, again}], null where nothing was measured.
export function chosen(tide, i, { ratio, share, seed }) {
  const at = tide.ratios.indexOf(ratio);
  const water = leaks(tide, ratio) ? tide.leaked[i][tide.shares.indexOf(share)] : tide.prompted[i][at];
  const all = tide.seeds.map((name, k) => ({ seed: name, land: tide.tuned[i][k], sea: water[k], again: tide.retuned[i][at][k] }));
  return seed === "all" ? all : all.filter((one) => String(one.seed) === seed);
}

// The mean of one part of the chosen seeds; null where none was measured.
export function level(found, part) {
  const values = found.map((one) => one[part]).filter((value) => value !== null);
  return values.length ? mean(values) : null;
}

// What island i is: {state, standing, drowned, known, lead}. Seeds in which it never stood up have nothing to drown.
export function island(tide, i, setting) {
  const found = chosen(tide, i, setting), least = tide.splits[i].chance + tide.stands_from;
  const known = found.filter(({ land }) => land !== null);
  const standing = known.filter(({ land }) => land >= least - NEAR), both = standing.filter(({ sea }) => sea !== null);
  const drowned = both.filter(({ land, sea }) => land - sea <= tide.margin + NEAR);
  const state = known.length && !standing.length ? "never stood up" : !both.length ? "not measured"
    : drowned.length === both.length ? "under water" : drowned.length ? "awash" : "dry";
  return { state, found, known: known.length, standing: standing.length, both: both.length, drowned: drowned.length,
    lead: both.length ? mean(both.map(({ land, sea }) => land - sea)) : null };
}

// ---- Words ----

const times = (ratio) => `${ratio}×`;
const percent = (value) => (value === null ? "not measured" : `${fixed(value, 1)}\u00a0%`);
const inPercent = (share) => `${Number(fixed(100 * share, 1))}\u00a0%`;
const rough = (value) => Number(value.toPrecision(2)).toLocaleString("en");
const listed = (names) => (names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`);

// The half-life of island i in one seed.
export function halfLife(tide, i, k) {
  const value = tide.half_life[i][k], land = tide.tuned[i][k];
  if (land !== null && land < tide.splits[i].chance + tide.stands_from - NEAR) return "never stood up";
  return value === null ? "not measured" : value === "never" ? `not up to ${times(tide.ratios.at(-1))}` : times(Number(fixed(value, 1)));
}

// The setting in words: [[text, strong?], ...].
export function reading(tide, setting, reported) {
  const islands = tide.splits.map(({ name }, i) => ({ name, i, ...island(tide, i, setting) }));
  const { ratio, share, seed } = setting, leaked = leaks(tide, ratio) && share > 0;
  const seeds = (n, of) => (n === of ? `${n} ${n === 1 ? "seed" : "seeds"}` : `${n} of ${of} seeds`);
  const said = [[`A new base of ${times(ratio)} the compute${leaked ? `, with ${inPercent(share)} of the private records public` : ""}, only prompted, ${seed === "all" ? `all ${seeds(tide.seeds.length, tide.seeds.length)}` : `seed ${seed}`}. `]];
  const told = {
    "under water": ({ name }) => name,
    awash: ({ name, drowned, both }) => `${name} (under in ${seeds(drowned, both)})`,
    dry: ({ name, lead }) => `${name} (${fixed(lead, 1)} points above the water)`,
    "never stood up": ({ name }) => name,
    "not measured": ({ name }) => name,
  };
  for (const [state, words] of Object.entries(told)) {
    const here = islands.filter((one) => one.state === state).map(words);
    if (here.length) said.push([`${state[0].toUpperCase()}${state.slice(1)}: `, true], [`${listed(here)}. `]);
  }
  for (const { name, standing, known } of islands) {
    if (standing && standing < known) said.push([`In ${name} the island stood up in ${seeds(standing, known)}, and only there it can drown. `]);
  }
  if (reported) {
    const again = islands.map(({ name, found }) => `${name} ${percent(level(found, "again"))} (was ${percent(level(found, "land"))})`);
    said.push(["Re-ported to this base: ", true], [`${listed(again)}.${leaked ? " The re-port was measured where nothing leaked." : ""}`]);
  }
  return said;
}

// What the re-port cost, in words.
function price(tide, ratio) {
  const { examples, seconds, tuning_flop, base_flop } = tide.cost, share = 100 * tuning_flop / base_flop[tide.ratios.indexOf(ratio)];
  return `The same ${examples.toLocaleString("en")} examples again, about ${rough(seconds)}\u00a0seconds, and ${rough(share)}\u00a0% of the compute that pretraining this base took.`;
}

// ---- The picture ----

const [WIDTH, HEIGHT, TOP, FLOOR, PEAK, BESIDE] = [160, 196, 24, 172, 90, 136];
const y = (value) => FLOOR - (FLOOR - TOP) * value / 100;
const tall = FLOOR - TOP;

// Four silhouettes at a height of one: the outline, its shaded side, and where trees stand (x, share of the height).
const HILLS = [
  { outline: "M24 0C52 0 60 1 90 1C120 1 132 0 158 0Z", shade: "M90 1C120 1 132 0 158 0L104 0C96 .3 112 .5 99 .72C94 .82 100 .95 90 1Z", trees: [[62, 0.47], [71, 0.66], [119, 0.52]] },
  { outline: "M22 0C36 0 42 .5 56 .53C70 .56 74 1 92 1C116 1 126 0 159 0Z", shade: "M92 1C116 1 126 0 159 0L112 0C99 .25 116 .5 101 .7C96 .8 100 .95 92 1Z", trees: [[50, 0.38], [59, 0.46], [116, 0.48]] },
  { outline: "M24 0C46 0 54 1 86 1C106 1 108 .52 124 .49C140 .46 146 0 159 0Z", shade: "M86 1C106 1 108 .52 124 .49C140 .46 146 0 159 0L106 0C94 .25 110 .45 96 .66C90 .8 96 .95 86 1Z", trees: [[58, 0.44], [116, 0.46], [126, 0.4]] },
  { outline: "M22 0C40 0 46 .66 60 .68C72 .7 74 1 94 1C122 1 136 0 159 0Z", shade: "M94 1C122 1 136 0 159 0L114 0C102 .3 118 .5 104 .7C98 .82 104 .95 94 1Z", trees: [[47, 0.4], [57, 0.6], [124, 0.48]] },
];

const words = (text, x, at, kind) => h("text", { x, y: at, class: kind }, text);
const drop = (at) => `transform: translateY(${at.toFixed(2)}px)`;
// An island's seed is a dot, the water's the triangle that stands for a water level on engineers' drawings.
const dot = (x, at, attributes, ...tip) => h("circle", { cx: x, cy: at, r: 3.6, class: "tg-dot", ...attributes }, ...tip);
const wedge = (x, at, attributes, ...tip) => h("path", { d: `M${x} ${at}l-4.4 -7.4h8.8z`, class: "tg-wedge", ...attributes }, ...tip);

// The staff at the left side: a block every ten points.
function staff() {
  const block = (value) => h("path", { d: `M5 ${y(value + 10)}h6V${y(value)}h-6z`, class: value % 20 ? "tg-block tg-filled" : "tg-block" });
  return h("g", {}, ...Array.from({ length: 10 }, (_, i) => block(10 * i)), ...[0, 50, 100].map((value) => words(value, 14, y(value) + 4, "tg-scale")));
}

// A sea with one island: {node, draw(setting, reported)}.
function sea(tide, i) {
  const hill = HILLS[i % HILLS.length], shape = (d, kind) => h("path", { d, class: kind, "vector-effect": "non-scaling-stroke" });
  const land = h("g", { class: "tg-land" }, shape(hill.outline, "tg-hill"), shape(hill.shade, "tg-shade"));
  const old = shape(hill.outline.replace("Z", ""), "tg-old"), trees = hill.trees.map(([x]) => h("path", { d: `M${x} 0v-3M${x} -2.5h-3.6l3.6 -7l3.6 7z`, class: "tg-tree" }));
  const ripple = (x, down, n) => `M${x} ${down}${"q4 -3 8 0t8 0".repeat(n)}`;
  const water = h("g", { class: "tg-water" }, h("path", { d: `M0 0h${WIDTH}v${HEIGHT + tall}h-${WIDTH}z`, class: "tg-deep" }),
    h("path", { d: ripple(30, 9, 2) + ripple(104, 13, 3) + ripple(52, 22, 2) + ripple(8, 31, 1) + ripple(120, 36, 2), class: "tg-ripple" }), h("path", { d: `M0 0h${WIDTH}`, class: "tg-line" }));
  const marks = h("g", {}), told = words("", PEAK, 0, "tg-told"), least = tide.splits[i].chance + tide.stands_from;
  const node = h("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", class: "tg-sea" },
    h("path", { d: "M112 16a6 6 0 0 1 11 -3a7 7 0 0 1 13 2a4 4 0 0 1 0 8h-21a4 4 0 0 1 -3 -7z", class: "tg-cloud", transform: `translate(${[0, -78, -10, -66][i % 4]} ${[-4, -2, 4, 2][i % 4]})` }),
    h("g", { class: "tg-stars" }, ...[[38, 14], [66, 34], [110, 12], [146, 30], [130, 52], [44, 60]].map(([x, at]) => h("circle", { cx: (x + 37 * i) % 120 + 30, cy: at, r: 0.9 }))),
    land, old, ...trees, water, h("path", { d: `M0 ${FLOOR + 3}q20 -3 40 0t40 0t40 0t40 0V${HEIGHT}H0z`, class: "tg-floor" }),
    h("path", { d: `M26 ${y(least)}H${WIDTH}`, class: "tg-least" }), staff(), told, marks);
  return { node, draw(setting, reported) {
    const { state, found } = island(tide, i, setting), was = level(found, "land"), high = reported ? level(found, "again") : was, low = level(found, "sea");
    const stretched = (value) => `transform: translateY(${FLOOR}px) scaleY(${(-tall * (value ?? 0) / 100).toFixed(3)})`;
    land.setAttribute("style", stretched(high));
    old.setAttribute("style", stretched(was));
    old.toggleAttribute("hidden", !reported || was === null);
    land.toggleAttribute("hidden", high === null);
    water.setAttribute("style", drop(y(low ?? 0)));
    water.toggleAttribute("hidden", low === null);
    trees.forEach((tree, k) => {
      const at = (high ?? 0) * hill.trees[k][1];
      tree.setAttribute("style", drop(y(at)));
      tree.classList.toggle("tg-gone", high === null || at < (low ?? 0) + 1 || high < 35); // drowned, or a rock too low for trees
    });
    const spread = (part, middle, step, mark, told) => {
      const there = found.filter((one) => one[part] !== null), gap = Math.min(step, 44 / found.length);
      return there.map((one) => mark(middle + (found.indexOf(one) - (found.length - 1) / 2) * gap, y(one[part]),
        { "data-part": part, "data-seed": one.seed, "data-value": one[part] }, h("title", {}, `seed ${one.seed}: ${told} ${percent(one[part])}`)));
    };
    marks.replaceChildren(...spread("sea", BESIDE, 9.4, wedge, "water"),
      ...(reported ? spread("again", PEAK, 8.6, dot, "island, re-ported") : spread("land", PEAK, 8.6, dot, "island")));
    told.textContent = ["never stood up", "not measured"].includes(state) ? state : "";
    told.setAttribute("y", y(least) - 6);
    const seeds = found.map((one) => `seed ${one.seed}: island ${percent(one.land)}, water ${percent(one.sea)}${reported ? `, re-ported ${percent(one.again)}` : ""}`);
    node.setAttribute("aria-label", `${tide.splits[i].name}, ${state}. ${seeds.join("; ")}`);
  } };
}

const SIGNS = { "under water": "≈", awash: "◐", dry: "▲", "never stood up": "–", "not measured": "?" };

// An island with its name and its numbers under it.
function card(tide, i) {
  const { name, meaning } = tide.splits[i], picture = sea(tide, i), badge = h("span", { class: "tg-badge" }), numbers = h("span", { class: "tg-numbers" });
  const node = h("figure", { "data-island": name }, picture.node, h("figcaption", {}, h("strong", {}, name), badge, numbers, h("small", {}, meaning)));
  return { node, draw(setting, reported) {
    const { state, found } = island(tide, i, setting);
    picture.draw(setting, reported);
    node.dataset.state = state;
    badge.replaceChildren(h("span", { "aria-hidden": "true" }, SIGNS[state]), ` ${state}`);
    const value = (label, part) => h("span", {}, `${label} `, h("b", {}, percent(level(found, part))));
    numbers.replaceChildren(value("island", "land"), ...(reported ? [value("re-ported", "again")] : []), value("water", "sea"));
  } };
}

// What the marks mean.
function key(tide, reported) {
  const sign = (...drawn) => h("svg", { viewBox: "0 0 16 14", class: "tg-sign", "aria-hidden": "true" }, ...drawn);
  const entry = (drawn, label) => h("span", {}, sign(drawn), ` ${label}`);
  return [entry(dot(8, 7, {}), reported ? "a seed's island, re-ported" : "a seed's island"), entry(wedge(8, 11, {}), "a seed's water"),
    ...(reported ? [entry(h("path", { d: "M0 12C5 12 5 3 8 3S11 12 16 12", class: "tg-old" }), "the island as it was")] : []),
    entry(h("path", { d: "M0 7H16", class: "tg-least" }), `an island stands from here (${tide.stands_from} points above chance)`)];
}

// The half-life of each island under each seed.
function halfLives(tide) {
  const head = h("tr", {}, h("th", { scope: "col" }, "island"), ...tide.seeds.map((seed) => h("th", { scope: "col", "data-seed": seed }, `seed ${seed}`)));
  const rows = tide.splits.map(({ name }, i) => h("tr", {}, h("th", { scope: "row" }, name),
    ...tide.seeds.map((seed, k) => h("td", { "data-seed": seed }, halfLife(tide, i, k)))));
  const table = h("table", {}, h("caption", {}, "Half-life: the compute at which the new base, only prompted, overtakes the island"), head, ...rows);
  const node = h("div", { class: "tg-scroll", tabindex: 0, role: "group", "aria-label": "half-lives, scroll sideways" }, table);
  return { node, draw({ seed }) {
    node.querySelectorAll("[data-seed]").forEach((cell) => cell.classList.toggle("tg-chosen", cell.dataset.seed === seed));
  } };
}

// Published cases, folded: a list and no drawing, since their scores and ours share no scale.
function published(cases) {
  const one = ({ date, happened, figure, source, link, status }) => h("li", {}, h("time", { datetime: date }, date), h("p", {}, happened),
    h("p", {}, figure), h("p", { class: "tg-source" }, h("a", { href: link, rel: "noopener" }, source), `, ${status}`));
  return h("details", {}, h("summary", {}, `At full size: ${cases.length} published ${cases.length === 1 ? "case" : "cases"}`),
    h("p", {}, "Their exams are not ours, and a point there is no point here. So they stand in a list and not in the picture."), h("ol", {}, ...cases.map(one)));
}

function render({ model, el }) {
  const tide = model.get("tide");
  check(tide);
  const { ratios, shares, seeds } = tide;
  const choose = (name) => (value) => { model.set(name, value); model.save_changes(); };
  const open = () => leaks(tide, model.get("ratio"));
  const leakWords = (place) => `${inPercent(shares[place])}${open() ? "" : `, off at ${times(model.get("ratio"))}`}`;
  const compute = slider("Compute of the new base:", ratios.length, (place) => times(ratios[place]), (place) => choose("ratio")(ratios[place]));
  const share = slider(`Share of the private records that became public, measured at ${times(ratios.at(-1))} only:`, shares.length, leakWords, (place) => choose("share")(shares[place]));
  const seed = segmented("Seeds", [{ value: "all", label: "all" }, ...seeds.map((one) => ({ value: String(one), label: String(one) }))], choose("seed"));
  const again = h("button", { type: "button", onclick: () => choose("reported")(!model.get("reported")) }, "Re-port my data to the new base");
  const cost = h("p", { class: "tg-cost" }), legend = h("p", { class: "tg-key" }), status = h("p", { class: "crucible-status", "aria-live": "polite" });
  const cards = tide.splits.map((_, i) => card(tide, i)), lives = halfLives(tide);
  const draw = () => {
    const setting = { ratio: model.get("ratio"), share: model.get("share"), seed: model.get("seed") }, reported = model.get("reported");
    compute.set(ratios.indexOf(setting.ratio));
    share.set(shares.indexOf(setting.share));
    share.node.querySelector("input").disabled = !open();
    seed.set(setting.seed);
    again.setAttribute("aria-pressed", String(reported));
    cost.textContent = reported ? price(tide, setting.ratio) : "";
    cards.forEach((one) => one.draw(setting, reported));
    lives.draw(setting);
    legend.replaceChildren(...key(tide, reported));
    status.replaceChildren(...reading(tide, setting, reported).map(([said, strong]) => (strong ? h("strong", {}, said) : said)));
  };
  const rule = h("p", { class: "tg-rule" }, `An island is as high as the old base scores that was tuned on the data, the water as high as the new base that is only prompted. `
    + `Under water: the water is at most ${tide.margin} points below the island, or above it. Awash: the seeds disagree.`);
  el.append(h("div", { class: "crucible-widget tide-gauge", role: "group", "aria-label": "Tide gauge" },
    h("div", { class: "crucible-controls" }, compute.node, ...(shares.length > 1 ? [share.node] : []), seed.node),
    h("div", { class: "tg-islands" }, ...cards.map((one) => one.node)), legend,
    h("div", { class: "tg-again" }, again, cost), status, lives.node, rule, ...(tide.cases.length ? [published(tide.cases)] : [])));
  const names = ["ratio", "share", "seed", "reported"].map((name) => `change:${name}`);
  names.forEach((name) => model.on(name, draw));
  draw();
  return () => names.forEach((name) => model.off(name, draw));
}

export default { render };
