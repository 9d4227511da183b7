import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { datasetEntry, type DatasetId } from '../../shared/catalogue/datasets';
import type { StoredDataset } from '../../shared/stored-dataset';
import { throwIfCancelled } from '../runtime/cancel';
import { refusing } from './refusal';

/**
 * What an archive is, by its content: its MD5, and whether the catalogue knows its checksum as a
 * published one (the MD5 of a download, the registry's integrity of a package).
 */
export async function describeArchive(
  dataset: DatasetId,
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
  const sums = { md5: md5.digest('hex'), integrity: `sha512-${sha512.digest('base64')}` };
  const source = datasetEntry(dataset).sources.find((candidate) =>
    candidate.kind === 'download'
      ? candidate.md5 === sums.md5
      : candidate.integrity === sums.integrity,
  );
  return {
    kind: 'archive',
    name,
    bytes: size,
    md5: sums.md5,
    published: source !== undefined,
    publishedAt:
      source === undefined
        ? null
        : source.kind === 'download'
          ? source.publishedAt
          : `npm ${source.name}@${source.version}`,
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
