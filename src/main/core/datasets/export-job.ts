import { join } from 'node:path';
import { z } from 'zod';
import { datasetIdSchema } from '../../../shared/catalogue/datasets';
import { type OwnImages, ownImagesSchema } from '../../../shared/catalogue/own-images';
import { type ExportFile } from '../../../shared/export-file';
import { type DatasetRecord } from '../../../shared/records';
import { fileStem } from '../export/file-stem';
import { type EngineRequests } from '../jobs/engine-requests';
import { type Context } from '../jobs/job-run';
import { type StagePlan } from '../jobs/progress';
import { type JobKind } from '../jobs/scheduler';
import { type ExportStore } from '../storage/transit/export-store';
import { type DatasetsService } from './datasets-service';

interface Parts {
  readonly datasets: DatasetsService;
  readonly exports: ExportStore;
  readonly requests: EngineRequests;
  /** Archives that were made, by the job. */
  readonly made: Map<string, ExportFile>;
}

export const exportJobSchema = z.object({ dataset: datasetIdSchema });

export const exportStages: readonly StagePlan[] = [
  {
    id: 'export',
    title: 'Export',
    items: [{ id: 'archive', title: 'Packing the images', cost: 1 }],
  },
];

/** Packs a dataset into an archive, whose import is the same dataset. */
export function exportJob(parts: Parts): JobKind {
  return {
    kind: 'export',
    // What it makes is fetched while the application lives.
    recovery: 'fail',
    async run(run) {
      const { dataset } = run.input(exportJobSchema);
      run.plan(exportStages, false);
      await run.item('export', 'archive', async (context) => {
        parts.made.set(run.job.id, await archiveOf(parts, dataset, context));
        return { artifacts: [], reused: false };
      });
    },
    datasets: ({ subject }) => (subject === null ? [] : [subject]),
    changed: () => undefined,
  };
}

async function archiveOf(
  { datasets, exports, requests }: Parts,
  dataset: string,
  context: Context,
): Promise<ExportFile> {
  const record = await datasets.record(dataset);
  const { name, licence, citation } = record;
  const archive = `${fileStem(name, dataset)}.zip`;
  const about = { name, licence, citation, images: imagesOf(record) };
  return requests.collect(
    'dataset-export',
    { dataset, archive, about },
    ({ folder }) => exports.offer(archive, 'application/zip', join(folder, archive)),
    { lane: 'batch', ...context },
  );
}

/** With which its images come in as they are; null: they are no squares that can be asked for. */
function imagesOf({ origin, shape }: Pick<DatasetRecord, 'origin' | 'shape'>): OwnImages | null {
  if (origin?.images) return origin.images;
  const [height, width, channels] = shape;
  if (height !== width) return null;
  const plain = { size: height, fit: 'crop', grayscale: channels === 1 };
  return ownImagesSchema.safeParse(plain).data ?? null;
}
