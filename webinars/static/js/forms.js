// Comfort in long forms. Without it a fold opens by hand, and the server sees by itself what was typed over.
(() => {
  "use strict";
  const doc = document;

  // A link to a field leads into the fold where it stands.
  const reveal = () => {
    const fold = doc.getElementById(location.hash.slice(1))?.closest("details");
    if (!fold || fold.open) return;
    fold.open = true;
    doc.getElementById(location.hash.slice(1)).focus();
  };
  addEventListener("hashchange", reveal);
  reveal();

  // The words of a fold tell what is saved.
  for (const fold of doc.querySelectorAll("[data-changed]")) {
    fold.addEventListener("change", () => { fold.querySelector(".fold-words").textContent = fold.dataset.changed; });
  }

  // Typing makes a value the webinar's own; the tick brings the one back that the form began with.
  for (const tick of doc.querySelectorAll("[data-follows]")) {
    const field = tick.form.elements[tick.dataset.follows];
    const label = tick.nextElementSibling;
    const chip = label.querySelector(".chip");
    const words = doc.createElement("span");
    words.setAttribute("role", "status");
    label.append(words);
    const tell = () => {
      if (chip) chip.hidden = tick.checked;
      else words.textContent = tick.checked ? "" : `(${tick.dataset.own})`;
    };
    field.addEventListener("input", () => {
      if (!tick.checked) return;
      tick.checked = false;
      tell();
    });
    tick.addEventListener("change", () => {
      const [value, follows] = JSON.parse(tick.form.elements.base.value || "{}")[tick.dataset.follows] ?? [];
      if (tick.checked && follows) {
        if (field.type === "checkbox") field.checked = value;
        else field.value = value;
      }
      tell();
    });
  }
})();
