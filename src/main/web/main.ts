import { StudioError, toErrorData } from '../../shared/errors';
import { openApp } from '../core/open-app';
import { installedFiles } from '../core/storage/installed-files';
import { chooseDataPlace, ownFilesOf } from '../core/storage/data-directory';
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
  const place = chooseDataPlace(options.data);
  const dataDir = place.path;
  const log = fileLog(ownFilesOf(dataDir));
  const app = await openApp({ shell: 'browser', place, files, log, tensorflow: options.engine });
  const server = await startWebServer({
    app,
    rendererDir: files.renderer,
    port: options.port,
    log,
  }).catch(async (error: unknown) => {
    await app.close();
    throw portRefused(error, options.port);
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

function portRefused(error: unknown, port: number): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const other = 'choose another with --port, or leave it out for a free one';
  if (code === 'EADDRINUSE') {
    return new StudioError({ code: 'conflict', message: `Port ${port} is taken: ${other}.` });
  }
  if (code === 'EACCES') {
    const message = `Your user may not listen on port ${port}: ${other}.`;
    return new StudioError({ code: 'conflict', message });
  }
  return error;
}

// Whoever reads our output may go away; the page stays open.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

main().catch((error: unknown) => {
  const { code, message } = toErrorData(error);
  process.stderr.write(`${message}\n`);
  process.exitCode = code === 'invalid-input' ? 2 : 1;
});
