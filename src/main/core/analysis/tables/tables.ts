import { importedNotes } from '../../../../shared/catalogue/methods';
import { formatCount } from '../../../../shared/format/counts';
import { fixed } from '../../../../shared/format/numbers';
import {
  edgesId,
  type QuestionId,
  questionOf,
  tableOfQuestion,
} from '../../../../shared/ratings/questions';
import {
  type Agreement,
  type Correlation,
  type StudyResults,
  type TableCell,
} from '../../../../shared/ratings/results';
import { type FontFiles } from '../../storage/installed-files';

/** What the tables of one study are made of. */
export interface TablesReport {
  readonly results: StudyResults;
  /** Version of Saliency Studio. */
  readonly version: string;
  /** Authors and title of what the tables are compared with. */
  readonly reference: string;
  readonly fonts: FontFiles;
}

export interface TableRow {
  readonly id: string;
  readonly name: string;
  /** One for each dataset, in the order of `StudyResults.datasets`. */
  readonly cells: readonly (TableCell | null)[];
}

/** The table of a question: methods by datasets. */
export interface QuestionTable {
  readonly question: QuestionId;
  /** The paper's number for it; null where the paper does not ask it. */
  readonly number: 'I' | 'II' | null;
  readonly title: string;
  /** `Table I: Visual coherence`, or the title alone. */
  readonly heading: string;
  /** Of its scale, lowest first. */
  readonly labels: readonly string[];
  readonly rows: readonly TableRow[];
}

/** One for each question; methods without a rating for any of them keep their rows. */
export function questionTables(results: StudyResults): readonly QuestionTable[] {
  const cells = new Map(
    results.tables.map((cell) => [key(cell.question, cell.dataset, cell.method), cell]),
  );
  return results.questions.map(({ id: question, title, labels }) => {
    const number = tableOfQuestion(question);
    return {
      question,
      number,
      title,
      heading: number === null ? title : `Table ${number}: ${title}`,
      labels,
      rows: results.methods.map(({ id, name }) => ({
        id,
        name,
        cells: results.datasets.map((dataset) => cells.get(key(question, dataset.id, id)) ?? null),
      })),
    };
  });
}

// Ids from an imported file may hold any character but this one.
const key = (...parts: readonly string[]) => parts.join('\u0000');

export const questionTitle = ({ questions }: StudyResults, question: QuestionId): string =>
  questionOf(questions, question).title;

export const studyTitle = ({ study }: StudyResults): string =>
  study.version === 1 ? study.name : `${study.name}, version ${study.version}`;

/** `4.10 [3.80, 4.40]`, with what of it there is; a dash without ratings. */
export function meanText(cell: TableCell | null): string {
  if (!cell || cell.mean === null) return '–';
  const mean = fixed(cell.mean, 2);
  return cell.low === null || cell.high === null
    ? mean
    : `${mean} [${fixed(cell.low, 2)}, ${fixed(cell.high, 2)}]`;
}

export const labelText = (cell: TableCell | null): string => cell?.label ?? '–';

/** Below tables of questions: what a cell says. */
export function cellNote(
  questions: readonly { readonly title: string; readonly labels: readonly string[] }[],
): string {
  const scale = (labels: readonly string[]) => {
    const [first = '', last = ''] = [labels[0], labels.at(-1)];
    return `1 (${first}) to ${labels.length} (${last})`;
  };
  const scales = [...new Set(questions.map(({ labels }) => scale(labels)))];
  const own = questions.map(({ title, labels }) => `${title}: ${scale(labels)}`);
  const scores = scales.length === 1 ? ` ${scales[0]}` : `, ${own.join('; ')},`;
  return `In each cell: the median label; the mean of the scores${scores} with its 95% interval; n, the number of ratings.`;
}

const proposedNote = '* Methods that the paper proposes.';

const hasProposed = ({ methods }: StudyResults): boolean =>
  methods.some(({ name }) => name.endsWith('*'));

export const agreementNames: Readonly<Record<Agreement['statistic'], string>> = {
  'krippendorff-alpha-ordinal': 'Krippendorff’s alpha, ordinal',
  'percent-agreement': 'Agreeing pairs of raters',
  'quadratic-weighted-kappa': 'Kappa, quadratic weights',
  'intra-rater-agreement': 'Repeats with the same label',
  'intra-rater-kappa': 'Kappa of repeats, quadratic weights',
};

