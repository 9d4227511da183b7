import { readFileSync } from 'node:fs';
import { joinFileSchema } from '../../../../../src/main/core/machines/join-file';
import { queueTimes } from '../../../../../src/main/core/machines/queue/settings';
import { startWorker } from '../../../../../src/main/core/machines/worker/start-worker';
import { installedFiles } from '../../../../../src/main/core/storage/installed-files';
import { builtInCatalogues } from '../../../../../src/shared/catalogue/catalogues';
import { toErrorData } from '../../../../../src/shared/errors';

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
      files: installedFiles(import.meta.url),
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
