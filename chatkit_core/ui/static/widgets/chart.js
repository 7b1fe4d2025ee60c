/**
 * Charts: an SVG of our own, with a table for those who do not see it.
 *
 * @import { Component } from "../widget-tree.js"
 * @import { Series } from "./chart-scale.js"
 * @import { MakeView } from "./tree.js"
 * @typedef {{ component: Component, names: string[], series: Series[], width: number, height: number, active: number }} State
 *   what is drawn, how large, and the row that is pointed at or -1
 */

import { el } from "../conversation.js";
import { strings } from "../strings.js";
import { html, nothing, render, svg } from "../vendor/lit-html/lit-html.js";
import { areaOf, barOf, lineOf, stacked, stretches, ticksOf } from "./chart-scale.js";
import { color, setStyles, sizes, text } from "./style.js";

/** @type {Record<string, string>} */
const COLORS = {
  blue: "light-dark(#2f6fde, #76a5f7)",
  purple: "light-dark(#8350d0, #b894f2)",
  orange: "light-dark(#d9730d, #f0a35e)",
  green: "light-dark(#21955a, #5ec994)",
  red: "light-dark(#d64545, #f08484)",
  yellow: "light-dark(#c99a06, #e8c758)",
  pink: "light-dark(#cf4484, #f08ab9)",
};
const WIDEST_BAR = 44;
/** Pixels: room above the plot and at its sides, below it for names, and what a character of a label takes. */
const [EDGE, FOOT, CHARACTER] = [8, 24, 7.2];
/** Pixels from one line of the grid to the next, about. */
const GRID = 44;

/** @type {MakeView} */
export function chartView() {
  const plot = el("div", { className: "w-plot", dir: "ltr", role: "img" });
  const tip = el("div", { className: "w-tip", hidden: true });
  const rest = el("div");
  const element = el("div", { className: "w-chart" }, plot, rest);
  /** @type {State} */
  const state = { component: { type: "Chart" }, names: [], series: [], width: 0, height: 0, active: -1 };

  const point = (/** @type {number} */ row) => {
    state.active = state.component.showTooltip !== false && row < state.names.length ? Math.max(row, -1) : -1;
    render(html`${state.width > 0 ? drawing(state) : nothing}${tip}`, plot);
    showTip(tip, state);
  };
  new ResizeObserver(([{ contentRect: { width, height } }]) => {
    Object.assign(state, { width, height });
    point(-1);
  }).observe(plot);
  plot.addEventListener("pointermove", ({ clientX }) => {
    const row = rowAt(state, clientX - plot.getBoundingClientRect().left);
    if (row !== state.active) point(row);
  });
  for (const end of ["pointerleave", "blur"]) plot.addEventListener(end, () => point(-1));
  plot.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, Escape: -Infinity }[event.key];
    if (!step) return;
    event.preventDefault();
    point(Math.min(state.active + step, state.names.length - 1));
  });

  return {
    element,
    show(component) {
      Object.assign(state, { component, ...dataOf(component) });
      const colors = seriesOf(component).map((series, at) => [`--c${at}`, color(series.color ?? Object.keys(COLORS)[at % 7], COLORS)]);
      setStyles(element, { ...sizes(component), ...Object.fromEntries(colors) });
      plot.tabIndex = component.showTooltip === false ? -1 : 0;
      plot.ariaLabel = [strings.chart, ...state.series.map(({ label }) => label)].join(": ");
      render(html`${component.showLegend === false ? nothing : legend(state)}${table(state)}`, rest);
      point(state.active);
    },
  };
}

/** @param {Component} component @returns {any[]} */
function seriesOf({ series }) {
  return Array.isArray(series) ? series.filter((one) => typeof one?.dataKey === "string") : [];
}

/** @param {Component} component @returns {{ names: string[], series: Series[] }} */
function dataOf(component) {
  const rows = Array.isArray(component.data) ? component.data : [];
  const { xAxis } = component;
  const key = text(xAxis?.dataKey ?? xAxis);
  const names = rows.map((row) => text(xAxis?.labels?.[row?.[key]] ?? row?.[key]));
  const series = seriesOf(component).map(({ type, label, dataKey, stack, curveType }, at) => ({
    type: text(type),
    label: text(label) || dataKey,
    values: rows.map((row) => (Number.isFinite(row?.[dataKey]) ? row[dataKey] : null)),
    stack: text(stack) || `series ${at}`,
    curve: text(curveType) || "monotone",
  }));
  return { names, series };
}

/** Where what is drawn goes. @param {State} state */
function scaleOf({ component, names, series, width, height }) {
  const spans = stacked(series);
  const hasNames = !component.xAxis?.hide;
  const bottom = height - (hasNames ? FOOT : EDGE);
  const ticks = ticksOf(spans, Math.max(2, Math.floor(bottom / GRID)));
  const widest = longest(ticks.map((tick) => numberOf(tick, true)));
  const left = component.showYAxis ? widest * CHARACTER + EDGE : EDGE;
  const band = Math.max(width - left - EDGE, 1) / Math.max(names.length, 1);
  const [least, greatest] = [ticks[0], ticks[ticks.length - 1]];
  return {
    spans,
    hasNames,
    ticks,
    left,
    band,
    x: (/** @type {number} */ row) => left + band * (row + 0.5),
    y: (/** @type {number} */ value) => EDGE + ((greatest - value) / (greatest - least)) * (bottom - EDGE),
  };
}

