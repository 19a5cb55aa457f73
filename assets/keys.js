// Single keys. They are off while a field has the cursor, and with any of Ctrl, Alt or Meta held down.
(function () {
  "use strict";

  const FIELDS = "input, textarea, select, [contenteditable='true']";
  const PAGES = { o: "/", e: "/explore", s: "/sources" };
  const CHORD_MS = 1200;
  let chord = 0;

  const KEYS = {
    t: () => window.royal.acts.tables(),
    d: () => open("details.menu-holder .dp"),
    f: () => open(".filters details.menu-holder .pop"),
    c: () => {
      const now = new URLSearchParams(location.search).get("cmp");
      window.royal.change({ cmp: now === "none" ? "" : "none" });
    },
    L: () => window.royal.acts.theme(),
    "?": () => window.royal.acts.keys(),
    Backspace: () => document.querySelector("[data-up]")?.click(),
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    Escape: () => document.querySelectorAll("details.menu-holder[open]").forEach(shut),
  };

  function open(selector) {
    const menu = document.querySelector(selector)?.closest("details");
    if (!menu) return;
    if (menu.open) return shut(menu);
    menu.open = true;
    menu.querySelector(".pop a, .pop button, summary")?.focus();
  }

  function shut(menu) {
    window.royal.shut(menu);
    menu.querySelector("summary")?.focus();
  }

  // Rows are links: the arrows move between them, Enter is the link's own.
  function step(by) {
    const rows = [...document.querySelectorAll(".dt a.open, a.lb")];
    const here = rows.indexOf(document.activeElement);
    if (here < 0 && !document.activeElement?.closest(".dt")) return false;
    rows[Math.max(0, Math.min(rows.length - 1, here + by))]?.focus();
    return true;
  }

  function figure(number) {
    document.querySelectorAll("button.kpi")[number - 1]?.click();
  }

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches?.(FIELDS) && event.key !== "Escape") return;
    const key = event.key;
    if (Date.now() - chord < CHORD_MS) {
      chord = 0;
      const link = document.querySelector(`a[data-page="${PAGES[key.toLowerCase()]}"]`);
      if (link) {
        event.preventDefault();
        link.click();
        return;
      }
    }
    if (key.toLowerCase() === "g" && !event.shiftKey) {
      chord = Date.now();
    } else if (/^[1-6]$/.test(key)) {
      figure(Number(key));
    } else if (KEYS[key] && !(document.getElementById("shortcuts")?.open && key !== "?")) {
      if (KEYS[key]() !== false && key !== "Escape") event.preventDefault();
    }
  });
})();
