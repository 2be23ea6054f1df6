// A bet: three numbers, committed once. The result is said after that, and never before.

// Where this bet is kept: in the browser on a page without a kernel, else by Python.
function keeperOf(model) {
  const id = model.get("id");
  if (model.kernel === false) return {
    where: "Your bet stays in this browser. It is never sent anywhere.",
    read() { const { bets, trouble } = store.read(); return { bet: bets[id] ?? null, trouble }; },
    put(bet) {
      const { [id]: _, ...others } = store.read().bets;
      store.write(bet ? { ...store.read().bets, [id]: bet } : others);
    },
    listen: store.listen,
  };
  const file = model.get("kept_in"), names = ["change:record", "change:trouble"];
  return {
    where: `Your bet is kept in ${file ? `the file ${file} beside this notebook` : "this notebook's kernel"}. It is never sent anywhere.`,
    read: () => ({ bet: checked(model.get("record")), trouble: model.get("trouble") }),
    put(bet) { model.set("record", bet ?? {}); model.save_changes(); },
    listen(draw) {
      names.forEach((name) => model.on(name, draw));
      return () => names.forEach((name) => model.off(name, draw));
    },
  };
}

// What a placed bet says, for eyes and screen readers alike: paragraphs of text and verdicts.
export function describe(bet) {
  const said = `Your bet: ${show(bet.guess)}, and ${often(bet.level)} between ${show(bet.low)} and ${show(bet.high)} ${bet.unit}.`;
  if (bet.result === null) return [[said], ["The result is not known yet. It comes with the run."]];
  const { held, width, penalty, points } = score(bet);
  const verdict = held ? "holds" : "misses";
  return [[said],
    [`The result is ${resultText(bet, bet.result)}. Your interval `, h("strong", { class: held ? "right" : "wrong" }, verdict), " it."],
    [`Interval score: ${round(points)} points, which is a width of ${round(width)} and a penalty of ${round(penalty)}. Less is better.`]];
}

function explained({ minimum, maximum, unit, scale, level }) {
  const range = `${show(minimum)} to ${show(maximum)} ${unit}`;
  return h("details", {}, h("summary", {}, "How it is scored"),
    h("p", {}, `A hundred points are the whole range of the question, ${range}${scale === "log" ? ", counted in factors (a log scale)" : ""}. `
      + `You pay for the width of your interval, and ${round(2 / (1 - level))} times the distance by which it misses. `
      + "Whoever says what they believe pays least in the long run. "
      + "This is the interval score of Gneiting and Raftery 2007, Journal of the American Statistical Association 102, equation 43."));
}

// The three fields. onPlace({guess, low, high}) is called with numbers that fit the question.
function formOf(about, onPlace) {
  const name = uniqueName("wrong");
  const field = () => h("input", { type: "number", step: "any", min: about.minimum, max: about.maximum, inputmode: "decimal", autocomplete: "off" });
  const inputs = { guess: field(), low: field(), high: field() };
  const labels = { guess: "Your guess", low: "Low end", high: "High end" };
  const message = h("p", { class: "bets-trouble", id: name, role: "alert" });
  const say = (found) => {
    message.textContent = found ? found.text : "";
    for (const [field, input] of Object.entries(inputs)) {
      input.setAttribute("aria-invalid", String(found?.field === field));
      if (found?.field === field) input.setAttribute("aria-describedby", name);
      else input.removeAttribute("aria-describedby");
    }
    if (found) inputs[found.field].focus();
  };
  const node = h("form", { novalidate: true, onsubmit: (event) => {
    event.preventDefault();
    const values = Object.fromEntries(Object.entries(inputs).map(([field, input]) => [field, input.value.trim() === "" ? NaN : Number(input.value)]));
    const found = wrong(values, about);
    say(found);
    if (!found) onPlace(values);
  } },
  h("p", {}, `Write a number from ${show(about.minimum)} to ${show(about.maximum)}, and an interval that you would trust ${often(about.level)}.`),
  h("div", { class: "bet-fields" }, ...Object.entries(inputs).map(([field, input]) =>
    h("label", { class: "crucible-field" }, h("span", {}, `${labels[field]}${about.unit && ` (${about.unit})`}`), input))),
  h("button", { type: "submit", class: "bets-main" }, "Place the bet"), message);
  return { node, focus: () => inputs.guess.focus(), empty() { Object.values(inputs).forEach((input) => { input.value = ""; }); say(null); } };
}

function render({ model, el }) {
  const about = model.get("about"), keeper = keeperOf(model);
  const form = formOf(about, (values) => {
    if (!keeper.read().bet) keeper.put({ ...about, ...values, result: model.get("result") ?? null }); // another tab may have been first
    placed.focus();
  });
  const placed = h("div", { class: "bet-placed", role: "status", tabindex: -1 });
  const clear = askedTwice("Clear this bet", "Clear the bet for good?", "Yes, clear it", "Keep it", () => {
    keeper.put(null);
    form.empty();
    form.focus();
  });
  const trouble = h("p", { class: "bets-trouble", role: "status" });
  let shown; // a redraw that changes nothing would be read out again
  let told; // the result that this page has written: once, or two tabs with two editions would answer each other for ever
  const draw = () => {
    const { bet, trouble: text } = keeper.read(), result = model.get("result") ?? null;
    if (bet && result !== null && bet.result !== result && (told !== result || bet.result === null)) {
      told = result;
      return keeper.put({ ...bet, result }); // which draws again
    }
    const now = JSON.stringify([bet, text]);
    if (now === shown) return;
    shown = now;
    form.node.hidden = Boolean(bet);
    placed.hidden = clear.node.hidden = !bet;
    clear.reset();
    trouble.textContent = text;
    placed.replaceChildren(...(bet ? describe(bet).map((parts) => h("p", {}, ...parts)) : []));
  };
  el.append(h("div", { class: "crucible-widget bets bet", role: "group", "aria-label": "Your bet", "data-lm-suppress-shortcuts": true },
    h("p", { class: "bet-question" }, about.question), ...(model.get("note") ? [h("p", {}, model.get("note"))] : []),
    form.node, placed, clear.node, trouble, explained(about), h("p", { class: "bets-small" }, keeper.where)));
  const stop = keeper.listen(draw);
  model.on("change:result", draw);
  draw();
  return () => { stop(); model.off("change:result", draw); };
}

export default { render };
