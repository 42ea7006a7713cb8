// Small charts beside the map, one below the other: what is left of each column's values, and filters to touch.

const SHOWN_BARS = 10;
const MOST_BARS = 200;
const TALL = 46; // pixels of a histogram
const PLAY_MS = [900, 450, 180];
const HOLD_MS = 5000; // that a touched chart stays in its place, unless somebody scrolls
const LETS_GO = ["wheel", "touchmove", "keydown", "pointerdown"];
const HELD_MS = 450; // a long touch adds, as Shift does

// What scrolls around the charts, where more than the charts stands in it.
const sheetAround = (element) => element.closest('[class*="st-key-beside-"]');

class Charts {
  constructor(parent, options) {
    this.element = parent.appendChild(element("div", "elmap-charts"));
    this.left = this.element.appendChild(element("div", "elmap-charts-left"));
    this.counted = this.left.appendChild(element("span"));
    this.counted.setAttribute("role", "status");
    this.up = this.left.appendChild(element("button", "elmap-up-link", "About them ↑"));
    this.up.type = "button";
    this.up.title = "Up to what is said of these texts";
    this.up.onclick = () => {
      this.letGo();
      sheetAround(this.element)?.scrollTo({ top: 0 });
    };
    this.body = this.element.appendChild(element("div", "elmap-charts-body"));
    this.options = options;
    this.charts = [];
    this.letGo = SILENT;
    this.shown = new Map();
    this.folded = new Set();
  }

  // `colouring` is what the map is coloured by; its chart stands first and shows the colours.
  update({ filters, charts, colouring, theme }) {
    this.element.hidden = !charts.length;
    if (charts !== this.charts) this.fill(charts, filters);
    this.charts = charts;
    const [left, all] = [filters.count, filters.rows].map((count) => count.toLocaleString("en-GB"));
    this.counted.textContent = filters.passing ? `${left} of ${all} texts` : "";
    this.left.hidden = !filters.passing;
    this.up.hidden = !sheetAround(this.element);
    for (const chart of charts) {
      const own = chart.title === colouring.title ? colouring : null;
      this.shown.get(chart.id).update(filters, own, theme);
    }
    const first = charts.find(({ title }) => title === colouring.title);
    const top = first && this.shown.get(first.id).element;
    if (top && this.body.firstChild !== top) this.body.prepend(top);
  }

  // What is said of the texts that a touch leaves comes in above the charts, a little later: let the touched chart stay
  // where it is on the screen meanwhile.
  hold(chart) {
    this.letGo();
    const sheet = sheetAround(this.element);
    if (!sheet) return;
    const above = () => chart.element.getBoundingClientRect().top - sheet.getBoundingClientRect().top;
    const until = performance.now() + HOLD_MS;
    let [was, tall] = [above(), sheet.scrollHeight];
    const letGo = () => this.letGo();
    for (const event of LETS_GO) sheet.addEventListener(event, letGo, { passive: true });
    const follow = () => {
      if (sheet.scrollHeight !== tall && chart.element.isConnected) sheet.scrollTop += above() - was;
      [was, tall] = [above(), sheet.scrollHeight];
      if (performance.now() > until) letGo();
      else this.following = requestAnimationFrame(follow);
    };
    this.following = requestAnimationFrame(follow);
    this.letGo = () => {
      cancelAnimationFrame(this.following);
      for (const event of LETS_GO) sheet.removeEventListener(event, letGo);
      this.letGo = SILENT;
    };
  }

  fill(charts, filters) {
    for (const [id, chart] of this.shown) {
      if (charts.every((other) => other.id !== id || other.key !== chart.chart.key)) {
        chart.gone();
        this.shown.delete(id);
      }
    }
    const open = charts.length <= 4;
    const options = { ...this.options, onFold: (id, fold) => this.fold(id, fold), onTouch: (chart) => this.hold(chart) };
    charts.forEach((chart, at) => {
      if (this.shown.has(chart.id)) return;
      const Kind = chart.kind === "category" ? Bars : Histogram;
      const folded = this.folded.has(chart.id) || (!open && at > 5 && !this.shown.size);
      this.shown.set(chart.id, new Kind(chart, filters, options, folded));
    });
    this.body.replaceChildren(...charts.map(({ id }) => this.shown.get(id).element));
  }

  fold(id, folded) {
    if (folded) this.folded.add(id);
    else this.folded.delete(id);
  }
}

