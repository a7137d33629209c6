// The console's pages are whole without this. It fetches the marked parts anew, and helps the hands a little.
// data-live="NAME"  replaced every few seconds by the same part of the same page, if that has changed
// data-load="URL"   filled once the page is there, and every data-every seconds
"use strict";
(() => {
  const EVERY = 5000;
  const live = document.getElementById("live");
  const dialect = document.documentElement.lang === "vi" ? "vi-VN" : "en-GB";
  let tag = null;
  let failures = 0;

  const ask = (url, etag) =>
    fetch(url, {
      headers: { "X-Console-Refresh": "1", ...(etag ? { "If-None-Match": etag } : {}) },
      credentials: "same-origin",
      redirect: "error",
      cache: "no-store",
    });

  const parsed = (text) => new DOMParser().parseFromString(text, "text/html");

  // Somebody is in the midst of something there: leave it alone.
  const inUse = (part) => {
    const active = document.activeElement;
    if (part.contains(active) && active !== part) return true;
    if (part.querySelector("details[open], input:checked")) return true;
    const selected = window.getSelection();
    return Boolean(selected && !selected.isCollapsed && part.contains(selected.anchorNode));
  };

  const say = (ok) => {
    if (!live) return;
    live.classList.toggle("lost", !ok);
    live.textContent = ok ? `${live.dataset.ok} ${new Date().toLocaleTimeString(dialect)}` : live.dataset.lost;
  };

  const refresh = async () => {
    const parts = document.querySelectorAll("[data-live]");
    if (parts.length === 0 || document.hidden) return;
    try {
      const answer = await ask(location.href, tag);
      if (answer.status === 401) return location.reload();
      if (!answer.ok && answer.status !== 304) throw new Error(String(answer.status));
      if (answer.status === 200) {
        const fresh = parsed(await answer.text());
        let skipped = false;
        for (const part of parts) {
          const other = fresh.querySelector(`[data-live="${part.dataset.live}"]`);
          if (!other || other.innerHTML === part.innerHTML) continue;
          if (inUse(part)) skipped = true;
          else part.replaceWith(document.adoptNode(other));
        }
        tag = skipped ? null : answer.headers.get("ETag");
        ticks();
      }
      failures = 0;
      say(true);
    } catch {
      failures += 1;
      if (failures > 1) say(false);
    }
  };

  const load = async (part) => {
    try {
      const answer = await ask(part.dataset.load);
      if (answer.ok) part.replaceChildren(...parsed(await answer.text()).body.childNodes);
    } catch {
      // what is there leads to the page itself
    }
  };

  const ticks = () => {
    const form = document.querySelector("form[data-many]");
    if (!form) return;
    const boxes = [...form.querySelectorAll("input[name=delivery]")];
    const all = form.querySelector("[data-all]");
    const told = form.querySelector("[data-chosen]");
    const count = boxes.filter((box) => box.checked).length;
    if (all) {
      all.checked = count > 0 && count === boxes.length;
      all.indeterminate = count > 0 && count < boxes.length;
    }
    if (told) {
      told.dataset.first ??= told.textContent;
      told.textContent = count ? `${count} ${told.dataset.chosen}` : told.dataset.first;
    }
    for (const button of form.querySelectorAll("button[name=action]")) button.disabled = count === 0;
  };

  document.addEventListener("change", (event) => {
    const box = event.target;
    if (box instanceof HTMLInputElement && box.matches("[data-all]"))
      for (const each of box.form.querySelectorAll("input[name=delivery]")) each.checked = box.checked;
    ticks();
  });

  // A form is sent once. One whose answer is a file stays on its page, and may be sent again.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "1";
    setTimeout(() => delete form.dataset.sent, form.closest(".papers") ? 1500 : 8000);
  });

  document.addEventListener("keydown", (event) => {
    const typing = event.target instanceof Element && event.target.closest("input, textarea, select");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const find = document.getElementById("find");
      if (find) {
        event.preventDefault();
        find.focus();
        find.select();
      }
    }
    if (event.key === "Escape") for (const menu of document.querySelectorAll("details.me[open]")) menu.open = false;
  });

  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.me[open]")) if (!menu.contains(event.target)) menu.open = false;
  });

  const tab = document.querySelector(".tabs [aria-current]");
  if (tab && tab.offsetLeft + tab.offsetWidth > tab.parentElement.clientWidth)
    tab.parentElement.scrollLeft = tab.offsetLeft - tab.parentElement.clientWidth / 2;
  document.addEventListener("visibilitychange", refresh);
  setInterval(refresh, EVERY);
  for (const part of document.querySelectorAll("[data-load]")) {
    load(part);
    if (part.dataset.every) setInterval(() => document.hidden || inUse(part) || load(part), 1000 * Number(part.dataset.every));
  }
  ticks();
})();
