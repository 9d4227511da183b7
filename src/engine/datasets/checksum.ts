import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { StoredDataset } from '../../shared/stored-dataset';
import { throwIfCancelled } from '../runtime/cancel';
import type { PublishedArchive } from './import-request';
import { refusing } from './refusal';

/**
 * What an archive is, by its content: its MD5, and whether its checksum is a published
 * one (the MD5 of a download, the registry's integrity of a package).
 */
export async function describeArchive(
  published: readonly PublishedArchive[],
  file: string,
  signal?: AbortSignal,
): Promise<StoredDataset['source']> {
  const name = path.basename(file);
  const md5 = createHash('md5');
  const sha512 = createHash('sha512');
  const { size } = await refusing(name, 'it cannot be read', async () => {
    for await (const chunk of createReadStream(file, { highWaterMark: 2 ** 20 })) {
      throwIfCancelled(signal);
      md5.update(chunk as Buffer);
      sha512.update(chunk as Buffer);
    }
    return stat(file);
  });
  const hex = md5.digest('hex');
  const sums = [`md5:${hex}`, `sha512-${sha512.digest('base64')}`];
  const source = published.find(({ checksum }) => sums.includes(checksum));
  return {
    kind: 'archive',
    name,
    bytes: size,
    md5: hex,
    published: source !== undefined,
    publishedAt: source?.publishedAt ?? null,
  };
}

/** A folder has no checksum to compare. */
export function describeFolder(folder: string): StoredDataset['source'] {
  return {
    kind: 'folder',
    name: path.basename(folder),
    bytes: null,
    md5: null,
    published: null,
    publishedAt: null,
  };
}
