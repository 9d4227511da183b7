import { randomMethodId } from '../../../shared/catalogue/methods';
import { type Claim, type MethodCurve } from '../../../shared/records';
import { contrastGroups, contrastPoints, type CurveOptions } from '../../../statistics/curves';
import { type RunEvidence } from './claims';
import { fixed, interval, levelText, percent } from './numbers';
import { type Paper, paperAccuracy } from './paper';

export type Judgement = Pick<Claim, 'verdict' | 'evidence'>;
/** null: the run lacks what the claim speaks of. */
type Judge = (paper: Paper, evidence: RunEvidence) => Judgement | null;

const verdict = (held: boolean): Claim['verdict'] => (held ? 'held' : 'not-held');
/** Neither where intervals contain the bound. */
const byIntervals = (held: boolean, notHeld: boolean): Claim['verdict'] =>
  held ? 'held' : notHeld ? 'not-held' : 'undecided';

/** How far below the paper's accuracy still agrees with it: 2 points. */
const tolerance = 0.02;
/** A score that rounds to the paper's 1.0. */
const nearOne = 0.95;

/** The claims that ROAR on one dataset can judge, by id. A new one is one entry. */
export const roarJudges: Readonly<Record<string, Judge>> = {
  'accuracy-low-levels': accuracies((entry) => entry.above),
  'accuracy-high-levels': accuracies((entry) => !entry.above),

  'random-near-one': (paper, evidence) =>
    evidence.settings.dataset === 'mnist' ? randomNearOne(paper, evidence) : null,

  'random-less-confident': (_, evidence) =>
    evidence.settings.dataset === 'mnist' ? randomLessConfident(evidence) : null,

  'selective-removal-matters': (_, evidence) => {
    const curves = paperCurves(evidence);
    if (curves.length === 0) return null;
    const without = curves.filter(({ advantageLow }) => advantageLow <= 0);
    const against = curves.some(({ advantageHigh }) => advantageHigh < 0);
    return {
      verdict: byIntervals(without.length === 0, against),
      evidence: `${curves.length - without.length} of ${curves.length} methods have an advantage over the random map whose interval lies above 0${
        without.length > 0 ? `; not ${without.map(advantage).join('; ')}` : ''
      }.`,
    };
  },

  'random-worst': (_, evidence) => {
    const curves = paperCurves(evidence);
    if (curves.length === 0) return null;
    const worse = curves.filter(({ advantageHigh }) => advantageHigh < 0);
    const least = curves.reduce((a, b) => (b.advantage < a.advantage ? b : a));
    return {
      verdict: byIntervals(
        curves.every(({ advantageLow }) => advantageLow > 0),
        worse.length > 0,
      ),
      evidence:
        worse.length === 0
          ? `No method is significantly worse than the random map; the smallest advantage is that of ${advantage(least)}.`
          : `Worse than the random map: ${worse.map(advantage).join('; ')}.`,
    };
  },

  'accurate-map-decreases': (_, evidence) => {
    const curves = paperCurves(evidence);
    if (curves.length === 0 || evidence.scores.levels.length < 2) return null;
    const best = curves.reduce((a, b) => (b.advantage > a.advantage ? b : a));
    const method = evidence.scores.methods.findIndex(({ id }) => id === best.method.id);
    const options = { ...evidence.scores, ...optionsOf(evidence) };
    const steps = best.points.slice(1).map(({ level }, index) => ({
      level,
      // From the level before to this one, positive where the score falls.
      ...contrastPoints(options, { method, level: index }, { method, level: index + 1 }),
    }));
    const rises = steps.filter(({ high }) => high < 0);
    const open = steps.filter(({ low, high }) => low <= 0 && high >= 0);
    const at = (some: typeof steps) => some.map(({ level }) => levelText(level)).join(', ');
    return {
      verdict: byIntervals(rises.length + open.length === 0, rises.length > 0),
      evidence: `${best.method.name} has the largest advantage; its mean score goes ${best.points
        .map(({ mean }) => fixed(mean))
        .join(', ')}${
        rises.length > 0
          ? `, and rises at t = ${at(rises)} by an interval without 0.`
          : open.length > 0
            ? `; the interval of its fall contains 0 at t = ${at(open)}.`
            : ', falling at every step.'
      }`,
    };
  },

  'combinations-better-roar': (_, evidence) => {
    const ids = (group: 'individual' | 'combination') =>
      evidence.curves.filter(({ method }) => method.group === group).map(({ method }) => method.id);
    const [combined, individual] = [ids('combination'), ids('individual')];
    // The paper speaks of all nine.
    if (combined.length < 4 || individual.length < 5) return null;
    const { difference, low, high } = contrast(evidence, combined, individual);
    return {
      verdict: byIntervals(low > 0, high < 0),
      evidence: `The mean advantage of the four combinations minus that of the five individual methods is ${fixed(difference, 4)} (95% interval ${interval(low, high, 4)}) on this dataset; ${
        low > 0
          ? 'the combinations are better.'
          : high < 0
            ? 'the individual methods are better.'
            : 'the interval contains 0.'
      }`,
    };
  },

  'gradient-replacement': (_, evidence) => {
    const replaced = ['integrated-smoothgrad', 'integrated-guided-backprop'];
    if (!['integrated-gradients', ...replaced].every((id) => curveOf(evidence, id))) return null;
    const results = replaced.map((id) => ({
      name: curveOf(evidence, id)?.method.name ?? id,
      ...contrast(evidence, [id], ['integrated-gradients']),
    }));
    return {
      verdict: byIntervals(
        results.some(({ low }) => low > 0),
        results.every(({ high }) => high < 0),
      ),
      evidence: `Advantage over Integrated Gradients: ${results
        .map(
          ({ name, difference, low, high }) =>
            `${name} ${fixed(difference, 4)} (95% interval ${interval(low, high, 4)})`,
        )
        .join('; ')}.`,
    };
  },
};

