// Looks: figures follow the theme and their own width without asking the server; pictures and files of a chart.
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

  function look(plot) {
    if (!plot.layout || !window.Plotly) return;
    if (!recolour(plot)) fit(plot);
    if (plot.dataset.looked) return;
    plot.dataset.looked = "1";
    plot.on("plotly_afterplot", () => recolour(plot) || fit(plot));
  }

  const plots = () => document.querySelectorAll(".js-plotly-plot");

  // ---- a chart as a picture, its figures as a file ----

  function fileName(section, ending) {
    const words = (section.dataset.name || "chart").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-");
    return `${words.replace(/^-+|-+$/g, "").slice(0, 60) || "chart"}.${ending}`;
  }

  function save(address, name) {
    const link = Object.assign(document.createElement("a"), { href: address, download: name });
    document.body.append(link);
    link.click();
    link.remove();
  }

  async function picture(section) {
    const plot = section.querySelector(".js-plotly-plot");
    if (!plot) return;
    const copy = {
      data: plot.data,
      layout: { ...plot.layout, paper_bgcolor: tokensOf(theme()).surface, title: titleOf(section) },
      config: plot._context,
    };
    copy.layout.margin = { ...plot.layout.margin, t: 64 };
    const address = await window.Plotly.toImage(copy, { format: "png", width: 960, height: 480, scale: 2 });
    save(address, fileName(section, "png"));
  }

  function titleOf(section) {
    const font = { size: 16, color: tokensOf(theme()).ink, weight: 600 };
    return { text: section.dataset.name, x: 0, xref: "paper", xanchor: "left", y: 0.96, font };
  }

  // Numbers go out as they are, words guarded: a spreadsheet must not take them for formulas.
  function cellText(cell) {
    const raw = cell.dataset.v ?? cell.querySelector("[data-v]")?.dataset.v;
    if (raw !== undefined) return raw;
    const words = [...cell.childNodes].filter((node) => !node.classList?.contains("note"));
    const text = words.map((node) => node.textContent).join("").trim();
    const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  }

  function figures(section) {
    const table = section.querySelector(".dt");
    if (!table) return;
    const lines = [...table.rows].map((row) => [...row.cells].filter((c) => !c.classList.contains("go")).map(cellText));
    const text = "\ufeff" + lines.map((line) => line.join(",")).join("\r\n") + "\r\n";
    const address = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
    save(address, fileName(section, "csv"));
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  }

  const ACTS = { png: picture, csv: figures };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-act='png'], [data-act='csv']");
    const section = button?.closest(".section");
    if (!section) return;
    button.closest("details")?.removeAttribute("open");
    ACTS[button.dataset.act](section);
  });

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
