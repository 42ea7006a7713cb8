// The map: what it shows, what a person does to it, and what it tells the page around it.

const MOVING_LIMIT = 20000;
const MOVING_MS = 700;
const SAID_MS = 250; // a selection is told when it has come to rest
const FEW = 70; // points in view that say their own words
const HISTORY = 50;
const VIEWS = ["points", "contours", "density"];
const CLUSTERS = "Clusters";
const SILENT = () => {};

class EmbedlabMap {
  constructor(root, options) {
    this.root = root;
    const silent = { onLabel: SILENT, onClick: SILENT, onChosen: SILENT, onPlacedOff: SILENT, onFoundOff: SILENT, onColour: SILENT };
    this.options = { alt: "", name: "map", beside: null, ...silent, ...options };
    this.points = this.colouring = this.found = this.focus = this.placed = this.filters = null;
    this.charts = [];
    this.labels = [];
    this.words = [];
    this.lit = -1;
    this.tool = "pan";
    this.view = "points";
    this.chosen = { id: "", words: "" };
    this.history = [];
    this.waiting = new Set();
    this.build();
    this.theme = themeOf(root);
    this.gestures = new Gestures(this);
    this.observer = new ResizeObserver(() => this.resized());
    this.observer.observe(root);
    this.resized();
  }

  build() {
    this.root.classList.add("elmap");
    this.stage = this.root.appendChild(element("div", "elmap-stage"));
    this.stage.tabIndex = 0;
    this.stage.setAttribute("role", "application");
    this.stage.setAttribute("aria-roledescription", "map");
    const holder = this.stage.appendChild(element("div", "elmap-plot"));
    this.plot = new Plot(holder, (drawn) => this.moved(drawn), () => this.lost());
    this.overlay = new Overlay(this.stage.appendChild(element("canvas", "elmap-over")));
    this.tooltip = new Tooltip(this.stage);
    this.toolbar = new Toolbar(this.stage, {
      pan: () => this.take("pan"),
      lasso: () => this.take("lasso"),
      box: () => this.take("box"),
      in: () => this.plot.zoom(1.5),
      out: () => this.plot.zoom(1 / 1.5),
      home: () => this.plot.fit(),
      points: () => this.look(VIEWS[(VIEWS.indexOf(this.view) + 1) % VIEWS.length]),
      full: () => this.fullScreen(),
      clear: () => this.clear(),
      png: () => this.save(),
    });
    this.chips = new Chips(this.stage);
    this.status = this.stage.appendChild(element("div", "elmap-status"));
    this.status.setAttribute("role", "status");
    this.side = this.root.appendChild(element("div", "elmap-side"));
    this.panel = new Charts(this.side, {
      onFilter: (id, filter, goes) => {
        this.filter(id, filter, goes);
        this.byChart = true;
      },
      onColour: (id) => this.options.onColour(id),
    });
    this.setAlt(this.options.alt);
  }

  // ---- what the page says ----

  setAlt(alt) {
    this.stage.setAttribute("aria-label", alt);
  }

  // Where the charts stand: in an element of the page's own, or beside the points; nowhere on a bare map.
  setSide(host, bare = false) {
    const place = host || this.side;
    if (this.panel.element.parentElement !== place) place.replaceChildren(this.panel.element);
    this.side.hidden = Boolean(host) || bare;
    this.host = host;
  }

  setPoints(points) {
    if (points === this.points) return;
    const stays = this.points && this.points.rows === points.rows;
    if (!stays) {
      this.gestures.forget();
      this.found = this.focus = this.placed = null;
      this.labels = [];
      this.history = [];
      this.chosen = { id: "", words: "" };
      this.filters = new Filters(points.count);
      this.charts = [];
    }
    this.words = [];
    this.cameFrom = stays && !points.z && !this.points.z ? this.places() : null;
    this.points = points;
    this.redraw("points");
  }

  setColours(colouring) {
    if (colouring === this.colouring) return;
    this.colouring = colouring;
    this.colours = null;
    this.redraw("colours");
  }

