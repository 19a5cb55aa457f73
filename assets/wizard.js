// A file looked at before it is imported: what it seems to be, which of its columns is which, and how its first rows would land.
(function () {
  "use strict";

  const ADDRESS = "/api/analytics/imports/preview";
  const OWN = "own";
  const HEAD = 512 * 1024; // the beginning of a text file is enough
  const WHOLE = 64 * 1024 * 1024; // other files are sent whole, up to this
  const PAUSE_MS = 300;
  const seen = { told: null, mapping: null, chosen: false, turn: null, timer: 0 };

  const { say } = window.royal;

  function make(tag, className, ...content) {
    const element = document.createElement(tag);
    if (className) element.className = className;
    element.append(...content.filter((part) => part !== null && part !== undefined));
    return element;
  }

  const formOf = (element) => element.closest?.("form[data-upload]");
  const roomOf = (form) => form.querySelector("[data-wizard]");
  const isText = (file) => /\.csv$/i.test(file.name);

  // ---- asking ----

  function forget(form) {
    seen.turn?.abort();
    Object.assign(seen, { told: null, mapping: null, turn: null });
    roomOf(form).hidden = true;
    roomOf(form).replaceChildren();
  }

  async function look(form) {
    const file = form.elements.file.files[0];
    seen.turn?.abort();
    if (!file || (!isText(file) && file.size > WHOLE)) return forget(form);
    const turn = (seen.turn = new AbortController());
    try {
      const answer = await fetch(ADDRESS, { method: "POST", body: asked(form, file), signal: turn.signal });
      const told = await answer.json();
      if (seen.turn === turn) shown(form, answer.ok ? told : { problem: told.error });
    } catch {
      // A look that was overtaken, or a server that is away: the import says what is wrong.
    }
  }

  function asked(form, file) {
    const data = new FormData();
    const cut = isText(file) && file.size > HEAD;
    data.append("file", cut ? file.slice(0, HEAD) : file, file.name);
    if (cut) data.append("part", "1");
    for (const name of ["shop", "currency", "timezone"]) data.append(name, form.elements[name].value);
    if (seen.chosen) data.append("format", form.elements.format.value);
    if (seen.mapping) data.append("mapping", JSON.stringify(seen.mapping));
    return data;
  }

  function soon(form) {
    clearTimeout(seen.timer);
    seen.timer = setTimeout(() => look(form), PAUSE_MS);
  }

  // ---- showing ----

  function shown(form, told) {
    seen.told = told;
    if (told.own && !seen.mapping) seen.mapping = told.content;
    if (!seen.chosen && told.guess) choose(form, told.guess.format);
    const room = roomOf(form);
    const focused = document.activeElement?.id;
    room.className = "looks";
    room.hidden = false;
    room.replaceChildren(...(told.own ? own(told) : known(told)));
    // Drawn anew while somebody goes through the fields with the keyboard.
    if (focused) document.getElementById(focused)?.focus();
  }

  function choose(form, format) {
    const select = form.elements.format;
    if (select.value === format) return;
    select.value = format;
    select.dispatchEvent(new CustomEvent("change", { bubbles: true, detail: "guessed" }));
  }

  function note(kind, words) {
    const box = make("div", `note ${kind}`, make("span", "", words));
    box.setAttribute("role", kind === "bad" ? "alert" : "status");
    return box;
  }

  const trouble = (told) => (told.problem ? [note("bad", `${told.problem.message} ${told.problem.hint || ""}`.trim())] : []);

  function known(told) {
    if (!told.guess) return trouble(told);
    const words = told.guess.label ? say("This looks like: {format}.", { format: told.guess.label }) : say("The columns of this file are those of no format.");
    return [note(told.problem || !told.guess.label ? "near" : "good", words), ...trouble(told), folded(told)].filter(Boolean);
  }

  function folded(told) {
    if (!told.preview) return null;
    const fold = make("details", "", make("summary", "", say("First rows, as they would land")), ...rows(told));
    fold.open = true;
    return fold;
  }

  // Without these no order can be told; before they are named there is nothing else to complain of.
  const lacking = () => ["order_id", "placed_at"].some((field) => !seen.mapping.columns[field]);

  function own(told) {
    const sure = !lacking();
    const words = sure ? say("Orders with columns of your own. Check what each column is.") : say("Say which column is the order's number and which its date.");
    return [
      note(sure ? "good" : "near", words),
      make("p", "", told.guess.evidence.join(" ")),
      make("div", "", make("h3", "", say("Columns")), make("div", "matching", ...told.guess.columns.map((column, at) => matching(column, at, told)))),
      written(),
      ...(sure ? trouble(told) : []),
      ...(told.preview ? [make("div", "", make("h3", "", say("First rows, as they would land")), ...rows(told))] : []),
      keep(told),
    ].filter(Boolean);
  }

  function matching(column, at, told) {
    const chosen = Object.keys(seen.mapping.columns).find((field) => seen.mapping.columns[field] === column.name) || "";
    const select = selecting(`look-${at}`, [["", say("Not used")], ...told.fields.map((field) => [field.name, field.label])], chosen);
    select.dataset.column = column.name;
    const name = labelled(column.name, select);
    name.className = "name";
    const unsure = chosen === column.field && chosen && column.confidence < 0.7;
    const values = make("div", "values", make("div", "", column.examples.join(" · ")), unsure ? make("div", "", column.why) : null);
    values.id = `look-${at}-values`;
    select.setAttribute("aria-describedby", values.id);
    return make("div", unsure ? "unsure" : "", name, values, select);
  }

  function selecting(id, options, chosen) {
    const select = make("select", "form-select");
    select.id = id;
    for (const [value, label] of options) select.add(new Option(label, value, false, value === chosen));
    return select;
  }

  function written() {
    const days = selecting("look-dates", [["iso", "2026-12-24"], ["dmy", "24.12.2026"], ["mdy", "12/24/2026"]], seen.mapping.dates || "iso");
    days.dataset.setting = "dates";
    const comma = selecting("look-comma", [["", "1,234.50"], ["1", "1.234,50"]], seen.mapping.decimal_comma ? "1" : "");
    comma.dataset.setting = "decimal_comma";
    return make("div", "written",
      make("div", "", labelled(say("Days are written"), days), days),
      make("div", "", labelled(say("Numbers are written"), comma), comma),
      tick("look-tax", "prices_include_tax", say("Prices contain the tax"), Boolean(seen.mapping.prices_include_tax), !seen.mapping.columns.tax),
      tick("look-once", "per_order", say("Shipping stands on each line, and counts once an order"), Boolean(seen.mapping.per_order?.includes("shipping")), !seen.mapping.columns.shipping),
    );
  }

  function labelled(words, field) {
    const label = make("label", "fl", words);
    label.htmlFor = field.id;
    return label;
  }

  function tick(id, setting, words, on, idle) {
    if (idle) return null;
    const box = make("input", "");
    Object.assign(box, { type: "checkbox", id, checked: on });
    box.dataset.setting = setting;
    return make("label", "tick", box, words);
  }

  function rows(told) {
    const preview = told.preview;
    const sides = preview.columns.map((_, at) => (preview.rows.every((row) => /^-?[\d.]*$/.test(row[at])) && preview.rows.some((row) => row[at]) ? "n" : ""));
    const body = preview.rows.map((row) => make("tr", "", ...row.map((cell, at) => make("td", sides[at], cell))));
    const heads = preview.columns.map((name, at) => make("th", sides[at], name));
    const table = make("table", "dt", make("thead", "", make("tr", "", ...heads)), make("tbody", "", ...body));
    const sideways = make("div", "sideways", table);
    sideways.tabIndex = 0;
    sideways.setAttribute("role", "region");
    sideways.setAttribute("aria-label", say("First rows, as they would land"));
    return [sideways, ...refused(preview), ...preview.warnings.map((text) => make("p", "foot", text))];
  }

  function refused(preview) {
    const total = Object.values(preview.reasons || {}).reduce((sum, count) => sum + count, 0);
    if (!total) return [];
    const words = preview.whole
      ? say("{count} of {lines} lines would be rejected.", { count: total, lines: preview.lines })
      : say("{count} of the first {lines} lines would be rejected.", { count: total, lines: preview.lines });
    const lines = preview.rejected.map((one) => make("p", "foot", say("Line {line}: {reason}", { line: one.line, reason: one.reason })));
    return [note("near", words), ...lines];
  }

  function keep(told) {
    if (!told.mapping) return null;
    const link = make("a", "", say("Keep this as a mapping file (TOML)"));
    link.href = URL.createObjectURL(new Blob([told.mapping], { type: "application/toml" }));
    link.download = "mapping.toml";
    return make("p", "foot", link);
  }

  // ---- correcting ----

  function correct(field) {
    const mapping = seen.mapping;
    if (field.dataset.column) {
      for (const name of Object.keys(mapping.columns)) if (mapping.columns[name] === field.dataset.column) delete mapping.columns[name];
      if (field.value) mapping.columns[field.value] = field.dataset.column;
      if (field.value === "amount") delete mapping.columns.unit_price;
      if (field.value === "unit_price") delete mapping.columns.amount;
      consistent(mapping);
    } else if (field.dataset.setting === "per_order") {
      mapping.per_order = field.checked ? ["shipping"] : [];
    } else {
      mapping[field.dataset.setting] = field.type === "checkbox" ? field.checked : field.dataset.setting === "dates" ? field.value : Boolean(field.value);
    }
  }

  // What a mapping may say only of columns that it names.
  function consistent(mapping) {
    if (!mapping.columns.tax) delete mapping.prices_include_tax;
    if (!mapping.columns.shipping) delete mapping.per_order;
    if (!mapping.columns.type) delete mapping.types;
  }

  document.addEventListener("change", (event) => {
    const form = formOf(event.target);
    if (!form || event.detail === "guessed") return;
    if (event.target.name === "file") {
      seen.chosen = false;
      form.elements.format.value = "";
      form.elements.format.dispatchEvent(new CustomEvent("change", { bubbles: true, detail: "guessed" }));
      forget(form);
      look(form);
    } else if (event.target.name === "format") {
      seen.chosen = Boolean(event.target.value);
      seen.mapping = null;
      soon(form);
    } else if (event.target.matches("[data-column], [data-setting]")) {
      correct(event.target);
      soon(form);
    } else if (seen.told && ["shop", "currency", "timezone"].includes(event.target.name)) {
      soon(form);
    }
  });

  for (const kind of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(kind, (event) => {
      const place = event.target.closest?.("form[data-upload] .drop");
      if (!place) return;
      event.preventDefault();
      place.classList.toggle("over", kind === "dragover");
      const input = place.querySelector("input");
      if (kind !== "drop" || !event.dataTransfer.files.length) return;
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }

  // The form as it is sent: columns of one's own travel as the mapping that was looked at.
  window.royal.asSent = (form) => {
    const data = new FormData(form);
    if (data.get("format") !== OWN || !seen.told?.mapping) return data;
    data.delete("format");
    data.append("mapping", new File([seen.told.mapping], "mapping.toml"));
    return data;
  };
})();
