import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type z } from 'zod';
import { datasetSubsetSchema } from '../../../shared/catalogue/datasets';
import { ownImagesSchema } from '../../../shared/catalogue/own-images';
import { notFound } from '../../../shared/errors';
import {
  imageNamesFile,
  type ImportedImages,
  importedImagesFile,
  importedImagesSchema,
} from '../../../shared/imported-images';
import { type imagesJobSchema } from '../../../shared/routes';
import { type EngineRequests } from '../jobs/engine-requests';
import { type Context } from '../jobs/job-run';
import { renameDurably, syncPath } from '../storage/durable';
import { type Clock, type Log, now } from '../storage/environment';
import { type DatasetsService } from './datasets-service';
import { datasetFolder, placeDataset } from './folders';
import { writeOrigin } from './origin';

interface Parts {
  readonly clock: Clock;
  readonly dataDir: string;
  readonly datasets: DatasetsService;
  readonly log: Log;
  readonly requests: EngineRequests;
}

export type ImagesInput = z.output<typeof imagesJobSchema>;

/**
 * Make a dataset of one's own images in a scratch folder, and put that in its place once it is whole.
 * One that is here already, and whole, stays as it is: only what its last import came to is written anew.
 *
 * @returns its id, and whether it was here already
 */
export async function importImages(
  { clock, dataDir, datasets, log, requests }: Parts,
  { name, path, labels, strict, ...rest }: ImagesInput,
  context: Context,
): Promise<{ dataset: string; reused: boolean }> {
  const settings = ownImagesSchema.parse(rest);
  return requests.collect(
    'images-import',
    { path, labels, settings, strict },
    async ({ output: { dataset }, folder }) => {
      const reused = await datasets.isWhole(dataset);
      context.signal.throwIfAborted();
      if (reused) {
        // The same images may have come by other paths.
        for (const file of [imageNamesFile, importedImagesFile]) {
          syncPath(join(folder, file));
          renameDurably(join(folder, file), join(datasetFolder(dataDir, dataset), file));
        }
        return { dataset, reused };
      }
      await writeOrigin(folder, {
        kind: 'images',
        name: basename(path),
        published: null,
        installedAt: now({ clock }),
        subset: datasetSubsetSchema.parse({}),
        images: settings,
      });
      await placeDataset(dataDir, dataset, folder);
      await datasets.installed(dataset, name);
      log.info('A dataset was made of images.', {
        dataset,
        folder: datasetFolder(dataDir, dataset),
      });
      return { dataset, reused };
    },
    { lane: 'batch', ...context },
  );
}

/**
 * What the last import of a dataset of one's own came to.
 *
 * @throws StudioError `not-found` for any other
 */
export async function importedImages(dataDir: string, dataset: string): Promise<ImportedImages> {
  try {
    const text = await readFile(join(datasetFolder(dataDir, dataset), importedImagesFile), 'utf8');
    return importedImagesSchema.parse(JSON.parse(text));
  } catch {
    throw notFound('import of images', dataset);
  }
}