  // What can be filtered by. A filter of a chart that is no longer there becomes a selection of its own.
  setCharts(charts) {
    const before = this.filters.passingBut("found");
    const keys = new Map(charts.map(({ id, key }) => [id, key]));
    const others = new Set(this.charts.filter(({ id, key }) => keys.get(id) !== key).map(({ id }) => id));
    const dropped = this.filters.setCharts(charts);
    this.charts = charts;
    if (dropped.length && before) this.filters.setRows("selection", before);
    // The numbers of other clusters mean other texts: there is no way back to those.
    if (others.size) this.history = this.history.filter(({ filters }) => ![...filters.filters.keys()].some((id) => others.has(id)));
    this.redraw("standing");
  }

  // The page has a selection of its own: it takes the place of what was filtered and selected here. `bits` is Uint8 of 0
  // and 1, or null; one that came from here is known by its `id`.
  setSelection(id, bits, words = "") {
    if (id === this.chosen.id) return;
    this.remember();
    this.chosen = { id, words };
    this.filters.clear("found");
    this.filters.setRows("selection", bits);
    this.redraw("standing");
  }

  // `rows` are those that hold what is looked for.
  setFound(rows, words = "") {
    this.found = rows;
    this.foundWords = words;
    this.filters.setRows("found", rows && bitsOf(rows, this.points.count));
    this.redraw("standing");
  }

  setLabels(labels) {
    this.labels = this.points && this.points.count === 1 ? [] : labels; // a single text says its own words
    this.scaled = null;
    this.redraw("over");
  }

  setFocus(focus) {
    this.focus = focus;
    this.redraw("over");
  }

  setPlaced(placed) {
    this.placed = placed;
    this.redraw("over");
  }

  // A row that is pointed at elsewhere in the page; -1 for none.
  light(row) {
    this.lit = row;
    this.redraw("over");
  }

  // Bring these rows into sight, if they aren't all.
  show(rows) {
    const project = this.plot.projector();
    const out = Array.from(rows).some((row) => {
      const at = project && project(this.points.x[row], this.points.y[row]);
      return !at || at[0] < 0 || at[1] < 0 || at[0] > this.plot.width || at[1] > this.plot.height;
    });
    if (out) this.plot.show(rows);
  }

  // Read the page's colours again.
  refreshTheme() {
    const theme = themeOf(this.root);
    if (JSON.stringify(theme) === JSON.stringify(this.theme)) return;
    this.theme = theme;
    this.colours = this.scaled = null;
    this.redraw("colours");
  }

  // Out of the page, perhaps to come back: nothing is under the pointer any more.
  park() {
    this.gestures.leave();
    this.root.remove();
  }

  destroy() {
    this.gone = true;
    clearTimeout(this.telling);
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
    queueMicrotask(() => {
      this.scheduled = false;
      try {
        this.drawWaiting();
      } catch (error) {
        this.fail(error);
      }
    });
  }

  drawWaiting() {
    if (this.gone || !this.points || !this.colouring) return;
    this.plot.measure();
    if (!this.plot.width || !this.plot.height) return;
    const parts = new Set(this.waiting);
    this.waiting.clear();
    const start = performance.now();
    if (parts.has("points") || this.plot.points !== this.points) {
      this.plot.setPoints(this.points);
      parts.add("points");
      this.scaled = null;
    }
    if (!this.colours || parts.has("points")) this.paint();
    if (parts.has("points") || parts.has("standing")) this.plot.setStanding(this.filters.passing);
    this.quiet = this.quietLabels();
    this.panel.update({ filters: this.filters, charts: this.charts, colouring: this.colouring, theme: this.theme });
    this.toolbar.update(this.tool, this.plot.deep, this.clearable(), this.view);
    this.chips.update(this.chipsNow(), this.left(), this.history.length ? () => this.undo() : null);
    this.say();
    if (parts.size > 1 || !parts.has("over")) {
      this.shade = null;
      const from = parts.has("points") && this.mayMove() ? this.cameFrom : null;
      this.cameFrom = null;
      this.plot.draw(this.theme);
      if (from) this.animate(from);
    }
    this.drawOverlay();
    const what = ["points", "colours", "standing", "size", "over"].find((part) => parts.has(part));
    performance.measure(`${this.options.name}:${what}`, { start });
    this.restWords();
  }

