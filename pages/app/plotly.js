// Plotly, loaded once from where this app serves it.

let plotly = null;

// The app may lie under a path of its own, which a proxy may also hide from it.
function scriptUrls({ base, script }) {
  const own = document.querySelector('script[src*="/static/js/"]');
  const roots = [new URL(base ? `/${base}/` : "/", location.origin).href];
  if (own) roots.push(own.src.slice(0, own.src.indexOf("/static/js/") + 1));
  return [...new Set(roots)].map((root) => new URL(script, root).href);
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

function loadPlotly(page) {
  plotly ??= scriptUrls(page)
    .reduce((tried, url) => tried.catch(() => loadedFrom(url)), Promise.reject(new Error("not tried")))
    .catch((error) => {
      plotly = null;
      throw error;
    });
  return plotly;
}