// What bars and histograms have in common: the title, folding, colouring by it, taking its filter off.
class OneChart {
  constructor(chart, filters, options, folded) {
    Object.assign(this, { chart, filters, options });
    this.element = element("section", "elmap-chart");
    const head = this.element.appendChild(element("div", "elmap-chart-head"));
    this.title = head.appendChild(element("button", "elmap-chart-title"));
    this.title.type = "button";
    this.title.append(element("span", "elmap-name", chart.title));
    this.title.onclick = () => this.fold(!this.element.classList.contains("elmap-folded"));
    this.off = head.appendChild(buttonOf("elmap-off", "×", `Take the filter of ${chart.title} off`, () => this.filter(null)));
    this.paint = head.appendChild(buttonOf("elmap-paint", "", `Colour by ${chart.title}`, () => options.onColour(chart.title)));
    this.body = this.element.appendChild(element("div", "elmap-chart-body"));
    this.note = this.element.appendChild(element("p", "elmap-note", chart.note || ""));
    this.note.hidden = !chart.note;
    this.fold(Boolean(folded), true);
  }

  fold(folded, quiet = false) {
    this.element.classList.toggle("elmap-folded", folded);
    this.title.setAttribute("aria-expanded", String(!folded));
    this.body.hidden = folded;
    if (!quiet) this.options.onFold(this.chart.id, folded);
    if (!folded && this.last) this.update(...this.last);
  }

  filter(filter, goes = false) {
    this.options.onTouch(this);
    this.options.onFilter(this.chart.id, filter, goes);
  }

  update(filters, colouring, theme) {
    this.last = [filters, colouring, theme];
    this.filters = filters;
    this.off.hidden = !filters.filterOf(this.chart.id);
    this.paint.hidden = !this.options.onColour || Boolean(colouring) || this.chart.id.startsWith("legend:");
    this.element.classList.toggle("elmap-coloured", Boolean(colouring));
    if (!this.element.classList.contains("elmap-folded")) this.draw(filters, colouring, theme);
  }

  gone() {}
}

// A bar for each value: click isolates, Shift (or a long touch) adds, a double click lets go.
class Bars extends OneChart {
  constructor(...all) {
    super(...all);
    const { chart } = this;
    this.totals = this.filters.totalsOf(chart.id);
    this.order = chart.words.map((_, code) => code);
    if (!chart.ordered) this.order.sort((a, b) => this.totals[b] - this.totals[a]);
    this.more = false;
    this.sought = "";
    this.list = this.body.appendChild(element("div", "elmap-bars"));
    this.list.addEventListener("dblclick", () => this.filter(null));
    if (chart.words.length > SHOWN_BARS + 2) this.body.append(this.foot());
  }

  foot() {
    const foot = element("div", "elmap-bars-foot");
    this.toggle = foot.appendChild(element("button", "elmap-more"));
    this.toggle.type = "button";
    this.toggle.onclick = () => {
      this.more = !this.more;
      this.update(...this.last);
    };
    this.search = foot.appendChild(element("input", "elmap-bars-search"));
    Object.assign(this.search, { type: "search", placeholder: "Find a value" });
    this.search.setAttribute("aria-label", `Find a value of ${this.chart.title}`);
    this.search.oninput = () => {
      this.sought = this.search.value.trim().toLowerCase();
      this.update(...this.last);
    };
    return foot;
  }

  codes(counts) {
    const { chart, order, sought, more } = this;
    if (sought) return order.filter((code) => chart.words[code].toLowerCase().includes(sought)).slice(0, MOST_BARS);
    const few = chart.words.length <= SHOWN_BARS + 2;
    const first = few || more ? order.slice(0, few ? order.length : MOST_BARS) : this.most(counts);
    const picked = (this.filters.filterOf(chart.id)?.codes || []).filter((code) => code !== MISSING && !first.includes(code));
    return [...first, ...picked];
  }

  // The values that most of the texts have that are left, in the order in which all stand.
  most(counts) {
    const { order, totals } = this;
    if (order.every((code) => counts[code] === totals[code])) return order.slice(0, SHOWN_BARS);
    const most = new Set([...order].sort((a, b) => counts[b] - counts[a]).slice(0, SHOWN_BARS));
    return order.filter((code) => most.has(code));
  }

