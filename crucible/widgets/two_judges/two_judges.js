// Two judges. What was measured and said comes from Python (Study.page); worked out here are means, shares of the
// teacher's own score, and which judge is pleased.

// ---- The core ----

const RULERS = { style: "style agreement", judge: "answers as good as the teacher's", covered: "covered facts", uncovered: "uncovered facts", skill: "covered skill" };
const FACTS = ["covered", "uncovered", "skill"];

// One number for each seed, in %: style as a share of the same seed's teacher's agreement with itself.
export const shown = (study, ruler, values) => (ruler === "style" ? values.map((value, i) => 100 * value / study.teacher.style[i]) : values);

// What share of the teacher's own score is reached, in %: the mean over the seeds.
export const ofTeacher = (study, ruler, values) => mean(values.map((value, i) => 100 * value / study.teacher[ruler][i]));

// Which judge is pleased: {style, facts}.
export function pleased(study, scores) {
  const reached = (ruler) => ofTeacher(study, ruler, scores[ruler]) >= study.pleased - 1e-9;
  return { style: reached("style"), facts: FACTS.every(reached) };
}

// The numbers of examples an arm was measured with, and the nearest to a wished one (0 is the base as it was).
export function sizesOf(study, base, arm) {
  return study.runs.filter((run) => run.base === base && run.arm === arm).map(({ examples }) => examples).sort((a, b) => a - b);
}
export const nearestSize = (sizes, wished) => (wished === 0 ? 0 : sizes.reduce((best, n) => (Math.abs(Math.log(n / wished)) < Math.abs(Math.log(best / wished)) ? n : best)));

// ---- Words ----

const glad = (yes) => (yes ? "pleased" : "not pleased");
const points = (change) => (Math.abs(change) < 0.05 ? "as before" : `${fixed(Math.abs(change), 1)} points ${change > 0 ? "more" : "less"} than before`);

function finding(study, here, before, { base, arm, examples }) {
  const happy = pleased(study, here), style = shown(study, "style", here.style);
  const fact = (ruler) => `${RULERS[ruler]} ${percent(mean(here[ruler]))}${examples ? `, ${points(mean(here[ruler]) - mean(before[ruler]))}` : ""}`;
  return [[[examples ? `The ${base} base after ${whole(examples)} examples, ${arm}.` : `The ${base} base before any imitation.`]],
    [["The style judge is "], [glad(happy.style), true], [`: style agreement is ${percent(mean(style))} of the teacher's own agreement with itself (${spread(style)}), and ${percent(mean(here.judge))} of the answers count as good as the teacher's (${spread(here.judge)}).`]],
    [["The fact checker is "], [glad(happy.facts), true], [`: ${FACTS.map(fact).join("; ")}. The teacher has ${listed(FACTS.map((ruler) => percent(mean(study.teacher[ruler]))))}.`]]];
}

function verdict(right, [, content, , asGood]) {
  const correct = content === right;
  return [[["Style judge: "], [glad(asGood), true], [asGood ? ", as good as the teacher's." : ", not as good as the teacher's."]],
    [["Fact checker: "], [glad(correct), true], [correct ? `, ${right} is right.` : `, the right answer is ${right}.`]]];
}

// ---- Drawing ----

// A strip for each ruler: every seed a dot, their mean a bar, where the base stood and where the teacher stands.
function strips(study) {
  const [WIDTH, LEFT, RIGHT, HIGH] = [360, 12, 348, 44];
  const all = [...study.untouched, ...study.runs.map(({ scores }) => scores)].flatMap(({ style }) => shown(study, "style", style));
  const top = Math.max(100, Math.ceil(Math.max(...all) / 10) * 10), x = (value) => LEFT + (RIGHT - LEFT) * value / top;
  const node = h("svg", { class: "cd-chart", role: "img" });
  return { node, draw(here, before, changed) {
    const happy = pleased(study, here), parts = [];
    let y = 6;
    const head = (name, yes) => {
      y += 16;
      parts.push(text(`${name}: ${yes ? "✓" : "✗"} ${glad(yes)}`, LEFT, y, "start", "cd-value"));
    };
    const strip = (ruler) => {
      const values = shown(study, ruler, here[ruler]), was = mean(shown(study, ruler, before[ruler])), line = y + 34, middle = (values.length - 1) / 2;
      const own = ruler === "judge" ? null : ruler === "style" ? 100 : mean(study.teacher[ruler]);
      parts.push(h("g", { "data-ruler": ruler }, text(RULERS[ruler] + (ruler === "style" ? ", of the teacher's own" : ""), LEFT, y + 16, "start", "cd-title"), text(percent(mean(values)), RIGHT, y + 16, "end", "cd-value"),
        rule(LEFT, line, RIGHT, line, "cd-axis"), ...[0, 50, 100].map((at) => rule(x(at), line - 5, x(at), line + 5, "cd-grid")),
        ...(own === null ? [] : [h("path", { d: `M${x(own).toFixed(2)} ${line - 1}l-4.5 -9h9z`, class: "tj-teacher", "data-own": own })]),
        ...(changed ? [h("path", { d: `M${x(was).toFixed(2)} ${line + 1}l-4.5 9h9z`, class: "tj-before", "data-before": was })] : []),
        rule(x(mean(values)), line - 9, x(mean(values)), line + 9, "tj-mean"),
        ...values.map((value, i) => mark(0, x(value), line + (i - middle) * 3, "tj-dot", { "data-seed": study.seeds[i], "data-value": value }, `seed ${study.seeds[i]}: ${percent(value)}`))));
      y += HIGH;
    };
    head("Style judge", happy.style);
    ["style", "judge"].forEach(strip);
    y += 8;
    head("Fact checker", happy.facts);
    FACTS.forEach(strip);
    parts.push(...[0, 50, 100].map((at) => text(`${at}${NARROW}%`, x(at), y + 14, at ? (at === top ? "end" : "middle") : "start")));
    node.setAttribute("viewBox", `0 0 ${WIDTH} ${y + 22}`);
    node.setAttribute("aria-label", `What each judge looks at, every dot a seed. Means: ${Object.keys(RULERS).map((ruler) => `${RULERS[ruler]} ${percent(mean(shown(study, ruler, here[ruler])))}`).join("; ")}`);
    node.replaceChildren(...parts);
  } };
}

