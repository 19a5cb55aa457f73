// Files: a panel's rows and picture, a page's workbook and PDF. What takes longer than a moment says so.
(function () {
  "use strict";

  const SOON_MS = 1000;
  const KEEP_MS = 10000;
  const { say, toast, shut } = window.royal;

  // The panel's own address: its page's, under /download.
  function addressOf(button) {
    if (button.href) return button.href;
    const [, page, panel] = button.closest("[data-panel]").dataset.panel.match(/^([^.]+)\.(.+)$/);
    const query = new URLSearchParams(location.search);
    const form = button.dataset.file;
    if (form === "png") query.set("theme", document.documentElement.dataset.bsTheme || "light");
    return `/download/${encodeURIComponent(page)}/${encodeURIComponent(panel)}.${form}?${query}`;
  }

  function save(content, name) {
    const address = URL.createObjectURL(content);
    const link = Object.assign(document.createElement("a"), { href: address, download: name });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(address), KEEP_MS);
  }

  async function told(answer) {
    try {
      const { error } = await answer.json();
      return `${error.message} ${error.hint}`.trim();
    } catch {
      return say("The file could not be made. Try again.");
    }
  }

  async function fetched(address) {
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    if (!answer.ok) return toast(await told(answer), "bad");
    const name = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") || "")?.[1];
    const notice = answer.headers.get("X-Notice");
    save(await answer.blob(), name || "export");
    if (notice) toast(decodeURIComponent(notice), "");
  }

  function waiting(button) {
    const words = button.querySelector("span:not(.ico)") || button;
    const before = words.textContent;
    button.setAttribute("aria-busy", "true");
    const timer = setTimeout(() => {
      words.textContent = say("Preparing");
      words.setAttribute("role", "status");
    }, SOON_MS);
    return () => {
      clearTimeout(timer);
      button.removeAttribute("aria-busy");
      words.removeAttribute("role");
      words.textContent = before;
    };
  }

  async function get(button) {
    if (button.getAttribute("aria-busy")) return;
    const done = waiting(button);
    try {
      await fetched(addressOf(button));
    } catch {
      toast(say("The file did not arrive. Check the connection and try again."), "bad");
    } finally {
      done();
      const menu = button.closest("details[open]");
      if (menu) shut(menu);
    }
  }

  // Before the page's own links: a file is no address to go to.
  document.addEventListener(
    "click",
    (event) => {
      const button = event.target.closest?.("[data-file]");
      if (!button || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      get(button);
    },
    true,
  );
})();