export const correlationNames: Readonly<Record<Correlation['statistic'], string>> = {
  spearman: 'Spearman’s rho',
  'kendall-tau-b': 'Kendall’s tau-b',
};

/** What prose shows of a list of estimates: those there are, and why there are no others. */
export interface Shown<T> {
  readonly rows: readonly T[];
  readonly gaps: readonly string[];
}

/** Agreement of all raters at once; by pair and by rater it is in the JSON. */
export function shownAgreement(results: StudyResults): Shown<Agreement> {
  const overall = results.agreement.filter(({ raters }) => raters === null);
  return shown(
    overall,
    ({ question, dataset, statistic }) =>
      `${questionTitle(results, question)}, ${datasetName(results, dataset)}, ${agreementNames[statistic]}`,
  );
}

/** Kappas of pairs of raters in a sentence for each question and dataset that two raters rated. */
export function kappaNotes(results: StudyResults): string[] {
  const rated = results.kappas.filter(({ pairs }) => pairs > 0);
  const notes = rated.map((summary) => {
    const { question, dataset, pairs, sharing, defined } = summary;
    const place = `${questionTitle(results, question)}, ${datasetName(results, dataset)}`;
    const { median, lowerQuartile: low, upperQuartile: high, least, most } = summary;
    const figures =
      median === null || low === null || high === null || least === null || most === null
        ? 'defined for none of them'
        : `median ${fixed(median)}, middle half ${fixed(low)} to ${fixed(high)}, all ${fixed(least)} to ${fixed(most)}`;
    return [
      `${place}: kappa with quadratic weights of every two raters, over the maps that both rated: ${formatCount(sharing)} of ${formatCount(pairs)} pairs rated a map in common`,
      sharing === 0 ? '.' : `; ${figures}`,
      sharing > 0 && defined > 0 && defined < sharing
        ? ` (not defined for ${formatCount(sharing - defined)}, who gave one and the same label throughout)`
        : '',
      sharing === 0 ? '' : '.',
    ].join('');
  });
  return rated.every(({ listed }) => listed) ? notes : [...notes, notListedNote];
}

export const notListedNote =
  'These are too many pairs to list here: the export “kappas” (on the command line `tables --format kappas`) has all of them, one a row.';

export function shownCorrelations(results: StudyResults): Shown<Correlation> {
  // Of one dataset the mean within datasets says nothing more.
  const alone = results.datasets.length === 1;
  return shown(
    results.correlation.filter(({ dataset }) => !alone || dataset !== 'pooled'),
    ({ question, against }) =>
      `${questionTitle(results, question)} against ${againstNames[against]}`,
  );
}

function shown<T extends { readonly value: number | null; readonly reason: string | null }>(
  all: readonly T[],
  nameOf: (row: T) => string,
): Shown<T> {
  const rows = all.filter(({ value }) => value !== null);
  const missing = all.filter(({ value, reason }) => value === null && reason !== null);
  return { rows, gaps: [...new Set(missing.map((row) => `${nameOf(row)}: ${row.reason ?? ''}`))] };
}

export function estimateText(
  value: number | null,
  low: number | null,
  high: number | null,
): string {
  if (value === null) return '–';
  return low === null || high === null
    ? fixed(value)
    : `${fixed(value)} [${fixed(low)}, ${fixed(high)}]`;
}

export function datasetName({ datasets }: StudyResults, id: string): string {
  if (id === 'pooled') return 'Mean within datasets';
  if (id === 'all') return 'All cells';
  return datasets.find((dataset) => dataset.id === id)?.name ?? id;
}

/** What the scores of a question are compared with. */
export const againstNames: Readonly<Record<Correlation['against'], string>> = {
  'roar-advantage': 'ROAR advantage',
  [edgesId]: 'edge differentiation',
};

/** What marks beside names of methods say. */
export const markNotes = (results: StudyResults): string[] => [
  ...(hasProposed(results) ? [proposedNote] : []),
  ...importedNotes(
    results.methods.map(({ id, name, known }) => ({ id, name, imported: known?.imported })),
  ),
];

/** What must be said with the tables, in one list. */
export function tableNotes(results: StudyResults): string[] {
  return [
    cellNote(results.questions),
    ...markNotes(results),
    ...results.filterNotes,
    ...results.notes,
  ];
}
