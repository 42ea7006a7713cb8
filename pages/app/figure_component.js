// A Plotly figure that says which cell or point was clicked, also where `st.plotly_chart` can't.

const CONFIG = { responsive: true, typesetMath: false };
const drawn = new WeakMap();

async function draw(root, data, send) {
  const state = drawn.get(root) || {};
  drawn.set(root, state);
  state.send = send;
  root.setAttribute("aria-label", data.page.alt);
  if (state.mark === data.mark) return;
  state.mark = data.mark;
  try {
    const Plotly = await loadPlotly(data.page);
    if (state.mark !== data.mark) return;
    state.Plotly = Plotly;
    const { data: traces, layout } = JSON.parse(data.figure);
    await Plotly.react(root, traces, layout, { ...CONFIG, ...data.page.toolbar, toImageButtonOptions: { filename: data.page.name, scale: 2 } });
    if (!state.listening) {
      state.listening = true;
      root.on("plotly_click", ({ points }) => {
        const { x, y } = points[0];
        state.send("clicked", { x, y, mark: state.mark, at: performance.now() });
      });
    }
  } catch (error) {
    console.error(error);
    root.textContent =
      "The drawing library could not be loaded: reload the page, or restart embedlab if that does not help.";
  }
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".embedlab-figure");
  if (!root || !data) return undefined;
  root.style.height = `${data.page.height}px`;
  draw(root, data, setTriggerValue);
  return () => {
    const state = drawn.get(root);
    if (state && state.Plotly) state.Plotly.purge(root);
    drawn.delete(root);
  };
}
