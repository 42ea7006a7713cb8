// The map: what it shows, what a person does to it, and what it tells the page around it.

const MOVING_LIMIT = 10000;
const MOVING_MS = 600;
const SILENT = () => {};

class EmbedlabMap {
  constructor(root, Plotly, options) {
    this.root = root;
    const silent = { onClick: SILENT, onSelect: SILENT, onClear: SILENT, onLabel: SILENT };
    this.options = { alt: "", name: "map", ...silent, ...options };
    this.points = this.colouring = this.selection = this.found = this.focus = this.placed = null;
    this.labels = [];
    this.said = {};
    this.picked = new Set();
    this.tool = "pan";
    this.waiting = new Set();
    this.done = Promise.resolve();
    this.build(Plotly);
    this.theme = themeOf(root);
    this.gestures = new Gestures(this);
    this.observer = new ResizeObserver(() => this.resized());
    this.observer.observe(root);
    this.resized();
  }

  build(Plotly) {
    this.root.classList.add("elmap");
    this.stage = this.root.appendChild(element("div", "elmap-stage"));
    this.stage.tabIndex = 0;
    this.stage.setAttribute("role", "application");
    this.stage.setAttribute("aria-roledescription", "map");
    const holder = this.stage.appendChild(element("div", "elmap-plot"));
    this.plot = new Plot(holder, Plotly, () => this.moved(), () => this.lost());
    this.overlay = new Overlay(this.stage.appendChild(element("canvas", "elmap-over")));
    this.tooltip = new Tooltip(this.stage);
    this.toolbar = new Toolbar(this.stage, {
      pan: () => this.take("pan"),
      lasso: () => this.take("lasso"),
      box: () => this.take("box"),
      in: () => this.plot.zoom(1.5),
      out: () => this.plot.zoom(1 / 1.5),
      home: () => this.plot.fit(),
      clear: () => this.clear(),
      png: () => this.save(),
    });
    this.status = this.stage.appendChild(element("div", "elmap-status"));
    this.status.setAttribute("role", "status");
    this.legend = new Legend(this.root, (code, add) => this.pickLegend(code, add));
    this.setAlt(this.options.alt);
  }

  // ---- what the page says ----

  setAlt(alt) {
    this.stage.setAttribute("aria-label", alt);
  }

  setPoints(points) {
    if (points === this.points) return;
    const stays = this.points && this.points.rows === points.rows;
    if (!stays) {
      this.gestures.forget();
      this.selection = this.found = this.focus = this.placed = null;
      this.labels = [];
      this.picked.clear();
    }
    this.cameFrom = stays && !points.z && !this.points.z ? this.places() : null;
    this.points = points;
    this.redraw("points");
  }

  setColours(colouring) {
    if (colouring === this.colouring) return;
    this.colouring = colouring;
    this.colours = null;
    this.picked.clear();
    this.redraw("colours");
  }

  setSelection(rows) {
    if (sameRows(rows, this.selection)) return;
    this.selection = rows;
    this.picked.clear();
    this.redraw("colours");
  }

  setFound(rows) {
    if (sameRows(rows, this.found)) return;
    this.found = rows;
    this.redraw("colours");
  }

  setLabels(labels) {
    this.labels = labels;
    this.redraw("over");
  }

  setFocus(focus) {
    this.focus = focus;
    this.redraw("over");
  }

  // What the page says of its selection, and whether clearing the map lets go of any of it.
  setSaid(said) {
    this.said = said || {};
    this.redraw("over");
  }

  setPlaced(placed) {
    this.placed = placed;
    this.redraw("over");
  }

  // Read the page's colours again.
  refreshTheme() {
    const theme = themeOf(this.root);
    if (JSON.stringify(theme) === JSON.stringify(this.theme)) return;
    this.theme = theme;
    this.colours = null;
    this.redraw("colours");
  }

  // Out of the page, perhaps to come back: nothing is under the pointer any more.
  park() {
    this.gestures.leave();
    this.root.remove();
  }

  destroy() {
    this.gone = true;
    this.observer.disconnect();
    this.gestures.destroy();
    this.plot.release();
    this.root.replaceChildren();
  }

  // ---- drawing ----

