// A list of texts that are on a map: pointing lights them up there, a click goes there, "more" opens a long one.

const listened = new WeakMap();

function mapNamed(name) {
  const places = [...document.querySelectorAll(".embedlab-map")];
  return places.map((place) => place.embedlabMap).find((map) => map && map.options.name === name) || null;
}

function make(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) {
    made.textContent = text;
    made.dir = "auto";
  }
  return made;
}

function button(className, text, title, does) {
  const made = make("button", className, text);
  made.type = "button";
  if (title) made.title = title;
  made.onclick = does;
  return made;
}

function itemOf({ row, text, before, after, goes }, data, tell) {
  const item = make("li", "elrows-row");
  const light = (to) => mapNamed(data.map)?.light(to);
  item.onpointerenter = () => light(row);
  item.onpointerleave = () => light(-1);
  // What is said of it comes where this list begins.
  const go = (to) => {
    item.closest('[class*="st-key-beside-"]')?.scrollTo({ top: 0 });
    tell("went", to);
  };
  if (before) item.append(make("span", "elrows-before", before));
  const main = item.appendChild(make("div", "elrows-main"));
  const words = goes
    ? button("elrows-text", text, "Show it on the map, with its nearest texts", () => go(row))
    : make("div", "elrows-text", text);
  words.onfocus = () => light(row);
  words.onblur = () => light(-1);
  main.append(words);
  const foot = main.appendChild(make("div", "elrows-foot"));
  if (after) foot.append(make("span", "", after));
  const more = foot.appendChild(
    button("elrows-link", "more", "", () => {
      const open = item.classList.toggle("elrows-open");
      more.textContent = open ? "less" : "more";
    }),
  );
  if (data.why) foot.append(button("elrows-link", "why?", "Why are these two alike? Opens them side by side.", () => tell("why", row)));
  requestAnimationFrame(() => {
    more.hidden = words.scrollHeight <= words.clientHeight + 2;
    foot.hidden = more.hidden && !after && !data.why;
  });
  return item;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".embedlab-rows");
  if (!root || !data) return undefined;
  const mark = JSON.stringify(data);
  if (listened.get(root) === mark) return undefined;
  listened.set(root, mark);
  const tell = (event, row) => setTriggerValue(event, { row, at: performance.now() });
  const list = make("ul", "elrows");
  list.setAttribute("aria-label", data.label);
  list.append(...data.rows.map((row) => itemOf(row, data, tell)));
  root.replaceChildren(list);
  return undefined;
}
