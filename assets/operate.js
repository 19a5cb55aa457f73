// Deeds that a person asks of the server and that leave the page as it is; and parts that are looked at
// again while something in them is at work.
(function () {
  "use strict";

  const { say, toast, ask, opened, dressed } = window.royal;
  const looking = new Map();

  // What the server answers; its own sentence is thrown where it refuses.
  async function send(address, words, method = "POST") {
    const body = words && new URLSearchParams(words);
    const answer = await fetch(address, { method, body, headers: { Accept: "application/json" } }).catch(() => null);
    const told = await answer?.json().catch(() => null);
    if (answer?.ok) return told || {};
    const error = told?.error || { message: say("The server does not answer."), hint: say("Try again.") };
    throw new Error(`${error.message} ${error.hint || ""}`.trim());
  }

  function words(told, otherwise) {
    if (told.message) return told.message;
    if (Array.isArray(told.said) && told.said.length) return told.said.join(" ");
    return otherwise || say("Done.");
  }

  // What removes something asks first: the second press does it. Who thinks better of it has his button back.
  function sure(button, question) {
    if (!question || button.dataset.sure === "1") return true;
    const words = button.querySelector("span:last-child") || button;
    const before = words.textContent;
    button.dataset.sure = "1";
    words.textContent = question;
    setTimeout(() => {
      delete button.dataset.sure;
      words.textContent = before;
    }, 6000);
    return false;
  }

  // A button that is switched off loses the keyboard: it has it back afterwards.
  async function during(button, deed) {
    const held = document.activeElement === button;
    button.disabled = true;
    try {
      await deed();
    } catch (failure) {
      toast(failure.message, "bad");
    } finally {
      button.disabled = false;
      if (held && document.activeElement === document.body) button.focus({ preventScroll: true });
    }
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button[data-deed]");
    if (!button || !sure(button, button.dataset.askFirst)) return;
    during(button, async () => {
      const address = button.dataset.deed;
      const asks = button.dataset.asks.split(" ");
      const told = await send(address, button.dataset.body);
      toast(words(told, button.dataset.said), "good", told.undo && (() => takeBack(address, told.undo, asks)));
      opened(told.open);
      asks.forEach(ask);
    });
  });

  // What a deed's answer says how to undo goes to the same address.
  async function takeBack(address, undo, asks) {
    try {
      const told = await send(address, undo);
      toast(words(told), "good");
      opened(told.open);
    } catch (failure) {
      toast(failure.message, "bad");
    }
    asks.forEach(ask);
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches?.("form[data-deed-form]")) return;
    event.preventDefault();
    const button = form.querySelector("[type=submit]");
    if (!sure(button, form.dataset.sure)) return;
    during(button, async () => {
      const told = await send(form.getAttribute("action"), new FormData(form));
      toast(words(told, form.dataset.said), "good");
      form.dataset.asks.split(" ").forEach(ask);
    });
  });

  async function fill(place) {
    place.dataset.filled = "1";
    const answer = await fetch(place.dataset.room).catch(() => null);
    if (answer?.ok) place.innerHTML = await answer.text();
    else place.textContent = say("The form could not be loaded. Load the page again.");
  }

  // A part is drawn anew while something in it runs, but never under a form in use.
  function look(element) {
    const part = element.closest("[id*='\"part\"']");
    const key = part && JSON.parse(part.id).id;
    if (!key || looking.has(key)) return;
    looking.set(key, setTimeout(() => {
      looking.delete(key);
      const now = document.getElementById(part.id);
      if (!now?.querySelector("[data-look]")) return;
      const busy = now.querySelector("[data-sure='1'], input:focus, select:focus");
      if (busy || document.hidden) look(now.querySelector("[data-look]"));
      else ask(key);
    }, Number(element.dataset.look)));
  }

  function dress() {
    document.querySelectorAll("[data-room]:not([data-filled])").forEach(fill);
    document.querySelectorAll("[data-look]").forEach(look);
  }

  Object.assign(window.royal, { send, sure });
  dressed.push(dress);
  dress();
})();
