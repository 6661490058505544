// A toolbar above the fields that take Markdown. Without it the same signs are typed by hand: they stand below the field.
(() => {
  "use strict";
  const KEYS = { b: "bold", i: "italic", k: "link" };

  // As if it were typed, so that the browser's own undo takes it back.
  const insert = (area, words, start, end) => {
    area.focus();
    area.setSelectionRange(start, end);
    if (document.execCommand("insertText", false, words)) return;
    area.setRangeText(words, start, end, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  };

  const wrap = (area, mark, words) => {
    const { selectionStart: start, selectionEnd: end, value } = area;
    const length = mark.length;
    if (value.slice(start - length, start) === mark && value.slice(end, end + length) === mark) {
      insert(area, value.slice(start, end), start - length, end + length);
      area.setSelectionRange(start - length, end - length);
      return;
    }
    const inner = value.slice(start, end) || words;
    insert(area, mark + inner + mark, start, end);
    area.setSelectionRange(start + length, start + length + inner.length);
  };

  // Puts a sign before each chosen line, or takes it away where all have it.
  const begin = (area, sign) => {
    const { value } = area;
    const start = value.lastIndexOf("\n", area.selectionStart - 1) + 1;
    const found = value.indexOf("\n", area.selectionEnd);
    const end = found < 0 ? value.length : found;
    const lines = value.slice(start, end).split("\n");
    const has = sign === "1. " ? /^\d+\. / : { test: (line) => line.startsWith(sign) };
    const every = lines.every((line) => has.test(line));
    const changed = lines.map((line, at) => {
      const bare = line.replace(/^(#{1,6} |- |\d+\. |> )/, "");
      return every ? bare : (sign === "1. " ? `${at + 1}. ` : sign) + bare;
    });
    // A paragraph right above would swallow the line.
    const gap = !every && start > 1 && value[start - 2] !== "\n" ? "\n" : "";
    const words = gap + changed.join("\n");
    insert(area, words, start, end);
    area.setSelectionRange(start + gap.length, start + words.length);
  };

  const link = (area, words) => {
    const { selectionStart: start, selectionEnd: end, value } = area;
    const chosen = value.slice(start, end);
    const isAddress = /^(https?:\/\/|mailto:)\S+$/.test(chosen);
    const [text, address] = isAddress ? [words, chosen] : [chosen || words, "https://"];
    insert(area, `[${text}](${address})`, start, end);
    // What is still to be written is chosen.
    const from = isAddress ? start + 1 : start + text.length + 3;
    area.setSelectionRange(from, from + (isAddress ? text : address).length);
  };

  // A line of its own, so that the picture stands between paragraphs.
  const put = (area, words) => {
    const { selectionStart: start, selectionEnd: end, value } = area;
    const before = start > 0 && !value.slice(0, start).endsWith("\n\n") ? "\n\n" : "";
    const after = end < value.length && !value.slice(end).startsWith("\n\n") ? "\n\n" : "";
    insert(area, before + words + after, start, end);
  };

  // Pictures that are there, and the form for a new one, above the page; what is chosen goes into the text.
  const picture = (area, _words, button) => {
    const dialog = document.createElement("dialog");
    dialog.className = "choice";
    dialog.setAttribute("aria-label", button.textContent);
    const take = (found) => {
      dialog.close();
      put(area, found.dataset.put);
    };
    dialog.addEventListener("close", () => {
      dialog.remove();
      area.focus();
    });
    dialog.addEventListener("click", (event) => {
      const found = event.target.closest("[data-put]");
      if (found) take(found);
      else if (event.target.closest("[name=close]")) dialog.close();
    });
    dialog.addEventListener("htmx:afterSwap", () => {
      const found = dialog.querySelector("[data-now]");
      if (found) take(found);
      else dialog.querySelector("[data-focus]")?.focus();
    });
    document.body.append(dialog);
    dialog.showModal();
    window.htmx.ajax("GET", button.dataset.from, { target: dialog, swap: "innerHTML" });
  };

  const deeds = {
    bold: (area, words) => wrap(area, "**", words),
    italic: (area, words) => wrap(area, "*", words),
    heading: (area) => begin(area, "## "),
    list: (area) => begin(area, "- "),
    numbers: (area) => begin(area, "1. "),
    quote: (area) => begin(area, "> "),
    link,
    picture,
  };

  for (const button of document.querySelectorAll(".writing button[hidden]")) {
    button.hidden = false;
    button.addEventListener("click", () => { button.nextElementSibling.hidden = false; });
  }

  for (const bar of document.querySelectorAll("[data-write]")) {
    const area = document.getElementById(bar.dataset.write);
    const buttons = [...bar.querySelectorAll("button")];
    if (!area || !buttons.length) continue;
    bar.hidden = false;

    // One stop for the Tab key; arrows go on from there (WAI-ARIA, toolbar).
    const stop = (one) => { for (const button of buttons) button.tabIndex = button === one ? 0 : -1; };
    stop(buttons[0]);
    bar.addEventListener("keydown", (event) => {
      const at = buttons.indexOf(document.activeElement);
      const next = {
        ArrowRight: (at + 1) % buttons.length,
        ArrowLeft: (at - 1 + buttons.length) % buttons.length,
        Home: 0,
        End: buttons.length - 1,
      }[event.key];
      if (next === undefined || at < 0) return;
      event.preventDefault();
      stop(buttons[next]);
      buttons[next].focus();
    });
    bar.addEventListener("focusin", (event) => { if (buttons.includes(event.target)) stop(event.target); });

    const act = (name) => {
      const button = buttons.find((one) => one.dataset.deed === name);
      if (button) deeds[name](area, button.dataset.words ?? "", button);
    };
    bar.addEventListener("click", (event) => {
      const name = event.target.closest("button")?.dataset.deed;
      if (name) act(name);
    });
    area.addEventListener("keydown", (event) => {
      const name = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && KEYS[event.key.toLowerCase()];
      if (!name) return;
      event.preventDefault();
      act(name);
    });
  }
})();
