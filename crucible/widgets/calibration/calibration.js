// The reader's bets of the whole book: a table, a small chart, what they add up to; export, import, clear.

const MOST = 1_000_000; // bytes of a file to read; a thousand bets take half of that

// All bets, wherever they are kept: in the browser on a page without a kernel, else by Python.
function keeperOf(model) {
  if (model.kernel === false) return {
    where: "Your bets stay in this browser. They are never sent anywhere; Save makes a file on your own device.",
    chapter: `${model.get("first")}.html#your-bet`, ...store,
  };
  const names = ["change:bets", "change:trouble"];
  return {
    where: `Your bets are kept in the file ${model.get("kept_in")} beside this notebook. They are never sent anywhere.`,
    chapter: `${model.get("first")}.ipynb`,
    read: () => ({ bets: model.get("bets"), trouble: model.get("trouble") }),
    write(bets) { model.set("bets", bets); model.save_changes(); },
    listen(draw) {
      names.forEach((name) => model.on(name, draw));
      return () => names.forEach((name) => model.off(name, draw));
    },
  };
}

const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

// What the bets say, as sentences: [the count, what is usual, what follows].
export function sentences(bets) {
  const { known, held, expected, usual: [least, most], points } = calibration(bets);
  const all = Object.keys(bets).length, waiting = all - known;
  if (!known) return [`You have placed ${plural(all, "bet")}; no result is known yet.`];
  const levels = [...new Set(Object.values(bets).filter((bet) => bet.result !== null).map((bet) => bet.level))];
  const asked = levels.length === 1 ? `you asked for ${round(100 * levels[0])} %` : `you asked for ${round(100 * expected / known)} % on average`;
  const span = least === most ? String(least) : `${least} to ${most}`;
  const verdict = held < least ? "You held fewer than that: your intervals look too narrow, and you surer than you should be."
    : held > most ? "You held more than that: your intervals look wider than you need."
    : "So yours say nothing against you.";
  return [
    `${held} of ${plural(known, "interval")} held, which is ${round(100 * held / known)} %; ${asked}. Mean interval score: ${round(points)} points.`
      + (waiting ? ` ${plural(waiting, "more bet")} ${waiting === 1 ? "waits" : "wait"} for a result.` : ""),
    `Whoever is exactly as sure as they say would hold ${round(expected)} of ${known} on average, and ${span} would be nothing unusual. ${verdict}`,
    most === known ? `That even all of them hold is usual with ${plural(known, "bet")}, so you cannot see yet whether your intervals are too wide.` : "",
    known < 10 ? "With so few bets one more can change the picture; ten or more begin to say something." : "",
  ].filter(Boolean);
}

// Each bet on its question's own range: the interval, the guess, and the result where it is known.
function chart(bets) {
  const [width, left, right, row] = [360, 34, 12, 24], height = row * bets.length + 46;
  const x = (points) => left + (width - left - right) * points / 100, at = (value, bet) => x(place(value, bet));
  const rows = bets.flatMap((bet, i) => {
    const y = row * i + 16, px = bet.result === null ? null : at(bet.result, bet);
    return [
      h("text", { x: left - 10, y: y + 5, "text-anchor": "end" }, String(i + 1)),
      h("line", { class: "cal-axis", x1: x(0), x2: x(100), y1: y, y2: y }),
      h("line", { class: "cal-interval", x1: at(bet.low, bet), x2: at(bet.high, bet), y1: y, y2: y }),
      h("line", { class: "cal-guess", x1: at(bet.guess, bet), x2: at(bet.guess, bet), y1: y - 8, y2: y + 8 }),
      ...(px === null ? [] : [score(bet).held ? h("circle", { cx: px, cy: y, r: 5.5 })
        : h("path", { class: "cal-missed", d: `M${px - 5},${y - 5}l10,10m0,-10l-10,10` })]),
    ];
  });
  const label = (text, points, anchor) => h("text", { x: x(points), y: row * bets.length + 20, "text-anchor": anchor }, text);
  const middle = h("text", { x: x(50), y: row * bets.length + 39, "text-anchor": "middle" }, "place in the range of the question (points)");
  return h("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${plural(bets.length, "bet")}, each on the range of its question: interval, guess and result. The table has the same numbers.` },
    ...rows, label("0", 0, "start"), label("50", 50, "middle"), label("100", 100, "end"), middle);
}

