import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join as joinPaths } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  engineClassSchema,
  type EngineClass,
} from '../../../../../src/main/core/machines/engine-class';
import { joinFileSchema } from '../../../../../src/main/core/machines/join-file';
import { OwnClass, type ProbedEngine } from '../../../../../src/main/core/machines/own-class';
import { queueTimes } from '../../../../../src/main/core/machines/queue/settings';
import { startWorker } from '../../../../../src/main/core/machines/worker/start-worker';
import { installedFiles } from '../../../../../src/main/core/storage/installed-files';
import { builtInCatalogues } from '../../../../../src/shared/catalogue/catalogues';
import { toErrorData } from '../../../../../src/shared/errors';

const files = installedFiles(import.meta.url);

/** As an earlier process of the same test file found it: its probe takes seconds. */
async function knownClass(engine: ProbedEngine): Promise<EngineClass> {
  const name = `class-${process.env['ONEDNN_MAX_CPU_ISA'] ?? 'usual'}.json`;
  const path = joinPaths(dirname(fileURLToPath(import.meta.url)), name);
  if (existsSync(path)) return engineClassSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  const found = await new OwnClass({ engine, files }).of();
  writeFileSync(`${path}-${process.pid}`, JSON.stringify(found));
  renameSync(`${path}-${process.pid}`, path);
  return found;
}

/** A worker in a process of its own, to be killed, with times that a test can wait for. */
async function main(): Promise<void> {
  const [joinPath, store, storeBytes = String(1 << 30), slots = '1'] = process.argv.slice(2);
  if (!joinPath || !store) throw new Error('two arguments');
  const ending = new AbortController();
  process.on('SIGTERM', () => ending.abort());
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  const times = { ...queueTimes, lockDuration: 3000, lockRenewTime: 1000, stalledInterval: 500 };
  const join = joinFileSchema.parse(JSON.parse(readFileSync(joinPath, 'utf8')));
  const end = await startWorker(
    {
      files,
      engineClass: knownClass,
      catalogues: builtInCatalogues,
      measured: [],
      say,
      times: { ...times, heartbeat: 200, life: 2000, rest: 1000, patience: 3000 },
    },
    { join, threads: 1, slots: Number(slots), store, storeBytes: Number(storeBytes) },
    ending.signal,
  );
  say(`ended ${JSON.stringify(end)}`);
}

main()
  .catch((error: unknown) => {
    process.stdout.write(`failed ${toErrorData(error).message}\n`);
    process.exitCode = 1;
  })
  // As the command line does, for BullMQ may go on trying a queue that is away.
  .finally(() => setTimeout(() => process.exit(), 2000).unref());
