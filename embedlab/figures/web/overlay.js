// What lies over the points: names, rings, lines, contours, the lasso. Drawn on a canvas of its own, so that none of it
// makes the points be drawn again, and no text is ever read as markup.

const RINGS = 1500;

class Overlay {
  constructor(canvas) {
    this.canvas = canvas;
    this.pen = canvas.getContext("2d");
    this.boxes = [];
  }

  // `scene`: width, height, theme, camera, project, points, size, labels, quiet (which of them give way), scaled (labels with their scales), words, hover,
  // lit, focus, found, placed, lasso, aim, covered (boxes that lie over the map), under (what is drawn first).
  draw(scene) {
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(scene.width * ratio), Math.round(scene.height * ratio)];
    if (this.canvas.width !== width || this.canvas.height !== height) {
      Object.assign(this.canvas, { width, height });
      Object.assign(this.canvas.style, { width: `${scene.width}px`, height: `${scene.height}px` });
    }
    const { pen } = this;
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
  scene.under?.(pen);
  drawFound(pen, scene, at);
  const typed = typedBox(pen, scene);
  const taken = [typed, ...scene.covered].filter(Boolean);
  const boxes = scene.camera.deep ? labelsInDepth(pen, scene, taken) : labelsInView(scene.scaled, scene, taken);
  for (const box of boxes) drawLabel(pen, scene, box);
  for (const box of wordsInView(pen, scene, [...taken, ...boxes])) drawLabel(pen, scene, box);
  drawFocus(pen, scene, at);
  drawPlaced(pen, scene, at, typed);
  for (const row of [scene.lit, scene.hover]) {
    if (row >= 0) ring(pen, at(row), scene.size / 2 + 4, scene.theme.text, scene.theme.background, 2);
  }
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
