import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { expect } from 'vitest';
import {
  importImages,
  type ImagesRequest,
  type ImagesResult,
} from '../../../../src/engine/datasets/images/import-images';
import { askedImagesSchema, type OwnImages } from '../../../../src/shared/catalogue/own-images';
import { StudioError } from '../../../../src/shared/errors';
import { expectNothingIn, temporary } from '../support';

export type Asked = Partial<OwnImages> &
  Partial<Omit<ImagesRequest, 'path' | 'settings' | 'outDir'>>;

function requestOf(source: string, outDir: string, asked: Asked): ImagesRequest {
  const {
    labels = null,
    masks = null,
    strict = false,
    keep,
    keepEvery,
    signal,
    report,
    ...settings
  } = asked;
  return {
    ...{ path: source, labels, masks, strict, outDir, settings: askedImagesSchema.parse(settings) },
    ...(keep !== undefined && { keep }),
    ...(keepEvery !== undefined && { keepEvery }),
    ...(signal && { signal }),
    ...(report && { report }),
  };
}

/** Import into a folder of its own; gives the folder too. */
export async function made(
  source: string,
  asked: Asked = {},
  outDir = path.join(temporary(), 'out'),
): Promise<ImagesResult & { outDir: string }> {
  return { ...(await importImages(requestOf(source, outDir, asked))), outDir };
}

/** Why an import is refused; nothing of it stays. */
export async function refusal(source: string, asked: Asked = {}): Promise<StudioError> {
  const folder = temporary();
  const error = await importImages(requestOf(source, path.join(folder, 'out'), asked)).then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof StudioError)) throw error ?? new Error('it was imported');
  expectNothingIn(folder);
  expect(error.data.code).not.toBe('internal');
  return error;
}

/** Files by their paths, in a folder of its own. */
export function folderOf(files: Iterable<readonly [string, Uint8Array | string]>): string {
  const folder = path.join(temporary(), 'images');
  mkdirSync(folder);
  for (const [name, content] of files) {
    const target = path.join(folder, name);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, content);
  }
  return folder;
}

/** A small image of one colour. */
export const dot = (r: number, g = 0, b = 0) =>
  sharp({ create: { width: 9, height: 9, channels: 3, background: { r, g, b } } })
    .png()
    .toBuffer();
