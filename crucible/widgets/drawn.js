// What widgets with a chart share: words and lines of an SVG, round ticks, a line that is said only when it is new.

const NARROW = "\u00a0"; // no line break between a number and its unit
const text = (said, x, y, anchor, kind) => h("text", { x, y, "text-anchor": anchor, class: kind }, said);
const rule = (x1, y1, x2, y2, kind) => h("line", { x1, y1, x2, y2, class: kind });

// Round numbers between two ends, at most some five of them.
export function ticks(low, high) {
  const rough = (high - low) / 4, size = 10 ** Math.floor(Math.log10(rough)), step = [1, 2, 5, 10].map((one) => one * size).find((one) => one >= rough);
  const first = Math.ceil(low / step - 1e-9);
  return Array.from({ length: Math.floor(high / step + 1e-9) - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(10)));
}

// Paragraphs of [[words, strong?], ...] into a node, if they are other ones: a screen reader hears only what is new.
function say(node, paragraphs) {
  const now = JSON.stringify(paragraphs);
  if (node.said === now) return;
  node.said = now;
  node.replaceChildren(...paragraphs.map((said) => h("p", {}, ...said.map(([words, strong]) => (strong ? h("strong", {}, words) : words)))));
}
