// Follows the talk in its transcript, seeks without a reload and finds words. The page works without: links carry ?t=.
(() => {
  "use strict";
  const video = document.querySelector("video#player");
  // Beside the film the transcript scrolls by itself; as a document it is the page.
  const list = document.querySelector(".cues");
  const lines = document.querySelector("[data-lines]");
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

  // --- another size, or the sound alone: the place stays -----------------------------------------------------------------
  const sizes = [...document.querySelectorAll("a[data-source]")];
  const mark = (link) => {
    for (const one of sizes) one.removeAttribute("aria-current");
    link?.setAttribute("aria-current", "true");
  };
  if (video && sizes.length) {
    // A browser that does not know how to follow the line plays the next source.
    for (const link of sizes) link.hidden = Boolean(link.dataset.type) && !video.canPlayType(link.dataset.type);
    const next = [...video.querySelectorAll("source")].find((source) => video.canPlayType(source.type));
    if (sizes.some((link) => link.hidden && link.hasAttribute("aria-current"))) {
      mark(sizes.find((link) => link.dataset.source === next?.getAttribute("src").split("#")[0]));
    }
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-source]");
    if (!link || !video || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const { currentTime, paused, playbackRate } = video;
    video.src = link.dataset.source;
    video.currentTime = currentTime;
    video.playbackRate = playbackRate;
    if (!paused) video.play().catch(() => {});
    mark(link);
    const heard = document.querySelector("[data-chosen]");
    heard.textContent = heard.dataset.chosen.replace("{choice}", link.textContent);
  });

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-seek]");
    if (!link || !video || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    seek(Number(link.dataset.seek), true);
    history.replaceState(null, "", link.href);
    if (!link.closest(".cues")) video.scrollIntoView({ block: "nearest" });
  });

  // --- by pictures: fetched once somebody plays or looks for one ----------------------------------------------------------
  const peek = document.querySelector("[data-peek]");
  if (video && peek) {
    const fetchPictures = () => {
      if (peek.dataset.fetched) return;
      peek.dataset.fetched = "true";
      const script = document.createElement("script");
      script.src = peek.dataset.peek;
      document.head.append(script);
    };
    for (const kind of ["focusin", "pointerenter"]) peek.addEventListener(kind, fetchPictures);
    video.addEventListener("playing", fetchPictures);
    peek.classList.add("ready");
  }

  // --- following -------------------------------------------------------------------------------------------------------
  let current = cues.findIndex((cue) => cue.hasAttribute("aria-current"));
  let handsOffUntil = 0;
  // Whoever scrolls or tabs through the transcript is reading: do not pull it away from them.
  const reading = () => { handsOffUntil = Date.now() + 8000; };
  for (const kind of ["wheel", "touchmove", "keydown", "pointerdown"]) (list ?? lines)?.addEventListener(kind, reading, { passive: true });

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
  // --- by keys ---------------------------------------------------------------------------------------------------------
  // One line of the transcript, the one that is spoken, is in the order of the tab key: an hour has hundreds. Arrows go to
  // the others, Enter plays from there. Beside the film the link of a line is focused, and its words are read with it.
  const box = list ?? lines;
  const stops = cues.map((cue) => (list ? cue.querySelector("a[data-seek]") : cue));
  const leave = (stop) => (list ? stop.setAttribute("tabindex", "-1") : stop.removeAttribute("tabindex"));
  let here = -1;
  const stand = (index) => {
    if (!stops[index] || cues[index].hidden) return;
    (here < 0 ? stops : [stops[here]]).forEach(leave);
    here = index;
    stops[here].tabIndex = 0;
    const words = list && cues[here].querySelector(".cue-text");
    if (!words) return;
    words.id ||= `said-${here}`;
    stops[here].setAttribute("aria-describedby", words.id);
  };
  if (video && cues.length) {
    stand(Math.max(current, 0));
    list?.setAttribute("aria-describedby", "cues-keys");
  }

  const reveal = (cue) => {
    if (cue.hidden || Date.now() < handsOffUntil) return;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (lines) {
      if (video && !video.paused) cue.scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
      return;
    }
    if (list.scrollHeight <= list.clientHeight) return;
    // Only the panel scrolls, never the page under the reader's finger.
    const top = cue.offsetTop - list.clientHeight / 3;
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
    if (!box.contains(document.activeElement)) stand(index);
    reveal(cue);
  };
  if (current >= 0) reveal(cues[current]);
  if (video && cues.length) {
    video.addEventListener("timeupdate", follow);
    video.addEventListener("seeked", follow);
    if (begins) follow();
  }

  if (video && cues.length) {
    const go = (index, event) => {
      if (!cues[index] || cues[index].hidden) return;
      event.preventDefault();
      stand(index);
      stops[index].focus();
    };
    const beside = (index, step) => {
      let next = index + step;
      while (cues[next]?.hidden) next += step;
      return next;
    };
    box.addEventListener("keydown", (event) => {
      const index = stops.indexOf(event.target);
      if (index < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
      const next = { ArrowDown: beside(index, 1), ArrowUp: beside(index, -1), Home: 0, End: cues.length - 1 }[event.key];
      if (next !== undefined) go(next, event);
      else if (event.key === "Enter" && !list) {
        event.preventDefault();
        seek(starts[index], true);
      }
    });
    lines?.addEventListener("click", (event) => {
      const cue = event.target.closest(".cue");
      // Whoever marks words to copy them does not want to jump.
      if (cue && !event.target.closest("button, a, [popover]") && getSelection().isCollapsed) seek(Number(cue.dataset.start), true);
    });
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
    if (cues[here]?.hidden) stand(cues.findIndex((cue) => !cue.hidden));
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
    const first = cues.findIndex((cue) => !cue.hidden);
    if (here >= 0) stand(first);
    cues[first]?.querySelector("a").focus();
  });
  // The server has marked the words of the address already; only what a browser filled in again is looked for anew.
  if (input.value !== input.defaultValue) find();
})();

