import { fixed } from '../../../../shared/format/numbers';
import { valueAt } from '../../../../shared/checked-reads';
import { paperMethods } from '../../../../shared/catalogue/methods';
import { type Paper, publishedName } from '../paper';
import {
  allAbove,
  average,
  combine,
  type Estimate,
  estimateText,
  intervalOf,
  minus,
} from './estimate';
import { averageOf, type ByMethod, type ExperimentFigures } from './evidence';
import { type Judgement, randomLessConfident, randomNearOne } from './run-judges';

/** What a claim is judged from: the datasets that have what the claim is about, at least one. */
export interface ClaimInput {
  readonly paper: Paper;
  readonly figures: ExperimentFigures;
  readonly datasets: readonly string[];
}
/** null: the evidence lacks the methods or levels that the claim speaks of. */
export type Judge = (input: ClaimInput) => Judgement | null;

export const ids = (group: 'individual' | 'combination'): string[] =>
  paperMethods.filter((method) => method.group === group).map(({ id }) => id);
export const nameOf = (id: string): string =>
  paperMethods.find((method) => method.id === id)?.name ?? id;

/** Mean advantages over datasets; null where one lacks a method. */
export function meanAdvantages({ figures, datasets }: ClaimInput): ByMethod | null {
  const sets = datasets.flatMap((dataset) => figures.advantages(dataset) ?? []);
  return sets.length === datasets.length ? averageOf(sets) : null;
}

export const over = ({ paper, datasets }: Pick<ClaimInput, 'paper' | 'datasets'>): string => {
  const names = datasets.map((dataset) => publishedName(paper, dataset));
  return `${names.length === 1 ? 'on' : 'over'} ${words(names)}`;
};

const list = new Intl.ListFormat('en-GB', { type: 'conjunction' });
/** 'a, b and c'. */
export const words = (parts: readonly string[]): string => list.format(parts);

/** The combinations' mean minus that of the individual methods. */
export function combinationsBetter(values: ByMethod, input: ClaimInput, what: string): Judgement {
  const group = (name: 'individual' | 'combination') =>
    average(ids(name).flatMap((id) => values.get(id) ?? []));
  const difference = minus(group('combination'), group('individual'));
  const verdict = allAbove([difference]);
  return {
    verdict,
    evidence: `The mean ${what} of the four combinations minus that of the five individual methods, ${over(input)}, is ${estimateText(difference)}; ${
      { held: 'the combinations are better', 'not-held': 'the individual methods are better' }[
        verdict as 'held' | 'not-held'
      ] ?? 'that does not tell them apart'
    }.`,
  };
}

/** Whether these have the largest values of the nine: each against each of the others. */
export function largest(
  claimed: readonly string[],
  values: ByMethod,
  input: ClaimInput,
  what: string,
): Judgement {
  const others = paperMethods.map(({ id }) => id).filter((id) => !claimed.includes(id));
  const estimate = (id: string) => values.get(id) ?? { value: Number.NaN, draws: null };
  const differences = claimed.flatMap((a) => others.map((b) => minus(estimate(a), estimate(b))));
  const above = differences.filter((difference) => allAbove([difference]) === 'held').length;
  const below = differences.filter((difference) => allAbove([difference]) === 'not-held').length;
  const best = [...values.entries()]
    .sort(([, a], [, b]) => b.value - a.value)
    .slice(0, claimed.length);
  const subject =
    claimed.length === 1 ? nameOf(valueAt(claimed, 0)) : `the paper’s ${claimed.length}`;
  return {
    verdict: allAbove(differences),
    evidence: `The largest mean ${what} ${over(input)} ${best.length === 1 ? 'is that' : 'are those'} of ${words(
      best.map(([id, { value }]) => `${nameOf(id)} (${fixed(value)})`),
    )}. Of the ${differences.length} differences between ${subject} and the others, ${above} have an interval above 0 and ${below} one below.`,
  };
}

/** How far above the median of the nine: the upper half starts at 0. */
export function aboveMedian(method: string, values: ByMethod): Estimate {
  const own = values.get(method) ?? { value: Number.NaN, draws: null };
  return combine([own, ...values.values()], ([mine = Number.NaN, ...nine]) => {
    const sorted = [...nine].sort((a, b) => a - b);
    return mine - (sorted[Math.floor(sorted.length / 2)] ?? Number.NaN);
  });
}

