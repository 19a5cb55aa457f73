// Looks: figures follow the theme and their own width without asking the server.
(function () {
  "use strict";

  const NARROW = 520;
  const root = document.documentElement;
  const theme = () => (root.dataset.bsTheme === "dark" ? "dark" : "light");

  // ---- colours: what a figure was drawn with, looked up in one theme's tokens and taken from the other's ----

  const TOKENS = [
    "rule", "rule-2", "ink", "ink-2", "ink-3", "accent", "pos", "neg", "neutral-soft", "compare", "target", "anomaly",
    "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8", "q0", "q1", "q2", "q3", "q4", "q5", "q6", "q7", "surface",
  ];

  function tokensOf(name) {
    const probe = document.createElement("i");
    probe.dataset.bsTheme = name;
    probe.hidden = true;
    document.body.append(probe);
    const style = getComputedStyle(probe);
    const found = Object.fromEntries(
      [...TOKENS, "raised"].map((token) => [token, style.getPropertyValue(`--ra-${token}`).trim().toUpperCase()]),
    );
    probe.remove();
    return found;
  }

  function between(from, to) {
    const old = tokensOf(from);
    const fresh = tokensOf(to);
    const map = new Map();
    TOKENS.forEach((token) => map.has(old[token]) || map.set(old[token], fresh[token]));
    return { map, raised: fresh.raised };
  }

  function recoloured(value, name, change) {
    if (typeof value === "string") {
      return value[0] === "#" ? change.map.get(value.toUpperCase()) || value : value;
    }
    if (Array.isArray(value)) return value.map((item) => recoloured(item, name, change));
    if (!value || typeof value !== "object" || ArrayBuffer.isView(value)) return value;
    const out = {};
    for (const [key, item] of Object.entries(value)) {
      const figures = ["x", "y", "z", "customdata", "text", "values", "labels"].includes(key);
      if (figures) out[key] = item;
      else if (name === "hoverlabel" && key === "bgcolor") out[key] = change.raised;
      else out[key] = recoloured(item, key, change);
    }
    return out;
  }

  function recolour(plot) {
    const meta = plot.layout?.meta;
    if (!meta || meta.theme === theme()) return false;
    const change = between(meta.theme, theme());
    const layout = recoloured(plot.layout, "", change);
    layout.meta.theme = theme();
    window.Plotly.react(plot, plot.data.map((trace) => recoloured(trace, "", change)), layout, plot._context);
    return true;
  }

  // ---- width: a narrow figure has fewer ticks and no words beyond its right edge ----

  function fit(plot) {
    const meta = plot.layout?.meta;
    if (!meta?.narrow || !plot.clientWidth) return;
    const size = plot.clientWidth < NARROW ? "narrow" : "wide";
    if ((meta.size || "wide") === size) return;
    meta.size = size;
    const patch = {};
    for (const [name, value] of Object.entries(meta[size])) patch[name] = value ?? (name === "annotations" ? [] : null);
    if (Object.keys(patch).length) window.Plotly.relayout(plot, patch);
  }

  // A figure as it is to be drawn at this place, so that nothing is drawn twice.
  function suited(figure, place) {
    let { data, layout } = structuredClone(figure);
    const meta = layout.meta;
    if (meta && meta.theme !== theme()) {
      const change = between(meta.theme, theme());
      data = data.map((trace) => recoloured(trace, "", change));
      layout = recoloured(layout, "", change);
      layout.meta.theme = theme();
    }
    if (meta?.narrow && place.clientWidth && place.clientWidth < NARROW) {
      layout.meta.size = "narrow";
      for (const [name, value] of Object.entries(layout.meta.narrow)) put(layout, name.split("."), value);
    }
    return { data, layout };
  }

  function put(object, [name, ...inner], value) {
    if (inner.length) put((object[name] = object[name] || {}), inner, value);
    else object[name] = value ?? (name === "annotations" ? [] : undefined);
  }

  window.royal.suited = suited;

  function look(plot) {
    if (!plot.layout || !window.Plotly) return;
    if (!recolour(plot)) fit(plot);
    if (plot.dataset.looked) return;
    plot.dataset.looked = "1";
    plot.on("plotly_afterplot", () => recolour(plot) || fit(plot));
  }

  const plots = () => document.querySelectorAll(".js-plotly-plot");

  // ---- a drill path that is wider than its line shows its end: where the reader is ----

  function crumbsToEnd() {
    document.querySelectorAll(".crumbs").forEach((crumbs) => {
      const words = crumbs.textContent;
      if (crumbs.dataset.words === words) return;
      crumbs.dataset.words = words;
      crumbs.scrollLeft = crumbs.scrollWidth;
    });
  }

  window.royal.dressed.push(crumbsToEnd);

  // ---- watching ----

  let planned = 0;
  function plan() {
    planned = planned || requestAnimationFrame(() => ((planned = 0), plots().forEach(look)));
  }

  function start() {
    new MutationObserver(plan).observe(root, { attributes: true, attributeFilter: ["data-bs-theme"] });
    new MutationObserver(plan).observe(document.body, {
      childList: true,
      subtree: true,
      attributes: true,
      attributeFilter: ["class"],
    });
    window.addEventListener("resize", plan);
    // No choice made: the page follows the system while it is open.
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", (system) => {
      if (!document.cookie.includes("theme=")) root.dataset.bsTheme = system.matches ? "dark" : "light";
    });
    plan();
  }

  if (document.body) start();
  else document.addEventListener("DOMContentLoaded", start);
})();
