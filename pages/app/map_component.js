// The map inside Streamlit. A message names its parts and where they are; what isn't here yet is fetched, once for each
// fingerprint. Follows served.js.

const KEPT = { place: 6, rows: 4, colours: 12, charts: 48, bits: 6 };
const kept = Object.fromEntries(Object.keys(KEPT).map((part) => [part, new Map()]));
const shownIn = new WeakMap();
// Maps that left the page and may come back; each may have one of the sixteen or so WebGL contexts of a browser.
const MAPS = 6;
const parked = [];
const shown = [];
const places = new Set(); // in the page, with a drawing or without
const REVEAL_MS = 300; // until what stands beside the map is there as well
const [BELOW, LEAST, MOST_SHARE] = [64, 380, 0.96]; // pixels left for what is said below a map; of the window at most

function makeRoom() {
  while (parked.length && shown.length + parked.length > MAPS) parked.shift().map.destroy();
}

function taken(from, name) {
  const index = from.findIndex((drawing) => drawing.name === name);
  return index < 0 ? null : from.splice(index, 1)[0];
}

// What is under this fingerprint, or the promise of it.
function fetched(kind, id, load) {
  const known = kept[kind];
  const value = known.get(id) ?? load();
  known.delete(id);
  known.set(id, value);
  if (value instanceof Promise) {
    value.then((loaded) => known.get(id) === value && known.set(id, loaded), () => known.get(id) === value && known.delete(id));
  }
  if (known.size > KEPT[kind]) known.delete(known.keys().next().value);
  return value;
}

const load = {
  place: (base, { url, axes }) =>
    bytesOf(base, url).then((buffer) => {
      const all = new Float32Array(buffer);
      const count = all.length / axes;
      return Array.from({ length: axes }, (_, axis) => all.subarray(axis * count, (axis + 1) * count));
    }),
  rows: (base, { url, count, names }) =>
    Promise.resolve(embedlabMap.rowsOnDemand(count, names, (rows) => jsonOf(base, `${url}?rows=${rows.join(",")}`))),
  colours: (base, { url, legend }) => {
    if (legend.kind === "plain") return Promise.resolve(embedlabMap.colouringFrom(legend, null));
    const Type = legend.kind === "category" ? Int32Array : Float32Array;
    return bytesOf(base, url).then((buffer) => embedlabMap.colouringFrom(legend, new Type(buffer)));
  },
  chart: (base, { url, ...chart }) => bytesOf(base, url).then((buffer) => ({ ...chart, codes: new Uint16Array(buffer) })),
  bits: (base, { url, count }) => bytesOf(base, url).then((buffer) => embedlabMap.unpackedBits(new Uint8Array(buffer), count)),
};

// A map outlives its place in the page for a while, and goes along where one of its name appears elsewhere, so
// that neither coming back to it nor showing it larger costs a new drawing.
class Drawing {
  constructor(place, page) {
    this.name = page.name;
    this.parts = {};
    this.element = document.createElement("div");
    place.replaceChildren(this.element);
    const tell = (event, value) => this.shown?.send(event, { ...value, rows: this.parts.rows, at: performance.now() });
    this.map = embedlabMap.createMap(this.element, {
      alt: page.alt,
      name: page.name,
      onClick: (row) => tell("clicked", { row }),
      onChosen: ({ id, bits, words, filters, cleared }) => {
        const packed = bits && embedlabMap.base64Of(embedlabMap.packedBits(bits));
        tell("chosen", { id, bits: packed, words, filters, cleared });
      },
      onLabel: (label) => tell("label", { label }),
      onColour: (chart) => tell("colour", { chart }),
      onFoundOff: () => tell("off", { what: "found" }),
      onPlacedOff: () => tell("off", { what: "placed" }),
    });
    this.element.embedlabMap = this.map;
  }

  static at(place, page) {
    const known = taken(parked, page.name) || taken(shown, page.name);
    known?.moveTo(place);
    const drawing = known || new Drawing(place, page);
    shown.push(drawing);
    makeRoom();
    return drawing;
  }

  moveTo(place) {
    this.shown.drawing = null;
    place.replaceChildren(this.element);
    this.map.resized();
  }

  park() {
    this.map.park();
    taken(shown, this.name);
    parked.push(this);
  }
}

class Shown {
  constructor(root) {
    this.root = root;
    this.run = this.turn = 0;
    this.drawing = null;
    this.onResize = () => this.fill();
    window.addEventListener("resize", this.onResize);
    places.add(this);
  }

  update(data, send) {
    this.data = data;
    this.send = send;
    this.draw();
  }

  draw() {
    if (!this.drawing) this.open();
    this.fill();
    this.drawing.map.setSide(this.sideHost(), this.data.page.bare);
    this.apply();
  }

  open() {
    this.drawing = Drawing.at(this.root, this.data.page);
    this.drawing.shown = this;
    this.root.embedlabMap = this.drawing.map;
  }

  // A map without a height of its own has what the window has left below its top.
  fill() {
    const { height } = this.data.page;
    if (height) {
      this.root.style.height = `min(${height}px, 88vh, max(380px, 125vw))`;
      return;
    }
    const narrow = window.innerWidth < 700;
    const top = this.root.getBoundingClientRect().top + scrolledBy(this.root);
    const room = narrow ? window.innerHeight * 0.62 : Math.min(window.innerHeight - top - BELOW, window.innerHeight * MOST_SHARE);
    const tall = `${Math.round(Math.max(LEAST, room))}px`;
    this.root.style.height = tall;
    document.documentElement.style.setProperty("--elmap-tall", tall);
  }

