// What the browser does by itself: moving between addresses, the live badge, asking again what has changed.
// The address is the state: every control only leads to another one, and Back undoes it.
(function () {
  "use strict";

  const STALE_SECONDS = 60;
  // How often it is looked whether a warehouse that was away is back.
  const AWAY_SECONDS = 2;
  const NEWS_SECONDS = 60;
  const QUIET_MS = 200;
  const UNDO_MS = 8000;
  // After how many seconds without a question a part that still waits is asked for again, at first and at last.
  const [SOON, SELDOM] = [2, 30];
  // What stands over a page and not in it: the page beneath stays as it is when that changes.
  const PASSING = ["receipt", "of", "at"];
  // Words that belong to a page and stay behind where another one is opened.
  const OWN = (document.documentElement.dataset.own || "").split(" ");
  // What the server says in the language of the page; English needs no words.
  const WORDS = JSON.parse(document.getElementById("words")?.textContent || "{}");
  const state = {
    answered: 0, looked: 0, away: false, waiting: new Set(), told: 0, tables: false, path: location.pathname, menu: "",
    at: location.pathname + location.search, undoing: false, here: "0", asking: false, redrawn: "",
  };
  // How often each part was asked for anew.
  const wanted = new Map();
  // The addresses of this page before its last changes, for Z.
  const changes = [];
  // Which address each filter menu was filled for.
  const filled = new Map();
  // Questions under way, and since when there has been any.
  const asking = { count: 0, since: 0 };
  // Seconds that something has waited while nobody asked, how many are borne, and whether it is the page itself.
  const lost = { seconds: 0, borne: SOON, page: false };

  // ---- words ----

  // say("Updated {ago}", { ago }) in the page's language, as t() of agent/words.py does.
  function say(text, values) {
    const said = WORDS[text] || text;
    return values ? said.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole) : said;
  }

  const language = document.documentElement.lang || "en-US";
  const amount = (value, options) => Number(value || 0).toLocaleString(language, options);

  // ---- moving ----

  function go(href) {
    history.pushState({}, "", href);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
  }

  function change(words) {
    const query = new URLSearchParams(location.search);
    for (const [key, value] of Object.entries(words)) {
      query.delete(key);
      if (value) query.set(key, value);
    }
    const text = query.toString();
    go(location.pathname + (text ? "?" + text : ""));
  }

  function settle(event) {
    const before = state.path;
    keepChange(before === location.pathname && event?.type !== "popstate");
    document.querySelectorAll("details[open]").forEach((menu) => {
      if (!menu.closest(".filters") || before !== location.pathname) shut(menu);
      else fill(menu);
    });
    if (before !== location.pathname) {
      window.scrollTo(0, 0);
      document.getElementById("page")?.focus({ preventScroll: true });
    }
    state.path = location.pathname;
    dressNavigation();
  }

  function keepChange(same) {
    const now = location.pathname + location.search;
    if (!same) changes.length = 0;
    else if (now !== state.at && !state.undoing) changes.push(state.at);
    state.at = now;
    state.undoing = false;
  }

  // What Z does: a toast's Undo while it is there, else the address before the last change of this page.
  function undo() {
    const offered = document.querySelector("#toasts [data-undo]");
    if (offered) return offered.click();
    const before = changes.pop();
    if (!before) return toast(say("There is nothing to undo here."), "");
    state.undoing = true;
    go(before);
  }

  function carried() {
    const query = new URLSearchParams(location.search);
    OWN.forEach((key) => query.delete(key));
    return query;
  }

  function dressNavigation() {
    const words = carried().toString();
    const tabs = [...document.querySelectorAll(".tab-bar a")].map((link) => link.dataset.page);
    document.querySelector(".tab-bar [data-act='more']")?.classList.toggle("here", !tabs.includes(location.pathname));
    document.querySelectorAll("a[data-page]").forEach((link) => {
      const path = link.dataset.page;
      if (path === location.pathname) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
      link.setAttribute("href", path + (words ? "?" + words : ""));
    });
  }

  function ours(link) {
    const to = new URL(link.href, location.href);
    const pages = [...document.querySelectorAll("a[data-page]")].map((a) => a.dataset.page);
    return to.origin === location.origin && pages.includes(to.pathname) ? to : null;
  }

  document.addEventListener("click", (event) => {
    // Dash's own links have gone where they lead already.
    if (event.defaultPrevented) return closeMenus(event.target);
    const plain = !event.button && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    const link = event.target.closest("a[href]");
    if (link?.closest("[data-old]")) return event.preventDefault();
    if (link && plain && !link.target && !link.hasAttribute("download")) {
      const to = ours(link);
      if (to && !link.hash) {
        event.preventDefault();
        link.closest("dialog")?.close();
        go(to.pathname + to.search);
        return;
      }
    }
    const figure = event.target.closest("button.kpi");
    if (figure) return change({ kpi: keyOf(figure) });
    const act = event.target.closest("[data-act]");
    if (act) ACTS[act.dataset.act]?.(act);
    const sheet = event.target.closest("dialog#more");
    if (sheet && (event.target === sheet || (act && act.dataset.act !== "more"))) sheet.close();
    closeMenus(event.target);
  });

  window.addEventListener("popstate", settle);
  window.addEventListener("_dashprivate_pushstate", settle);

  function keyOf(element) {
    try {
      return JSON.parse(element.id).key;
    } catch {
      return "";
    }
  }

  function closeMenus(target) {
    document.querySelectorAll("details.menu-holder[open]").forEach((menu) => {
      if (!menu.contains(target)) shut(menu);
    });
  }

  function shut(menu) {
    if (state.menu === menu.dataset.menu) state.menu = "";
    delete menu.dataset.seen;
    menu.open = false;
  }

  // A head that is drawn anew brings its menus closed: the one that was open opens again.
  function keepMenu() {
    const menu = state.menu && document.querySelector(`details[data-menu="${CSS.escape(state.menu)}"]`);
    if (!menu || menu.open) return;
    menu.dataset.kept = "1";
    menu.open = true;
  }

  // A menu asks what its choices are worth when it opens, not before.
  document.addEventListener(
    "toggle",
    (event) => {
      const menu = event.target;
      if (!menu.matches?.("details.menu-holder") || !menu.isConnected) return;
      if (!menu.open) return shut(menu);
      state.menu = menu.dataset.menu || "";
      fill(menu);
      keepInSight(menu.querySelector(".pop"));
    },
    true,
  );

  // One that is closed costs nothing; opened, it is filled unless it still says what the address says.
  function fill(menu) {
    const place = menu.querySelector("[id*='\"type\":\"choices\"']");
    if (!place) return;
    const { id } = JSON.parse(place.id);
    if (filled.get(id) === location.search && place.childElementCount) return;
    filled.set(id, location.search);
    const props = window.dash_clientside.set_props;
    // A menu that was just opened must not offer the way from where one was before.
    if (!place.childElementCount || menu.dataset.seen !== "1") props({ type: "choices", id }, { children: "" });
    menu.dataset.seen = "1";
    props({ type: "open", id }, { data: { search: location.search, at: Date.now() } });
  }

  function keepInSight(pop) {
    if (!pop || getComputedStyle(pop).position === "fixed") return;
    pop.style.translate = "";
    const box = pop.getBoundingClientRect();
    const over = box.right - document.documentElement.clientWidth + 8;
    if (over > 0) pop.style.translate = `${-Math.min(over, box.left - 8)}px 0`;
    else if (box.left < 8) pop.style.translate = `${8 - box.left}px 0`;
  }

  // ---- small acts ----

  const ACTS = {
    theme: () => setTheme(document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark"),
    keys: () => {
      const box = document.getElementById("shortcuts");
      if (box) box.open ? box.close() : box.showModal();
    },
    tables: () => {
      state.tables = !state.tables;
      dress();
    },
    table: (button) => {
      const section = button.closest(".section");
      if (section) show(section, section.dataset.view !== "table");
    },
    more: () => document.getElementById("more")?.showModal(),
    undo,
    // Fixed days, unless the button says otherwise; what is no button of the page takes the page's own.
    share: async (button) => {
      const own = button?.dataset.href ? button : document.querySelector(".head [data-act='share']");
      const address = new URL(own?.dataset.href || location.href, location.href).href;
      const menu = button?.closest("details");
      if (menu) shut(menu);
      try {
        await navigator.clipboard.writeText(address);
        const days = own?.dataset.moving ? say("Address copied. Its days move on.") : say("Address copied. Its days stay fixed.");
        toast(own?.dataset.plain ? say("Address copied.") : days);
      } catch {
        window.prompt(say("The address of this view:"), address);
      }
    },
    retry: (button) => {
      const place = button.closest("[id*='\"type\":\"part\"'], [id*='\"type\":\"choices\"']");
      const { type, id } = JSON.parse(place?.id || "{}");
      if (type === "part") return ask(id);
      filled.delete(id);
      const menu = place?.closest("details");
      if (menu) fill(menu);
    },
    language: (button) => speak(button.dataset.language),
    leave: () => document.getElementById("leave")?.requestSubmit(),
    copy: (button) => navigator.clipboard?.writeText(button.dataset.text || ""),
  };

  // The server says everything in the new language: the page comes anew.
  async function speak(language) {
    const answer = await fetch("/language", { method: "POST", body: new URLSearchParams({ language }) });
    if (answer.ok) location.reload();
  }

  document.addEventListener("change", (event) => {
    if (event.target.matches?.("select[data-language]")) speak(event.target.value);
  });

  function setTheme(theme) {
    document.documentElement.dataset.bsTheme = theme;
    const secure = location.protocol === "https:" ? ";secure" : "";
    document.cookie = `theme=${theme};path=/;max-age=31536000;samesite=lax${secure}`;
    window.dash_clientside.set_props("theme", { data: theme });
  }

  // `back` undoes what the toast tells of, while it is there.
  function toast(text, tone, back) {
    const box = document.createElement("div");
    box.className = `toast-r ${tone ?? "good"}`.trim();
    // The room of toasts is a live one; what went wrong does not wait for its turn.
    if (tone === "bad") box.setAttribute("role", "alert");
    box.textContent = text;
    if (back) box.append(undoButton(box, back));
    document.getElementById("toasts")?.append(box);
    setTimeout(() => box.remove(), back ? UNDO_MS : 5000);
  }

  function undoButton(box, back) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-sm" });
    button.dataset.undo = "1";
    button.append(say("Undo"), " ", Object.assign(document.createElement("kbd"), { textContent: "Z" }));
    button.addEventListener("click", () => {
      box.remove();
      back();
    });
    return button;
  }

  function show(section, asTable) {
    section.dataset.view = asTable ? "table" : "chart";
    section.querySelectorAll("[data-act='table']").forEach((button) => {
      button.setAttribute("aria-pressed", String(asTable));
    });
    if (!asTable) window.dispatchEvent(new Event("resize"));
  }

  // ---- live ----

  // Parts are asked for together: every wish of one moment is one question.
  function ask(...ids) {
    ids.forEach((id) => wanted.set(id, (wanted.get(id) || 0) + 1));
    if (!state.asking) queueMicrotask(send);
    state.asking = true;
  }

  function send() {
    state.asking = false;
    window.dash_clientside.set_props("again", { data: Object.fromEntries(wanted) });
  }

  // What an answer left for later is asked for at once.
  function heard(reads, redraw) {
    lost.borne = SOON;
    fresh(reads);
    if (redraw && redraw.mark !== state.redrawn) {
      state.redrawn = redraw.mark;
      ask(...redraw.parts);
    } else if ((reads || []).some((read) => read?.left && read.here === state.here)) ask();
    return window.dash_clientside.no_update;
  }

  function placeOf(id) {
    return document.getElementById(JSON.stringify({ id: id, type: "part" }));
  }

  function busy(place) {
    return place.matches(":hover") || place.contains(document.activeElement);
  }

  // Values do not change under the pointer or the cursor: they wait until it leaves.
  function flush() {
    for (const id of state.waiting) {
      const place = placeOf(id);
      if (place && busy(place)) continue;
      state.waiting.delete(id);
      if (place) ask(id);
    }
  }

  function arrive(path, search, before) {
    const same = window.dash_clientside.no_update;
    const query = new URLSearchParams(search || "");
    PASSING.forEach((key) => query.delete(key));
    const unmoved = path === before && query.toString() === state.beneath;
    state.beneath = query.toString();
    if (unmoved) {
      const over = document.querySelector("[id*='.receipt\"'][id*='\"type\":\"part\"']");
      if (over) ask(JSON.parse(over.id).id);
      return [same, same];
    }
    if (path !== before) return [path, same];
    state.here = String(Number(state.here) + 1);
    old();
    return [same, state.here];
  }

  // A part that still shows the address before leads nowhere until it is drawn anew.
  function old() {
    document.querySelectorAll("#page [id*='\"type\":\"part\"']").forEach((place) => (place.dataset.old = state.here));
  }

  function fresh(reads) {
    Object.entries((reads || [])[0] || {}).forEach(([id, read]) => {
      const place = read?.here === state.here && placeOf(id);
      if (place) delete place.dataset.old;
    });
  }

  async function beat(count, reads) {
    const all = Object.entries((reads || [])[0] || {});
    const found = all.map(([, read]) => read).find((read) => read && read.tables && read.shop);
    const shop = found ? `?shop=${encodeURIComponent(found.shop)}` : "";
    let answer;
    state.looked = Date.now();
    try {
      answer = await fetch("/api/analytics/versions" + shop, { headers: { Accept: "application/json" } });
      if (!answer.ok) return window.dash_clientside.no_update;
    } catch {
      return window.dash_clientside.no_update;
    }
    const told = await answer.json();
    // While the warehouse does not answer, every version is the one that stands for none.
    const away = told.stale ? -1 : 0;
    const versions = { ...told.versions, findings: told.findings, away };
    if (away) Object.keys(versions).forEach((table) => (versions[table] = away));
    state.away = Boolean(away);
    if (!away) state.answered = Date.now();
    all.forEach(([id, read]) => {
      const old = Object.entries((read && read.tables) || {});
      if (old.some(([table, version]) => versions[table] !== version)) state.waiting.add(id);
    });
    if (state.waiting.size) {
      if (!away) news();
      filled.clear();
    }
    opened(told.open);
    flush();
    badge();
    return window.dash_clientside.no_update;
  }

  // How many alerts are open, behind the page's name.
  function opened(count) {
    if (count === undefined) return;
    document.querySelectorAll("[data-open]").forEach((place) => {
      const text = count ? amount(count) : "";
      if (place.textContent !== text) place.textContent = text;
    });
  }

  function news() {
    if (Date.now() - state.told < NEWS_SECONDS * 1000) return;
    state.told = Date.now();
    setTimeout(() => {
      const figure = document.querySelector("button.kpi");
      const room = document.getElementById("news");
      if (room && figure) room.textContent = `${say("Figures updated.")} ${figure.getAttribute("aria-label") || ""}`;
    }, 3000);
  }

  function ago(seconds) {
    if (seconds < 60) return say("{count} s ago", { count: seconds });
    const minutes = Math.floor(seconds / 60);
    if (minutes < 60) return say("{count} min ago", { count: minutes });
    return say("{count} h ago", { count: Math.floor(minutes / 60) });
  }

  function badge() {
    const updating = asking.count > 0 && Date.now() - asking.since >= QUIET_MS;
    document.querySelectorAll(".live").forEach((live) => {
      const text = live.querySelector("[data-live]") || live.lastElementChild;
      if (!text || text.tagName === "I") return;
      if (updating) {
        if (text.textContent !== say("Updating")) text.textContent = say("Updating");
        return;
      }
      if (!state.answered) {
        if (text.textContent === say("Updating")) text.textContent = "away" in live.dataset ? say("Not live") : say("Live");
        return;
      }
      const seconds = Math.max(0, Math.round((Date.now() - state.answered) / 1000));
      const stale = state.away || seconds > STALE_SECONDS;
      const clock = new Date(state.answered).toTimeString().slice(0, 5);
      const fresh = { clock, ago: ago(seconds) };
      const words = stale ? say("Last update {clock}, {ago}", fresh) : say("Live · updated {ago}", fresh);
      live.classList.toggle("stale", stale);
      if (text.textContent !== words) text.textContent = words;
    });
  }

  // An answer that was lost on its way is asked for again: soon, and while nothing comes, ever more seldom.
  function recover() {
    const waits = lost.page || document.querySelector("#page .loading, #page [data-old]");
    // Seconds are counted and not measured: a browser that is busy drawing is not waiting for anything.
    lost.seconds = waits && asking.since && !asking.count ? lost.seconds + 1 : 0;
    if (lost.seconds < lost.borne) return;
    Object.assign(lost, { seconds: 0, borne: Math.min(2 * lost.borne, SELDOM) });
    const props = window.dash_clientside.set_props;
    if (lost.page) return props("path", { data: location.pathname });
    // Two changes of one moment may have left Dash with the number before.
    props("here", { data: state.here });
    ask();
  }

  // Its pause is short: an open page must not be old for the rest of a pulse.
  function look() {
    const away = state.away || document.querySelector(".live[data-away]");
    if (!away || document.hidden || Date.now() - state.looked < AWAY_SECONDS * 1000) return;
    window.dash_clientside.set_props("pulse", { n_intervals: Date.now() });
  }

  setInterval(() => {
    flush();
    recover();
    look();
    badge();
  }, 1000);

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && state.answered) {
      window.dash_clientside.set_props("pulse", { n_intervals: Date.now() });
    }
  });

  // Signed out meanwhile: sign in, then come back here.
  const plainFetch = window.fetch.bind(window);
  window.fetch = async (...question) => {
    const brought = broughtAlong(...question);
    if (brought) return brought;
    const counted = draws(...question);
    const opens = counted && String(question[1]?.body || "").startsWith('{"output":"page.children"');
    if (counted) busier(1);
    if (opens) lost.page = true;
    try {
      const answer = await (asked(...question) || plainFetch(...question));
      if (opens && answer.ok) lost.page = false;
      if (answer.status === 401) {
        location.assign("/signin?next=" + encodeURIComponent(location.pathname + location.search));
        // The page is on its way out: whoever asked is not answered any more.
        return new Promise(() => {});
      }
      return answer;
    } finally {
      if (counted) busier(-1);
    }
  };

  // What Dash asks for first has come with the page.
  function broughtAlong(address) {
    const name = String(address?.url || address).split("/").pop();
    const found = name.startsWith("_dash-") && document.getElementById(name);
    if (!found) return null;
    found.remove();
    return new Response(found.textContent, { headers: { "Content-Type": "application/json" } });
  }

  // The page's first question was asked before Dash stood.
  function asked(address, options) {
    const first = window.royalFirst;
    if (!first || !draws(address, options) || JSON.parse(options.body).output !== JSON.parse(first.body).output) return null;
    delete window.royalFirst;
    if (meaning(first.body) !== meaning(options.body)) return null;
    return first.answer.catch(() => plainFetch(address, options));
  }

  // Dash writes the same question with its words in another order.
  function meaning(body) {
    const { output, inputs, state } = JSON.parse(body);
    const rows = [...inputs, ...state].flat().map(({ id, property, value }) => [id, property, value ?? null]);
    return JSON.stringify([output, rows.map((row) => JSON.stringify(row, ordered)).sort()]);
  }

  const ordered = (key, value) =>
    value && typeof value === "object" && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).sort()) : value;

  // A part of the page being drawn; what a menu asks is the menu's own business.
  function draws(address, options) {
    const asked = String(address?.url || address);
    return asked.includes("_dash-update-component") && !String(options?.body || "").slice(0, 120).includes("choices");
  }

  function busier(by) {
    if (!asking.count) asking.since = Date.now();
    asking.count += by;
    // While the server draws, the browser makes its chart library ready.
    if (by > 0 && document.querySelector("link[as='script']")) window.royal_markup.plotly().catch(() => null);
    if (by > 0) setTimeout(badge, QUIET_MS + 10);
    else if (!asking.count) badge();
  }

  // ---- after every drawing ----

  let planned = 0;
  function dress() {
    planned = 0;
    badge();
    dressNavigation();
    keepMenu();
    const title = document.querySelector(".head h1")?.textContent;
    if (title) document.title = `${title} · Royal Analytics`;
    const shop = document.querySelector(".head.home h1, .head:not(.home) .sub > span:not(.live)")?.textContent;
    const top = document.getElementById("top-name");
    if (shop && top && top.textContent !== shop) top.textContent = shop;
    document.querySelectorAll(".section").forEach((section) => {
      if (section.dataset.all !== String(state.tables)) {
        section.dataset.all = String(state.tables);
        if (state.tables || section.dataset.view) show(section, state.tables);
      }
    });
    window.royal.dressed.forEach((look) => look());
  }

  function start() {
    new MutationObserver(() => {
      planned = planned || requestAnimationFrame(dress);
    }).observe(document.body, { childList: true, subtree: true });
    dress();
  }

  // A menu of choices is asked anew, whatever it was filled for.
  function refill(menu) {
    filled.clear();
    if (menu?.open) fill(menu);
  }

  window.royal = { go, change, passing: PASSING, carried, ask, toast, shut, refill, say, amount, language, opened, acts: ACTS, dressed: [] };
  window.dash_clientside = Object.assign({}, window.dash_clientside, { royal: { beat, arrive, heard } });
  if (document.body) start();
  else document.addEventListener("DOMContentLoaded", start);
})();
