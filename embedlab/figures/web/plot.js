// The points as they are drawn: which of them lie on top, how large and how dense; what is under a pixel.

const MANY = 50000;
// A frame that takes longer is shown moved, as it is, while the person moves on, and drawn when there is time.
const SLOW_MS = 40;
const REST_MS = 110;
const GREY = { light: [0.79, 0.8, 0.83], dark: [0.29, 0.31, 0.35] };

class Plot {
  constructor(element, onMove, onLost) {
    Object.assign(this, { element, onMove, onLost });
    this.points = this.camera = this.drawn = this.standing = null;
    this.width = this.height = this.size = this.took = 0;
    this.stale = new Set();
  }

  get deep() {
    return Boolean(this.camera && this.camera.deep);
  }

  get zoomed() {
    return this.camera ? this.camera.zoomed : 1;
  }

  // Take note of the room there is; return whether it is another.
  measure() {
    const { clientWidth, clientHeight } = this.element;
    if (clientWidth === this.width && clientHeight === this.height) return false;
    [this.width, this.height] = [clientWidth, clientHeight];
    this.camera?.room(clientWidth, clientHeight);
    return true;
  }

  setPoints(points) {
    this.points = points;
    this.camera = cameraOf(points);
    this.camera.room(this.width, this.height);
    this.stale.add("places").add("order");
  }

  // `colours` is Uint32 (count), red in the lowest byte; `ranks` Uint16 or Uint32 (count): the higher, the more on top.
  setColours(colours, ranks) {
    Object.assign(this, { colours, ranks });
    this.stale.add("colours").add("order");
  }

  // What stands out is drawn in colour over the rest, in grey; null for all. `bits` is Uint8 (count) of 0 and 1.
  setStanding(bits) {
    this.standing = bits;
    this.stale.add("order");
  }

  ready() {
    if (this.renderer) return null;
    const canvas = document.createElement("canvas");
    this.element.replaceChildren(canvas);
    this.canvas = canvas;
    // A processor that does the graphics card's work does ours three times as fast by hand. Which of the two it is can be
    // told, to try the other one.
    const told = window.embedlabRenderer;
    const byCard = !this.byHand && (told ? told === "webgl" : webgl().works && !webgl().software);
    try {
      this.renderer = byCard ? new GlRenderer(canvas) : new PixelRenderer(canvas);
    } catch (error) {
      if (!byCard) throw error;
      // The card has no context left, or can't do what we ask of it. A canvas that was asked for one has no other kind.
      this.byHand = true;
      return this.ready();
    }
    canvas.addEventListener("webglcontextlost", (event) => {
      event.preventDefault();
      if (canvas === this.canvas) this.onLost();
    });
    for (const part of ["places", "colours", "order"]) this.stale.add(part);
    return null;
  }

  draw(theme) {
    this.ready();
    this.theme = theme;
    const { renderer, points, stale } = this;
    if (stale.has("places")) renderer.setPlaces(points);
    if (stale.has("colours") || stale.has("places")) renderer.setColours(this.colours);
    if (stale.has("order")) this.arrange();
    stale.clear();
    this.drawn = points;
    this.frame();
  }

  arrange() {
    const { order, behind } = orderOf(this.points.count, this.ranks, this.standing);
    this.behind = behind;
    this.renderer.setOrder(order);
  }

  // How a layer of so many points looks: the more of them, and the farther away, the smaller and the lighter.
  look(count) {
    const seen = Math.max(1, count / Math.max(0.2, this.zoomed) ** 1.5);
    const room = Math.min(1.15, Math.max(0.75, (this.width * this.height / 420000) ** 0.25));
    const size = Math.min(11, Math.max(1.7, 24 * seen ** -0.19)) * room;
    const alpha = Math.min(0.92, Math.max(0.3, 0.9 - 0.18 * (Math.log10(seen) - 3)));
    return { size: this.deep ? size * 0.8 : size, alpha };
  }

