import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import {
  type MapBlock,
  type MapsRequest,
  readMaps,
} from '../../../src/engine/foreign-maps/read-maps';

/** Read bytes as a file of maps; all blocks joined. */
export async function read(
  bytes: Uint8Array,
  asked: Partial<MapsRequest> & Pick<MapsRequest, 'images' | 'side'>,
) {
  const folder = mkdtempSync(join(tmpdir(), 'foreign-maps-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return readIn(folder, bytes, asked);
}

export async function readIn(
  folder: string,
  bytes: Uint8Array,
  asked: Partial<MapsRequest> & Pick<MapsRequest, 'images' | 'side'>,
) {
  const path = join(folder, 'maps.npy');
  writeFileSync(path, bytes);
  const blocks: MapBlock[] = [];
  const scratch = join(folder, 'scratch');
  const request = { path, file: 'maps.npy', array: null, scratch, ...asked };
  const found = await readMaps(request, (block) => {
    blocks.push(block);
    return Promise.resolve();
  });
  return { found, blocks, values: blocks.flatMap(({ data }) => [...data]) };
}
