// Two components of our own. Markup is a finished part of a page: one element whose inside is a text, so that Dash's
// own store has a handful of components to keep instead of thousands; focus, open menus and scrolled tables survive a
// new text. Chart is a figure of Plotly, drawn once, in the theme and for the width that it stands in.
(function () {
  "use strict";

  const FOCUSABLE = "a[href], button, summary, [tabindex]";
  const SCROLLED = ".scroll-x, .as-table";

  function remembered(root) {
    if (!root) return null;
    const active = root.contains(document.activeElement) ? document.activeElement : null;
    return {
      focus: active && active !== root ? [...root.querySelectorAll(FOCUSABLE)].indexOf(active) : -1,
      open: [...root.querySelectorAll("details")].map((menu) => menu.open),
      scrolled: [...root.querySelectorAll(SCROLLED)].map((box) => [box.scrollLeft, box.scrollTop]),
    };
  }

  function restored(root, before) {
    root.querySelectorAll("details").forEach((menu, place) => {
      if (before.open[place]) menu.open = true;
    });
    root.querySelectorAll(SCROLLED).forEach((box, place) => {
      const [left, top] = before.scrolled[place] || [0, 0];
      box.scrollLeft = left;
      box.scrollTop = top;
    });
    if (before.focus >= 0) root.querySelectorAll(FOCUSABLE)[before.focus]?.focus({ preventScroll: true });
  }

  function Markup({ tag, attributes, html }) {
    const { createElement, useLayoutEffect, useRef } = window.React;
    const root = useRef(null);
    const last = useRef(html);
    const before = last.current === html ? null : remembered(root.current);
    useLayoutEffect(() => {
      last.current = html;
      if (before && root.current) restored(root.current, before);
    });
    const inside = html ? { dangerouslySetInnerHTML: { __html: html } } : {};
    return createElement(tag, { ...attributes, ...inside, ref: root });
  }

  let library = null;
  // The chart library is fetched once, when the first chart is on its way.
  function plotly() {
    const address = document.documentElement.dataset.plotly;
    library = library || new Promise((done, failed) => {
      const script = Object.assign(document.createElement("script"), { src: address, onload: () => done(window.Plotly) });
      script.onerror = () => {
        library = null;
        failed(new Error("The chart library did not arrive."));
      };
      document.head.append(script);
    });
    return library;
  }

  // What is in sight is drawn first.
  const seen = (place) => place.getBoundingClientRect().top < window.innerHeight;
  const later = (deed) => (window.requestIdleCallback || setTimeout)(deed, { timeout: 400 });

  function missing(place) {
    const { say } = window.royal;
    place.textContent = say("The chart library did not arrive. The table has the same figures; load the page again to draw them.");
  }

  function Chart({ id, figure, config }) {
    const { createElement, useEffect, useRef } = window.React;
    const root = useRef(null);
    useEffect(() => {
      let gone = false;
      const draw = (Plotly) => {
        if (gone) return;
        const { data, layout } = window.royal.suited(figure, root.current);
        Plotly.react(root.current, data, layout, config);
      };
      const soon = seen(root.current) ? (deed) => deed() : later;
      plotly().then((Plotly) => soon(() => draw(Plotly)), () => gone || missing(root.current));
      return () => {
        gone = true;
      };
    }, [figure]);
    useEffect(() => {
      const place = root.current;
      const watch = new ResizeObserver(() => {
        if (place._fullLayout && place.clientWidth && place.clientHeight) window.Plotly.Plots.resize(place);
      });
      watch.observe(place);
      return () => {
        watch.disconnect();
        window.Plotly?.purge(place);
      };
    }, []);
    return createElement("div", { id: JSON.stringify(id, Object.keys(id).sort()), className: "plot", ref: root });
  }

  window.royal_markup = { Markup, Chart, plotly };
})();
