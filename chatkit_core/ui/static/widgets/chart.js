/**
 * Charts: an SVG of our own, with a table for those who do not see it.
 *
 * @import { TemplateResult } from "../vendor/lit-html/lit-html.js"
 * @import { Component, MakeView } from "./layout.js"
 * @typedef {{ row: number, from: number, to: number }} Span where a mark begins and ends
 * @typedef {{ type: string, label: string, values: (number | null)[], stack: string, curve: string,
 *   color: string | undefined, paint: string, spans: Span[] }} Series
 *   `stack`: the same for series of a type that stand on each other; `paint`: refers to the colour
 * @typedef {ReturnType<typeof chartOf>} Chart
 */

import { el } from "../conversation.js";
import { strings } from "../strings.js";
import { html, nothing, render, svg } from "../vendor/lit-html/lit-html.js";
import { color, HUES, setStyles, sizes, text } from "./style.js";

const WIDEST_BAR = 44;
/** Pixels: room above the plot and at its sides, below it for names, and what a character of a label takes. */
const [EDGE, FOOT, CHARACTER] = [8, 24, 7.2];
/** Pixels from one line of the grid to the next, about. */
const GRID = 44;
const EXACT = new Intl.NumberFormat(undefined, { maximumFractionDigits: 6 });
const SHORT = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2, notation: "compact" });

/** @type {MakeView} */
export function chartView(_place, self) {
  const plot = el("div", { className: "w-plot", dir: "ltr", role: "img" });
  const rest = el("div");
  const element = el("div", { className: "w-chart" }, plot, rest);
  let active = -1;
  /** @type {Chart} */
  let chart;

  /** Draw the chart, with what it says of a row. */
  const draw = (row = -1) => {
    chart = chartOf(self.component, plot.clientWidth, plot.clientHeight);
    const { component, names, width, left, band } = chart;
    active = component.showTooltip !== false && row < names.length ? Math.max(row, -1) : -1;
    render(html`${width > 0 ? drawing(chart, active) : nothing}${active < 0 ? nothing : tipOf(chart, active)}`, plot);
    if (active < 0) return;
    const tip = /** @type {HTMLElement} */ (plot.lastElementChild);
    const [start, end] = [left + band * active - EDGE - tip.offsetWidth, left + band * (active + 1) + EDGE];
    tip.style.left = `${end + tip.offsetWidth > width ? Math.max(start, 0) : end}px`;
  };
  new ResizeObserver(() => draw()).observe(plot);
  plot.addEventListener("pointermove", ({ clientX }) => {
    const row = Math.floor((clientX - plot.getBoundingClientRect().left - chart.left) / chart.band);
    if (row !== active) draw(row);
  });
  for (const end of ["pointerleave", "blur"]) plot.addEventListener(end, () => draw());
  plot.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, Escape: -Infinity }[event.key];
    if (!step) return;
    event.preventDefault();
    draw(Math.min(active + step, chart.names.length - 1));
  });

  return {
    element,
    show(component) {
      draw(active);
      const { names, series } = chart;
      setStyles(element, { ...sizes(component), ...Object.fromEntries(series.map((one, at) => [`--c${at}`, one.color])) });
      plot.tabIndex = component.showTooltip === false ? -1 : 0;
      plot.ariaLabel = [strings.chart, ...series.map(({ label }) => label)].join(": ");
      const legend = html`<ul class="w-legend" aria-hidden="true">${series.map((one) => html`<li>${swatch(one)}${one.label}</li>`)}</ul>`;
      render(html`${component.showLegend === false ? nothing : legend}<div class="hidden"><table>
        <tr><td></td>${series.map(({ label }) => html`<th scope="col">${label}</th>`)}</tr>
        ${names.map((name, row) => html`<tr><th scope="row">${name}</th>${series.map((one) => html`<td>${valueOf(one, row)}</td>`)}</tr>`)}
      </table></div>`, rest);
    },
  };
}

