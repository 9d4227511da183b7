import { type RoarSettings } from '../../../src/shared/catalogue/roar';
import { trainingRemovalSchema } from '../../../src/shared/catalogue/training';
import { builtInMethods } from '../../../src/shared/catalogue/methods';
import { type Job, type JobProgress, type JobState } from '../../../src/shared/jobs';
import {
  type DatasetRecord,
  type ModelRecord,
  type RunRecord,
  type RunResult,
} from '../../../src/shared/records';
import { datasetEntry, defaultRecipe, presetSettings } from '../../fixtures/datasets';

const id = (prefix: string, letter: string) => `${prefix}_${letter.repeat(16)}`;

export const job = (state: JobState, letter = 'a', kind: Job['kind'] = 'roar'): Job => ({
  id: id('job', letter),
  kind,
  title: 'ROAR on MNIST',
  state,
  subject: id('run', letter),
  stages: [],
  progress: null,
  error: null,
  attempt: 1,
  createdAt: '2026-01-01T00:00:00Z',
  startedAt: null,
  finishedAt: null,
});

export const progress = (letter = 'a', over: Partial<JobProgress> = {}): JobProgress => ({
  job: id('job', letter),
  stage: 'train',
  item: 'Level 0.3, epoch 2 of 5',
  itemsDone: 12,
  itemsTotal: 43,
  itemShare: 0.5,
  share: 0.437,
  rate: 5123.4,
  unit: 'images',
  secondsLeft: 185,
  elapsed: 60,
  ...over,
});

export const run = (
  state: JobState,
  settings: RoarSettings = presetSettings('quick'),
  letter = 'a',
): RunRecord => ({
  id: id('run', letter),
  name: `Run ${letter}`,
  settings,
  state,
  job: id('job', letter),
  createdAt: `2026-01-01T00:00:0${letter.charCodeAt(0) % 10}Z`,
  finishedAt: state === 'done' ? '2026-01-01T01:00:00Z' : null,
  seconds: 3600,
});

export const result = (of: RunRecord): RunResult => ({
  run: of,
  images: [1, 2, 3],
  levels: [
    {
      level: 0,
      model: null,
      validationAccuracy: 0.9876,
      paperAccuracy: 0.98,
      epochs: 2,
      seconds: 10,
      reused: false,
    },
  ],
  retrained: [],
  cuts: [],
  notes: [],
  curves: builtInMethods.slice(0, 2).map((method, i) => ({
    method,
    points: [],
    area: 0.5,
    areaLow: 0.4,
    areaHigh: 0.6,
    advantage: 0.1 * (i + 1),
    advantageLow: 0.05,
    advantageHigh: 0.3,
    rank: 2 - i,
    tiedWith: [],
  })),
  claims: [],
  engine: {
    available: true,
    reason: null,
    remedy: null,
    device: 'cpu',
    deviceName: null,
    threads: 2,
    oneDnn: true,
    versions: {},
    plan: {},
    numerics: 3,
    arithmetic: {},
  },
});

export const model = (
  state: ModelRecord['state'],
  over: Partial<ModelRecord> = {},
): ModelRecord => ({
  id: id('model', 'a'),
  name: 'MNIST at t = 0',
  dataset: 'mnist',
  architecture: 'mnist-cnn',
  origin: 'trained',
  recipe: defaultRecipe('mnist'),
  removal: trainingRemovalSchema.parse({}),
  removalSeed: 0,
  validationAccuracy: state === 'ready' ? 0.9901 : null,
  paperAccuracy: 0.98,
  epochs: [{ epoch: 0, loss: 0.25, trainAccuracy: 0.9, validationAccuracy: 0.97, seconds: 12.5 }],
  adapted: [],
  input: null,
  classes: null,
  sha256: null,
  job: id('job', 'a'),
  state,
  createdAt: '2026-01-01T00:00:00Z',
  ...over,
});

export const dataset = (state: DatasetRecord['state'] = 'installed'): DatasetRecord => ({
  id: 'mnist',
  name: 'MNIST',
  state,
  reason: state === 'installed' ? null : 'A file is not what it was: install the packages again.',
  shape: [28, 28, 1],
  classes: [...'0123456789'],
  train: 60_000,
  validation: 10_000,
  trainPerClass: [],
  masks: { train: 0, validation: 0 },
  validationPerClass: [],
  files: [{ name: 'train-images', sha256: 'ab'.repeat(32), published: true }],
  bytes: 1,
  licence: 'CC BY-SA 3.0',
  citation: 'LeCun',
  origin: null,
  known: datasetEntry('mnist'),
  job: null,
});