// An answer with its manner apart from its content.
function answer([opener, content, closer]) {
  const manner = (words) => (words ? [h("span", { class: "tj-manner" }, h("span", { class: "cd-unseen" }, "style: "), words), " "] : []);
  return [...manner(opener), h("strong", { class: "tj-content" }, h("span", { class: "cd-unseen" }, "content: "), content || "(nothing)"), " ", ...manner(closer)];
}

function render({ model, el }) {
  const study = model.get("study"), { bases, arms, runs, questions } = study;
  const put = (name) => (value) => { model.set(name, value); model.save_changes(); };
  const every = [0, ...new Set(runs.map(({ examples }) => examples))].sort((a, b) => a - b);
  const base = segmented("Base", bases.map((value) => ({ value, label: value })), put("base"));
  const arm = segmented("What it is trained on", arms.map(([value]) => ({ value, label: value })), put("arm"));
  const size = segmented("Examples", every.map((value) => ({ value, label: value ? whole(value) : "none" })), put("examples"));
  const told = h("p", { class: "cd-told" }), picture = strips(study), status = h("div", { class: "crucible-status", "aria-live": "polite" });
  const question = dropdown("Question", (place) => put("question")(Number(place)));
  const teacher = h("p", {}), student = h("p", {}), studentHead = h("p", { class: "tj-who" }), says = h("div", { class: "tj-says", "aria-live": "polite" });
  const sign = (kind, d) => h("path", { d, class: kind });
  const draw = () => {
    const b = bases.indexOf(model.get("base")), a = arms.findIndex(([name]) => name === model.get("arm"));
    const sizes = sizesOf(study, b, a), examples = nearestSize(sizes, model.get("examples"));
    const place = examples ? runs.findIndex((run) => run.base === b && run.arm === a && run.examples === examples) : null;
    const before = study.untouched[b], here = place === null ? before : runs[place].scores, where = { base: bases[b], arm: arms[a][0], examples };
    base.set(bases[b]);
    arm.set(arms[a][0]);
    size.set(examples);
    size.node.querySelectorAll("input").forEach((input, i) => { input.disabled = every[i] !== 0 && !sizes.includes(every[i]); });
    told.textContent = `${arms[a][1]} Measured with ${listed(sizes.map(whole))} examples.`;
    picture.draw(here, before, place !== null);
    tell(status, finding(study, here, before, where));
    const one = questions[model.get("question")], given = place === null ? one.untouched[b] : one.students[place];
    question.set(model.get("question"), questions.map(({ kind, question: asked }, value) => ({ value, label: `${kind}: ${asked}` })));
    teacher.replaceChildren(...answer(one.teacher));
    studentHead.textContent = place === null ? `The ${bases[b]} base says` : "The student says";
    student.replaceChildren(...answer(given));
    tell(says, verdict(one.right, given));
  };
  el.append(h("div", { class: "crucible-widget crucible-drawing two-judges", role: "group", "aria-label": "Two judges" },
    h("div", { class: "crucible-controls" }, base.node, arm.node, told, size.node), picture.node,
    key([mark(0, 11, 7, "tj-dot"), "a seed"], [rule(11, 0, 11, 14, "tj-mean"), "mean"], [sign("tj-before", "M11 2l-5 10h10z"), "the base before"], [sign("tj-teacher", "M11 12l-5 -10h10z"), "the teacher"]),
    status, h("p", { class: "cd-head" }, `The same question to both (seed ${study.seed})`), question.node,
    h("div", { class: "tj-pair" }, h("div", {}, h("p", { class: "tj-who" }, "The teacher says"), teacher), h("div", {}, studentHead, student)), says,
    h("p", { class: "cd-note" }, h("span", { class: "tj-manner" }, "Dashed and slanted"), " is style, which the first judge sees. ", h("strong", { class: "tj-content" }, "Framed"), " is content, which the second one checks. "
      + `A judge is pleased from ${fixed(study.pleased, 0)}${NARROW}% of the teacher's own score: the first by style agreement, the second by all three accuracies.`)));
  const names = ["base", "arm", "examples", "question"];
  names.forEach((name) => model.on(`change:${name}`, draw));
  draw();
  return () => names.forEach((name) => model.off(`change:${name}`, draw));
}

export default { render };
