import { refuse } from '../../../shared/errors';
import { type Experiment } from '../../../shared/experiments';
import { type RouteParsed } from '../../../shared/routes';
import { type DatasetsService } from '../datasets/datasets-service';
import { type RoarResults } from '../evaluation/roar-results';
import { type Database } from '../storage/database';
import { type StudyStore } from '../studies/study-store';
import { type ExperimentStore } from './experiment-store';
import { type ExperimentsRepository } from './experiments-repository';
import { type JudgedClaims } from './judged-claims';

interface Parts {
  readonly claims: JudgedClaims;
  readonly database: Database;
  readonly datasets: DatasetsService;
  readonly experiments: ExperimentsRepository;
  readonly experimentStore: ExperimentStore;
  readonly results: RoarResults;
  readonly studyStore: StudyStore;
}

/** Runs that belong together: the paper on its datasets, or one run under other readings of it. */
export class ExperimentsService {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Runs made one by one, put together. */
  collect({ runs: ids }: RouteParsed<'experiments.collect'>): Experiment {
    const { database, datasets, experiments, experimentStore, results } = this.#parts;
    const runs = ids.map((id) => results.run(id));
    const seen = new Set<string>();
    for (const [i, { id, settings, name }] of runs.entries()) {
      if (settings.protocol !== 'paper') {
        throw refuse(
          `runs.${i}`,
          id,
          `runs of the protocol paper (${name} is ${settings.protocol})`,
        );
      }
      if (seen.has(settings.dataset)) {
        throw refuse(`runs.${i}`, id, `one run of each dataset (${name} is a second one)`);
      }
      seen.add(settings.dataset);
    }
    const names = [...seen].map((dataset) => datasets.facts(dataset).name);
    const id = database.transaction(() => {
      const made = experimentStore.insert('reproduction', `Runs on ${names.join(', ')}`);
      for (const run of runs)
        experiments.addMember(made, { run: run.id, choice: null, reading: null });
      return made;
    });
    return this.#parts.experimentStore.changed(id);
  }

  list(): Experiment[] {
    return this.#parts.experimentStore.list();
  }

  get(id: string): Experiment {
    return this.#parts.experimentStore.get(id);
  }

  setStudy({ experiment: id, study }: RouteParsed<'experiments.setStudy'>): Experiment {
    this.get(id);
    if (study !== null) this.#parts.studyStore.study(study);
    this.#parts.experiments.setStudy(id, study);
    return this.#parts.experimentStore.changed(id);
  }

  rename({ experiment: id, name }: RouteParsed<'experiments.rename'>): Experiment {
    this.get(id);
    this.#parts.experiments.rename(id, name);
    return this.#parts.experimentStore.changed(id);
  }

  /** The runs stay. */
  remove(id: string): Record<string, never> {
    this.get(id);
    this.#parts.experiments.remove(id);
    this.#parts.claims.forget(id);
    this.#parts.experimentStore.announce(id);
    return {};
  }
}
