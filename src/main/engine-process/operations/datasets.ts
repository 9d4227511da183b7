import { type SplitData } from '../../../engine/datasets/dataset';
import { masksOf, storedMasks } from '../../../engine/datasets/masks/mask-store';
import { smaller } from '../../../engine/datasets/smaller';
import { valueAt } from '../../../shared/checked-reads';
import { type Operation } from '../operation';
import { writeArray } from '../output';

export const datasetSummary: Operation<'dataset-summary'> = async (input, context) => {
  const { signal, report } = context;
  const { classes, train, validation, files } = await context.datasets.verify(input, {
    signal,
    report: (done, total) => report({ done, total, unit: 'bytes' }),
  });
  return {
    classes: [...classes],
    train: train.count,
    validation: validation.count,
    trainPerClass: perClass(train, classes.length),
    validationPerClass: perClass(validation, classes.length),
    files: files.map(({ name, sha256, published }) => ({ name, sha256, published })),
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    masks: await storedMasks(input.datasetDir),
  };
};

export const datasetLabels: Operation<'dataset-labels'> = async (input, { datasets }) => {
  const { classes, [input.split]: data } = await datasets.get(input);
  const labels = classes.length > 256 ? Uint16Array.from(data.labels) : data.labels;
  const array = { shape: [data.count], data: labels };
  return { files: [await writeArray(input.outDir, 'labels.npy', array)] };
};

export const datasetImages: Operation<'dataset-images'> = async (input, { datasets }) => {
  const picked = await datasets.pick(input, input.sight);
  const { images, shape } = await smaller(picked, input.side);
  const { labels } = picked;
  const count = labels.length;
  return {
    files: [
      await writeArray(input.outDir, 'images.npy', { shape: [count, ...shape], data: images }),
      await writeArray(input.outDir, 'labels.npy', { shape: [count], data: labels }),
    ],
  };
};

export const datasetMasks: Operation<'dataset-masks'> = async (input) => {
  const masks = await masksOf(input.datasetDir, input.split, input.indices);
  const found = masks.flatMap((bits, i) =>
    bits ? [{ bits, image: valueAt(input.indices, i) }] : [],
  );
  const bytes = found[0]?.bits.length ?? 0;
  const data = new Uint8Array(found.length * bytes);
  found.forEach(({ bits }, i) => data.set(bits, i * bytes));
  const images = Int32Array.from(found, ({ image }) => image);
  return {
    files: [
      await writeArray(input.outDir, 'masks.npy', { shape: [found.length, bytes], data }),
      await writeArray(input.outDir, 'images.npy', { shape: [found.length], data: images }),
    ],
  };
};

function perClass(split: SplitData, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const label of split.labels) counts[label] = valueAt(counts, label) + 1;
  return counts;
}
