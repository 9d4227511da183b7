import { notFound } from '../../../shared/errors';
import { type Experiment, type ExperimentMember } from '../../../shared/experiments';
import { type NewId } from '../../../shared/ids';
import { type RunsRepository } from '../evaluation/runs-repository';
import { type Events } from '../jobs/events';
import { type Clock, now } from '../storage/environment';
import {
  type ExperimentsRepository,
  type StoredExperiment,
  type StoredMember,
} from './experiments-repository';
import { type Paper } from './paper';

interface Parts {
  readonly clock: Clock;
  readonly events: Events;
  readonly experiments: ExperimentsRepository;
  readonly newId: NewId;
  readonly paper: () => Pick<Paper, 'choices'>;
  readonly runs: RunsRepository;
}

/** Experiments as routes tell them: as they are stored, with the runs that are their members. */
export class ExperimentStore {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  list(): Experiment[] {
    return this.#parts.experiments.list().map((stored) => this.#record(stored));
  }

  /** Throws `not-found`. */
  get(id: string): Experiment {
    const stored = this.#parts.experiments.get(id);
    if (!stored) throw notFound('experiment', id);
    return this.#record(stored);
  }

  /** Answers with its id. */
  insert(kind: Experiment['kind'], name: string): string {
    const id = this.#parts.newId('experiment');
    const createdAt = now(this.#parts);
    this.#parts.experiments.insert({ id, kind, name, study: null, createdAt });
    return id;
  }

  /** Tell whoever listens that it changed, and how it is now. */
  changed(id: string): Experiment {
    this.announce(id);
    return this.get(id);
  }

  announce(id: string): void {
    this.#parts.events.emit({ type: 'experiment.changed', experiment: id });
  }

  #record(stored: StoredExperiment): Experiment {
    const { experiments, paper, runs } = this.#parts;
    const members = experiments.members(stored.id).flatMap((member): ExperimentMember[] => {
      const run = runs.get(member.run);
      if (!run) return [];
      return [{ dataset: run.settings.dataset, variant: variantOf(member, paper().choices), run }];
    });
    return { ...stored, members };
  }
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
