// The calendar of the date range: two months, two clicks, Apply. Days are plain text dates, never moments.
(function () {
  "use strict";

  const { say, language } = window.royal;
  const named = (options) => new Intl.DateTimeFormat(language, { timeZone: "UTC", ...options });
  // The first of January 2024 was a Monday.
  const WEEK = [1, 2, 3, 4, 5, 6, 7].map((day) => named({ weekday: "short" }).format(Date.UTC(2024, 0, day)).slice(0, 2));
  const MONTH = named({ month: "long", year: "numeric" });
  // All English has the day before the month, as on the server.
  const DAY = new Intl.DateTimeFormat(language.startsWith("en") ? "en-GB" : language, { dateStyle: "long", timeZone: "UTC" });
  const pick = { start: "", end: "", month: "", over: "" };

  const pad = (number) => String(number).padStart(2, "0");
  const text = (year, month, day) => `${year}-${pad(month)}-${pad(day)}`;

  function shifted(month, by) {
    const [year, number] = month.split("-").map(Number);
    const count = year * 12 + number - 1 + by;
    return `${Math.floor(count / 12)}-${pad((count % 12) + 1)}`;
  }

  function room() {
    return document.getElementById("calendar");
  }

  function reset() {
    const data = room()?.dataset;
    if (!data) return;
    pick.start = data.start;
    pick.end = data.end;
    pick.month = shifted(data.end.slice(0, 7), -1);
    draw();
  }

  function draw() {
    const place = room();
    if (!place) return;
    const months = [pick.month, shifted(pick.month, 1)];
    place.replaceChildren(...months.map((month, at) => monthOf(month, at, place.dataset)));
    const apply = document.querySelector(".dp [data-act='apply']");
    if (apply) apply.disabled = !pick.end;
  }

  function monthOf(month, at, data) {
    const [year, number] = month.split("-").map(Number);
    const box = make("div", "mo");
    const head = make("div");
    head.append(
      at === 0 ? arrow(-1, say("Earlier")) : make("span"),
      make("b", "", MONTH.format(Date.UTC(year, number - 1, 1))),
      at === 1 ? arrow(1, say("Later")) : make("span"),
    );
    const grid = make("div", "g");
    WEEK.forEach((name) => grid.append(make("span", "w", name)));
    const first = new Date(Date.UTC(year, number - 1, 1));
    for (let blank = (first.getUTCDay() + 6) % 7; blank > 0; blank--) grid.append(make("span"));
    const days = new Date(Date.UTC(year, number, 0)).getUTCDate();
    for (let day = 1; day <= days; day++) grid.append(dayOf(text(year, number, day), day, data));
    box.append(head, grid);
    return box;
  }

  function dayOf(date, day, data) {
    const button = make("button", look(date, data), String(day));
    button.type = "button";
    button.dataset.day = date;
    button.setAttribute("aria-label", DAY.format(Date.parse(date)));
    if (date > data.today) button.disabled = true;
    return button;
  }

  function look(date, data) {
    const names = [];
    if (date === pick.start) names.push("a");
    if (date === (pick.end || pick.start)) names.push("b");
    if (pick.end && date > pick.start && date < pick.end) names.push("in");
    const same = pick.start === data.start && pick.end === data.end;
    if (same && data.was && date >= data.was && date <= data.until) names.push("c");
    return names.join(" ");
  }

  function arrow(by, label) {
    const button = make("button", "btn btn-ico btn-sm", by < 0 ? "‹" : "›");
    button.type = "button";
    button.dataset.month = String(by);
    button.setAttribute("aria-label", label);
    return button;
  }

  function make(tag, className, words) {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (words) element.textContent = words;
    return element;
  }

  function choose(date) {
    if (!pick.end && date >= pick.start) pick.end = date;
    else Object.assign(pick, { start: date, end: "" });
    draw();
    room().querySelector(`[data-day="${date}"]`)?.focus();
  }

  function walk(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[event.key];
    const here = event.target.dataset?.day;
    if (!by || !here) return;
    event.preventDefault();
    event.stopPropagation();
    const moment = new Date(`${here}T00:00:00Z`);
    moment.setUTCDate(moment.getUTCDate() + by);
    const to = moment.toISOString().slice(0, 10);
    if (to.slice(0, 7) < pick.month) pick.month = to.slice(0, 7);
    if (to.slice(0, 7) > shifted(pick.month, 1)) pick.month = shifted(to.slice(0, 7), -1);
    draw();
    room().querySelector(`[data-day="${to}"]:not(:disabled)`)?.focus();
  }

  document.addEventListener(
    "click",
    (event) => {
      const place = room();
      if (!place?.contains(event.target)) return;
      // Drawing anew takes the button out of the page: the menu would think the click was outside.
      event.stopPropagation();
      const button = event.target.closest("button");
      if (button?.dataset.day) choose(button.dataset.day);
      if (button?.dataset.month) {
        pick.month = shifted(pick.month, Number(button.dataset.month));
        draw();
      }
    },
    true,
  );
  document.addEventListener("keydown", (event) => room()?.contains(event.target) && walk(event), true);
  document.addEventListener(
    "toggle",
    (event) => event.target.open && event.target.contains?.(room()) && reset(),
    true,
  );

  Object.assign(window.royal.acts, {
    apply: () => window.royal.change({ period: "", from: pick.start, to: pick.end }),
    cancel: (button) => window.royal.shut(button.closest("details")),
  });
})();
