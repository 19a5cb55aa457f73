// What is told only once it is in sight; and the detail of a list, where it lies far below its row.
(function () {
  "use strict";

  const { acts, dressed } = window.royal;
  const BESIDE = "(min-width: 1101px)";
  // After how many seconds without an answer it is asked for again, at first; then twice as many.
  const SOON = 15;
  let opened = "";

  const sight = new IntersectionObserver((all) => {
    all.filter((one) => one.isIntersecting).forEach(({ target }) => {
      sight.unobserve(target);
      tell(target, target.dataset.mark, SOON);
    });
  });

  const room = (place) => place.querySelector("[id*='\"type\":\"choices\"']");

  function tell(place, mark, patience) {
    if (!place.isConnected || place.dataset.mark !== mark) return;
    const { id } = JSON.parse(room(place).id);
    window.dash_clientside.set_props({ type: "open", id }, { data: { search: place.dataset.search, at: Date.now() } });
    setTimeout(() => {
      if (place.querySelector(".awaited")) tell(place, mark, 2 * patience);
    }, patience * 1000);
  }

  // The server marks each drawing: its place is empty again.
  function watch(place) {
    if (place.dataset.told === place.dataset.mark) return;
    place.dataset.told = place.dataset.mark;
    sight.unobserve(place);
    sight.observe(place);
  }

  const retry = acts.retry;
  acts.retry = (button) => {
    const place = button.closest("[data-search]");
    if (!place) return retry(button);
    button.disabled = true;
    tell(place, place.dataset.mark, SOON);
  };

  // Whoever opens a row of a narrow page is led to what it opens.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.(".al a.open");
    if (!link || event.metaKey || event.ctrlKey || matchMedia(BESIDE).matches) return;
    opened = new URL(link.href).searchParams.get("id") || "";
    dress();
  });

  function lead() {
    const detail = opened && document.querySelector(`.side-panel[data-of="${CSS.escape(opened)}"]`);
    if (!detail || detail.closest("[data-old]")) return;
    opened = "";
    detail.focus({ preventScroll: true });
    detail.scrollIntoView({ block: "start" });
  }

  function dress() {
    document.querySelectorAll("[data-search]").forEach(watch);
    lead();
  }

  dressed.push(dress);
  dress();
})();
