// Where the texts lie densely: a smoothed grid of what is in view, and lines of equal density.

const CELL = 3; // pixels of the screen in a cell of the grid
const BLUR = 4; // cells that the density is smoothed by, three times
const LEVELS = [0.08, 0.18, 0.32, 0.5, 0.72];

// The density of the points that stand out, or of all, as one looks now: {values Float32, columns, rows, highest, camera}.
function densityOf({ x, y, count }, standing, camera) {
  const margin = 40; // so that what lies just outside counts
  const columns = Math.ceil((camera.width + 2 * margin) / CELL);
  const rows = Math.ceil((camera.height + 2 * margin) / CELL);
  let values = new Float32Array(columns * rows);
  const { state } = camera;
  for (let row = 0; row < count; row++) {
    if (standing && !standing[row]) continue;
    const across = Math.floor(((x[row] - state.x) * state.scale + camera.width / 2 + margin) / CELL);
    const down = Math.floor(((state.y - y[row]) * state.scale + camera.height / 2 + margin) / CELL);
    if (across >= 0 && across < columns && down >= 0 && down < rows) values[down * columns + across] += 1;
  }
  for (let turn = 0; turn < 3; turn++) values = blurred(values, columns, rows, BLUR);
  let highest = 0;
  for (const value of values) if (value > highest) highest = value;
  return { values, columns, rows, highest, margin, state, width: camera.width, height: camera.height };
}

// The mean of the cells within `reach`, along the rows and then along the columns.
function blurred(values, columns, rows, reach) {
  const along = new Float32Array(values.length);
  const out = new Float32Array(values.length);
  const pass = (from, to, count, step, start) => {
    let sum = 0;
    for (let at = -reach; at < count + reach; at++) {
      if (at + reach < count) sum += from[start + (at + reach) * step];
      if (at - reach - 1 >= 0) sum -= from[start + (at - reach - 1) * step];
      if (at >= 0 && at < count) to[start + at * step] = Math.max(0, sum) / (2 * reach + 1);
    }
  };
  for (let row = 0; row < rows; row++) pass(values, along, columns, 1, row * columns);
  for (let column = 0; column < columns; column++) pass(along, out, rows, columns, column);
  return out;
}

// Lines along which the density is `level`, as pieces [x1, y1, x2, y2] in cells: marching squares.
function contoursOf({ values, columns, rows }, level) {
  const pieces = [];
  const cross = (a, b) => (level - a) / (b - a);
  for (let row = 0; row + 1 < rows; row++) {
    for (let column = 0; column + 1 < columns; column++) {
      const at = row * columns + column;
      const [a, b, c, d] = [values[at], values[at + 1], values[at + columns + 1], values[at + columns]];
      const kind = (a > level) | ((b > level) << 1) | ((c > level) << 2) | ((d > level) << 3);
      if (kind === 0 || kind === 15) continue;
      const [top, right, bottom, left] = [
        () => [column + cross(a, b), row],
        () => [column + 1, row + cross(b, c)],
        () => [column + cross(d, c), row + 1],
        () => [column, row + cross(a, d)],
      ];
      const sides = {
        1: [left, top], 2: [top, right], 3: [left, right], 4: [right, bottom], 5: [left, top, right, bottom],
        6: [top, bottom], 7: [left, bottom], 8: [bottom, left], 9: [top, bottom], 10: [top, right, bottom, left],
        11: [right, bottom], 12: [right, left], 13: [top, right], 14: [left, top],
      }[kind];
      for (let side = 0; side < sides.length; side += 2) pieces.push([...sides[side](), ...sides[side + 1]()]);
    }
  }
  return pieces;
}

// Draw the density where it belongs as one looks now: as soft clouds and, with the points, as lines.
function drawDensity(pen, shade, camera, theme, view) {
  if (!shade.highest) return;
  const times = camera.scale / shade.state.scale;
  const [right, down] = [
    (shade.state.x - camera.x) * camera.scale + camera.width / 2 - (shade.width / 2 + shade.margin) * times,
    (camera.y - shade.state.y) * camera.scale + camera.height / 2 - (shade.height / 2 + shade.margin) * times,
  ];
  pen.save();
  pen.translate(right, down);
  pen.scale(times * CELL, times * CELL);
  if (view === "density") {
    shade.picture ??= cloudOf(shade, theme);
    pen.imageSmoothingQuality = "high";
    pen.drawImage(shade.picture, 0, 0);
  }
  pen.strokeStyle = theme.text;
  pen.lineWidth = 1 / (times * CELL);
  shade.lines ??= LEVELS.map((level) => contoursOf(shade, level * shade.highest));
  shade.lines.forEach((pieces, at) => {
    pen.globalAlpha = 0.22 + 0.1 * at;
    pen.beginPath();
    for (const [x1, y1, x2, y2] of pieces) {
      pen.moveTo(x1 + 0.5, y1 + 0.5);
      pen.lineTo(x2 + 0.5, y2 + 0.5);
    }
    pen.stroke();
  });
  pen.restore();
}

function cloudOf({ values, columns, rows, highest }, theme) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: columns, height: rows });
  const pen = canvas.getContext("2d");
  const image = pen.createImageData(columns, rows);
  const [red, green, blue] = theme.dark ? [120, 170, 250] : [40, 80, 180];
  for (let at = 0; at < values.length; at++) {
    image.data[4 * at] = red;
    image.data[4 * at + 1] = green;
    image.data[4 * at + 2] = blue;
    image.data[4 * at + 3] = 235 * Math.sqrt(values[at] / highest) * 0.85;
  }
  pen.putImageData(image, 0, 0);
  return canvas;
}
