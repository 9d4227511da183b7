import { type Command } from 'commander';
import { z } from 'zod';
import { type OpenOptions } from './context';
import { parseOptions, scalar } from './options';

/** Where a command's job is done, as text from commander; `true`: the option without a value. */
export interface WorkOptions {
  readonly queue?: string | true;
  readonly threads?: string;
  readonly verify?: string;
}

/** The same options for every command that has a job done. */
export function addWorkOptions(command: Command): Command {
  return command
    .option(
      '--queue [how]',
      'have it done by the workers of the queue: both (with this machine) or only (default: both)',
    )
    .option(
      '--threads <number>',
      'threads of an item, which belong to a run (default: as set, or one a processor)',
    )
    .option(
      '--verify <share>',
      'with --queue: share of the work that this machine does again and compares',
    );
}

/** Their names, which belong to no run. */
export const workOptionNames: readonly (keyof WorkOptions)[] = ['queue', 'threads', 'verify'];

const threads = 'a whole number from 1 to 256';
const share = 'a number from 0 to 1';
const schema = z.object({
  queue: z.enum(['both', 'only'], 'both or only').nullable(),
  threads: z.int(threads).min(1, threads).max(256, threads).nullable(),
  verify: z.number(share).min(0, share).max(1, share),
});
const withoutQueue = schema.extend({ verify: z.literal(0, 'nothing without --queue') });

/** What the options say, refused before anything is opened. */
export function askedWork(options: WorkOptions): Pick<OpenOptions, 'work' | 'threads'> {
  const number = (text: string | undefined) => (text === undefined ? null : scalar(text));
  const input = {
    queue: options.queue === true ? 'both' : (options.queue ?? null),
    threads: number(options.threads),
    verify: number(options.verify) ?? 0,
  };
  const names = { queue: '--queue', threads: '--threads', verify: '--verify' };
  const asked = parseOptions(schema, input, names);
  const { queue, verify } = asked;
  if (queue === null) {
    parseOptions(withoutQueue, asked, names);
    return { work: null, threads: asked.threads };
  }
  const workplace = queue === 'only' ? ('queue' as const) : ('both' as const);
  return { work: { workplace, verify }, threads: asked.threads };
}
