import { describe, expect, it } from 'vitest';
import { judgeExperiment } from '../../../../../src/main/core/paper/claims/judge-experiment';
import { loadPaper } from '../../../../../src/main/core/paper/paper';
import { paperMethods } from '../../../../../src/shared/catalogue/methods';
import { type Claim } from '../../../../../src/shared/records';
import { evidence, exchanged, madeRatings, madeRun, nine } from './evidence';
import { datasetIds } from '../../../../fixtures/datasets';

const paper = loadPaper('resources');
const runs = datasetIds.map((dataset) => madeRun(dataset));
const by = (claims: readonly Claim[], id: string): Claim => {
  const found = claims.find((claim) => claim.id === id);
  if (!found) throw new Error(`no claim ${id}`);
  return found;
};
const verdict = (claims: readonly Claim[], id: string) => by(claims, id).verdict;

const combination = (method: string) =>
  paperMethods.find(({ id }) => id === method)?.group === 'combination';

describe('claims about ROAR on all three datasets', () => {
  const claims = judgeExperiment(paper, evidence({ runs }));

  it('lists every claim in the paper’s order', () => {
    expect(claims.map(({ id }) => id)).toEqual(paper.claims.map(({ id }) => id));
  });

  it('judges by the mean over datasets, with intervals', () => {
    // The made-up scores fall fastest under these three, and faster under combinations.
    expect(by(claims, 'best-three-roar')).toMatchObject({
      verdict: 'held',
      evidence: expect.stringContaining('Of the 18 differences') as string,
    });
    expect(verdict(claims, 'combinations-better-roar')).toBe('held');
    expect(verdict(claims, 'gradient-replacement')).toBe('held');
    expect(by(claims, 'gradient-replacement').evidence).toMatch(/95% interval/);
  });

  it('judges what the paper says of MNIST by the run on MNIST', () => {
    expect(verdict(claims, 'accuracy-low-levels')).toBe('held');
    expect(verdict(claims, 'random-near-one')).toBe('not-held');
  });

  it('judges the random map on each other dataset', () => {
    const { verdict: judged, evidence: said } = by(claims, 'random-other-datasets');
    expect(judged).toBe('not-held');
    expect(said).toMatch(/^CIFAR-10: .*Tiny ImageNet: /);
  });

  it('decides nothing by runs on one image, not even that all datasets have one order', () => {
    const single = datasetIds.map((dataset) => madeRun(dataset, { images: 1 }));
    const judged = judgeExperiment(paper, evidence({ runs: single }));
    for (const { id, verdict: decided, evidence: said } of judged) {
      if (id.startsWith('accuracy-')) continue;
      expect(decided, id).toBe('undecided');
      expect(said, id).not.toMatch(/points towards|95% interval|NaN/);
    }
    expect(by(judged, 'gradient-replacement').evidence).toContain('(no interval)');
  });

  it('finds no variation where every dataset has the same order', () => {
    expect(verdict(claims, 'datasets-vary')).not.toBe('held');
    const other = runs.map((run) =>
      run.settings.dataset === 'cifar10' ? exchanged(run, 'smoothgrad', 'vanilla-gradient') : run,
    );
    const varied = judgeExperiment(paper, evidence({ runs: other }));
    expect(verdict(varied, 'datasets-vary')).toBe('held');
    expect(by(varied, 'datasets-vary').evidence).toMatch(/change places/);
  });

  it('turns with the evidence: exchanged methods lose the first places', () => {
    const other = runs.map((run) => exchanged(run, 'smoothgrad', 'vanilla-gradient'));
    expect(verdict(judgeExperiment(paper, evidence({ runs: other })), 'best-three-roar')).toBe(
      'not-held',
    );
  });

  it('leaves claims about people undecided and says why', () => {
    for (const { id, kind } of paper.claims) {
      if (kind !== 'ratings' && kind !== 'both') continue;
      expect(by(claims, id)).toMatchObject({
        verdict: 'undecided',
        evidence: expect.stringMatching(/Needs ratings of all nine.*No study is chosen/) as string,
      });
    }
  });
});

