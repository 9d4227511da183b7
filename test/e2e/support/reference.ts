import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cli } from './process';
import { freshFolder, workspace } from './workspace';

/** A run of seconds: what is under test is the way through the application, not the figures. */
export const small = {
  images: 10,
  levels: [0, 0.3, 0.9],
  epochs: 1,
  trainLimit: 500,
  n: 2,
  steps: 2,
} as const;

/** The same settings for the command line. */
export const smallOptions: readonly string[] = [
  ...['--dataset', 'mnist', '--images', String(small.images)],
  ...['--levels', small.levels.join(','), '--epochs', String(small.epochs)],
  ...['--train-limit', String(small.trainLimit)],
  ...['--set', `n=${small.n}`, '--set', `steps=${small.steps}`],
];

export interface Reference {
  /** A data directory with one finished run and its three models. */
  readonly data: string;
  file(name: string): Buffer;
}

/**
 * The small run by the command line alone, uninterrupted; made when first asked for. Two files that
 * ask at once both make it, and the first to end gives it its place: its bytes are the same.
 */
export async function reference(): Promise<Reference> {
  const folder = join(workspace(), 'reference');
  if (!existsSync(folder)) {
    const made = freshFolder('making-reference');
    const options = [...smallOptions, '--name', 'The reference', '--out', join(made, 'out')];
    await cli(join(made, 'data'), 'roar', ...options);
    place(made, folder);
  }
  return { data: join(folder, 'data'), file: (name) => readFileSync(join(folder, 'out', name)) };
}

function place(made: string, folder: string): void {
  try {
    renameSync(made, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
    rmSync(made, { recursive: true });
  }
}
