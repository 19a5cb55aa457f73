// The sheet that says how a number is made, and the fields that find a row of a long menu.
(function () {
  "use strict";

  const { go, change, passing, shut, acts, dressed } = window.royal;
  const sheet = () => document.getElementById("receipt");
  const over = () => new URLSearchParams(location.search).has("receipt");
  // The part whose menu opened the sheet, and the one that the cursor returns to.
  let [opener, returning] = ["", ""];

  // ---- the sheet ----

  // What a receipt's link says of the sheet, and nothing else of it: the page beneath keeps its address as it stands. The
  // server writes an address out in full; to go there would draw the whole page anew, its controls with the cursor.
  function lay(query) {
    const words = new URLSearchParams(query);
    change(Object.fromEntries(passing.map((key) => [key, words.get(key)])));
  }

  function close() {
    if (sheet()?.open) sheet().close();
    back();
    if (over()) lay("");
  }

  // The browser gives the cursor back by itself, but not to what was drawn anew beneath the sheet, or
  // is drawn anew as it closes: where it is lost, until somebody does something else, it belongs there.
  function back() {
    [returning, opener] = [opener || returning, ""];
    give();
  }

  function give() {
    const [box, at] = [sheet(), document.activeElement];
    const lost = !box?.open && (!at || at === document.body || box?.contains(at));
    const part = lost && document.getElementById(returning);
    if (part) part.querySelector("details:has([data-act='made']) > summary")?.focus();
  }

  ["keydown", "pointerdown"].forEach((deed) => document.addEventListener(deed, () => (returning = ""), true));

  function show() {
    const box = sheet();
    if (!box || box.open || !over()) return;
    box.showModal();
    box.scrollTop = 0;
    if (box.dataset.heard) return;
    box.dataset.heard = "1";
    // Escape closes it by itself; the address follows.
    box.addEventListener("close", close);
    box.addEventListener("click", (event) => event.target === box && close());
  }

  // A panel's menu opens the receipt of what the panel shows.
  acts.made = (button) => {
    const part = button.closest("[id*='\"type\":\"part\"']");
    const menu = button.closest("details");
    shut(menu);
    menu.querySelector("summary")?.focus();
    opener = part?.id || "";
    const made = part?.querySelector("[data-made-of]");
    if (made) change({ receipt: made.dataset.madeOf, of: "", at: "" });
  };

  // A number leads to its receipt, and links inside the sheet keep it open: only its rows change.
  document.addEventListener(
    "click",
    (event) => {
      const link = event.target.closest?.("#receipt a[href], a.made[href]");
      const plain = !event.button && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
      if (!link || !plain || link.hasAttribute("download")) return;
      const within = link.closest("#receipt");
      if (!within && link.closest("[data-old]")) return;
      event.preventDefault();
      if (link.dataset.close) return close();
      if (!within) opener = "";
      if (link.pathname === location.pathname) lay(link.search);
      else go(link.getAttribute("href"));
    },
    true,
  );

  // Back leads out of it too.
  window.addEventListener("popstate", () => {
    if (!over() && sheet()?.open) sheet().close();
  });

  // ---- finding in menus ----

  function field(place) {
    const input = document.createElement("input");
    Object.assign(input, { type: "search", className: "form-control", placeholder: place.dataset.find, autocomplete: "off" });
    input.setAttribute("aria-label", place.dataset.find);
    input.addEventListener("input", () => {
      typed = input.value;
      sift(place);
    });
    input.addEventListener("keydown", (event) => choose(event, place));
    place.append(input);
  }

  // What was typed last, for a menu that is drawn anew while it is open.
  let typed = "";

  const rowsOf = (menu) => [...menu.querySelectorAll("[id] > :is(a, .pick, .off)")];

  function sift(place) {
    const menu = place.closest(".menu");
    const words = place.firstChild.value.trim().toLowerCase().split(/\s+/);
    rowsOf(menu).forEach((row) => {
      row.hidden = !words.every((word) => row.textContent.toLowerCase().includes(word));
    });
    let heading = null;
    [...(rowsOf(menu)[0]?.parentElement.children || [])].forEach((child) => {
      if (child.matches(".group")) [heading, child.hidden] = [child, true];
      else if (!child.hidden && heading) heading.hidden = false;
    });
  }

  const links = (menu) => [...menu.querySelectorAll("[id] a")].filter((link) => link.offsetParent);

  // Down goes into the list, Enter takes what is found first.
  function choose(event, place) {
    if (!["ArrowDown", "Enter"].includes(event.key)) return;
    sift(place);
    const found = links(place.closest(".menu"))[0];
    if (!found) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Enter") found.click();
    else found.focus();
  }

  document.addEventListener(
    "keydown",
    (event) => {
      const menu = event.target.closest?.("details[open] .menu.finder");
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!menu || !step || event.target.matches("input")) return;
      event.preventDefault();
      event.stopPropagation();
      const all = links(menu);
      const at = all.indexOf(event.target) + step;
      (all[at] || (at < 0 ? menu.querySelector("input") : event.target)).focus();
    },
    true,
  );

  document.addEventListener(
    "toggle",
    (event) => {
      const input = event.target.open && event.target.querySelector?.(".finder input");
      if (!input) return;
      if (!event.target.dataset.kept) typed = "";
      input.value = typed;
      delete event.target.dataset.kept;
      sift(input.parentElement);
      if (window.matchMedia("(hover: hover)").matches) input.focus();
    },
    true,
  );

  function dress() {
    show();
    if (returning) give();
    document.querySelectorAll("[data-find]").forEach((place) => {
      if (!place.firstChild) field(place);
      // Rows that come after the first letters are sifted as if they had been there.
      else if (place.firstChild.value) sift(place);
    });
  }

  dressed.push(dress);
  dress();
})();
