// Sends a recording in pieces, so that a broken line or a closed page costs nothing. Without it the form sends it whole.
(() => {
  "use strict";
  const form = document.querySelector("form[data-uploads]");
  const input = form?.querySelector('input[type="file"][name="file"]');
  const desk = document.querySelector("#upload");
  if (!form || !input || !desk || !window.tus?.isSupported) return;

  const bar = desk.querySelector("progress");
  const status = desk.querySelector("[role=status]");
  const [pause, giveUp] = desk.querySelectorAll("button");
  const words = desk.dataset;
  const number = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 });
  const megabytes = (bytes) => number.format(bytes / 1e6);
  let upload;
  let going = false;

  const value = (name) => form.querySelector(`[name="${name}"]`).value;
  const say = (text) => { status.textContent = text; };
  const show = (sent, total) => {
    bar.max = total;
    bar.value = sent;
    say(words.progress.replace("{sent}", megabytes(sent)).replace("{total}", megabytes(total)));
  };
  const set = (goes) => {
    going = goes;
    pause.textContent = goes ? words.pause : words.resume;
  };
  const fail = (error) => {
    set(false);
    const told = error.originalResponse?.getHeader("Content-Type")?.startsWith("text/plain") && error.originalResponse.getBody();
    say(told || words.failed);
  };
  const done = () => {
    window.removeEventListener("beforeunload", hold);
    say(words.done);
    // The still picture goes along; the file is here already. What it replaces is not sent: neither what was seen, which
    // is not there any more, nor the link, which stays until a worker has put the file into a bucket.
    for (const name of ["file", "duration_seconds", "media_url", "seen"]) form.querySelector(`[name="${name}"]`).remove();
    form.submit();
  };
  // The browser asks whether to leave; what has arrived stays in any case.
  const hold = (event) => { if (going) event.preventDefault(); };

  const start = async () => {
    const file = input.files[0];
    desk.hidden = false;
    upload = new tus.Upload(file, {
      endpoint: form.dataset.uploads,
      chunkSize: 16 * 1024 * 1024,
      headers: { "X-CSRFToken": value("csrf_token"), "If-Match": `"${value("seen")}"` },
      retryDelays: [0, 1000, 3000, 5000, 10000, 20000, 30000, 60000],
      removeFingerprintOnSuccess: true,
      onProgress: show,
      onSuccess: done,
      onError: fail,
    });
    // The same file chosen again goes on where it broke off, also after the browser was closed.
    const [earlier] = await upload.findPreviousUploads();
    if (earlier) upload.resumeFromPreviousUpload(earlier);
    set(true);
    show(0, file.size);
    upload.start();
    desk.scrollIntoView({ block: "nearest" });
  };

  form.addEventListener("submit", (event) => {
    if (!input.files.length) return;
    event.preventDefault();
    if (!going) start();
  });
  pause.addEventListener("click", () => {
    if (going) upload.abort();
    else upload.start();
    if (going) say(words.paused);
    set(!going);
  });
  giveUp.addEventListener("click", () => {
    upload?.abort(true).catch(() => {});
    going = false;
    desk.hidden = true;
    input.value = "";
    input.focus();
  });
  window.addEventListener("online", () => {
    if (upload && !going && status.textContent === words.failed) {
      set(true);
      upload.start();
    }
  });
  window.addEventListener("beforeunload", hold);
})();
