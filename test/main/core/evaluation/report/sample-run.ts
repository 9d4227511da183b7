import { paper as paperRuns } from '../../../../../src/main/core/evaluation/metrics/paper';
import { type RoarReport } from '../../../../../src/main/core/evaluation/report/report';
import { judgeClaims } from '../../../../../src/main/core/paper/claims/statements';
import { loadPaper, type Paper } from '../../../../../src/main/core/paper/paper';
import { installedFiles } from '../../../../../src/main/core/storage/installed-files';
import {
  builtInMethods,
  type Method,
  randomMethodId,
} from '../../../../../src/shared/catalogue/methods';
import { type RoarSettings } from '../../../../../src/shared/catalogue/roar';
import { type DatasetRecord, type RunResult } from '../../../../../src/shared/records';
import { type CurveScores, summariseCurves } from '../../../../../src/statistics/curves';
import { normalDeviates } from '../../../../statistics/normal';
import { datasetEntry, fullOf, roarSettings } from '../../../../fixtures/datasets';

/** How fast each method's scores fall in these made-up scores. */
const speeds: Readonly<Record<string, number>> = {
  'vanilla-gradient': 0.75,
  'grad-x-input': 0.9,
  smoothgrad: 1.35,
  'integrated-gradients': 1,
  'guided-backprop': 0.7,
  'smoothed-integrated-gradients': 1.1,
  'smoothed-guided-backprop': 1.25,
  'integrated-smoothgrad': 1.2,
  'integrated-guided-backprop': 1.3,
};

export const accuracyAt = [0.99, 0.989, 0.988, 0.986, 0.983, 0.976, 0.968, 0.953, 0.914, 0.76];

/** Scores with a known shape: 1 minus a fall that grows with the level, and noise by image. */
export function sampleScores(settings: RoarSettings, methods: readonly Method[]): CurveScores {
  const { levels, images } = settings;
  const noise = normalDeviates(methods.length * levels.length * images, 17);
  const image = normalDeviates(images, 18);
  const scores = new Float32Array(methods.length * levels.length * images);
  methods.forEach((method, m) => {
    levels.forEach((level, l) => {
      for (let i = 0; i < images; i += 1) {
        const at = (m * levels.length + l) * images + i;
        const speed = method.id === randomMethodId ? 0.02 + 0.25 * level ** 6 : speeds[method.id];
        const fall = (speed ?? 0.4) * level * (1.2 + 0.5 * (image[i] ?? 0));
        const value = Math.exp(-Math.max(0, fall) * 1.6) - 0.02 * Math.abs(noise[at] ?? 0);
        scores[at] = Math.min(1, Math.max(0, value));
      }
    });
  });
  const tied = scores.map((_, at) => (Math.floor(at / images) % levels.length === 0 ? 0 : 0.01));
  return { methods, levels, scores, tied };
}

export const sampleDataset: DatasetRecord = {
  id: 'mnist',
  name: 'MNIST',
  state: 'installed',
  reason: null,
  shape: [28, 28, 1],
  classes: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
  train: 60_000,
  validation: 10_000,
  masks: { train: 0, validation: 0 },
  trainPerClass: new Array<number>(10).fill(6000),
  validationPerClass: new Array<number>(10).fill(1000),
  files: [{ name: 't10k-images-idx3-ubyte', sha256: 'ab'.repeat(32), published: true }],
  bytes: 54_950_048,
  licence: 'CC BY-SA 3.0',
  citation: 'LeCun, Cortes and Burges',
  origin: null,
  known: datasetEntry('mnist'),
  job: null,
};

/** A finished run with made-up scores, for reports that need one. */
export function sampleReport(
  changes: object = {},
  methods: readonly Method[] = builtInMethods.filter(({ id }) => id !== 'sobel'),
): RoarReport & { readonly scores: CurveScores; readonly paper: Paper } {
  const settings = roarSettings({
    methods: methods.map(({ id }) => id),
    resamples: 400,
    ...changes,
  });
  const full = fullOf(settings.dataset, settings.protocol);
  const scores = sampleScores(settings, methods);
  const paper = loadPaper('resources');
  const curves = summariseCurves({
    ...scores,
    randomIndex: methods.findIndex(({ id }) => id === randomMethodId),
    seed: settings.seed,
    resamples: settings.resamples,
  });
  const levels = settings.levels.map((level, index) => ({
    level,
    model: `model_${'abcdefghij'[index] ?? 'z'}aaaaaaaaaaaaaaa`,
    validationAccuracy: accuracyAt[index] ?? 0.9,
    paperAccuracy: paper.accuracies.levels.find((entry) => entry.level === level)?.accuracy ?? null,
    epochs: settings.recipe.epochs,
    seconds: 61.5 + index,
    reused: index === 0,
  }));
  const result: RunResult = {
    run: {
      id: 'run_aaaaaaaaaaaaaaaa',
      name: 'ROAR on MNIST',
      settings,
      state: 'done',
      job: 'job_aaaaaaaaaaaaaaaa',
      createdAt: '2026-01-02T03:04:05.000Z',
      finishedAt: '2026-01-02T04:04:05.000Z',
      seconds: 3600,
    },
    images: Array.from({ length: settings.images }, (_, i) => i * 7),
    levels,
    retrained: [],
    cuts: [],
    notes: paperRuns.observations.notes(settings.images, settings),
    curves,
    claims: [],
    engine: {
      available: true,
      reason: null,
      remedy: null,
      device: 'cpu',
      deviceName: 'A processor',
      threads: 2,
      oneDnn: true,
      versions: { tensorflow: '2.21.0', node: '24.0.0' },
      plan: { 'mnist-cnn/train': 128 },
      numerics: 3,
      arithmetic: {},
    },
  };
  result.claims.push(...judgeClaims(paper, { settings, levels, curves, scores, full }));
  return {
    result,
    metric: paperRuns,
    scores,
    dataset: sampleDataset,
    full,
    artifacts: [
      { kind: 'model', subject: 'level 0', key: 'k0', sha256: 'cd'.repeat(32), bytes: 1_700_000 },
    ],
    version: '0.1.0',
    paper,
    fonts: installedFiles().fonts,
  };
}
