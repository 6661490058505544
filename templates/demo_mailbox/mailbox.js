// Keeps the list current without reloading the page, which would lose what is being typed and where the reader was.
// With scripts off the page refreshes itself instead.
"use strict";

const PAUSE_MILLISECONDS = 5000;

function exchange(fresh, id) {
  const shown = document.getElementById(id);
  const wanted = fresh.getElementById(id);
  if (!shown || !wanted || shown.innerHTML === wanted.innerHTML) return;
  const focused = shown.contains(document.activeElement) ? document.activeElement.id : "";
  shown.innerHTML = wanted.innerHTML;
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

async function look() {
  if (document.hidden) return;
  try {
    const answer = await fetch(location.href);
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    exchange(fresh, "count");
    exchange(fresh, "letters");
  } catch {
    // The mailbox has been stopped; the letters already shown stay readable.
  }
}

setInterval(look, PAUSE_MILLISECONDS);
document.addEventListener("visibilitychange", look);