const replaced = ['integrated-smoothgrad', 'integrated-guided-backprop'];
const bestByRoar = ['smoothgrad', 'smoothed-guided-backprop', 'integrated-guided-backprop'];

/** Claims about ROAR on several datasets. */
export const roarJudges: Readonly<Record<string, Judge>> = {
  'random-other-datasets': ({ paper, figures, datasets }) => {
    const parts = datasets.map((dataset) => {
      const run = figures.runs.get(dataset);
      if (!run) return null;
      return [randomNearOne(paper, run), randomLessConfident(run)];
    });
    const judged = parts.flat().flatMap((judgement) => judgement ?? []);
    if (judged.length < 2 * datasets.length) return null;
    const verdicts = judged.map(({ verdict }) => verdict);
    return {
      verdict: verdicts.includes('not-held')
        ? 'not-held'
        : verdicts.includes('undecided')
          ? 'undecided'
          : 'held',
      evidence: datasets
        .map((dataset, i) => {
          const own = judged.slice(2 * i, 2 * i + 2).map(({ evidence }) => evidence);
          return `${publishedName(paper, dataset)}: ${own.join(' ')}`;
        })
        .join(' '),
    };
  },

  'combinations-better-roar': (input) => {
    const advantages = meanAdvantages(input);
    return advantages && combinationsBetter(advantages, input, 'advantage');
  },

  'gradient-replacement': (input) => {
    const advantages = meanAdvantages(input);
    const integrated = advantages?.get('integrated-gradients');
    if (!advantages || !integrated) return null;
    const differences = replaced.flatMap((id) => {
      const own = advantages.get(id);
      return own ? [{ id, difference: minus(own, integrated) }] : [];
    });
    const verdicts = differences.map(({ difference }) => allAbove([difference]));
    return {
      verdict: verdicts.includes('held')
        ? 'held'
        : verdicts.every((verdict) => verdict === 'not-held')
          ? 'not-held'
          : 'undecided',
      evidence: `Mean advantage minus that of Integrated Gradients, ${over(input)}: ${differences
        .map(({ id, difference }) => `${nameOf(id)} ${estimateText(difference, 4)}`)
        .join('; ')}.`,
    };
  },

  'best-three-roar': (input) => {
    const advantages = meanAdvantages(input);
    return advantages && largest(bestByRoar, advantages, input, 'advantages');
  },

  'datasets-vary': ({ paper, figures, datasets }) => {
    const sets = datasets.flatMap((dataset) => {
      const advantages = figures.advantages(dataset);
      return advantages ? [{ dataset, advantages }] : [];
    });
    if (sets.length < datasets.length || sets.length < 2) return null;
    const reversed: string[] = [];
    let equal = true;
    let known = true;
    const methods = paperMethods.map(({ id }) => id);
    methods.forEach((a, i) => {
      for (const b of methods.slice(i + 1)) {
        const between = sets.flatMap(({ dataset, advantages }) => {
          const [x, y] = [advantages.get(a), advantages.get(b)];
          return x && y ? [{ dataset, difference: minus(x, y) }] : [];
        });
        const signs = new Set(between.map(({ difference }) => Math.sign(difference.value)));
        if (signs.size > 1) equal = false;
        if (between.some(({ difference }) => intervalOf(difference) === null)) known = false;
        const side = (wanted: 'held' | 'not-held') =>
          between.find(({ difference }) => allAbove([difference]) === wanted);
        const [first, second] = [side('held'), side('not-held')];
        if (first && second) {
          reversed.push(
            `${nameOf(a)} is better than ${nameOf(b)} on ${publishedName(paper, first.dataset)} and worse on ${publishedName(paper, second.dataset)}`,
          );
        }
      }
    });
    const pairs = (methods.length * (methods.length - 1)) / 2;
    return {
      verdict: reversed.length > 0 ? 'held' : equal && known ? 'not-held' : 'undecided',
      evidence:
        reversed.length > 0
          ? `Of ${pairs} pairs of methods ${reversed.length} change places between datasets by intervals without 0, such as: ${valueAt(reversed, 0)}.`
          : equal
            ? `All ${pairs} pairs of methods stand in the same order on every dataset${known ? '' : ', but not all of them have an interval'}.`
            : `Some of ${pairs} pairs of methods change places between datasets, but none by intervals without 0 on both.`,
    };
  },
};
