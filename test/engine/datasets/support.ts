import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { cifar10Importer } from '../../../src/engine/datasets/cifar10';
import { fashionMnistImporter } from '../../../src/engine/datasets/fashion-mnist';
import { importDataset, type ImportResult } from '../../../src/engine/datasets/import';
import type { ImportRequest } from '../../../src/engine/datasets/import-request';
import { tinyImagenetImporter } from '../../../src/engine/datasets/tiny-imagenet';
import { StudioError } from '../../../src/shared/errors';
import { datasetEntry } from '../../fixtures/datasets';

export const whole = { classes: null, perClass: null };

const importers = {
  cifar10: cifar10Importer,
  'tiny-imagenet': tinyImagenetImporter,
  'fashion-mnist': fashionMnistImporter,
};

/** As core asks for it: with what is known of the distribution. */
export function importOf(
  dataset: keyof typeof importers,
  request: Omit<ImportRequest, 'dataset' | 'whole' | 'published'>,
): Promise<ImportResult> {
  return importDataset(importers[dataset], { ...knownOf(dataset), ...request });
}

export function knownOf(dataset: string) {
  const { classes, train, validation, sources } = datasetEntry(dataset);
  const published = sources.map((source) =>
    source.kind === 'download'
      ? { checksum: `md5:${source.md5}`, publishedAt: source.publishedAt }
      : { checksum: source.integrity, publishedAt: `npm ${source.name}@${source.version}` },
  );
  return { dataset, whole: { classes, train, validation }, published };
}

/** A folder of a dataset, as operations name it. */
export const placeOf = (dataset: string, datasetDir: string) => ({
  dataset,
  datasetDir,
});

export function temporary(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'datasets-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Import into a folder of its own; gives the folder too. */
export async function imported(
  dataset: keyof typeof importers,
  source: string,
  change: Partial<ImportRequest> = {},
): Promise<ImportResult & { outDir: string }> {
  const outDir = path.join(temporary(), 'out');
  const result = await importOf(dataset, { path: source, outDir, subset: whole, ...change });
  return { ...result, outDir };
}

export function content(outDir: string): Record<string, Buffer> {
  const names = readdirSync(outDir).sort();
  return Object.fromEntries(names.map((name) => [name, readFileSync(path.join(outDir, name))]));
}

/** That an import is refused with this code and text, names a file, and leaves nothing behind. */
export async function refused(
  dataset: keyof typeof importers,
  source: string,
  code: string,
  text: string,
  change: Partial<ImportRequest> = {},
): Promise<void> {
  const folder = temporary();
  const outDir = path.join(folder, 'out');
  const request = { path: source, outDir, subset: whole, ...change };
  const error = await importOf(dataset, request).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StudioError);
  if (!(error instanceof StudioError)) return;
  expect(error.data).toMatchObject({ code });
  expect(error.message).toContain(text);
  expectNothingIn(folder);
}

/** No file under a folder; empty folders do not count. */
export function expectNothingIn(folder: string): void {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  expect(entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name)).toEqual([]);
}
