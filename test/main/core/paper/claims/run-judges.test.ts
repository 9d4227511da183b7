import { describe, expect, it } from 'vitest';
import { judgeClaims } from '../../../../../src/main/core/paper/claims/statements';
import { builtInMethods } from '../../../../../src/shared/catalogue/methods';
import { type Claim } from '../../../../../src/shared/records';
import { sampleReport } from '../../evaluation/report/sample-run';

const report = sampleReport({ images: 500 });
const by = (claims: readonly Claim[], id: string) => claims.find((claim) => claim.id === id);
const verdictOf = (claims: readonly Claim[], id: string) => by(claims, id)?.verdict;
const evidence = {
  settings: report.result.run.settings,
  levels: report.result.levels,
  curves: report.result.curves,
  scores: report.scores,
  full: report.full,
};
const { claims } = report.result;

describe('claims judged by one run on MNIST', () => {
  it('judges those that the run can, in the order of the paper’s list', () => {
    expect(claims.map(({ id }) => id)).toEqual(report.paper.claims.map(({ id }) => id));
    expect(claims.filter(({ verdict }) => verdict !== 'undecided').map(({ id }) => id)).toEqual([
      'accuracy-low-levels',
      'accuracy-high-levels',
      'random-near-one',
      'random-less-confident',
      'selective-removal-matters',
      'random-worst',
      'accurate-map-decreases',
      'combinations-better-roar',
      'gradient-replacement',
    ]);
  });

  it('by figures that it states', () => {
    expect(verdictOf(claims, 'random-near-one')).toBe('not-held');
    expect(by(claims, 'random-near-one')?.evidence).toContain('0.862 at t = 0.8');
    expect(verdictOf(claims, 'combinations-better-roar')).toBe('held');
    expect(by(claims, 'combinations-better-roar')?.evidence).toMatch(
      /95% interval 0\.0\d+ to 0\.0/,
    );
    expect(verdictOf(claims, 'accurate-map-decreases')).toBe('held');
    expect(by(claims, 'accurate-map-decreases')?.evidence).toMatch(/^SmoothGrad /);
  });

  it('leaves the rest undecided and says what is missing', () => {
    expect(by(claims, 'minimal-correlation')?.evidence).toContain('ratings');
    expect(by(claims, 'datasets-vary')?.evidence).toContain('CIFAR-10 and Tiny ImageNet');
    expect(by(claims, 'best-three-roar')?.evidence).toContain(
      'the largest advantages are those of',
    );
  });

  it('accuracies: above 98% is needed low, 2 points below are allowed high', () => {
    const at = (level: number, accuracy: number) =>
      judgeClaims(report.paper, {
        ...evidence,
        levels: evidence.levels.map((entry) =>
          entry.level === level ? { ...entry, validationAccuracy: accuracy } : entry,
        ),
      });
    expect(verdictOf(at(0.4, 0.98), 'accuracy-low-levels')).toBe('not-held');
    expect(verdictOf(at(0.4, 0.9801), 'accuracy-low-levels')).toBe('held');
    expect(verdictOf(at(0.9, 0.721), 'accuracy-high-levels')).toBe('held');
    expect(verdictOf(at(0.9, 0.719), 'accuracy-high-levels')).toBe('not-held');
  });

  it('a map that is worse than random counts against the random map as the worst', () => {
    const worse = {
      ...evidence,
      curves: evidence.curves.map((curve) =>
        curve.method.id === 'grad-x-input'
          ? { ...curve, advantage: -0.1, advantageLow: -0.2, advantageHigh: -0.05 }
          : curve,
      ),
    };
    const judged = judgeClaims(report.paper, worse);
    expect(verdictOf(judged, 'random-worst')).toBe('not-held');
    expect(by(judged, 'random-worst')?.evidence).toContain('Grad × Input');
    expect(verdictOf(judged, 'selective-removal-matters')).toBe('not-held');
  });
});

describe('claims and smaller runs', () => {
  it('a reduced run gives its figures but no verdict', () => {
    const small = sampleReport({
      images: 50,
      recipe: { trainLimit: 6000 },
      parameters: { n: 5, steps: 16 },
    }).result.claims;
    expect(small.every(({ verdict }) => verdict === 'undecided')).toBe(true);
    expect(by(small, 'combinations-better-roar')?.evidence).toMatch(
      /^Not judged.*6,000 of 60,000 training images, 50 of 500 images, 5 of 15 noisy samples, 16 of 50 integration steps.*points towards held/,
    );
    expect(by(small, 'accuracy-low-levels')?.evidence).toContain(
      '(6,000 of 60,000 training images)',
    );
  });

  it('fewer epochs count against every claim', () => {
    const short = sampleReport({ recipe: { epochs: 2 } }).result.claims;
    expect(short.every(({ verdict }) => verdict === 'undecided')).toBe(true);
    expect(by(short, 'accuracy-low-levels')?.evidence).toContain('(2 of 5 epochs)');
  });

  it('accuracies do not rest on the number of images', () => {
    const few = sampleReport({ images: 50 }).result.claims;
    expect(verdictOf(few, 'accuracy-low-levels')).toBe('held');
    expect(verdictOf(few, 'random-worst')).toBe('undecided');
  });

  it('one image decides nothing, and leans to nothing', () => {
    const one = sampleReport({ images: 1 }).result.claims;
    const resting = one.filter(({ id }) => !id.startsWith('accuracy-'));
    expect(resting.every(({ verdict }) => verdict === 'undecided')).toBe(true);
    expect(resting.some(({ evidence: said }) => said.includes('points towards'))).toBe(false);
    expect(by(one, 'combinations-better-roar')?.evidence).toContain('(no interval)');
    expect(by(one, 'random-worst')?.evidence).toContain('no interval');
    expect(resting.some(({ evidence: said }) => said.includes('NaN'))).toBe(false);
    expect(by(one, 'best-three-roar')?.evidence).not.toContain('the largest advantages');
  });

  it('missing levels and methods leave a claim undecided', () => {
    const part = sampleReport(
      { levels: [0, 0.5, 0.9] },
      builtInMethods.filter(({ id }) => ['smoothgrad', 'random'].includes(id)),
    ).result.claims;
    for (const id of ['accuracy-low-levels', 'random-near-one', 'random-less-confident']) {
      expect(verdictOf(part, id)).toBe('undecided');
      expect(by(part, id)?.evidence).toContain('lacks');
    }
    expect(verdictOf(part, 'combinations-better-roar')).toBe('undecided');
    expect(verdictOf(part, 'selective-removal-matters')).toBe('held');
  });
});
