import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';
import { toErrorData } from '../../../shared/errors';
import { formatCount } from '../../../shared/format/counts';
import { formatDuration } from '../../../shared/format/times';
import { readJoinFile } from '../../core/machines/joins/join-file-io';
import { defaultStorePlace } from '../../core/machines/worker/store-place';
import { type CommandContext, exits, type Outcome } from '../context';
import { parseOptions, scalar } from '../options';
import { inputPath } from '../places';

export interface WorkerCommandOptions {
  readonly join: string;
  readonly threads?: string;
  readonly slots?: string;
  readonly store?: string;
  readonly storeSize?: string;
  readonly lock?: string;
}

const whole = (most: number) => {
  const range = `a whole number from 1 to ${most}`;
  return z.int(range).min(1, range).max(most, range);
};
const size = 'a number of GiB, at least 0.1';
const lockRange = 'a whole number of seconds from 10 to 600';
const optionsSchema = z.object({
  threads: whole(256).optional(),
  slots: whole(64).default(1),
  store: z.string().trim().min(1, 'the path of a folder').optional(),
  storeSize: z.number(size).min(0.1, size).default(10),
  lock: z.int(lockRange).min(10, lockRange).max(600, lockRange).default(45),
});
const names = {
  threads: '--threads',
  slots: '--slots',
  store: '--store',
  storeSize: '--store-size',
  lock: '--lock',
} as const;

/** Work for another machine's jobs until it is interrupted. Opens no data directory. */
export async function workerCommand(
  { world, say }: CommandContext,
  options: WorkerCommandOptions,
): Promise<Outcome> {
  const number = (text: string | undefined) => (text === undefined ? undefined : scalar(text));
  const asked = parseOptions(
    optionsSchema,
    {
      threads: number(options.threads),
      slots: number(options.slots),
      store: options.store,
      storeSize: number(options.storeSize),
      lock: number(options.lock),
    },
    names,
  );
  const { join, warning } = readJoinFile(await inputPath(options.join, 'a join file', '--join'));
  if (warning !== null) say(warning);
  const { slots } = asked;
  const processors = availableParallelism();
  const threads = asked.threads ?? Math.max(1, Math.floor(processors / slots));
  if (threads * slots > processors) {
    say(
      `${formatCount(threads * slots)} threads on ${formatCount(processors)} processors take longer than fewer would.`,
    );
  }
  const settings = {
    join,
    threads,
    slots,
    store: resolve(asked.store ?? defaultStorePlace()),
    storeBytes: Math.floor(asked.storeSize * 2 ** 30),
    lockSeconds: asked.lock,
  };
  const end = await world
    .startWorker(settings, { say, signal: world.signal })
    .catch((error: unknown) => {
      // Whoever ends a worker that waits ends it as one that works.
      if (world.signal.aborted && toErrorData(error).code === 'cancelled') return null;
      throw error;
    });
  if (!end) {
    return {
      json: {
        command: 'worker',
        name: null,
        engineClass: null,
        threads,
        slots,
        done: 0,
        seconds: 0,
      },
      text: ['Ended before it had joined.'],
      exit: exits.done,
    };
  }
  const { name, engineClass, done, seconds } = end;
  return {
    json: { command: 'worker', name, engineClass, threads, slots, done, seconds },
    text: [`${name} has ended: ${formatCount(done)} done in ${formatDuration(seconds)} of work.`],
    exit: exits.done,
  };
}
