import { type DatasetSource, type KnownDataset } from '../../../shared/catalogue/datasets';
import { type EngineRequests } from '../jobs/engine-requests';
import { type Context } from '../jobs/job-run';
import { type Clock, type Log, now } from '../storage/environment';
import { type DatasetArchives, type InstallInput } from './archives';
import { datasetFolder, placeDataset } from './folders';
import { type Origin, writeOrigin } from './origin';

interface Parts {
  readonly archives: DatasetArchives;
  readonly clock: Clock;
  readonly dataDir: string;
  readonly log: Log;
  readonly requests: EngineRequests;
}

/** Import into a scratch folder, and put that in the dataset's place once it is whole. */
export async function importDataset(
  { archives, clock, dataDir, log, requests }: Parts,
  input: InstallInput,
  { classes, train, validation, sources }: KnownDataset,
  context: Context,
): Promise<void> {
  const { dataset, source, subset } = input;
  const { path, name, published } = await archives.find(input, context);
  await requests.collect(
    'dataset-import',
    {
      importer: dataset,
      dataset,
      whole: { classes, train, validation },
      path,
      published: sources.map(publishedArchive),
      subset,
    },
    async ({ folder }) => {
      context.signal.throwIfAborted();
      const installedAt = now({ clock });
      const origin: Origin = { kind: source.kind, name, published, subset, installedAt };
      await writeOrigin(folder, origin);
      await placeDataset(dataDir, dataset, folder);
    },
    { lane: 'batch', ...context },
  );
  log.info('A dataset was installed.', { dataset, folder: datasetFolder(dataDir, dataset) });
}

/** Its checksum, as the engine computes them, and where it is published. */
function publishedArchive(source: DatasetSource) {
  return source.kind === 'download'
    ? { checksum: `md5:${source.md5}`, publishedAt: source.publishedAt }
    : { checksum: source.integrity, publishedAt: `npm ${source.name}@${source.version}` };
}
