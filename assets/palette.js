// Jump to: one field for pages, metrics, views, values and acts. Its entries are asked for when it first opens.
(function () {
  "use strict";

  const { say, go, carried, acts } = window.royal;
  const WAIT_MS = 150;
  const FEW = 5;
  const MANY = 30;
  const RECENT = "jumped-to";
  const RECENTS = 5;
  const state = { groups: null, found: [], shown: [], at: 0, timer: 0, asked: "" };

  // ---- the dialog ----

  function make(tag, className, ...content) {
    const element = document.createElement(tag);
    if (className) element.className = className;
    element.append(...content.filter(Boolean));
    return element;
  }

  function icon(name) {
    const mark = make("span", `ico i-${name}`);
    mark.setAttribute("aria-hidden", "true");
    return mark;
  }

  function dialog() {
    const there = document.getElementById("palette");
    if (there) return there;
    const field = make("input", "");
    const attributes = {
      type: "text", role: "combobox", autocomplete: "off", spellcheck: "false", maxlength: "80",
      "aria-label": say("Jump to"), "aria-autocomplete": "list", "aria-expanded": "true", "aria-controls": "palette-list",
      placeholder: say("Page, metric, country, product or action"),
    };
    Object.entries(attributes).forEach(([name, value]) => field.setAttribute(name, value));
    const list = make("div", "pal-list");
    list.id = "palette-list";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", say("Jump to"));
    const none = make("p", "pal-none");
    none.setAttribute("role", "status");
    const box = make("dialog", "pop pal", make("div", "q", icon("search"), field), list, none);
    box.id = "palette";
    box.setAttribute("aria-label", say("Jump to"));
    field.addEventListener("input", () => typed(field.value));
    field.addEventListener("keydown", walk);
    list.addEventListener("mousemove", (event) => {
      const option = event.target.closest("[role='option']");
      if (option) point(Number(option.dataset.at), false);
    });
    box.addEventListener("click", (event) => {
      if (event.target === box) return box.close();
      const option = event.target.closest("[role='option']");
      if (option) choose(Number(option.dataset.at), event);
    });
    document.body.append(box);
    return box;
  }

  function open() {
    const box = dialog();
    if (box.open) return box.close();
    document.querySelectorAll("dialog[open]").forEach((other) => other.close());
    box.showModal();
    const field = box.querySelector("input");
    field.value = "";
    Object.assign(state, { found: [], asked: "" });
    field.focus();
    if (state.groups) return draw("");
    draw("");
    load();
  }

  async function load() {
    const answer = await fetch("/palette", { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer?.ok) return tell(say("The list could not be loaded. Close it and try again."));
    state.groups = (await answer.json()).groups;
    draw(dialog().querySelector("input").value);
  }

  // ---- what fits ----

  const plain = (text) => text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "").trim();

  // Begins with the text, has a word that does, holds it, has its letters in order: the earlier the better.
  function score(label, wanted) {
    const own = plain(label);
    if (own.startsWith(wanted)) return 400 - own.length;
    if (own.includes(` ${wanted}`)) return 300 - own.length;
    if (own.includes(wanted)) return 200 - own.length;
    let at = -1;
    let gaps = 0;
    for (const letter of wanted.replaceAll(" ", "")) {
      const next = own.indexOf(letter, at + 1);
      if (next < 0) return 0;
      gaps += at >= 0 ? next - at - 1 : 0;
      at = next;
    }
    return wanted.length > 1 && gaps <= 2 * wanted.length ? Math.max(1, 100 - 4 * gaps) : 0;
  }

  function ranked(group, wanted) {
    const scored = group.entries
      .map((entry) => ({ entry, fits: Math.max(score(entry.label, wanted), score(entry.also || "", wanted) - 50) }))
      .filter((row) => row.fits > 0)
      .sort((one, other) => other.fits - one.fits);
    return { label: group.label, best: scored[0]?.fits || 0, entries: scored.slice(0, FEW).map((row) => row.entry) };
  }

  function recents() {
    try {
      return JSON.parse(localStorage.getItem(RECENT) || "[]");
    } catch {
      return [];
    }
  }

  function keep(entry) {
    if (["act", "language"].includes(entry.id.split(":")[0])) return;
    const others = recents().filter((one) => one.id !== entry.id);
    localStorage.setItem(RECENT, JSON.stringify([{ ...entry, worth: "" }, ...others].slice(0, RECENTS)));
  }

  function groupsFor(text) {
    const wanted = plain(text);
    const all = state.groups || [];
    if (wanted) {
      // What the server found fits already; products and the like stand between the exact and the loose.
      const found = state.found.map((group) => ({ ...group, best: Math.max(150, ranked(group, wanted).best) }));
      return [...all.map((group) => ranked(group, wanted)), ...found]
        .filter((group) => group.entries.length)
        .sort((one, other) => other.best - one.best);
    }
    const known = new Map(all.flatMap((group) => group.entries).map((entry) => [entry.id, entry]));
    // A recent choice in today's words; a view that is gone is no choice any more.
    const recent = recents().map((one) => known.get(one.id) || one).filter((one) => known.has(one.id) || !one.href);
    const first = recent.length ? [{ label: say("Recent"), entries: recent }] : [];
    const usual = ["pages", "views", "actions"].map((name) => all.find((group) => group.name === name)).filter(Boolean);
    return [...first, ...usual];
  }

  // ---- what is shown ----

  function draw(text) {
    const list = document.getElementById("palette-list");
    state.shown = [];
    const content = groupsFor(text).map((group, number) => {
      const head = make("div", "gh", group.label);
      head.id = `palette-group-${number}`;
      const box = make("div", "", head);
      box.setAttribute("role", "group");
      box.setAttribute("aria-labelledby", head.id);
      group.entries.slice(0, MANY - state.shown.length).forEach((entry) => box.append(optionOf(entry)));
      return box;
    });
    list.replaceChildren(...content.filter((box) => box.childElementCount > 1));
    tell(!state.shown.length && state.groups && text ? say("Nothing here is called “{text}”.", { text }) : "");
    point(0, true);
  }

  function optionOf(entry) {
    const at = state.shown.push(entry) - 1;
    const end = make("span", "r", entry.worth || "", ...keysOf(entry.keys || ""));
    const row = make("div", "pal-row", icon(entry.icon), make("span", "name", entry.label), end);
    Object.assign(row, { id: `palette-${at}` });
    row.dataset.at = String(at);
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", "false");
    return row;
  }

  function keysOf(keys) {
    return keys.split(" ").filter(Boolean).map((key) => make("kbd", "", key === "Shift" ? say("Shift") : key));
  }

  function tell(text) {
    const none = document.querySelector("#palette .pal-none");
    if (none) none.textContent = text;
  }

  function point(at, scroll) {
    const rows = document.querySelectorAll("#palette-list [role='option']");
    state.at = Math.max(0, Math.min(rows.length - 1, at));
    rows.forEach((row, place) => row.setAttribute("aria-selected", String(place === state.at)));
    const field = document.querySelector("#palette input");
    if (rows.length) field?.setAttribute("aria-activedescendant", `palette-${state.at}`);
    else field?.removeAttribute("aria-activedescendant");
    if (scroll && rows.length) rows[state.at].scrollIntoView({ block: "nearest" });
  }

  // ---- typing and choosing ----

  function typed(text) {
    clearTimeout(state.timer);
    state.asked = plain(text);
    if (!state.asked) state.found = [];
    draw(text);
    if (state.asked.length > 1) state.timer = setTimeout(() => seek(text), WAIT_MS);
  }

  async function seek(text) {
    const wanted = plain(text);
    const query = new URLSearchParams({ q: text, at: location.search });
    const answer = await fetch(`/palette?${query}`, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer?.ok || state.asked !== wanted) return;
    state.found = (await answer.json()).groups;
    const pointed = state.at ? state.shown[state.at]?.id : "";
    draw(text);
    const again = pointed ? state.shown.findIndex((entry) => entry.id === pointed) : 0;
    if (again > 0) point(again, true);
  }

  function walk(event) {
    const last = state.shown.length - 1;
    const to = { ArrowDown: state.at + 1, ArrowUp: state.at - 1, PageDown: state.at + 8, PageUp: state.at - 8 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      point(to > last && state.at === last ? 0 : to < 0 && state.at === 0 ? last : to, true);
    } else if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      choose(state.at, event);
    }
  }

  function hrefOf(entry) {
    if (entry.href) return entry.href;
    const path = entry.path || location.pathname;
    const query = path === location.pathname ? new URLSearchParams(location.search) : carried();
    for (const [key, value] of Object.entries(entry.set || {})) {
      query.delete(key);
      if (value) query.set(key, value);
    }
    const words = query.toString();
    return path + (words ? `?${words}` : "");
  }

  function choose(at, event) {
    const entry = state.shown[at];
    if (!entry) return;
    document.getElementById("palette").close();
    keep(entry);
    if (entry.act) return acts[entry.act]?.({ dataset: { act: entry.act, [entry.act]: entry.given }, closest: () => null });
    const href = hrefOf(entry);
    if (event.ctrlKey || event.metaKey) window.open(href, "_blank", "noopener");
    else go(href);
  }

  acts.palette = open;
  acts.export = () => openMenu("export");
  acts.views = () => openMenu("views");

  function openMenu(name) {
    const menu = document.querySelector(`.head details[data-menu$='-${name}']`);
    if (!menu) return;
    menu.open = true;
    menu.querySelector(".pop a, .pop button, .pop input, summary")?.focus();
  }

  // Whoever signs out leaves no traces for the next person at this screen.
  document.addEventListener("submit", (event) => event.target.id === "leave" && localStorage.removeItem(RECENT));
  window.royal.forget = () => (state.groups = null);
})();
