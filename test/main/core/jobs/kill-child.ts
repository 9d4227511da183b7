import { copyFile } from 'node:fs/promises';
import { createApp } from '../../../../src/main/core/app';
import { startChildEngine } from '../../../../src/main/core/engine/child-process-engine';
import { installedFiles } from '../../../../src/main/core/storage/installed-files';
import { type Job } from '../../../../src/shared/jobs';
import { roarSettings } from '../../../fixtures/datasets';

/**
 * A whole application in a process of its own, to be killed: starts the run of the given settings,
 * or goes on with it, says what it does a line at a time, and writes scores.csv at the end.
 */
async function main(): Promise<void> {
  const [dataDir, engineEntry, out, settingsText] = process.argv.slice(2);
  if (!dataDir || !engineEntry || !out || !settingsText) throw new Error('four arguments');
  const settings = roarSettings(JSON.parse(settingsText));
  const engine = startChildEngine({
    nodePath: installedFiles().node,
    entry: engineEntry,
    threads: 1,
    log: () => undefined,
  });
  const app = await createApp({ dataDir, shell: 'cli', startEngine: () => engine });
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  const { promise, resolve } = Promise.withResolvers<Job>();
  app.subscribe((event) => {
    if (event.type === 'job.progress')
      say(`at ${event.progress.stage} ${event.progress.itemsDone}`);
    if (event.type !== 'job.changed') return;
    if (event.job.state === 'done' || event.job.state === 'failed') resolve(event.job);
  });
  const [known] = await app.api.call('roar.list', {});
  const run = known ?? (await app.api.call('roar.start', { settings })).run;
  const now = await app.api.call('jobs.get', { job: run.job });
  const job = now.state === 'done' ? now : await promise;
  if (job.error) throw new Error(JSON.stringify(job.error));
  const file = await app.api.call('roar.export', { run: run.id, format: 'scores.csv' });
  const { path, release } = await app.files.take(file.file);
  await copyFile(path, out);
  await release();
  await app.close();
  say('written');
}

main().catch((error: unknown) => {
  process.stderr.write(
    `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exitCode = 1;
});
