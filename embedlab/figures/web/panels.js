// What lies over the points: tooltip, toolbar, chips. Text goes in through textContent alone.

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) {
    made.textContent = text;
    made.dir = "auto"; // texts are in any script; none turns what stands beside it
  }
  return made;
}

function buttonOf(className, words, title, does) {
  const button = element("button", className, words);
  button.type = "button";
  button.title = title;
  button.setAttribute("aria-label", title);
  button.onclick = does;
  return button;
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

// `told` is {text, values} of a row, null while it is on its way.
function tooltipOf(names, told, row, colouring, colour) {
  const parts = [element("div", "elmap-tooltip-text", told ? told.text : "…")];
  const facts = element("dl", "elmap-facts");
  const named = colourNameOf(colouring, row);
  if (named !== null) {
    const value = element("dd");
    value.append(swatch(colour), named);
    facts.append(element("dt", "", colouring.title), value);
  }
  names.forEach((name, at) => {
    const value = told && told.values[at];
    if (!value || (named !== null && name === colouring.title)) return;
    facts.append(element("dt", "", name), element("dd", "", value));
  });
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
  points: "M4 5.500a1.300 1.300 0 1 0 .01 0M11.500 3a1.300 1.300 0 1 0 .01 0M8.500 8a1.300 1.300 0 1 0 .01 0M4.500 12a1.300 1.300 0 1 0 .01 0M12 11.500a1.300 1.300 0 1 0 .01 0",
  full: "M2.500 6V2.500H6M10 2.500h3.500V6M13.500 10v3.500H10M6 13.500H2.500V10M6.200 6.200h3.600v3.600H6.200z",
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
      points: "Points, points with contours, or density alone",
      full: "Full screen",
      png: "Save the picture as PNG",
    };
    for (const group of [["pan", "lasso", "box"], ["in", "out", "home"], ["points", "full", "png", "clear"]]) {
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

  update(tool, deep, canClear, view) {
    for (const name of ["pan", "lasso", "box"]) this.buttons[name].setAttribute("aria-pressed", String(name === tool));
    for (const name of ["lasso", "box"]) {
      this.buttons[name].disabled = deep;
      this.buttons[name].title = deep ? "Lasso and box need the two-dimensional map" : this.titles[name];
    }
    this.buttons.pan.title = deep ? "Turn the map" : this.titles.pan;
    this.buttons.points.setAttribute("aria-pressed", String(view !== "points"));
    this.buttons.points.hidden = deep;
    this.buttons.clear.hidden = !canClear;
  }
}

// What is filtered, found or selected, each with its own way off.
class Chips {
  constructor(parent) {
    this.bar = parent.appendChild(element("div", "elmap-chips"));
    this.bar.setAttribute("role", "group");
    this.bar.setAttribute("aria-label", "What is shown in colour");
    this.shown = "";
  }

  // `chips` are {kind, words, off}; `undo` takes the last change back, null where there is none.
  update(chips, left, undo) {
    const now = JSON.stringify([chips.map(({ kind, words }) => [kind, words]), left, Boolean(undo)]);
    this.bar.hidden = !chips.length && !undo;
    if (now === this.shown) return;
    this.shown = now;
    const made = chips.map(({ kind, words, off }) => this.chip(kind, words, off));
    if (chips.length > 1) made.push(element("span", "elmap-left", left));
    if (undo) made.push(buttonOf("elmap-undo", "Undo", "Undo the last change (Ctrl+Z)", undo));
    this.bar.replaceChildren(...made);
  }

  chip(kind, words, off) {
    const chip = element("span", "elmap-chip");
    chip.append(element("span", "elmap-chip-kind", kind), element("span", "elmap-chip-words", words));
    chip.title = `${kind} ${words}`;
    if (off) chip.append(buttonOf("elmap-off", "×", `Take off: ${kind} ${words}`, off));
    return chip;
  }
}
