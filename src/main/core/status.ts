import { type Status } from '../../shared/records';
import { type Core } from './core';

/** Versions, engine, what there is and what it takes on the disk. */
export async function status(
  core: Core,
  opened: Pick<Status, 'shell' | 'access'>,
): Promise<Status> {
  return {
    version: core.version,
    ...opened,
    dataDir: core.dataDir,
    engine: core.engine.status,
    counts: {
      models: core.models.count(),
      runs: core.runs.count(),
      maps: core.artifacts.count('map'),
      studies: core.studies.count(),
      ratings: core.ratingEvents.countAll(),
    },
    disk: { ...core.artifacts.usage(), freeBytes: await core.artifacts.freeBytes() },
  };
}
