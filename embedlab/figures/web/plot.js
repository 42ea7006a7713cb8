// The points, drawn by Plotly: a trace with all of them and, in front, one with those that stand out.

const CONFIG = { scrollZoom: true, displayModeBar: false, doubleClick: false, showTips: false };
const PADDING = 30;
// Above the points: the toolbar is not to lie over them.
const HEADROOM = 48;
const MANY = 50000;
// From where one looks at a map in depth, and how much of the picture it fills at most.
const TOWARDS = [0.627, 0.627, 0.462];
const [FILLED, FIELD_OF_VIEW] = [0.85, Math.PI / 4];

class Plot {
  constructor(element, Plotly, onMove, onLost) {
    this.element = element;
    this.Plotly = Plotly;
    this.onMove = onMove;
    this.onLost = onLost;
    this.points = null;
    this.view = null;
    this.camera = null;
    this.width = this.height = 0;
    this.size = 0;
    this.drawn = null; // the points that Plotly has
  }

  get deep() {
    return Boolean(this.points && this.points.z && this.points.count);
  }

  measure() {
    const { clientWidth, clientHeight } = this.element;
    const changed = clientWidth !== this.width || clientHeight !== this.height;
    if (this.view && changed && this.width && clientWidth && clientHeight) {
      const whole = sameView(this.view, this.home);
      this.home = fitted(this.points, clientWidth, clientHeight);
      this.view = whole ? this.home : inRoom(this.view, clientWidth, clientHeight);
    }
    this.width = clientWidth;
    this.height = clientHeight;
    return changed;
  }

  setPoints(points) {
    this.points = points;
    this.camera = null;
    this.home = this.deep ? null : fitted(points, this.width, this.height);
    this.view = this.home;
  }

  fit() {
    if (this.deep) return this.turn(wholeCamera(this.points, this.width, this.height));
    this.home = fitted(this.points, this.width, this.height);
    return this.look(this.home);
  }

  // How many times nearer than the whole map.
  get zoomed() {
    if (!this.view || !this.home) return 1;
    return (this.home.x[1] - this.home.x[0]) / (this.view.x[1] - this.view.x[0]);
  }

  pointSize() {
    const room = Math.min(1.15, Math.max(0.75, (this.width * this.height / 420000) ** 0.25));
    const base = Math.min(9, Math.max(2.6, 24 * this.points.count ** -0.19)) * room;
    const growth = Math.min(2.2, Math.max(1, this.zoomed) ** 0.35);
    return Math.round(base * growth * 4) / 4;
  }

  traces(colours, standOut) {
    const { x, y, z, count } = this.points;
    this.size = this.pointSize();
    const type = z ? "scatter3d" : webgl().works ? "scattergl" : "scatter";
    const trace = (color, opacity, axes) => ({
      type,
      mode: "markers",
      hoverinfo: z ? "none" : "skip",
      ...axes,
      marker: { size: z ? this.size * 0.7 : this.size, color, opacity, line: { width: 0 } },
    });
    const opacity = count > MANY ? 0.6 : count > 5000 ? 0.75 : 0.85;
    const all = z ? { x, y, z } : { x, y };
    if (!standOut) return [trace(colours, opacity, all)];
    const take = (values) => Float32Array.from(standOut, (row) => values[row]);
    const front = z ? { x: take(x), y: take(y), z: take(z) } : { x: take(x), y: take(y) };
    const chosen = Array.from(standOut, (row) => colours[row]);
    return [trace(this.grey, z ? 0.25 : 0.45, all), trace(chosen, 0.95, front)];
  }

  layout(theme) {
    const frame = {
      width: this.width,
      height: this.height,
      margin: { l: 0, r: 0, t: 0, b: 0 },
      paper_bgcolor: theme.background,
      plot_bgcolor: theme.background,
      showlegend: false,
      hovermode: false,
    };
    if (!this.deep) {
      const axis = (range) => ({ visible: false, range: [...range], autorange: false });
      return { ...frame, dragmode: "pan", xaxis: axis(this.view.x), yaxis: axis(this.view.y) };
    }
    const axis = { visible: false, showspikes: false };
    const scene = { xaxis: axis, yaxis: axis, zaxis: axis, aspectmode: "data", dragmode: "orbit" };
    scene.camera = this.camera || wholeCamera(this.points, this.width, this.height);
    return { ...frame, scene: { ...scene, hovermode: false } };
  }

