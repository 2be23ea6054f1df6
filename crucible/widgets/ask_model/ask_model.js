// Ask the model: a prompt goes in, and the chapter's own model answers in the page, without a kernel.

const MANY = 3; // unknown words that are named one by one
const PLACES = ["ones", "tens", "hundreds", "thousands"];

const short = (word) => `“${word.length > 20 ? `${word.slice(0, 20)}…` : word}”`;
const percent = (share) => `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`;

// A text as tokens. Where words stand apart each must be in the vocabulary; elsewhere the longest entry that fits
// is taken, and blanks that are no entry count for nothing. Returns {tokens, unknown: [words]}.
export function tokenise(text, vocab, apart) {
  const tokens = [], unknown = [];
  if (apart) {
    for (const word of text.split(/\s+/).filter(Boolean)) {
      if (vocab.has(word)) tokens.push(vocab.get(word));
      else unknown.push(word);
    }
    return { tokens, unknown };
  }
  const longest = Math.max(...[...vocab.keys()].map((word) => word.length));
  let lost = ""; // neighbours that are not known count as one word
  const give = () => { if (lost) unknown.push(lost); lost = ""; };
  for (let at = 0; at < text.length;) {
    let size = longest;
    while (size && !vocab.has(text.slice(at, at + size))) size--;
    if (size) { give(); tokens.push(vocab.get(text.slice(at, at + size))); } else if (/\s/.test(text[at])) give(); else lost += text[at];
    at += size || 1;
  }
  give();
  return { tokens, unknown };
}

// "27 + 58" as people write it -> {a, b, text: "72+85="}, ones first; or {problem}.
export function readSum(text, digits) {
  const found = /^\s*(\d+)\s*\+\s*(\d+)\s*=?\s*$/.exec(text);
  if (!found) return { problem: `Type a sum, such as 27 + 58; ${short(text.trim())} is none.` };
  const numbers = found.slice(1).map(Number), limit = 10 ** digits - 1;
  const large = found.slice(1).find((_, i) => numbers[i] > limit);
  if (large) return { problem: `This model adds numbers from 0 to ${limit}; ${short(large)} is larger.` };
  const reversed = numbers.map((number) => [...String(number).padStart(digits, "0")].reverse().join(""));
  return { a: numbers[0], b: numbers[1], text: `${reversed.join("+")}=` };
}

// What a prompt comes to: {problem} alone, or {tokens, note, sum}. limit: the most tokens that fit.
export function read(text, { vocab, apart, form, digits, limit }) {
  if (!text.trim()) return { problem: `Type a ${form === "sum" ? "sum" : "prompt"} first.` };
  const sum = form === "sum" ? readSum(text, digits) : null;
  if (sum?.problem) return sum;
  const { tokens, unknown } = tokenise(sum ? sum.text : text, vocab, apart && !sum);
  const named = [...new Set(unknown)], more = named.length - MANY;
  const words = named.slice(0, MANY).map(short).join(", ") + (more > 0 ? ` and ${more.toLocaleString("en")} more` : "");
  if (!tokens.length) return { problem: `The model does not know ${words}, and nothing else is in the prompt.` };
  if (tokens.length > limit) return { problem: `This prompt has ${tokens.length.toLocaleString("en")} tokens; the model reads at most ${limit}.` };
  return { tokens, sum, note: named.length ? `The model does not know ${words}; the rest is kept.` : "" };
}

// The bars of one written token: [{label, share}], the rest of the vocabulary last.
export function bars(probabilities, words, top) {
  const order = probabilities.map((share, token) => ({ label: words[token], share }));
  const shown = typeof top === "number" ? order.sort((a, b) => b.share - a.share).slice(0, top) : order.filter(({ label }) => top.includes(label));
  const rest = 1 - shown.reduce((sum, { share }) => sum + share, 0);
  return [...shown, { label: "rest", share: Math.max(0, rest) }];
}

function card(title, word, share, rows, right) {
  const verdict = right == null ? "" : right === word ? " am-right" : " am-wrong";
  const said = `${title}: the model writes ${word}, probability ${percent(share)}${right == null ? "" : `; right is ${right}`}`;
  return h("div", { class: `am-card${verdict}`, role: "img", "aria-label": said }, h("span", { class: "am-place" }, title), h("b", {}, word),
    ...rows.map((row) => h("div", { class: `am-row${row.label === right ? " am-truth" : ""}` }, h("span", {}, row.label),
      h("span", { class: "am-bar" }, h("i", { style: `width: ${100 * row.share}%` })), h("small", {}, percent(row.share)))));
}

