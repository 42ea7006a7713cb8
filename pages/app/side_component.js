// The place beside a map where its charts stand: whichever of the two comes later brings them together. On a phone what
// stands there is a sheet, which a handle brings up.

function handleOf(sheet, place) {
  const handle = document.createElement("button");
  handle.type = "button";
  handle.className = "elmap-handle";
  const say = () => {
    const up = sheet.classList.contains("elmap-up");
    handle.setAttribute("aria-label", up ? "Less of what is beside the map" : "More of what is beside the map");
    handle.setAttribute("aria-expanded", String(up));
  };
  handle.onclick = () => {
    sheet.classList.toggle("elmap-up");
    sheet.scrollTop = 0;
    if (sheet.classList.contains("elmap-up")) place()?.scrollIntoView({ block: "start" });
    say();
  };
  say();
  return handle;
}

const SETTLED_MS = 80; // until the page has taken away what it draws anew elsewhere

// While the page is drawn anew the place may be there twice; the last one stays.
function bringTogether(name) {
  const hosts = [...document.querySelectorAll(".embedlab-side")].filter((host) => host.dataset.map === name);
  const places = [...document.querySelectorAll(".embedlab-map")];
  const map = places.map((place) => place.embedlabMap).find((one) => one && one.options.name === name);
  if (map && hosts.length) map.setSide(hosts[hosts.length - 1]);
}

export default function ({ data, parentElement }) {
  const host = parentElement.querySelector(".embedlab-side");
  if (!host || !data) return undefined;
  host.dataset.map = data.map;
  bringTogether(data.map);
  setTimeout(bringTogether, SETTLED_MS, data.map);
  const place = () => [...document.querySelectorAll(".embedlab-map")].find((one) => one.embedlabMap?.options.name === data.map);
  const sheet = host.closest('[class*="st-key-beside-"]');
  if (sheet && !sheet.querySelector(":scope > .elmap-handle")) sheet.append(handleOf(sheet, place));
  return () => setTimeout(bringTogether, SETTLED_MS, data.map);
}
