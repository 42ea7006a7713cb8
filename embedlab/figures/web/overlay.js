// What lies over the points: names, rings, lines, the lasso. Drawn on a canvas of its own, so that none of
// it makes Plotly draw again, and no text is ever read as markup.

const LABELS_IN_DEPTH = 12;
const RINGS = 1500;
// Where a name may go, in its own widths and heights from the middle of its group.
const SHIFTS = [[0, 0], [0, -0.5], [0, 0.5], [-0.25, 0], [0.25, 0], [0, -0.9], [0, 0.9], [0.5, 0.9], [-0.5, 0.9]];

class Overlay {
  constructor(canvas) {
    this.canvas = canvas;
    this.boxes = [];
  }

  // `scene`: width, height, theme, project, points, size, labels, hover, focus, found, placed, lasso, aim, covered (boxes that lie
  // over the map).
  draw(scene) {
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(scene.width * ratio), Math.round(scene.height * ratio)];
    if (this.canvas.width !== width || this.canvas.height !== height) {
      Object.assign(this.canvas, { width, height });
      Object.assign(this.canvas.style, { width: `${scene.width}px`, height: `${scene.height}px` });
    }
    const pen = this.canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, scene.width, scene.height);
    this.boxes = drawOver(pen, scene);
  }

  labelAt(px, py) {
    const hit = this.boxes.find((box) => Math.abs(px - box.x) < box.width / 2 && Math.abs(py - box.y) < box.height / 2);
    return hit ? hit.index : -1;
  }
}

// Draw everything and return where the labels went.
function drawOver(pen, scene) {
  if (!scene.project) return [];
  pen.lineCap = pen.lineJoin = "round";
  const at = (row) => {
    const { x, y, z } = scene.points;
    return row >= 0 && row < scene.points.count ? scene.project(x[row], y[row], z ? z[row] : 0) : null;
  };
  drawFound(pen, scene, at);
  const typed = typedBox(pen, scene);
  const taken = [typed, ...scene.covered].filter(Boolean);
  const boxes = scene.labels.length ? placedLabels(pen, scene, taken) : [];
  for (const box of boxes) drawLabel(pen, scene, box);
  drawFocus(pen, scene, at);
  drawPlaced(pen, scene, at, typed);
  if (scene.hover >= 0) ring(pen, at(scene.hover), scene.size / 2 + 3, scene.theme.text, scene.theme.background, 1.5);
  if (scene.lasso) drawLasso(pen, scene);
  if (scene.aim) drawAim(pen, scene);
  return boxes;
}

function ring(pen, at, radius, colour, halo, width) {
  if (!at) return;
  for (const [style, line] of [[halo, width + 2.5], [colour, width]]) {
    pen.beginPath();
    pen.arc(at[0], at[1], radius, 0, 2 * Math.PI);
    pen.strokeStyle = style;
    pen.lineWidth = line;
    pen.stroke();
  }
}

function drawFound(pen, { found, size, theme }, at) {
  if (!found || found.length > RINGS) return;
  for (const row of found) ring(pen, at(row), size / 2 + 2.5, theme.text, theme.background, 1.25);
}

function drawLines(pen, theme, from, ends, dashes) {
  pen.setLineDash(dashes);
  for (const [style, line, alpha] of [[theme.background, 4, 0.7], [theme.text, 1.4, 0.75]]) {
    pen.strokeStyle = style;
    pen.lineWidth = line;
    pen.globalAlpha = alpha;
    pen.beginPath();
    for (const end of ends) {
      pen.moveTo(from[0], from[1]);
      pen.lineTo(end[0], end[1]);
    }
    pen.stroke();
  }
  pen.globalAlpha = 1;
  pen.setLineDash([]);
}

function drawFocus(pen, { focus, size, theme }, at) {
  const from = focus ? at(focus.row) : null;
  if (!from) return;
  const ends = focus.neighbours.map(at).filter(Boolean);
  drawLines(pen, theme, from, ends, []);
  for (const end of ends) ring(pen, end, size / 2 + 3, theme.text, theme.background, 1.5);
  ring(pen, from, size / 2 + 5, theme.primary, theme.background, 3);
}

const STAR = 11;

// Where the typed text is written, below its star or above it.
function typedBox(pen, { placed, project, theme, width, height }) {
  const from = placed ? project(...placed.at, 0) : null;
  if (!from) return null;
  const font = fontOf(theme, 13);
  const box = boxOf(pen, font, wrapped(pen, font, placed.text, 220), 13, -1);
  box.x = Math.min(width - box.width / 2, Math.max(box.width / 2, from[0]));
  box.y = from[1] + STAR + 4 + box.height / 2;
  if (box.y + box.height / 2 > height) box.y = from[1] - STAR - 4 - box.height / 2;
  return box;
}

function drawPlaced(pen, { placed, project, theme, size }, at, box) {
  const from = placed ? project(...placed.at, 0) : null;
  if (!from) return;
  const ends = placed.neighbours.map(at).filter(Boolean);
  drawLines(pen, theme, from, ends, [1, 5]);
  for (const end of ends) ring(pen, end, size / 2 + 2, theme.text, theme.background, 1.25);
  const [outer, inner] = [STAR, 4.5];
  pen.beginPath();
  for (let corner = 0; corner < 8; corner++) {
    const radius = corner % 2 ? inner : outer;
    const angle = (corner * Math.PI) / 4;
    pen.lineTo(from[0] + radius * Math.sin(angle), from[1] - radius * Math.cos(angle));
  }
  pen.closePath();
  pen.strokeStyle = theme.background;
  pen.lineWidth = 4;
  pen.stroke();
  pen.fillStyle = theme.primary;
  pen.fill();
  drawLabel(pen, { theme }, box);
}

