// Choosing in one panel what the others are filtered by. Every part of a panel is a link in its table or list; what the
// mouse does on a chart follows the link of the same part in the chart's own table.
(function () {
  "use strict";

  const FIELDS = "input, textarea, select, [contenteditable='true']";
  const BOX = ".find input, input.find";

  // ---- rows: shift and a click add the value to those that are chosen ----

  document.addEventListener(
    "click",
    (event) => {
      const adds = event.shiftKey && !event.button && event.target.closest("a[data-adds]");
      if (!adds || event.metaKey || event.ctrlKey || event.altKey) return;
      event.preventDefault();
      window.royal.go(adds.dataset.adds);
    },
    true,
  );

  // ---- charts: the part's row in the table view is its link ----

  function rowOf(plot, point) {
    const rows = plot.closest(".section")?.querySelectorAll(".as-table tbody tr");
    const place = typeof point.pointNumber === "number" ? point.pointNumber : point.pointNumber?.[1];
    return rows?.[place]?.querySelector("a.open");
  }

  function follow(link, event) {
    if (event?.metaKey || event?.ctrlKey) window.open(link.href, "_blank", "noopener");
    else window.royal.go(event?.shiftKey && link.dataset.adds ? link.dataset.adds : link.getAttribute("href"));
  }

  function listen() {
    document.querySelectorAll(".section[data-cross] .js-plotly-plot").forEach((plot) => {
      if (plot.dataset.cross || !plot.on) return;
      plot.dataset.cross = "1";
      plot.on("plotly_click", ({ points, event }) => {
        const link = points.map((point) => rowOf(plot, point)).find(Boolean);
        if (link) follow(link, event);
      });
    });
  }

  // ---- Escape takes away what was chosen, where it has nothing else to close ----

  function busy() {
    return document.querySelector("details.menu-holder[open], dialog[open], .picking");
  }

  document.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape" || event.defaultPrevented || event.target.matches?.(FIELDS) || busy()) return;
      document.querySelector("a[data-clear]")?.click();
    },
    true,
  );

  // ---- the search box of a table: its words go into the address when they are done ----

  function find(box) {
    const now = new URLSearchParams(location.search).get("find") || "";
    if (box.value.trim() !== now) window.royal.change({ find: box.value.trim(), top: "" });
  }

  document.addEventListener("change", (event) => event.target.matches?.(BOX) && find(event.target));
  document.addEventListener("search", (event) => event.target.matches?.(BOX) && find(event.target), true);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches?.(BOX)) find(event.target);
  });

  // A button that is drawn anew says again what its section shows.
  function pressed() {
    document.querySelectorAll(".section[data-view='table'] [data-act='table'][aria-pressed='false']").forEach((button) => {
      button.setAttribute("aria-pressed", "true");
    });
  }

  window.royal.dressed.push(listen, pressed);
})();