// Copies the link to the second that plays, and counts plays and minutes: no cookie, no id, nothing kept on the device.
(() => {
  "use strict";
  const video = document.querySelector("video#player");

  // --- sharing ---------------------------------------------------------------------------------------------------------
  const share = document.querySelector("[data-share]");
  if (share && video) {
    const input = share.querySelector("input");
    const button = share.querySelector("button");
    const status = share.querySelector("[role=status]");
    const two = (number) => String(number).padStart(2, "0");
    const timecode = (seconds) => {
      const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
      return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${two(minutes)}:${two(seconds % 60)}`;
    };
    button.hidden = false;
    button.addEventListener("click", async () => {
      const second = Math.floor(video.currentTime);
      input.value = second ? `${share.dataset.share}?t=${second}` : share.dataset.share;
      input.select();
      try {
        await navigator.clipboard.writeText(input.value);
        status.textContent = status.dataset.copied.replace("{time}", timecode(second));
      } catch {
        // Without leave to use the clipboard the address stands there selected.
        input.focus();
      }
    });
  }

  // --- counting --------------------------------------------------------------------------------------------------------
  const address = document.querySelector("[data-played]")?.dataset.played;
  const unwanted = navigator.globalPrivacyControl || navigator.doNotTrack === "1";
  if (!video || !address || unwanted) return;
  const tell = (what, tenth) => {
    const body = new URLSearchParams(tenth === undefined ? { what } : { what, tenth });
    // Without credentials no cookie goes along, whoever is signed in.
    fetch(address, { method: "POST", body, credentials: "omit", keepalive: true, referrerPolicy: "same-origin" }).catch(() => {});
  };
  let started = false;
  let stopped = false;
  let furthest = 0;
  let watched = 0;
  let last = null;
  video.addEventListener("playing", () => {
    last = performance.now();
    if (!started) tell("start");
    started = true;
  });
  video.addEventListener("timeupdate", () => {
    furthest = Math.max(furthest, video.currentTime);
    if (video.paused || last === null) return;
    const now = performance.now();
    // A device that slept, and not somebody who watched.
    watched += Math.min(now - last, 2000);
    last = now;
    if (watched >= 60000) {
      watched -= 60000;
      tell("minute");
    }
  });
  video.addEventListener("pause", () => { last = null; });
  const stop = () => {
    if (!started || stopped || !(video.duration > 0)) return;
    stopped = true;
    tell("stop", Math.min(9, Math.floor((10 * furthest) / video.duration)));
  };
  video.addEventListener("ended", stop);
  window.addEventListener("pagehide", stop);
})();

// Remembers in this browser, and nowhere else, where a film was left, and offers to go on there; never by itself.
(() => {
  "use strict";
  const video = document.querySelector("video#player");
  const slug = /\/videos\/([^/]+)$/.exec(location.pathname)?.[1];
  if (!video || !slug || navigator.globalPrivacyControl) return;
  const MOST = 6;
  const BEGUN = 10;
  const FINISHED = 0.95;
  const others = () => {
    const kept = JSON.parse(localStorage.getItem("watching") ?? "[]");
    return Array.isArray(kept) ? kept.filter((one) => one?.slug !== slug) : [];
  };
  const remember = () => {
    const { currentTime: at, duration: length } = video;
    if (!(at >= BEGUN) || !(length < Infinity)) return;
    try {
      const heading = document.querySelector("h1");
      const language = heading.closest("[lang]").lang;
      const here = { slug, at, length, title: heading.textContent, language, poster: video.getAttribute("poster") };
      const kept = at > FINISHED * length ? others() : [here, ...others()].slice(0, MOST);
      localStorage.setItem("watching", JSON.stringify(kept));
    } catch {
      // The browser keeps nothing for us: then nothing is remembered.
    }
  };
  let last = 0;
  video.addEventListener("timeupdate", () => {
    if (Math.abs(video.currentTime - last) < 5) return;
    last = video.currentTime;
    remember();
  });
  for (const kind of ["pause", "ended"]) video.addEventListener(kind, remember);
  window.addEventListener("pagehide", remember);

  const place = document.querySelector("[data-go-on]");
  let left;
  try {
    left = JSON.parse(localStorage.getItem("watching")).find((one) => one?.slug === slug);
  } catch {
    return;
  }
  if (!place || !(left?.at < left?.length)) return;
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(left.at / 3600), Math.floor(left.at / 60) % 60];
  const time = `${hours ? `${hours}:` : ""}${two(minutes)}:${two(Math.floor(left.at % 60))}`;
  const button = place.querySelector("button");
  button.textContent = place.dataset.goOn.replace("{time}", time);
  place.hidden = false;
  button.addEventListener("click", () => {
    place.hidden = true;
    video.currentTime = left.at;
    video.play().catch(() => {});
  });
  video.addEventListener("playing", () => { place.hidden = true; }, { once: true });
})();
