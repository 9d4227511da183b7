import { fixed, formatLevel, interval, percent } from '../../../../shared/format/numbers';
import { formatDuration } from '../../../../shared/format/times';
import { capital } from '../../../../shared/format/capital';
import {
  advantageWords,
  differenceWords,
  summaryName,
} from '../../../../shared/catalogue/metric-words';
import { importedNotes, markedName, randomMethodId } from '../../../../shared/catalogue/methods';
import { type MethodSummary, summariesOf } from '../../../../shared/method-summary';
import { type MethodCurve } from '../../../../shared/records';
import { statedAccuracy, statedText } from '../../export/publication';
import { htmlTable } from '../../export/text/html-table';
import { html, type Markup, type Piece } from '../../export/text/markup';
import { methodKeys } from '../../export/text/method-keys';
import { section } from '../../export/text/page';
import { columns, numeric } from '../../export/text/table';
import { intervalSentence, type ReportedModels } from '../metric';
import { bestFirst } from './figure';
import { methodsOf, type RoarReport } from './report';

const none = '–';
const muted = (piece: Piece): Markup => html`<span class="range">${piece}</span>`;

/** Names of the run's methods, each after its line and marker. */
function namesOf(
  report: Pick<RoarReport, 'result'>,
): (of: Pick<MethodSummary, 'method'>) => Markup {
  const key = methodKeys(methodsOf(report).map(({ id }) => id));
  return ({ method }) => html`${key(method.id)}${markedName(method)}`;
}
const isRandom = ({ method }: Pick<MethodSummary, 'method'>) => method.id === randomMethodId;

/** Areas or means, advantages and ranks, the best first. */
export function methodSection({ result, metric }: RoarReport): Markup {
  const { settings } = result.run;
  const { words } = metric.descriptor;
  const summary = summaryName(metric.descriptor);
  const advantage = advantageWords(metric.descriptor, { random: 'the random map', minus: 'minus' });
  const what =
    summary === 'area'
      ? `Area: trapezoid under the ${words.mean.toLowerCase()} over the span of levels.`
      : `Mean: ${words.meanInFull.toLowerCase()}, over images.`;
  const methods = methodsOf({ result });
  const name = (id: string) => {
    const method = methods.find((one) => one.id === id);
    return method ? markedName(method) : id;
  };
  const named = namesOf({ result });
  const explained = [
    `${what} Advantage:`,
    `${advantage}, so that larger is better. Rank: 1 + the number of methods that are`,
    `significantly better; two methods are tied where the 95% paired interval of their ${summary}`,
    'difference contains 0, without correction for the number of pairs.',
  ];
  return section(
    'methods',
    `${capital(summary)}s, advantages and ranks`,
    html`<p class="note">${explained.join('\n      ')}</p>`,
    ...result.notes.map((note) => html`<p class="note"><strong>${note}</strong></p>`),
    htmlTable({
      caption: `Methods by rank. ${intervalSentence(metric, settings, 'Intervals')}`,
      columns: [
        ...columns('Method', 'Equations'),
        ...[capital(summary), '95% interval', 'Advantage', '95% interval', 'Rank'].map(numeric),
        ...columns('Tied with'),
      ],
      rows: bestFirst(summariesOf(result)).map((curve) => [
        named(curve),
        curve.method.equations || none,
        fixed(curve.value, 4),
        muted(interval(curve.low, curve.high, 4)),
        isRandom(curve) ? none : fixed(curve.advantage, 4),
        isRandom(curve) ? none : muted(interval(curve.advantageLow, curve.advantageHigh, 4)),
        curve.rank,
        curve.tiedWith.map(name).join(', ') || none,
      ]),
    }),
    ...importedNotes(methods).map((note) => html`<p class="note">${note}</p>`),
  );
}

