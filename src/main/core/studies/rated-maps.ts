import { conflict, type StudioError } from '../../../shared/errors';
import { type EngineKey, isSameEngine, storedEngineKey } from '../artifacts/keys';
import { type ModelsRepository } from '../models/models-repository';
import { type StudyStore } from './study-store';

interface Parts {
  readonly models: ModelsRepository;
  readonly studyStore: StudyStore;
}

/** Pictures and maps that were rated: no others may take their place. */
export class RatedMaps {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Whether what was made of a study so far comes from an engine like this one. */
  sameEngine(study: string, engine: EngineKey): boolean {
    const { models, studyStore } = this.#parts;
    const { config } = studyStore.study(study);
    const making = { score: config?.parameters.score };
    return studyStore.studies.datasets(study).every((stored) => {
      const before = storedEngineKey(stored.engineKey);
      const chosen = config?.datasets.find(({ dataset }) => dataset === stored.dataset);
      const network = chosen && models.get(chosen.model)?.architecture;
      return (
        before !== null && network !== undefined && isSameEngine(before, engine, network, making)
      );
    });
  }

  /** Refuse an engine whose maps would differ from those that were rated. */
  requireEngine(study: string, engine: EngineKey): void {
    this.requireSame(study, this.sameEngine(study, engine));
  }

  /** Refuse others than those that were rated. */
  requireSame(study: string, same: boolean): void {
    if (!same && this.#rated(study)) throw this.#others(study);
  }

  #rated(study: string): boolean {
    const { studies, ratingEvents } = this.#parts.studyStore;
    return studies.get(study)?.hash !== null && ratingEvents.hasAny(study);
  }

  #others(study: string): StudioError {
    return conflict(
      `The maps of ${this.#parts.studyStore.study(study).name} were rated, and those computed here would not be the same: compute them with the device, engine and files that made them, or make a new version of the study.`,
    );
  }
}
