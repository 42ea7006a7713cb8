// From where one looks: which part of a flat map, or from which side at a map in depth.

const PADDING = 30;
// Above the points: the toolbar is not to lie over them.
const HEADROOM = 48;
const [YAW, PITCH] = [Math.PI / 4, 0.48];
const FIELD_OF_VIEW = Math.PI / 4;
const FILLED = 0.86; // of the picture, at most, by a whole map in depth
const [NEAREST, FARTHEST] = [20000, 0.2]; // times nearer than the whole map, at most and at least

// The part of a flat map that is seen: its middle, and pixels for a unit.
class FlatCamera {
  constructor(points) {
    this.deep = false;
    this.bounds = ["x", "y"].map((axis) => extent(points[axis]));
    this.look(0, 0, 100);
    this.home = null;
  }

  look(x, y, scale) {
    Object.assign(this, { x, y, scale });
  }

  get state() {
    return { x: this.x, y: this.y, scale: this.scale };
  }

  get whole() {
    const { home } = this;
    const close = (one, other) => Math.abs(one - other) * home.scale < 0.5;
    return Boolean(home) && close(this.x, home.x) && close(this.y, home.y) && Math.abs(this.scale / home.scale - 1) < 1e-6;
  }

  // How many times nearer than the whole map.
  get zoomed() {
    return this.home ? this.scale / this.home.scale : 1;
  }

  // The picture has another size: the whole map stays whole, and of a part all stays in sight.
  room(width, height) {
    if (!width || !height) return;
    const [before, whole] = [this.width ? Math.min(width / this.width, height / this.height) : 1, this.whole];
    Object.assign(this, { width, height });
    const fresh = !this.home;
    this.home = this.fitted();
    if (fresh || whole) this.fit();
    else this.scale *= before;
  }

  fitted() {
    const { width, height } = this;
    const [[left, right], [low, high]] = this.bounds;
    const [across, down] = [Math.max(1, width - 2 * PADDING), Math.max(1, height - PADDING - HEADROOM)];
    const scale = Math.min(across / (right - left), down / (high - low));
    const usable = Number.isFinite(scale) && scale > 0 ? scale : 100;
    return { x: (left + right) / 2, y: (low + high) / 2 + (HEADROOM - PADDING) / 2 / usable, scale: usable };
  }

  fit() {
    this.look(this.home.x, this.home.y, this.home.scale);
  }

  pan(right, down) {
    this.x -= right / this.scale;
    this.y += down / this.scale;
  }

  // `at` is the pixel that stays where it is.
  zoom(factor, at = [this.width / 2, this.height / 2]) {
    const [x, y] = this.unproject(...at);
    const { scale } = this.home;
    this.scale = Math.min(scale * NEAREST, Math.max(scale * FARTHEST, this.scale * factor));
    this.x = x - (at[0] - this.width / 2) / this.scale;
    this.y = y + (at[1] - this.height / 2) / this.scale;
  }

  // Show [left, right] x [low, high] of the map.
  show([left, right], [low, high]) {
    const scale = Math.min(
      (this.width - 2 * PADDING) / Math.max(right - left, 1e-9),
      (this.height - PADDING - HEADROOM) / Math.max(high - low, 1e-9),
    );
    this.look((left + right) / 2, (low + high) / 2, Math.min(scale, this.home.scale * 40));
  }

  unproject(right, down) {
    return [this.x + (right - this.width / 2) / this.scale, this.y - (down - this.height / 2) / this.scale];
  }

  // A function from a place on the map to pixels [right, down].
  projector() {
    const { x, y, scale, width, height } = this;
    return (px, py) => [(px - x) * scale + width / 2, (y - py) * scale + height / 2];
  }

  // What the shader multiplies a place with, less `middle`: column-major 4 x 4.
  get matrix() {
    const [across, up] = [(2 * this.scale) / this.width, (2 * this.scale) / this.height];
    return Float32Array.of(across, 0, 0, 0, 0, up, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
  }

  get middle() {
    return [this.x, this.y, 0];
  }

  // How much larger a point is drawn at this depth.
  get enlarged() {
    return 0;
  }
}

// A camera that turns around the middle of the points, z up.
class DeepCamera {
  constructor(points) {
    this.deep = true;
    this.points = points;
    const sides = ["x", "y", "z"].map((axis) => extent(points[axis]));
    this.centre = sides.map(([low, high]) => (low + high) / 2);
    this.radius = Math.max(1e-6, Math.hypot(...sides.map(([low, high]) => (high - low) / 2)));
    Object.assign(this, { yaw: YAW, pitch: PITCH, away: 0, target: [...this.centre], home: null });
  }

