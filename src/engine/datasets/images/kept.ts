import { createHash, type Hash } from 'node:crypto';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { canonicalJson } from '../../../shared/canonical';
import { StudioError } from '../../../shared/errors';
import { begunFile, importedImagesSchema } from '../../../shared/imported-images';
import { breathe } from '../../runtime/cancel';
import { type FileTree } from '../file-tree';
import { stampOf } from './decode-ahead';
import { type FitTo } from './fit-to';
import { type ImagePlan, type PlannedImage } from './plan';
import { type ImageSource } from './source';

const keptSchema = z.object({
  /** Another where the same images have become other pixels. */
  format: z.literal(1),
  /** Of what is imported, and how. */
  plan: z.string(),
  /** Images done, training ones first, and the digest of their files' states. */
  done: z.int().nonnegative(),
  states: z.string(),
  /** What they came to. */
  ...importedImagesSchema.pick({ classes: true, refused: true }).shape,
  /** What is in the store's files, each with the hash of that. */
  files: z.array(z.object({ name: z.string(), bytes: z.int(), sha256: z.string() })),
});

/** What an import has done so far: an attempt that ended in the middle is gone on with from there. */
export type Kept = Omit<z.infer<typeof keptSchema>, 'format'>;

export async function readKept(folder: string): Promise<Kept | null> {
  try {
    return keptSchema.parse(JSON.parse(await readFile(path.join(folder, begunFile), 'utf8')));
  } catch {
    return null;
  }
}

/** Written beside and renamed: it is the one before or this one, whenever the process ends. */
export async function writeKept(folder: string, kept: Kept): Promise<void> {
  const target = path.join(folder, begunFile);
  await writeFile(`${target}.part`, JSON.stringify({ format: 1, ...kept }));
  await rename(`${target}.part`, target);
}

export async function forgetKept(folder: string): Promise<void> {
  for (const name of [begunFile, `${begunFile}.part`]) {
    await rm(path.join(folder, name), { force: true });
  }
}

/** Digests the states of files, one after the other. */
export class States {
  readonly #hash: Hash = createHash('sha256');

  add(file: string, stamp: string): void {
    this.#hash.update(`${file}\0${stamp}\0`);
  }

  digest(): string {
    return this.#hash.copy().digest('hex');
  }
}

/** The states that files have now; one that cannot be read has none. */
export async function statesOf(
  tree: FileTree,
  images: readonly PlannedImage[],
  signal: AbortSignal | undefined,
): Promise<States> {
  const states = new States();
  for (const [i, { file, index }] of images.entries()) {
    if (i % 500 === 0) await breathe(signal);
    states.add(file, index === null ? await stateOf(tree, file) : '');
  }
  return states;
}

async function stateOf(tree: FileTree, file: string): Promise<string> {
  try {
    return stampOf(await tree.state(file));
  } catch (error) {
    if (error instanceof StudioError && error.code === 'corrupt-file') return '';
    throw error;
  }
}

/** What is imported and how: an attempt with another digest is another import. */
export async function planDigest(
  source: ImageSource,
  given: string,
  { classes, train, validation }: ImagePlan,
  fit: FitTo,
): Promise<string> {
  const hash = createHash('sha256');
  // An archive is one file; of a folder the images' own states tell.
  const { size, mtimeMs } = await stat(given);
  const archive = source.kind === 'archive' ? { size, mtimeMs } : null;
  const packed = [];
  for (const { file } of source.packed?.parts ?? []) packed.push(await stateOf(source.tree, file));
  hash.update(canonicalJson({ classes, fit: { ...fit }, archive, packed }));
  for (const images of [train, validation]) {
    hash.update(`\n${images.length}\n`);
    for (const { file, index, label } of images) hash.update(`${file}\0${index ?? ''}\0${label}\0`);
  }
  return hash.digest('hex');
}