  // Where the page has a place of its own for the charts of this map.
  sideHost() {
    const hosts = [...document.querySelectorAll(".embedlab-side")];
    return hosts.filter((host) => host.dataset.map === this.data.page.name).pop() || null;
  }

  // Fetch what isn't here, then show everything in one go; a later message overtakes an earlier one.
  async apply() {
    const turn = ++this.turn;
    const { parts, marks, page } = this.data;
    const get = (kind, part, how = kind) => fetched(kind, part.id, () => load[how](page.base, part));
    const wanted = {
      place: get("place", parts.place),
      rows: get("rows", parts.rows),
      colours: get("colours", parts.colours),
      charts: parts.charts.map((chart) => fetched("charts", chart.key, () => load.chart(page.base, chart))),
      selection: parts.selection.url ? get("bits", parts.selection, "bits") : null,
      found: parts.found.url ? get("bits", parts.found, "bits") : null,
    };
    const waits = [...Object.values(wanted).flat()].some((value) => value instanceof Promise);
    if (!waits) return this.show(wanted, parts, marks, page);
    try {
      const [place, rows, colours, selection, found, ...charts] = await Promise.all([
        wanted.place, wanted.rows, wanted.colours, wanted.selection, wanted.found, ...wanted.charts,
      ]);
      if (turn === this.turn && this.drawing) this.show({ place, rows, colours, charts, selection, found }, parts, marks, page);
    } catch (error) {
      if (turn === this.turn && this.drawing) this.failed(error);
    }
    return null;
  }

  // What was offered may be gone (the server was restarted, much was looked at since): ask for other addresses, twice.
  failed(error) {
    this.failures = (this.failures || 0) + 1;
    if (this.failures <= 2) return this.send("need", { at: performance.now() });
    return this.drawing.map.fail(error);
  }

  show({ place, rows, colours, charts, selection, found }, parts, marks, page) {
    this.failures = 0;
    const { map, parts: before } = this.drawing;
    map.refreshTheme();
    map.setAlt(page.alt);
    map.lens = page.lens;
    const changed = (part, now) => {
      const other = before[part] !== now;
      before[part] = now;
      return other;
    };
    const [moved, others] = [changed("place", parts.place.id), changed("rows", parts.rows.id)];
    if (others) Object.assign(before, { selection: "", found: "", charts: "", labels: "[]", focus: "null", placed: "null" });
    if (moved || others) map.setPoints(embedlabMap.pointsFrom(place, rows));
    if (changed("colours", parts.colours.id)) map.setColours(colours);
    const legend = charts.some(({ title }) => title === colours.title) ? [] : embedlabMap.chartsOfColouring(colours, parts.colours.id);
    const all = [...legend, ...charts];
    if (changed("charts", JSON.stringify(all.map(({ key }) => key)))) map.setCharts(all);
    if (changed("selection", parts.selection.id)) map.setSelection(parts.selection.id, selection, parts.selection.words);
    if (changed("found", parts.found.id)) map.setFound(found && embedlabMap.rowsOf(found), parts.found.words);
    if (changed("labels", JSON.stringify(marks.labels))) map.setLabels(marks.labels);
    if (changed("focus", JSON.stringify(marks.focus))) map.setFocus(marks.focus);
    if (changed("placed", JSON.stringify(marks.placed))) map.setPlaced(marks.placed);
    if (changed("goto", JSON.stringify(marks.goto)) && marks.goto) map.show(marks.goto);
    this.reveal();
  }

  // On a narrow screen what stands beside the map lies below it: bring it into sight when a touch was answered.
  reveal() {
    const { beside, shown: answered } = this.data.page;
    if (!beside || answered === this.drawing.revealed) return;
    const first = this.drawing.revealed === undefined;
    this.drawing.revealed = answered;
    if (first || this.drawing.map.byChart) return;
    setTimeout(() => {
      const panel = document.querySelector(`.st-key-${beside}`);
      if (!panel) return;
      const behavior = window.matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
      panel.scrollTo({ top: 0 });
      if (getComputedStyle(panel).position === "fixed") {
        panel.classList.add("elmap-up");
        this.root.scrollIntoView({ block: "start", behavior });
      } else if (panel.getBoundingClientRect().top > window.innerHeight * 0.75) {
        panel.scrollIntoView({ block: "start", behavior });
      }
    }, REVEAL_MS);
  }

  // While a page is drawn anew, a place that is about to leave it may be told of once more after the new one, and takes the
  // drawing back: when it leaves, the place that stays gets it again.
  close() {
    window.removeEventListener("resize", this.onResize);
    places.delete(this);
    this.closed = true;
    if (!this.drawing) return;
    const { drawing } = this;
    this.drawing = null;
    drawing.park();
    const heir = [...places].reverse().find(({ root, data }) => root.isConnected && data?.page.name === drawing.name);
    heir?.draw();
  }
}

function scrolledBy(element) {
  for (let above = element.parentElement; above; above = above.parentElement) {
    if (above.scrollTop) return above.scrollTop;
  }
  return window.scrollY;
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".embedlab-map");
  if (!root || !data) return undefined;
  let shown = shownIn.get(parentElement);
  if (!shown || shown.root !== root || shown.closed) {
    if (shown) shown.close();
    shown = new Shown(root);
    shownIn.set(parentElement, shown);
  }
  // A run that was overtaken by the next one is cleaned up too; only the last may close the map.
  const run = ++shown.run;
  shown.update(data, setTriggerValue);
  return () => {
    if (shown.run === run) shown.close();
  };
}
