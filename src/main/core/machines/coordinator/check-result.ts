import { lstat, readFile } from 'node:fs/promises';
import { type MetricCatalogue } from '../../../../shared/catalogue/metric';
import { type NetworkCatalogue } from '../../../../shared/catalogue/network';
import {
  type EngineOperation,
  engineOperations,
  type EngineOutput,
} from '../../../../shared/engine';
import { reasonOf } from '../../../../shared/errors';
import { type WorkOrder } from '../../jobs/item-spec';
import { type WorkResult } from '../work-chain';
import { type DatasetForm, expectedFiles } from './expected-files';
import { wrongResult } from './lie';

interface Parts {
  readonly networks: NetworkCatalogue;
  readonly metrics: MetricCatalogue;
  readonly datasetForm: (dataset: string) => Promise<DatasetForm>;
}

export type DoneResult = Extract<WorkResult, { kind: 'done' }>;

/**
 * Looks at what a worker sent as at what a stranger sent: the declared files and no other, their sizes,
 * their headers, that every value is a finite number, and the answer by the operation's schema.
 *
 * @param fileOf where a blob lies that has arrived
 * @returns what the engine answered
 * @throws StudioError `corrupt-file` naming worker, file and what is wrong
 */
export async function checkResult<K extends EngineOperation>(
  { networks, metrics, datasetForm }: Parts,
  order: WorkOrder<K>,
  { worker, output, files }: DoneResult,
  fileOf: (sha256: string) => string,
): Promise<EngineOutput<K>> {
  const dataset = await datasetForm(order.dataset.dataset);
  const expected = expectedFiles(order as WorkOrder, { networks, metrics, dataset });
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
    const path = fileOf(sent.sha256);
    const found = await lstat(path);
    if (!found.isFile() || found.size !== sent.bytes) {
      throw wrongResult(worker, file, `it has ${found.size} bytes, not the ${sent.bytes} stated`);
    }
    const why = problem(await readFile(path));
    if (why !== null) throw wrongResult(worker, file, why);
  }
  // What the engine lists of files is of the worker's folder: those here are the ones that were checked.
  const answer = engineOperations[order.operation].output.safeParse({ ...output, files });
  if (!answer.success) {
    throw wrongResult(worker, null, `its answer is malformed (${reasonOf(answer.error)})`);
  }
  const figures = answer.data as Readonly<Record<string, unknown>>;
  for (const share of ['accuracy', 'trainAccuracy', 'validationAccuracy']) {
    const value = figures[share];
    if (typeof value !== 'number' || (value >= 0 && value <= 1)) continue;
    throw wrongResult(worker, null, `its ${share} is ${value}, not between 0 and 1`);
  }
  return answer.data as EngineOutput<K>;
}
