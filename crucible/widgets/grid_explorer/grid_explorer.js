// The grid explorer: four views over one core. The core knows the grid, a setting and what was measured there;
// a view only draws. A setting is {metric, [axis]: value, ...} with a value for every axis.

const words = (value) => (typeof value === "number" ? value.toLocaleString("en", { maximumSignificantDigits: 12 }) : value);

// ---- The core ----

// The grid with its axes and metrics in their own order: a notebook file sorts the keys of what it stores.
export function inOrder(grid) {
  const sorted = (entries = {}, names = Object.keys(entries)) =>
    Object.fromEntries([...names.filter((name) => name in entries), ...Object.keys(entries).filter((name) => !names.includes(name))]
      .map((name) => [name, entries[name]]));
  return { ...grid, axes: sorted(grid.axes, grid.order?.axes), metrics: sorted(grid.metrics, grid.order?.metrics) };
}

// One line about the first thing that breaks the contract of crucible/grid.py, as an Error.
export function check(grid) {
  const fail = (what) => { throw new Error(`the grid breaks its contract: ${what}`); };
  const list = (value, what) => (Array.isArray(value) && value.length ? value : fail(`${what} is no list with values`));
  list(grid.seeds, "seeds");
  const axes = Object.entries(grid.axes ?? {}), metrics = Object.entries(grid.metrics ?? {});
  if (!axes.length) fail("it has no axes");
  if (!metrics.length) fail("it has no metrics");
  axes.forEach(([name, values]) => list(values, `axis ${name}`));
  const shape = [...axes.map(([name, values]) => [name, values.length]), ["seeds", grid.seeds.length]];
  const walk = (metric, values, [[axis, length], ...deeper]) => {
    if (!Array.isArray(values)) fail(`${metric} has no values along ${axis}`);
    if (values.length !== length) fail(`${metric} has ${values.length} values along ${axis}, not ${length}`);
    if (deeper.length) values.forEach((value) => walk(metric, value, deeper));
    else values.forEach((value) => value === null || Number.isFinite(value) || fail(`${metric} holds ${JSON.stringify(value)}, not a number`));
  };
  for (const [name, metric] of metrics) {
    if (!metric.unit) fail(`${name} has no unit`);
    walk(name, metric.values, shape);
  }
  const { axis, value } = grid.placebo ?? {};
  if (grid.placebo && !grid.axes[axis]?.includes(value)) fail(`the placebo ${axis}: ${value} is no place on an axis`);
  if (!grid.decision?.rule || !grid.decision.verdict) fail("it has no rule or no verdict");
}

// What was measured at a setting: [{seed, i, value}], i being the seed's place; seeds without a value are left out.
export function measured(grid, setting) {
  const place = Object.entries(grid.axes).map(([axis, values]) => values.indexOf(setting[axis]));
  const values = place.reduce((inner, i) => inner[i], grid.metrics[setting.metric].values);
  return values.flatMap((value, i) => (value === null ? [] : [{ seed: grid.seeds[i], i, value }]));
}

// The placebo of a setting: the same in all but the placebo's axis. null where the setting is the placebo.
export function placeboOf(grid, setting) {
  if (!grid.placebo || setting[grid.placebo.axis] === grid.placebo.value) return null;
  return { ...setting, [grid.placebo.axis]: grid.placebo.value };
}

const isPlacebo = (grid, setting) => Boolean(grid.placebo) && !placeboOf(grid, setting);

// {mean, low, high, n} over seeds; null where nothing was measured.
export function over(found) {
  const values = found.map(({ value }) => value);
  return values.length ? { mean: mean(values), low: Math.min(...values), high: Math.max(...values), n: values.length } : null;
}

// The mean difference to the placebo, seed by seed, as the ledger takes it; null where no seed has both.
export function lead(grid, setting) {
  const other = placeboOf(grid, setting);
  if (!other) return null;
  const there = new Map(measured(grid, other).map(({ seed, value }) => [seed, value]));
  const differences = measured(grid, setting).flatMap(({ seed, value }) => (there.has(seed) ? [value - there.get(seed)] : []));
  return differences.length ? mean(differences) : null;
}

