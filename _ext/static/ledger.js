// The ledger page: a tile for every claim, filters, and a card for the open one. What is chosen and
// which claim is open stand in the address (#article=fireworks&verdict=record&claim=fireworks/users).
// A classic script, not a module, so that a page opened from the disk works too. Without it the page
// is the tables below, which this script folds away and keeps in step with the filters.
(() => {
  const FILTERS = [
    ["article", "Article"], ["who", "Said by"], ["theme", "Theme"], ["kind", "Kind of claim"],
    ["reach", "Reach of a test"], ["dispute", "Contradiction"],
  ];
  const GROUPS = { article: "article", theme: "theme", verdict: "verdict" };

  // An element with attributes and children; text goes in as text, never as markup.
  function make(tag, attributes = {}, ...children) {
    const svg = ["svg", "circle", "line", "text"].includes(tag);
    const node = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else if (value !== false && value != null) node.setAttribute(name, value === true ? "" : value);
    }
    node.append(...children.flat(Infinity).filter((child) => child != null && child !== false));
    return node;
  }

  const plain = (text) => text.split(" (")[0];
  const shortTitle = (article) => plain(article.title);
  const byline = ({ author, date }) => `${author.startsWith("not named") ? "author not named" : plain(author).split(",")[0]}, ${plain(date)}`;
  const named = (text, what) => text.replace("not named in the copy", `${what} not named`);
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const decimals = (unit) => (unit === "points" ? 1 : 2); // as in crucible/metrics.py
  const fixed = (value, unit) => value.toFixed(decimals(unit)).replace("-", "−");

  // One line of dots, a dot a seed, with its interval as a bar.
  function dots(y, values, interval, x, name) {
    return [
      make("line", { x1: x(interval[0]), x2: x(interval[1]), y1: y, y2: y, class: `plot-bar plot-${name}` }),
      ...values.map((value) => make("circle", { cx: x(value), cy: y, r: 4.5, class: `plot-dot plot-${name}` })),
    ];
  }

  // The measured effect of one rule and its placebo, seed by seed, on the axis of the rule.
  function plot(part) {
    const { placebo, unit } = part;
    const said = (values) => values.map((value) => fixed(value, unit)).join(", ");
    const all = [0, part.minimum_effect, ...part.measured, ...part.interval, ...placebo.measured, ...placebo.interval];
    const [low, high] = [Math.min(...all), Math.max(...all)];
    const room = (high - low || 1) * 0.08;
    const x = (value) => 62 + ((value - low + room) / (high - low + 2 * room)) * 330;
    const mark = (value, label) => [
      make("line", { x1: x(value), x2: x(value), y1: 6, y2: 62, class: "plot-mark" }),
      make("text", { x: x(value), y: 78, "text-anchor": x(value) > 320 ? "end" : "middle" }, label),
    ];
    const asked = `${part.direction === "greater" ? "more" : "less"} than ${part.minimum_effect}`;
    const alt = `Effect of each seed: ${said(part.measured)} ${unit}; of the placebo: `
      + `${said(placebo.measured)}; the rule asks for ${asked}.`;
    return make("svg", { viewBox: "0 0 400 84", role: "img", "aria-label": alt, class: "ledger-plot" },
      make("text", { x: 0, y: 24 }, "effect"), make("text", { x: 0, y: 52 }, "placebo"),
      ...(part.minimum_effect ? mark(0, "0") : []), ...mark(part.minimum_effect, `rule: ${asked} ${unit}`),
      ...dots(20, part.measured, part.interval, x, "effect"), ...dots(48, placebo.measured, placebo.interval, x, "placebo"));
  }

  function start() {
    const host = document.getElementById("ledger");
    if (!host) return;
    const data = JSON.parse(document.getElementById("ledger-data").textContent);
    const claims = new Map(data.claims.map((claim) => [claim.id, claim]));
    const articles = new Map(data.articles.map((article) => [article.article, article]));
    const disputes = (claim) => data.contradictions.filter((one) => [...one.one, ...one.other].includes(claim.id));
    const recordsOf = (claim) => data.records.filter((record) => record.claims.includes(claim.id));
    for (const claim of claims.values()) {
      claim.dispute = disputes(claim).map((one) => one.id);
      claim.text = [claim.id, claim.claim, claim.who, claim.counter, claim.reason, claim.condition, claim.kind, claim.theme,
        articles.get(claim.article).title, articles.get(claim.article).author, ...claim.planned, ...claim.tested_in,
        ...recordsOf(claim).map((record) => record.says)].join(" ").toLowerCase();
    }

    // ---- what is chosen, from the address and back into it
    const state = {};
    function read() {
      const words = new URLSearchParams(location.hash.slice(1));
      for (const [name] of FILTERS) state[name] = words.get(name) ?? "";
      state.q = words.get("q") ?? "";
      state.by = words.get("by") in GROUPS ? words.get("by") : "article";
      state.verdict = (words.get("verdict") ?? "").split(",").filter((word) => word in data.verdicts);
      state.claim = claims.has(words.get("claim")) ? words.get("claim") : "";
    }
    function write() {
      const words = [...FILTERS.map(([name]) => [name, state[name]]), ["verdict", state.verdict.join(",")], ["q", state.q],
        ["by", state.by === "article" ? "" : state.by], ["claim", state.claim]];
      const code = (text) => encodeURIComponent(text).replace(/%2F/g, "/").replace(/%2C/g, ",").replace(/%20/g, "+");
      const hash = words.filter(([, value]) => value).map(([name, value]) => `${name}=${code(value)}`).join("&");
      history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
    }
    const fits = (claim, name) => !state[name]
      || (name === "dispute" ? claim.dispute.includes(state.dispute) : String(claim[name]) === state[name]);
    const fitsRest = (claim) => FILTERS.every(([name]) => fits(claim, name))
      && state.q.toLowerCase().split(/\s+/).every((word) => claim.text.includes(word));
    const chosen = () => data.claims.filter(
      (claim) => fitsRest(claim) && (!state.verdict.length || state.verdict.includes(claim.verdict)));

    // ---- the controls
    const optionNames = {
      article: (value) => shortTitle(articles.get(value)),
      reach: (value) => `${value} of 3`,
      dispute: (value) => { const one = data.contradictions.find((entry) => entry.id === value); return `${one.id}. ${one.question}`; },
    };
    const field = (name, label, control) => {
      control.id = `ledger-${name}`;
      return make("div", { class: "ledger-field" }, make("label", { for: control.id }, label), control);
    };
    function select(name, label, values) {
      const options = values.map((value) => make("option", { value }, optionNames[name]?.(value) ?? value));
      const control = make("select", { onchange: () => { state[name] = control.value; update(); } }, options);
      return [field(name, label, control), control];
    }
    const controls = {};
    const fields = FILTERS.map(([name, label]) => {
      const values = name === "dispute" ? data.contradictions.map((one) => one.id)
        : [...new Set(data.claims.map((claim) => String(claim[name])))];
      if (!["article", "dispute"].includes(name)) values.sort();
      const [labelled, control] = select(name, label, values);
      control.prepend(make("option", { value: "" }, "all"));
      controls[name] = control;
      return labelled;
    });
    const [byField, by] = select("by", "Arrange by", Object.keys(GROUPS));
    const search = make("input", { type: "search", placeholder: "a word, a name, E03", oninput: () => { state.q = search.value.trim(); update(); } });
    const chips = Object.entries(data.verdicts).map(([verdict, letter]) => make("button", {
      type: "button", class: "ledger-chip", "data-verdict": verdict,
      onclick: () => {
        state.verdict = state.verdict.includes(verdict) ? state.verdict.filter((one) => one !== verdict) : [...state.verdict, verdict];
        update();
      },
    }, make("span", { class: `tile v-${verdict.replaceAll(" ", "-")}`, "aria-hidden": "true" }, letter), " ", verdict, " ", make("b")));
    const clear = make("button", { type: "button", class: "ledger-clear", onclick: () => { history.replaceState(null, "", location.pathname + location.search); read(); update(); search.focus(); } }, "Show all");
    const status = make("p", { class: "ledger-status", role: "status" });
    const mosaic = make("div", { class: "ledger-mosaic", role: "group", "aria-label": "The claims, a tile each", "aria-describedby": "ledger-hint" });
    const more = make("details", { class: "ledger-more" }, make("summary", {}, "More ways to choose"), make("div", { class: "ledger-fields" }, fields.slice(1), byField));
    host.append(
      make("div", { class: "ledger-controls" },
        make("div", { class: "ledger-chips", role: "group", "aria-label": "Verdict" }, chips),
        make("div", { class: "ledger-fields" }, field("q", "Search the claims", search), fields[0]),
        more),
      make("div", { class: "ledger-line" }, status, clear),
      make("p", { id: "ledger-hint", class: "ledger-hint" }, "Arrow keys move between the tiles, Enter opens one, Escape closes it."),
      mosaic);

    // ---- the tables, folded away and kept in step
    const rows = new Map();
    const tables = document.querySelector(".ledger-tables");
    for (const row of tables.querySelectorAll("tr[id^='claim=']")) {
      rows.set(row.id.slice("claim=".length), row);
      row.removeAttribute("id"); // else the browser itself would jump there
    }
    const folded = make("details", { class: "ledger-look ledger-fold" }, make("summary", {}, "The chosen claims as a table"));
    tables.replaceWith(folded);
    folded.append(tables);
    document.getElementById("ledger-key").open = false;

    // ---- the tiles
    let tiles = new Map();
    function tile(claim) {
      const open = claim.id === state.claim;
      return make("button", {
        type: "button", class: `tile v-${claim.verdict.replaceAll(" ", "-")}`, title: claim.claim, tabindex: "-1", "data-claim": claim.id,
        "aria-label": `${claim.verdict}: ${claim.claim}`, "aria-expanded": String(open), onclick: () => choose(claim.id === state.claim ? "" : claim.id),
      }, data.verdicts[claim.verdict]);
    }
    function bands(shown) {
      const values = state.by === "verdict" ? Object.keys(data.verdicts)
        : state.by === "article" ? [...articles.keys()] : [...new Set(data.claims.map((claim) => claim[state.by]))].sort();
      return values.map((value) => {
        const inside = shown.filter((claim) => claim[state.by] === value);
        if (!inside.length) return null;
        const article = state.by === "article" && articles.get(value);
        const head = article ? shortTitle(article) : value;
        return make("section", { class: "ledger-group", "aria-label": head },
          make("p", { class: "ledger-head" }, make("b", {}, head), article ? ` ${byline(article)}` : "", make("span", {}, ` ${inside.length} claim${inside.length > 1 ? "s" : ""}`)),
          make("div", { class: "ledger-band" }, inside.map((claim) => { const one = tile(claim); tiles.set(claim.id, one); return one; })));
      }).filter(Boolean);
    }
    mosaic.addEventListener("keydown", (event) => {
      const all = [...tiles.values()];
      const at = all.indexOf(document.activeElement);
      if (event.key === "Escape" && state.claim) return choose("");
      if (at < 0) return;
      const here = all[at].getBoundingClientRect();
      const beside = (sign) => all.map((one) => [one, one.getBoundingClientRect()])
        .filter(([, box]) => sign * (box.top - here.top) > 4)
        .sort(([, a], [, b]) => Math.abs(a.top - here.top) - Math.abs(b.top - here.top) || Math.abs(a.left - here.left) - Math.abs(b.left - here.left))[0]?.[0];
      const next = { ArrowRight: () => all[at + 1], ArrowLeft: () => all[at - 1], ArrowDown: () => beside(1), ArrowUp: () => beside(-1), Home: () => all[0], End: () => all.at(-1) }[event.key]?.();
      if (!next) return;
      event.preventDefault();
      all[at].tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    });

    // ---- the card
    const row = (term, ...children) => [make("dt", {}, term), make("dd", {}, ...children)];
    const listed = (items) => make("ul", {}, items.map((item) => make("li", {}, item)));
    const toClaim = (id) => make("a", { href: `#claim=${id}` }, claims.get(id).who === "the article's author" ? shortTitle(articles.get(claims.get(id).article)) : claims.get(id).who, ": ", claims.get(id).claim);
    const toRecord = (id, text) => make("a", { href: `${data.links.records}#${id}` }, text);
    function measured(part) {
      const { placebo, unit } = part;
      const elsewhere = part.other_seeds.map((other) => `${other.verdict} on ${other.seeds.join(", ")}`).join("; ");
      return make("div", { class: "ledger-part" }, make("p", {}, make("b", {}, `${part.id}, ${part.part}: ${part.verdict}. `), part.rule), plot(part),
        make("p", {}, `Measured ${fixed(mean(part.measured), unit)} ${unit} (90 % interval ${part.interval.map((end) => fixed(end, unit)).join(" to ")}), `
          + `a dot for each of ${part.seeds.length} seeds (${part.seeds.join(", ")}). The placebo, ${placebo.arm}, measured ${fixed(mean(placebo.measured), unit)} `
          + `and ${placebo.holds ? "stayed within" : "broke"} its bound of ±${placebo.bound}.`
          + (elsewhere && ` On other seeds: ${elsewhere}.`)));
    }
    function grounds(claim) {
      const planned = claim.planned.filter((id) => id.startsWith("E"));
      return [
        claim.experiments.length && row("How it was tested", claim.experiments.map(measured)),
        planned.length && row("How it will be tested", listed(planned.map((id) => `${id}. ${data.titles[id]}`))),
        claim.condition && row("It depends on", claim.condition),
        claim.reason && row("Why it cannot be tested", claim.reason),
        claim.record && row("The record", claim.record),
        ...recordsOf(claim).map((record) => row("The record", make("p", {}, record.says), toRecord(record.id, `${record.id}, with its sources: ${record.question}`))),
      ].filter(Boolean);
    }
    function card(claim, shown) {
      const article = articles.get(claim.article);
      const at = shown.indexOf(claim);
      const step = (sign, word) => make("button", { type: "button", disabled: !shown[at + sign] || at < 0, onclick: () => choose(shown[at + sign].id) }, word);
      return make("article", { class: `ledger-card edge-${claim.verdict.replaceAll(" ", "-")}`, "aria-label": "The chosen claim" },
        make("p", { class: "ledger-verdict" }, make("span", { class: `tile v-${claim.verdict.replaceAll(" ", "-")}`, "aria-hidden": "true" }, data.verdicts[claim.verdict]), " ",
          make("b", {}, claim.verdict), ` · ${claim.kind} · ${claim.theme}`),
        make("p", { class: "ledger-claim", tabindex: "-1" }, claim.claim),
        make("dl", {},
          row("Said by", claim.who),
          row("In", make("cite", {}, article.title), `; ${named(article.author, "author")}; ${named(article.outlet, "outlet")}; ${article.date}`),
          claim.counter ? row("Against it", make("p", {}, claim.counter),
            ...disputes(claim).map((one) => make("p", {}, toRecord(one.id, `${one.id}. ${one.question}`), listed((one.one.includes(claim.id) ? one.other : one.one).filter((id) => claims.has(id)).map(toClaim)))))
            : row("Against it", "Nobody in the five articles."),
          grounds(claim),
          claim.forecast ? row("Our forecast", claim.forecast) : [],
          row("Reach", `${claim.reach} of 3: ${data.reach[claim.reach]}.`),
          claim.chapter ? row("Chapter", make("a", { href: data.links[claim.chapter] }, "Where it is tested")) : []),
        make("div", { class: "ledger-steps" }, step(-1, "← Previous"), step(1, "Next →"),
          make("button", { type: "button", onclick: () => choose("") }, "Close"), make("code", {}, claim.id)));
    }
    let shownCard = null;
    function place(shown) {
      shownCard?.remove();
      shownCard = null;
      for (const [id, one] of tiles) one.setAttribute("aria-expanded", String(id === state.claim));
      if (!state.claim) return;
      shownCard = card(claims.get(state.claim), shown);
      const group = tiles.get(state.claim)?.closest(".ledger-group");
      if (group) group.append(shownCard);
      else mosaic.prepend(shownCard); // the filters leave its tile out
    }
    function choose(id) {
      const before = state.claim;
      state.claim = id;
      write();
      place(chosen());
      for (const one of tiles.values()) one.tabIndex = -1;
      const focus = tiles.get(id || before) ?? [...tiles.values()][0];
      if (focus) focus.tabIndex = 0;
      if (!id) return focus?.focus();
      shownCard.querySelector(".ledger-claim").focus({ preventScroll: true });
      shownCard.scrollIntoView({ block: "nearest" });
    }

    // ---- everything again, after a filter or the address has changed
    function update() {
      const shown = chosen();
      const rest = data.claims.filter(fitsRest);
      for (const [name] of FILTERS) controls[name].value = state[name];
      if (search.value.trim() !== state.q) search.value = state.q;
      by.value = state.by;
      if (FILTERS.slice(1).some(([name]) => state[name]) || state.by !== "article") more.open = true;
      for (const chip of chips) {
        chip.setAttribute("aria-pressed", String(state.verdict.includes(chip.dataset.verdict)));
        chip.querySelector("b").textContent = rest.filter((claim) => claim.verdict === chip.dataset.verdict).length;
      }
      tiles = new Map();
      mosaic.replaceChildren(...bands(shown));
      (tiles.get(state.claim) ?? tiles.values().next().value)?.setAttribute("tabindex", "0");
      place(shown);
      const counts = Object.keys(data.verdicts).map((verdict) => [shown.filter((claim) => claim.verdict === verdict).length, verdict]).filter(([count]) => count);
      const some = `${shown.length} of ${data.claims.length} claims: ${counts.map((pair) => pair.join(" ")).join(", ")}.`
        + (shown.some((claim) => claim.experiments.length) ? "" : " No experiment has tested any of them yet.");
      status.textContent = shown.length === data.claims.length ? `All ${shown.length} claims.` : shown.length ? some
        : `None of ${data.claims.length} claims fits. Loosen a filter.`;
      clear.hidden = shown.length === data.claims.length && !state.claim;
      for (const [id, one] of rows) one.hidden = !shown.includes(claims.get(id));
      for (const part of tables.querySelectorAll(".ledger-article")) part.hidden = !part.querySelector("tbody tr:not([hidden])");
      write();
    }
    function follow(event) {
      read();
      update();
      if (!state.claim) return;
      shownCard.scrollIntoView({ block: "nearest" });
      if (event) shownCard.querySelector(".ledger-claim").focus({ preventScroll: true });
    }
    addEventListener("hashchange", follow);
    follow();
    host.dataset.ledger = "ready";
  }

  start(); // deferred: the page is whole
})();