/** @param {State} state @param {number} x */
function rowAt(state, x) {
  const { left, band } = scaleOf(state);
  return Math.floor((x - left) / band);
}

/** @param {State} state */
function drawing(state) {
  const { component, names, series, width, height, active } = state;
  const scale = scaleOf(state);
  const { ticks, x, y, left, band } = scale;
  const every = Math.max(1, Math.ceil((Math.min(longest(names), 12) * CHARACTER + 10) / band));
  const fits = Math.max(3, Math.floor((band * every - 4) / CHARACTER));
  const lines = series.map((one, at) => (one.type === "bar" ? nothing : shapeOf(one, at, scale)));
  return html`<svg width=${width} height=${height} aria-hidden="true">
    ${ticks.map((tick) => svg`<line class="w-grid" x1=${left} x2=${width - EDGE} y1=${y(tick)} y2=${y(tick)}></line>
      ${component.showYAxis ? svg`<text x=${left - 8} y=${y(tick)} dy="0.32em" text-anchor="end">${numberOf(tick, true)}</text>` : nothing}`)}
    ${active < 0 ? nothing : svg`<rect class="w-active" x=${left + band * active} y=${EDGE} width=${band} height=${y(ticks[0]) - EDGE}></rect>`}
    ${bars(state, scale)}${lines}
    ${scale.hasNames
      ? names.map((name, row) => (row % every ? nothing : svg`<text x=${x(row)} y=${height - 6} text-anchor="middle">${shortened(name, fits)}</text>`))
      : nothing}</svg>`;
}

/** @param {State} state @param {ReturnType<typeof scaleOf>} scale */
function bars({ component, series }, { spans, band, x, y }) {
  const stacks = [...new Set(series.filter(({ type }) => type === "bar").map(({ stack }) => stack))];
  const gap = component.barGap ?? 4;
  const free = band - (component.barCategoryGap ?? band * 0.3) - gap * (stacks.length - 1);
  const width = Math.min(Math.max(free / stacks.length, 1), WIDEST_BAR);
  const start = -(width * stacks.length + gap * (stacks.length - 1)) / 2;
  return series.map(({ type, stack }, at) => {
    if (type !== "bar") return nothing;
    const isLast = !series.some((other, later) => later > at && other.type === "bar" && other.stack === stack);
    const offset = start + stacks.indexOf(stack) * (width + gap);
    return spans[at].map((span, row) =>
      span ? svg`<path fill="var(--c${at})" d=${barOf(x(row) + offset, width, y(span.from), y(span.to), isLast)}></path>` : nothing,
    );
  });
}

/** A line, and if it is an area what is below it. @param {Series} series @param {number} at @param {ReturnType<typeof scaleOf>} scale */
function shapeOf({ type, curve }, at, { spans, x, y }) {
  const rows = spans[at].map((span, row) => span && { x: x(row), y: y(span.to), base: y(type === "area" ? span.from : 0) });
  return stretches(rows).map((points) => {
    const lower = points.map((point) => ({ x: point.x, y: /** @type {typeof point & { base: number }} */ (point).base }));
    const area = type === "area" ? svg`<path class="w-area" fill="var(--c${at})" d=${areaOf(points, lower, curve)}></path>` : nothing;
    return svg`${area}<path class="w-line" stroke="var(--c${at})" d=${lineOf(points, curve)}></path>`;
  });
}

/** @param {HTMLElement} tip @param {State} state */
function showTip(tip, state) {
  const { active, names, series, width } = state;
  tip.hidden = active < 0;
  if (tip.hidden) return;
  const rows = series.map(({ label, values }, at) => html`<div>${swatch(at)}<span>${label}</span><b>${numberOf(values[active])}</b></div>`);
  render(html`<strong>${names[active]}</strong>${rows}`, tip);
  const { x, band } = scaleOf(state);
  const [before, after] = [x(active) - band / 2 - EDGE - tip.offsetWidth, x(active) + band / 2 + EDGE];
  tip.style.setProperty("left", `${after + tip.offsetWidth > width ? Math.max(before, 0) : after}px`);
}

/** @param {State} state */
function legend({ series }) {
  return html`<ul class="w-legend" aria-hidden="true">${series.map(({ label }, at) => html`<li>${swatch(at)}${label}</li>`)}</ul>`;
}

/** @param {number} at */
function swatch(at) {
  return html`<svg class="w-swatch" viewBox="0 0 10 10"><rect width="10" height="10" rx="3" fill="var(--c${at})"></rect></svg>`;
}

/** @param {State} state */
function table({ names, series }) {
  return html`<div class="hidden"><table>
    <tr><td></td>${series.map(({ label }) => html`<th scope="col">${label}</th>`)}</tr>
    ${names.map((name, row) => html`<tr><th scope="row">${name}</th>${series.map(({ values }) => html`<td>${numberOf(values[row])}</td>`)}</tr>`)}
  </table></div>`;
}

/** @param {string[]} labels */
function longest(labels) {
  return labels.reduce((most, { length }) => Math.max(most, length), 0);
}

/** @param {string} name @param {number} most characters */
function shortened(name, most) {
  return name.length > most ? `${name.slice(0, most - 1)}…` : name;
}

/** @param {number | null} value @param {boolean} [short] */
function numberOf(value, short) {
  if (value === null) return "–";
  return value.toLocaleString(undefined, short ? { notation: "compact", maximumFractionDigits: 2 } : { maximumFractionDigits: 6 });
}
