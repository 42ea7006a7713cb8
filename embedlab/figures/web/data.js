// What the map draws, decoded: typed arrays, texts that are read when needed, and colours.

function numbersFrom(source, Type) {
  if (source === null || source === undefined) return null;
  if (typeof source !== "string") return source instanceof Type ? source : Type.from(source);
  const bytes = Uint8Array.from(atob(source), (letter) => letter.charCodeAt(0));
  return new Type(bytes.buffer);
}

// `rows` has count, text(row) and columns: [{name, value(row)}].
function pointsFrom(axes, rows) {
  const [x, y, z] = axes.map((axis) => numbersFrom(axis, Float32Array));
  return { count: x.length, x, y, z: z || null, rows };
}

function rowsFromJson(json) {
  const columns = json.columns.map(({ name, values, codes }) => {
    const index = numbersFrom(codes, Int32Array);
    return { name, value: (row) => values[index[row]] };
  });
  return { count: json.count, text: (row) => json.texts[row], columns };
}

function rowsFromArrow(table, names) {
  const texts = table.getChild("text");
  const columns = names.map((name, at) => {
    const values = table.getChild(String(at));
    return { name, value: (row) => values.get(row) };
  });
  return { count: table.numRows, text: (row) => texts.get(row), columns };
}

function colouringFrom(legend, values) {
  const Type = legend.kind === "category" ? Int32Array : Float32Array;
  return { ...legend, values: legend.kind === "plain" ? null : numbersFrom(values, Type) };
}

// A CSS colour for each row. Strings, because Plotly takes them three times faster than numbers.
function coloursOf(colouring, dark, count) {
  const palette = dark ? colouring.dark : colouring.light;
  const missing = dark ? colouring.missing.dark : colouring.missing.light;
  const { values, kind } = colouring;
  if (kind === "plain") return new Array(count).fill(palette[0]);
  const colours = new Array(count);
  const top = palette.length - 1;
  for (let row = 0; row < count; row++) {
    const value = values[row];
    if (kind === "category") colours[row] = value < 0 ? missing : palette[value];
    else colours[row] = Number.isNaN(value) ? missing : palette[Math.round(value * top)];
  }
  return colours;
}

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

function rowsWithCodes(colouring, codes) {
  const rows = [];
  colouring.values.forEach((code, row) => {
    if (codes.has(code)) rows.push(row);
  });
  return Int32Array.from(rows);
}

// Rows inside a polygon [[x, y], ...], by the even-odd rule.
function rowsInside(points, polygon) {
  const { x, y } = points;
  const xs = polygon.map((corner) => corner[0]);
  const ys = polygon.map((corner) => corner[1]);
  const [left, right, low, high] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const rows = [];
  for (let row = 0; row < points.count; row++) {
    const px = x[row];
    const py = y[row];
    if (px < left || px > right || py < low || py > high) continue;
    let inside = false;
    for (let i = 0, j = xs.length - 1; i < xs.length; j = i++) {
      if (ys[i] > py !== ys[j] > py && px < ((xs[j] - xs[i]) * (py - ys[i])) / (ys[j] - ys[i]) + xs[i]) {
        inside = !inside;
      }
    }
    if (inside) rows.push(row);
  }
  return Int32Array.from(rows);
}

function sameRows(a, b) {
  if (a === b) return true;
  if (!a || !b || a.length !== b.length) return false;
  return a.every((row, at) => row === b[at]);
}

function unionOf(a, b) {
  return Int32Array.from(new Set([...a, ...b])).sort();
}

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
