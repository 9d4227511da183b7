import { availableParallelism } from 'node:os';
import { type EngineCatalogues } from '../../engine/catalogues';
import { Host } from './host';
import { serve } from './server';

/** The engine process: it serves its IPC channel with these algorithms and ends with it. */
export function serveEngine(catalogues: EngineCatalogues): void {
  if (!process.send) {
    process.stderr.write('The engine is started by Saliency Studio, with an IPC channel.\n');
    process.exit(2);
  }
  // Whoever started this decides when it ends: a Ctrl+C meant for the app must not cut its work.
  process.on('SIGINT', () => undefined);
  process.on('disconnect', () => process.exit(0));
  const threads = Number(process.env['SALIENCY_STUDIO_ENGINE_THREADS']) || availableParallelism();
  const host = new Host({ threads, record: process.env['SALIENCY_STUDIO_ENGINE_RECORD'] });
  const receive = serve({
    host,
    catalogues,
    wire: { send: (message) => void process.send?.(message) },
    log: (line) => void process.stderr.write(`${line}\n`),
  });
  process.on('message', receive);
}
