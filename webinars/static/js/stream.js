// Plays a film that comes in pieces (HLS) where the browser cannot do so by itself: only then a library is fetched for it.
(() => {
  "use strict";
  const video = document.querySelector("video#player[data-pieces]");
  const source = video?.querySelector("source");
  if (!source) return;
  const status = document.querySelector("[data-cannot]");
  const giveUp = () => { status.textContent = status.dataset.cannot; };

  const attach = () => {
    const { Hls } = window;
    if (!Hls?.isSupported()) {
      giveUp();
      return;
    }
    // Workers are made of text, which the page's rules forbid. It begins with the smallest size, which any line carries.
    const begins = Number(video.dataset.start) || -1;
    const player = new Hls({ enableWorker: false, startLevel: 0, capLevelToPlayerSize: true, startPosition: begins });
    player.on(Hls.Events.ERROR, (_, trouble) => { if (trouble.fatal) giveUp(); });
    if (!video.paused) player.on(Hls.Events.MANIFEST_PARSED, () => video.play().catch(() => {}));
    player.loadSource(source.src.split("#")[0]);
    player.attachMedia(video);
  };
  const help = () => {
    const library = document.createElement("script");
    library.src = video.dataset.pieces;
    library.addEventListener("load", attach);
    library.addEventListener("error", giveUp);
    document.head.append(library);
  };
  if (video.canPlayType(source.type)) source.addEventListener("error", help, { once: true });
  else help();
})();
