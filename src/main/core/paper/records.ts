import { type Experiment, type ExperimentMember } from '../../../shared/experiments';
import { type RunsRepository } from '../evaluation/runs-repository';
import {
  type ExperimentsRepository,
  type StoredExperiment,
  type StoredMember,
} from './experiments-repository';
import { type Paper } from './paper';
import { type Reading } from './variants';

interface Store {
  readonly experiments: ExperimentsRepository;
  readonly runs: RunsRepository;
  readonly paper: () => Paper;
}

/** An experiment as routes tell it. */
export function experimentRecord(store: Store, stored: StoredExperiment): Experiment {
  const members = store.experiments.members(stored.id).flatMap((member): ExperimentMember[] => {
    const run = store.runs.get(member.run);
    if (!run) return [];
    return [
      { dataset: run.settings.dataset, variant: variantOf(member, store.paper().choices), run },
    ];
  });
  return { ...stored, members };
}

/** How the paper is read in a stored member; null: as we do by default. */
function variantOf(
  { choice, reading }: StoredMember,
  choices: Paper['choices'],
): ExperimentMember['variant'] {
  if (choice === null) return null;
  const known = choices.find(({ id }) => id === choice);
  const read = known?.readings[reading ?? -1];
  return {
    choice,
    question: known?.question ?? choice,
    reading: read?.text ?? '',
    setting: read?.setting ?? choice,
  };
}

/** The same of a reading that is planned. */
export function plannedVariant(reading: Reading | null): ExperimentMember['variant'] {
  if (reading === null) return null;
  const { choice, question, text, setting } = reading;
  return { choice, question, reading: text, setting };
}

/** @param datasets their names */
export function experimentName(
  {
    kind,
    preset,
    seed,
  }: {
    readonly kind: Experiment['kind'];
    readonly preset: 'quick' | 'paper';
    readonly seed: number;
  },
  datasets: readonly string[],
): string {
  const what = kind === 'reproduction' ? 'The paper on' : 'Readings of the paper on';
  return [
    `${what} ${datasets.join(', ')}`,
    preset === 'quick' ? 'quick' : null,
    seed === 0 ? null : `seed ${seed}`,
  ]
    .filter((part) => part !== null)
    .join(', ');
}
