// Which names are shown from how near: coarse ones from afar, finer ones from nearer, none over another, and none that
// jumps: a name stays where it is, and once it is there, it stays until its parts take its place.

const ROOM = 1.12; // what a name keeps free around itself, in its own sizes
const CLOSER = 1.5;
const SIZES = [15, 13, 12];
const LINES = [150, 130, 120];

// `labels`: [{text, at, size, level, parent}]. Returns each with its box (lines, font, width, height), the scale `from`
// which it is shown, and `until` which, in pixels for a unit of the map. `home` is the scale of the whole map: what is finer
// than the clusters that the map shows (those with a `code`) waits until one looks closer.
function scaledLabels(pen, theme, labels, home) {
  const lowest = Math.min(...labels.map((label) => label.level || 0));
  const made = labels.map((label, index) => {
    const level = Math.min(SIZES.length - 1, (label.level || 0) - lowest);
    const size = SIZES[level];
    const font = fontOf(theme, size, level ? 500 : 600);
    const box = boxOf(pen, font, wrapped(pen, font, label.text, LINES[level]), size, index);
    return { ...label, box, level, from: 0, until: Infinity };
  });
  const levels = [...new Set(made.map((label) => label.level))].sort((a, b) => a - b);
  const shown = made.find((label) => label.code >= 0)?.level ?? Infinity;
  let above = [];
  for (const level of levels) {
    const here = made.filter((label) => label.level === level).sort((a, b) => b.size - a.size);
    for (const label of here) if (level > shown) label.from = CLOSER * home;
    spread(here);
    if (above.length) takeOver(above, here, made);
    above = here;
  }
  return made;
}

// From where two names no longer touch.
function apartFrom(one, other) {
  const across = Math.abs(one.at[0] - other.at[0]);
  const down = Math.abs(one.at[1] - other.at[1]);
  const width = ((one.box.width + other.box.width) / 2) * ROOM;
  const height = ((one.box.height + other.box.height) / 2) * ROOM;
  return Math.min(across ? width / across : Infinity, down ? height / down : Infinity);
}

// Of one level, the larger group's name comes first; the smaller one waits until it has room.
function spread(labels) {
  for (let at = 0; at < labels.length; at++) {
    for (let before = 0; before < at; before++) {
      const needs = apartFrom(labels[at], labels[before]);
      // A name that itself comes later is in nobody's way before.
      if (needs > labels[at].from && needs > labels[before].from) labels[at].from = needs;
    }
  }
}

// A name gives way when two of its parts have room (or the only one it has).
function takeOver(above, here, all) {
  const childrenOf = new Map(above.map((label) => [label, []]));
  for (const label of here) {
    const parent = all[label.parent];
    if (childrenOf.has(parent)) childrenOf.get(parent).push(label);
  }
  for (const [parent, children] of childrenOf) {
    const starts = children.map((child) => child.from).sort((a, b) => a - b);
    if (!starts.length) continue;
    parent.until = Math.max(starts[Math.min(1, starts.length - 1)], parent.from * 1.6);
    for (const child of children) child.from = Math.max(child.from, parent.until);
  }
  for (const child of here) {
    for (const other of above) {
      if (other.until <= child.from) continue;
      const needs = Math.min(apartFrom(child, other), other.until);
      if (needs > child.from) child.from = needs;
    }
  }
}

// The names to be drawn as one looks now, largest first, with their places in pixels.
function labelsInView(scaled, scene, taken) {
  const { project, camera, width, height } = scene;
  const boxes = [];
  const wanted = scaled.filter(({ from, until }) => camera.scale >= from && camera.scale < until);
  wanted.sort((a, b) => a.level - b.level || b.size - a.size);
  for (const label of wanted) {
    const at = project(...label.at, 0);
    if (!at || at[0] < -20 || at[1] < -10 || at[0] > width + 20 || at[1] > height + 10) continue;
    const box = { ...label.box, x: within(at[0], label.box.width, width), y: within(at[1], label.box.height, height), level: label.level };
    if ([...taken, ...boxes].every((other) => apart(box, other, 1))) boxes.push(box);
  }
  return boxes;
}

const SHIFTS = [[0, 0], [0, -0.5], [0, 0.5], [-0.25, 0], [0.25, 0], [0, -0.9], [0, 0.9], [0.5, 0.9], [-0.5, 0.9]];
const LABELS_IN_DEPTH = 14;

// In depth every turn moves all names: the largest groups' that fit.
function labelsInDepth(pen, scene, taken) {
  const { labels, project, width, height, theme } = scene;
  const least = Math.min(...labels.map((label) => label.level || 0));
  const order = labels.map((_, index) => index).filter((index) => (labels[index].level || 0) === least);
  order.sort((a, b) => labels[b].size - labels[a].size);
  const boxes = [];
  for (const index of order) {
    if (boxes.length >= LABELS_IN_DEPTH) break;
    const at = project(...labels[index].at);
    if (!at || at[0] < 0 || at[1] < 0 || at[0] > width || at[1] > height) continue;
    const font = fontOf(theme, 13);
    const box = boxOf(pen, font, wrapped(pen, font, labels[index].text, Math.min(125, width / 4)), 13, index);
    const free = SHIFTS.some(([right, down]) => {
      box.x = within(at[0] + right * box.width, box.width, width);
      box.y = within(at[1] + down * box.height, box.height, height);
      return [...taken, ...boxes].every((other) => apart(box, other, 5));
    });
    if (free) boxes.push(box);
  }
  return boxes;
}

// Few points in view say their own words, below themselves, where there is room.
function wordsInView(pen, scene, taken) {
  const { words, theme, width, height, size } = scene;
  const font = fontOf(theme, 11.5, 400);
  const boxes = [];
  for (const { text, at } of words) {
    if (!at || at[0] < 0 || at[1] < 0 || at[0] > width || at[1] > height) continue;
    const box = boxOf(pen, font, wrapped(pen, font, text, 150), 11.5, -1);
    box.x = within(at[0], box.width, width);
    box.y = at[1] + size / 2 + 3 + box.height / 2;
    if (box.y + box.height / 2 > height) box.y = at[1] - size / 2 - 3 - box.height / 2;
    if ([...taken, ...boxes].every((other) => apart(box, other, 1))) boxes.push(box);
  }
  return boxes;
}

const within = (middle, size, room) => Math.min(room - size / 2 - 2, Math.max(size / 2 + 2, middle));

function apart(a, b, gap) {
  return Math.abs(a.x - b.x) >= (a.width + b.width) / 2 + gap || Math.abs(a.y - b.y) >= (a.height + b.height) / 2 + gap;
}

const fontOf = (theme, size, weight = 600) => `${weight} ${size}px ${theme.font}`;

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

function drawLabel(pen, { theme, overLabel, quiet }, { lines, font, size, index, x, y }) {
  pen.font = font;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  const faint = quiet && quiet[index] && index !== overLabel;
  lines.forEach((line, at) => {
    const down = y + (at - (lines.length - 1) / 2) * size * 1.2;
    pen.globalAlpha = faint ? 0.5 : 0.88;
    pen.strokeStyle = theme.background;
    pen.lineWidth = 4.5;
    pen.strokeText(line, x, down);
    pen.globalAlpha = faint ? 0.4 : 1;
    pen.fillStyle = theme.text;
    pen.fillText(line, x, down);
    pen.globalAlpha = 1;
    if (index >= 0 && index === overLabel) {
      const half = pen.measureText(line).width / 2;
      pen.fillRect(x - half, down + size * 0.55, half * 2, 1.25);
    }
  });
}
