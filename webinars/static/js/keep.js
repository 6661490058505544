// Keeps what is being typed every few seconds, as the button "Keep for later" does when it is pressed.
(() => {
  "use strict";
  const PAUSE = 3000;
  const button = document.querySelector("[data-keep]");
  const form = button?.form;
  const place = form?.querySelector("[data-kept]");
  if (!place) return;
  let [timer, running, changed, sent] = [0, null, false, false];

  const say = (words, urgent) => {
    if (urgent) place.setAttribute("role", "alert");
    else place.removeAttribute("role");
    if (place.textContent !== words) place.textContent = words;
  };

  const keep = async (leaving) => {
    clearTimeout(timer);
    if (!changed || sent) return;
    changed = false;
    const data = new FormData(form);
    // Files stay where they are.
    for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
    running = new AbortController();
    try {
      const answer = await fetch(button.formAction, {
        method: "POST",
        body: new URLSearchParams(data),
        headers: { "HX-Request": "true" },
        keepalive: leaving,
        signal: running.signal,
      });
      if (answer.ok) say(await answer.text(), false);
      else say(answer.status === 401 ? button.dataset.out : button.dataset.lost, true);
      if (!answer.ok) changed = true;
    } catch {
      changed = true;
      if (!sent) say(button.dataset.lost, true);
    }
  };

  form.addEventListener("input", () => {
    changed = true;
    clearTimeout(timer);
    timer = setTimeout(keep, PAUSE, false);
  });
  // A draft that came after the form itself would outlive it.
  form.addEventListener("submit", (event) => {
    if (event.submitter?.formTarget) return;
    sent = true;
    clearTimeout(timer);
    running?.abort();
  });
  document.addEventListener("visibilitychange", () => { if (document.hidden) keep(true); });
  window.addEventListener("online", () => keep(false));
  // Back again with the page as it was left.
  window.addEventListener("pageshow", () => { sent = false; });
})();
