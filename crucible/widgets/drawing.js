// What widgets with a chart draw and say alike; joined between shared.js and the widget's own code.

const NARROW = "\u00a0"; // no line break between a number and its unit
export const percent = (value, decimals = 1) => `${fixed(value, decimals)}${NARROW}%`;
export const whole = (value) => value.toLocaleString("en");
export const capital = (words) => words[0].toUpperCase() + words.slice(1);
// "a", "a and b", "a, b and c"
export const listed = (words) => (words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`);
// The seeds behind a mean: "3 seeds: 95.0 to 103.2 %".
export const spread = (values) => (values.length === 1 ? "one seed" : `${values.length} seeds: ${fixed(Math.min(...values), 1)} to ${percent(Math.max(...values))}`);

export const text = (said, x, y, anchor, kind) => h("text", { x, y, "text-anchor": anchor, class: kind }, said);
export const rule = (x1, y1, x2, y2, kind) => h("line", { x1, y1, x2, y2, class: kind });

// Marks that differ by shape, not by colour alone: [dot, square, diamond] around a point.
export const SHAPES = [(r) => `M${-r} 0a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`,
  (r) => `M${-r * 0.9} ${-r * 0.9}h${r * 1.8}v${r * 1.8}h${-r * 1.8}z`, (r) => `M0 ${-r * 1.3}L${r * 1.3} 0L0 ${r * 1.3}L${-r * 1.3} 0z`];
export const mark = (shape, x, y, kind, told, tip, r = 3.4) => h("path", { d: SHAPES[shape](r), transform: `translate(${x.toFixed(2)} ${y.toFixed(2)})`, class: kind, ...told }, ...(tip ? [h("title", {}, tip)] : []));

// A line of signs and what they mean: [[node of a sign, words], ...], each sign drawn around the middle of 22 x 14.
export const key = (...entries) => h("p", { class: "cd-key" }, ...entries.map(([sign, said]) => h("span", {}, h("svg", { viewBox: "0 0 22 14", class: "cd-sign", "aria-hidden": "true" }, sign), ` ${said}`)));

// Round numbers between two ends, at most some five of them.
export function ticks(low, high) {
  const rough = (high - low) / 4, size = 10 ** Math.floor(Math.log10(rough)), step = [1, 2, 5, 10].map((one) => one * size).find((one) => one >= rough);
  const first = Math.ceil(low / step - 1e-9);
  return Array.from({ length: Math.floor(high / step + 1e-9) - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(10)));
}

// Lines of [words, strong?] into a live region, only where they are new: a screen reader hears only what is new.
export function tell(node, lines) {
  const now = JSON.stringify(lines);
  if (node.crucibleSaid === now) return;
  node.crucibleSaid = now;
  node.replaceChildren(...lines.map((line) => h("p", {}, ...line.map(([words, strong]) => (strong ? h("strong", {}, words) : words)))));
}
