// Draws the figures that the server made. Colours written "$name" are the style sheet's --name.
const CONFIG = {
  displaylogo: false,
  responsive: true,
  plotlyServerURL: "",
  toImageButtonOptions: { format: "png", scale: 2, filename: "gpu-market" },
  showSendToCloud: false,
  showEditInChartStudio: false,
  modeBarButtonsToRemove: ["sendDataToCloud", "sendChartToCloud", "lasso2d", "select2d", "autoScale2d", "zoomIn2d", "zoomOut2d"],
};

export function drawAll(root) {
  for (const plot of root.querySelectorAll("[data-figure]")) draw(plot);
}

export function redrawAll() {
  drawAll(document);
}

async function draw(plot) {
  const source = document.getElementById(plot.dataset.figure);
  if (!source || !window.Plotly) return;
  const style = getComputedStyle(document.documentElement);
  const figure = coloured(JSON.parse(source.textContent), (name) => style.getPropertyValue(`--${name}`).trim());
  const isFirst = !plot.classList.contains("drawn");
  if (isFirst) plot.replaceChildren();
  await window.Plotly.react(plot, figure.data, dressed(figure.layout, style, plot.clientWidth), CONFIG);
  plot.classList.add("drawn");
  performance.mark("chart-drawn");
  if (isFirst) plot.on("plotly_click", (event) => follow(event.points[0]));
}

function coloured(value, colour) {
  if (typeof value === "string") return value.startsWith("$") ? colour(value.slice(1)) || value : value;
  if (Array.isArray(value)) return value.map((one) => coloured(one, colour));
  if (value && typeof value === "object")
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, coloured(one, colour)]));
  return value;
}

function dressed(layout, style, width) {
  const of = (name) => style.getPropertyValue(`--${name}`).trim();
  const axis = {
    gridcolor: of("line"),
    linecolor: of("line"),
    zeroline: false,
    automargin: true,
    tickfont: { color: of("muted"), size: 11 },
    fixedrange: window.matchMedia("(pointer: coarse)").matches, // a finger on the chart means to scroll
  };
  return {
    font: { family: style.getPropertyValue("--font").trim(), size: 12, color: of("ink") },
    paper_bgcolor: of("surface"),
    plot_bgcolor: "rgba(0,0,0,0)",
    margin: { l: 8, r: 12, t: 8, b: 8, pad: 4 },
    separators: ".,",
    dragmode: "zoom",
    hoverlabel: {
      bgcolor: of("surface"),
      bordercolor: of("line-strong"),
      font: { color: of("ink"), size: 12 },
      align: "left",
      namelength: -1,
    },
    hoverdistance: 60,
    legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom", font: { size: 12 } },
    ...layout,
    xaxis: { ...axis, showgrid: false, tickangle: 0, nticks: width < 480 ? 4 : 8, ...layout.xaxis },
    yaxis: { ...axis, ...layout.yaxis },
  };
}

function follow(point) {
  const address = point.customdata;
  if (typeof address !== "string") return;
  if (address.startsWith("/")) location.assign(address);
  else if (/^https?:\/\//.test(address)) window.open(address, "_blank", "noopener,noreferrer");
}
