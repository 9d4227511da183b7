import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import {
  type ArtifactKind,
  ArtifactsRepository,
} from '../../../../src/main/core/artifacts/artifacts';
import { type NewRun } from '../../../../src/main/core/evaluation/runs-repository';
import { type NewJob } from '../../../../src/main/core/jobs/jobs-repository';
import { type NewModel } from '../../../../src/main/core/models/models-repository';
import { type Database, openDatabase } from '../../../../src/main/core/storage/database';
import { installedFiles } from '../../../../src/main/core/storage/installed-files';
import { type IdPrefix } from '../../../../src/shared/ids';
import { defaultRecipe, roarSettings } from '../../../fixtures/datasets';

export const { migrations } = installedFiles(import.meta.url);

/** A folder of this test's own, deleted after it. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'saliency-studio-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function memoryDatabase(): Database {
  const database = openDatabase({ path: ':memory:', migrations });
  onTestFinished(() => database.close());
  return database;
}

/** A time so many seconds into 2026. */
export const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();

/** An id of the contract's form, told apart by a letter. */
export const id = (prefix: IdPrefix, letter: string) => `${prefix}_${letter.repeat(16)}`;

export const sha = (text: string) => createHash('sha256').update(text).digest('hex');

/** The row of an artifact (no file) whose key is the hash of `name`. */
export function addArtifact(
  database: Database,
  name: string,
  options: { kind?: ArtifactKind; bytes?: number; createdAt?: string } = {},
): string {
  const key = sha(name);
  new ArtifactsRepository(database).insert({
    key,
    kind: options.kind ?? 'map',
    sha256: sha(`content of ${name}`),
    bytes: options.bytes ?? 10,
    path: `${key.slice(0, 2)}/${key}`,
    createdAt: options.createdAt ?? at(0),
  });
  return key;
}

export function newJob(letter: string, change: Partial<NewJob> = {}): NewJob {
  return {
    id: id('job', letter),
    kind: 'roar',
    title: 'ROAR on MNIST',
    subject: id('run', letter),
    input: { settings: { images: 50 } },
    stages: [
      { id: 'train', title: 'Train', items: 2 },
      { id: 'maps', title: 'Maps', items: 3 },
    ],
    createdAt: at(1),
    ...change,
  };
}

export function newModel(letter: string, change: Partial<NewModel> = {}): NewModel {
  return {
    id: id('model', letter),
    key: sha(letter),
    name: `Model ${letter}`,
    dataset: 'mnist',
    architecture: 'mnist-cnn',
    origin: 'trained',
    recipe: defaultRecipe('mnist'),
    removal: { level: 0.1, fill: 'image-mean', mask: 'fixed' },
    removalSeed: 3,
    job: null,
    state: 'training',
    createdAt: at(1),
    ...change,
  };
}

export function newRun(letter: string, change: Partial<NewRun> = {}): NewRun {
  return {
    id: id('run', letter),
    name: `Run ${letter}`,
    settings: roarSettings({ images: 50 }),
    job: id('job', letter),
    createdAt: at(1),
    ...change,
  };
}
