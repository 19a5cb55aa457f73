// What has the keyboard keeps it where its part of a page is drawn anew: Dash makes new elements of everything.
(function () {
  "use strict";

  const { dressed } = window.royal;
  const ABLE = "a[href], button, summary, input, select, textarea, [tabindex]";
  const PART = "[id*='\"type\":\"part\"']";
  let held = null;

  const all = (place) => [...place.querySelectorAll(ABLE)].filter((one) => one.offsetParent);

  // By this it is known again; the address of a row says which row it is.
  const name = (one) => one.id || [one.getAttribute("href"), one.dataset.deed, one.dataset.body, one.textContent].join(" ");

  document.addEventListener("focusin", ({ target }) => {
    const place = target.closest?.(PART);
    held = place && { target, part: place.id, name: name(target), at: all(place).indexOf(target) };
  });

  // Whoever presses on nothing lets go of it.
  document.addEventListener("pointerdown", () => (held = null), true);

  // The same one; where that is gone, what stands in its place: the button of the next row.
  function dress() {
    if (!held || held.target.isConnected || document.activeElement !== document.body) return;
    const place = document.getElementById(held.part);
    const able = place ? all(place) : [];
    const one = able.find((each) => name(each) === held.name) || able[held.at] || able.at(-1);
    held = null;
    one?.focus({ preventScroll: true });
  }

  dressed.push(dress);
})();
