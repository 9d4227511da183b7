import { readFile } from 'node:fs/promises';
import { type MapBlock, type MapsRequest, readMaps } from '../../../engine/foreign-maps/read-maps';
import { refusalsOf } from '../../../engine/foreign-maps/refusals';
import { writeBlocks } from '../../../engine/foreign-maps/write-blocks';
import { type EngineInput } from '../../../shared/engine';
import { fileFailure } from '../../../shared/errors';
import { brokenWords, constantWords } from '../../../shared/foreign-maps';
import { decodeNpy } from '../../../shared/npy';
import { type Operation, type OperationContext } from '../operation';
import { writeArray } from '../output';

type Input = Pick<
  EngineInput<'maps-import'>,
  'path' | 'file' | 'array' | 'side' | 'images' | 'outDir'
>;

export const mapsCheck: Operation<'maps-check'> = async (input, context) => {
  const kept: Float32Array[] = [];
  let shape: readonly number[] = [0, ...input.side, 1];
  const take = (block: MapBlock) => {
    const [count, ...axes] = block.shape;
    const wanted = Math.min(count, Math.max(0, input.samples - block.from));
    if (wanted > 0) {
      kept.push(block.data.slice(0, (wanted * block.data.length) / count));
      shape = [block.from + wanted, ...axes];
    }
    return Promise.resolve();
  };
  const found = await requested(input, context, (request) =>
    readMaps({ ...request, scratch: input.outDir }, take),
  );
  const data = new Float32Array(kept.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of kept) {
    data.set(part, at);
    at += part.length;
  }
  return { files: [await writeArray(input.outDir, 'maps.npy', { shape, data })], found };
};

export const mapsImport: Operation<'maps-import'> = async (input, context) => {
  const { constant, file, outDir } = input;
  const written = await requested(input, context, (request) =>
    writeBlocks(request, outDir, constant),
  );
  const { refused } = refusalsOf(file);
  const broken = brokenWords(written.found);
  if (broken !== null) throw refused(broken);
  const flat = constant ? null : constantWords(written.found);
  if (flat !== null) throw refused(flat, 'constant');
  return written;
};

async function requested<T>(
  input: Input,
  { signal, report }: OperationContext,
  work: (request: Omit<MapsRequest, 'scratch'>) => Promise<T>,
): Promise<T> {
  const { path, file, array, side } = input;
  try {
    const { data: images } = decodeNpy(await readFile(input.images), 'images.npy');
    return await work({ path, file, array, side, images, signal, report });
  } catch (error) {
    throw fileFailure(error, path);
  }
}
