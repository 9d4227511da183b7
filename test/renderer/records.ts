import { trainingRemovalSchema } from '../../src/shared/catalogue/training';
import { type Job, type JobProgress } from '../../src/shared/jobs';
import { type Method } from '../../src/shared/catalogue/methods';
import {
  type DatasetRecord,
  type MethodCurve,
  type ModelRecord,
  type RunRecord,
  type Status,
} from '../../src/shared/records';
import { datasetEntry, defaultRecipe, presetSettings } from '../fixtures/datasets';

export const modelId = (letter: string): string => `model_${letter.repeat(16)}`;
export const jobId = (letter: string): string => `job_${letter.repeat(16)}`;
export const runId = (letter: string): string => `run_${letter.repeat(16)}`;

export function modelRecord(changes: Partial<ModelRecord> = {}): ModelRecord {
  return {
    id: modelId('a'),
    name: 'MNIST',
    dataset: 'mnist',
    architecture: 'mnist-cnn',
    origin: 'trained',
    recipe: defaultRecipe('mnist'),
    removal: trainingRemovalSchema.parse({}),
    removalSeed: 0,
    validationAccuracy: 0.99,
    paperAccuracy: 0.98,
    epochs: [],
    adapted: [],
    input: null,
    classes: null,
    sha256: null,
    job: null,
    state: 'ready',
    createdAt: '2026-01-01T00:00:00.000Z',
    ...changes,
  };
}

/** A dataset that is not installed; `changes` installs it. */
export function datasetRecord(
  id: string = 'cifar10',
  changes: Partial<DatasetRecord> = {},
): DatasetRecord {
  const known = datasetEntry(id);
  const { name, shape, train, validation, licence, citation } = known;
  return {
    ...{ id, name, shape, licence, citation, train, validation, known },
    ...{ state: 'missing', reason: `${name} is not installed.`, bytes: 0, job: null },
    ...{
      classes: [],
      trainPerClass: [],
      validationPerClass: [],
      files: [],
      masks: { train: 0, validation: 0 },
      origin: null,
    },
    ...changes,
  };
}

export function jobRecord(changes: Partial<Job> = {}): Job {
  return {
    id: jobId('a'),
    kind: 'train',
    title: 'Train MNIST',
    state: 'running',
    subject: modelId('a'),
    stages: [],
    progress: null,
    error: null,
    attempt: 1,
    createdAt: '2026-01-01T00:00:00.000Z',
    startedAt: null,
    finishedAt: null,
    ...changes,
  };
}

export function progressRecord(changes: Partial<JobProgress> = {}): JobProgress {
  return {
    job: jobId('a'),
    stage: 'train',
    item: 'Epoch 1 of 5',
    itemsDone: 0,
    itemsTotal: 5,
    itemShare: 0,
    share: 0,
    rate: null,
    unit: null,
    secondsLeft: null,
    elapsed: 0,
    ...changes,
  };
}

export function statusRecord(changes: Partial<Status['engine']> = {}): Status {
  return {
    version: '0.1.0',
    shell: 'browser',
    dataDir: '/data',
    access: 'write',
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
      state: 'ready',
      ...changes,
    },
    counts: { models: 0, runs: 0, maps: 0, studies: 0, ratings: 0 },
    disk: { artifacts: 0, bytes: 0, freeBytes: 1e9, unusedBytes: 0 },
  };
}

/** A method's curve with intervals of ±0.02. */
export function curveRecord(
  method: Method,
  levels: readonly number[],
  mean: (level: number) => number,
): MethodCurve {
  return {
    method,
    points: levels.map((level) => ({
      level,
      mean: mean(level),
      low: mean(level) - 0.02,
      high: mean(level) + 0.02,
      n: 20,
      tied: 0,
      difference: 0,
      differenceLow: 0,
      differenceHigh: 0,
      spread: null,
    })),
    area: 0.4,
    areaLow: 0.3,
    areaHigh: 0.5,
    advantage: 0.1,
    advantageLow: 0,
    advantageHigh: 0.2,
    rank: 1,
    tiedWith: [],
  };
}

export function runRecord(changes: Partial<RunRecord> = {}): RunRecord {
  return {
    id: runId('a'),
    name: 'MNIST, 50 images',
    settings: presetSettings('quick'),
    state: 'running',
    job: jobId('a'),
    createdAt: '2026-01-01T00:00:00.000Z',
    finishedAt: null,
    seconds: 0,
    ...changes,
  };
}
