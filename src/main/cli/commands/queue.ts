import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { conflict } from '../../../shared/errors';
import { shellWord } from '../../../shared/shell-word';
import { machinesFolder, type MachinesFolder } from '../../core/machines/machines-folder';
import { type QueueAddress } from '../../core/machines/queue/address';
import { forgetQueue, readQueue, writeQueue } from '../../core/machines/queue/queue-file';
import { placeOf } from '../../core/machines/queue/queue-problem';
import { startTrialQueue } from '../../core/machines/queue/trial-queue';
import { namingDataPlace } from '../../core/storage/data-directory';
import { type CommandContext, exits, type Outcome } from '../context';
import { parseOptions, scalar } from '../options';

export interface QueueTryOptions {
  readonly port?: string;
  readonly replace?: boolean;
  readonly newPassword?: boolean;
}

const range = 'a whole number from 1 to 65535';
const optionsSchema = z.object({
  port: z.int(range).min(1, range).max(65_535, range).nullable(),
});

/** A queue to try workers with, until it is interrupted. */
export async function queueTry(
  context: CommandContext,
  { port: given, replace = false, newPassword = false }: QueueTryOptions,
): Promise<Outcome> {
  const { world, dataDir, dataFrom, say, announce } = context;
  const { port } = parseOptions(
    optionsSchema,
    { port: given === undefined ? null : scalar(given) },
    { port: '--port' },
  );
  if (world.valkey === null) {
    throw conflict(
      'No Valkey was brought to this command: run it as `npm run --silent cli -- queue try`, which fetches it.',
    );
  }
  const folder = machinesFolder(dataDir);
  refuseOther(folder, replace);
  const queue = await startTrialQueue({
    folder,
    program: world.valkey,
    port,
    newPassword,
    now: () => new Date(),
  }).catch((error: unknown) => {
    throw namingDataPlace(error, { path: dataDir, from: dataFrom });
  });
  const { address, version, changed } = queue;
  try {
    writeQueue(folder, { address, trial: true });
    if (changed.port) {
      say('The port of before is taken: joins that were made with it must be made anew.');
    }
    if (changed.password) {
      say('The password of before lets nobody in: joins that were made with it must be made anew.');
    }
    const place = placeOf(address);
    const shown = { host: address.host, port: address.port, username: address.username };
    announce({
      json: { command: 'queue try', queue: { ...shown, tls: false, trial: true }, version },
      text: nextSteps(place, version, dataFrom === '--data' ? dataDir : null),
    });
    const said = await Promise.race([interrupted(world.signal), queue.ended]);
    if (said !== null) throw conflict(`The trial queue’s server has ended: ${said}`);
  } finally {
    try {
      // While the trial's lock is held, so that another's is not taken for this one's.
      forgetOwn(folder, address);
    } finally {
      await queue.close();
    }
  }
  say('The trial queue has ended; what it holds is kept for the next one.');
  return { json: {}, text: [], exit: exits.interrupted };
}

function refuseOther(folder: MachinesFolder, replace: boolean): void {
  const known = readQueue(folder);
  if (known === null || known.trial || replace) return;
  throw conflict(
    `The data directory uses the queue at ${placeOf(known.address)} already: with --replace a trial takes its place and its address is forgotten, or choose another directory with --data.`,
  );
}

/** The file may name another queue by now. */
function forgetOwn(folder: MachinesFolder, address: QueueAddress): void {
  const known = readQueue(folder);
  if (known?.trial === true && isDeepStrictEqual(known.address, address)) forgetQueue(folder);
}

function nextSteps(place: string, version: string, data: string | null): string[] {
  const run = 'npm run --silent cli --';
  const on = data === null ? '' : ` --data ${shellWord(data)}`;
  return [
    `The queue is at ${place} (${version}), for this machine alone. Ctrl-C ends it.`,
    '',
    'Then, each in a terminal of its own:',
    `  ${run} join create --out worker.join${on}`,
    `  ${run} worker --join worker.join`,
    `  ${run} roar --dataset mnist --preset quick --queue --out results${on}`,
  ];
}

function interrupted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    else signal.addEventListener('abort', () => resolve(null), { once: true });
  });
}
