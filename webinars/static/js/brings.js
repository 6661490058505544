// A choice brings what goes with it into other fields of its form, unless somebody chose otherwise there. Without it the
// first save does the same; what the form began with (its field "base") says that it is done.
(() => {
  "use strict";
  for (const choice of document.querySelectorAll("select[data-brings]")) {
    const { elements } = choice.form;
    const fields = choice.dataset.brings.split(" ").map((name) => elements[name]);
    const untouched = new Set(fields);
    for (const field of fields) field.addEventListener("input", () => untouched.delete(field));
    choice.addEventListener("change", () => {
      const chosen = choice.selectedOptions[0].dataset;
      if (!fields.every((field) => chosen[field.name])) return;
      const began = JSON.parse(elements.base.value || "{}");
      began[choice.name] = choice.value;
      for (const field of fields) {
        began[field.name] = chosen[field.name];
        if (untouched.has(field)) field.value = chosen[field.name];
      }
      elements.base.value = JSON.stringify(began);
    });
  }
})();
