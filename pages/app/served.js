// What this app serves over HTTP: the drawing library, and what is too large for a message.

let plotly = null;

// The app may lie under a path of its own, which a proxy may also hide from it.
function urlsOf(base, path) {
  const own = document.querySelector('script[src*="/static/js/"]');
  const roots = [new URL(base ? `/${base}/` : "/", location.origin).href];
  if (own) roots.push(own.src.slice(0, own.src.indexOf("/static/js/") + 1));
  return [...new Set(roots)].map((root) => new URL(path, root).href);
}

function firstOf(urls, load) {
  return urls.reduce((tried, url) => tried.catch(() => load(url)), Promise.reject(new Error("not tried")));
}

function loadedFrom(url) {
  return new Promise((resolve, reject) => {
    const before = window.Plotly;
    const script = document.createElement("script");
    script.src = url;
    script.onload = () => {
      const loaded = window.Plotly;
      if (before) window.Plotly = before;
      if (loaded) resolve(loaded);
      else reject(new Error(`${url} holds no Plotly`));
    };
    script.onerror = () => reject(new Error(`${url} did not load`));
    document.head.append(script);
  });
}

function loadPlotly({ base, script }) {
  plotly ??= firstOf(urlsOf(base, script), loadedFrom).catch((error) => {
    plotly = null;
    throw error;
  });
  return plotly;
}

async function answerOf(url) {
  const answer = await fetch(url, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(`${answer.status} for ${url}`);
  return answer;
}

const bytesOf = (base, path) => firstOf(urlsOf(base, path), answerOf).then((answer) => answer.arrayBuffer());
const jsonOf = (base, path) => firstOf(urlsOf(base, path), answerOf).then((answer) => answer.json());
