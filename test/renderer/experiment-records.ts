import { builtInMethods } from '../../src/shared/catalogue/methods';
import {
  type Experiment,
  type ExperimentMember,
  type ExperimentResult,
} from '../../src/shared/experiments';
import { type RunRecord, type RunResult } from '../../src/shared/records';
import { curveRecord, jobId, runId, runRecord, statusRecord } from './records';
import { presetSettings } from '../fixtures/datasets';

export const experimentId = (letter: string): string => `experiment_${letter.repeat(16)}`;

export function memberRecord(
  letter: string,
  dataset: string,
  changes: Partial<RunRecord> = {},
  variant: ExperimentMember['variant'] = null,
): ExperimentMember {
  return {
    dataset,
    variant,
    run: runRecord({
      ...{ id: runId(letter), job: jobId(letter), name: `On ${dataset}`, state: 'done' },
      settings: presetSettings('quick', dataset),
      ...changes,
    }),
  };
}

export function experimentRecord(changes: Partial<Experiment> = {}): Experiment {
  return {
    id: experimentId('a'),
    kind: 'reproduction',
    name: 'The paper',
    study: null,
    members: [memberRecord('a', 'mnist'), memberRecord('b', 'cifar10')],
    createdAt: '2026-01-01T00:00:00.000Z',
    ...changes,
  };
}

export function memberResult({ run }: ExperimentMember): RunResult {
  const { levels } = run.settings;
  return {
    run,
    images: Array.from({ length: run.settings.images }, (_, i) => i),
    levels: levels.map((level) => ({
      ...{ level, model: null, epochs: 2, seconds: 3, reused: false },
      validationAccuracy: 0.97,
      paperAccuracy: run.settings.dataset === 'mnist' ? 0.98 : null,
    })),
    retrained: [],
    cuts: ['6,000 of 60,000 training images', '2 of 5 epochs', '50 of 500 images'],
    notes: [],
    curves: builtInMethods.map((method, i) =>
      curveRecord(method, levels, (level) => 1 - level * (0.5 + i / 30)),
    ),
    claims: [],
    engine: statusRecord().engine,
  };
}

export function experimentResult(
  experiment: Experiment,
  changes: Partial<ExperimentResult> = {},
): ExperimentResult {
  return {
    experiment,
    results: experiment.members.map(memberResult),
    claims: [],
    ranks: [],
    spearman: [],
    notRerun: [],
    ...changes,
  };
}
