import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { ArtifactStore } from '../../../src/main/core/artifacts/artifact-store';
import { EngineHost } from '../../../src/main/core/engine/engine-host';
import { Events } from '../../../src/main/core/jobs/events';
import { loadPaper } from '../../../src/main/core/paper/paper';
import { type AppParts } from '../../../src/main/core/services';
import { openDataDirectory } from '../../../src/main/core/storage/data-directory';
import { type Log, silentLog, systemClock } from '../../../src/main/core/storage/environment';
import { installedFiles } from '../../../src/main/core/storage/installed-files';
import { scratchIn } from '../../../src/main/core/storage/scratch';
import { createStores } from '../../../src/main/core/stores';
import { settleRestored } from '../../../src/main/core/studies/settle-restored';
import { Metrics } from '../../../src/main/core/evaluation/metric';
import { builtInMetricObjects } from '../../../src/main/core/evaluation/metrics/built-in';
import { builtInCatalogues } from '../../../src/shared/catalogue/catalogues';
import { StudioError } from '../../../src/shared/errors';
import { type StudioEvent } from '../../../src/shared/events';
import { type IdPrefix, makeId } from '../../../src/shared/ids';
import { transitStores } from './transfers';

export interface OpenCore {
  readonly core: AppParts;
  /** What was announced. */
  readonly announced: StudioEvent[];
  /** Warnings of the log. */
  readonly warned: string[];
  close(): void;
}

/**
 * What services stand on, over a data directory of the test's own, without an engine.
 *
 * @param migrations a folder of them: fewer make a database of a version before
 */
export function coreOn(dataDir: string, migrations = installedFiles().migrations): OpenCore {
  const files = installedFiles();
  const directory = openDataDirectory({
    path: dataDir,
    migrations,
    mode: 'write',
    shell: 'test',
    now: () => systemClock.now(),
    settleRestored,
  });
  onTestFinished(() => directory.close());
  const { database, artifacts } = directory;
  const announced: StudioEvent[] = [];
  const warned: string[] = [];
  const log: Log = { ...silentLog, warn: (message) => void warned.push(message) };
  const events = new Events(() => undefined);
  events.subscribe((event) => announced.push(event));
  const newId = (prefix: IdPrefix) => makeId(prefix, randomBytes(10));
  const store = new ArtifactStore({ root: artifacts, database, now: () => systemClock.now() });
  const core: AppParts = {
    dataDir,
    database,
    artifacts: store,
    ...transitStores(newId, join(directory.work, 'transfers')),
    ...createStores(database, events, store),
    engine: new EngineHost({
      catalogues: builtInCatalogues,
      measured: [],
      startEngine: () => {
        throw new StudioError({ code: 'engine-unavailable', message: 'There is no engine here.' });
      },
      onChange: () => undefined,
    }),
    events,
    files,
    catalogues: builtInCatalogues,
    metrics: new Metrics(builtInCatalogues.metrics, builtInMetricObjects),
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
