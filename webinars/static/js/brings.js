// A choice brings what goes with it into other fields of its form, unless somebody chose otherwise there. Without it the
// first save does the same.
(() => {
  "use strict";
  for (const choice of document.querySelectorAll("select[data-brings]")) {
    const fields = choice.dataset.brings.split(" ").map((name) => choice.form.elements[name]).filter(Boolean);
    const usual = new Map(fields.map((field) => [field, field.value]));
    choice.addEventListener("change", () => {
      for (const field of fields) {
        const brought = choice.selectedOptions[0].dataset[field.name];
        if (!brought || field.value !== usual.get(field)) continue;
        field.value = brought;
        usual.set(field, brought);
      }
    });
  }
})();