  layers() {
    const { count } = this.points;
    const all = this.look(count);
    this.size = all.size;
    if (!this.standing) return [{ first: 0, count, alpha: this.deep ? 0.95 : all.alpha }];
    const [front, grey] = [count - this.behind, this.theme.dark ? GREY.dark : GREY.light];
    const near = this.look(Math.min(count, front * 4));
    this.size = Math.max(all.size, near.size);
    return [
      { first: 0, count: this.behind, alpha: all.alpha * (this.deep ? 0.35 : 0.55), grey, scale: all.size / this.size },
      { first: this.behind, count: front, alpha: Math.min(0.95, near.alpha + 0.1) },
    ];
  }

  frame(ratio = window.devicePixelRatio || 1) {
    const start = performance.now();
    const { canvas, camera, renderer } = this;
    if (renderer.lost || !this.width || !this.height) return;
    renderer.draw(camera, this.layers(), this.size, ratio);
    canvas.style.transform = "";
    this.seen = camera.deep ? null : camera.state;
    this.took = performance.now() - start;
  }

  // The camera has moved: follow at once, with what is drawn already where a new drawing takes long.
  moved() {
    cancelAnimationFrame(this.next);
    clearTimeout(this.resting);
    const draw = () => {
      this.frame();
      this.onMove(true);
    };
    if (this.took > SLOW_MS && this.seen) {
      this.shift();
      this.resting = setTimeout(draw, REST_MS);
    } else this.next = requestAnimationFrame(draw);
    this.onMove(false);
  }

  // Lay the last drawing where it belongs as one looks now.
  shift() {
    const { camera, seen, width, height } = this;
    const times = camera.scale / seen.scale;
    const right = (seen.x - camera.x) * camera.scale + (width / 2) * (1 - times);
    const down = (camera.y - seen.y) * camera.scale + (height / 2) * (1 - times);
    this.canvas.style.transformOrigin = "0 0";
    this.canvas.style.transform = `translate(${right}px, ${down}px) scale(${times})`;
  }

  zoom(factor, at) {
    this.camera.zoom(factor, at);
    this.moved();
  }

  pan(right, down) {
    this.camera.pan(right, down);
    this.moved();
  }

  fit() {
    this.camera.fit();
    this.moved();
  }

  // Bring these rows into sight.
  show(rows) {
    const { camera, points } = this;
    if (camera.deep || !rows.length) return;
    const [x, y] = ["x", "y"].map((axis) => extent(Float32Array.from(rows, (row) => points[axis][row])));
    camera.show(x, y);
    this.moved();
  }

  unproject(right, down) {
    return this.camera.unproject(right, down);
  }

  // A function from a place on the map to pixels [right, down], or null where it can't be seen.
  projector() {
    return this.camera ? this.camera.projector() : null;
  }

  // The row nearest to a pixel within `reach` pixels, of those that stand out if one does; -1 without one.
  pick(right, down, reach) {
    if (!this.points || !this.points.count) return -1;
    const standing = this.standing ? this.nearest(right, down, reach, this.standing) : -1;
    return standing >= 0 ? standing : this.nearest(right, down, reach, null);
  }

  nearest(right, down, reach, among) {
    const { camera, points } = this;
    const { x, y, z, count } = points;
    const m = camera.matrix;
    const [cx, cy, cz] = camera.middle;
    const [wide, tall] = [camera.width / 2, camera.height / 2];
    const [atX, atY] = [right / wide - 1, 1 - down / tall];
    let best = reach * reach;
    let found = -1;
    for (let row = 0; row < count; row++) {
      if (among && !among[row]) continue;
      const [a, b, c] = [x[row] - cx, y[row] - cy, z ? z[row] - cz : 0];
      const depth = m[3] * a + m[7] * b + m[11] * c + m[15];
      if (depth <= 0) continue;
      const across = ((m[0] * a + m[4] * b + m[8] * c + m[12]) / depth - atX) * wide;
      if (across * across >= best) continue;
      const up = ((m[1] * a + m[5] * b + m[9] * c + m[13]) / depth - atY) * tall;
      const away = across * across + up * up;
      if (away < best) [best, found] = [away, row];
    }
    return found;
  }

