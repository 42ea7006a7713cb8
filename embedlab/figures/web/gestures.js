// Pointer and keyboard: what is under the pointer, what is being drawn, which key does what.

const REACH = 14; // pixels from which a point can be touched
const STEP = 0.12; // share of the map that an arrow key moves it

class Gestures {
  constructor(map) {
    this.map = map;
    this.hover = this.overLabel = -1;
    this.lasso = null;
    this.aiming = false;
    this.pressedAt = null;
    this.aborter = new AbortController();
    this.listen(map.stage, this.aborter.signal);
  }

  listen(stage, signal) {
    const on = (type, handler, capture = false) => stage.addEventListener(type, handler, { signal, capture });
    // Captured, so that Plotly doesn't move the map while one draws a lasso.
    for (const type of ["pointerdown", "mousedown", "touchstart"]) on(type, (event) => this.pressed(event), true);
    on("pointermove", (event) => this.pointed(event));
    // On the window: while the map is moved, Plotly lays a sheet of its own over the page.
    window.addEventListener("pointerup", (event) => this.released(event), { signal, capture: true });
    on("pointercancel", () => this.dropLasso());
    on("pointerleave", () => this.unhover());
    on("dblclick", (event) => this.onCanvas(event) && this.map.clear());
    on("keydown", (event) => this.key(event));
    on("focus", () => this.aim(stage.matches(":focus-visible")));
    on("blur", () => this.aim(false));
  }

  leave() {
    this.pressedAt = null;
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
    return !event.target.closest(".elmap-toolbar, .elmap-tooltip");
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
    if (!this.onCanvas(event) || (event.button || 0) !== 0) return;
    const drawing = this.map.tool !== "pan" && !this.map.plot.deep;
    if (event.type === "pointerdown") {
      this.pressedAt = this.placeOf(event);
      if (drawing) this.lasso = [this.pressedAt];
      if (drawing) this.map.stage.setPointerCapture(event.pointerId);
    }
    if (!drawing) return;
    this.unhover();
    event.stopPropagation();
    if (event.type !== "pointerdown") event.preventDefault();
    this.map.stage.focus({ preventScroll: true });
  }

  pointed(event) {
    const at = this.placeOf(event);
    if (this.lasso) return this.drag(at);
    if (event.buttons || !this.onCanvas(event)) return this.unhover();
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.hoverAt(at));
    return null;
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
    const [at, from, lasso] = [this.placeOf(event), this.pressedAt, this.lasso];
    this.pressedAt = null;
    if (lasso) this.dropLasso();
    if (!from || this.map.gone || (event.button || 0) !== 0) return;
    // The whole way counts: a lasso may well end where it began.
    const moved = Math.max(...[at, ...(lasso || [])].map(([x, y]) => Math.hypot(x - from[0], y - from[1])));
    if (moved < 5) this.click(at);
    else if (lasso && lasso.length > 2) this.map.enclose(lasso, event.shiftKey);
  }

  dropLasso() {
    this.lasso = null;
    this.map.drawOverlay();
  }

  click(at) {
    const { plot, overlay, options, points } = this.map;
    const label = overlay.labelAt(...at);
    if (label >= 0) return options.onLabel(label);
    const row = points ? plot.pick(...at, REACH) : -1;
    return row >= 0 ? options.onClick(row) : null;
  }

  unhover() {
    cancelAnimationFrame(this.frame);
    if (this.hover < 0 && this.overLabel < 0) return;
    this.forget();
    this.map.stage.classList.remove("elmap-over-label", "elmap-over-point");
    this.map.drawOverlay();
  }

  hoverAt(at) {
    const { map } = this;
    if (map.gone || this.lasso || map.plot.drawn !== map.points) return;
    const label = map.overlay.labelAt(...at);
    const row = label >= 0 ? -1 : map.plot.pick(...at, REACH);
    map.stage.classList.toggle("elmap-over-label", label >= 0);
    map.stage.classList.toggle("elmap-over-point", row >= 0);
    if (row === this.hover && label === this.overLabel) return;
    [this.hover, this.overLabel] = [row, label];
    map.drawOverlay();
    if (row >= 0) map.tell(row, at);
    else map.tooltip.hide();
  }

  key(event) {
    const { map } = this;
    if (event.target !== map.stage || event.ctrlKey || event.metaKey || event.altKey) return;
    const does = {
      "+": () => map.plot.zoom(1.5),
      "=": () => map.plot.zoom(1.5),
      "-": () => map.plot.zoom(1 / 1.5),
      _: () => map.plot.zoom(1 / 1.5),
      0: () => map.plot.fit(),
      ArrowLeft: () => map.plot.pan(-STEP, 0),
      ArrowRight: () => map.plot.pan(STEP, 0),
      ArrowUp: () => map.plot.pan(0, STEP),
      ArrowDown: () => map.plot.pan(0, -STEP),
      Enter: () => this.click([map.plot.width / 2, map.plot.height / 2]),
      Escape: () => (this.lasso ? this.dropLasso() : map.clear()),
    }[event.key];
    if (!does) return;
    event.preventDefault();
    does();
  }
}