  // Whatever changes in one go is drawn once.
  redraw(part) {
    this.waiting.add(part);
    if (this.scheduled) return;
    this.scheduled = true;
    this.done = this.done.then(() => this.drawWaiting()).catch((error) => this.fail(error));
  }

  async drawWaiting() {
    this.scheduled = false;
    if (this.gone || !this.points || !this.colouring) return;
    this.legend.update(this.colouring, this.theme.dark, this.picked); // first: it takes room from the plot
    this.plot.measure();
    if (!this.plot.width || !this.plot.height) return;
    const parts = new Set(this.waiting);
    this.waiting.clear();
    const start = performance.now();
    if (parts.has("points") || this.plot.points !== this.points) {
      this.plot.setPoints(this.points);
      parts.add("points");
    }
    if (!this.colours || parts.has("points")) {
      this.colours = coloursOf(this.colouring, this.theme.dark, this.points.count);
    }
    this.toolbar.update(this.tool, this.plot.deep, this.clearable());
    this.say();
    if (parts.size > 1 || !parts.has("over")) await this.drawPoints(parts.has("points"));
    if (this.gone) return;
    this.drawOverlay();
    const what = ["points", "colours", "size", "over"].find((part) => parts.has(part));
    performance.measure(`${this.options.name}:${what}`, { start });
  }

  async drawPoints(fresh) {
    const from = fresh && this.mayMove() ? this.cameFrom : null;
    this.cameFrom = null;
    this.stage.classList.toggle("elmap-moving", Boolean(from));
    await this.plot.draw(this.colours, this.selection || this.found, this.theme);
    if (from && !this.gone) await this.animate(from);
    this.stage.classList.remove("elmap-moving");
  }

  mayMove() {
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    return this.cameFrom && this.points.count <= MOVING_LIMIT && !still && !document.hidden;
  }

  // Where each point is now, in pixels.
  places() {
    const { drawn, width } = this.plot;
    const project = drawn && width ? this.plot.projector() : null;
    if (!project) return null;
    const places = new Float32Array(2 * drawn.count);
    for (let row = 0; row < drawn.count; row++) places.set(project(drawn.x[row], drawn.y[row]), 2 * row);
    return places;
  }

  animate(from) {
    const to = this.places();
    const pen = this.overlay.canvas.getContext("2d");
    const start = performance.now();
    return new Promise((resolve) => {
      const step = (now) => {
        const stage = Math.min(1, Math.max(0, (now - start) / MOVING_MS));
        if (this.gone || stage >= 1) return resolve();
        pen.clearRect(0, 0, this.plot.width, this.plot.height);
        drawMoving(pen, from, to, this.colours, this.plot.size, stage);
        requestAnimationFrame(step);
      };
      requestAnimationFrame(step);
    });
  }

  scene() {
    const { points, theme, labels, focus, found, placed, plot } = this;
    const { width, height, size, zoomed } = plot;
    const { hover, overLabel, lasso, aiming } = this.gestures;
    const project = points.count ? plot.projector() : null;
    const pointer = { hover, overLabel, lasso, aim: aiming && !plot.deep };
    const covered = [this.toolbar.bar, this.status].map(boxAround);
    return { width, height, theme, project, points, size, zoomed, labels, focus, found, placed, covered, ...pointer };
  }

  drawOverlay() {
    if (this.points && this.plot.drawn === this.points) this.overlay.draw(this.scene());
  }

  // The person moved the map: names follow at once, the size of the points when it comes to rest.
  moved() {
    this.gestures.forget();
    cancelAnimationFrame(this.frame);
    const until = performance.now() + (this.plot.deep ? 400 : 0);
    const follow = () => {
      if (this.gone) return;
      this.drawOverlay();
      if (performance.now() < until) this.frame = requestAnimationFrame(follow);
    };
    this.frame = requestAnimationFrame(follow);
    clearTimeout(this.resting);
    this.resting = setTimeout(() => {
      const grown = this.gone || this.plot.deep ? 1 : this.plot.pointSize() / this.plot.size;
      if (this.points.count <= MANY && Math.abs(grown - 1) > 0.15) this.redraw("size");
    }, 250);
  }

  clearable() {
    const { selection, found, focus, placed } = this;
    return Boolean(selection || found || focus || placed) && this.said.clearable !== false;
  }

