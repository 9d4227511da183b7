import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Log, silentLog, systemClock } from '../../../src/main/core/environment';
import { Events } from '../../../src/main/core/jobs/events';
import { installedFiles } from '../../../src/main/core/storage/installed-files';
import { EngineHost } from '../../../src/main/core/engine/engine-host';
import { loadPaper } from '../../../src/main/core/paper/paper';
import { type Core, scratchIn } from '../../../src/main/core/core';
import { AnnotatorModeRepository } from '../../../src/main/core/studies/annotator-mode-repository';
import { openDataDirectory } from '../../../src/main/core/storage/data-directory';
import { ExperimentsRepository } from '../../../src/main/core/paper/experiments-repository';
import { ExploreCacheRepository } from '../../../src/main/core/maps/explore-cache';
import { JobsRepository } from '../../../src/main/core/jobs/jobs-repository';
import { MethodsRepository } from '../../../src/main/core/maps/methods-repository';
import { ModelsRepository } from '../../../src/main/core/models/models-repository';
import { RatersRepository } from '../../../src/main/core/studies/raters-repository';
import { RatesRepository } from '../../../src/main/core/models/rates-repository';
import { RatingEventsRepository } from '../../../src/main/core/ratings/events-repository';
import { RetrainedRepository } from '../../../src/main/core/evaluation/retrained-repository';
import { RunsRepository } from '../../../src/main/core/evaluation/runs-repository';
import { StudiesRepository } from '../../../src/main/core/studies/studies-repository';
import { StudyLogRepository } from '../../../src/main/core/studies/study-log';
import { StudioError } from '../../../src/shared/errors';
import { type StudioEvent } from '../../../src/shared/events';
import { type IdPrefix, makeId } from '../../../src/shared/ids';
import { transitStores } from './transfers';

export interface OpenCore {
  readonly core: Core;
  /** What was announced. */
  readonly announced: StudioEvent[];
  /** Warnings of the log. */
  readonly warned: string[];
  close(): void;
}

/** What services stand on, over a data directory of the test's own, without an engine. */
export function coreOn(dataDir: string): OpenCore {
  const files = installedFiles();
  const directory = openDataDirectory({
    path: dataDir,
    migrations: files.migrations,
    mode: 'write',
    shell: 'test',
    now: () => systemClock.now(),
  });
  onTestFinished(() => directory.close());
  const { database, artifacts } = directory;
  const announced: StudioEvent[] = [];
  const warned: string[] = [];
  const log: Log = { ...silentLog, warn: (message) => void warned.push(message) };
  const events = new Events(() => undefined);
  events.subscribe((event) => announced.push(event));
  const newId = (prefix: IdPrefix) => makeId(prefix, randomBytes(10));
  const core: Core = {
    dataDir,
    database,
    artifacts,
    ...transitStores(newId, join(directory.work, 'transfers')),
    jobs: new JobsRepository(database),
    models: new ModelsRepository(database),
    runs: new RunsRepository(database),
    retrained: new RetrainedRepository(database),
    experiments: new ExperimentsRepository(database),
    methods: new MethodsRepository(database),
    rates: new RatesRepository(database),
    exploreCache: new ExploreCacheRepository(database),
    studies: new StudiesRepository(database),
    studyLog: new StudyLogRepository(database),
    raters: new RatersRepository(database),
    ratingEvents: new RatingEventsRepository(database),
    annotatorMode: new AnnotatorModeRepository(database),
    engine: new EngineHost({
      startEngine: () => {
        throw new StudioError({ code: 'engine-unavailable', message: 'There is no engine here.' });
      },
      onChange: () => undefined,
    }),
    events,
    files,
    datasetSources: () => [],
    clock: systemClock,
    log,
    version: '0.0.0',
    newId,
    paper: () => loadPaper(files.resources),
    scratch: scratchIn(tmpdir()),
  };
  return { core, announced, warned, close: () => directory.close() };
}
