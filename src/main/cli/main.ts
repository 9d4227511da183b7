import { builtInCatalogues } from '../../shared/catalogue/catalogues';
import { createApp, silentLog } from '../core/app';
import { studioEngine } from '../core/engine/studio-engine';
import { Metrics } from '../core/evaluation/metric';
import { builtInMetricObjects } from '../core/evaluation/metrics/built-in';
import { readWork } from '../core/machines/coordinator/work-file';
import { installedFiles } from '../core/storage/installed-files';
import { defaultDataPlace } from '../core/storage/data-directory';
import { createDoctor } from './doctor/probes';
import { exits, type CommandEnvironment } from './context';
import { runCli } from './program';
import { StandardOutput } from './standard-output';

const files = installedFiles(import.meta.url);
const interruption = new AbortController();

function interrupt(): void {
  if (interruption.signal.aborted) process.exit(exits.interrupted);
  interruption.abort();
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);
// What an application started for itself ends with it.
process.on('disconnect', interrupt);
process.channel?.unref();

const stdout = new StandardOutput(process.stdout, 1);
const stderr = new StandardOutput(process.stderr, 2);

const engine = (threads: () => number | null) =>
  studioEngine({ files, log: () => undefined, tensorflow: true, threads });

const world: CommandEnvironment = {
  catalogues: builtInCatalogues,
  stdout: (text) => stdout.write(text),
  stderr: (text) => stderr.write(text),
  terminal: process.stderr.isTTY ? { columns: process.stderr.columns } : null,
  signal: interruption.signal,
  monotonic: () => performance.now(),
  openApp: ({ dataDir, access, work = null, threads = null, warm }) =>
    createApp({
      dataDir,
      access,
      ...(warm !== undefined && { warm }),
      // A command does where it is told; without that, here, whatever the settings of the app are.
      work: work ?? { workplace: 'here', verify: 0 },
      catalogues: builtInCatalogues,
      shell: 'cli',
      log: silentLog,
      startEngine: engine(() => threads ?? readWork(dataDir).threads),
      // A command does its own job: others that were left unfinished wait for the app or their own.
      recover: 'park',
    }),
  defaultData: () => defaultDataPlace(),
  valkey: process.env['SALIENCY_STUDIO_VALKEY'] ?? null,
  startWorker: async (settings, { say, signal }) => {
    // What it stands on is loaded for it alone.
    const { startWorker } = await import('../core/machines/worker/start-worker');
    const catalogues = builtInCatalogues;
    const { measured } = new Metrics(catalogues.metrics, builtInMetricObjects);
    try {
      return await startWorker({ files, catalogues, measured, say }, settings, signal);
    } finally {
      // BullMQ may go on trying a queue that is away, which would keep this process.
      setTimeout(() => process.exit(), 2000).unref();
    }
  },
  doctor: (dataDir) =>
    createDoctor({
      files,
      dataDir,
      platform: process.platform,
      env: process.env,
      async describe() {
        const port = engine(() => readWork(dataDir).threads)();
        try {
          return await port.request('describe', {}, { lane: 'interactive' });
        } finally {
          await port.close();
        }
      },
    }),
};

const exit = await runCli(process.argv.slice(2), world);
if (stdout.failure !== null) stderr.write(`${stdout.failure}\n`);
process.exitCode = stdout.failure !== null && exit === exits.done ? exits.failed : exit;
