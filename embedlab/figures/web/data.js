// What the map draws, decoded: typed arrays, texts that are read when needed, and colours.

function numbersFrom(source, Type) {
  if (source === null || source === undefined) return null;
  if (typeof source !== "string") return source instanceof Type ? source : Type.from(source);
  const bytes = Uint8Array.from(atob(source), (letter) => letter.charCodeAt(0));
  return new Type(bytes.buffer);
}

// `rows` has count, names (of the columns that are told), known(row): {text, values} or null, about(rows): a promise
// of these for each.
function pointsFrom(axes, rows) {
  const [x, y, z] = axes.map((axis) => numbersFrom(axis, Float32Array));
  return { count: x.length, x, y, z: z || null, rows };
}

// All texts are here already.
function rowsFromJson(json) {
  const columns = json.columns.map(({ values, codes }) => ({ values, codes: numbersFrom(codes, Int32Array) }));
  const known = (row) => ({ text: json.texts[row], values: columns.map(({ values, codes }) => values[codes[row]]) });
  return { count: json.count, names: json.columns.map(({ name }) => name), known, about: async (rows) => rows.map(known) };
}

const TEXTS_KEPT = 4000;
const ASKED_AT_ONCE = 100;

// Texts are asked for when they are looked at: `ask` takes rows and promises what is known of each.
function rowsOnDemand(count, names, ask) {
  const kept = new Map();
  const about = async (rows) => {
    const lacking = rows.filter((row) => !kept.has(row));
    for (let at = 0; at < lacking.length; at += ASKED_AT_ONCE) {
      const part = lacking.slice(at, at + ASKED_AT_ONCE);
      (await ask(part)).forEach((told, index) => kept.set(part[index], told));
    }
    const told = rows.map((row) => kept.get(row));
    for (const row of kept.keys()) {
      if (kept.size <= TEXTS_KEPT) break;
      kept.delete(row);
    }
    return told;
  };
  return { count, names, known: (row) => kept.get(row) || null, about };
}

function colouringFrom(legend, values) {
  const Type = legend.kind === "category" ? Int32Array : Float32Array;
  return { ...legend, values: legend.kind === "plain" ? null : numbersFrom(values, Type) };
}

// Colours as the renderer takes them: red in the lowest byte.
function packedColour(css) {
  const code = parseInt(css.slice(1), 16);
  return (0xff000000 | ((code & 255) << 16) | (code & 0xff00) | (code >> 16)) >>> 0;
}

// The colour of each row, Uint32 (count), and its rank: small groups lie on top of large ones, what is missing below.
function coloursOf(colouring, dark, count) {
  const palette = Uint32Array.from(dark ? colouring.dark : colouring.light, packedColour);
  const missing = packedColour(dark ? colouring.missing.dark : colouring.missing.light);
  const { values, kind } = colouring;
  const colours = new Uint32Array(count);
  if (kind === "plain") return { colours: colours.fill(palette[0]), ranks: null };
  if (kind === "category") {
    for (let row = 0; row < count; row++) colours[row] = values[row] < 0 ? missing : palette[values[row]];
    return { colours, ranks: ranksOf(colouring, count) };
  }
  const top = palette.length - 1;
  for (let row = 0; row < count; row++) {
    const value = values[row];
    colours[row] = Number.isNaN(value) ? missing : palette[Math.round(value * top)];
  }
  return { colours, ranks: null };
}

function ranksOf({ values, counts }, count) {
  const order = counts.map((_, code) => code).sort((a, b) => counts[b] - counts[a]);
  const rankOf = new Uint32Array(counts.length);
  order.forEach((code, at) => {
    rankOf[code] = at + 1;
  });
  const ranks = new Uint32Array(count);
  for (let row = 0; row < count; row++) ranks[row] = values[row] < 0 ? 0 : rankOf[values[row]];
  return ranks;
}

const cssOf = (packed) => `rgb(${packed & 255} ${(packed >> 8) & 255} ${(packed >> 16) & 255})`;

// The name of a row's colour, or null where the colour says nothing by itself.
function colourNameOf(colouring, row) {
  if (colouring.kind === "category") {
    const code = colouring.values[row];
    return code < 0 ? colouring.missing.name : colouring.names[code];
  }
  if (colouring.kind !== "scale") return null;
  const value = colouring.values[row];
  if (Number.isNaN(value)) return colouring.missing.name;
  return colouring.percent ? `${Math.round(value * 100)} %` : null;
}

// Which rows, as numbers in their order, of Uint8 of 0 and 1.
function rowsOf(bits) {
  let count = 0;
  for (let row = 0; row < bits.length; row++) count += bits[row];
  const rows = new Int32Array(count);
  for (let row = 0, at = 0; row < bits.length; row++) if (bits[row]) rows[at++] = row;
  return rows;
}

function bitsOf(rows, count) {
  const bits = new Uint8Array(count);
  for (const row of rows) bits[row] = 1;
  return bits;
}

// Eight rows in a byte, the first in its highest bit, as numpy packs them.
function packedBits(bits) {
  const bytes = new Uint8Array(Math.ceil(bits.length / 8));
  for (let row = 0; row < bits.length; row++) if (bits[row]) bytes[row >> 3] |= 128 >> (row & 7);
  return bytes;
}

function unpackedBits(bytes, count) {
  const bits = new Uint8Array(count);
  for (let row = 0; row < count; row++) bits[row] = (bytes[row >> 3] >> (7 - (row & 7))) & 1;
  return bits;
}

function base64Of(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
  return btoa(text);
}

const sumOf = (bits) => {
  let sum = 0;
  for (let row = 0; row < bits.length; row++) sum += bits[row];
  return sum;
};

const counted = (count, one, many) => `${count.toLocaleString("en-GB")} ${count === 1 ? one : many}`;

// The page's colours, from Streamlit's variables or from the stand-alone page's own of the same names.
function themeOf(element) {
  const style = getComputedStyle(element);
  const read = (name, otherwise) => style.getPropertyValue(name).trim() || otherwise;
  const background = read("--st-background-color", "#ffffff");
  return {
    background,
    dark: lightness(background) < 0.5,
    text: read("--st-text-color", "#31333f"),
    primary: read("--st-primary-color", "#ff4b4b"),
    font: read("--st-font", "system-ui, sans-serif"),
  };
}

function lightness(colour) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.fillStyle = colour;
  pen.fillRect(0, 0, 1, 1);
  const [red, green, blue] = pen.getImageData(0, 0, 1, 1).data;
  return (0.299 * red + 0.587 * green + 0.114 * blue) / 255;
}