/** What is drawn, and where it goes. @param {Component} component @param {number} width @param {number} height */
function chartOf(component, width, height) {
  const rows = Array.isArray(component.data) ? component.data : [];
  const { xAxis } = component;
  const key = text(xAxis?.dataKey ?? xAxis);
  const names = rows.map((row) => text(xAxis?.labels?.[row?.[key]] ?? row?.[key]));
  const series = seriesOf(component, rows);
  const bottom = height - (xAxis?.hide ? EDGE : FOOT);
  const ticks = ticksOf(series, Math.max(2, Math.floor(bottom / GRID)));
  const left = component.showYAxis ? longest(ticks.map(SHORT.format)) * CHARACTER + EDGE : EDGE;
  const band = Math.max(width - left - EDGE, 1) / Math.max(names.length, 1);
  const [least, greatest] = [ticks[0], ticks[ticks.length - 1]];
  return {
    component,
    names,
    series,
    ticks,
    width,
    left,
    bottom,
    band,
    x: (/** @type {number} */ row) => left + band * (row + 0.5),
    y: (/** @type {number} */ value) => EDGE + ((greatest - value) / (greatest - least)) * (bottom - EDGE),
  };
}

/** @param {Component} component @param {any[]} rows @returns {Series[]} */
function seriesOf({ series }, rows) {
  /** How high each stack is by now. @type {Record<string, number>} */
  const heights = {};
  const usable = Array.isArray(series) ? series.filter((one) => typeof one?.dataKey === "string") : [];
  return usable.map((one, at) => {
    const { type, label, dataKey, curveType, color: wanted } = one;
    const hue = wanted ?? Object.keys(HUES)[at % 7];
    const stack = JSON.stringify([type, text(one.stack) || at]);
    const values = rows.map((row) => (Number.isFinite(row?.[dataKey]) ? row[dataKey] : null));
    const spans = values.flatMap((value, row) => {
      if (value === null) return [];
      const place = [stack, row, value < 0].join();
      const from = heights[place] ?? 0;
      heights[place] = from + value;
      return { row, from, to: heights[place] };
    });
    return {
      type,
      label: text(label) || dataKey,
      values,
      stack,
      curve: text(curveType),
      color: color(Object.hasOwn(HUES, hue) ? { light: `${hue}-500`, dark: `${hue}-300` } : hue),
      paint: `var(--c${at})`,
      spans,
    };
  });
}

/** Round numbers from the least to the greatest value, zero among them. @param {Series[]} series @param {number} count wanted */
function ticksOf(series, count) {
  const ends = [0, ...series.flatMap(({ spans }) => spans.flatMap(({ from, to }) => [from, to]))].sort((one, other) => one - other);
  const least = ends[0];
  const greatest = ends[ends.length - 1] || (least ? 0 : 1);
  const rough = (greatest - least) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 2.5, 5].find((factor) => factor * power >= rough) ?? 10);
  const [first, last] = [Math.floor(least / step), Math.ceil(greatest / step)];
  return Array.from({ length: last - first + 1 }, (_, at) => Number(((first + at) * step).toPrecision(12)));
}

/** @param {Chart} chart @param {number} active the row that is pointed at, or -1 */
function drawing(chart, active) {
  const { component, names, series, ticks, width, left, bottom, band, x, y } = chart;
  const every = Math.ceil((Math.min(longest(names), 12) * CHARACTER + 10) / band);
  const fits = Math.max(3, Math.floor((band * every - 4) / CHARACTER));
  return html`<svg width="100%" height="100%" aria-hidden="true">
    ${ticks.map((tick) => svg`<path class="w-grid" d=${`M${left},${y(tick)}H${width - EDGE}`}></path>
      ${component.showYAxis ? svg`<text x=${left - 8} y=${y(tick)} dy="0.32em" text-anchor="end">${SHORT.format(tick)}</text>` : nothing}`)}
    ${active < 0 ? nothing : svg`<path class="w-active" d=${`M${left + band * active},${EDGE}h${band}V${bottom}h${-band}`}></path>`}
    ${series.map((one) => (one.type === "bar" ? barsOf(one, chart) : nothing))}
    ${series.map((one) => (one.type === "bar" ? nothing : linesOf(one, chart)))}
    ${names.map((name, row) => {
      if (row % every || component.xAxis?.hide) return nothing;
      return svg`<text x=${x(row)} y=${bottom + 18} text-anchor="middle">${name.length > fits ? `${name.slice(0, fits - 1)}…` : name}</text>`;
    })}</svg>`;
}

