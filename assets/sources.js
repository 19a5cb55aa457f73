// Connections: the form that makes one, what is done with one, and the list while one is at work.
(function () {
  "use strict";

  const ADDRESS = "/api/analytics/sources";
  const FORM = "/sources/connect";
  const PART = "sources.connections";
  const { say, toast, ask, dressed, send, sure } = window.royal;

  const room = () => document.querySelector("[data-connect]");

  async function open(query) {
    const place = room();
    const answer = await fetch(`${FORM}?${new URLSearchParams(query)}`).catch(() => null);
    if (!place) return;
    if (!answer?.ok) {
      place.textContent = say("The form could not be loaded. Load the page again.");
      return;
    }
    place.innerHTML = await answer.text();
    place.dataset.shown = "1";
    fit(place);
    if (!query.kind && !query.id) return;
    place.querySelector("input")?.focus({ preventScroll: true });
    place.closest("section")?.scrollIntoView({ block: "nearest" });
  }

  // Whoever leaves the form goes on where he came from.
  async function back(id, kind) {
    await open({});
    const own = id && `[data-source="${CSS.escape(id)}"] summary`;
    (document.querySelector(own || `.kind[data-kind="${CSS.escape(kind)}"]`) || room()?.querySelector(".kind"))?.focus();
  }

  // Only what the chosen service needs is asked.
  function fit(place) {
    const chosen = place.querySelector("select[data-decides]")?.value;
    place.querySelectorAll("[data-when]").forEach((field) => {
      field.hidden = !field.dataset.when.split(" ").includes(chosen);
    });
    place.querySelectorAll("[data-unless]").forEach((field) => {
      field.hidden = field.dataset.unless.split(" ").includes(chosen);
    });
  }

  document.addEventListener("change", (event) => {
    if (event.target.matches?.("select[data-decides]")) fit(event.target.closest("form"));
  });

  function told(form, kind, ...content) {
    const box = Object.assign(document.createElement("div"), { className: `note ${kind}` });
    box.append(...content);
    form.querySelector(".connect-said").replaceChildren(box);
  }

  function words(form) {
    const body = new FormData(form);
    body.set("kind", form.dataset.kind);
    if (form.dataset.id) body.set("id", form.dataset.id);
    return new URLSearchParams(body);
  }

  const element = (tag, ...content) => {
    const made = document.createElement(tag);
    made.append(...content);
    return made;
  };

  function tried(form, found) {
    const facts = element("dl");
    found.facts.forEach(({ label, value }) => facts.append(element("dt", label), element("dd", value)));
    const place = form.querySelector(".connect-said");
    told(form, "good", element("span", say("It answers.")));
    place.append(...(found.facts.length ? [facts] : []));
    found.notes.forEach((text) => {
      const box = element("div", element("span", text));
      box.className = "note near";
      place.append(box);
    });
    if (found.columns.length) place.append(table(found));
  }

  function table(found) {
    const head = element("thead", element("tr", ...found.columns.map((name) => element("th", name))));
    const body = element("tbody", ...found.rows.map((row) => element("tr", ...row.map((text) => element("td", text)))));
    const made = element("table", head, body);
    made.className = "dt";
    const box = element("div", made);
    Object.assign(box, { className: "scroll-x", tabIndex: 0 });
    return box;
  }

  // One question at a time: the buttons of a form wait for its answer.
  async function during(form, deed) {
    const buttons = [...form.querySelectorAll("button")];
    buttons.forEach((button) => (button.disabled = true));
    told(form, "", element("span", say("Asking the source…")));
    try {
      await deed();
    } catch (failure) {
      told(form, "bad", element("span", failure.message));
    } finally {
      buttons.forEach((button) => (button.disabled = false));
    }
  }

  const FORMS = {
    kind: ({ button }) => open({ kind: button.dataset.kind }),
    back: ({ form }) => back(form.dataset.id || form.dataset.source, form.dataset.kind),
    edit: ({ id }) => open({ id }),
    days: ({ id }) => open({ id, days: 1 }),
    try: ({ form }) =>
      form.reportValidity() && during(form, async () => tried(form, await send(`${ADDRESS}/try`, words(form)))),
  };

  async function begin(id, deed, text, body) {
    await send(`${ADDRESS}/${id}/${deed}`, body);
    toast(text, "good");
    ask(PART);
  }

  const DEEDS = {
    sync: ({ id, name }) => begin(id, "sync", say("{name} is being synced.", { name })),
    pause: ({ id, name }) => begin(id, "pause", say("{name} is paused.", { name })),
    resume: ({ id, name }) => begin(id, "resume", say("{name} is synced again from now on.", { name })),
    async replay({ id }) {
      const done = await send(`${ADDRESS}/${id}/replay`);
      toast(done.message, done.left ? "near" : "good");
      ask(PART);
    },
    async remove({ id, name, button }) {
      if (!sure(button, say("Really remove it? Its rows stay."))) return;
      await send(`${ADDRESS}/${id}`, null, "DELETE");
      toast(say("{name} is removed. What it brought is still here.", { name }), "good");
      ask(PART);
    },
  };

  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("button[data-source-act]");
    if (!button) return;
    const box = button.closest("[data-source]");
    const asked = { button, box, id: box?.dataset.source, name: box?.dataset.name, form: button.closest("form") };
    const deed = FORMS[button.dataset.sourceAct] || DEEDS[button.dataset.sourceAct];
    try {
      await deed(asked);
      if (button.dataset.sure !== "1") button.closest("details")?.removeAttribute("open");
    } catch (failure) {
      toast(failure.message, "bad");
    }
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches?.("form[data-days-form]")) {
      event.preventDefault();
      const { source, name } = form.dataset;
      const body = new URLSearchParams(new FormData(form));
      during(form, async () => {
        await begin(source, "backfill", say("{name} is asked for these days again.", { name }), body);
        open({});
      });
    }
    if (!form.matches?.("form[data-source-form]")) return;
    event.preventDefault();
    during(form, async () => {
      const made = await send(form.dataset.id ? `${ADDRESS}/${form.dataset.id}` : ADDRESS, words(form));
      toast(form.dataset.id ? say("{name} is saved.", { name: made.name }) : say("{name} is connected.", { name: made.name }), "good");
      ask(PART);
      open({});
    });
  });

  let atWork = false;

  function dress() {
    const place = room();
    const now = Boolean(document.querySelector(".source [role='progressbar']"));
    // A sync may have brought a shop: the lists below it have no rows of it yet to be told by.
    if (atWork && !now && place) ask("sources.shops");
    atWork = now;
    if (place && !place.dataset.shown) {
      place.dataset.shown = "1";
      open({});
    }
  }

  dressed.push(dress);
  dress();
})();
