// Draws each figure[data-plot] with Chart.js from the table inside it, so that plot and table cannot disagree.
(() => {
  "use strict";
  if (!window.Chart) return;
  const style = () => getComputedStyle(document.documentElement);
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;

  // Words written at a point ("newsletter went out"), with a dashed line down to the axis.
  const marksPlugin = {
    id: "marks",
    afterDatasetsDraw(chart, _args, { marks, color }) {
      const { ctx, chartArea: area, scales } = chart;
      ctx.save();
      ctx.strokeStyle = color;
      ctx.fillStyle = color;
      ctx.font = `500 13px ${Chart.defaults.font.family}`;
      marks.forEach((words, index) => {
        if (!words) return;
        const x = scales.x.getPixelForValue(index);
        const right = x > (area.left + area.right) / 2;
        ctx.setLineDash([4, 4]);
        ctx.beginPath();
        ctx.moveTo(x, area.top);
        ctx.lineTo(x, area.bottom);
        ctx.stroke();
        ctx.textAlign = right ? "right" : "left";
        ctx.fillText(words, x + (right ? -8 : 8), area.top + 12);
      });
      ctx.restore();
    },
  };

  const steps = { grid: { display: false }, ticks: { maxRotation: 0, autoSkipPadding: 24 } };
  const amounts = (line) => ({ beginAtZero: true, ticks: { precision: 0, maxTicksLimit: 5 }, grid: { color: line }, border: { display: false } });
  const nameOf = (row) => row.cells[0].firstChild.textContent.trim();
  // A long name takes several lines rather than half of a telephone's screen.
  const linesOf = (name, width) => {
    const lines = [""];
    for (const word of name.split(" ")) {
      const last = lines.length - 1;
      if (lines[last] && `${lines[last]} ${word}`.length > Math.max(15, width / 20)) lines.push(word);
      else lines[last] = `${lines[last]} ${word}`.trim();
    }
    return lines;
  };
  const names = (width) => ({
    grid: { display: false },
    ticks: {
      autoSkip: false,
      callback(index) {
        return linesOf(this.getLabelForValue(index), width);
      },
    },
  });

  const draw = (figure) => {
    const value = (name) => style().getPropertyValue(name).trim();
    const table = figure.querySelector("table");
    const rows = [...table.tBodies[0].rows];
    const headings = [...table.tHead.rows[0].cells].slice(1).map((cell) => cell.textContent.trim());
    // Who chose their own colours gets them: of ours only the order is left, which legend and table tell too.
    const forced = matchMedia("(forced-colors: active)").matches;
    const ink = forced ? "CanvasText" : value("--ink-soft");
    const colours = forced ? ["Highlight", "CanvasText", "GrayText"] : [value("--brand"), value("--accent"), value("--ink-soft"), value("--sun")];
    // A line through one day would be a lone dot.
    const isRanks = figure.dataset.plot === "ranks";
    const isBar = isRanks || figure.dataset.plot === "bar" || rows.length === 1;
    const area = figure.querySelector(".plot-area");
    const canvas = document.createElement("canvas");
    // The table right below says the same; the picture is for the eye only.
    canvas.setAttribute("aria-hidden", "true");
    area.replaceChildren(canvas);
    area.hidden = false;
    // Each name needs its lines, whatever the number of names.
    const lines = (row) => Math.max(2.2, 1.6 * headings.length, 0.9 + linesOf(nameOf(row), area.clientWidth).length);
    if (isRanks) area.style.height = `${4 + rows.reduce((sum, row) => sum + lines(row), 0)}rem`;
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    Chart.defaults.font.size = 13;
    Chart.defaults.locale = document.documentElement.lang;
    Chart.defaults.color = ink;
    return new Chart(canvas, {
      type: isBar ? "bar" : "line",
      data: {
        labels: rows.map(nameOf),
        datasets: headings.map((label, column) => ({
          label,
          data: rows.map((row) => Number(row.cells[column + 1].dataset.value)),
          borderColor: colours[column % colours.length],
          backgroundColor: colours[column % colours.length],
          borderDash: column ? [6, 4] : [],
          borderWidth: isBar ? 0 : 3,
          borderRadius: 4,
          maxBarThickness: 72,
          pointRadius: rows.length > 40 ? 0 : 3,
          pointStyle: column ? "rectRot" : "circle",
        })),
      },
      options: {
        animation: calm ? false : { duration: 300 },
        maintainAspectRatio: false,
        indexAxis: isRanks ? "y" : "x",
        interaction: { mode: "index", intersect: false },
        plugins: {
          legend: { display: headings.length > 1, align: "end", labels: { usePointStyle: true, boxHeight: 7 } },
          marks: { marks: rows.map((row) => row.dataset.mark), color: forced ? ink : value("--accent") },
        },
        scales: isRanks ? { x: amounts(forced ? ink : value("--line")), y: names(area.clientWidth) } : { x: steps, y: amounts(forced ? ink : value("--line")) },
      },
      plugins: [marksPlugin],
    });
  };

  const figures = [...document.querySelectorAll("figure[data-plot]")];
  for (const figure of figures) figure.querySelector("details").open = false;
  let charts = figures.map(draw);
  for (const setting of ["(prefers-color-scheme: dark)", "(forced-colors: active)"]) {
    matchMedia(setting).addEventListener("change", () => {
      for (const chart of charts) chart.destroy();
      charts = figures.map(draw);
    });
  }
})();
