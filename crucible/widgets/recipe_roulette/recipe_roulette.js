// Recipe roulette. The data come from Python (Roulette.to_json); here the deck is shuffled, and marks are compared.

// ---- The core ----

// The places 0..count-1 in an order that depends on the seed alone: mulberry32, then Fisher and Yates.
export function shuffled(count, seed) {
  let state = seed | 0;
  const random = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

export const beaters = (cards, than) => cards.filter(({ mark }) => mark > than.mark);

// The mark in the middle; of two middle ones their mean.
export function middle(cards) {
  const marks = cards.map(({ mark }) => mark).sort((a, b) => a - b), half = marks.length >> 1;
  return marks.length % 2 ? marks[half] : mean([marks[half - 1], marks[half]]);
}

const band = ({ marks }) => { const values = marks.map(([, mark]) => mark); return [Math.min(...values), Math.max(...values)]; };

// Heights for marks at x in turn, as whole levels: the lowest at which a dot covers no earlier one.
export function levels(xs, apart) {
  const placed = [];
  for (const x of xs) {
    const near = placed.filter((one) => Math.abs(one.x - x) < apart).map(({ level }) => level);
    let level = 0;
    while (near.includes(level)) level += 1;
    placed.push({ x, level });
  }
  return placed.map(({ level }) => level);
}

// ---- Words ----

const one = (value) => fixed(value, 1);
const share = (part, all) => `${fixed(100 * part / all, 0)}${NARROW}%`;
const to = ([low, high]) => `${one(low)} to ${one(high)}`;

function drawWords(data, card, number) {
  const { cards, reference, luck } = data, worse = cards.filter(({ mark }) => mark < card.mark).length;
  const side = card.mark > reference.mark ? "It beats the reference." : card.mark < reference.mark ? "It does not beat the reference." : "It equals the reference.";
  const lucky = luck.find((run) => { const [low, high] = band(run); return [card.mark, reference.mark].every((mark) => mark >= low && mark <= high); });
  return [[`Draw ${number} of ${data.draws}, ${card.name}: `], [one(card.mark), true], [`, better than ${worse} of the ${cards.length}; the reference has ${one(reference.mark)}. `], [side, true],
    ...(lucky && card.mark !== reference.mark ? [[` The difference could be luck: one recipe, ${lucky.name}, gets ${to(band(lucky))} under ${lucky.marks.length} seeds.`]] : [])];
}

function closing(data, hand) {
  const { cards, reference, tuned } = data, [mine, all] = [hand, cards].map((some) => beaters(some, reference).length);
  const best = Math.max(...hand.map(({ mark }) => mark));
  const first = hand.length ? [[`${mine} of your ${hand.length} draws beat${mine === 1 ? "s" : ""} the reference`, true], [`; your best has ${one(best)}. `]] : [["You drew no card. "]];
  const target = tuned.target ?? `${one(middle(cards))}, the mark of the middle recipe`;
  return [[...first, [`Of all ${cards.length} recipes ${all} beat${all === 1 ? "s" : ""} it, ${share(all, cards.length)}.`]],
    [["The tuned recipe gets "], [one(tuned.mark), true], [". It needs "], [`${tuned.at_least ? "at least " : ""}${one(tuned.multiplier)} times less compute`, true],
      [`${tuned.interval ? ` (${to(tuned.interval)})` : ""} for ${target}.`]]];
}

// ---- The strip ----

const [WIDTH, LEFT, RIGHT, R, APART] = [360, 14, 346, 5, 10.6];
const x = (mark) => LEFT + (RIGHT - LEFT) * mark / 100;

// order: all cards as they would come. The height fits them all, so that no draw moves the page.
function strip(data) {
  const node = h("svg", { class: "rr-strip", role: "img" }), { reference, tuned, luck } = data, [top, lane] = [48, 20];
  const label = (said, at, y, kind) => text(said, Math.min(Math.max(at, LEFT + 46), RIGHT - 46), y, "middle", kind);
  return { node, draw(order, drawn, shown, open) {
    const heights = levels(order.map(({ mark }) => x(mark)), APART), base = top + 12 + APART * (Math.max(...heights) + 1), foot = base + 26;
    const visible = order.slice(0, open ? order.length : drawn), clash = Math.abs(x(tuned.mark) - x(reference.mark)) < 100;
    const dots = visible.map((card, i) => h("circle", { cx: x(card.mark).toFixed(2), cy: (base - R - APART * heights[i]).toFixed(2), r: R,
      class: `${i < drawn ? "rr-drawn" : "rr-rest"}${i === shown - 1 ? " rr-shown" : ""}`, "data-card": card.name, "data-value": card.mark },
    h("title", {}, `${i < drawn ? `draw ${i + 1}, ` : ""}${card.name}: ${one(card.mark)}`)));
    const bands = luck.flatMap((run, i) => {
      const [low, high] = band(run).map(x), y = foot + 8 + lane * i, wide = Math.max(high - low, 1);
      const [at, anchor] = low + high > WIDTH ? [LEFT, "start"] : [RIGHT, "end"]; // on the side that the band leaves free
      return [h("path", { d: `M${low.toFixed(2)} ${top}h${wide.toFixed(2)}V${y + 14}h-${wide.toFixed(2)}z`, class: "rr-band", "data-luck": run.name }),
        text(`luck: ${run.name}, ${run.marks.length} seeds`, at, y + 11, anchor, "rr-name"),
        ...run.marks.map(([seed, mark]) => h("path", { d: `M${x(mark).toFixed(2)} ${y + 2}v10`, class: "rr-tick", "data-seed": seed, "data-value": mark }, h("title", {}, `${run.name}, seed ${seed}: ${one(mark)}`)))];
    });
    const height = foot + 8 + lane * luck.length + 6;
    node.setAttribute("viewBox", `0 0 ${WIDTH} ${height.toFixed(1)}`);
    node.setAttribute("aria-label", `Exam marks from 0 to 100. The reference: ${one(reference.mark)}. ${luck.map((run) => `Luck, ${run.name}: ${to(band(run))}`).join(". ")}. `
      + `${visible.length ? visible.map((card) => `${card.name} ${one(card.mark)}`).join("; ") : "No card is drawn"}${open ? `. The tuned recipe: ${one(tuned.mark)}` : `. ${order.length - visible.length} are hidden`}`);
    node.replaceChildren(...bands, ...[0, 25, 50, 75, 100].flatMap((mark) => [rule(x(mark), base, x(mark), base + 4, "rr-axis"), text(String(mark), x(mark), base + 17, "middle")]),
      rule(LEFT, base, RIGHT, base, "rr-axis"), text("exam mark (points of 100)", 2, 12, "start", "rr-title"), text(open ? "all shown" : `${order.length - visible.length} hidden`, RIGHT + 12, 12, "end"),
      rule(x(reference.mark), top - 16, x(reference.mark), base, "rr-reference"), label(`reference ${one(reference.mark)}`, x(reference.mark), 28, "rr-now"), ...dots,
      ...(open ? [rule(x(tuned.mark), top, x(tuned.mark), base, "rr-tuned"), h("path", { d: `M${x(tuned.mark).toFixed(2)} ${top - 2}l6 7l-6 7l-6 -7z`, class: "rr-best", "data-value": tuned.mark }, h("title", {}, `${tuned.name}: ${one(tuned.mark)}`)),
        label(`tuned ${one(tuned.mark)}`, x(tuned.mark), clash ? 42 : 28, "rr-now")] : []));
  } };
}

// ---- The cards ----

// A recipe's settings; where one differs from the reference's, that is said.
function settings(data, card) {
  return h("dl", { class: "rr-settings" }, ...data.settings.map((name, i) => {
    const [mine, theirs] = [card, data.reference].map((recipe) => recipe.settings[i]);
    return h("div", {}, h("dt", {}, name), h("dd", {}, h("b", {}, mine), ...(mine === theirs ? [] : [h("small", {}, ` reference: ${theirs}`)])));
  }));
}

// The tuned recipe beside the reference, and where each range came from.
function origins({ settings: names, reference, tuned, origins: from }) {
  const source = ([, said, link]) => (link ? h("a", { href: link, rel: "noopener" }, said) : said);
  return h("dl", { class: "rr-origins" }, ...names.map((name, i) => h("div", {}, h("dt", {}, name),
    h("dd", {}, h("b", {}, tuned.settings[i]), ` (reference: ${reference.settings[i]})`, ...(from[i][0] ? [h("small", {}, `drawn from ${from[i][0]}`, ...(from[i][1] ? [". ", source(from[i])] : []))] : [])))));
}

function render({ model, el }) {
  const data = model.get("data"), { cards, reference, tuned, draws } = data, MOST = 999999;
  const put = (changes) => { Object.entries(changes).forEach(([name, value]) => model.set(name, value)); model.save_changes(); };
  const again = { revealed: false, shown: 0, drawn: 0 };
  const picture = strip(data), status = h("div", { class: "crucible-status", "aria-live": "polite" }), card = h("div", { class: "rr-card" });
  const deal = h("button", { type: "button", class: "rr-deal", onclick: () => {
    const next = model.get("drawn") + 1;
    if (model.get("revealed") || next > draws) return; // it keeps the focus when it is off, so it can still be pressed
    put({ shown: next, drawn: next });
  } });
  const all = h("button", { type: "button", onclick: () => put({ revealed: true }) }, "Show all");
  const anew = h("button", { type: "button", onclick: () => {
    put(again);
    notice.textContent = "";
    typed.value = String(model.get("seed")); // nothing is drawn again where the game had not begun
  } }, "Start again");
  const notice = h("p", { class: "rr-notice", role: "alert" });
  const typed = h("input", { type: "number", min: 0, max: MOST, step: 1, onchange: () => {
    const value = Number(typed.value), fits = typed.value !== "" && Number.isInteger(value) && value >= 0 && value <= MOST;
    notice.textContent = fits ? "" : `The shuffle is ${typed.value || "no number"}; it takes a whole number from 0 to 999,999.`;
    if (fits) put({ ...again, seed: value });
  } });
  const hand = h("div", { class: "rr-hand", role: "group", "aria-label": "Your draws" });
  const looks = Array.from({ length: draws }, (_, i) => h("button", { type: "button", onclick: () => put({ shown: i + 1 }) }));
  hand.append(...looks);
  const secret = h("div", {}), reveal = h("details", { class: "rr-reveal" }, h("summary", {}, "The tuned recipe, setting by setting"), secret);
  const draw = () => {
    const order = shuffled(cards.length, model.get("seed")).map((i) => cards[i]), drawn = Math.min(model.get("drawn"), draws);
    const shown = Math.min(model.get("shown"), drawn), open = model.get("revealed") || drawn === draws, here = order[shown - 1];
    picture.draw(order, drawn, shown, open);
    deal.setAttribute("aria-disabled", String(open));
    deal.textContent = open ? "No draw is left" : `Draw card ${drawn + 1} of ${draws}`;
    all.setAttribute("aria-disabled", String(open));
    typed.value = String(model.get("seed"));
    looks.forEach((look, i) => {
      look.toggleAttribute("hidden", i >= drawn);
      if (i >= drawn) { look.textContent = ""; return; }
      const over = order[i].mark > reference.mark;
      look.replaceChildren(h("span", {}, `${i + 1}: ${one(order[i].mark)}`), over ? " ▲" : "");
      look.setAttribute("aria-label", `Draw ${i + 1}, ${one(order[i].mark)}${over ? ", beats the reference" : ""}`);
      look.setAttribute("aria-pressed", String(i === shown - 1));
    });
    hand.toggleAttribute("hidden", !drawn);
    card.replaceChildren(...(here ? [h("p", { class: "rr-head" }, `${here.name}: ${one(here.mark)} points`), settings(data, here)]
      : [h("p", { class: "rr-head" }, `${reference.name}: ${one(reference.mark)} points`), settings(data, reference)]));
    reveal.toggleAttribute("hidden", !open);
    secret.replaceChildren(...(open ? [origins(data)] : []));
    tell(status, [...(here ? [drawWords(data, here, shown)] : open ? [] : [[[`${cards.length} recipes lie face down. You have ${draws} draws to beat the reference, which has ${one(reference.mark)}.`]]]),
      ...(open ? closing(data, order.slice(0, drawn)) : [])]);
  };
  const sign = (kind, shape) => h("svg", { viewBox: "0 0 18 14", class: "rr-sign", "aria-hidden": "true" }, shape ? h("path", { d: shape, class: kind }) : h("circle", { cx: 9, cy: 7, r: R, class: kind }));
  el.append(h("div", { class: "crucible-widget recipe-roulette", role: "group", "aria-label": "Recipe roulette" },
    h("div", { class: "rr-buttons" }, deal, all, anew, h("label", { class: "crucible-field rr-seed" }, h("span", {}, "Shuffle"), typed)), notice, picture.node,
    h("p", { class: "rr-key" }, ...[["rr-drawn", "", "a draw of yours"], ["rr-rest", "", "the others, at the end"], ["rr-reference", "M9 0V14", "reference"], ["rr-best", "M9 0l6 7l-6 7l-6 -7z", "tuned, at the end"],
      ["rr-band", "M0 0H18V14H0z", "pure luck, a stroke a seed"]].map(([kind, shape, said]) => h("span", {}, sign(kind, shape), ` ${said}`))),
    status, hand, card, reveal));
  const names = ["seed", "drawn", "shown", "revealed"];
  names.forEach((name) => model.on(`change:${name}`, draw));
  draw();
  return () => names.forEach((name) => model.off(`change:${name}`, draw));
}

export default { render };
