import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type z } from 'zod';
import { datasetSubsetSchema } from '../../../shared/catalogue/datasets';
import { masksFile } from '../../../shared/dataset-masks';
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
import { inBegunFolder } from './begun-imports';
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
 * Make a dataset of one's own images in a folder of the job's, and put that in its place once it is whole.
 * What an attempt before left in that folder is gone on with.
 * One that is here already, and whole, stays as it is: only what its last import came to is written anew.
 *
 * @returns its id, and whether it was here already
 */
export async function importImages(
  { clock, dataDir, datasets, log, requests }: Parts,
  job: string,
  { name, path, labels, masks, strict, ...settings }: ImagesInput,
  context: Context,
): Promise<{ dataset: string; reused: boolean }> {
  return inBegunFolder(dataDir, job, (begun) =>
    requests.collectIn(
      begun,
      'images-import',
      { path, labels, masks, settings, strict },
      async ({ output: { dataset, settings: completed, stated }, folder }) => {
        const reused = await datasets.isWhole(dataset);
        context.signal.throwIfAborted();
        if (reused) {
          // The same images may have come by other paths, and with masks that take the place of those here.
          const here = datasetFolder(dataDir, dataset);
          if (existsSync(join(here, masksFile)) && !existsSync(join(folder, masksFile))) {
            const before = await importedIn(here).catch(() => null);
            await changeImported(folder, ({ notes, ...imported }) => ({
              ...imported,
              masks: before?.masks ?? null,
              notes: [...notes, 'The masks that an import before had brought stay: none came now.'],
            }));
          }
          for (const file of [masksFile, imageNamesFile, importedImagesFile]) {
            const made = join(folder, file);
            if (!existsSync(made)) continue;
            syncPath(made);
            renameDurably(made, join(here, file));
          }
          await datasets.verify(dataset);
          return { dataset, reused };
        }
        const { licence = '', citation = '' } = stated ?? {};
        const free = freeName(datasets, name, dataset);
        if (free !== name) {
          const note = `Another dataset is called ${name}: this one is ${free}.`;
          await changeImported(folder, (imported) => ({
            ...imported,
            notes: [...imported.notes, note],
          }));
        }
        await writeOrigin(folder, {
          kind: 'images',
          name: basename(path),
          published: null,
          installedAt: now({ clock }),
          subset: datasetSubsetSchema.parse({}),
          images: completed,
        });
        await placeDataset(dataDir, dataset, folder);
        await datasets.installed(dataset, { name: free, licence, citation });
        log.info('A dataset was made of images.', {
          dataset,
          folder: datasetFolder(dataDir, dataset),
        });
        return { dataset, reused };
      },
      { lane: 'batch', ...context },
    ),
  );
}

/** The name that was asked for, numbered where another dataset has it. */
function freeName(datasets: DatasetsService, name: string, dataset: string): string {
  let free = name;
  for (let number = 2; datasets.isTaken(free, dataset); number += 1) {
    const end = ` (${number})`;
    free = `${name.slice(0, 80 - end.length)}${end}`;
  }
  return free;
}

const importedIn = async (folder: string): Promise<ImportedImages> =>
  importedImagesSchema.parse(JSON.parse(await readFile(join(folder, importedImagesFile), 'utf8')));

async function changeImported(
  folder: string,
  changed: (imported: ImportedImages) => ImportedImages,
): Promise<void> {
  const imported = changed(await importedIn(folder));
  await writeFile(join(folder, importedImagesFile), JSON.stringify(imported));
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