/** Bars; the far end of a stack is round. @param {Series} one @param {Chart} chart */
function barsOf(one, { component, series, band, x, y }) {
  const gap = Number(component.barGap ?? 4);
  const stacks = [...new Set(series.filter(({ type }) => type === "bar").map(({ stack }) => stack))];
  const room = (band - (component.barCategoryGap ?? band * 0.3) + gap) / stacks.length - gap;
  const width = Math.min(Math.max(room, 1), WIDEST_BAR);
  const offset = (stacks.indexOf(one.stack) - stacks.length / 2) * (width + gap) + gap / 2;
  const isLast = one === series.findLast(({ stack }) => stack === one.stack);
  return one.spans.map(({ row, from, to }) => {
    const length = y(to) - y(from);
    const round = isLast ? Math.min(4, width / 2, Math.abs(length)) : 0;
    const turn = Math.sign(length) * round;
    const end = `v${length - turn}q0,${turn} ${round},${turn}h${width - 2 * round}q${round},0 ${round},${-turn}`;
    return svg`<path fill=${one.paint} d=${`M${x(row) + offset},${y(from)}${end}V${y(from)}`}></path>`;
  });
}

/** Lines, one for each stretch without a gap, and if they are areas what is below. @param {Series} one @param {Chart} chart */
function linesOf({ type, curve, paint, spans }, { band, x, y }) {
  const stretches = Object.values(Object.groupBy(spans, ({ row }, at) => row - at));
  return stretches.map((stretch = []) => {
    const along = (/** @type {"from" | "to"} */ end) => curveOf(stretch.map((span) => [x(span.row), y(span[end])]), curve, band);
    const area = svg`<path class="w-area" fill=${paint} d=${pathOf(along("to"), along("from"))}></path>`;
    return svg`${type === "area" ? area : nothing}<path class="w-line" stroke=${paint} d=${pathOf(along("to"), along("to"))}></path>`;
  });
}

/** The path along one curve and back along the other; a line goes back where it came from. @param {string[]} there @param {string[]} back */
function pathOf(there, back) {
  const points = [...there, ...back.reverse()];
  return `M${points[1]}C${points.slice(2, -1).join(" ")}`;
}

/**
 * The points of a curve that are a band apart, each between the two that the line is drawn to before and after it.
 * @param {number[][]} points @param {string} curve one of d3's names @param {number} band
 * @returns {string[]}
 */
function curveOf(points, curve, band) {
  if (curve.startsWith("step")) {
    const share = { stepBefore: 0, stepAfter: 1 }[curve] ?? 0.5;
    const corners = points.slice(1).flatMap(([x, y], at) => {
      const turn = x + (share - 1) * band;
      return [[turn, points[at][1]], [turn, y], [x, y]];
    });
    return curveOf([points[0], ...corners], "linear", band);
  }
  const isBump = curve.startsWith("bump");
  const share = curve.startsWith("linear") ? 0 : isBump ? 1 / 2 : 1 / 3;
  const rises = points.slice(1).map(([, y], at) => y - points[at][1]);
  return points.flatMap(([x, y], at) => {
    // Such that the curve never overshoots (Fritsch and Carlson 1980).
    const [before, after] = [rises[at - 1] ?? rises[at], rises[at] ?? rises[at - 1]];
    const slope = before * after > 0 && !isBump ? (2 * before * after) / (before + after) : 0;
    const pull = (/** @type {number} */ reach) => `${x + reach * band},${y + reach * slope}`;
    return [pull(at > 0 ? -share : 0), pull(0), pull(at < rises.length ? share : 0)];
  });
}

/** @param {Chart} chart @param {number} row */
function tipOf({ names, series }, row) {
  const values = series.map((one) => html`<div>${swatch(one)}<span>${one.label}</span><b>${valueOf(one, row)}</b></div>`);
  return html`<div class="w-tip"><strong>${names[row]}</strong>${values}</div>`;
}

/** @param {Series} series */
function swatch({ paint }) {
  return html`<svg class="w-swatch" fill=${paint}><rect width="10" height="10" rx="3"></rect></svg>`;
}

/** @param {Series} series @param {number} row */
function valueOf({ values }, row) {
  const value = values[row];
  return value === null ? "–" : EXACT.format(value);
}

/** @param {string[]} labels */
function longest(labels) {
  return labels.reduce((most, { length }) => Math.max(most, length), 0);
}