describe('claims and what is missing', () => {
  it('names the datasets without a run and gives the figures there are', () => {
    const claims = judgeExperiment(paper, evidence({ runs: runs.slice(0, 1) }));
    const claim = by(claims, 'best-three-roar');
    expect(claim.verdict).toBe('undecided');
    expect(claim.evidence).toMatch(
      /^Needs a finished run on CIFAR-10 and Tiny ImageNet\. So far, on MNIST: The largest mean/,
    );
    expect(verdict(claims, 'accuracy-low-levels')).toBe('held');
  });

  it('does not judge by runs that are smaller than the paper’s', () => {
    const cut = runs.map((run) =>
      run.settings.dataset === 'tiny-imagenet'
        ? { ...run, counts: { train: 1000, validation: 10_000, classes: 20 } }
        : run,
    );
    const claims = judgeExperiment(paper, evidence({ runs: cut }));
    expect(by(claims, 'combinations-better-roar')).toMatchObject({
      verdict: 'undecided',
      evidence: expect.stringMatching(
        /these runs are smaller.*Tiny ImageNet: 20 of 200 classes, 1,000 of 100,000 training images.*points towards held/,
      ) as string,
    });
    expect(verdict(claims, 'random-worst')).toBe('held');
  });

  it('without anything, everything is undecided', () => {
    const claims = judgeExperiment(paper, evidence({}));
    expect(claims.every((claim) => claim.verdict === 'undecided')).toBe(true);
    expect(claims.every((claim) => claim.evidence.startsWith('Needs '))).toBe(true);
  });
});

describe('claims about ratings', () => {
  const judged = (
    score: Parameters<typeof madeRatings>[0],
    datasets: readonly string[] = datasetIds,
  ) => judgeExperiment(paper, evidence({ runs, ratings: madeRatings(score, runs, datasets) }));

  it('holds where people see what the paper says', () => {
    const best = ['smoothgrad', 'smoothed-integrated-gradients', 'smoothed-guided-backprop'];
    const claims = judged((dataset, method, question) => {
      if (question === 'visual-coherence') {
        const turn = dataset === 'cifar10' ? 1 : 0;
        if (method === 'smoothgrad') return 4 - turn;
        return (combination(method) ? 2 : 1) + turn;
      }
      return (best.includes(method) ? 3 : 2) - (dataset === 'mnist' ? 1 : 0);
    });
    expect(verdict(claims, 'combinations-better-ratings')).toBe('held');
    expect(verdict(claims, 'coherence-best')).toBe('held');
    expect(verdict(claims, 'coherence-varies')).toBe('held');
    expect(verdict(claims, 'edges-best-three')).toBe('held');
    expect(verdict(claims, 'edges-mnist-differs')).toBe('held');
  });

  it('is not held where they see the opposite', () => {
    const claims = judged((dataset, method, question) => {
      if (question === 'visual-coherence') return combination(method) ? 1 : 3;
      return dataset === 'cifar10' ? 4 : 2;
    });
    expect(verdict(claims, 'combinations-better-ratings')).toBe('not-held');
    // The same labels on each dataset.
    expect(verdict(claims, 'coherence-varies')).toBe('not-held');
    expect(verdict(claims, 'edges-vary-less')).toBe('not-held');
    expect(verdict(claims, 'edges-mnist-differs')).toBe('not-held');
    // SmoothGrad is an individual method among equals: nothing tells them apart.
    expect(verdict(claims, 'coherence-best')).toBe('undecided');
  });

  it('compares with ROAR: the same order is no minimal correlation', () => {
    const order = [...(runs[0]?.curves ?? [])]
      .sort((a, b) => a.advantage - b.advantage)
      .map(({ method }) => method.id)
      .filter((id) => nine.includes(id));
    const alike = judged((_, method) => 1 + Math.floor(order.indexOf(method) / 3));
    expect(by(alike, 'minimal-correlation')).toMatchObject({
      verdict: 'not-held',
      evidence: expect.stringMatching(/coherence 0\.9.*edges 0\.9/) as string,
    });
    expect(verdict(alike, 'well-on-both')).toBe('held');
    const against = judged((_, method) => 4 - Math.floor(order.indexOf(method) / 3));
    expect(verdict(against, 'well-on-both')).toBe('not-held');
  });

  it('says on which dataset ratings are missing', () => {
    const claims = judged(() => 3, ['mnist', 'cifar10']);
    expect(by(claims, 'coherence-best')).toMatchObject({
      verdict: 'undecided',
      evidence: expect.stringMatching(
        /^Needs ratings .* on Tiny ImageNet\. So far, over/,
      ) as string,
    });
  });
});