function rowOf(bet, i) {
  const found = bet.result === null ? null : score(bet);
  return h("tr", {},
    h("td", {}, `${i + 1}. ${bet.question}`, h("small", {}, `${show(bet.guess)}, ${often(bet.level)} between ${show(bet.low)} and ${show(bet.high)} ${bet.unit}`)),
    h("td", {}, found ? resultText(bet, bet.result) : "not yet"),
    h("td", {}, found ? h("strong", { class: found.held ? "right" : "wrong" }, found.held ? "✓ held" : "✗ missed") : ""),
    h("td", { class: "cal-number" }, found ? round(found.points) : ""));
}

function render({ model, el }) {
  const keeper = keeperOf(model);
  const body = h("tbody", {}), words = h("div", { class: "cal-words" }), drawing = h("div", {});
  const heads = ["Question and bet", "Result", "Interval", "Score"].map((text) => h("th", { scope: "col" }, text));
  const table = h("div", { class: "cal-table", tabindex: 0, role: "region", "aria-label": "Table of your bets" },
    h("table", {}, h("thead", {}, h("tr", {}, ...heads)), body));
  const none = h("p", {}, "You have placed no bet yet. The first one waits in ", h("a", { href: keeper.chapter }, `the chapter ${model.get("first")}`), "; a bet takes three numbers.");
  const said = h("p", { class: "cal-said", role: "status" }), trouble = h("p", { class: "bets-trouble", role: "status" });
  const save = h("button", { type: "button", onclick: () => {
    const url = URL.createObjectURL(new Blob([write(keeper.read().bets)], { type: "application/json" }));
    h("a", { href: url, download: "bets.json" }).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000); // some browsers start the download a moment later
    said.textContent = "Your bets were saved as bets.json.";
  } }, "Save as a file");
  const open = h("input", { type: "file", accept: ".json,application/json", onchange: async () => {
    const [file] = open.files;
    open.value = ""; // so that the same file can be chosen again
    if (file) said.textContent = await take(file);
  } });
  const take = async (file) => {
    if (file.size > MOST) return `${file.name} has ${show(file.size)} bytes and at most ${show(MOST)} are read: nothing was changed.`;
    const { bets: found, trouble: text } = parse(await file.text());
    if (text) return `${file.name} was not read (${text}): nothing was changed.`;
    const { bets } = keeper.read(), added = Object.keys(found).filter((id) => !Object.hasOwn(bets, id));
    keeper.write({ ...found, ...bets }); // a bet that is placed here cannot be changed by a file
    const kept = Object.keys(found).length - added.length;
    return `${plural(added.length, "bet")} read from ${file.name}.` + (kept ? ` ${plural(kept, "bet")} of it ${kept === 1 ? "is" : "are"} placed here already and stayed as ${kept === 1 ? "it was" : "they were"}.` : "");
  };
  const clear = askedTwice("Clear all bets", "Clear all bets for good?", "Yes, clear all", "Keep them", () => {
    keeper.write({});
    said.textContent = "All bets are cleared.";
    none.querySelector("a").focus();
  });
  let shown;
  const draw = () => {
    const { bets, trouble: text } = keeper.read(), list = Object.values(bets), now = JSON.stringify([bets, text]);
    if (now === shown) return;
    shown = now;
    none.hidden = list.length > 0;
    table.hidden = drawing.hidden = words.hidden = save.hidden = clear.node.hidden = !list.length;
    clear.reset();
    trouble.textContent = text;
    body.replaceChildren(...list.map(rowOf));
    drawing.replaceChildren(...(list.length ? [chart(list)] : []));
    words.replaceChildren(...(list.length ? sentences(bets) : []).map((sentence, i) => h("p", i ? {} : { class: "cal-sum" }, sentence)));
  };
  el.append(h("div", { class: "crucible-widget bets calibration", role: "group", "aria-label": "Your bets", "data-lm-suppress-shortcuts": true },
    none, words, drawing, table,
    h("div", { class: "cal-foot" }, save, h("label", { class: "cal-file" }, "Read a file", open), clear.node),
    said, trouble, h("p", { class: "bets-small" }, keeper.where)));
  const stop = keeper.listen(draw);
  draw();
  return stop;
}

export default { render };
