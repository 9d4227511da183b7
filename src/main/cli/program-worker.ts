import { type Command } from 'commander';
import { workerCommand, type WorkerCommandOptions } from './commands/worker';
import { type CommandContext, type Outcome } from './context';
import * as help from './help';

type Add = (parent: Command, nameAndArgs: string, summary: string, after: string) => Command;
type Choose = (run: (context: CommandContext) => Promise<Outcome>) => void;

/** Working for another machine. */
export function addWorkerCommand(program: Command, add: Add, choose: Choose): void {
  add(program, 'worker', 'work on the jobs of another machine', help.worker)
    .requiredOption('--join <file>', 'what `join create` wrote there: a secret')
    .option('--threads <number>', 'of an item; part of what is computed (default: all, by slots)')
    .option('--slots <number>', 'items at once, an engine each (default: 1)')
    .option('--store <dir>', 'where files of jobs are kept (default: the user’s cache)')
    .option('--store-size <gib>', 'the most that they take (default: 10)')
    .option(
      '--lock <seconds>',
      'without a sign of life, until its item is begun elsewhere; outages of the queue that are shorter cost nothing (default: 45)',
    )
    .action((options: WorkerCommandOptions) =>
      choose((context) => workerCommand(context, options)),
    );
}