  // Names of clusters of which nothing stands out, with the finer ones in them, give way to the others.
  quietLabels() {
    const { passing } = this.filters;
    const chart = passing && this.charts.find(({ id, title }) => id === "clusters" || title === CLUSTERS);
    if (!chart) return null;
    const counts = new Uint32Array(chart.bins);
    for (let row = 0; row < passing.length; row++) if (passing[row] && chart.codes[row] !== MISSING) counts[chart.codes[row]]++;
    const emptied = (label) => (label.code >= 0 ? !counts[label.code] : label.parent >= 0 && emptied(this.labels[label.parent]));
    return this.labels.map(emptied);
  }

  paint() {
    const { colours, ranks } = coloursOf(this.colouring, this.theme.dark, this.points.count);
    this.colours = colours;
    this.plot.setColours(colours, ranks);
  }

  mayMove() {
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    return this.cameFrom && this.points.count <= MOVING_LIMIT && !still && !document.hidden;
  }

  // Where each point is now, as a share of the picture, which another map's coordinates can be moved from.
  places() {
    const { drawn, camera, width } = this.plot;
    if (!drawn || !width) return null;
    const project = camera.projector();
    const places = new Float32Array(2 * drawn.count);
    for (let row = 0; row < drawn.count; row++) places.set(project(drawn.x[row], drawn.y[row]), 2 * row);
    return places;
  }

  // Let the points go over from where they were to where they are.
  animate(from) {
    const { plot, points } = this;
    const [x, y] = [new Float32Array(points.count), new Float32Array(points.count)];
    const moving = { ...points, x, y };
    const start = performance.now();
    this.stage.classList.add("elmap-moving");
    const step = (now) => {
      const done = this.gone || plot.points !== points || !plot.renderer;
      const stage = done ? 1 : Math.min(1, Math.max(0, (now - start) / MOVING_MS));
      const eased = stage < 0.5 ? 4 * stage ** 3 : 1 - (2 - 2 * stage) ** 3 / 2;
      if (done) return this.stage.classList.remove("elmap-moving");
      for (let row = 0; row < points.count; row++) {
        const [px, py] = plot.unproject(from[2 * row], from[2 * row + 1]);
        x[row] = px + (points.x[row] - px) * eased;
        y[row] = py + (points.y[row] - py) * eased;
      }
      plot.renderer.setPlaces(stage < 1 ? moving : points);
      plot.frame();
      if (stage < 1) return requestAnimationFrame(step);
      this.stage.classList.remove("elmap-moving");
      return this.drawOverlay();
    };
    step(start);
  }

  scene() {
    const { points, theme, labels, focus, placed, plot, lit } = this;
    const { width, height, size, camera } = plot;
    const { hover, overLabel, lasso, aiming } = this.gestures;
    const project = points.count ? plot.projector() : null;
    const moving = this.stage.classList.contains("elmap-moving");
    if (!this.scaled) this.scaled = camera.deep ? [] : scaledLabels(this.overlay.pen, theme, labels, camera.home.scale);
    const words = moving ? [] : this.words.map(({ row, text }) => ({ text, at: project(points.x[row], points.y[row]) }));
    return {
      width, height, theme, camera, project, points, size, focus, placed, hover, lit, overLabel, lasso, words,
      quiet: this.quiet, labels: moving ? [] : labels, scaled: moving ? [] : this.scaled,
      found: this.found && this.found.length <= RINGS ? this.found : null,
      aim: aiming && !plot.deep,
      covered: [this.toolbar.bar, this.chips.bar, this.status].map(boxAround),
      under: this.view === "points" || camera.deep ? null : (pen) => this.drawShade(pen),
    };
  }

  drawOverlay() {
    if (this.points && this.plot.drawn === this.points) this.overlay.draw(this.scene());
  }