  draw(filters, colouring, theme) {
    const { chart } = this;
    const counts = filters.countsOf(chart.id);
    const codes = this.codes(counts);
    if (this.totals[chart.bins]) codes.push(MISSING);
    const most = Math.max(1, ...codes.map((code) => this.totals[code === MISSING ? chart.bins : code]));
    const picked = new Set(filters.filterOf(chart.id)?.codes || []);
    const had = new Map([...this.list.children].map((row) => [Number(row.dataset.code), row]));
    const rows = codes.map((code) => {
      const row = had.get(code) || this.row(code);
      const at = code === MISSING ? chart.bins : code;
      row.setAttribute("aria-pressed", String(picked.has(code)));
      row.classList.toggle("elmap-dimmed", picked.size > 0 && !picked.has(code));
      row.style.setProperty("--all", `${(100 * this.totals[at]) / most}%`);
      row.style.setProperty("--left", `${(100 * counts[at]) / most}%`);
      row.style.setProperty("--colour", colouring ? colourOf(colouring, code, theme.dark) : "");
      row.querySelector(".elmap-swatch").hidden = !colouring;
      row.querySelector(".elmap-count").textContent = counts[at].toLocaleString("en-GB");
      return row;
    });
    if (rows.length !== this.list.children.length || rows.some((row, at) => row !== this.list.children[at])) {
      this.list.replaceChildren(...rows);
    }
    if (this.toggle) {
      this.toggle.textContent = this.more ? "Fewer" : `All ${chart.words.length.toLocaleString("en-GB")}`;
      if (this.more && chart.words.length > MOST_BARS) this.toggle.textContent = `Fewer (${MOST_BARS} of ${chart.words.length})`;
    }
  }

  row(code) {
    const name = code === MISSING ? "no value" : this.chart.words[code];
    const row = element("button", "elmap-entry");
    row.type = "button";
    row.dataset.code = code;
    row.title = `${name}: click isolates, Shift adds, double click lets go`;
    row.append(element("span", "elmap-swatch"), element("span", "elmap-name", name), element("span", "elmap-count"));
    let [held, timer] = [false, 0];
    row.onpointerdown = (event) => {
      held = false;
      if (event.pointerType !== "touch") return;
      timer = setTimeout(() => {
        held = true;
        this.pick(code, true);
      }, HELD_MS);
    };
    row.onpointerup = row.onpointerleave = row.onpointercancel = () => clearTimeout(timer);
    row.onclick = (event) => {
      if (!held) this.pick(code, event.shiftKey || event.ctrlKey || event.metaKey);
      held = false;
    };
    return row;
  }

  pick(code, add) {
    const before = this.filters.filterOf(this.chart.id)?.codes || [];
    const has = before.includes(code);
    if (!add) return this.filter(has && before.length === 1 ? null : { codes: [code] });
    const codes = has ? before.filter((other) => other !== code) : [...before, code];
    return this.filter(codes.length ? { codes } : null);
  }
}

function colourOf(colouring, code, dark) {
  if (code === MISSING) return dark ? colouring.missing.dark : colouring.missing.light;
  return (dark ? colouring.dark : colouring.light)[code] || "";
}

