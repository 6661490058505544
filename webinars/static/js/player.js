// Follows the talk in its transcript, seeks without a reload and finds words. The page works without: links carry ?t=.
(() => {
  "use strict";
  const video = document.querySelector("video#player");
  const list = document.querySelector(".cues");
  const cues = [...document.querySelectorAll(".cue[data-start]")];
  const starts = cues.map((cue) => Number(cue.dataset.start));

  // --- seeking ---------------------------------------------------------------------------------------------------------
  // A whole second, as chapters name it, means the sentence that begins within it.
  const exact = (seconds) => starts.find((start) => Math.floor(start) === seconds) ?? seconds;
  const seek = (seconds, play) => {
    if (!video) return;
    // Before anything is loaded this sets where playing will begin, so nothing needs to be fetched yet.
    video.currentTime = exact(seconds);
    if (play) video.play().catch(() => {});
  };
  // The server has read the address and marked the sentence at which to begin.
  const begins = Boolean(video?.dataset.start);
  if (begins) seek(Number(video.dataset.start), false);

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-seek]");
    if (!link || !video || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    seek(Number(link.dataset.seek), true);
    history.replaceState(null, "", link.href);
    if (!link.closest(".cues")) video.scrollIntoView({ block: "nearest" });
  });

  // --- following -------------------------------------------------------------------------------------------------------
  let current = cues.findIndex((cue) => cue.hasAttribute("aria-current"));
  let handsOffUntil = 0;
  // Whoever scrolls or tabs through the transcript is reading: do not pull it away from them.
  const reading = () => { handsOffUntil = Date.now() + 8000; };
  for (const kind of ["wheel", "touchmove", "keydown", "pointerdown"]) list?.addEventListener(kind, reading, { passive: true });

  const indexAt = (seconds) => {
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (starts[middle] <= seconds + 0.05) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  };
  const reveal = (cue) => {
    if (cue.hidden || Date.now() < handsOffUntil || list.scrollHeight <= list.clientHeight) return;
    // Only the panel scrolls, never the page under the reader's finger.
    const top = cue.offsetTop - list.clientHeight / 3;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    list.scrollTo({ top, behavior: calm ? "auto" : "smooth" });
  };
  const follow = () => {
    const index = indexAt(video.currentTime);
    if (index === current) return;
    cues[current]?.removeAttribute("aria-current");
    current = index;
    const cue = cues[index];
    if (!cue) return;
    cue.setAttribute("aria-current", "true");
    reveal(cue);
  };
  if (current >= 0) reveal(cues[current]);
  if (video && cues.length) {
    video.addEventListener("timeupdate", follow);
    video.addEventListener("seeked", follow);
    if (begins) follow();
  }

  // --- finding ---------------------------------------------------------------------------------------------------------
  const form = document.querySelector("form[data-find]");
  if (!form || !cues.length) return;
  const input = form.querySelector("input[type=search]");
  const status = form.querySelector("[role=status]");
  const texts = cues.map((cue) => cue.querySelector(".cue-text"));
  const words = texts.map((node) => node.textContent);
  // Letter by letter, so that places in the folded text are places in the shown one: "cancer" finds "Cáncer".
  const fold = (text) => Array.from(text, (letter) => {
    const plain = letter.normalize("NFD")[0].toLowerCase();
    return plain.length === letter.length ? plain : letter;
  }).join("");
  const folded = words.map(fold);

  const show = (index, query) => {
    const node = texts[index];
    let from = 0;
    let count = 0;
    const parts = [];
    for (let at = folded[index].indexOf(query); query && at >= 0; at = folded[index].indexOf(query, from)) {
      const mark = document.createElement("mark");
      mark.textContent = words[index].slice(at, at + query.length);
      parts.push(words[index].slice(from, at), mark);
      from = at + query.length;
      count += 1;
    }
    if (count || node.childElementCount) node.replaceChildren(...parts, words[index].slice(from));
    cues[index].hidden = Boolean(query) && count === 0;
    return count;
  };
  const find = () => {
    const query = fold(input.value.trim());
    const total = cues.reduce((sum, _, index) => sum + show(index, query.length > 1 ? query : ""), 0);
    const { none, one, many } = status.dataset;
    if (query.length < 2) status.textContent = "";
    else status.textContent = total === 0 ? none : total === 1 ? one : many.replace("{n}", total);
  };
  let waiting;
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(find, 150);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    find();
    list.querySelector(".cue:not([hidden]) a")?.focus();
  });
  // The server has marked the words of the address already; only what a browser filled in again is looked for anew.
  if (input.value !== input.defaultValue) find();
})();
