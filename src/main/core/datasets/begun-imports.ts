import { existsSync, rmdirSync, rmSync } from 'node:fs';
import { mkdir, readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { begunFile } from '../../../shared/imported-images';
import { type JobsRepository } from '../jobs/jobs-repository';
import { storageError } from '../storage/storage-error';

/** Imports of images and of maps that are not whole yet, each in a folder named by its job. */
const rootOf = (dataDir: string) => join(dataDir, 'imports');
const folderOf = (dataDir: string, job: string) => join(rootOf(dataDir), job);

/**
 * Run with the folder in which a job keeps what it has done. It is gone once the work is done; where the
 * work ends early, what it left there stays.
 */
export async function inBegunFolder<T>(
  dataDir: string,
  job: string,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = folderOf(dataDir, job);
  try {
    await mkdir(folder, { recursive: true });
    const made = await work(folder);
    await rm(folder, { recursive: true, force: true });
    return made;
  } catch (error) {
    throw storageError(error, folder);
  } finally {
    // Where nothing was left in them.
    await rmdir(folder).catch(() => undefined);
    await rmdir(rootOf(dataDir)).catch(() => undefined);
  }
}

/** Whether a job has done something that it can go on from. */
export const hasBegun = (dataDir: string, job: string): boolean =>
  existsSync(join(folderOf(dataDir, job), begunFile));

/** What a job has done is not gone on with any more. */
export function forgetBegun(dataDir: string, job: string): void {
  rmSync(folderOf(dataDir, job), { recursive: true, force: true });
  try {
    rmdirSync(rootOf(dataDir));
  } catch {
    // It is not there, or others are under way.
  }
}

/** At start: what a job may still go on with stays, also where it failed; a full disk may have room by now. */
export async function sweepBegun(
  dataDir: string,
  jobs: Pick<JobsRepository, 'inState'>,
): Promise<void> {
  const found = await readdir(rootOf(dataDir)).catch(() => []);
  const alive = new Set(jobs.inState('queued', 'running', 'parked', 'failed').map(({ id }) => id));
  for (const job of found) if (!alive.has(job)) forgetBegun(dataDir, job);
}