// The interval of the mean, [low, high]; factors: by number of seeds, from Python. null with too few seeds.
export function interval(found, factors) {
  const factor = factors[found.length], middle = over(found)?.mean;
  if (!factor) return null;
  const spread = found.reduce((all, { value }) => all + (value - middle) ** 2, 0) / (found.length - 1);
  const half = factor * Math.sqrt(spread);
  return [middle - half, middle + half];
}

// The address: "#name=axis:value,axis:value", several explorers joined by "&". Blanks are "+".
const encode = (text) => encodeURIComponent(String(text)).replaceAll("%20", "+");
const decode = (text) => decodeURIComponent(text.replaceAll("+", " "));
const places = (grid) => ({ metric: Object.keys(grid.metrics), ...grid.axes });

// What an address says about the explorer `name`: null if nothing, else {setting: only what it names, bad: [texts]}.
export function readHash(hash, name, grid) {
  const part = hash.replace(/^#/, "").split("&").find((one) => one.startsWith(`${name}=`));
  if (part === undefined) return null;
  const known = places(grid), setting = {}, bad = [];
  for (const pair of part.slice(name.length + 1).split(",")) {
    try {
      const [key, value] = pair.split(":").map(decode);
      const found = Object.hasOwn(known, key) ? known[key].find((one) => String(one) === value) : undefined;
      if (found === undefined) bad.push(pair);
      else setting[key] = found;
    } catch { bad.push(pair); } // a % that encodes nothing
  }
  return { setting, bad };
}

// The address with this explorer's setting in it; what other explorers wrote stays.
export function writeHash(hash, name, grid, setting) {
  const others = hash.replace(/^#/, "").split("&").filter((one) => one.includes("=") && !one.startsWith(`${name}=`));
  const told = Object.entries(places(grid)).filter(([, values]) => values.length > 1);
  return "#" + [...others, `${name}=${told.map(([key]) => `${encode(key)}:${encode(setting[key])}`).join(",")}`].join("&");
}

// The setting in words: [[text, strong?], ...].
export function reading(grid, setting, factors) {
  const metric = grid.metrics[setting.metric], found = measured(grid, setting), all = over(found);
  const number = (value) => `${fixed(value, metric.decimals)}\u00a0${metric.unit}`; // no line break between the two
  const where = Object.keys(grid.axes).map((axis) => `${axis} ${words(setting[axis])}`).join(", ");
  if (!all) return [[`${setting.metric} at ${where}: not measured.`]];
  const seeds = all.n === grid.seeds.length ? `${all.n} seeds` : `${all.n} of ${grid.seeds.length} seeds`;
  const said = [[`${setting.metric} at ${where}: `], [number(all.mean), true], [` on average over ${seeds}, from ${number(all.low)} to ${number(all.high)}.`]];
  const sure = interval(found, factors);
  if (sure) said.push([` 90 % interval of the mean: ${fixed(sure[0], metric.decimals)} to ${fixed(sure[1], metric.decimals)}.`]);
  const ahead = lead(grid, setting), other = placeboOf(grid, setting);
  if (isPlacebo(grid, setting)) said.push([" This is the placebo."]);
  else if (ahead !== null) said.push([` That is ${fixed(Math.abs(ahead), metric.decimals)} ${metric.difference_unit} ${ahead < 0 ? "below" : "above"} the placebo (${words(other[grid.placebo.axis])}: ${number(over(measured(grid, other)).mean)}).`]);
  else if (other) said.push([" The placebo was not measured here."]);
  return said;
}

// ---- Drawing ----

// Round numbers from at most `low` to at least `high`.
export function ticks(low, high) {
  const rough = (high - low) / 4 || 1, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((one) => one >= rough * (1 - 1e-9));
  const first = Math.floor(low / step + 1e-9), last = Math.ceil(high / step - 1e-9);
  return Array.from({ length: Math.max(last - first, 1) + 1 }, (_, i) => Number(((first + i) * step).toPrecision(9)));
}

// The ticks of a metric, the same at every setting, so that the picture does not jump.
function range({ unit, values, chance, oracle }) {
  if (unit === "%") return ticks(0, 100);
  const all = [...values.flat(Infinity), chance, oracle].filter((value) => value != null);
  return ticks(Math.min(...all), Math.max(...all));
}

const text = (words, x, y, anchor, kind) => h("text", { x, y, "text-anchor": anchor, class: kind }, words);
const rule = (x1, y1, x2, y2, kind) => h("line", { x1, y1, x2, y2, class: kind });

// A seed's mark: a dot, or the placebo's hollow diamond; hovering tells its number.
function mark(placebo, x, y, r, told) {
  const kind = { class: placebo ? "ge-placebo" : "ge-dot", ...told?.data };
  const tip = told ? [h("title", {}, told.tip)] : [];
  if (!placebo) return h("circle", { cx: x, cy: y, r, ...kind }, ...tip);
  return h("path", { d: `M${x} ${y - r}l${r} ${r}l${-r} ${r}l${-r} ${-r}z`, ...kind }, ...tip);
}

// The seeds of one setting side by side in the order of the seeds: `at(offset, value)` gives a mark's place.
function seeds(grid, setting, r, at) {
  const metric = grid.metrics[setting.metric], middle = (grid.seeds.length - 1) / 2;
  return measured(grid, setting).map(({ seed, i, value }) => mark(isPlacebo(grid, setting), ...at((i - middle) * 2 * r, value), 0.9 * r, {
    tip: `seed ${seed}: ${fixed(value, metric.decimals)} ${metric.unit}`,
    data: { "data-seed": seed, "data-value": value },
  }));
}

// Where the values of an axis stand between 0 and 1.
function positions(values, spread) {
  const scale = spread === "log" ? Math.log : Number;
  if (spread === "even" || values.length < 2) return values.map((_, i) => (i + 0.5) / values.length);
  const [low, high] = [Math.min(...values), Math.max(...values)].map(scale);
  return values.map((value) => (scale(value) - low) / (high - low));
}

// The plane of lines and bars: x below, the metric upwards, every seed a mark, the mean a line or a short bar.
function plane(grid, { x: axis, log }, connected, choose) {
  const [width, height, left, right, top, bottom] = [360, 250, 42, 352, 30, 206];
  const values = grid.axes[axis], numeric = values.every((value) => typeof value === "number");
  const spread = connected && numeric ? (log ? "log" : "linear") : "even";
  const inset = spread === "even" ? 0 : 10;
  const xs = positions(values, spread).map((share) => left + inset + share * (right - left - 2 * inset));
  const gap = Math.min(right - left, ...xs.slice(1).map((x, i) => Math.abs(x - xs[i])));
  const beside = (setting) => !connected && grid.placebo?.axis !== axis && placeboOf(grid, setting);
  const node = h("svg", { viewBox: `0 0 ${width} ${height}`, class: "ge-plane", role: "img" });
  node.addEventListener("click", (event) => {
    const box = node.getBoundingClientRect(), x = (event.clientX - box.left) / box.width * width;
    choose(axis)(values.reduce((best, value, i) => (Math.abs(xs[i] - x) < Math.abs(xs[values.indexOf(best)] - x) ? value : best), values[0]));
  });

  // At most five labels where the values are many; a long one takes two lines.
  const labels = values.flatMap((value, i) => {
    const every = Math.ceil((values.length - 1) / 4);
    if (connected && values.length > 5 && i % every) return [];
    const [first, ...rest] = connected ? [words(value)] : words(value).split(" ");
    return [text(first, xs[i], bottom + 15, "middle"), ...(rest.length ? [text(rest.join(" "), xs[i], bottom + 29, "middle")] : [])];
  });

  return { node, draw(setting) {
    const metric = grid.metrics[setting.metric], scale = range(metric), at = values.indexOf(setting[axis]);
    const y = (value) => bottom - (bottom - top) * (value - scale[0]) / (scale.at(-1) - scale[0]);
    const here = (i, base) => ({ ...base, [axis]: values[i] });
    const series = (base, shift, room) => {
      const r = Math.min(connected ? 3.2 : 5, room / (2 * grid.seeds.length));
      const kind = isPlacebo(grid, base) ? "ge-mean ge-of-placebo" : "ge-mean";
      const means = values.map((_, i) => over(measured(grid, here(i, base)))?.mean);
      let path = "";
      means.forEach((value, i) => { if (value !== undefined) path += `${path && means[i - 1] !== undefined ? "L" : "M"}${xs[i]} ${y(value)}`; });
      const half = room / 2;
      return h("g", { "data-series": isPlacebo(grid, base) ? "placebo" : "measured" },
        ...(connected ? [h("path", { d: path, class: kind })] : []),
        ...values.flatMap((value, i) => [
          h("g", { "data-x": value }, ...seeds(grid, here(i, base), r, (offset, value) => [xs[i] + shift + offset, y(value)])),
          ...(!connected && means[i] !== undefined ? [rule(xs[i] + shift - half, y(means[i]), xs[i] + shift + half, y(means[i]), "ge-bar")] : [])]));
    };
    const other = grid.placebo?.axis !== axis && placeboOf(grid, setting);
    const room = beside(setting) ? 0.4 * gap : Math.min((connected ? 0.85 : 0.6) * gap, 80);
    const line = (name) => (metric[name] == null ? [] : [rule(left, y(metric[name]), right, y(metric[name]), `ge-${name}`)]);
    node.setAttribute("aria-label", `${setting.metric} (${metric.unit}) over ${axis}, every mark a seed; the values are in the sentence below`);
    node.replaceChildren(
      rule(xs[at], top, xs[at], bottom, "ge-here"),
      ...scale.flatMap((value) => [rule(left, y(value), right, y(value), "ge-grid"), text(words(value), left - 6, y(value) + 4, "end")]),
      text(`${setting.metric} (${metric.unit})`, 2, 16, "start", "ge-title"), text(axis, (left + right) / 2, height - 3, "middle", "ge-title"), ...labels,
      ...line("chance"), ...line("oracle"),
      ...(other ? [series(other, beside(setting) ? 0.22 * gap : 0, room)] : []),
      series(setting, beside(setting) ? -0.22 * gap : 0, room));
  } };
}

// The seeds of one setting on a level line, the placebo's below, the interval as a beam.
function strip(grid, factors, full) {
  const [width, left, right] = full ? [360, 14, 346] : [150, 8, 142];
  const r = full ? 4 : 2.4, rows = [grid.seeds.length * r + 4, 3 * grid.seeds.length * r + 6], end = rows[1] + grid.seeds.length * r + 4;
  const node = h("svg", { viewBox: `0 0 ${width} ${full ? end + 38 : end + 4}`, class: full ? "ge-strip" : "ge-strip ge-small", "aria-hidden": "true" });
  return { node, draw(setting) {
    const metric = grid.metrics[setting.metric], scale = range(metric);
    const x = (value) => left + (right - left) * (value - scale[0]) / (scale.at(-1) - scale[0]);
    const row = (base, y) => {
      const found = measured(grid, base), all = over(found), sure = interval(found, factors), tall = grid.seeds.length * r;
      return h("g", { "data-series": isPlacebo(grid, base) ? "placebo" : "measured" },
        ...(sure ? [rule(x(Math.max(sure[0], scale[0])), y, x(Math.min(sure[1], scale.at(-1))), y, "ge-beam")] : []),
        ...seeds(grid, base, r, (offset, value) => [x(value), y + offset]),
        ...(all ? [rule(x(all.mean), y - tall, x(all.mean), y + tall, "ge-bar")] : []));
    };
    const other = placeboOf(grid, setting);
    node.replaceChildren(rule(left, end, right, end, "ge-grid"),
      ...(full ? scale.flatMap((value) => [rule(x(value), 0, x(value), end, "ge-grid"), text(words(value), x(value), end + 15, "middle")]) : []),
      ...(full ? [text(`${setting.metric} (${metric.unit})`, width / 2, end + 33, "middle", "ge-title")] : []),
      ...["chance", "oracle"].filter((name) => metric[name] != null).map((name) => rule(x(metric[name]), 0, x(metric[name]), end, `ge-${name}`)),
      ...(other ? [row(other, rows[1])] : []), row(setting, rows[0]));
  } };
}

// ---- The four views: each is {node, draw(setting)} ----

const VIEWS = {
  line: (grid, options, choose) => plane(grid, options, true, choose),
  bars: (grid, options, choose) => plane(grid, options, false, choose),

  // Two axes as a table: the mean in every cell, the darker the more; the placebo's below it.
  map(grid, { x, y, factors }, choose) {
    const table = h("table", { class: "ge-map" }), seedsHere = strip(grid, factors, true);
    const node = h("div", {}, h("div", { class: "ge-scroll", tabindex: 0, role: "group", "aria-label": "map, scrolls sideways" }, table), seedsHere.node);
    return { node, draw(setting) {
      const metric = grid.metrics[setting.metric], scale = range(metric);
      const cell = (place) => {
        const all = over(measured(grid, place)), other = placeboOf(grid, place), blind = other && over(measured(grid, other));
        const heat = all ? (all.mean - scale[0]) / (scale.at(-1) - scale[0]) : 0;
        const here = place[x] === setting[x] && place[y] === setting[y];
        return h("td", { style: `--heat: ${(45 * heat).toFixed(1)}%`, "aria-current": here && "true", onclick: () => { choose(x)(place[x]); choose(y)(place[y]); } },
          all ? fixed(all.mean, metric.decimals) : "–", ...(blind && ![x, y].includes(grid.placebo.axis) ? [h("small", {}, `◇ ${fixed(blind.mean, metric.decimals)}`)] : []));
      };
      table.replaceChildren(
        h("caption", {}, `${setting.metric} (${metric.unit}), mean over seeds: ${y} down, ${x} across`),
        h("tr", {}, h("td", { class: "ge-corner" }), ...grid.axes[x].map((value) => h("th", { scope: "col" }, words(value)))),
        ...grid.axes[y].map((down) => h("tr", {}, h("th", { scope: "row" }, words(down)), ...grid.axes[x].map((across) => cell({ ...setting, [x]: across, [y]: down })))));
      seedsHere.draw(setting);
    } };
  },

  // A dial for each value of x: the mean as one big number, its interval, and the seeds under it.
  dials(grid, { x, factors }, choose) {
    const dials = grid.axes[x].map((value) => {
      const big = h("b", {}), sure = h("small", {}), marks = strip(grid, factors, false);
      const node = h("div", { class: "ge-dial", onclick: () => choose(x)(value) }, h("span", {}, words(value)), big, sure, marks.node);
      return { node, draw(setting) {
        const here = { ...setting, [x]: value }, metric = grid.metrics[setting.metric], found = measured(grid, here), range = interval(found, factors);
        big.textContent = found.length ? `${fixed(over(found).mean, metric.decimals)} ${metric.unit}` : "not measured";
        sure.textContent = range ? `90 %: ${fixed(range[0], metric.decimals)} to ${fixed(range[1], metric.decimals)}` : "no interval: too few seeds";
        if (setting[x] === value) node.setAttribute("aria-current", "true");
        else node.removeAttribute("aria-current");
        marks.draw(here);
      } };
    });
    return { node: h("div", { class: "ge-dials" }, ...dials.map((dial) => dial.node)), draw: (setting) => dials.forEach((dial) => dial.draw(setting)) };
  },
};

// A control for each key with a choice: a button bar for a few short values, a slider for many.
function controls(grid, choose) {
  return Object.entries(places(grid)).filter(([, values]) => values.length > 1).map(([key, values]) => {
    if (values.length <= 5 || key === "metric") {
      const bar = segmented(key, values.map((value) => ({ value, label: words(value) })), choose(key));
      return { node: bar.node, draw: (setting) => bar.set(setting[key]) };
    }
    const knob = slider(`${key}:`, values.length, (place) => words(values[place]), (place) => choose(key)(values[place]));
    return { node: knob.node, draw: (setting) => knob.set(values.indexOf(setting[key])) };
  });
}

// What the marks mean.
function key(grid, metric) {
  const sign = (...drawn) => h("svg", { viewBox: "0 0 16 14", class: "ge-sign", "aria-hidden": "true" }, ...drawn);
  const entry = (drawn, label) => h("span", {}, sign(drawn), ` ${label}`);
  return [entry(mark(false, 8, 7, 4), "a seed"), entry(rule(0, 7, 16, 7, "ge-bar"), "mean"),
    ...(grid.placebo ? [entry(mark(true, 8, 7, 4.5), `placebo: ${words(grid.placebo.value)}`)] : []),
    ...["chance", "oracle"].filter((name) => metric[name] != null).map((name) => entry(rule(0, 7, 16, 7, `ge-${name}`), name))];
}

function render({ model, el, page = false }) {
  const grid = inOrder(model.get("grid")), name = model.get("name"), start = model.get("setting");
  check(grid);
  const options = { x: model.get("x"), y: model.get("y"), log: model.get("log"), factors: model.get("factors") };
  const put = (changed) => { model.set("setting", { ...model.get("setting"), ...changed }); model.save_changes(); };
  const notice = h("p", { class: "ge-notice", role: "status" });
  let waiting;
  const write = () => history.replaceState(history.state, "", writeHash(location.hash, name, grid, model.get("setting")));
  const choose = (key) => (value) => {
    put({ [key]: value });
    notice.textContent = "";
    if (!page) return; // Jupyter's address is not ours
    clearTimeout(waiting); // a browser allows only so many changes of its address in a second
    waiting = setTimeout(write, 150);
  };
  const read = () => {
    const told = readHash(location.hash, name, grid);
    if (told) put({ ...start, ...told.setting });
    else if (location.hash.length < 2) put(start); // back to the page as it was opened
    const bad = told?.bad.map((text) => (text.length > 40 ? `${text.slice(0, 40)}…` : text)).join(", ");
    notice.textContent = told?.bad.length ? `Ignored in this page's address: “${bad}”.` : "";
    return told;
  };
  const knobs = controls(grid, choose), view = VIEWS[model.get("view")](grid, options, choose);
  const legend = h("p", { class: "ge-key" }), status = h("p", { class: "crucible-status", "aria-live": "polite" });
  const { rule: asked, verdict, reach } = grid.decision;
  const decision = h("p", { class: "ge-decision" }, `Rule of ${grid.experiment}: ${asked} Verdict: `, h("strong", {}, verdict), ` (reach ${reach} of 3).`);
  const draw = () => {
    const setting = model.get("setting");
    [...knobs, view].forEach((part) => part.draw(setting));
    legend.replaceChildren(...key(grid, grid.metrics[setting.metric]));
    status.replaceChildren(...reading(grid, setting, options.factors).map(([said, strong]) => (strong ? h("strong", {}, said) : said)));
  };
  const root = h("div", { class: "crucible-widget grid-explorer", role: "group", "aria-label": `Grid explorer: ${name}`, "data-view": model.get("view") },
    h("div", { class: "crucible-controls" }, ...knobs.map((knob) => knob.node)), view.node, legend, status, notice, decision);
  model.on("change:setting", draw);
  draw();
  el.append(root);
  if (page) {
    if (read()) root.scrollIntoView(); // a teacher's link leads here
    addEventListener("hashchange", read);
  }
  return () => { clearTimeout(waiting); removeEventListener("hashchange", read); model.off("change:setting", draw); };
}

export default { render };
