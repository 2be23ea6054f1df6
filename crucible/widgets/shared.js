// Small building blocks that every widget of the book uses; joined in front of the widget's own code.

// An element with attributes and children; `on...` attributes are listeners.
export function h(tag, attributes = {}, ...children) {
  const svg = ["svg", "path", "circle", "line", "text", "g", "title"].includes(tag);
  const node = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

// A name no other control on the page has, so that labels and radio groups stay apart. The count belongs to the
// page: every widget has a copy of this module, and two radio groups of one name would be one group.
export const uniqueName = (stem) => `crucible-${stem}-${globalThis.crucibleNames = (globalThis.crucibleNames ?? 0) + 1}`;

// A row of choices, one of them on: radio buttons that look like one button bar.
// options: [{value, label}]. Returns {node, set(value)}.
export function segmented(legend, options, onChange) {
  const name = uniqueName("choice");
  const inputs = options.map(({ value }) => h("input", { type: "radio", name, value: String(value), onchange: () => onChange(value) }));
  const node = h("fieldset", { class: "crucible-segmented" }, h("legend", {}, legend),
    h("div", {}, ...options.map(({ label }, i) => h("label", {}, inputs[i], h("span", {}, label)))));
  return { node, set: (value) => inputs.forEach((input) => { input.checked = input.value === String(value); }) };
}

// A labelled drop-down list. set(value, options) also replaces the options where given.
export function dropdown(label, onChange) {
  const select = h("select", { onchange: () => onChange(select.value) });
  const node = h("label", { class: "crucible-field" }, h("span", {}, label), select);
  return { node, set(value, options) {
    if (options) select.replaceChildren(...options.map((o) => h("option", { value: String(o.value) }, o.label)));
    select.value = String(value);
  } };
}

// A labelled slider over the places 0..count-1; words(place) is what a screen reader says.
export function slider(label, count, words, onChange) {
  const id = uniqueName("slider"); // without it the label would belong to the output, which comes first
  const input = h("input", { id, type: "range", min: 0, max: count - 1, step: 1, oninput: () => onChange(Number(input.value)) });
  const output = h("output", {});
  const node = h("label", { class: "crucible-field crucible-slider", for: id }, h("span", {}, label, " ", output), input);
  return { node, set(place) {
    input.value = String(place);
    input.setAttribute("aria-valuetext", words(place));
    output.textContent = words(place);
  } };
}

// The mean as Python's statistics.mean takes it: exact, in whole numbers, and rounded once. A mean that lies
// between two printed numbers would otherwise now and then print differently here and in the ledger.
export function mean(values) {
  let bits = 0;
  while (bits < 900 && values.some((value) => !Number.isInteger(value * 2 ** bits))) bits += 1;
  const total = values.reduce((all, value) => all + BigInt(Math.round(value * 2 ** bits)), 0n);
  return Number((total << 200n) / (BigInt(values.length) << BigInt(bits))) / 2 ** 200;
}

// A number as Python prints it: of two equally near, the even one (JavaScript takes the larger).
export function fixed(value, decimals) {
  const halves = value * 2 ** (decimals + 1);
  const text = value.toFixed(decimals);
  const tie = Number.isInteger(halves) && halves % 2 !== 0;
  return tie && Number(text.at(-1)) % 2 ? (value - Math.sign(value) * 10 ** -decimals / 4).toFixed(decimals) : text;
}
