// Comfort for every page: the reader's own clock. Without it the pages show the organiser's zone, which is always there.
(() => {
  "use strict";
  const doc = document;

  // After a rejected form the list of what to mend is read out first.
  doc.querySelector("[data-focus]")?.focus();

  // A frame that a button fills may stand out of sight.
  doc.addEventListener("submit", (event) => {
    const target = event.submitter?.formTarget;
    if (target) doc.querySelector(`iframe[name="${CSS.escape(target)}"]`)?.scrollIntoView({ block: "nearest" });
  });

  // Another language takes along what was typed into the form that signs up.
  const isFilled = ({ type, checked, defaultChecked, value }) =>
    type === "checkbox" || type === "radio" ? checked !== defaultChecked : type !== "hidden" && value;
  for (const button of doc.querySelectorAll("[data-speaks]")) {
    doc.querySelector(`.languages a[hreflang="${button.dataset.speaks}"]`)?.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || ![...button.form.elements].some(isFilled)) return;
      event.preventDefault();
      button.click();
    });
  }

  let zone;
  try {
    zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  } catch {
    return;
  }
  if (!zone) return;

  // Letters and calendar entries use this zone.
  for (const input of doc.querySelectorAll('input[name="time_zone"]')) {
    if (!input.value) input.value = zone;
  }

  // Staff pages count days in the reader's zone on the server. A visitor's zone stays in the browser: the times below
  // are worked out here at every visit. Slashes stay: they are legal in a cookie's value.
  if (doc.body.classList.contains("staff-body") && !doc.cookie.split("; ").includes(`tz=${zone}`)) {
    const secure = location.protocol === "https:" ? "; Secure" : "";
    doc.cookie = `tz=${zone}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
  }

  // Minutes east of UTC, from the end of an RFC 3339 time.
  const offsetOf = (text) => {
    const found = /([+-])(\d\d):(\d\d)$/.exec(text);
    return found ? (found[1] === "-" ? -1 : 1) * (Number(found[2]) * 60 + Number(found[3])) : 0;
  };
  const language = doc.documentElement.lang;
  const city = zone.split("/").pop().replaceAll("_", " ");

  // What is said when both clocks agree; without words for that, nothing.
  const timeFor = (stamp, words) => {
    const moment = new Date(stamp);
    if (-moment.getTimezoneOffset() === offsetOf(stamp)) return words.same;
    const options = { hour: "numeric", minute: "2-digit" };
    // Across midnight the weekday differs too, and a bare time would mislead.
    const there = new Date(moment.getTime() + offsetOf(stamp) * 60000).getUTCDate();
    if (there !== moment.getDate()) options.weekday = "long";
    const time = moment.toLocaleString(language, options).replace(/ ([AP])M$/, (_, half) => ` ${half.toLowerCase()}m`);
    return words.text.replace("{time}", time).replace("{city}", city);
  };

  for (const place of doc.querySelectorAll("time.your-time")) {
    const words = timeFor(place.dateTime, place.dataset);
    if (words) {
      place.textContent = words;
      place.hidden = false;
    }
  }

  // Why: it is another day here, or one of the two clocks changes before then.
  for (const place of doc.querySelectorAll(".time-note[data-start]")) {
    const { start, today, days, clocks } = place.dataset;
    const moment = new Date(start);
    const there = new Date(moment.getTime() + offsetOf(start) * 60000).getUTCDate();
    const said = [];
    if (there !== moment.getDate()) {
      const part = [5, 12, 18, 22, 24].findIndex((end) => moment.getHours() < end);
      said.push(JSON.parse(days)[part].replace("{day}", moment.toLocaleString(language, { weekday: "long" })));
    }
    const apart = (date, stamp) => -date.getTimezoneOffset() - offsetOf(stamp);
    if (moment > new Date() && apart(new Date(), today) !== apart(moment, start)) said.push(clocks);
    place.textContent = said.join(" ");
    place.hidden = !said.length;
  }
})();
