import { formatCount } from '../../../shared/format/counts';
import { type QuestionId } from '../../../shared/ratings/questions';
import {
  type Agreement,
  type KappaSummary,
  type StudyResults,
} from '../../../shared/ratings/results';
import { counted, formatNumber } from '../../format';

type Statistic = Agreement['statistic'];

export const statisticNames: Readonly<Record<Statistic, string>> = {
  'krippendorff-alpha-ordinal': 'Krippendorff’s α',
  'percent-agreement': 'Agreeing pairs',
  'quadratic-weighted-kappa': 'Quadratic weighted κ',
  'intra-rater-agreement': 'Same label again',
  'intra-rater-kappa': 'κ with oneself',
};

export interface AgreementRow {
  readonly question: QuestionId;
  readonly dataset: string;
  readonly alpha: Agreement | null;
  readonly percent: Agreement | null;
  /** Why a value is missing, each reason once. */
  readonly reasons: readonly string[];
}

const overall = ({ raters }: Agreement) => raters === null;

/** The statistics of all raters together: a row for each question and dataset. */
export function agreementRows(results: StudyResults): AgreementRow[] {
  return results.questions.flatMap(({ id: question }) =>
    results.datasets.flatMap(({ id }) => {
      const inside = results.agreement.filter(
        (each) => overall(each) && each.question === question && each.dataset === id,
      );
      const find = (statistic: Statistic) =>
        inside.find((each) => each.statistic === statistic) ?? null;
      const alpha = find('krippendorff-alpha-ordinal');
      const percent = find('percent-agreement');
      if (!alpha && !percent) return [];
      const reasons = [alpha, percent].flatMap((each) => (each?.reason ? [each.reason] : []));
      return [{ question, dataset: id, alpha, percent, reasons: [...new Set(reasons)] }];
    }),
  );
}

export interface KappaMatrix {
  readonly raters: readonly string[];
  /** Of two raters in either order; null where they are not compared. */
  of(a: string, b: string): Agreement | null;
  /** Each reason for a missing value, with how many pairs it holds for. */
  readonly reasons: readonly { readonly reason: string; readonly pairs: number }[];
}

/** Pairwise kappas of a question and dataset. */
export function kappaMatrix(
  results: StudyResults,
  question: QuestionId,
  dataset: string,
): KappaMatrix {
  const pairs = results.agreement.filter(
    (each) =>
      each.statistic === 'quadratic-weighted-kappa' &&
      each.question === question &&
      each.dataset === dataset &&
      each.raters?.length === 2,
  );
  const names = new Set(pairs.flatMap(({ raters }) => raters ?? []));
  const key = (raters: readonly string[]) => JSON.stringify([...raters].sort());
  const byPair = new Map(pairs.map((each) => [key(each.raters ?? []), each]));
  const reasons = new Map<string, number>();
  for (const { reason } of pairs) {
    if (reason) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  const order = results.raters.map(({ rater }) => rater);
  return {
    raters: [...names].sort((a, b) => order.indexOf(a) - order.indexOf(b)),
    of: (a, b) => byPair.get(key([a, b])) ?? null,
    reasons: [...reasons].map(([reason, count]) => ({ reason, pairs: count })),
  };
}

/** All pairs of raters of a question and dataset in a few sentences. */
export function kappaSentences(summary: KappaSummary): string[] {
  const { pairs, sharing, defined, least, lowerQuartile, median, upperQuartile, most } = summary;
  const of = `of ${counted(pairs, 'pair')} of raters rated a map in common`;
  if (sharing === 0) return [`None ${of}: no kappa is defined.`];
  const sentences = [
    `${formatCount(sharing)} ${of}${sharing < pairs ? '; the others are left out' : ''}.`,
  ];
  if (median === null) return [...sentences, 'Kappa is defined for none of them.'];
  sentences.push(
    `Kappa of ${counted(defined, 'pair')}: median ${formatNumber(median, 2)}, middle half ${formatNumber(lowerQuartile, 2)} to ${formatNumber(upperQuartile, 2)}, all ${formatNumber(least, 2)} to ${formatNumber(most, 2)}.`,
  );
  return sentences;
}

/** Intra-rater statistics, of one rater or (rater null) of all repeats together. */
export function intraRater(results: StudyResults, rater: string | null): Agreement[] {
  return results.agreement.filter(
    ({ statistic, raters }) =>
      (statistic === 'intra-rater-agreement' || statistic === 'intra-rater-kappa') &&
      (rater === null ? raters === null : raters?.length === 1 && raters[0] === rater),
  );
}
