// Pointer, wheel and keyboard: what moves the map, what is under the pointer, what is being drawn, which key does what.

const REACH = 14; // pixels from which a point can be touched
const STEP = 0.12; // share of the map that an arrow key moves it
const CLICK = 5; // pixels that a click may move

class Gestures {
  constructor(map) {
    this.map = map;
    this.hover = this.overLabel = -1;
    this.lasso = null;
    this.aiming = false;
    this.pointers = new Map();
    this.aborter = new AbortController();
    this.listen(map.stage, this.aborter.signal);
  }

  listen(stage, signal) {
    const on = (type, handler, more = {}) => stage.addEventListener(type, handler, { signal, ...more });
    on("pointerdown", (event) => this.pressed(event));
    on("pointermove", (event) => this.pointed(event));
    on("pointerup", (event) => this.released(event));
    on("pointercancel", (event) => this.given(event));
    on("lostpointercapture", (event) => this.given(event));
    on("pointerleave", () => this.unhover());
    on("wheel", (event) => this.wheel(event), { passive: false });
    on("dblclick", (event) => this.onCanvas(event) && this.map.clear());
    on("keydown", (event) => this.key(event));
    on("focus", () => this.aim(stage.matches(":focus-visible")));
    on("blur", () => this.aim(false));
  }

  leave() {
    this.pointers.clear();
    this.dropLasso();
    this.unhover();
  }

  destroy() {
    this.aborter.abort();
    cancelAnimationFrame(this.frame);
  }

  // The map moved or has other points: nothing is under the pointer until it moves.
  forget() {
    this.map.tooltip.hide();
    this.hover = this.overLabel = -1;
  }

  onCanvas(event) {
    return !event.target.closest(".elmap-toolbar, .elmap-tooltip, .elmap-chips");
  }

  placeOf(event) {
    const frame = this.map.stage.getBoundingClientRect();
    return [event.clientX - frame.left, event.clientY - frame.top];
  }

  aim(aiming) {
    this.aiming = aiming;
    this.map.drawOverlay();
  }

  pressed(event) {
    const { map } = this;
    if (!this.onCanvas(event) || (event.button || 0) !== 0 || !map.points) return;
    const at = this.placeOf(event);
    this.pointers.set(event.pointerId, { from: at, at, far: 0 });
    map.stage.setPointerCapture(event.pointerId);
    this.lasso = map.tool !== "pan" && !map.plot.deep && this.pointers.size === 1 ? [at] : null;
    this.unhover();
    map.stage.classList.add("elmap-held");
  }

  pointed(event) {
    const at = this.placeOf(event);
    const held = this.pointers.get(event.pointerId);
    if (!held) {
      if (event.buttons || !this.onCanvas(event)) return this.unhover();
      cancelAnimationFrame(this.frame);
      this.frame = requestAnimationFrame(() => this.hoverAt(at));
      return null;
    }
    const before = [...this.pointers.values()].map((pointer) => pointer.at);
    held.far = Math.max(held.far, Math.hypot(at[0] - held.from[0], at[1] - held.from[1]));
    held.at = at;
    if (this.lasso) return this.drag(at);
    if (this.pointers.size === 2) return this.pinch(before, [...this.pointers.values()].map((pointer) => pointer.at));
    const last = before[[...this.pointers.keys()].indexOf(event.pointerId)];
    if (held.far >= CLICK) this.map.plot.pan(at[0] - last[0], at[1] - last[1]);
    return null;
  }

  pinch([a, b], [c, d]) {
    const [middle, now] = [[(a[0] + b[0]) / 2, (a[1] + b[1]) / 2], [(c[0] + d[0]) / 2, (c[1] + d[1]) / 2]];
    const wide = Math.hypot(a[0] - b[0], a[1] - b[1]) || 1;
    this.map.plot.pan(now[0] - middle[0], now[1] - middle[1]);
    this.map.plot.zoom(Math.hypot(c[0] - d[0], c[1] - d[1]) / wide, now);
  }

  drag(at) {
    const [x, y] = this.lasso[0];
    const [lastX, lastY] = this.lasso[this.lasso.length - 1];
    if (this.map.tool === "box") this.lasso = [[x, y], [at[0], y], at, [x, at[1]]];
    else if (Math.hypot(at[0] - lastX, at[1] - lastY) > 2) this.lasso.push(at);
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.map.drawOverlay());
  }

  released(event) {
    const held = this.pointers.get(event.pointerId);
    if (!held) return;
    const [alone, lasso] = [this.pointers.size === 1, this.lasso];
    this.given(event);
    if (this.map.gone || !alone) return;
    // The whole way counts: a lasso may well end where it began.
    if (held.far < CLICK) this.click(held.at);
    else if (lasso && lasso.length > 2) this.map.enclose(lasso, event.shiftKey);
  }

  given(event) {
    if (!this.pointers.delete(event.pointerId)) return;
    if (this.lasso) this.dropLasso();
    if (!this.pointers.size) this.map.stage.classList.remove("elmap-held");
  }

  dropLasso() {
    this.lasso = null;
    this.map.drawOverlay();
  }

  click(at) {
    const { plot, overlay, options, points } = this.map;
    this.map.byChart = false;
    const label = overlay.labelAt(...at);
    if (label >= 0) return this.map.pickLabel(label);
    const row = points ? plot.pick(...at, REACH) : -1;
    return row >= 0 ? options.onClick(row) : null;
  }

  wheel(event) {
    const { map } = this;
    if (!this.onCanvas(event) || !map.points) return;
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1;
    // A pinch on a touchpad comes as a wheel with the control key, in smaller steps.
    const strength = event.ctrlKey ? 0.01 : 0.0022;
    const turned = Math.max(-240, Math.min(240, event.deltaY * lines));
    map.plot.zoom(Math.exp(-turned * strength), this.placeOf(event));
  }

  unhover() {
    cancelAnimationFrame(this.frame);
    if (this.hover < 0 && this.overLabel < 0) return;
    this.forget();
    this.map.stage.classList.remove("elmap-pointing");
    this.map.drawOverlay();
  }

  hoverAt(at) {
    const { map } = this;
    if (map.gone || this.pointers.size || map.plot.drawn !== map.points) return;
    const label = map.overlay.labelAt(...at);
    const row = label >= 0 ? -1 : map.plot.pick(...at, REACH);
    map.stage.classList.toggle("elmap-pointing", label >= 0 || row >= 0);
    if (row === this.hover && label === this.overLabel) return;
    [this.hover, this.overLabel] = [row, label];
    map.drawOverlay();
    if (row >= 0) map.tell(row, at);
    else map.tooltip.hide();
  }

  key(event) {
    const { map } = this;
    if (event.target !== map.stage || event.altKey || !map.points) return;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
      event.preventDefault();
      return map.undo();
    }
    if (event.ctrlKey || event.metaKey) return null;
    const { plot } = map;
    const does = {
      "+": () => plot.zoom(1.5),
      "=": () => plot.zoom(1.5),
      "-": () => plot.zoom(1 / 1.5),
      _: () => plot.zoom(1 / 1.5),
      0: () => plot.fit(),
      ArrowLeft: () => plot.pan(STEP * plot.width, 0),
      ArrowRight: () => plot.pan(-STEP * plot.width, 0),
      ArrowUp: () => plot.pan(0, STEP * plot.height),
      ArrowDown: () => plot.pan(0, -STEP * plot.height),
      Enter: () => this.click([plot.width / 2, plot.height / 2]),
      Escape: () => (this.lasso ? this.leave() : map.clear()),
    }[event.key];
    if (!does) return null;
    event.preventDefault();
    return does();
  }
}