  async draw(colours, standOut, theme) {
    this.grey = theme.dark ? "#4b5059" : "#c9ccd3";
    const { points, ratio } = this;
    // Twice the screen's pixels make small maps crisp, and large ones slow; without a graphics card, all of them.
    const crisp = points.count <= MANY && !webgl().software;
    this.ratio = Math.max(crisp ? 2 : 1, window.devicePixelRatio || 1);
    if (ratio && ratio !== this.ratio) this.release();
    const first = !this.element.on;
    const config = { ...CONFIG, plotGlPixelRatio: this.ratio };
    await this.Plotly.react(this.element, this.traces(colours, standOut), this.layout(theme), config);
    this.drawn = points;
    if (!first) return;
    this.element.on("plotly_relayouting", () => this.moved());
    this.element.on("plotly_relayout", () => this.moved());
    this.element.on("plotly_webglcontextlost", () => this.onLost());
  }

  moved() {
    this.remember();
    this.onMove();
  }

  // Keep where the person has gone, so that the next drawing stays there.
  remember() {
    if (this.drawn !== this.points) return;
    const layout = this.element._fullLayout;
    if (this.deep) this.camera = layout.scene._scene.getCamera();
    else this.view = { x: [...layout.xaxis.range], y: [...layout.yaxis.range] };
  }

  look(view) {
    this.view = view;
    return this.Plotly.relayout(this.element, { "xaxis.range": view.x, "yaxis.range": view.y });
  }

  turn(camera) {
    this.camera = camera;
    return this.Plotly.relayout(this.element, { "scene.camera": camera });
  }

  zoom(factor, at) {
    if (this.deep) {
      const camera = this.element._fullLayout.scene._scene.getCamera();
      const eye = Object.fromEntries(Object.entries(camera.eye).map(([axis, far]) => [axis, far / factor]));
      return this.turn({ ...camera, eye });
    }
    const [px, py] = at || [this.width / 2, this.height / 2];
    const [x, y] = this.unproject(px, py);
    const near = (range, middle) => range.map((end) => middle + (end - middle) / factor);
    return this.look({ x: near(this.view.x, x), y: near(this.view.y, y) });
  }

  pan(right, up) {
    if (this.deep) return null;
    const moved = (range, share) => range.map((end) => end + (range[1] - range[0]) * share);
    return this.look({ x: moved(this.view.x, right), y: moved(this.view.y, up) });
  }

  unproject(px, py) {
    const { x, y } = this.view;
    return [x[0] + (px / this.width) * (x[1] - x[0]), y[1] - (py / this.height) * (y[1] - y[0])];
  }

  // A function from a place on the map to pixels [right, down], or null where it can't be seen.
  projector() {
    if (this.deep) return projectorInDepth(this.element, this.width, this.height);
    const { x, y } = this.view;
    const across = this.width / (x[1] - x[0]);
    const down = this.height / (y[1] - y[0]);
    return (px, py) => [(px - x[0]) * across, (y[1] - py) * down];
  }

  // The row nearest to a pixel within `reach` pixels, or -1.
  pick(px, py, reach) {
    if (!this.points || !this.points.count) return -1;
    return this.deep ? this.pickInDepth(px, py, reach) : this.pickFlat(px, py, reach);
  }

  pickFlat(px, py, reach) {
    const { x, y, count } = this.points;
    const [atX, atY] = this.unproject(px, py);
    let best = ((reach / this.width) * (this.view.x[1] - this.view.x[0])) ** 2;
    let found = -1;
    for (let row = 0; row < count; row++) {
      const away = (x[row] - atX) ** 2 + (y[row] - atY) ** 2;
      if (away < best) [best, found] = [away, row];
    }
    return found;
  }

  pickInDepth(px, py, reach) {
    const project = this.projector();
    if (!project) return -1;
    const { x, y, z, count } = this.points;
    let best = reach * reach;
    let found = -1;
    for (let row = 0; row < count; row++) {
      const at = project(x[row], y[row], z[row]);
      const away = at ? (at[0] - px) ** 2 + (at[1] - py) ** 2 : Infinity;
      if (away < best) [best, found] = [away, row];
    }
    return found;
  }

  // The drawn points as something that drawImage takes.
  async picture() {
    if (!this.deep) return [...this.element.querySelectorAll(".gl-container canvas")];
    const options = { format: "png", width: this.width, height: this.height, scale: 2 };
    const image = new Image();
    image.src = await this.Plotly.toImage(this.element, options);
    await image.decode();
    return [image];
  }

  // Take the drawing away; the next `draw` starts anew.
  release() {
    this.drawn = null;
    const canvases = [...this.element.querySelectorAll("canvas")];
    this.Plotly.purge(this.element);
    // A browser has some sixteen WebGL contexts; give ours back now, not when they are collected.
    for (const canvas of canvases) {
      const gl = canvas.getContext("webgl") || canvas.getContext("webgl2");
      const lose = gl && gl.getExtension("WEBGL_lose_context");
      if (lose) lose.loseContext();
    }
  }
}

