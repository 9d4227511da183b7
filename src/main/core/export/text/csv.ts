import { type MetricDescriptor } from '../../../../shared/catalogue/metric';
import { type MethodCurve, type MethodValue, type RunResult } from '../../../../shared/records';
import { type CurveScores } from '../../../../statistics/curves';
import { wholeWithFraction } from '../csv/cells';
import { guarded } from '../csv/guard';

export type Cell = string | number | null;

/**
 * RFC 4180 with LF line ends: cells that hold a comma, a quote or a line break are quoted, quotes
 * doubled; null is empty. Numbers are the shortest decimal that reads back as the same double. Texts
 * that a spreadsheet could run have an apostrophe before them, and texts such as 4.0 are quoted, so
 * that they come back as texts.
 *
 * @throws RangeError naming the column where a number is not finite
 */
export function csv(header: readonly string[], rows: Iterable<readonly Cell[]>): string {
  const lines = [csvLine(header)];
  for (const row of rows) {
    const broken = row.findIndex((value) => typeof value === 'number' && !Number.isFinite(value));
    if (broken >= 0) throw new RangeError(`csv: ${header[broken]} is ${row[broken]} in a row`);
    lines.push(csvLine(row));
  }
  return lines.join('');
}

/** One record with its line end. */
export const csvLine = (row: readonly Cell[]): string => `${row.map(cell).join(',')}\n`;

function cell(value: Cell): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = guarded(value);
  return /[",\r\n]/.test(text) || wholeWithFraction.test(text)
    ? `"${text.replaceAll('"', '""')}"`
    : text;
}

/** The shortest decimal that reads back as the same float32. */
export function shortestFloat32(value: number): string {
  // Nine significant digits always do; six are unique for every float32.
  for (let digits = 6; digits < 9; digits += 1) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return String(short);
  }
  return String(Number(value.toPrecision(9)));
}

/** `spread` is a column of metrics over repetitions alone. */
export function curvesCsv(
  curves: readonly MethodCurve[],
  { observation }: Pick<MetricDescriptor, 'observation'>,
): string {
  const withSpread = observation === 'repetition';
  return csv(
    ['method', 'level', 'mean', 'low', 'high', 'n', 'tied', ...(withSpread ? ['spread'] : [])],
    curves.flatMap(({ method, points }) =>
      points.map(({ level, mean, low, high, n, tied, spread }) => [
        method.id,
        level,
        mean,
        low,
        high,
        n,
        tied,
        ...(withSpread ? [spread] : []),
      ]),
    ),
  );
}

/** Of a metric of one value an image, by method in the run's order. */
export function valuesCsv(values: readonly MethodValue[]): string {
  return csv(
    ['method', 'mean', 'low', 'high', 'n'],
    values.map(({ method, mean, low, high, n }) => [method.id, mean, low, high, n]),
  );
}

/**
 * `image` is the index into the validation split. Methods first, then levels, then images. A value of
 * the whole image has an empty level.
 */
export function scoresCsv(
  scores: CurveScores,
  images: readonly number[],
  { result }: Pick<MetricDescriptor, 'result'>,
): string {
  const lines = ['method,level,image,score'];
  let next = 0;
  for (const method of scores.methods) {
    for (const level of scores.levels) {
      const start = `${cell(method.id)},${result === 'curve' ? level : ''},`;
      for (const image of images) {
        const score = scores.scores[next] ?? Number.NaN;
        if (!Number.isFinite(score)) {
          const what = `the score of ${method.id} at level ${level} for image ${image}`;
          throw new RangeError(`scores.csv: ${what} is ${score}`);
        }
        lines.push(`${start}${image},${shortestFloat32(score)}`);
        next += 1;
      }
    }
  }
  if (next !== scores.scores.length) {
    throw new RangeError(`scores.csv: ${scores.scores.length} scores for ${next} cells`);
  }
  return `${lines.join('\n')}\n`;
}

export function modelsCsv(levels: RunResult['levels']): string {
  return csv(
    ['level', 'epochs', 'validation_accuracy', 'seconds'],
    levels.map(({ level, epochs, validationAccuracy, seconds }) => [
      level,
      epochs,
      validationAccuracy,
      seconds,
    ]),
  );
}

/** Every model of a run that retrains; the method is empty where nothing is removed. */
export function retrainedCsv({ run, retrained }: RunResult): string {
  return csv(
    ['method', 'level', 'repetition', 'epochs', 'validation_accuracy', 'seconds'],
    retrained.map(({ method, level, repetition, accuracy, seconds }) => [
      method,
      level,
      repetition,
      run.settings.recipe.epochs,
      accuracy,
      seconds,
    ]),
  );
}
