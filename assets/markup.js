// Finished parts of a page: one element whose inside is a text. Dash's own store then has a handful of components to
// keep instead of thousands. Focus, open menus and scrolled tables survive a new text.
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

  window.royal_markup = { Markup };
})();
