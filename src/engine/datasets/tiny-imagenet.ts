import { type Split } from '../../shared/catalogue/datasets';
import { breathe } from '../runtime/cancel';
import { chooseClasses } from './class-choice';
import type { ListedImage } from './class-folders';
import type { FileTree } from './file-tree';
import type { ImportRequest } from './import-request';
import type { Importer } from './importer';
import { decodeJpeg } from './jpeg';
import type { StoreContent, StoreWriter } from './store-writer';
import { openTinyImagenet, tinyImagenetForms } from './tiny-imagenet-files';
import { listTraining, listValidation, readClasses } from './tiny-imagenet-lists';

const shape = [64, 64, 3] as const;

/** A JPEG of 64 × 64 pixels has a few kilobytes, with metadata some more. */
const maxImageBytes = 2 ** 20;

/** Images that are read and decoded at once; sharp decodes each in a thread of its own. */
const window = 32;

/**
 * Read Tiny ImageNet's official layout and write its images into the store: training class by class
 * in the order of wnids.txt, each class in the order of its list, validation in the order of
 * val_annotations.txt. Images that were moved into a folder for each class have no lists: there the
 * order is that of their names.
 */
async function importTinyImagenet(
  tree: FileTree,
  request: ImportRequest,
  writer: StoreWriter,
): Promise<StoreContent> {
  const { subset, whole } = request;
  const all = await readClasses(tree);
  const classes = chooseClasses(all, subset);
  const perClass = subset.perClass ?? Infinity;
  const listed = await listTraining(tree, all, classes);
  const train = listed.flatMap((images) => images.slice(0, perClass));
  const validation = await listValidation(tree, all, classes);
  const total = train.length + validation.length;
  await writer.requireSpace(total);
  const report = (done: number) => request.report?.({ done, total, unit: 'images' });
  report(0);
  await writeImages(tree, train, 'train', request, writer, report);
  await writeImages(tree, validation, 'validation', request, writer, (done) =>
    report(train.length + done),
  );
  return {
    classes: classes.map(({ id, name }) => ({ id, name })),
    complete:
      classes.length === whole.classes &&
      train.length === whole.train &&
      validation.length === whole.validation,
  };
}

/** Read and decode some images ahead, and write them in their order. */
async function writeImages(
  tree: FileTree,
  images: readonly ListedImage[],
  split: Split,
  { signal }: ImportRequest,
  writer: StoreWriter,
  report: (done: number) => void,
): Promise<void> {
  const decode = async ({ file }: ListedImage) =>
    decodeJpeg(await tree.read(file, maxImageBytes), file, shape);
  const ahead: Promise<Uint8Array>[] = [];
  const start = (image: ListedImage | undefined) => {
    if (!image) return;
    const decoded = decode(image);
    // Awaited in turn below; until then its failure is not yet anyone's.
    decoded.catch(() => undefined);
    ahead.push(decoded);
  };
  try {
    for (const image of images.slice(0, window)) start(image);
    for (const [position, { label }] of images.entries()) {
      const pixels = await ahead.shift();
      if (pixels) await writer.add(split, pixels, label);
      start(images[position + window]);
      report(position + 1);
      if (position % window === 0) await breathe(signal);
    }
  } finally {
    // Nothing may still read the archive when it is closed.
    await Promise.allSettled(ahead);
  }
}

export const tinyImagenetImporter: Importer = {
  id: 'tiny-imagenet',
  forms: tinyImagenetForms,
  shape,
  classes: 200,
  open: (container, { path: file, signal }) =>
    container === 'folder' || container === 'zip'
      ? openTinyImagenet({ container, file, signal })
      : null,
  import: importTinyImagenet,
};
