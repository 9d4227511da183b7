import { StudioError, toErrorData } from '../../shared/errors';
import { createApp } from '../core/app';
import { studioEngine } from '../core/engine/studio-engine';
import { installedFiles } from '../core/files';
import { defaultDataDirectory, ownFilesOf } from '../core/storage/data-directory';
import { fileLog } from './log';
import { openBrowser } from './open-browser';
import { parseWebOptions } from './options';
import { startWebServer } from './server';
import { onShutdown } from './shutdown';

async function main(): Promise<void> {
  const options = parseWebOptions(process.argv.slice(2));
  if ('exit' in options) {
    process.exitCode = options.exit;
    return;
  }
  const files = installedFiles(import.meta.url);
  const dataDir = options.data ?? defaultDataDirectory();
  const log = fileLog(ownFilesOf(dataDir));
  const app = await createApp({
    dataDir,
    shell: 'browser',
    access: 'write-if-possible',
    log,
    startEngine: studioEngine({
      files,
      log: (line) => log.info(line),
      tensorflow: options.engine,
    }),
  });
  const server = await startWebServer({
    app,
    rendererDir: files.renderer,
    port: options.port,
    log,
  }).catch(async (error: unknown) => {
    await app.close();
    throw portTaken(error, options.port);
  });

  const say = (text: string) => void process.stderr.write(`${text}\n`);
  onShutdown({
    source: process,
    say,
    exit: (code) => process.exit(code),
    async stop() {
      await server.close();
      await app.close();
    },
  });
  process.stdout.write(`Saliency Studio is open at ${server.url}\n`);
  say(`Data: ${dataDir}. Ctrl+C ends it and keeps a running job’s work.`);
  if (options.open) openBrowser(server.openingUrl());
}

function portTaken(error: unknown, port: number): unknown {
  if (!(error instanceof Error) || !('code' in error) || error.code !== 'EADDRINUSE') return error;
  return new StudioError({
    code: 'conflict',
    message: `Port ${port} is taken: choose another with --port, or leave it out for a free one.`,
  });
}

// Whoever reads our output may go away; the page stays open.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

main().catch((error: unknown) => {
  process.stderr.write(`${toErrorData(error).message}\n`);
  process.exitCode = 1;
});
