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

export default function ({ data, parentElement }) {
  const host = parentElement.querySelector(".embedlab-side");
  if (!host || !data) return undefined;
  host.dataset.map = data.map;
  const place = () => [...document.querySelectorAll(".embedlab-map")].find((one) => one.embedlabMap?.options.name === data.map);
  place()?.embedlabMap.setSide(host);
  const sheet = host.closest('[class*="st-key-beside-"]');
  if (sheet && !sheet.querySelector(":scope > .elmap-handle")) sheet.append(handleOf(sheet, place));
  return undefined;
}
