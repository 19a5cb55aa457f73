// Saved views: the menu is fetched when it opens; what is done in it is told at once and can be undone.
(function () {
  "use strict";

  const { say, toast, go, send } = window.royal;
  const MENU = "details[data-menu$='-views']";

  async function fill(menu) {
    const place = menu.querySelector("[data-views]");
    if (!place) return;
    const query = new URLSearchParams({ path: location.pathname, at: location.search });
    const answer = await fetch(`/views?${query}`).catch(() => null);
    if (!answer?.ok) {
      place.textContent = say("The views could not be loaded. Close this and try again.");
      return;
    }
    const content = await answer.text();
    const open = [...place.querySelectorAll(".view-acts:not([hidden])")].map((box) => box.id);
    const within = place.contains(document.activeElement);
    const at = document.activeElement.closest?.("[data-view]")?.id;
    place.innerHTML = content;
    open.forEach((id) => unfold(place.querySelector(`[aria-controls="${CSS.escape(id)}"]`), true));
    // Whoever was here with the keyboard stays here.
    if (within) (place.querySelector(`[aria-controls="${CSS.escape(at || "")}"]`) || place.querySelector("#view-name"))?.focus();
  }

  // What can be done with a view is folded away under its row.
  function unfold(more, open) {
    const box = more && document.getElementById(more.getAttribute("aria-controls"));
    if (!box) return;
    box.hidden = !open;
    more.setAttribute("aria-expanded", String(open));
  }

  function changed(text, back) {
    window.royal.forget?.();
    toast(text, "good", back);
    document.querySelectorAll(`${MENU}[open]`).forEach(fill);
  }

  const shown = (menu) => {
    const form = menu.querySelector("form[data-view-act='save']");
    return { path: form.dataset.path, query: form.dataset.query };
  };

  const DEEDS = {
    async save({ form, menu }) {
      const words = { ...shown(menu), name: form.elements.name.value };
      if (form.elements.shared.checked) words.shared = "1";
      const view = await send("/views", words);
      changed(say("{name} is saved.", { name: view.name }));
    },
    async update({ menu, name, button }) {
      await send("/views", { ...shown(menu), name, shared: button.dataset.shared });
      changed(say("{name} now shows this.", { name }));
    },
    async rename({ form, id, name }) {
      const view = await send(`/views/${id}`, { name: form.elements.name.value });
      const back = () => send(`/views/${id}`, { name }).then(() => changed(say("It is called {name} again.", { name })));
      changed(say("{name} is the new name.", { name: view.name }), back);
    },
    async share({ id, name, button }) {
      const view = await send(`/views/${id}`, { shared: button.dataset.value });
      changed(view.shared ? say("Everybody sees {name} now.", { name }) : say("Only you see {name} now.", { name }));
    },
    async start({ id, name, button }) {
      await send(`/views/${id}`, { start: button.dataset.value });
      changed(button.dataset.value ? say("{name} opens at start.", { name }) : say("Overview opens at start."));
    },
    async remove({ id, name }) {
      const gone = await send(`/views/${id}`, null, "DELETE");
      const words = { name: gone.name, path: gone.path, query: gone.query };
      if (gone.shared) words.shared = "1";
      if (gone.start) words.start = "1";
      const back = () => send("/views", words).then(() => changed(say("{name} is back.", { name })));
      changed(say("{name} is deleted.", { name }), back);
    },
  };

  async function act(element) {
    const menu = element.closest(MENU);
    const own = element.closest("[data-view]")?.dataset || {};
    const form = element.matches("form") ? element : null;
    const error = form?.querySelector(".field-error");
    if (error) error.textContent = "";
    try {
      await DEEDS[element.dataset.viewAct]({ menu, form, button: element, id: own.view, name: own.name });
    } catch (failure) {
      if (error) error.textContent = failure.message;
      else toast(failure.message, "bad");
    }
  }

  document.addEventListener("submit", (event) => {
    if (!event.target.matches?.("form[data-view-act]")) return;
    event.preventDefault();
    act(event.target);
  });

  document.addEventListener("click", (event) => {
    const more = event.target.closest?.("[data-view-more]");
    if (more) unfold(more, more.getAttribute("aria-expanded") !== "true");
    const button = event.target.closest?.("button[data-view-act]");
    if (button) act(button);
    const link = event.target.closest?.(".view-row a[href]");
    if (link && !event.defaultPrevented && !event.metaKey && !event.ctrlKey) {
      event.preventDefault();
      go(link.getAttribute("href"));
    }
  });

  document.addEventListener(
    "toggle",
    (event) => {
      if (!event.target.matches?.(MENU) || !event.target.open) return;
      event.target.querySelectorAll("[data-view-more]").forEach((more) => unfold(more, false));
      fill(event.target);
    },
    true,
  );
})();
