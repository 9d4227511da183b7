import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DiskImages, imageRange, memoryImages } from '../../../src/engine/datasets/image-store';
import { pixelsOf } from '../../../src/engine/models/inputs';
import { channelMeans } from '../../../src/engine/removal/degrade';

const count = 7;
const imageBytes = 2 * 3 * 3;
const bytes = Uint8Array.from({ length: count * imageBytes }, (_, i) => (i * 37 + 11) % 256);

let folder: string;
let file: string;
let disk: DiskImages;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'images-'));
  file = path.join(folder, 'train.images');
  await writeFile(file, bytes);
  disk = new DiskImages(file, count, imageBytes);
});
afterEach(async () => {
  disk.close();
  await rm(folder, { recursive: true });
});

test('images on disk are those in memory, in any order', () => {
  const memory = memoryImages(bytes, imageBytes);
  expect(memory.count).toBe(count);
  expect(imageRange(disk, 0, count)).toEqual(bytes);
  expect(imageRange(disk, 2, 5)).toEqual(bytes.subarray(2 * imageBytes, 5 * imageBytes));
  const indices = Int32Array.of(6, 0, 3, 3);
  const pixels = pixelsOf(bytes, imageBytes, indices);
  expect(pixelsOf(disk, imageBytes, indices)).toEqual(pixels);
  expect(pixelsOf(memory, imageBytes, indices)).toEqual(pixels);
  expect(channelMeans(disk, 3)).toEqual(channelMeans(bytes, 3));
});

test('an image is put where it is asked for', () => {
  const into = new Uint8Array(3 * imageBytes);
  disk.read(4, into, imageBytes);
  expect(into.subarray(imageBytes, 2 * imageBytes)).toEqual(
    bytes.subarray(4 * imageBytes, 5 * imageBytes),
  );
  expect(into.subarray(2 * imageBytes).every((value) => value === 0)).toBe(true);
});

test('indices outside, a short file, a missing file and a closed store are refused', async () => {
  const one = new Uint8Array(imageBytes);
  expect(() => disk.read(count, one, 0)).toThrow('image 7 is not one of 0 to 6');
  expect(() => disk.read(-1, one, 0)).toThrow(RangeError);
  expect(() => memoryImages(bytes, imageBytes).read(count, one, 0)).toThrow(RangeError);
  await truncate(file, bytes.length - 1);
  expect(() => disk.read(6, one, 0)).toThrow('train.images cannot be read: it ends inside image 6');
  disk.close();
  expect(() => disk.read(0, one, 0)).toThrow('removed or replaced');
  const missing = new DiskImages(path.join(folder, 'none'), count, imageBytes);
  expect(() => missing.read(0, one, 0)).toThrow('none cannot be read');
});
