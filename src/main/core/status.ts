import { type Status } from '../../shared/records';
import { type AppParts } from './services';

/** Versions, engine, what there is and what it takes on the disk. */
export async function status(
  parts: AppParts,
  opened: Pick<Status, 'shell' | 'access'>,
): Promise<Status> {
  return {
    version: parts.version,
    ...opened,
    dataDir: parts.dataDir,
    engine: parts.engine.status,
    counts: {
      models: parts.models.count(),
      runs: parts.runs.count(),
      maps: parts.artifacts.count('map'),
      studies: parts.studies.count(),
      ratings: parts.ratingEvents.countAll(),
    },
    disk: { ...parts.artifacts.usage(), freeBytes: await parts.artifacts.freeBytes() },
  };
}
