// Charts over time choose days: a drag across one selects its range, a click on one of Explore narrows to its bucket.
// Only with a mouse: a finger that moves over a chart scrolls the page.
(function () {
  "use strict";

  const STEADY = 5;
  const { language } = window.royal;
  const SHORT = new Intl.DateTimeFormat(language, { month: "short", timeZone: "UTC" });
  const DAY = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", timeZone: "UTC" });
  let drag = null;

  function chartAt(event) {
    const plot = event.target.closest?.(".js-plotly-plot");
    const axis = plot?._fullLayout?.xaxis;
    if (!axis || axis.type !== "date") return null;
    const area = event.target.closest(".svg-container")?.getBoundingClientRect();
    const size = plot._fullLayout._size;
    if (!area || event.clientX < area.left + size.l || event.clientX > area.left + size.l + size.w) return null;
    const days = daysOf(plot);
    return days.length > 1 && days[0] !== days.at(-1) ? { plot, axis, days } : null;
  }

  // The first day of every bucket, of the line that shows this period.
  function daysOf(plot) {
    const line = plot.data.find((trace) => trace.meta?.role === "now") || plot.data[0];
    return Array.from(line?.x || [], (moment) => String(moment).slice(0, 10));
  }

  function nearest(chart, clientX) {
    const box = chart.plot.querySelector(".svg-container").getBoundingClientRect();
    const { l, w } = chart.plot._fullLayout._size;
    const moment = chart.axis.p2c(Math.max(0, Math.min(w, clientX - box.left - l)));
    const away = chart.days.map((day) => Math.abs(Date.parse(`${day}T00:00Z`) - moment));
    return away.indexOf(Math.min(...away));
  }

  // Both days included. Buckets at the edges may reach beyond the period: the period holds.
  function spanOf(chart, one, other) {
    const [first, last] = one < other ? [one, other] : [other, one];
    const period = document.getElementById("calendar")?.dataset;
    const day = chart.days[last];
    const next = chart.days.find((later) => later > day);
    const start = period && chart.days[first] < period.start ? period.start : chart.days[first];
    return { start, end: next ? before(next) : period && period.end > day ? period.end : day };
  }

  function before(day) {
    const moment = new Date(`${day}T00:00Z`);
    moment.setUTCDate(moment.getUTCDate() - 1);
    return moment.toISOString().slice(0, 10);
  }

  function said(day) {
    const moment = Date.parse(day);
    // All English has the day before the month, as on the server.
    return language.startsWith("en") ? `${Number(day.slice(8))} ${SHORT.format(moment)}` : DAY.format(moment);
  }

  function narrow({ start, end }) {
    const period = document.getElementById("calendar")?.dataset;
    if (start === period?.start && end === period?.end) return;
    window.royal.change({ period: "", from: start, to: end, grain: "" });
  }

  function mark() {
    const { plot, axis, days } = drag.chart;
    const { l, t, h } = plot._fullLayout._size;
    const [left, right] = [drag.from, drag.to].sort((a, b) => a - b).map((at) => axis.d2p(days[at]) + l);
    const span = spanOf(drag.chart, drag.from, drag.to);
    const box = drag.box;
    box.textContent = span.start === span.end ? said(span.start) : `${said(span.start)} – ${said(span.end)}`;
    Object.assign(box.style, { left: `${left}px`, width: `${right - left}px`, top: `${t}px`, height: `${h}px` });
    if (box.isConnected) return;
    plot.querySelector(".svg-container").append(box);
    plot.classList.add("picking");
  }

  function stop() {
    drag?.box.remove();
    drag?.chart.plot.classList.remove("picking");
    drag = null;
  }

  document.addEventListener(
    "pointerdown",
    (event) => {
      stop();
      const plain = event.pointerType === "mouse" && !event.button && !event.ctrlKey && !event.metaKey;
      const chart = plain && chartAt(event);
      if (!chart) return;
      const at = nearest(chart, event.clientX);
      const box = Object.assign(document.createElement("div"), { className: "span-pick" });
      drag = { chart, box, from: at, to: at, x: event.clientX, moved: false };
    },
    true,
  );

  document.addEventListener(
    "pointermove",
    (event) => {
      if (!drag) return;
      if (!drag.chart.plot.isConnected) return stop();
      drag.moved = drag.moved || Math.abs(event.clientX - drag.x) > STEADY;
      if (!drag.moved) return;
      drag.to = nearest(drag.chart, event.clientX);
      mark();
    },
    true,
  );

  document.addEventListener(
    "pointerup",
    () => {
      if (!drag) return;
      const { chart, from, to, moved } = drag;
      stop();
      if (chart.plot.isConnected && (moved || location.pathname === "/explore")) narrow(spanOf(chart, from, to));
    },
    true,
  );

  document.addEventListener("pointercancel", stop, true);
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape" || !drag) return;
      event.stopPropagation();
      stop();
    },
    true,
  );
})();
