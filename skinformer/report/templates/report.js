"use strict";
(function () {
  const root = document.documentElement;
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const figures = read("figures");
  const zooms = read("zooms");
  const plots = Array.from(document.querySelectorAll(".plot"));
  const forecast = document.getElementById("figure-forecast");
  const chosen = { target: "0", series: "0" };
  let range = null; // of time, in milliseconds or rows
  let drawing = false;

  // Theme: what the system asks for, unless the button was pressed

  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const button = document.getElementById("theme");
  let pressed = null;
  let printing = false;

  function isDark() {
    if (printing) return false;
    return pressed === null ? dark.matches : pressed;
  }

  function paint() {
    root.dataset.theme = isDark() ? "dark" : "light";
    button.setAttribute("aria-pressed", String(isDark()));
  }

  // "var(--name)" in a figure is a colour of the theme; arrays of numbers hold none
  function themed(value, style) {
    if (typeof value === "string") {
      const found = /^var\((--[\w-]+)\)$/.exec(value);
      return found ? style.getPropertyValue(found[1]).trim() : value;
    }
    if (Array.isArray(value)) {
      if (value.length && typeof value[0] !== "object") return value;
      return value.map((each) => themed(each, style));
    }
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [key, themed(each, style)])
    );
  }

  // Figures

  function keyOf(name) {
    return name === "forecast" ? chosen.target + "-" + chosen.series : chosen.target;
  }

  function frame(style, narrow) {
    return {
      font: { family: getComputedStyle(document.body).fontFamily, size: 13, color: style.getPropertyValue("--text").trim() },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      margin: { l: narrow ? 44 : 60, r: 12, t: 34, b: 44 },
      legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom", font: { size: 12 } },
      hoverlabel: {
        bgcolor: style.getPropertyValue("--card").trim(),
        bordercolor: style.getPropertyValue("--line").trim(),
        font: { color: style.getPropertyValue("--text").trim() },
      },
      dragmode: "zoom",
    };
  }

  function draw(plot) {
    const name = plot.dataset.figure;
    const spec = figures[name][keyOf(name)];
    const style = getComputedStyle(root);
    const size = { width: plot.clientWidth, height: plot.clientHeight, autosize: false };
    const layout = Object.assign(size, frame(style, plot.clientWidth < 480), themed(spec.layout, style));
    if (name === "forecast") {
      layout.margin.t = 56;
      layout.legend = Object.assign({}, layout.legend, { y: 1.07 });
      layout.yaxis.fixedrange = true;
      layout.xaxis.range = fromNumbers(range);
      layout.yaxis.range = visibleRange(spec.data, range);
    } else {
      layout.xaxis.fixedrange = true;
      layout.yaxis.fixedrange = true;
    }
    return Plotly.react(plot, themed(spec.data, style), layout, { displayModeBar: false, doubleClick: "autosize" });
  }

  function drawAll() {
    drawing = true;
    return Promise.all(plots.map(draw)).then(() => { drawing = false; say(); });
  }

  // Time of the forecast's figure, as numbers

  const isTime = zooms.has_time;
  const toNumber = (value) => (isTime ? Date.parse(String(value).replace(" ", "T").slice(0, 19) + "Z") : Number(value));
  const toLabel = (number) => (isTime ? new Date(number).toISOString().slice(0, 19).replace("T", " ") : number);
  const fromNumbers = (pair) => pair.map(toLabel);
  const numbered = new WeakMap(); // of each list of times, its numbers

  function numbersOf(trace) {
    const x = trace.x === undefined ? trace : trace.x;
    if (trace.x === undefined && !numbered.has(x)) {
      const first = toNumber(trace.x0);
      numbered.set(x, Array.from(valuesOf(trace.y), (_, i) => first + i * trace.dx));
    }
    const list = typeof x === "object" && x.bdata ? decoded(x) : x;
    if (!numbered.has(x)) {
      numbered.set(x, Array.from(list, (each) => (each === null ? NaN : toNumber(each))));
    }
    return numbered.get(x);
  }

  function decoded(packed) {
    const kinds = { f4: Float32Array, f8: Float64Array, i1: Int8Array, u1: Uint8Array, i2: Int16Array, u2: Uint16Array, i4: Int32Array, u4: Uint32Array };
    const bytes = Uint8Array.from(atob(packed.bdata), (c) => c.charCodeAt(0));
    return new kinds[packed.dtype](bytes.buffer);
  }

  const unpacked = new WeakMap();
  function valuesOf(y) {
    if (Array.isArray(y)) return y;
    if (!unpacked.has(y)) unpacked.set(y, decoded(y));
    return unpacked.get(y);
  }

  // the values that can be seen fill the height
  function visibleRange(traces, shown) {
    let low = Infinity, high = -Infinity;
    for (const trace of traces) {
      const x = numbersOf(trace), y = valuesOf(trace.y);
      for (let i = 0; i < x.length; i++) {
        if (x[i] < shown[0] || x[i] > shown[1] || y[i] === null || Number.isNaN(y[i])) continue;
        if (y[i] < low) low = y[i];
        if (y[i] > high) high = y[i];
      }
    }
    if (low > high) return undefined;
    const room = 0.06 * (high - low || Math.abs(high) || 1);
    return [low - room, high + room];
  }

  function zoomsOf() {
    const found = zooms.views[keyOf("forecast")];
    return Object.fromEntries(
      Object.entries(found).map(([name, pair]) => [name, pair.map(toNumber)])
    );
  }

  function show(pair) {
    const whole = zoomsOf().all;
    const length = Math.min(pair[1] - pair[0], whole[1] - whole[0]);
    const first = Math.min(Math.max(pair[0], whole[0]), whole[1] - length);
    range = [first, first + length];
    const spec = figures.forecast[keyOf("forecast")];
    drawing = true;
    return Plotly.relayout(forecast, {
      "xaxis.range": fromNumbers(range),
      "yaxis.range": visibleRange(spec.data, range),
    }).then(() => { drawing = false; say(); });
  }

  function say() {
    const [first, last] = fromNumbers(range).map((each) => (isTime ? each.slice(0, 16) : "row " + Math.round(each)));
    document.getElementById("shown").textContent = "Shown: " + first + " to " + last;
  }

  const moves = {
    earlier: ([a, b]) => [a - (b - a) / 2, b - (b - a) / 2],
    later: ([a, b]) => [a + (b - a) / 2, b + (b - a) / 2],
    in: ([a, b]) => [a + (b - a) / 4, b - (b - a) / 4],
    out: ([a, b]) => [a - (b - a) / 2, b + (b - a) / 2],
  };

  function press(name) {
    for (const each of document.querySelectorAll("[data-zoom]")) {
      if (!(each.dataset.zoom in moves)) each.setAttribute("aria-pressed", String(each.dataset.zoom === name));
    }
  }

  for (const each of document.querySelectorAll("[data-zoom]")) {
    each.addEventListener("click", () => {
      const name = each.dataset.zoom;
      press(name);
      show(name in moves ? moves[name](range) : zoomsOf()[name]);
    });
  }

  // Choices

  function choose(kind, value) {
    chosen[kind] = value;
    const view = chosen.target + "-" + chosen.series;
    for (const each of document.querySelectorAll("[data-target]")) each.hidden = each.dataset.target !== chosen.target;
    for (const each of document.querySelectorAll("[data-view]")) each.hidden = each.dataset.view !== view;
    if (kind === "series") { range = zoomsOf().recent; press("recent"); }
    drawAll();
  }

  for (const kind of ["target", "series"]) {
    const select = document.getElementById(kind);
    if (select) {
      select.value = "0"; // browsers keep the choice when a page is loaded again
      select.addEventListener("change", () => choose(kind, select.value));
    }
  }

  button.addEventListener("click", () => { pressed = !isDark(); paint(); drawAll(); });
  dark.addEventListener("change", () => { paint(); drawAll(); });

  // On paper: light, and as wide as the sheet

  function print(on) {
    printing = on;
    if (on) root.dataset.printing = "true";
    else delete root.dataset.printing;
    paint();
    drawAll();
  }
  window.addEventListener("beforeprint", () => print(true));
  window.addEventListener("afterprint", () => print(false));

  let waiting = null;
  window.addEventListener("resize", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { if (!printing) drawAll(); }, 150);
  });

  paint();
  range = zoomsOf().recent;
  drawAll().then(() => {
    forecast.on("plotly_relayout", (change) => {
      if (drawing) return;
      if (change["xaxis.autorange"]) { press("all"); show(zoomsOf().all); return; }
      if ("xaxis.range[0]" in change) {
        press(null);
        show([toNumber(change["xaxis.range[0]"]), toNumber(change["xaxis.range[1]"])]);
      }
    });
    root.dataset.ready = "true";
  });
})();
