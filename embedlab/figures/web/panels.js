// What stands beside the points: tooltip, toolbar, legend. Text goes in through textContent alone.

const LEGEND_ROWS = 300;

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) {
    made.textContent = text;
    made.dir = "auto"; // texts are in any script; none turns what stands beside it
  }
  return made;
}

function swatch(colour) {
  const made = element("span", "elmap-swatch");
  made.style.background = colour;
  return made;
}

class Tooltip {
  constructor(parent) {
    this.box = parent.appendChild(element("div", "elmap-tooltip"));
    this.box.hidden = true;
  }

  hide() {
    this.box.hidden = true;
  }

  // `at` is in pixels of the parent, which is `room` = [width, height].
  show(content, at, room) {
    this.box.replaceChildren(...content);
    this.box.hidden = false;
    const { offsetWidth, offsetHeight } = this.box;
    const right = at[0] + 14 + offsetWidth <= room[0] ? at[0] + 14 : at[0] - 14 - offsetWidth;
    const down = Math.min(at[1] + 12, room[1] - offsetHeight - 4);
    this.box.style.left = `${Math.max(4, Math.min(right, room[0] - offsetWidth - 4))}px`;
    this.box.style.top = `${Math.max(4, down)}px`;
  }
}

function tooltipOf(points, row, colouring, colour) {
  const parts = [element("div", "elmap-tooltip-text", points.rows.text(row))];
  const facts = element("dl", "elmap-facts");
  const named = colourNameOf(colouring, row);
  if (named !== null) {
    const value = element("dd");
    value.append(swatch(colour), named);
    facts.append(element("dt", "", colouring.title), value);
  }
  for (const column of points.rows.columns) {
    const value = column.value(row);
    if (!value || (named !== null && column.name === colouring.title)) continue;
    facts.append(element("dt", "", column.name), element("dd", "", value));
  }
  if (facts.children.length) parts.push(facts);
  return parts;
}

// Where an element lies in its parent, as a box of the overlay; null where it is not shown.
function boxAround({ offsetLeft, offsetTop, offsetWidth, offsetHeight }) {
  if (!offsetWidth) return null;
  return { x: offsetLeft + offsetWidth / 2, y: offsetTop + offsetHeight / 2, width: offsetWidth, height: offsetHeight };
}

const ICONS = {
  pan: "M8 1.5v13M1.5 8h13M8 1.5 6 3.5M8 1.5l2 2M8 14.5l-2-2M8 14.5l2-2M1.5 8l2-2M1.5 8l2 2M14.5 8l-2-2M14.5 8l-2 2",
  lasso: "M5.2 10.6C2.9 10 1.5 8.500 1.500 6.700 1.500 4 4.400 2 8 2s6.500 2 6.500 4.700S11.600 11.400 8 11.400c-.6 0-1.200-.1-1.800-.2M5.200 10.600c0-.9.7-1.500 1.500-1.500s1.400.7 1.300 1.500c-.2 1.800-1.600 3.200-3.600 3.900M5.200 10.600c0 .4.200.8.700 1",
  box: "M2 2.500h2.500M6.700 2.500h2.600M11.500 2.500H14V5M14 7v2.200M14 11.300v2.200h-2.500M9.300 13.500H6.700M4.500 13.500H2v-2.200M2 9.200V7M2 5V2.500",
  in: "M8 3v10M3 8h10",
  out: "M3 8h10",
  home: "M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4",
  clear: "M3.500 3.500l9 9M12.500 3.500l-9 9",
  png: "M8 2v8M4.700 7 8 10.300 11.300 7M2.500 13.500h11",
};

function icon(path) {
  const space = "http://www.w3.org/2000/svg";
  const drawing = document.createElementNS(space, "svg");
  drawing.setAttribute("viewBox", "0 0 16 16");
  drawing.setAttribute("aria-hidden", "true");
  drawing.appendChild(document.createElementNS(space, "path")).setAttribute("d", path);
  return drawing;
}

class Toolbar {
  // `actions` maps a name of ICONS to what it does.
  constructor(parent, actions) {
    this.bar = parent.appendChild(element("div", "elmap-toolbar"));
    this.bar.setAttribute("role", "toolbar");
    this.bar.setAttribute("aria-label", "Map tools");
    this.buttons = {};
    const titles = {
      pan: "Move the map",
      lasso: "Lasso: draw around some points (Shift adds)",
      box: "Box: drag over some points (Shift adds)",
      in: "Zoom in (+)",
      out: "Zoom out (−)",
      home: "Show the whole map (0)",
      clear: "Clear the selection (Esc)",
      png: "Save the picture as PNG",
    };
    for (const group of [["pan", "lasso", "box"], ["in", "out", "home"], ["png", "clear"]]) {
      const holder = this.bar.appendChild(element("div", "elmap-tools"));
      for (const name of group) {
        const button = holder.appendChild(element("button", "elmap-tool"));
        button.type = "button";
        button.title = titles[name];
        button.setAttribute("aria-label", titles[name]);
        button.dataset.tool = name;
        button.append(icon(ICONS[name]));
        button.onclick = () => actions[name]();
        this.buttons[name] = button;
      }
    }
    this.titles = titles;
  }