// Bars along a number or a date, to brush.
class Histogram extends OneChart {
  constructor(...all) {
    super(...all);
    const { chart } = this;
    this.totals = this.filters.totalsOf(chart.id);
    this.most = Math.max(1, ...this.totals.subarray(0, chart.bins));
    this.canvas = element("canvas", "elmap-histogram");
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "slider");
    this.canvas.setAttribute("aria-label", `${chart.title}: drag to filter, arrow keys move the range`);
    this.axis = element("div", "elmap-axis");
    for (const [at, words] of chart.ticks) {
      const tick = this.axis.appendChild(element("span", "", words));
      tick.style.setProperty("--at", `${100 * at}%`);
      tick.classList.toggle("elmap-first", at < 0.08);
      tick.classList.toggle("elmap-last", at > 0.92);
    }
    this.foot = element("div", "elmap-chart-foot");
    this.range = this.foot.appendChild(element("span", "elmap-range"));
    if (chart.kind === "date" && chart.bins > 2) this.foot.append(this.player());
    this.body.append(this.canvas, this.axis, this.foot);
    if (this.totals[chart.bins]) this.body.append(this.without());
    this.listen();
    this.observer = new ResizeObserver(() => this.last && this.update(...this.last));
    this.observer.observe(this.canvas);
  }

  // The texts without a value, to be picked by themselves.
  without() {
    this.none = element("button", "elmap-entry elmap-none");
    this.none.type = "button";
    this.none.append(element("span", "elmap-name", "no value"), element("span", "elmap-count"));
    this.none.onclick = () => {
      const picked = this.filters.filterOf(this.chart.id)?.codes;
      this.filter(picked ? null : { codes: [MISSING] });
    };
    return this.none;
  }

  listen() {
    const { canvas } = this;
    canvas.onpointerdown = (event) => {
      if (event.button) return;
      this.stop();
      canvas.setPointerCapture(event.pointerId);
      const bin = this.binAt(event);
      const now = this.filters.filterOf(this.chart.id);
      const edge = Math.max(1, this.chart.bins * 0.02);
      const inside = now && !now.codes && bin >= now.from && bin <= now.to;
      const near = (end) => now && !now.codes && Math.abs(bin - end) <= edge;
      if (near(now?.from) || near(now?.to)) this.grip = { from: near(now.from) ? now.to : now.from };
      else if (inside) this.grip = { moves: bin, was: now };
      else this.grip = { from: bin, fresh: true };
    };
    canvas.onpointermove = (event) => {
      if (!this.grip) return;
      const bin = this.binAt(event);
      this.grip.far = true;
      const { grip } = this;
      const range = grip.moves === undefined ? [Math.min(grip.from, bin), Math.max(grip.from, bin)] : this.moved(grip.was, bin - grip.moves);
      if (this.brush(...range, grip.goes)) grip.goes = true;
    };
    canvas.onpointerup = canvas.onpointercancel = () => {
      // A touch beside the brush lets go of it, on a bar without one takes this bar.
      const { grip } = this;
      this.grip = null;
      if (!grip || grip.far) return;
      const now = this.filters.filterOf(this.chart.id);
      if (grip.fresh && !now) this.brush(grip.from, grip.from);
      else if (grip.fresh) this.filter(null);
    };
    canvas.ondblclick = () => this.filter(null);
    canvas.onkeydown = (event) => this.key(event);
  }

  key(event) {
    const { bins } = this.chart;
    const now = this.filters.filterOf(this.chart.id);
    const { from, to } = now && !now.codes ? now : { from: 0, to: bins - 1 };
    const step = event.key === "ArrowLeft" || event.key === "ArrowDown" ? -1 : event.key === "ArrowRight" || event.key === "ArrowUp" ? 1 : 0;
    if (event.key === "Escape" && now) this.filter(null);
    else if (step && event.shiftKey) this.brush(from, Math.min(bins - 1, Math.max(from, to + step)), event.repeat);
    else if (step && now) this.brush(...this.moved({ from, to }, step), event.repeat);
    else if (step) this.brush(step > 0 ? 1 : 0, step > 0 ? bins - 1 : bins - 2);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  moved({ from, to }, by) {
    const start = Math.min(this.chart.bins - 1 - (to - from), Math.max(0, from + by));
    return [start, start + to - from];
  }

  binAt(event) {
    const { left, width } = this.canvas.getBoundingClientRect();
    return Math.min(this.chart.bins - 1, Math.max(0, Math.floor(((event.clientX - left) / width) * this.chart.bins)));
  }

  // `goes` on with a brush that is pulled already; returns whether anything changed.
  brush(from, to, goes = false) {
    const now = this.filters.filterOf(this.chart.id);
    if (now && now.from === from && now.to === to) return false;
    this.filter({ from: Math.max(0, from), to: Math.min(this.chart.bins - 1, to) }, goes);
    return true;
  }

  // ---- through time ----

  player() {
    const play = element("span", "elmap-player");
    this.play = play.appendChild(buttonOf("elmap-play", "▶", "Play through time", () => (this.playing ? this.stop() : this.start())));
    this.pace = 1;
    this.speed = play.appendChild(buttonOf("elmap-speed", "1×", "How fast it plays", () => {
      this.pace = (this.pace + 1) % PLAY_MS.length;
      this.speed.textContent = ["½×", "1×", "2×"][this.pace];
    }));
    return play;
  }

  start() {
    const { bins } = this.chart;
    const now = this.filters.filterOf(this.chart.id);
    const wide = now && !now.codes ? now.to - now.from + 1 : Math.max(1, Math.round(bins / 10));
    const at = now && !now.codes && now.to < bins - 1 ? now.from : 0;
    this.playing = true;
    this.play.textContent = "❚❚";
    this.play.setAttribute("aria-label", "Pause");
    this.brush(at, at + wide - 1);
    const step = () => {
      const here = this.filters.filterOf(this.chart.id);
      if (!this.playing || !here || here.codes || here.to >= bins - 1) return this.stop();
      this.brush(here.from + 1, here.to + 1, true);
      this.timer = setTimeout(step, PLAY_MS[this.pace]);
      return null;
    };
    this.timer = setTimeout(step, PLAY_MS[this.pace]);
  }

  stop() {
    clearTimeout(this.timer);
    this.playing = false;
    if (!this.play) return;
    this.play.textContent = "▶";
    this.play.setAttribute("aria-label", "Play through time");
  }

  gone() {
    this.stop();
    this.observer.disconnect();
  }

  // ---- drawing ----

  draw(filters, colouring, theme) {
    const { chart, canvas } = this;
    const counts = filters.countsOf(chart.id);
    const now = filters.filterOf(chart.id);
    const [from, to] = now && !now.codes ? [now.from, now.to] : [0, chart.bins - 1];
    this.said(now, counts, from, to);
    const width = canvas.clientWidth;
    if (!width) return;
    const ratio = Math.max(2, window.devicePixelRatio || 1);
    Object.assign(canvas, { width: width * ratio, height: TALL * ratio });
    const pen = canvas.getContext("2d");
    pen.scale(ratio, ratio);
    const step = width / chart.bins;
    const gap = step > 5 ? 1 : 0;
    const grey = getComputedStyle(this.element).getPropertyValue("--elmap-line");
    for (let bin = 0; bin < chart.bins; bin++) {
      const [all, left] = [this.totals[bin], counts[bin]].map((count) => (count ? Math.max(1.5, (count / this.most) * (TALL - 2)) : 0));
      pen.globalAlpha = 1;
      pen.fillStyle = grey;
      pen.fillRect(bin * step, TALL - all, step - gap, all);
      pen.globalAlpha = bin >= from && bin <= to && !now?.codes ? 1 : 0.25;
      pen.fillStyle = colouring ? alongOf(colouring, (bin + 0.5) / chart.bins, theme.dark) : theme.primary;
      pen.fillRect(bin * step, TALL - left, step - gap, left);
    }
    if (now && !now.codes) {
      pen.globalAlpha = 0.85;
      pen.fillStyle = theme.text;
      for (const edge of [from * step, (to + 1) * step]) pen.fillRect(Math.min(width - 1.5, Math.max(0, edge - 0.75)), 0, 1.5, TALL);
    }
  }

  said(now, counts, from, to) {
    const { chart, canvas } = this;
    this.range.textContent = now && !now.codes ? rangeOf(chart.words, from, to) : "";
    canvas.setAttribute("aria-valuetext", now ? said(chart, now) : "everything");
    canvas.setAttribute("aria-valuemin", "0");
    canvas.setAttribute("aria-valuemax", String(chart.bins - 1));
    canvas.setAttribute("aria-valuenow", String(from));
    if (!this.none) return;
    this.none.querySelector(".elmap-count").textContent = counts[chart.bins].toLocaleString("en-GB");
    this.none.setAttribute("aria-pressed", String(Boolean(now?.codes)));
  }
}

