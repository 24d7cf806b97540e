// Keeps the inbox fresh: a tick from the server, then the list again. Without it the page is as good after a reload.
"use strict";
(() => {
  const inbox = document.getElementById("inbox");
  if (!inbox || !window.EventSource) return;
  const byId = (id) => document.getElementById(id);
  let heard = Date.now();
  let fresh = Date.now();
  let busy = false;
  let again = false;
  let shown = "";

  const put = (html) => {
    const open = [...inbox.querySelectorAll("details[open]")].map((d) => d.id);
    const focus = inbox.contains(document.activeElement)
      ? document.activeElement.closest("[id]")?.id
      : null;
    inbox.innerHTML = html;
    for (const id of open) byId(id)?.setAttribute("open", "");
    if (focus) byId(focus)?.querySelector("summary, a")?.focus({ preventScroll: true });
    const { counts, well, ill } = inbox.firstElementChild.dataset;
    if (byId("counts").textContent !== counts) byId("counts").textContent = counts;
    byId("health").textContent = well;
    byId("health").className = "health " + (ill ? "ill" : "well");
  };

  const refresh = async () => {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    again = false;
    try {
      const answer = await fetch(inbox.dataset.from + location.search);
      if (answer.ok) {
        const html = (await answer.text()).trim();
        fresh = Date.now();
        if (html !== shown) put(html);
        shown = html;
      }
    } catch {
      heard = 0;
    }
    busy = false;
    if (again) refresh();
  };

  const live = new EventSource(inbox.dataset.live);
  live.addEventListener("alive", () => (heard = Date.now()));
  live.addEventListener("changed", () => {
    heard = Date.now();
    refresh();
  });
  live.onopen = () => {
    heard = Date.now();
    refresh();
  };
  live.onerror = () => (heard = 0);

  setInterval(() => {
    const lost = byId("lost");
    const gone = Date.now() - heard > 4500;
    if (gone) lost.textContent = lost.dataset.words + " " + new Date(fresh).toLocaleTimeString();
    lost.hidden = !gone;
  }, 1000);
  // "3 minutes ago" grows older by itself.
  setInterval(() => document.hidden || refresh(), 30000);
})();