  update(tool, deep, canClear) {
    for (const name of ["pan", "lasso", "box"]) this.buttons[name].setAttribute("aria-pressed", String(name === tool));
    for (const name of ["lasso", "box"]) {
      this.buttons[name].disabled = deep;
      this.buttons[name].title = deep ? "Lasso and box need the two-dimensional map" : this.titles[name];
    }
    this.buttons.pan.title = deep ? "Turn the map" : this.titles.pan;
    this.buttons.clear.hidden = !canClear;
  }
}

class Legend {
  constructor(parent, onPick) {
    this.box = parent.appendChild(element("div", "elmap-legend"));
    this.head = this.box.appendChild(element("button", "elmap-legend-head"));
    this.head.type = "button";
    this.head.onclick = () => this.fold(!this.folded);
    this.body = this.box.appendChild(element("div", "elmap-legend-body"));
    this.onPick = onPick;
    this.folded = false;
    this.shown = [null, null];
  }

  fold(folded) {
    this.folded = folded;
    this.box.classList.toggle("elmap-folded", folded);
    this.head.setAttribute("aria-expanded", String(!folded));
  }

  update(colouring, dark, picked) {
    if (colouring !== this.shown[0] || dark !== this.shown[1]) this.fill(colouring, dark);
    this.shown = [colouring, dark];
    for (const button of this.body.querySelectorAll("button[data-code]")) {
      const pressed = picked.has(Number(button.dataset.code));
      button.setAttribute("aria-pressed", String(pressed));
      button.classList.toggle("elmap-dimmed", picked.size > 0 && !pressed);
    }
  }

  fill(colouring, dark) {
    this.box.hidden = colouring.kind === "plain";
    if (this.box.hidden) return;
    this.head.replaceChildren(element("span", "elmap-legend-title", colouring.title));
    if (colouring.kind === "category") {
      this.head.append(element("span", "elmap-count", String(colouring.names.length)));
      this.body.replaceChildren(...this.entries(colouring, dark));
    } else {
      this.body.replaceChildren(...scaleOf(colouring, dark));
    }
  }

  entries(colouring, dark) {
    const order = colouring.names.map((_, code) => code).sort((a, b) => colouring.counts[b] - colouring.counts[a]);
    const palette = dark ? colouring.dark : colouring.light;
    const made = order
      .slice(0, LEGEND_ROWS)
      .map((code) => this.entry(code, colouring.names[code], colouring.counts[code], palette[code]));
    if (order.length > LEGEND_ROWS) {
      made.push(element("p", "elmap-note", `and ${order.length - LEGEND_ROWS} more`));
    }
    const { missing } = colouring;
    if (missing.count) made.push(this.entry(-1, missing.name, missing.count, dark ? missing.dark : missing.light));
    return made;
  }

  entry(code, name, count, colour) {
    const button = element("button", "elmap-entry");
    button.type = "button";
    button.dataset.code = code;
    button.title = name;
    const shown = element("span", "elmap-name", name);
    button.append(swatch(colour), shown, element("span", "elmap-count", count.toLocaleString("en-GB")));
    button.onclick = (event) => this.onPick(code, event.shiftKey || event.ctrlKey || event.metaKey);
    return button;
  }
}

function scaleOf(colouring, dark) {
  const palette = dark ? colouring.dark : colouring.light;
  const scale = element("div", "elmap-scale");
  scale.appendChild(element("div", "elmap-bar")).style.setProperty("--colours", palette.join(", "));
  const ticks = scale.appendChild(element("div", "elmap-ticks"));
  for (const [at, text] of colouring.ticks) {
    ticks.appendChild(element("span", "", text)).style.setProperty("--at", `${at * 100}%`);
  }
  const parts = [scale];
  if (colouring.note) parts.push(element("p", "elmap-note", colouring.note));
  const { missing } = colouring;
  if (missing.count) {
    const line = element("p", "elmap-note");
    const count = missing.count.toLocaleString("en-GB");
    line.append(swatch(dark ? missing.dark : missing.light), `${missing.name}: ${count}`);
    parts.push(line);
  }
  return parts;
}
