import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { builtInCatalogues, type Catalogues } from '../../shared/catalogue/catalogues';
import { type DatasetSource } from '../../shared/catalogue/datasets';
import { type EnginePort } from '../../shared/engine';
import { type StudioEvent } from '../../shared/events';
import { makeId, type NewId } from '../../shared/ids';
import { type Status } from '../../shared/records';
import { type Api } from '../../shared/routes';
import { ArtifactStore } from './artifacts/artifact-store';
import { type DatasetsService } from './datasets/datasets-service';
import { sweepBegun } from './datasets/begun-imports';
import { sweepDatasets } from './datasets/folders';
import { EngineHost } from './engine/engine-host';
import { type Metric, Metrics } from './evaluation/metric';
import { builtInMetricObjects } from './evaluation/metrics/built-in';
import { type RunExports } from './evaluation/run-exports';
import { type FileDoor, fileDoor } from './file-door';
import { createHandlers } from './handlers';
import { Events } from './jobs/events';
import { type AskedWork } from './machines/coordinator/coordinator';
import { type StartOwnWorker } from './machines/coordinator/own-worker';
import { type QueueTimes } from './machines/queue/settings';
import { type MapsExportService } from './maps/export';
import { loadPaper, type Paper } from './paper/paper';
import { createRouter } from './router';
import { type AppParts, createServices } from './services';
import { researcher, type Who } from './sessions/caller';
import { canWriteDatabase } from './storage/copy-for-reading';
import { type DataDirectory, openDataDirectory } from './storage/data-directory';
import { openDatabase } from './storage/database';
import { type Clock, type Log, silentLog, systemClock } from './storage/environment';
import { installedFiles } from './storage/installed-files';
import { scratchIn } from './storage/scratch';
import { type TemporaryFolder, temporaryFolder } from './storage/temporary-folder';
import { ExportStore } from './storage/transit/export-store';
import { UploadStore } from './storage/transit/upload-store';
import { createStores } from './stores';
import { raterOfToken } from './studies/link-token';
import { settleRestored } from './studies/settle-restored';

export { type Clock, type Log, silentLog, systemClock } from './storage/environment';

export interface AppOptions {
  readonly dataDir: string;
  /** Makes the engine's port; called once, at the first request. */
  readonly startEngine: () => EnginePort;
  readonly shell: Status['shell'];
  /** What can be chosen; default: what Saliency Studio comes with. */
  readonly catalogues?: Catalogues;
  /** What is behind the catalogue's metrics; default: what Saliency Studio comes with. */
  readonly metrics?: readonly Metric[];
  readonly clock?: Clock;
  readonly log?: Log;
  /** Random bytes for ids. */
  readonly random?: (count: number) => Uint8Array;
  /**
   * `read`: opens beside a running app and refuses the routes that write. `write-if-possible`: for
   * reading where the data directory lies on a medium that cannot be written. Default `write`.
   */
  readonly access?: 'write' | 'read' | 'write-if-possible';
  /**
   * What happens at start to jobs that a dead process left running and to parked ones: they go on
   * (`resume`, the default), or they wait until they are resumed by name (`park`).
   */
  readonly recover?: 'resume' | 'park';
  /** Where jobs are done, whatever the settings say; the queue is tried before anything begins. */
  readonly work?: AskedWork | null;
  /** Starts this machine's own worker where it works beside a queue's; default: the built command line. */
  readonly startOwnWorker?: StartOwnWorker;
  readonly queueTimes?: QueueTimes;
  /** Whether TensorFlow is loaded at start, so that nobody waits for it later; default: where it can be written. */
  readonly warm?: boolean;
  /** Where datasets can be had from outside, with their checksums (default: the catalogue's). */
  readonly datasetSources?: (dataset: string) => readonly DatasetSource[];
}

