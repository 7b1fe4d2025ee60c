/**
 * The arithmetic of a chart: what is stacked on what, where the lines of the grid are, and paths through points.
 *
 * @typedef {{ type: string, label: string, values: (number | null)[], stack: string, curve: string }} Series
 * @typedef {{ from: number, to: number }} Span
 * @typedef {{ x: number, y: number }} Point
 */

/** Where the marks of each series begin and end in each row. @param {Series[]} series @returns {(Span | null)[][]} */
export function stacked(series) {
  /** @type {Map<string, number>} */
  const heights = new Map();
  return series.map(({ type, stack, values }) =>
    values.map((value, row) => {
      if (value === null) return null;
      const place = JSON.stringify([type, stack, row, value < 0]);
      const from = heights.get(place) ?? 0;
      heights.set(place, from + value);
      return { from, to: from + value };
    }),
  );
}

/** Round numbers from the least to the greatest value, zero among them. @param {(Span | null)[][]} spans @param {number} count wanted @returns {number[]} */
export function ticksOf(spans, count) {
  const ends = spans.flat().flatMap((span) => (span ? [span.from, span.to] : []));
  const least = ends.reduce((one, other) => Math.min(one, other), 0);
  const greatest = ends.reduce((one, other) => Math.max(one, other), least === 0 ? Number.EPSILON : 0);
  const rough = (greatest - least) / Math.max(count, 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 2.5, 5].find((factor) => factor * power >= rough) ?? 10);
  const [first, last] = [Math.floor(least / step), Math.ceil(greatest / step)];
  return Array.from({ length: last - first + 1 }, (_, at) => Number(((first + at) * step).toPrecision(12)));
}

/** The stretches without a gap. @param {(Point | null)[]} points @returns {Point[][]} */
export function stretches(points) {
  /** @type {Point[][]} */
  const all = [[]];
  for (const point of points) {
    if (point) all[all.length - 1].push(point);
    else all.push([]);
  }
  return all.filter((stretch) => stretch.length);
}

/** The path of a line. @param {Point[]} points @param {string} curve one of d3's names */
export function lineOf(points, curve) {
  const [{ x, y }] = points;
  return `M${x},${y}${points.length > 1 ? curveOf(points, curve) : "h0"}`;
}

/** The path of an area. @param {Point[]} upper @param {Point[]} lower @param {string} curve */
export function areaOf(upper, lower, curve) {
  const back = [...lower].reverse();
  const backwards = curve === "stepAfter" ? "stepBefore" : curve === "stepBefore" ? "stepAfter" : curve;
  return `${lineOf(upper, curve)}L${back[0].x},${back[0].y}${curveOf(back, backwards)}Z`;
}

/** A bar whose far end is round. @param {number} x @param {number} width @param {number} from @param {number} to @param {boolean} round */
export function barOf(x, width, from, to, round) {
  const r = round ? Math.min(4, width / 2, Math.abs(to - from)) : 0;
  const turn = to < from ? r : -r;
  return `M${x},${from}V${to + turn}q0,${-turn} ${r},${-turn}h${width - 2 * r}q${r},0 ${r},${turn}V${from}Z`;
}

/** @param {Point[]} points @param {string} curve */
function curveOf(points, curve) {
  const steps = points.slice(1).map((to, at) => ({ from: points[at], to }));
  if (curve.startsWith("step")) {
    const share = { stepBefore: 0, stepAfter: 1 }[curve] ?? 0.5;
    return steps.map(({ from, to }) => `H${from.x + (to.x - from.x) * share}V${to.y}H${to.x}`).join("");
  }
  if (curve.startsWith("linear")) return steps.map(({ to }) => `L${to.x},${to.y}`).join("");
  const slopes = curve.startsWith("bump") ? points.map(() => 0) : slopesOf(points);
  return steps
    .map(({ from, to }, at) => {
      const third = (to.x - from.x) / (curve.startsWith("bump") ? 2 : 3);
      return `C${from.x + third},${from.y + third * slopes[at]} ${to.x - third},${to.y - third * slopes[at + 1]} ${to.x},${to.y}`;
    })
    .join("");
}

/** The slope at each point, such that the curve never overshoots (Fritsch and Carlson 1980). @param {Point[]} points */
function slopesOf(points) {
  const secants = points.slice(1).map(({ x, y }, at) => (y - points[at].y) / (x - points[at].x));
  return points.map((_, at) => {
    const [before, after] = [secants[at - 1] ?? secants[at], secants[at] ?? secants[at - 1]];
    return before * after <= 0 ? 0 : (2 * before * after) / (before + after);
  });
}