  say(sentence) {
    const { points, selection, found } = this;
    const of = points.count.toLocaleString("en-GB");
    let words = counted(points.count, "text", "texts");
    if (found) words = `${found.length.toLocaleString("en-GB")} of ${of} found`;
    if (selection) words = `${selection.length.toLocaleString("en-GB")} of ${of} selected`;
    if (this.said.selection) words = this.said.selection;
    if (!points.count) words = "There are no texts to show.";
    this.status.textContent = sentence || words;
  }

  // The graphics card took its memory back: draw again, unless that keeps happening.
  lost() {
    this.losses = (this.losses || 0) + 1;
    if (this.gone || this.losses > 3) return;
    this.plot.release();
    this.redraw("colours");
  }

  fail(error) {
    if (this.gone) return;
    console.error(error);
    this.status.textContent = "The map could not be drawn: reload the page, or try another browser.";
  }

  // ---- what a person does ----

  resized() {
    const { clientWidth: room } = this.root;
    if (!room) return; // out of the page, or folded away
    const size = room < 440 ? "phone" : room < 740 ? "narrow" : "wide";
    if (size !== this.root.dataset.size) {
      this.root.dataset.size = size;
      this.legend.fold(size === "phone");
    }
    const { clientWidth, clientHeight } = this.plot.element;
    if (clientWidth !== this.plot.width || clientHeight !== this.plot.height) this.redraw("size");
  }

  take(tool) {
    this.tool = tool;
    this.stage.dataset.tool = tool;
    this.redraw("over");
  }

  // Select what lies inside a lasso in pixels.
  enclose(lasso, add) {
    const inside = rowsInside(this.points, lasso.map(([x, y]) => this.plot.unproject(x, y)));
    if (!inside.length) return this.say("No texts there");
    return this.select(add && this.selection ? unionOf(this.selection, inside) : inside, this.tool);
  }

  // What was clicked before is let go of: its lines would lie over what is looked at now.
  select(rows, kind) {
    this.said = {};
    this.focus = null;
    this.setSelection(rows);
    this.redraw("over");
    this.options.onSelect(rows, kind);
  }

  pickLegend(code, add) {
    const picked = new Set(add ? this.picked : []);
    if (this.picked.has(code)) picked.delete(code);
    else picked.add(code);
    if (!picked.size) return this.clear();
    if (this.picked.has(code) && !add) return this.clear();
    this.selection = null;
    this.select(rowsWithCodes(this.colouring, picked), "legend");
    this.picked = picked;
    return null;
  }

  // Isolate the group of this name, if the colours have one.
  pickNamed(name) {
    const code = this.colouring.kind === "category" ? this.colouring.names.indexOf(name) : -1;
    if (code >= 0) this.pickLegend(code, false);
  }

  clear() {
    this.picked.clear();
    this.said = {};
    this.selection = this.focus = null; // what was found or placed belongs to the page, which hears of it
    this.redraw("colours");
    this.options.onClear();
  }

  // Say what is known of a row, beside its point.
  tell(row, near) {
    const { x, y, z } = this.points;
    const at = this.plot.projector()(x[row], y[row], z ? z[row] : 0) || near;
    const content = tooltipOf(this.points, row, this.colouring, this.colours[row]);
    this.tooltip.show(content, at, [this.plot.width, this.plot.height]);
  }

  // ---- the picture as a file ----

  async save() {
    const blob = await this.picture();
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `${this.options.name}.png`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  async picture(scale = 2) {
    const { width, height } = this.plot;
    const beside = this.colouring.kind === "plain" ? 0 : 200;
    const canvas = document.createElement("canvas");
    canvas.width = (width + beside) * scale;
    canvas.height = height * scale;
    const pen = canvas.getContext("2d");
    pen.scale(scale, scale);
    pen.fillStyle = this.theme.background;
    pen.fillRect(0, 0, width + beside, height);
    for (const layer of await this.plot.picture()) pen.drawImage(layer, 0, 0, width, height);
    drawOver(pen, { ...this.scene(), hover: -1, overLabel: -1, aim: false, covered: [] });
    if (beside) drawLegend(pen, this.colouring, this.theme, width + 12, beside - 24, height);
    return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  }
}

function createMap(root, Plotly, options) {
  return new EmbedlabMap(root, Plotly, options);
}
