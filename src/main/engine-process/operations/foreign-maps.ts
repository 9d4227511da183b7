import { readFile } from 'node:fs/promises';
import { mapsInBlock, readMaps } from '../../../engine/foreign-maps/read-maps';
import { refusalsOf } from '../../../engine/foreign-maps/refusals';
import { type EngineFile, type EngineInput } from '../../../shared/engine';
import { fileFailure } from '../../../shared/errors';
import { brokenWords, constantWords, type FoundMaps } from '../../../shared/foreign-maps';
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
  const found = await read(input, context, (block) => {
    const [count, ...axes] = block.shape;
    const wanted = Math.min(count, Math.max(0, input.samples - block.from));
    if (wanted > 0) {
      kept.push(block.data.slice(0, (wanted * block.data.length) / count));
      shape = [block.from + wanted, ...axes];
    }
    return Promise.resolve();
  });
  const data = new Float32Array(kept.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of kept) {
    data.set(part, at);
    at += part.length;
  }
  return { files: [await writeArray(input.outDir, 'maps.npy', { shape, data })], found };
};

export const mapsImport: Operation<'maps-import'> = async (input, context) => {
  const files: EngineFile[] = [];
  let perBlock = 1;
  const found = await read(input, context, async ({ from, shape, data }) => {
    const [, height, width, channels] = shape;
    perBlock = mapsInBlock(height * width * channels);
    const name = `maps-${String(from / perBlock).padStart(5, '0')}.npy`;
    files.push(await writeArray(input.outDir, name, { shape, data }));
  });
  const { refused } = refusalsOf(input.file);
  const broken = brokenWords(found);
  if (broken !== null) throw refused(broken);
  const constant = input.constant ? null : constantWords(found);
  if (constant !== null) throw refused(constant, 'constant');
  return { files, found, block: perBlock };
};

async function read(
  input: Input,
  { signal, report }: OperationContext,
  take: Parameters<typeof readMaps>[1],
): Promise<FoundMaps> {
  try {
    const { data } = decodeNpy(await readFile(input.images), 'images.npy');
    return await readMaps({ ...input, images: data, scratch: input.outDir, signal, report }, take);
  } catch (error) {
    throw fileFailure(error, input.path);
  }
}
