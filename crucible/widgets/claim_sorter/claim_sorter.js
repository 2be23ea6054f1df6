// The claim sorter: one card at a time, filed under one of three places, answered with the book's reason.

const PLACES = { experiment: "A small experiment", record: "The written record", neither: "Neither" };
const WORDS = { right: "As the book does.", half: "Half right.", wrong: "The book differs." };

// "right" for the book's main place, "half" for its other one, else "wrong".
export const mark = (card, answer) => (card.places[0] === answer ? "right" : card.places.includes(answer) ? "half" : "wrong");

// What became of all filed cards: {right, half, differed: [index of a card that is not right]}.
export function tally(cards, answers) {
  const marks = answers.map((answer, i) => mark(cards[i], answer));
  const count = (name) => marks.filter((one) => one === name).length;
  return { right: count("right"), half: count("half"), differed: marks.flatMap((one, i) => (one === "right" ? [] : [i])) };
}

// Where the book files a card, as a sentence.
export function filed(card) {
  const [main, other] = card.places.map((place) => PLACES[place].toLowerCase());
  if (main === "neither") return "The book files it under neither.";
  return `The book files it under ${main}${other ? `, and then under ${other}` : ""}.`;
}

// The closing sentence.
export function closing(cards, answers) {
  const { right, half } = tally(cards, answers);
  return `You filed ${right} of ${cards.length} as the book does${half ? `, and ${half} more ${half === 1 ? "is" : "are"} half right` : ""}.`;
}

const reasons = (card) => card.reasons.map((reason) => h("p", { class: "cs-reason" }, reason));

// One card with its three places. onFile(place) is called once.
function cardView(onFile) {
  const claim = h("p", { class: "cs-claim" }), who = h("p", { class: "cs-who" });
  const buttons = Object.entries(PLACES).map(([place, label], i) => {
    const note = h("small", {});
    const button = h("button", { type: "button", "aria-keyshortcuts": String(i + 1), onclick: () => onFile(place) },
      h("span", { class: "cs-key", "aria-hidden": "true" }, String(i + 1)), h("span", {}, label), note);
    return { place, button, note };
  });
  const card = h("div", { class: "cs-card", tabindex: -1 }, claim, who);
  const node = h("div", {}, card, h("fieldset", {}, h("legend", {}, "Where does it belong?"),
    h("div", { class: "cs-places" }, ...buttons.map(({ button }) => button))));
  return { node, card, draw(shown, answer) {
    claim.textContent = shown.claim;
    who.textContent = `${shown.who} (${shown.article})`;
    buttons.forEach(({ place, button, note }) => {
      const rank = shown.places.indexOf(place), yours = place === answer;
      button.disabled = Boolean(answer);
      button.classList.toggle("cs-yours", yours);
      button.classList.toggle("cs-book", Boolean(answer) && rank >= 0);
      note.textContent = !answer ? "" : [rank === 0 && "✓ the book", rank > 0 && "✓ the book, too", yours && "you"].filter(Boolean).join(" · ");
    });
  } };
}

// The closing list of the cards that the book files elsewhere.
function summaryView() {
  const sentence = h("p", { class: "cs-closing", tabindex: -1 }), list = h("ol", { class: "cs-differed" });
  const intro = h("p", {});
  return { node: h("div", { class: "cs-summary" }, sentence, intro, list), sentence, draw(cards, answers) {
    const { differed } = tally(cards, answers);
    sentence.textContent = closing(cards, answers);
    intro.textContent = differed.length ? "Where you differed:" : "You and the book agree on every card.";
    list.replaceChildren(...differed.map((i) => h("li", {}, h("p", { class: "cs-again" }, cards[i].claim),
      h("p", {}, `You: ${PLACES[answers[i]].toLowerCase()}. ${filed(cards[i])}`),
      h("details", {}, h("summary", {}, "Why"), ...reasons(cards[i])))));
  } };
}

function render({ model, el }) {
  const cards = model.get("cards");
  const state = () => ({ at: model.get("card"), answers: model.get("answers") });
  const put = (values) => { Object.entries(values).forEach(([name, value]) => model.set(name, value)); model.save_changes(); };
  const file = (place) => {
    const { at, answers } = state();
    if (at < cards.length && at === answers.length) { put({ answers: [...answers, place] }); next.focus(); }
  };
  const turn = (values) => { put(values); (state().at < cards.length ? view.card : summary.sentence).focus(); };
  const place = h("p", { class: "cs-progress" });
  const bar = h("progress", { max: cards.length, "aria-label": "cards filed" });
  const view = cardView(file), summary = summaryView();
  const status = h("div", { class: "crucible-status", "aria-live": "polite" });
  const next = h("button", { type: "button", class: "cs-next", onclick: () => turn({ card: state().at + 1 }) });
  const again = h("button", { type: "button", onclick: () => turn({ card: 0, answers: [] }) }, "Start again");
  const hint = h("small", { class: "cs-hint" }, "Keys 1, 2 and 3 file a card while the focus is here.");
  const draw = () => {
    const { at, answers } = state(), done = at >= cards.length, card = cards[at], answer = answers[at];
    place.textContent = done ? `All ${cards.length} cards filed` : `Card ${at + 1} of ${cards.length}`;
    bar.value = answers.length;
    view.node.hidden = status.hidden = hint.hidden = done;
    summary.node.hidden = !done;
    next.hidden = !answer; again.hidden = !answers.length;
    next.textContent = at + 1 < cards.length ? "Next card" : "See the summary";
    if (done) summary.draw(cards, answers);
    else view.draw(card, answer);
    const shown = answer ? mark(card, answer) : "";
    status.replaceChildren(...(shown ? [h("p", {}, h("strong", { class: shown }, WORDS[shown]), ` ${filed(card)}`), ...reasons(card)] : []));
  };
  const root = h("div", { class: "crucible-widget claim-sorter", role: "group", "aria-label": "Claim sorter",
    "data-lm-suppress-shortcuts": true, // in JupyterLab the keys would change the cell
    onkeydown: (event) => {
      const chosen = Object.keys(PLACES)[Number(event.key) - 1];
      if (!chosen || event.ctrlKey || event.metaKey || event.altKey) return;
      event.stopPropagation();
      file(chosen);
    } },
  h("div", { class: "cs-head" }, place, bar), view.node, status, summary.node, h("div", { class: "cs-foot" }, next, again, hint));
  const names = ["change:card", "change:answers"];
  names.forEach((name) => model.on(name, draw));
  draw();
  el.append(root);
  return () => names.forEach((name) => model.off(name, draw));
}

export default { render };
