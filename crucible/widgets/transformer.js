// crucible/model.py's transformer in plain JavaScript: reads what export.py has packed, one token at a time,
// and keeps every position's keys and values, so that a new token costs one pass and no more.

const EPSILON = 1e-5; // LayerNorm's, as in torch

// The tensors in the order of torch's state_dict: [name, rows, columns]; a vector has no columns.
function layout({ vocab_size, context_length, d_model: C, n_layers }) {
  const norm = (name) => [[`${name}.weight`, C], [`${name}.bias`, C]];
  const linear = (name, rows, columns) => [[`${name}.weight`, rows, columns], [`${name}.bias`, rows]];
  const block = (i) => [...norm("norm_attention"), ...linear("query_key_value", 3 * C, C), ...linear("mix", C, C),
    ...norm("norm_mlp"), ...linear("up", 4 * C, C), ...linear("down", C, 4 * C)].map(([name, ...shape]) => [`blocks.${i}.${name}`, ...shape]);
  return [["tokens.weight", vocab_size, C], ["positions.weight", context_length, C],
    ...Array.from({ length: n_layers }, (_, i) => block(i)).flat(), ...norm("norm")];
}

// A 16-bit floating-point number. export.py packs finite ones only.
function half(bits) {
  const exponent = (bits >> 10) & 31, fraction = bits & 1023;
  return (bits & 0x8000 ? -1 : 1) * (exponent ? 2 ** (exponent - 25) * (1024 + fraction) : 2 ** -24 * fraction);
}

function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let i = 0; i < 8; i++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

// A packed model -> {config, tensors: {name: Float32Array}}. An Error, in one line, if it is not whole.
export function unpack(packed) {
  if (packed?.form !== 1) throw new Error(`the weights have form ${packed?.form}, this page reads form 1`);
  const { dtype, config } = packed, eight = dtype === "int8", shapes = layout(config);
  const expected = shapes.reduce((sum, [, rows, columns]) => sum + (!columns ? 2 * rows : eight ? rows * (columns + 4) : 2 * rows * columns), 0);
  let text = "";
  try { text = atob(packed.data); } catch { /* cut inside a group of four characters */ }
  if (text.length !== expected) throw new Error(`the weights are cut short: ${text.length.toLocaleString("en")} of ${expected.toLocaleString("en")} bytes`);
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  if (crc32(bytes) !== packed.crc32) throw new Error("the weights are damaged: their checksum is another");
  const view = new DataView(bytes.buffer), tensors = {};
  let at = 0;
  for (const [name, rows, columns] of shapes) {
    const numbers = tensors[name] = new Float32Array(rows * (columns ?? 1));
    if (eight && columns) {
      const whole = at + 4 * rows; // behind the scales of all rows
      numbers.forEach((_, i) => { numbers[i] = view.getInt8(whole + i) * view.getFloat32(at + 4 * Math.floor(i / columns), true); });
      at = whole + numbers.length;
    } else {
      numbers.forEach((_, i) => { numbers[i] = half(view.getUint16(at + 2 * i, true)); });
      at += 2 * numbers.length;
    }
  }
  return { config, tensors };
}

// out = matrix x (+ bias), the matrix row by row.
function multiply(out, matrix, x, bias) {
  const columns = x.length;
  for (let row = 0, at = 0; row < out.length; row++) {
    let sum = bias ? bias[row] : 0;
    for (let i = 0; i < columns; i++) sum += matrix[at++] * x[i];
    out[row] = sum;
  }
  return out;
}

function normalise(out, x, weight, bias) {
  let mean = 0, variance = 0;
  for (const value of x) mean += value / x.length;
  for (const value of x) variance += (value - mean) ** 2 / x.length;
  const scale = 1 / Math.sqrt(variance + EPSILON);
  for (let i = 0; i < x.length; i++) out[i] = (x[i] - mean) * scale * weight[i] + bias[i];
  return out;
}

// Scores -> probabilities that add up to 1.
export function softmax(scores) {
  const most = scores.reduce((a, b) => Math.max(a, b));
  const powers = Array.from(scores, (score) => Math.exp(score - most));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}

// A reading of one text, with a cache of its own. feed(token) gives the logits of the token that follows.
export function begin({ config, tensors }) {
  const { vocab_size, context_length, d_model: C, n_layers, n_heads } = config, D = C / n_heads;
  const layers = Array.from({ length: n_layers }, (_, i) => ({
    of: (name) => tensors[`blocks.${i}.${name}`],
    keys: new Float32Array(context_length * C), values: new Float32Array(context_length * C),
  }));
  const x = new Float32Array(C), normed = new Float32Array(C), mixed = new Float32Array(C), change = new Float32Array(C);
  const threefold = new Float32Array(3 * C), wide = new Float32Array(4 * C), scores = new Float32Array(context_length);
  let length = 0;

  // For each head the weighted mean of the values of this position and all before it.
  function attend({ keys, values }) {
    mixed.fill(0);
    for (let first = 0; first < C; first += D) {
      let most = -Infinity, sum = 0;
      for (let t = 0; t <= length; t++) {
        let score = 0;
        for (let i = first; i < first + D; i++) score += threefold[i] * keys[t * C + i];
        scores[t] = score / Math.sqrt(D);
        most = Math.max(most, scores[t]);
      }
      for (let t = 0; t <= length; t++) sum += scores[t] = Math.exp(scores[t] - most);
      for (let t = 0; t <= length; t++) for (let i = first; i < first + D; i++) mixed[i] += scores[t] / sum * values[t * C + i];
    }
    return mixed;
  }

  const add = (more) => { for (let i = 0; i < C; i++) x[i] += more[i]; };

  function feed(token) {
    if (length >= context_length) throw new Error(`${length + 1} tokens do not fit: context_length=${context_length}`);
    for (let i = 0; i < C; i++) x[i] = tensors["tokens.weight"][token * C + i] + tensors["positions.weight"][length * C + i];
    for (const layer of layers) {
      const { of, keys, values } = layer;
      normalise(normed, x, of("norm_attention.weight"), of("norm_attention.bias"));
      multiply(threefold, of("query_key_value.weight"), normed, of("query_key_value.bias"));
      keys.set(threefold.subarray(C, 2 * C), length * C);
      values.set(threefold.subarray(2 * C), length * C);
      add(multiply(change, of("mix.weight"), attend(layer), of("mix.bias")));
      normalise(normed, x, of("norm_mlp.weight"), of("norm_mlp.bias"));
      multiply(wide, of("up.weight"), normed, of("up.bias"));
      for (let i = 0; i < wide.length; i++) if (wide[i] < 0) wide[i] = 0;
      add(multiply(change, of("down.weight"), wide, of("down.bias")));
    }
    length++;
    normalise(normed, x, tensors["norm.weight"], tensors["norm.bias"]);
    return multiply(new Float32Array(vocab_size), tensors["tokens.weight"], normed);
  }

  return { feed };
}

// The most probable token at every step, `count` of them or as many as fit: [{token, probabilities}].
export function write(net, prompt, count) {
  const reading = begin(net), written = [];
  let logits;
  for (const token of prompt) logits = reading.feed(token);
  for (let room = net.config.context_length - prompt.length + 1; written.length < Math.min(count, room);) {
    if (written.length) logits = reading.feed(written.at(-1).token);
    written.push({ token: logits.indexOf(Math.max(...logits)), probabilities: softmax(logits) });
  }
  return written;
}