  // The density of what stands out, drawn under the names; the points themselves are hidden where it stands alone.
  drawShade(pen) {
    const { plot, points, theme } = this;
    this.shade ??= densityOf(points, plot.standing, plot.camera);
    drawDensity(pen, this.shade, plot.camera, theme, this.view);
  }

  look(view) {
    this.view = view;
    this.stage.dataset.view = view;
    this.redraw("over");
    this.say();
  }

  // The map was moved, or has just been drawn anew where it was moved to.
  moved(drawn) {
    this.gestures.forget();
    if (drawn) this.shade = null;
    this.drawOverlay();
    if (drawn) this.restWords();
  }

  // When the map has come to rest and few points are in view, they say their own words.
  restWords() {
    clearTimeout(this.resting);
    this.resting = setTimeout(async () => {
      if (this.gone || !this.points || this.plot.drawn !== this.points) return;
      const { points } = this;
      const rows = this.plot.inView(FEW);
      const told = rows && rows.length ? await points.rows.about(rows).catch(() => []) : [];
      if (this.gone || points !== this.points) return;
      this.words = told.map(({ text }, at) => ({ row: rows[at], text: shortened(text) }));
      this.drawOverlay();
    }, 180);
  }

  // The rows that stand out, null where all do.
  get selection() {
    const { passing } = this.filters;
    return passing && rowsOf(passing);
  }

  // ---- words ----

  left() {
    const { count } = this.points;
    return `${this.filters.count.toLocaleString("en-GB")} of ${count.toLocaleString("en-GB")} texts`;
  }

  clearable() {
    const { filters } = this;
    return Boolean((this.lens ? filters.passingBut("found") : filters.passing) || this.focus || this.placed);
  }

  chipsNow() {
    const chips = this.charts
      .filter(({ id }) => this.filters.filterOf(id))
      .map((chart) => ({ kind: "Filter", words: said(chart, this.filters.filterOf(chart.id)), off: () => this.filter(chart.id, null) }));
    const selected = this.filters.rowsOf("selection");
    if (selected) {
      const count = counted(sumOf(selected), "text", "texts");
      const words = this.chosen.words ? `${this.chosen.words}: ${count}` : count;
      chips.push({ kind: "Selected", words, off: () => this.choose(null, "") });
    }
    if (this.found) {
      const words = `${this.foundWords} in ${counted(this.found.length, "text", "texts")}`;
      chips.push({ kind: this.lens ? "Shown" : "Found", words, off: this.lens ? null : () => this.options.onFoundOff() });
    }
    if (this.placed) chips.push({ kind: "Placed", words: shortened(this.placed.text), off: () => this.options.onPlacedOff() });
    return chips;
  }

  say(sentence) {
    const { points } = this;
    let words = this.filters.passing ? this.left() : counted(points.count, "text", "texts");
    if (!points.count) words = "There are no texts to show.";
    this.status.textContent = sentence || words;
  }

  // The graphics card took its memory back: draw again, without it if that keeps happening.
  lost() {
    this.losses = (this.losses || 0) + 1;
    if (this.gone) return;
    this.plot.release();
    this.plot.byHand = this.losses > 2;
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
    if (size !== this.root.dataset.size) this.root.dataset.size = size;
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
    const bits = this.plot.inside(lasso);
    if (!sumOf(bits)) return this.say("No texts there");
    const before = add ? this.filters.rowsOf("selection") : null;
    if (before) for (let row = 0; row < bits.length; row++) bits[row] |= before[row];
    return this.choose(bits, this.tool);
  }

  // Select these rows; null lets go of what is selected.
  choose(bits, words) {
    this.remember();
    this.focus = null; // its lines would lie over what is looked at now
    this.filters.setRows("selection", bits);
    this.tellChosen(words);
  }

  // `goes` on with what the last filter began (a brush that is pulled, a range that plays): one step of undo for all of it.
  filter(id, filter, goes = false) {
    if (filter && !this.filters.roomFor(id)) return this.say("So many filters at once can't be had: take one off.");
    if (!goes) this.remember();
    this.focus = null;
    this.filters.set(id, filter);
    return this.tellChosen(this.chosen.words);
  }

