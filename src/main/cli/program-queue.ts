import { type Command } from 'commander';
import { queueTry, type QueueTryOptions } from './commands/queue';
import { type CommandContext, type Outcome } from './context';
import * as help from './help';

type Add = (parent: Command, nameAndArgs: string, summary: string, after: string) => Command;
type Choose = (run: (context: CommandContext) => Promise<Outcome>) => void;

/** The queue by which other machines work along. */
export function addQueueCommands(program: Command, add: Add, choose: Choose): void {
  const queue = add(program, 'queue', 'the queue by which machines share work', help.queue);
  add(queue, 'try', 'a queue of your own, to try it on this machine', help.queueTry)
    .option('--port <number>', 'port to listen on (default: the one of before, else any)')
    .option('--new-password', 'let nobody in who knows the password of before')
    .option('--replace', 'take the place of a queue that the data directory uses already')
    .action((options: QueueTryOptions) => choose((context) => queueTry(context, options)));
}
