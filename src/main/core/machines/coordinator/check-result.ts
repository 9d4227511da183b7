import { createHash } from 'node:crypto';
import { lstat } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import {
  type EngineOperation,
  engineOperations,
  type EngineOutput,
} from '../../../../shared/engine';
import { reasonOf, StudioError } from '../../../../shared/errors';
import { type WorkOrder } from '../../jobs/item-spec';
import { mayNotRead, openPlain } from '../transport/plain-file';
import { type WorkResult } from '../work-chain';
import { answerProblem, noTime } from './answer-problem';
import { type DatasetForm, expectedFiles, type Known } from './expected-files';
import { wrongResult } from './lie';

interface Parts extends Omit<Known, 'dataset'> {
  readonly datasetForm: (dataset: string) => Promise<DatasetForm>;
}

export type DoneResult = Extract<WorkResult, { kind: 'done' }>;

/**
 * Looks at what a worker sent as at what a stranger sent: the declared files and no other, their sizes,
 * hashes and headers, that every value is one that it can be, and the answer by the operation's schema
 * and what follows from the order.
 *
 * @param fileOf where a blob lies that has arrived
 * @returns what the engine answered
 * @throws StudioError `corrupt-file` naming worker, file and what is wrong; `not-found` where a file
 *   went away again
 */
export async function checkResult<K extends EngineOperation>(
  { datasetForm, ...known }: Parts,
  order: WorkOrder<K>,
  { worker, seconds, output, files }: DoneResult,
  fileOf: (sha256: string) => string,
): Promise<EngineOutput<K>> {
  const all = { ...known, dataset: await datasetForm(order.dataset.dataset) };
  const expected = expectedFiles(order as WorkOrder, all);
  const named = new Set(files.map(({ name }) => name));
  for (const name of named) {
    if (expected.some(({ file }) => file === name)) continue;
    throw wrongResult(
      worker,
      JSON.stringify(name.slice(0, 80)),
      'nobody asked for a file of this name',
    );
  }
  if (files.length !== named.size) throw wrongResult(worker, null, 'a file is named twice');
  for (const { file, atMost, problem } of expected) {
    const sent = files.find(({ name }) => name === file);
    if (!sent) throw wrongResult(worker, file, 'it is missing');
    if (sent.bytes > atMost) {
      throw wrongResult(worker, file, `it has ${sent.bytes} bytes, where ${atMost} are the most`);
    }
    const bytes = await contentOf(fileOf(sent.sha256), sent.bytes, worker, file);
    // A folder that all see takes whatever is put there.
    if ((await hashOf(bytes)) !== sent.sha256) {
      throw wrongResult(worker, file, 'it has another content than its hash says');
    }
    const why = problem(bytes);
    if (why !== null) throw wrongResult(worker, file, why);
  }
  // What the engine lists of files is of the worker's folder: those here are the ones that were checked.
  const parsed = engineOperations[order.operation].output.safeParse({ ...output, files });
  if (!parsed.success) {
    throw wrongResult(worker, null, `its answer is malformed (${reasonOf(parsed.error)})`);
  }
  const answer = parsed.data as EngineOutput<K>;
  const why = noTime('time', seconds) ?? answerProblem(answer, order, all);
  if (why !== null) throw wrongResult(worker, null, why);
  return answer;
}

/** Bytes hashed between two pauses: some milliseconds. */
const hashedPerPause = 1 << 22;

async function hashOf(bytes: Uint8Array): Promise<string> {
  const hash = createHash('sha256');
  for (let at = 0; at < bytes.length; at += hashedPerPause) {
    hash.update(bytes.subarray(at, at + hashedPerPause));
    await setImmediate();
  }
  return hash.digest('hex');
}

async function readPlain(path: string): Promise<Uint8Array> {
  const file = await openPlain(path);
  try {
    return await file.readFile();
  } finally {
    await file.close();
  }
}

async function contentOf(
  path: string,
  bytes: number,
  worker: string,
  file: string,
): Promise<Uint8Array> {
  try {
    const found = await lstat(path);
    if (found.isFile() && found.size === bytes) return await readPlain(path);
    throw wrongResult(worker, file, `it has ${found.size} bytes, not the ${bytes} stated`);
  } catch (error) {
    if (mayNotRead(error)) throw wrongResult(worker, file, 'it cannot be read');
    if (!(error instanceof Error && Reflect.get(error, 'code') === 'ENOENT')) throw error;
    throw new StudioError(
      {
        code: 'not-found',
        message: `${file}, which ${worker} sent, went away before it was taken in: resume the job, and it is made again.`,
        details: { worker, file },
      },
      error,
    );
  }
}