function viewAround(x, y, scale, width, height) {
  const [across, down] = [width / scale / 2, height / scale / 2];
  return { x: [x - across, x + across], y: [y - down, y + down] };
}

function fitted(points, width, height) {
  if (!points.count) return viewAround(0, 0, 100, width, height);
  const [left, right] = extent(points.x);
  const [low, high] = extent(points.y);
  const across = Math.max(1, width - 2 * PADDING);
  const down = Math.max(1, height - PADDING - HEADROOM);
  const scale = Math.min(across / (right - left), down / (high - low));
  const usable = Number.isFinite(scale) ? scale : 100;
  const raised = (HEADROOM - PADDING) / 2 / usable;
  return viewAround((left + right) / 2, (low + high) / 2 + raised, usable, width, height);
}

function sameView(a, b) {
  const close = (one, other) => Math.abs(one - other) < 1e-6 * (b.x[1] - b.x[0]);
  return a === b || ["x", "y"].every((axis) => a[axis].every((end, at) => close(end, b[axis][at])));
}

// The same part of the map where there is more room, or less: all that was seen stays in sight.
function inRoom({ x, y }, width, height) {
  const scale = Math.min(width / (x[1] - x[0]), height / (y[1] - y[0]));
  return viewAround((x[0] + x[1]) / 2, (y[0] + y[1]) / 2, scale, width, height);
}

// As near as all points can be seen from. Plotly's camera counts in sides of the box around the points, whose volume
// is 1 ("data": the axes keep their proportions), from the middle of that box.
function wholeCamera({ x, y, z, count }, width, height) {
  const axes = [x, y, z].map(extent);
  const sides = axes.map(([low, high]) => Math.max(high - low, 1e-9) * 1.0625);
  const unit = Math.cbrt(sides[0] * sides[1] * sides[2]);
  const middle = axes.map(([low, high]) => (low + high) / 2);
  const [a, b, c] = TOWARDS;
  const flat = Math.hypot(a, b);
  const steep = Math.tan(FIELD_OF_VIEW / 2) * FILLED;
  let far = 0.1;
  for (let row = 0; row < count; row++) {
    const p = [x[row], y[row], z[row]].map((value, axis) => (value - middle[axis]) / unit);
    const near = a * p[0] + b * p[1] + c * p[2];
    const right = Math.abs((a * p[1] - b * p[0]) / flat) / ((steep * width) / height);
    const up = Math.abs((p[2] - c * near) / flat) / steep;
    far = Math.max(far, near + Math.max(right, up));
  }
  return { eye: { x: a * far, y: b * far, z: c * far } };
}

function extent(values) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

// Plotly keeps the matrices of its 3-D scene to itself, but its own annotations are placed with these.
function projectorInDepth(element, width, height) {
  const holder = element._fullLayout && element._fullLayout.scene;
  const scene = holder && holder._scene;
  if (!scene || !scene.glplot) return null;
  const { projection, view, model } = scene.glplot.cameraParams;
  const matrix = multiplied(projection, multiplied(view, model));
  const scale = scene.dataScale;
  return (x, y, z) => {
    const [a, b, c] = [x * scale[0], y * scale[1], z * scale[2]];
    const row = (at) => matrix[at] * a + matrix[at + 4] * b + matrix[at + 8] * c + matrix[at + 12];
    const depth = row(3);
    return depth > 0 ? [(0.5 + row(0) / depth / 2) * width, (0.5 - row(1) / depth / 2) * height] : null;
  };
}

// Column-major 4 x 4, as WebGL has them.
function multiplied(a, b) {
  const out = new Float64Array(16);
  for (let column = 0; column < 4; column++) {
    for (let row = 0; row < 4; row++) {
      for (let k = 0; k < 4; k++) out[column * 4 + row] += a[k * 4 + row] * b[column * 4 + k];
    }
  }
  return out;
}

let known = null;

// Whether WebGL works, and whether the processor does the graphics card's work.
function webgl() {
  if (known) return known;
  const context = document.createElement("canvas").getContext("webgl");
  const named = context && context.getExtension("WEBGL_debug_renderer_info");
  const renderer = named ? context.getParameter(named.UNMASKED_RENDERER_WEBGL) : "";
  known = { works: Boolean(context), software: /swiftshader|llvmpipe|softpipe|software|basic render/i.test(renderer) };
  const lose = context && context.getExtension("WEBGL_lose_context");
  if (lose) lose.loseContext();
  return known;
}
