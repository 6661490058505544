// The caption editor with the film: plays by keys, takes times from it, marks what is spoken, keeps what is not saved yet.
// The page works without: every button of it is a button of the form.
(() => {
  "use strict";
  const editor = document.querySelector(".editor");
  if (!editor) return;
  const form = editor.querySelector(".editor-rows");
  const video = editor.querySelector("video#player");
  const rows = () => [...form.querySelectorAll("[data-row]")];
  const rowOf = (node) => node?.closest?.("[data-row]");
  const fields = (row) => [...row.querySelectorAll("input:not([type=hidden]), textarea")];
  const field = (row, name) => row.querySelector(`[name="${name}-${row.dataset.row}"]`);

  // --- the film --------------------------------------------------------------------------------------------------------
  const written = (seconds) => {
    const total = Math.round(seconds * 1000);
    const two = (number) => String(number).padStart(2, "0");
    const whole = Math.floor(total / 1000);
    const clock = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60].map(two).join(":");
    return `${clock}.${String(total % 1000).padStart(3, "0")}`;
  };
  const toggle = () => (video.paused ? video.play().catch(() => {}) : video.pause());
  const jump = (seconds) => { video.currentTime = Math.max(0, seconds); };
  const take = (row, name) => {
    const input = row && field(row, name);
    if (!input) return;
    input.value = written(video.currentTime);
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const offer = (root) => root.querySelectorAll("[data-set]").forEach((button) => { button.hidden = !video; });
  offer(form);
  if (video) {
    editor.querySelector("[data-keys]").hidden = false;
    let spoken = null;
    video.addEventListener("timeupdate", () => {
      const now = rows().findLast((row) => Number(row.dataset.start) <= video.currentTime + 0.05) ?? null;
      if (now === spoken) return;
      spoken?.removeAttribute("aria-current");
      now?.setAttribute("aria-current", "true");
      spoken = now;
      // Whoever types is not to be pulled away.
      if (now && !form.contains(document.activeElement)) now.scrollIntoView({ block: "nearest" });
    });
  }

  document.addEventListener("click", (event) => {
    const row = rowOf(event.target);
    if (!row || !video) return;
    const setter = event.target.closest("[data-set]");
    if (setter) take(row, setter.dataset.set);
    if (event.target.closest("[data-jump]") && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      jump(Number(row.dataset.start));
      video.play().catch(() => {});
    }
  });

  const deeds = { KeyK: toggle, KeyJ: () => jump(video.currentTime - 2), KeyL: () => jump(video.currentTime + 2) };
  document.addEventListener("keydown", (event) => {
    const row = rowOf(document.activeElement);
    if (event.ctrlKey && event.key === "Enter" && row) {
      event.preventDefault();
      row.querySelector("[data-hx-post]").click();
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (row && step && event.altKey && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      const all = rows();
      const next = all[all.indexOf(row) + step];
      if (next) field(next, "text").focus();
      return;
    }
    if (!video) return;
    if (event.altKey && !event.ctrlKey && !event.metaKey) {
      const deed = deeds[event.code] ?? { KeyS: () => take(row, "start"), KeyE: () => take(row, "end") }[event.code];
      if (deed) {
        event.preventDefault();
        deed();
      }
    } else if (event.code === "Space" && !event.target.closest("input, textarea, select, button, a, summary, video")) {
      event.preventDefault();
      toggle();
    }
  });

  // --- saving one ------------------------------------------------------------------------------------------------------
  // What stands against it comes back as the row itself, with the sentence beside it.
  const heard = form.querySelector("[data-heard]");
  document.addEventListener("htmx:beforeRequest", () => { heard.textContent = ""; });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!rowOf(event.detail.target)) return;
    // Whose time ran out is sent to the page for signing in, which is no row.
    const isRow = event.detail.serverResponse.trimStart().startsWith("<fieldset");
    event.detail.shouldSwap = isRow;
    event.detail.isError = !isRow;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    offer(form);
    keep();
    const row = document.getElementById(event.detail.target.id);
    heard.textContent = row?.querySelector(".field-error, .cue-said")?.textContent.trim() ?? "";
  });
  for (const fault of ["htmx:responseError", "htmx:sendError"]) {
    document.addEventListener(fault, (event) => {
      const said = rowOf(event.detail.elt)?.querySelector(".cue-said");
      if (!said) return;
      said.textContent = heard.textContent = heard.dataset.unsaved;
      said.classList.add("field-error");
    });
  }

  // --- what is not saved yet -------------------------------------------------------------------------------------------
  const key = editor.dataset.draft;
  const stored = () => {
    try {
      return JSON.parse(localStorage.getItem(key)) ?? {};
    } catch {
      return {};
    }
  };
  const store = (drafts) => {
    try {
      if (Object.keys(drafts).length) localStorage.setItem(key, JSON.stringify(drafts));
      else localStorage.removeItem(key);
    } catch {
      // A browser that keeps nothing still saves by the button.
    }
  };
  let left = {};
  const typed = (row) => Object.fromEntries(fields(row).map((one) => [one.name.split("-")[0], one.value]));
  // What the server refused came back as it was typed.
  const touched = (row) => row.classList.contains("has-error") || fields(row).some((one) => one.value !== one.defaultValue);
  const keep = () => store({ ...left, ...Object.fromEntries(rows().filter(touched).map((row) => [row.dataset.mark, typed(row)])) });

  const say = (words, texts = []) => {
    const note = document.createElement("div");
    note.className = "notice";
    note.setAttribute("role", "status");
    const line = document.createElement("p");
    line.textContent = words;
    note.append(line);
    for (const text of texts) {
      const quote = document.createElement("p");
      quote.className = "words";
      quote.textContent = text;
      note.append(quote);
    }
    form.prepend(note);
  };
  const drafts = stored();
  let restored = 0;
  for (const row of rows()) {
    const draft = drafts[row.dataset.mark];
    if (!draft) continue;
    delete drafts[row.dataset.mark];
    for (const one of fields(row)) {
      const value = draft[one.name.split("-")[0]];
      if (typeof value === "string") one.value = value;
    }
    restored += touched(row) ? 1 : 0;
  }
  if (restored) say(editor.dataset.restored);
  const orphans = Object.values(drafts).filter((draft) => typeof draft?.text === "string");
  if (orphans.length) say(editor.dataset.orphans, orphans.map((draft) => `${draft.start} ${draft.text}`));
  keep();
  form.addEventListener("input", keep);
  // What the server takes is saved; what it refuses, it gives back.
  form.addEventListener("submit", () => store({}));
})();