const fontOf = (theme, size) => `600 ${size}px ${theme.font}`;

// The names that fit: large groups first, none over another or over what is `taken`, more of them the nearer one looks.
function placedLabels(pen, scene, taken) {
  const { labels, project, width, height, theme, zoomed, points } = scene;
  const largest = Math.max(...labels.map((label) => label.size));
  const order = labels.map((_, index) => index).sort((a, b) => labels[b].size - labels[a].size);
  const room = points.z ? LABELS_IN_DEPTH : Math.ceil(((width * height) / 15000) * Math.max(1, zoomed) ** 0.7);
  const boxes = [];
  for (const index of order) {
    if (boxes.length >= room) break;
    const at = project(...labels[index].at, 0);
    if (!at || at[0] < 0 || at[1] < 0 || at[0] > width || at[1] > height) continue;
    const size = Math.round(11 + 3 * Math.sqrt(labels[index].size / largest));
    const font = fontOf(theme, size);
    const box = boxOf(pen, font, wrapped(pen, font, labels[index].text, Math.min(125, width / 4)), size, index);
    const free = SHIFTS.some(([right, down]) => {
      box.x = within(at[0] + right * box.width, box.width, width);
      box.y = within(at[1] + down * box.height, box.height, height);
      return [...taken, ...boxes].every((other) => apart(box, other));
    });
    if (free) boxes.push(box);
  }
  return boxes;
}

const within = (middle, size, room) => Math.min(room - size / 2 - 2, Math.max(size / 2 + 2, middle));

function apart(a, b) {
  const [across, down] = [(a.width + b.width) / 2 + 8, (a.height + b.height) / 2 + 5];
  return Math.abs(a.x - b.x) >= across || Math.abs(a.y - b.y) >= down;
}

function boxOf(pen, font, lines, size, index) {
  pen.font = font;
  const width = Math.max(...lines.map((line) => pen.measureText(line).width)) + 6;
  return { index, lines, font, size, width, height: lines.length * size * 1.2 + 4, x: 0, y: 0 };
}

// At most two lines, the second cut where it is too long.
function wrapped(pen, font, text, limit) {
  pen.font = font;
  const fits = (line) => pen.measureText(line).width <= limit;
  const words = text.split(/\s+/).filter(Boolean);
  let first = words.shift() || "";
  while (words.length && fits(`${first} ${words[0]}`)) first += ` ${words.shift()}`;
  const lines = [first];
  if (words.length) lines.push(words.join(" "));
  return lines.map((line) => cutTo(line, fits));
}

function cutTo(line, fits) {
  if (fits(line)) return line;
  const letters = [...line];
  let [low, high] = [0, letters.length];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(`${letters.slice(0, middle).join("")}…`)) low = middle;
    else high = middle - 1;
  }
  return `${letters.slice(0, low).join("").trimEnd()}…`;
}

function drawLabel(pen, { theme, overLabel }, { lines, font, size, index, x, y }) {
  pen.font = font;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  lines.forEach((line, at) => {
    const down = y + (at - (lines.length - 1) / 2) * size * 1.2;
    pen.globalAlpha = 0.88;
    pen.strokeStyle = theme.background;
    pen.lineWidth = 4.5;
    pen.strokeText(line, x, down);
    pen.globalAlpha = 1;
    pen.fillStyle = theme.text;
    pen.fillText(line, x, down);
    if (index >= 0 && index === overLabel) {
      const half = pen.measureText(line).width / 2;
      pen.fillRect(x - half, down + size * 0.55, half * 2, 1.25);
    }
  });
}

function drawLasso(pen, { lasso, theme }) {
  if (lasso.length < 2) return;
  pen.beginPath();
  for (const [x, y] of lasso) pen.lineTo(x, y);
  pen.closePath();
  pen.globalAlpha = 0.08;
  pen.fillStyle = theme.text;
  pen.fill("evenodd");
  pen.globalAlpha = 0.9;
  pen.strokeStyle = theme.text;
  pen.lineWidth = 1.5;
  pen.setLineDash([5, 4]);
  pen.stroke();
  pen.setLineDash([]);
  pen.globalAlpha = 1;
}

// Where Enter would click.
function drawAim(pen, { theme, width, height }) {
  pen.strokeStyle = theme.text;
  pen.lineWidth = 1.5;
  pen.beginPath();
  for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
    pen.moveTo(width / 2 + dx * 5, height / 2 + dy * 5);
    pen.lineTo(width / 2 + dx * 12, height / 2 + dy * 12);
  }
  pen.stroke();
}

// Points on their way from one layout to the next; `stage` runs from 0 to 1.
function drawMoving(pen, from, to, colours, size, stage) {
  const eased = stage < 0.5 ? 4 * stage ** 3 : 1 - (2 - 2 * stage) ** 3 / 2;
  pen.globalAlpha = 0.8;
  let last = null;
  for (let row = 0; row < colours.length; row++) {
    if (colours[row] !== last) pen.fillStyle = last = colours[row];
    const x = from[2 * row] + (to[2 * row] - from[2 * row]) * eased;
    const y = from[2 * row + 1] + (to[2 * row + 1] - from[2 * row + 1]) * eased;
    pen.beginPath();
    pen.arc(x, y, size / 2, 0, 2 * Math.PI);
    pen.fill();
  }
  pen.globalAlpha = 1;
}