// The colour at a place from 0 to 1 along a scale.
function alongOf(colouring, at, dark) {
  const palette = dark ? colouring.dark : colouring.light;
  return palette[Math.min(palette.length - 1, Math.floor(at * palette.length))];
}

const SCALE_BINS = 20;

// The legend of a colouring as a chart, where no column's chart is it already.
function chartsOfColouring(colouring, key) {
  const { kind, values, title } = colouring;
  if (kind === "plain") return [];
  const bins = kind === "category" ? colouring.names.length : SCALE_BINS;
  const codes = new Uint16Array(values.length);
  for (let row = 0; row < codes.length; row++) {
    const value = values[row];
    if (kind === "category") codes[row] = value < 0 || value >= MISSING ? MISSING : value;
    else codes[row] = Number.isNaN(value) ? MISSING : Math.min(bins - 1, Math.floor(value * bins));
  }
  const words = kind === "category" ? colouring.names : Array.from({ length: bins }, (_, at) => scaleWords(colouring, (at + 0.5) / bins));
  const { ticks, note, ordered } = colouring;
  const sort = kind === "category" ? "category" : "number";
  return [{ id: `legend:${title}`, key: `legend:${key}`, title, kind: sort, bins, codes, words, ticks: sort === "number" ? ticks : [], note, ordered }];
}

// The nearest words along a scale.
function scaleWords({ ticks, percent }, at) {
  if (percent) return `${Math.round(at * 100)} %`;
  if (!ticks.length) return "";
  return ticks.reduce((best, tick) => (Math.abs(tick[0] - at) < Math.abs(best[0] - at) ? tick : best))[1];
}