  // The rows that can be seen, of those that stand out, in their order; null if there are more than `most`.
  inView(most) {
    const { camera, points, standing, width, height } = this;
    if (camera.deep) return null;
    const [left, high] = camera.unproject(0, 0);
    const [right, low] = camera.unproject(width, height);
    const rows = [];
    for (let row = 0; row < points.count; row++) {
      const [px, py] = [points.x[row], points.y[row]];
      if (!(px >= left && px <= right && py >= low && py <= high) || (standing && !standing[row])) continue;
      if (rows.length === most) return null;
      rows.push(row);
    }
    return rows;
  }

  // Which rows lie inside a lasso [[right, down], ...] in pixels, as Uint8 (count) of 0 and 1.
  inside(lasso) {
    return rowsInside(this.points, lasso.map(([right, down]) => this.unproject(right, down)));
  }

  // The drawn points with twice the screen's pixels, as something that drawImage takes.
  picture(ratio) {
    this.frame(ratio);
    const copy = document.createElement("canvas");
    Object.assign(copy, { width: this.canvas.width, height: this.canvas.height });
    copy.getContext("2d").drawImage(this.canvas, 0, 0);
    this.frame();
    return copy;
  }

  // Take the drawing away; the next `draw` starts anew.
  release() {
    cancelAnimationFrame(this.next);
    clearTimeout(this.resting);
    this.drawn = null;
    this.renderer?.release();
    this.renderer = null;
    this.element.replaceChildren();
  }
}

// The rows as they are drawn: first those that don't stand out (`behind` counts them), each by rank, then by row.
function orderOf(count, ranks, standing) {
  let top = 0;
  for (let row = 0; ranks && row < count; row++) if (ranks[row] > top) top = ranks[row];
  const starts = new Uint32Array(2 * (top + 1) + 1);
  const keyOf = (row) => (standing && standing[row] ? top + 1 : 0) + (ranks ? ranks[row] : 0);
  for (let row = 0; row < count; row++) starts[keyOf(row) + 1]++;
  for (let key = 1; key < starts.length; key++) starts[key] += starts[key - 1];
  const behind = standing ? starts[top + 1] : 0;
  const order = new Uint32Array(count);
  for (let row = 0; row < count; row++) order[starts[keyOf(row)]++] = row;
  return { order, behind };
}

const BANDS = 256;

// Rows inside a polygon [[x, y], ...], by the even-odd rule, as Uint8 (count) of 0 and 1. A point is tried against the
// edges at its height only.
function rowsInside(points, polygon) {
  const { x, y, count } = points;
  const bits = new Uint8Array(count);
  const [left, right] = extent(polygon.map((corner) => corner[0]));
  const [low, high] = extent(polygon.map((corner) => corner[1]));
  const bandOf = (at) => Math.min(BANDS - 1, Math.max(0, Math.floor(((at - low) / (high - low || 1)) * BANDS)));
  const bands = Array.from({ length: BANDS }, () => []);
  polygon.forEach((end, at) => {
    const start = polygon[(at || polygon.length) - 1];
    const [first, last] = [bandOf(Math.min(start[1], end[1])), bandOf(Math.max(start[1], end[1]))];
    for (let band = first; band <= last; band++) bands[band].push([start, end]);
  });
  for (let row = 0; row < count; row++) {
    const [px, py] = [x[row], y[row]];
    if (!(px >= left && px <= right && py >= low && py <= high)) continue;
    let inside = 0;
    for (const [start, end] of bands[bandOf(py)]) {
      if (end[1] > py === start[1] > py) continue;
      if (px < ((start[0] - end[0]) * (py - end[1])) / (start[1] - end[1]) + end[0]) inside ^= 1;
    }
    bits[row] = inside;
  }
  return bits;
}