  // Isolate the cluster of a name on the map.
  pickLabel(index) {
    const { text, code } = this.labels[index];
    const ofClusters = ({ id, title }) => id === "clusters" || title === CLUSTERS;
    const chart = this.charts.find(code >= 0 ? ofClusters : ({ words }) => words.includes(text));
    if (!chart) return this.options.onLabel(index);
    const at = code >= 0 ? code : chart.words.indexOf(text);
    return this.filter(chart.id, this.isolated(chart.id, at) ? null : { codes: [at] });
  }

  isolated(id, code) {
    const filter = this.filters.filterOf(id);
    return Boolean(filter && filter.codes && filter.codes.length === 1 && filter.codes[0] === code);
  }

  remember() {
    const { words, id } = this.chosen;
    this.history.push({ filters: this.filters.state(), words, id });
    if (this.history.length > HISTORY) this.history.shift();
  }

  undo() {
    const before = this.history.pop();
    if (!before) return;
    this.filters.restore(before.filters, "found");
    this.tellChosen(before.words);
  }

  clear() {
    if (this.filters.passing) this.remember();
    this.filters.clear("found");
    this.focus = null;
    this.tellChosen("", true);
    if (this.found && !this.lens) this.options.onFoundOff();
    if (this.placed) this.options.onPlacedOff();
  }

  // Draw it at once; tell the page when it has come to rest.
  tellChosen(words, cleared = false) {
    this.byChart = false; // whether somebody looks at the charts, not at what is said of a selection
    this.chosen = { id: `here-${performance.now()}`, words };
    this.redraw("standing");
    clearTimeout(this.telling);
    this.telling = setTimeout(() => {
      const bits = this.filters.passingBut("found");
      const filters = this.charts.filter(({ id }) => this.filters.filterOf(id)).map((chart) => said(chart, this.filters.filterOf(chart.id)));
      this.options.onChosen({ id: this.chosen.id, bits, words, filters, cleared });
    }, SAID_MS);
  }

  fullScreen() {
    if (document.fullscreenElement) return document.exitFullscreen();
    const host = this.host;
    this.root.onfullscreenchange = () => document.fullscreenElement || this.setSide(host);
    this.setSide(null);
    const refused = () => {
      this.setSide(host);
      this.say("The browser does not show this full screen.");
    };
    return this.root.requestFullscreen ? this.root.requestFullscreen().catch(refused) : refused();
  }

  // Say what is known of a row, beside its point.
  async tell(row, near) {
    const { points } = this;
    const { x, y, z } = points;
    const at = this.plot.projector()(x[row], y[row], z ? z[row] : 0) || near;
    const show = (told) => {
      const content = tooltipOf(points.rows.names, told, row, this.colouring, cssOf(this.colours[row]));
      this.tooltip.show(content, at, [this.plot.width, this.plot.height]);
    };
    const known = points.rows.known(row);
    if (known) return show(known);
    const told = await points.rows.about([row]).catch(() => [{ text: "This text could not be loaded.", values: [] }]);
    return this.gestures.hover === row && points === this.points ? show(told[0]) : null;
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
    if (this.view !== "density") pen.drawImage(this.plot.picture(scale), 0, 0, width, height);
    drawOver(pen, { ...this.scene(), hover: -1, lit: -1, overLabel: -1, aim: false, covered: [] });
    if (beside) drawLegend(pen, this.colouring, this.theme, width + 12, beside - 24, height);
    return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  }
}

// As much of a text as a point can say.
function shortened(text, length = 44) {
  const line = text.replace(/\s+/g, " ").trim();
  if (line.length <= length) return line;
  const begins = line.slice(0, length - 1);
  const gap = begins.lastIndexOf(" ");
  return `${(gap > length * 0.7 ? begins.slice(0, gap) : begins.replace(/[\ud800-\udbff]$/, "")).trimEnd()}…`;
}

function createMap(root, options) {
  return new EmbedlabMap(root, options);
}