export interface App {
  /** The datasets that are known or here. */
  readonly datasets: Pick<DatasetsService, 'facts' | 'named'>;
  /** Parses the input, runs the handler, answers; throws StudioError. */
  readonly api: Api;
  /** The same for one of several clients: its newer explorations replace its own older ones alone. */
  apiFor(client: string, who?: Who): Api;
  /** A client is gone: nobody waits any more for what it looked at. */
  leave(client: string): void;
  /** Where files go in and out beside the routes. */
  readonly files: FileDoor;
  /** The same for somebody else. */
  filesFor(who: Who): FileDoor;
  /**
   * Listens to what core announces after it is committed; answers with the way to stop. Annotators
   * are told nothing, and researchers in annotator mode only when it ends.
   */
  subscribe(listener: (event: StudioEvent) => void, who?: Who): () => void;
  /** The rater whose link has this token; null where no link that is good has it. */
  raterOf(token: string): string | null;
  /** Whether annotator mode lasts on this machine: shells then show the rating page alone. */
  annotatorMode(): boolean;
  /** Ends it without a passphrase (the CLI's `annotator end`); answers whether it lasted. */
  endAnnotatorMode(): boolean;
  /** Writes maps and what is needed to compute them again into a folder (the CLI's `maps`). */
  readonly exportMaps: MapsExportService['export'];
  /** Writes every export of a finished run into a folder. */
  readonly writeRoarOutputs: RunExports['writeOutputs'];
  /** A running job is stopped at a safe point and goes on at the next start. */
  park(): Promise<void>;
  /** Parks, ends the engine, closes the database and gives the lock back. */
  close(): Promise<void>;
}

/**
 * Builds the whole application on a data directory. Throws `locked` where another process writes
 * there, `newer-database`, `corrupt-file`, `read-only` or `disk-full` as storage finds it.
 */