async function load(model) {
  return Promise.all(model.get("systems").map(async ({ name, weights }) => ({ name, nets: await Promise.all(weights.map(async (reference) => {
    const copy = await model.widget_manager.get_model(reference.replace("IPY_MODEL_", "")).catch(() => null);
    if (!copy) throw new Error("the weights are not on this page");
    return unpack(copy.get("packed"));
  })) })));
}

async function render({ model, el }) {
  const systems = await load(model);
  const words = model.get("vocab"), steps = model.get("steps"), form = model.get("form"), count = model.get("answer_length");
  const vocab = new Map(words.map((word, token) => [word, token]));
  const settings = { vocab, form, digits: count - 1, apart: words.filter((word) => word.length > 1).length > words.length / 2,
    limit: Math.min(...systems.map(({ nets }) => nets[0].config.context_length)) };
  const put = (name, value) => { model.set(name, value); model.save_changes(); };
  const input = h("input", { type: "text", autocomplete: "off", autocapitalize: "off", spellcheck: "false" });
  const ask = h("form", { class: "am-ask", onsubmit: (event) => { event.preventDefault(); put("prompt", input.value); } },
    h("label", { class: "crucible-field" }, h("span", {}, form === "sum" ? "Your sum" : "Your prompt"), input),
    h("button", { type: "submit" }, "Ask"));
  const examples = h("div", { class: "am-examples", role: "group", "aria-label": "Examples" },
    ...model.get("prompts").map((text) => h("button", { type: "button", onclick: () => put("prompt", text) }, text)));
  const places = slider("Steps trained:", steps.length, (place) => (steps[place] ?? 0).toLocaleString("en"), (place) => put("place", place));
  const note = h("p", { class: "am-note", role: "status" }), status = h("p", { class: "crucible-status", "aria-live": "polite" });
  const answers = h("div", { class: "am-systems" });

  // One system's answer: its cards, and the finding as a sentence for eyes and screen readers alike.
  function answer({ name, nets }, { tokens, sum }) {
    const net = nets[Math.min(model.get("place"), nets.length - 1)];
    const all = write(net, tokens, count), end = all.findIndex(({ token }) => words[token] === model.get("stop"));
    const written = end < 0 ? all : all.slice(0, end + 1), digits = written.map(({ token }) => words[token]);
    const truth = sum && [...String(sum.a + sum.b).padStart(count, "0")].reverse();
    const cards = written.map(({ token, probabilities }, i) => card(sum ? PLACES[i] : `token ${i + 1}`, words[token], probabilities[token],
      bars(probabilities, words, sum ? [..."0123456789"] : model.get("top")), truth?.[i]));
    const when = nets.length > 1 ? `After ${steps[model.get("place")].toLocaleString("en")} steps ` : "";
    const who = when && systems.length < 2 ? name : `${name[0].toUpperCase()}${name.slice(1)}`;
    const lead = when + (when && systems.length > 1 ? name : who);
    const whole = [...digits].reverse().join("").replace(/^0+(?=.)/, ""), verdict = truth && (digits.join() === truth.join() ? "right" : "wrong");
    const sentence = sum ? [`${lead} writes ${sum.a} + ${sum.b} = ${whole}, which is `, h("strong", { class: verdict }, verdict), ". "]
      : [`${lead} writes ${digits.join(settings.apart ? " " : "")}. `];
    const node = h("section", { class: "am-system", "aria-label": name }, h("p", { class: "am-name", hidden: systems.length < 2 }, name),
      h("div", { class: "am-cards" }, ...(sum ? cards.reverse() : cards)));
    return { node, sentence };
  }

  function draw() {
    const found = read(model.get("prompt"), settings);
    places.set(model.get("place"));
    note.textContent = found.problem ?? found.note;
    const drawn = found.problem ? [] : systems.map((system) => answer(system, found));
    answers.replaceChildren(...drawn.map(({ node }) => node));
    status.replaceChildren(...drawn.flatMap(({ sentence }) => sentence));
  }

  const fill = () => { input.value = model.get("prompt"); }; // the slider leaves a text alone that is not asked yet
  const listeners = [["change:prompt", fill], ["change:prompt", draw], ["change:place", draw]];
  listeners.forEach(([name, listener]) => model.on(name, listener));
  fill();
  draw();
  el.append(h("div", { class: "crucible-widget ask-model", role: "group", "aria-label": "Ask the model",
    "data-lm-suppress-shortcuts": true }, // in JupyterLab keys would change the cell
  h("div", { class: "crucible-controls" }, ask, examples, ...(steps.length ? [places.node] : [])), note, answers, status));
  return () => listeners.forEach(([name, listener]) => model.off(name, listener));
}

export default { render };
