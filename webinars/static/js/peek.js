// Shows which picture the film has at which second, and goes there. Fetched by js/player.js once it may be wanted.
(() => {
  "use strict";
  const box = document.querySelector("[data-peek]");
  const video = document.querySelector("video#player");
  const track = video?.querySelector("track[label=thumbnails]");
  if (!box || !track) return;
  const range = box.querySelector("input");
  const label = range.nextElementSibling;
  const picture = box.querySelector(".peek-picture");
  const place = /^(.+)#xywh=(\d+),(\d+),(\d+),(\d+)$/;
  let cues = [];
  let sheet = null;

  const two = (number) => String(number).padStart(2, "0");
  const timecode = (seconds) => {
    const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
    return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${two(minutes)}:${two(seconds % 60)}`;
  };
  const show = (seconds) => {
    label.textContent = timecode(Math.floor(seconds));
    const cue = cues.findLast((one) => one.startTime <= seconds) ?? cues[0];
    const part = cue && sheet && place.exec(cue.text);
    if (!part) return;
    const [x, y, width, height] = part.slice(2).map(Number);
    const scale = Math.min(160 / width, 90 / height);
    picture.replaceChildren();
    Object.assign(picture.style, {
      width: `${width * scale}px`,
      height: `${height * scale}px`,
      backgroundImage: `url("${sheet.src}")`,
      backgroundSize: `${sheet.naturalWidth * scale}px auto`,
      backgroundPosition: `${-x * scale}px ${-y * scale}px`,
    });
  };
  const current = () => {
    range.value = video.currentTime;
    show(video.currentTime);
  };

  track.addEventListener("load", () => {
    cues = [...track.track.cues];
    const part = cues.length && place.exec(cues[0].text);
    if (!part) return;
    // One step of the keys is one picture.
    range.step = Math.max(1, Math.round(cues[0].endTime - cues[0].startTime));
    if (!(Number(range.max) > 0)) range.max = Math.floor(cues.at(-1).endTime);
    const image = new Image();
    image.addEventListener("load", () => {
      sheet = image;
      show(Number(range.value));
    });
    image.src = new URL(part[1], track.src);
  }, { once: true });
  track.track.mode = "hidden";
  const measure = () => { if (Number.isFinite(video.duration)) range.max = Math.floor(video.duration); };
  video.addEventListener("loadedmetadata", measure);
  measure();

  const choose = () => {
    show(Number(range.value));
    range.setAttribute("aria-valuetext", timecode(Number(range.value)));
  };
  const go = () => { video.currentTime = Number(range.value); };
  range.addEventListener("input", choose);
  range.addEventListener("change", go);
  // Whoever was faster than this script.
  if (range.value !== range.defaultValue) {
    choose();
    go();
  }
  // Where the pointer is, before anything is pressed.
  range.addEventListener("pointermove", (event) => {
    if (event.buttons || event.pointerType !== "mouse") return;
    const { left, width } = range.getBoundingClientRect();
    show(Math.max(0, Math.min(1, (event.clientX - left) / width)) * Number(range.max));
  });
  range.addEventListener("pointerleave", () => show(Number(range.value)));
  // Keys go on from the second that plays. While they are used it stays put: a slider that moves by itself is read out on and on.
  range.addEventListener("keydown", () => { if (!video.paused) range.value = video.currentTime; });
  video.addEventListener("timeupdate", () => { if (!range.matches(":focus-visible, :hover")) current(); });
})();
