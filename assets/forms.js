// What a form tells: a toast, with a way back where there is one. The server does the undoing.
(function () {
  "use strict";

  function told(news) {
    if (!news) return window.dash_clientside.no_update;
    const back = () => window.dash_clientside.set_props("undo", { data: { ...news.undo, at: Date.now() } });
    window.royal.toast(news.text, news.tone, news.undo ? back : undefined);
    return window.dash_clientside.no_update;
  }

  window.dash_clientside.royal.told = told;
})();
