// Single keys. They are off while a field has the cursor, with any of Ctrl, Alt or Meta held down, and when switched off.
(function () {
  "use strict";

  const FIELDS = "input, textarea, select, [contenteditable='true']";
  const CHORD_MS = 1200;
  const KEPT = "single-keys";
  const MAC = /Mac|iPhone|iPad/.test(navigator.platform);
  const { acts, dressed } = window.royal;
  let chord = 0;

  const KEYS = {
    t: () => acts.tables(),
    d: () => open("details.menu-holder .dp"),
    f: () => open(".filters details.menu-holder .pop"),
    c: () => {
      const now = new URLSearchParams(location.search).get("cmp");
      window.royal.change({ cmp: now === "none" ? "" : "none" });
    },
    z: () => acts.undo(),
    a: () => press("a"),
    s: () => press("s"),
    L: () => acts.theme(),
    "?": () => acts.keys(),
    "/": () => search(),
    Backspace: () => document.querySelector("[data-up]")?.click(),
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
  };
  // Keys that a person with speech input does not say by accident, and cannot do without.
  const ALWAYS = ["ArrowDown", "ArrowUp"];

  function on() {
    return localStorage.getItem(KEPT) !== "off";
  }

  acts.singles = () => {
    localStorage.setItem(KEPT, on() ? "off" : "on");
    dress();
  };

  function open(selector) {
    const menu = document.querySelector(selector)?.closest("details");
    if (!menu) return;
    if (menu.open) return shut(menu);
    menu.open = true;
    menu.querySelector(".pop a, .pop button, summary")?.focus();
  }

  // A button of the page that says which key presses it; a menu opens with its first row.
  function press(letter) {
    const button = [...document.querySelectorAll(`[data-letter="${letter}"]`)].find((one) => one.offsetParent);
    button?.click();
    const menu = button?.matches("summary") && button.closest("details");
    if (menu) setTimeout(() => menu.querySelector(".pop button")?.focus());
    return Boolean(button);
  }

  function shut(menu) {
    window.royal.shut(menu);
    menu.querySelector("summary")?.focus();
  }

  // The search of an open menu or of the page's list; where there is none, the one for everything.
  function search() {
    const fields = [...document.querySelectorAll("details[open] input[type='search'], #page input[type='search']")];
    const field = fields.find((one) => one.offsetParent);
    if (!field) return acts.palette();
    field.focus();
    field.select();
  }

  // Rows are links: the arrows move between them, Enter is the link's own.
  function step(by) {
    const rows = [...document.querySelectorAll(".dt a.open, .lb a.open, .al a.open")].filter((row) => row.offsetParent);
    const here = rows.indexOf(document.activeElement);
    if (here < 0 && !document.activeElement?.closest(".dt, .al")) return false;
    rows[Math.max(0, Math.min(rows.length - 1, here + by))]?.focus();
    return true;
  }

  function figure(number) {
    document.querySelectorAll("button.kpi")[number - 1]?.click();
  }

  // The second key after G: the page whose row has it.
  function follow(key) {
    const link = document.querySelector(`a[data-page][data-key="${CSS.escape(key.toLowerCase())}"]`);
    link?.click();
    return Boolean(link);
  }

  function single(event) {
    const key = event.key;
    const chosen = Date.now() - chord < CHORD_MS;
    chord = 0;
    if (chosen && follow(key)) return true;
    if (key === "g") {
      chord = Date.now();
      return false;
    }
    if (/^[1-6]$/.test(key)) {
      figure(Number(key));
      return true;
    }
    return KEYS[key] ? KEYS[key]() !== false : false;
  }

  function closed() {
    const menus = document.querySelectorAll("details.menu-holder[open]");
    menus.forEach(shut);
    return menus.length > 0;
  }

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented) return;
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      return acts.palette();
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      if (closed()) event.preventDefault();
      return;
    }
    if (event.target.matches?.(FIELDS)) return;
    const dialog = document.querySelector("dialog[open]");
    if (dialog && !(dialog.id === "shortcuts" && event.key === "?")) return;
    if (!on() && !ALWAYS.includes(event.key)) return;
    if (single(event)) event.preventDefault();
  });

  // ---- what the list of keys says ----

  function dress() {
    const toggle = document.querySelector("[data-act='singles']");
    if (toggle && toggle.getAttribute("aria-checked") !== String(on())) toggle.setAttribute("aria-checked", String(on()));
    if (!MAC) return;
    document.querySelectorAll("kbd[data-mod]").forEach((key) => {
      const said = `\u2318${key.dataset.mod}`;
      if (key.textContent !== said) key.textContent = said;
    });
  }

  dressed.push(dress);
})();