export async function createApp(options: AppOptions): Promise<App> {
  const { shell, log = silentLog, clock = systemClock } = options;
  const files = installedFiles();
  const access = accessOf(options);
  const directory = open({ ...options, access }, files.migrations, () => clock.now());
  const { database, artifacts } = directory;
  const events = new Events((error) => log.error('A listener failed.', { error: String(error) }));
  const { catalogues = builtInCatalogues } = options;
  const metrics = new Metrics(catalogues.metrics, options.metrics ?? builtInMetricObjects);
  const engine = new EngineHost({
    catalogues,
    measured: metrics.measured,
    startEngine: options.startEngine,
    onChange: (status) => events.emit({ type: 'engine.changed', engine: status }),
  });
  const random = options.random ?? ((count) => randomBytes(count));
  let paper: Paper | null = null;
  const newId: NewId = (prefix) => makeId(prefix, random(10));
  // A reader leaves the writer's scratch folder alone.
  const temporary = access === 'write' ? null : roomForReading();
  const work = access === 'write' ? directory.work : (temporary?.path ?? tmpdir());
  const transfers = join(work, `saliency-studio-transfers-${randomUUID()}`);
  const time = () => clock.now().getTime();
  const store = new ArtifactStore({ root: artifacts, database, now: () => clock.now() });
  const parts: AppParts = {
    dataDir: directory.path,
    database,
    artifacts: store,
    uploads: new UploadStore({
      root: join(transfers, 'in'),
      newId: () => newId('upload'),
      now: time,
    }),
    exports: new ExportStore({
      root: join(transfers, 'out'),
      newId: () => newId('export'),
      now: time,
    }),
    ...createStores(database, events, store),
    engine,
    events,
    files,
    catalogues,
    metrics,
    datasetSources:
      options.datasetSources ?? ((dataset) => catalogues.datasets.find(dataset)?.sources ?? []),
    clock,
    log,
    version: versionOf(files.root),
    newId,
    paper: () => (paper ??= loadPaper(files.resources)),
    scratch: scratchIn(work),
  };
  const services = createServices(parts, {
    asked: options.work ?? null,
    ...(options.startOwnWorker && { startOwnWorker: options.startOwnWorker }),
    ...(options.queueTimes && { times: options.queueTimes }),
  });
  const handlers = createHandlers(parts, services, { shell, access });
  const onDefect = (route: string, error: unknown) =>
    log.error('A route failed.', { route, error: error instanceof Error ? error.stack : error });
  // The command line opens an application of its own, which no rater sees.
  const annotatorMode = () => shell !== 'cli' && services.annotatorMode.active();
  const filesFor = (who: Who) => fileDoor(parts, who, annotatorMode);
  const apiFor = (client: string, who = researcher) =>
    createRouter(handlers, { access, onDefect, annotatorMode }, { client, ...who });

  const sweeping = setInterval(() => {
    parts.uploads.sweep();
    parts.exports
      .sweep()
      .catch((error: unknown) => log.warn('Old exports stay.', { error: String(error) }));
  }, sweepEvery).unref();
  let closing: Promise<void> | null = null;
  const close = async () => {
    clearInterval(sweeping);
    await services.close();
    await engine.close();
    await parts.uploads.close();
    await parts.exports.close();
    await rm(transfers, { recursive: true, force: true });
    temporary?.remove();
    directory.close();
  };
  if (access === 'write') {
    await sweepDatasets(parts.dataDir, services.datasets.ids());
    await sweepBegun(parts.dataDir, parts.jobs);
    await services.datasets.adopt();
    try {
      await services.coordinator.requireAsked();
    } catch (error) {
      await close();
      throw error;
    }
    // A command that works here alone has nothing to look after.
    if (options.work?.workplace !== 'here') {
      services.machines.begin();
      services.coordinator.begin();
    }
    services.scheduler.recover(options.recover ?? 'resume');
  }
  if (options.warm ?? options.access !== 'read') void engine.describe();
  return {
    datasets: services.datasets,
    api: apiFor('default'),
    apiFor,
    leave: services.leave,
    files: filesFor(researcher),
    filesFor,
    subscribe: (listener, { role } = researcher) =>
      role === 'annotator'
        ? () => undefined
        : events.subscribe((event) => {
            if (event.type === 'annotator.changed' || !annotatorMode()) listener(event);
          }),
    raterOf: (token) => raterOfToken(parts.raters, token),
    annotatorMode,
    endAnnotatorMode: () => services.annotatorMode.lift(),
    exportMaps: (input, context) => services.mapsExport.export(input, context),
    writeRoarOutputs: (run, out) => services.runExports.writeOutputs(run, out),
    park: () => services.scheduler.park(),
    close: () => (closing ??= close()),
  };
}

/** Whoever wants to write only if that is possible reads where there is something and it is not. */
function accessOf({ access = 'write', dataDir }: AppOptions): 'write' | 'read' {
  if (access !== 'write-if-possible') return access;
  const file = join(resolve(dataDir), 'studio.sqlite');
  return existsSync(file) && !canWriteDatabase(file) ? 'read' : 'write';
}

/** Null where nothing can be written: what needs the folder says so then. */
function roomForReading(): TemporaryFolder | null {
  try {
    return temporaryFolder();
  } catch {
    return null;
  }
}

/** Milliseconds between two looks for files in transit that nobody came for. */
const sweepEvery = 600_000;

/** Reading where nothing has been made yet finds nothing, and makes nothing. */
function open(
  options: AppOptions & { readonly access: 'write' | 'read' },
  migrations: string,
  now: () => Date,
): DataDirectory {
  const { shell, access } = options;
  const path = resolve(options.dataDir);
  if (access === 'write' || existsSync(join(path, 'studio.sqlite'))) {
    return openDataDirectory({
      path,
      migrations,
      mode: access,
      shell: holderNames[shell],
      now,
      settleRestored,
    });
  }
  const database = openDatabase({ path: ':memory:', migrations });
  const artifacts = join(path, 'artifacts');
  return { path, database, artifacts, work: join(path, 'work'), close: () => database.close() };
}

const holderNames: Readonly<Record<Status['shell'], string>> = {
  electron: 'desktop app',
  browser: 'browser app',
  cli: 'command line',
};

function versionOf(root: string): string {
  const text = readFileSync(join(root, 'package.json'), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}
