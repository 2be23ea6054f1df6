// What a bet and the calibration share: how a bet is scored, what it must hold, and where the page keeps it.
// The numbers are those of crucible/bets.py and crucible/forecast.py; a test holds them together.

export const KEY = "small-models-big-claims.bets", VERSION = 1;
const RARE = 0.05;
const FIELDS = ["question", "unit", "minimum", "maximum", "scale", "level", "guess", "low", "high", "result"];
const OFF = "This browser keeps nothing for this page (its storage is switched off or full): your bets last until you leave the page.";

export const show = (value) => value.toLocaleString("en", { maximumSignificantDigits: 12 });
export const round = (value) => value.toLocaleString("en", { maximumFractionDigits: 1 });

// How sure a level is, in words: 0.9 is "9 times out of 10".
export function often(level) {
  const whole = [10, 100, 1000].find((all) => Math.abs(level * all - Math.round(level * all)) < 1e-9) ?? 1000;
  return `${Math.round(level * whole)} times out of ${whole}`;
}

// A result at an end of the range stands for everything beyond it.
export function resultText({ minimum, maximum, unit }, result) {
  const bound = result >= maximum ? "at least " : result <= minimum ? "at most " : "";
  return `${bound}${show(result)} ${unit}`.trim();
}

// Where a value lies in the question's range, in points from 0 to 100.
export function place(value, { minimum, maximum, scale }) {
  const to = scale === "log" ? Math.log10 : Number;
  const inside = Math.min(Math.max(value, minimum), maximum);
  return 100 * (to(inside) - to(minimum)) / (to(maximum) - to(minimum));
}

// Interval score (Gneiting and Raftery 2007, equation 43) in points: width, plus 2 / (1 - level) for each point missed.
export function score(bet) {
  const [low, high, result] = [bet.low, bet.high, bet.result].map((value) => place(value, bet));
  const fine = 2 / (1 - bet.level), width = high - low;
  const penalty = fine * Math.max(low - result, 0) + fine * Math.max(result - high, 0);
  return { held: bet.low <= bet.result && bet.result <= bet.high, width, penalty, points: width + penalty };
}

function leftOut(chances) {
  let count = 0, total = chances[0];
  while (total <= RARE) total += chances[++count];
  return count;
}

// What bets add up to; those without a result do not count yet. See crucible/bets.py for the fields.
export function calibration(bets) {
  const known = Object.values(bets).filter((bet) => bet.result !== null);
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  let chances = [1];
  for (const { level } of known) chances = [...chances, 0].map((stays, k) => stays * (1 - level) + (k ? chances[k - 1] : 0) * level);
  return {
    known: known.length, held: known.filter((bet) => score(bet).held).length, expected: sum(known.map((bet) => bet.level)),
    usual: [leftOut(chances), known.length - leftOut([...chances].reverse())],
    points: known.length ? sum(known.map((bet) => score(bet).points)) / known.length : null,
  };
}

// The first thing that is wrong with a guess and its interval, as {field, text}; null if nothing is.
export function wrong({ guess, low, high }, { minimum, maximum }) {
  const range = `from ${show(minimum)} to ${show(maximum)}`;
  for (const [field, name, value] of [["guess", "guess", guess], ["low", "low end", low], ["high", "high end", high]]) {
    if (!Number.isFinite(value)) return { field, text: `The ${name} is not a number; write one ${range}.` };
    if (value < minimum || value > maximum) return { field, text: `The ${name}, ${show(value)}, must lie in the range ${range}.` };
  }
  if (low > high) return { field: "low", text: `The low end, ${show(low)}, must not lie above the high end, ${show(high)}.` };
  if (guess < low || guess > high) return { field: "guess", text: `The guess, ${show(guess)}, must lie in your interval from ${show(low)} to ${show(high)}.` };
  return null;
}

// A bet as it may be kept, without fields that we do not know; null if it is none.
export function checked(record) {
  if (!record || typeof record !== "object" || Array.isArray(record)) return null;
  const bet = Object.fromEntries(FIELDS.map((name) => [name, record[name] ?? null]));
  const { question, unit, minimum, maximum, scale, level, result } = bet;
  const sound = [question, unit].every((text) => typeof text === "string") && ["linear", "log"].includes(scale)
    && [minimum, maximum, level].every(Number.isFinite) && minimum < maximum && (scale === "linear" || minimum > 0)
    && level > 0 && level < 1 && (result === null || Number.isFinite(result)) && !wrong(bet, bet);
  return sound ? bet : null;
}

export const write = (bets) => JSON.stringify({ version: VERSION, bets }, null, 1);

// The bets of a text, and what was wrong with it ("" if nothing). Sound bets beside a broken one are kept.
export function parse(text) {
  let found;
  try { found = JSON.parse(text); } catch { return { bets: {}, trouble: "it is no JSON" }; }
  const isObject = (value) => Boolean(value) && typeof value === "object" && !Array.isArray(value);
  if (!isObject(found) || !isObject(found.bets)) return { bets: {}, trouble: "it holds no bets of this book" };
  if (found.version !== VERSION) return { bets: {}, trouble: `its version is ${JSON.stringify(found.version) ?? "missing"} and this book reads version ${VERSION}` };
  const entries = Object.entries(found.bets).map(([name, record]) => [name, checked(record)]);
  const broken = entries.filter(([, bet]) => !bet);
  return { bets: Object.fromEntries(entries.filter(([, bet]) => bet)), trouble: broken.length ? `${broken.length} of its bets cannot be read` : "" };
}

// Each widget of a page is a module of its own, so what they share without storage hangs on the page.
const memory = (globalThis[Symbol.for(KEY)] ??= { only: false, bets: {} });

// All bets of the book in this browser. Where storage is off they live as long as the page.
export const store = {
  read() {
    let text = null;
    if (!memory.only) try { text = localStorage.getItem(KEY); } catch { memory.only = true; }
    if (memory.only) return { bets: memory.bets, trouble: OFF };
    if (text === null) return { bets: {}, trouble: "" };
    const { bets, trouble } = parse(text);
    return { bets, trouble: trouble && `What this browser had kept is damaged (${trouble}); that part is dropped.` };
  },
  write(bets) {
    try {
      if (memory.only) throw new Error("off");
      if (Object.keys(bets).length) localStorage.setItem(KEY, write(bets));
      else localStorage.removeItem(KEY);
    } catch { Object.assign(memory, { only: true, bets }); }
    dispatchEvent(new Event(KEY));
  },
  listen(draw) { // storage: another tab; pageshow: the page comes back out of the browser's history
    const names = [KEY, "storage", "pageshow"];
    names.forEach((name) => addEventListener(name, draw));
    return () => names.forEach((name) => removeEventListener(name, draw));
  },
};

// A button that asks once more before it does what it says.
export function askedTwice(label, question, yes, no, onYes) {
  const first = h("button", { type: "button", onclick: () => { set(true); sure.focus(); } }, label);
  const sure = h("button", { type: "button", onclick: () => { set(false); onYes(); } }, yes);
  const back = h("button", { type: "button", onclick: () => { set(false); first.focus(); } }, no);
  const more = h("span", { class: "bets-sure", role: "group", "aria-label": question, hidden: true,
    onkeydown: (event) => { if (event.key === "Escape") back.click(); } }, h("span", {}, question), sure, back);
  const set = (asking) => { first.hidden = asking; more.hidden = !asking; };
  return { node: h("span", {}, first, more), reset: () => set(false) };
}
