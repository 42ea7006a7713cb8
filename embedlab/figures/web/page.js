// The stand-alone page: search, colours, and a panel for what was clicked.

(() => {
  "use strict";
  const { createMap, pointsFrom, colouringFrom, rowsFromJson, chartsOfColouring, numbersFrom, rowsOf } = embedlabMap;
  const data = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);
  const make = (tag, className, text) => {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) {
      made.textContent = text;
      made.dir = "auto";
    }
    return made;
  };
  // As `beginning` in Python: what is cut ends between two words, and says that it goes on.
  const beginningOf = (text, length) => {
    if (text.length <= length) return text;
    const begins = text.slice(0, length - 1);
    const gap = begins.search(/\s\S*$/);
    return `${gap > length * 0.7 ? begins.slice(0, gap) : begins.replace(/[\ud800-\udbff]$/, "")}…`;
  };
  const counted = (count) => `${count.toLocaleString("en-GB")} ${count === 1 ? "text" : "texts"}`;

  const rows = rowsFromJson(data.points);
  const textOf = (row) => rows.known(row).text;
  const points = pointsFrom(data.points.axes, rows);
  const colourings = data.colourings.map(({ legend, values }) => colouringFrom(legend, values));
  const neighbours = data.neighbours && {
    rows: numbersFrom(data.neighbours.rows, rows.count <= 65536 ? Uint16Array : Int32Array),
    cosines: Array.from(numbersFrom(data.neighbours.cosines, Int16Array), (steps) => steps / data.neighbours.of),
    k: data.neighbours.k,
  };
  const LISTED = 50;
  // What makes no difference to a reader: capitals, widths, accents, points, joiners, sorts of apostrophe and hyphen.
  const UNSEEN = /[\u0300-\u036f\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u00ad\u200b-\u200f\u2060\ufe0e\ufe0f\ufeff]|\ud83c[\udffb-\udfff]/g;
  const folded = (text) =>
    text.normalize("NFKD").replace(UNSEEN, "").toLowerCase().replace(/\u0307/g, "").replace(/[‘’‛ʼ′]/g, "'")
      .replace(/[‐‑‒–]/g, "-").replace(/ß/g, "ss").replace(/ı/g, "i").replace(/ς/g, "σ").normalize("NFC");

  const charts = data.charts.map(({ codes, ...chart }) => ({ ...chart, codes: numbersFrom(codes, Uint16Array) }));
  const gone = []; // the rows that were open before the one that is

  const map = createMap(byId("map"), {
    alt: data.alt,
    name: "map",
    onClick: (row) => open(row),
    onChosen: ({ bits, cleared }) => {
      if (bits) {
        const chosen = rowsOf(bits);
        list(`${counted(chosen.length)} shown in colour`, chosen);
      } else if (cleared || !map.found) invite();
    },
    onColour: (title) => {
      byId("colour").value = data.names.indexOf(title);
      colourBy(byId("colour").value);
    },
    onFoundOff: () => {
      byId("search").value = "";
      search();
    },
  });
  byId("map").embedlabMap = map;

  function open(row, back = false) {
    const now = map.focus ? map.focus.row : null;
    if (!back && now !== null && now !== row) gone.push(now);
    if (now === null && !back) gone.length = 0;
    const near = neighbours ? [...neighbours.rows.subarray(row * neighbours.k, (row + 1) * neighbours.k)] : [];
    map.setFocus({ row, neighbours: near });
    map.show([row]);
    const facts = make("dl");
    rows.known(row).values.forEach((value, at) => {
      if (value) facts.append(make("dt", "", rows.names[at]), make("dd", "", value));
    });
    const parts = [make("h2", "", "Text"), make("p", "text", textOf(row)), facts];
    if (gone.length) {
      const button = make("button", "back", "← Back to the text before");
      button.type = "button";
      button.onclick = () => open(gone.pop(), true);
      parts.unshift(button);
    }
    if (near.length) {
      const cosines = near.map((_, at) => neighbours.cosines[row * neighbours.k + at]);
      parts.push(make("h2", "", "Nearest in the original space, by cosine"), listOf(near, cosines));
    }
    byId("panel").replaceChildren(...parts);
    byId("panel").scrollTop = 0;
  }

  function listOf(chosen, cosines) {
    const items = Array.from(chosen.slice(0, LISTED), (row, at) => {
      const button = make("button");
      button.type = "button";
      button.append(make("span", "excerpt", beginningOf(textOf(row), 300)));
      if (cosines) button.append(make("span", "cosine", cosines[at].toFixed(2)));
      button.onclick = () => open(row);
      button.onpointerenter = button.onfocus = () => map.light(row);
      button.onpointerleave = button.onblur = () => map.light(-1);
      const item = make("li");
      item.append(button);
      return item;
    });
    const made = make("ol");
    made.append(...items);
    return made;
  }

  function list(heading, chosen) {
    const parts = [make("h2", "", heading), listOf(chosen)];
    if (chosen.length > LISTED) parts.push(make("p", "hint", `The first ${LISTED} are listed.`));
    byId("panel").replaceChildren(...parts);
  }

  function invite() {
    byId("panel").replaceChildren(
      make("h2", "", "Touch a point"),
      make("p", "hint", `Hover to read a text, click to pin it, ${points.z ? "" : "draw a lasso around some, "}touch a chart to filter, or search.`),
    );
  }

  function search() {
    const typed = byId("search").value.trim();
    const wanted = folded(typed);
    if (!wanted) {
      map.setFound(null);
      byId("count").textContent = "";
      return invite();
    }
    const found = [];
    for (let row = 0; row < rows.count; row++) {
      if (folded(textOf(row)).includes(wanted)) found.push(row);
    }
    byId("count").textContent = counted(found.length);
    map.setFocus(null);
    map.setFound(Int32Array.from(found), `“${typed}”`);
    return list(`${counted(found.length)} found`, found);
  }

  function colourBy(at) {
    const colouring = colourings[at];
    const known = charts.some(({ title }) => title === colouring.title);
    map.setColours(colouring);
    map.setCharts(known ? charts : [...chartsOfColouring(colouring, String(at)), ...charts]);
  }

  function theme(dark) {
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    byId("theme").textContent = dark ? "Light" : "Dark";
    byId("theme").setAttribute("aria-label", dark ? "Switch to light colours" : "Switch to dark colours");
    map.refreshTheme();
  }

  document.title = data.title;
  byId("title").textContent = data.title;
  byId("doubt").textContent = data.doubt;
  byId("doubt").hidden = !data.doubt;
  byId("trust").textContent = data.trust;
  byId("footer").hidden = !data.footer;
  byId("recipe").textContent = data.footer;
  for (const [at, name] of data.names.entries()) {
    const option = make("option", "", name);
    option.value = at;
    byId("colour").append(option);
  }
  byId("colour").value = data.shown;
  byId("colour").onchange = (event) => colourBy(event.target.value);
  let pause;
  byId("search").oninput = () => {
    clearTimeout(pause);
    pause = setTimeout(search, 150);
  };
  byId("theme").onclick = () => theme(document.documentElement.dataset.theme !== "dark");
  const preferred = window.matchMedia("(prefers-color-scheme: dark)");
  preferred.onchange = () => theme(preferred.matches);
  theme(preferred.matches);
  map.setPoints(points);
  colourBy(data.shown);
  map.setLabels(data.marks.labels);
  invite();
})();
