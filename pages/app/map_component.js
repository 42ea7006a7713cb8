// The map inside Streamlit. What is large travels once: it is kept here under its fingerprint, and when
// something is missing all the same (a message was skipped, the page was reloaded), Python is asked for it.
// Follows plotly.js.

const KEPT = { place: 6, rows: 4, colours: 10, selection: 4, found: 4 };
const kept = Object.fromEntries(Object.keys(KEPT).map((part) => [part, new Map()]));
const asked = new Map();
const shownIn = new WeakMap();
// Each map takes three of the sixteen or so WebGL contexts of a browser.
const MAPS = 5;
const parked = [];
const shown = [];
const [MOST_ASKED, FIRST_WAIT_MS] = [7, 500];
const REVEAL_MS = 300; // until what stands beside the map is there as well

function makeRoom() {
  while (parked.length && shown.length + parked.length > MAPS) parked.shift().map.destroy();
}

function taken(from, name) {
  const index = from.findIndex((drawing) => drawing.name === name);
  return index < 0 ? null : from.splice(index, 1)[0];
}

const read = {
  place: ({ place }) => ["x", "y", "z"].map((axis) => place.getChild(axis)?.toArray()).filter(Boolean),
  rows: ({ rows, names }) => embedlabMap.rowsFromArrow(rows, names),
  colours: ({ colours, legend }) => embedlabMap.colouringFrom(legend, colours.getChild("value").toArray()),
  selection: ({ selection }) => Int32Array.from(selection.getChild("row").toArray()),
  found: ({ found }) => Int32Array.from(found.getChild("row").toArray()),
};

function keep(data) {
  for (const [part, fingerprint] of Object.entries(data.fingerprints)) {
    const known = kept[part];
    const value = data[part] ? read[part](data) : known.get(fingerprint);
    if (value === undefined) continue;
    known.delete(fingerprint);
    known.set(fingerprint, value);
    if (known.size > KEPT[part]) known.delete(known.keys().next().value);
  }
}

// A map outlives its place in the page for a while, and goes along where one of its name appears elsewhere, so
// that neither coming back to it nor showing it larger costs a new drawing.
class Drawing {
  constructor(place, loaded, page) {
    this.name = page.name;
    this.parts = {};
    this.element = document.createElement("div");
    place.replaceChildren(this.element);
    const tell = (event, value) => this.shown.send(event, { ...value, rows: this.parts.rows, at: performance.now() });
    this.map = embedlabMap.createMap(this.element, loaded, {
      alt: page.alt,
      name: page.name,
      onClick: (row) => tell("clicked", { row }),
      onSelect: (rows, kind) => {
        this.doubt();
        tell("selected", { chosen: Array.from(rows), kind });
      },
      onLabel: (label) => tell("label", { label }),
      onClear: () => {
        this.doubt();
        tell("cleared", {});
      },
    });
    this.element.embedlabMap = this.map;
  }

  // The map has let something go, or taken it up, by itself. What is selected is the page's to say: a filter may keep
  // some, or leave some out.
  doubt() {
    Object.assign(this.parts, { selection: undefined, focus: undefined, said: undefined });
  }

  static at(place, loaded, page) {
    const known = taken(parked, page.name) || taken(shown, page.name);
    known?.moveTo(place);
    const drawing = known || new Drawing(place, loaded, page);
    shown.push(drawing);
    makeRoom();
    return drawing;
  }

  moveTo(place) {
    this.shown.leave();
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
    this.run = 0;
    this.drawing = null;
  }

  update(data, send) {
    this.data = data;
    this.send = send;
    this.root.style.height = `min(${data.page.height}px, 88vh, max(380px, 125vw))`;
    keep(data);
    if (this.drawing) this.apply();
    else this.start();
  }

  async start() {
    if (this.starting) return;
    this.starting = true;
    try {
      const loaded = await loadPlotly(this.data.page);
      if (!this.gone) this.open(loaded);
    } catch (error) {
      console.error(error);
      this.root.textContent =
        "The map's drawing library could not be loaded: reload the page, or restart embedlab if that does not help.";
    }
    this.starting = false;
  }

  open(loaded) {
    this.drawing = Drawing.at(this.root, loaded, this.data.page);
    this.drawing.shown = this;
    this.root.embedlabMap = this.drawing.map;
    this.apply();
  }

  apply() {
    const { fingerprints, marks, page } = this.data;
    const { map, parts } = this.drawing;
    map.refreshTheme();
    map.setAlt(page.alt);
    const missing = Object.entries(fingerprints).filter(([part, value]) => value && !kept[part].has(value));
    if (missing.length) return this.ask(missing);
    this.stopAsking();
    asked.delete(this.wanted);
    const value = (part) => kept[part].get(fingerprints[part]) ?? null;
    const changed = (part, now = fingerprints[part]) => {
      const before = parts[part];
      parts[part] = now;
      return before !== now;
    };
    const [moved, others] = [changed("place"), changed("rows")];
    if (others) Object.assign(parts, { selection: "", found: "", labels: "[]", focus: "null", placed: "null" });
    if (moved || others) map.setPoints(embedlabMap.pointsFrom(value("place"), value("rows")));
    if (changed("colours")) map.setColours(value("colours"));
    if (changed("selection")) map.setSelection(value("selection"));
    if (changed("found")) map.setFound(value("found"));
    if (changed("labels", JSON.stringify(marks.labels))) map.setLabels(marks.labels);
    if (changed("focus", JSON.stringify(marks.focus))) map.setFocus(marks.focus);
    if (changed("placed", JSON.stringify(marks.placed))) map.setPlaced(marks.placed);
    if (changed("said", JSON.stringify(page.said))) map.setSaid(page.said);
    this.reveal();
    return null;
  }

  // On a narrow screen what stands beside the map lies below it: bring it into sight when a touch was answered.
  reveal() {
    const { beside, shown } = this.data.page;
    if (!beside || shown === this.drawing.revealed) return;
    const first = this.drawing.revealed === undefined;
    this.drawing.revealed = shown;
    if (first) return;
    setTimeout(() => {
      const panel = document.querySelector(`.st-key-${beside}`);
      if (!panel || panel.getBoundingClientRect().top < window.innerHeight * 0.75) return;
      const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
      panel.scrollIntoView({ block: "start", behavior: still ? "auto" : "smooth" });
    }, REVEAL_MS);
  }

  // The answer may be lost as well, where runs overtake each other: so again, but ever more seldom, and not for ever,
  // so that a fault can't keep the app running in circles.
  ask(missing) {
    const wanted = missing.map((part) => part.join(" ")).join(", ");
    if (this.asking && wanted === this.wanted) return;
    this.stopAsking();
    const times = (asked.get(wanted) || 0) + 1;
    asked.set(wanted, times);
    if (times > MOST_ASKED) return;
    this.wanted = wanted;
    this.send("need", { wanted, at: performance.now() });
    const again = () => {
      this.asking = null;
      this.apply();
    };
    this.asking = setTimeout(again, FIRST_WAIT_MS * 2 ** (times - 1));
  }

  stopAsking() {
    clearTimeout(this.asking);
    this.asking = null;
  }

  close() {
    if (this.drawing) this.drawing.park();
    this.leave();
  }

  leave() {
    this.stopAsking();
    this.gone = true;
    this.drawing = null;
  }
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".embedlab-map");
  if (!root || !data) return undefined;
  let shown = shownIn.get(parentElement);
  if (!shown || shown.root !== root || shown.gone) {
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