  get state() {
    return { yaw: this.yaw, pitch: this.pitch, away: this.away, target: [...this.target] };
  }

  get whole() {
    return Boolean(this.home) && this.away === this.home.away && this.yaw === YAW && this.pitch === PITCH;
  }

  get zoomed() {
    return this.home ? this.home.away / this.away : 1;
  }

  room(width, height) {
    if (!width || !height) return;
    const whole = this.whole;
    Object.assign(this, { width, height });
    const before = this.home;
    this.home = { away: this.fitted() };
    if (!before || whole) this.fit();
    else this.away *= this.home.away / before.away;
  }

  // As near as all points can be seen from.
  fitted() {
    const [right, up, back] = axesOf(YAW, PITCH);
    const { x, y, z, count } = this.points;
    const steep = Math.tan(FIELD_OF_VIEW / 2) * FILLED;
    const wide = (steep * this.width) / this.height;
    let away = this.radius * 0.01;
    for (let row = 0; row < count; row++) {
      const p = [x[row] - this.centre[0], y[row] - this.centre[1], z[row] - this.centre[2]];
      const side = Math.max(Math.abs(dot(right, p)) / wide, Math.abs(dot(up, p)) / steep);
      const needs = dot(back, p) + side;
      if (needs > away && needs < Infinity) away = needs; // some have no place
    }
    return away;
  }

  fit() {
    Object.assign(this, { yaw: YAW, pitch: PITCH, away: this.home.away, target: [...this.centre] });
  }

  // Turn, as by pulling the picture.
  pan(right, down) {
    this.yaw -= (right / this.width) * Math.PI;
    this.pitch = Math.min(1.55, Math.max(-1.55, this.pitch + (down / this.height) * Math.PI));
  }

  zoom(factor) {
    this.away = Math.min(this.home.away / FARTHEST, Math.max(this.home.away / 200, this.away / factor));
  }

  get matrix() {
    const [right, up, back] = axesOf(this.yaw, this.pitch);
    const focal = 1 / Math.tan(FIELD_OF_VIEW / 2);
    const across = (focal * this.height) / this.width;
    const [near, far] = [this.away * 0.001 + this.radius * 1e-4, this.away + 2 * this.radius];
    const [a, b] = [-(far + near) / (far - near), (-2 * far * near) / (far - near)];
    const rows = [
      [...right.map((side) => side * across), 0],
      [...up.map((side) => side * focal), 0],
      [...back.map((side) => side * a), -this.away * a + b],
      [...back.map((side) => -side), this.away],
    ];
    return Float32Array.from({ length: 16 }, (_, at) => rows[at % 4][Math.floor(at / 4)]);
  }

  get middle() {
    return this.target;
  }

  get enlarged() {
    return this.home.away;
  }

  // A function from a place to pixels [right, down], or null where it lies behind.
  projector() {
    const { matrix: m, width, height } = this;
    const [cx, cy, cz] = this.target;
    return (x, y, z) => {
      const [a, b, c] = [x - cx, y - cy, z - cz];
      const depth = m[3] * a + m[7] * b + m[11] * c + m[15];
      if (depth <= 0) return null;
      const right = (m[0] * a + m[4] * b + m[8] * c + m[12]) / depth;
      const up = (m[1] * a + m[5] * b + m[9] * c + m[13]) / depth;
      return [(0.5 + right / 2) * width, (0.5 - up / 2) * height];
    };
  }
}

const cameraOf = (points) => (points.z && points.count ? new DeepCamera(points) : new FlatCamera(points));

// Unit vectors to the right, up and back to the camera.
function axesOf(yaw, pitch) {
  const [cy, sy, cp, sp] = [Math.cos(yaw), Math.sin(yaw), Math.cos(pitch), Math.sin(pitch)];
  return [[-sy, cy, 0], [-cy * sp, -sy * sp, cp], [cy * cp, sy * cp, sp]];
}

const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

// The least and the greatest of what is finite; [0, 0] where nothing is.
function extent(values) {
  let [low, high] = [Infinity, -Infinity];
  for (let at = 0; at < values.length; at++) {
    const value = values[at];
    if (value < low && value > -Infinity) low = value;
    if (value > high && value < Infinity) high = value;
  }
  return low > high ? [0, 0] : [low, high];
}
