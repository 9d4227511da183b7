import { fixed, formatLevel, intervalNote, percent } from '../../../../shared/format/numbers';
import { paperMethods, randomMethodId } from '../../../../shared/catalogue/methods';
import { type Claim, type MethodCurve } from '../../../../shared/records';
import { contrastGroups, contrastPoints, type CurveOptions } from '../../../../statistics/curves';
import { isAbove, isBelow } from '../../../../statistics/observations';
import { type RunEvidence } from '../../evaluation/run-evidence';
import { statedAccuracy } from '../../export/publication';
import { type Paper } from '../paper';

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
    const without = curves.filter((curve) => !isAbove(boundsOf(curve)));
    const against = curves.some((curve) => isBelow(boundsOf(curve)));
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
    const worse = curves.filter((curve) => isBelow(boundsOf(curve)));
    const least = curves.reduce((a, b) => (b.advantage < a.advantage ? b : a));
    return {
      verdict: byIntervals(
        curves.every((curve) => isAbove(boundsOf(curve))),
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
    const rises = steps.filter((step) => isBelow(step));
    const open = steps.filter((step) => !isAbove(step) && !isBelow(step));
    const unknown = open.some(({ low }) => low === null);
    const at = (some: typeof steps) => some.map(({ level }) => formatLevel(level)).join(', ');
    return {
      verdict: byIntervals(rises.length + open.length === 0, rises.length > 0),
      evidence: `${best.method.name} has the largest advantage; its mean score goes ${best.points
        .map(({ mean }) => fixed(mean))
        .join(', ')}${
        rises.length > 0
          ? `, and rises at t = ${at(rises)} by an interval without 0.`
          : unknown
            ? '; one image gives its falls no interval.'
            : open.length > 0
              ? `; the interval of its fall contains 0 at t = ${at(open)}.`
              : ', falling at every step.'
      }`,
    };
  },

  'combinations-better-roar': (_, evidence) => {
    const ids = (group: 'individual' | 'combination') =>
      paperCurves(evidence).flatMap(({ method }) => (method.group === group ? method.id : []));
    const [combined, individual] = [ids('combination'), ids('individual')];
    // The paper speaks of all nine.
    if (combined.length < 4 || individual.length < 5) return null;
    const found = contrast(evidence, combined, individual);
    return {
      verdict: byIntervals(isAbove(found), isBelow(found)),
      evidence: `The mean advantage of the four combinations minus that of the five individual methods is ${fixed(found.difference, 4)} (${intervalNote(found, 4)}) on this dataset; ${
        isAbove(found)
          ? 'the combinations are better.'
          : isBelow(found)
            ? 'the individual methods are better.'
            : found.low === null
              ? 'one image does not tell them apart.'
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
        results.some((result) => isAbove(result)),
        results.every((result) => isBelow(result)),
      ),
      evidence: `Advantage over Integrated Gradients: ${results
        .map(
          ({ name, difference, ...bounds }) =>
            `${name} ${fixed(difference, 4)} (${intervalNote(bounds, 4)})`,
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
      points.every(({ low }) => low !== null && low >= nearOne),
      points.some((point) => isBelow(point, nearOne)),
    ),
    evidence: `Mean score under the random map: ${points
      .map(({ level, mean }) => `${fixed(mean)} at t = ${formatLevel(level)}`)
      .join(
        ', ',
      )}${points.some(({ low }) => low === null) ? ', without intervals' : ''} (the paper: 1.0 at each).`,
  };
}

/** How far the random map's score falls from t = 0.8 to 0.9; null: a level is missing. */
export function randomLessConfident(evidence: RunEvidence): Judgement | null {
  const method = evidence.scores.methods.findIndex(({ id }) => id === randomMethodId);
  const [before, after] = [levelIndex(evidence, 0.8), levelIndex(evidence, 0.9)];
  if (method < 0 || before < 0 || after < 0) return null;
  const options = { ...evidence.scores, ...optionsOf(evidence) };
  const found = contrastPoints(options, { method, level: before }, { method, level: after });
  return {
    verdict: byIntervals(isAbove(found), isBelow(found)),
    evidence: `The mean score under the random map falls by ${fixed(found.difference)} (${intervalNote(found)}) from t = 0.8 to t = 0.9.`,
  };
}

function accuracies(chosen: (entry: { above: boolean }) => boolean): Judge {
  return (paper, { levels, settings }) => {
    const wanted = paper.accuracies.levels.filter(chosen);
    const found = wanted.flatMap(({ level }) => {
      const record = levels.find((entry) => Math.abs(entry.level - level) < 1e-9);
      const stated = statedAccuracy(paper.accuracies, level);
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
            `${percent(accuracy, 2)} at t = ${formatLevel(level)} (the paper: ${stated.above ? 'above ' : ''}${percent(stated.accuracy, 0)})`,
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

/** Of the paper's own methods, without controls and what is measured beside them. */
const paperCurves = ({ curves }: RunEvidence) =>
  curves.filter(({ method }) => paperMethods.some(({ id }) => id === method.id));

const levelIndex = ({ scores }: RunEvidence, level: number) =>
  scores.levels.findIndex((candidate) => Math.abs(candidate - level) < 1e-9);

function pointsAt(curve: MethodCurve | undefined, levels: readonly number[]) {
  const points = levels.flatMap(
    (level) => curve?.points.find((point) => Math.abs(point.level - level) < 1e-9) ?? [],
  );
  return points.length === levels.length ? points : null;
}

const boundsOf = ({ advantageLow, advantageHigh }: MethodCurve) => ({
  low: advantageLow,
  high: advantageHigh,
});

const advantage = (curve: MethodCurve) =>
  `${curve.method.name} (${fixed(curve.advantage, 4)}, ${intervalNote(boundsOf(curve), 4)})`;