/** The random map's mean score on one dataset against the paper's 1.0; null: levels are missing. */
export function randomNearOne(paper: Paper, evidence: RunEvidence): Judgement | null {
  const points = pointsAt(curveOf(evidence, randomMethodId), paper.accuracies.randomMap.levels);
  if (points === null) return null;
  return {
    verdict: byIntervals(
      points.every(({ low }) => low >= nearOne),
      points.some(({ high }) => high < nearOne),
    ),
    evidence: `Mean score under the random map: ${points
      .map(({ level, mean }) => `${fixed(mean)} at t = ${levelText(level)}`)
      .join(', ')} (the paper: 1.0 at each).`,
  };
}

/** How far the random map's score falls from t = 0.8 to 0.9; null: a level is missing. */
export function randomLessConfident(evidence: RunEvidence): Judgement | null {
  const method = evidence.scores.methods.findIndex(({ id }) => id === randomMethodId);
  const [before, after] = [levelIndex(evidence, 0.8), levelIndex(evidence, 0.9)];
  if (method < 0 || before < 0 || after < 0) return null;
  const options = { ...evidence.scores, ...optionsOf(evidence) };
  const { difference, low, high } = contrastPoints(
    options,
    { method, level: before },
    { method, level: after },
  );
  return {
    verdict: byIntervals(low > 0, high < 0),
    evidence: `The mean score under the random map falls by ${fixed(difference)} (95% interval ${interval(low, high)}) from t = 0.8 to t = 0.9.`,
  };
}

function accuracies(chosen: (entry: { above: boolean }) => boolean): Judge {
  return (paper, { levels, settings }) => {
    const wanted = paper.accuracies.levels.filter(chosen);
    const found = wanted.flatMap(({ level }) => {
      const record = levels.find((entry) => Math.abs(entry.level - level) < 1e-9);
      const stated = paperAccuracy(paper, level);
      const accuracy = record?.validationAccuracy ?? null;
      return accuracy === null || stated === null ? [] : [{ level, accuracy, stated }];
    });
    if (found.length < wanted.length || settings.dataset !== 'mnist') return null;
    return {
      verdict: verdict(
        found.every(({ accuracy, stated }) =>
          stated.above ? accuracy > stated.accuracy : accuracy >= stated.accuracy - tolerance,
        ),
      ),
      evidence: `Validation accuracy: ${found
        .map(
          ({ level, accuracy, stated }) =>
            `${percent(accuracy, 2)} at t = ${levelText(level)} (the paper: ${stated.above ? 'above ' : ''}${percent(stated.accuracy, 0)})`,
        )
        .join(', ')}.`,
    };
  };
}

const optionsOf = ({ settings, scores }: RunEvidence): CurveOptions => ({
  randomIndex: scores.methods.findIndex(({ id }) => id === randomMethodId),
  seed: settings.seed,
  resamples: settings.resamples,
});

const contrast = (evidence: RunEvidence, a: readonly string[], b: readonly string[]) =>
  contrastGroups({ ...evidence.scores, ...optionsOf(evidence) }, a, b);

const curveOf = ({ curves }: RunEvidence, id: string) =>
  curves.find(({ method }) => method.id === id);

/** The paper's own methods, without controls and what a person composed. */
const paperCurves = ({ curves }: RunEvidence) =>
  curves.filter(({ method }) => method.group === 'individual' || method.group === 'combination');

const levelIndex = ({ scores }: RunEvidence, level: number) =>
  scores.levels.findIndex((candidate) => Math.abs(candidate - level) < 1e-9);

function pointsAt(curve: MethodCurve | undefined, levels: readonly number[]) {
  const points = levels.flatMap(
    (level) => curve?.points.find((point) => Math.abs(point.level - level) < 1e-9) ?? [],
  );
  return points.length === levels.length ? points : null;
}

const advantage = (curve: MethodCurve) =>
  `${curve.method.name} (${fixed(curve.advantage, 4)}, 95% interval ${interval(curve.advantageLow, curve.advantageHigh, 4)})`;
