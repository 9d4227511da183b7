import { conflict, type StudioError } from '../../../shared/errors';
import { type EngineKey, isSameEngine, storedEngineKey } from '../artifacts/keys';
import { type ModelsRepository } from '../models/models-repository';
import { type RatingEventsRepository } from '../ratings/events-repository';
import { type StudiesRepository } from './studies-repository';
import { storedStudy } from './study-record';

interface Parts {
  readonly models: ModelsRepository;
  readonly ratingEvents: RatingEventsRepository;
  readonly studies: StudiesRepository;
}

/** Whether what was made of a study so far comes from an engine like this one. */
export function sameEngine(
  parts: Pick<Parts, 'models' | 'studies'>,
  study: string,
  engine: EngineKey,
): boolean {
  const { config } = storedStudy(parts, study);
  const making = { score: config?.parameters.score };
  return parts.studies.datasets(study).every((stored) => {
    const before = storedEngineKey(stored.engineKey);
    const chosen = config?.datasets.find(({ dataset }) => dataset === stored.dataset);
    const network = chosen && parts.models.get(chosen.model)?.architecture;
    return (
      before !== null && network !== undefined && isSameEngine(before, engine, network, making)
    );
  });
}

/** Whether the pictures and maps of a study were rated: then no others may take their place. */
export function rated(parts: Pick<Parts, 'ratingEvents' | 'studies'>, study: string): boolean {
  return parts.studies.get(study)?.hash !== null && parts.ratingEvents.hasAny(study);
}

/** Refuse an engine whose maps would differ from those that were rated. */
export function requireRated(
  parts: Pick<Parts, 'models' | 'ratingEvents' | 'studies'>,
  study: string,
  engine: EngineKey,
): void {
  if (rated(parts, study) && !sameEngine(parts, study, engine)) throw otherMaps(parts, study);
}

export function otherMaps(parts: Pick<Parts, 'studies'>, study: string): StudioError {
  return conflict(
    `The maps of ${storedStudy(parts, study).name} were rated, and those computed here would not be the same: compute them with the device, engine and files that made them, or make a new version of the study.`,
  );
}