/** The retrained models and the random map beside the paper's figures. */
export function accuracySection({ result, paper, dataset }: ReportedModels): Markup {
  const random = result.curves.find(isRandom);
  const stated = dataset.id === paper.accuracies.dataset;
  const { randomMap } = paper.accuracies;
  const rows = result.levels.map((entry, index) => {
    const reference = stated ? statedAccuracy(paper.accuracies, entry.level) : null;
    const point = random?.points[index];
    const ours = entry.validationAccuracy;
    const claimed =
      stated && randomMap.levels.some((level) => Math.abs(level - entry.level) < 1e-9);
    return [
      formatLevel(entry.level),
      ours === null ? none : percent(ours, 2),
      reference === null ? none : statedText(reference),
      ours === null || reference === null ? none : signed(100 * (ours - reference.accuracy)),
      point ? fixed(point.mean) : none,
      claimed ? fixed(randomMap.score, 1) : none,
      entry.epochs,
      entry.reused ? 'reused' : formatDuration(entry.seconds),
    ];
  });
  return section(
    'models',
    'Models, beside the paper’s',
    htmlTable({
      caption:
        'Validation accuracy of the model of each level, and the mean score that it gives images degraded by the random map.',
      columns: [
        ...['Level t', 'Accuracy', 'Paper', 'Difference, points', 'Random map’s score', 'Paper'],
        ...['Epochs', 'Training'],
      ].map(numeric),
      rows,
    }),
  );
}

function signed(points: number): string {
  const text = fixed(points, 2);
  return Number(points.toFixed(2)) > 0 ? `+${text}` : text;
}

/** The figure's numbers. */
export function curveSection({ result, metric }: RoarReport): Markup {
  const { words } = metric.descriptor;
  const levels = result.curves[0]?.points.map(({ level }) => level) ?? [];
  const named = namesOf({ result });
  const table = (
    caption: string,
    curves: readonly MethodCurve[],
    cell: (point: MethodCurve['points'][number]) => Piece,
  ): Markup =>
    htmlTable(
      {
        caption,
        columns: [...columns('Method'), ...levels.map((level) => numeric(formatLevel(level)))],
        rows: curves.map((curve) => [named(curve), ...curve.points.map(cell)]),
      },
      'wide',
    );
  const withRange = (value: number, low: number | null, high: number | null): Markup =>
    low === null || high === null
      ? html`${fixed(value)}`
      : html`${fixed(value)}<br />${muted(`${fixed(low)}, ${fixed(high)}`)}`;
  return section(
    'curves',
    'The figure’s numbers',
    html`<h3>${words.mean}</h3>`,
    table(
      `${words.meanInFull}, and the bounds of its 95% interval.`,
      result.curves,
      ({ mean, low, high }) => withRange(mean, low, high),
    ),
    html`<h3>Difference to the random map</h3>`,
    table(
      `${differenceWords(metric.descriptor)}, and the bounds of its paired 95% interval.`,
      result.curves.filter((curve) => !isRandom(curve)),
      ({ difference, differenceLow, differenceHigh }) =>
        withRange(difference, differenceLow, differenceHigh),
    ),
    ...spreadTable(result.curves, table),
    html`<h3>Ties</h3>`,
    table(
      'Mean share of the removed pixels that ties decided: their attribution equals that of pixels left in place.',
      result.curves,
      ({ tied }) => percent(tied),
    ),
  );
}

/** Of metrics over repetitions: how far these lie apart. */
function spreadTable(
  curves: readonly MethodCurve[],
  table: (
    caption: string,
    curves: readonly MethodCurve[],
    cell: (point: MethodCurve['points'][number]) => Piece,
  ) => Markup,
): Markup[] {
  if (!curves.some(({ points }) => points.some(({ spread }) => spread !== null))) return [];
  return [
    html`<h3>Spread</h3>`,
    table('Standard deviation of the accuracy over repetitions.', curves, ({ spread }) =>
      spread === null ? none : fixed(spread, 4),
    ),
  ];
}
