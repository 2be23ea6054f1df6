// The openness ladder. What was tried and answered comes from Python; worked out here are the middle seed and what it saves.

// ---- The core ----

// Of the seeds the middle one, the upper of two; null stands for a target that was not reached, and lies above all.
export const middle = (needed) => [...needed].sort((a, b) => (a ?? Infinity) - (b ?? Infinity))[Math.floor(needed.length / 2)];

// How many of the answers are each: {yes, no, "cannot be asked"}.
export function counted(audits) {
  const count = { yes: 0, no: 0, "cannot be asked": 0 };
  audits.forEach(([answer]) => { count[answer] += 1; });
  return count;
}

// ---- Words ----

const SIGNS = { yes: "✓", no: "✗", "cannot be asked": "–" };
const needs = (n, most) => (n === null ? `more than ${whole(most)}` : whole(n));
const examples = (n, most) => `${needs(n, most)} ${n === 1 ? "example" : "examples"}`;

// The middle of one rung beside that of the lowest.
function saved(n, lowest, most, name) {
  if (n === lowest) return n === null ? `no more than with ${name}` : `as many as with ${name}`;
  if (n === null) return `more than with ${name}, ${whole(lowest)}`;
  if (lowest === null) return n === 0 ? `none, and more than ${whole(most)} with ${name}` : `fewer than with ${name} by a factor of more than ${fixed(most / n, 1)}`;
  if (n === 0) return `none, and ${whole(lowest)} with ${name}`;
  return n < lowest ? `fewer than with ${name} by a factor of ${fixed(lowest / n, 1)}` : `more than with ${name}, ${whole(lowest)}`;
}

function finding({ target, sizes, seeds, rungs, questions }, place) {
  const one = rungs[place], most = sizes.at(-1), n = middle(one.needed), { yes, no, "cannot be asked": never } = counted(one.audits);
  const each = one.needed.map((value, i) => `seed ${seeds[i]}: ${value === null ? `not reached by ${whole(most)}` : whole(value)}`).join("; ");
  return [[[`${capital(one.name)}: `], [examples(n, most), true], [` to reach ${target}${seeds.length > 1 ? `, in the middle of ${seeds.length} seeds (${each})` : ""}.`]],
    ...(place ? [[[`That is ${saved(n, middle(rungs[0].needed), most, rungs[0].name)}.`]]] : []),
    [[`Of ${questions.length} audit ${questions.length === 1 ? "question" : "questions"}, answered yes: `], [String(yes), true], [`; no: `], [String(no), true], ["; cannot be asked: "], [String(never), true], ["."]]];
}

// ---- Drawing ----

// A row for each rung, the highest on top; a column for each number of examples tried, and one for "not reached".
function chart({ sizes, seeds, rungs }, choose) {
  const [WIDTH, LEFT, RIGHT, TOP, HIGH] = [360, 14, 346, 24, 46], columns = sizes.length + 1, bottom = TOP + HIGH * rungs.length;
  const x = (place) => LEFT + 10 + (RIGHT - LEFT - 30) * place / (columns - 1), rowAt = (place) => TOP + HIGH * (rungs.length - 1 - place);
  const brief = (n) => (n >= 1000 && n % 100 === 0 ? `${n / 1000}k` : String(n));
  const every = Math.ceil(sizes.length / 7), last = sizes.length;
  const node = h("svg", { viewBox: `0 0 ${WIDTH} ${bottom + 40}`, class: "cd-chart", role: "img", onclick: (event) => {
    const box = node.getBoundingClientRect(), y = (event.clientY - box.top) / box.height * (bottom + 40);
    choose(Math.min(rungs.length - 1, Math.max(0, rungs.length - 1 - Math.floor((y - TOP) / HIGH))));
  } });
  return { node, draw(place) {
    node.setAttribute("aria-label", `Examples needed at each rung, every mark a seed. In the middle: ${rungs.map(({ name, needed }) => `${name} ${needs(middle(needed), sizes.at(-1))}`).join("; ")}`);
    node.replaceChildren(h("path", { d: `M${LEFT - 8} ${rowAt(place)}H${RIGHT + 8}v${HIGH}H${LEFT - 8}z`, class: "ol-here", "data-here": rungs[place].name }),
      ...Array.from({ length: columns }, (_, i) => rule(x(i), TOP, x(i), bottom, i === last ? "ol-never" : "cd-grid")),
      ...sizes.flatMap((n, i) => (i % every === 0 ? [text(brief(n), x(i), bottom + 14, "middle")] : [])), text("not reached", WIDTH - 4, 16, "end"),
      text("examples (as tried)", (LEFT + RIGHT) / 2, bottom + 32, "middle", "cd-title"),
      ...rungs.flatMap(({ name, needed }, i) => [text(name, LEFT - 4, rowAt(i) + 15, "start", i === place ? "cd-value" : "cd-title"), rule(LEFT, rowAt(i) + 32, RIGHT, rowAt(i) + 32, "cd-axis"),
        ...needed.map((n, j) => mark(n === null ? 2 : 0, x(n === null ? last : sizes.indexOf(n)), rowAt(i) + 32 + (j - (needed.length - 1) / 2) * 6, n === null ? "ol-mark ol-out" : "ol-mark",
          { "data-rung": name, "data-seed": seeds[j], "data-needed": n ?? "none" }, `${name}, seed ${seeds[j]}: ${n === null ? `not reached by ${whole(sizes.at(-1))}` : whole(n)}`))]));
  } };
}

function render({ model, el }) {
  const data = model.get("data"), { rungs, questions } = data;
  const put = (value) => { model.set("rung", value); model.save_changes(); };
  const rung = segmented("What is open", rungs.map(({ name }, i) => ({ value: name, label: `${i + 1} ${name}` })), put);
  const told = h("p", { class: "cd-told" }), picture = chart(data, (place) => put(rungs[place].name)), status = h("div", { class: "crucible-status", "aria-live": "polite" }), table = h("table", {});
  const draw = () => {
    const place = rungs.findIndex(({ name }) => name === model.get("rung")), one = rungs[place];
    rung.set(one.name);
    told.textContent = one.told;
    picture.draw(place);
    tell(status, finding(data, place));
    const answer = (i, at) => rungs[at].audits[i][0];
    table.replaceChildren(h("caption", {}, `Audit questions with ${one.name}`), h("tr", {}, ...["question", "answer", "why"].map((name) => h("th", { scope: "col" }, name))),
      ...questions.map((question, i) => h("tr", {}, h("th", { scope: "row" }, question),
        h("td", {}, h("b", {}, `${SIGNS[answer(i, place)]} ${answer(i, place)}`), ...(place && answer(i, place) !== answer(i, place - 1) ? [h("span", {}, ` (was: ${answer(i, place - 1)})`)] : [])), h("td", {}, one.audits[i][1]))));
  };
  el.append(h("div", { class: "crucible-widget crucible-drawing openness-ladder", role: "group", "aria-label": "The openness ladder" },
    h("div", { class: "crucible-controls" }, rung.node, told), picture.node,
    key([mark(0, 11, 7, "ol-mark"), "a seed"], [mark(2, 11, 7, "ol-mark ol-out"), "a seed that did not reach it"]), status, table));
  model.on("change:rung", draw);
  draw();
  return () => model.off("change:rung", draw);
}

export default { render };
