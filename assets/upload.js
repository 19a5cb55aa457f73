// Bringing a file: the form, the bytes on their way, the import as it goes, what became of it. It survives page changes.
(function () {
  "use strict";

  const ADDRESS = "/api/analytics/imports";
  const POLL_MS = 700;
  const SHARED = "*"; // whose rows exchange rates are: no shop's
  const job = { id: "", told: null, sent: 0, error: null };

  const { say, amount: number } = window.royal;

  const sentence = (name) => name[0].toUpperCase() + name.slice(1).replaceAll("_", " ");

  function make(tag, className, ...content) {
    const element = document.createElement(tag);
    if (className) element.className = className;
    element.append(...content.filter((part) => part !== null && part !== undefined));
    return element;
  }

  function send(form) {
    const request = new XMLHttpRequest();
    Object.assign(job, { id: "", told: null, sent: 0, error: null });
    request.open("POST", `${ADDRESS}?watch=later`);
    request.responseType = "json";
    request.upload.onprogress = (event) => {
      job.sent = event.lengthComputable ? event.loaded / event.total : 0;
      draw();
    };
    request.onerror = () => fail({ message: say("The connection broke off before the file was here."), hint: say("Send it again.") });
    request.onload = () => {
      const told = request.response || {};
      if (request.status !== 202) return fail(told.error || { message: say("The file was not taken.") });
      job.id = told.id;
      follow();
    };
    request.send(window.royal.asSent(form));
    job.sent = 0.001;
    draw();
  }

  async function follow() {
    try {
      const answer = await fetch(`${ADDRESS}/${job.id}`);
      const told = await answer.json();
      if (!answer.ok) return fail(told.error);
      job.told = told;
    } catch {
      // The server is away for a moment; the import does not depend on us.
    }
    draw();
    const state = job.told?.state;
    if (state === "done") return done();
    if (state === "failed") return fail(job.told.error);
    setTimeout(follow, POLL_MS);
  }

  function done() {
    job.sent = 0;
    window.royal.toast(say("{file} is imported.", { file: job.told.file }));
    if (location.pathname === "/sources") window.royal.ask("sources.shops");
  }

  function fail(error) {
    job.error = error || { message: say("The import did not work.") };
    job.sent = 0;
    draw();
    if (location.pathname !== "/sources") window.royal.toast(job.error.message, "bad");
  }

  // ---- what is shown ----

  function draw() {
    const room = document.querySelector("[data-upload-news]");
    if (!room) return;
    const button = document.querySelector("form[data-upload] button");
    const state = job.told?.state;
    if (button) button.disabled = !job.error && state !== "done" && (job.sent > 0 || Boolean(job.id));
    room.style.marginTop = "20px";
    room.replaceChildren(...content(state));
  }

  function content(state) {
    if (job.error) return [note("bad", `${job.error.message} ${job.error.hint || ""}`)];
    if (state === "done") return summary(job.told);
    if (job.id) return [bar(stepWords(job.told), share(job.told))];
    return job.sent ? [bar(say("Sending, {share}%", { share: Math.floor(job.sent * 100) }), job.sent)] : [];
  }

  function stepWords(told) {
    const step = told?.progress;
    if (!step) return told?.state === "waiting" ? say("Waiting for another import") : say("Starting");
    const words = [sentence(step.step)];
    if (step.done) words.push(say("{share}%", { share: Math.floor(share(told) * 100) }));
    if (step.rows_per_second) words.push(say("{count} rows/s", { count: number(step.rows_per_second) }));
    return words.join(", ");
  }

  function share(told) {
    const step = told?.progress;
    return step?.total ? Math.min(1, step.done / step.total) : 0;
  }

  function bar(words, part) {
    const fill = make("i");
    fill.style.width = `${(part * 100).toFixed(1)}%`;
    const track = make("div", "progress-bar", fill);
    track.setAttribute("role", "progressbar");
    track.setAttribute("aria-valuenow", String(Math.round(part * 100)));
    track.setAttribute("aria-label", words);
    return make("div", "", make("p", "small", words), track);
  }

  function note(kind, words) {
    const box = make("div", `note ${kind}`, make("span", "", words));
    box.setAttribute("role", kind === "bad" ? "alert" : "status");
    return box;
  }

  function summary(told) {
    const result = told.summary;
    const rates = result.shop.shop_id === SHARED;
    const counts = { lines: number(result.lines), orders: number(result.orders), rejected: number(result.rejected) };
    const read = rates || !result.orders
      ? say("{lines} lines read, {rejected} rejected.", counts)
      : say("{lines} lines read, {orders} orders, {rejected} rejected.", counts);
    const words = result.already ? say("{file} was here already: nothing changed.", { file: told.file }) : read;
    const open = make("a", "btn btn-line", say("Open the shop"));
    open.href = `/?shop=${encodeURIComponent(result.shop.shop_id)}`;
    const acts = make("div", "act", rates ? null : open);
    if (result.rejected) {
      const file = make("a", "btn btn-line", say("Rejected rows (CSV)"));
      file.href = `${ADDRESS}/${told.id}/rejected.csv`;
      file.download = "";
      acts.append(file);
    }
    acts.style.cssText = "display:flex;gap:8px;margin:12px 0";
    const moved = result.already || result.orders ? null : make("p", "foot", changes(result));
    return [note(result.rejected ? "near" : "good", words), moved, ...(result.warnings || []).map((text) => note("near", text)), acts, ...tables(result)].filter(Boolean);
  }

  function changes(result) {
    const sum = (counts) => Object.values(counts || {}).reduce((total, count) => total + count, 0);
    const counts = { added: number(sum(result.inserted)), changed: number(sum(result.replaced)), removed: number(sum(result.removed)), same: number(sum(result.unchanged)) };
    return say("{added} rows added, {changed} changed, {removed} removed, {same} as before.", counts);
  }

  function tables(result) {
    const kinds = Object.entries(result.kinds).map(([kind, [rows, amount]]) => [
      sentence(kind),
      number(rows),
      number(amount, { minimumFractionDigits: 2, maximumFractionDigits: 2 }).replace("-", "\u2212"),
    ]);
    const reasons = Object.entries(result.reasons).map(([reason, rows]) => [reason, number(rows)]);
    return [
      kinds.length ? table([say("Kind of row"), say("Rows"), result.shop.currency], kinds) : null,
      reasons.length ? table([say("Rejected because"), say("Rows")], reasons) : null,
    ].filter(Boolean);
  }

  function table(heads, rows) {
    const cell = (tag) => (words, at) => make(tag, at ? "n" : "", String(words));
    const body = rows.map((row) => make("tr", "", ...row.map(cell("td"))));
    const box = make("table", "dt", make("thead", "", make("tr", "", ...heads.map(cell("th")))), make("tbody", "", ...body));
    box.style.cssText = "max-width:560px;margin-top:16px";
    return box;
  }

  async function fetchForm(place) {
    place.dataset.fetched = "1";
    const answer = await fetch(place.dataset.fragment);
    if (answer.ok) place.innerHTML = await answer.text();
    draw();
  }

  document.addEventListener("submit", (event) => {
    if (!event.target.matches?.("form[data-upload]")) return;
    event.preventDefault();
    send(event.target);
  });

  // Exchange rates are no shop's: what only a shop needs is neither asked nor sent.
  document.addEventListener("change", (event) => {
    if (!event.target.matches?.("form[data-upload] select[name=format]")) return;
    const shared = "shared" in event.target.selectedOptions[0].dataset;
    event.target.form.querySelectorAll("[data-own]").forEach((part) => {
      part.hidden = shared;
      part.querySelectorAll("input, select").forEach((field) => (field.disabled = shared));
    });
  });

  window.royal.dressed.push(() => {
    document.querySelectorAll("[data-fragment]:not([data-fetched])").forEach(fetchForm);
  });
})();
