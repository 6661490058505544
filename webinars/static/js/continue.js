// Videos that were left in the middle, as player.js remembers them in this browser. Nothing is sent to anybody.
(() => {
  "use strict";
  const section = document.querySelector("[data-watching]");
  let left;
  try {
    left = JSON.parse(localStorage.getItem("watching"));
  } catch {
    // Not allowed, or not ours.
  }
  if (!section || !Array.isArray(left)) return;

  const two = (number) => String(number).padStart(2, "0");
  const timecode = (seconds) => {
    const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
    return `${hours ? `${hours}:` : ""}${two(minutes)}:${two(Math.floor(seconds % 60))}`;
  };
  const list = section.querySelector("ul");
  const card = section.querySelector("template");
  for (const { slug, at, length, title, language, poster } of left.filter(Boolean)) {
    if (!slug || !title || !(at < length)) continue;
    const item = card.content.cloneNode(true);
    const link = item.querySelector("a");
    link.href = `videos/${slug}?t=${Math.floor(at)}#player`;
    link.textContent = title;
    link.lang = language;
    const words = item.querySelector("p");
    words.textContent = words.textContent.replace("{at}", timecode(at)).replace("{length}", timecode(length));
    if (poster) {
      const picture = new Image(480, 270);
      picture.alt = "";
      picture.src = poster;
      item.querySelector(".poster").prepend(picture);
    }
    list.append(item);
  }
  const rest = document.querySelector("[data-beside-watching]");
  section.hidden = rest.hidden = !list.childElementCount;
  section.querySelector("button").addEventListener("click", () => {
    localStorage.removeItem("watching");
    section.hidden = rest.hidden = true;
    // What was pressed is gone: whoever reads by keyboard goes on at the beginning.
    const heading = document.querySelector("h1");
    heading.tabIndex = -1;
    heading.focus();
  });
})();
