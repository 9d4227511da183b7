import { type Command } from 'commander';
import { joinCreate, type JoinCreateOptions, joinList, joinRevoke } from './commands/joins';
import { type CommandContext, type Outcome } from './context';
import * as help from './help';

type Add = (parent: Command, nameAndArgs: string, summary: string, after: string) => Command;
type Choose = (run: (context: CommandContext) => Promise<Outcome>) => void;

/** Who may join as a worker. */
export function addJoinCommands(program: Command, add: Add, choose: Choose): void {
  const joins = add(program, 'join', 'let other machines, or processes, work here', help.join);
  add(joins, 'create', 'write a file with which a worker joins', help.joinCreate)
    .requiredOption('--out <file>', 'file to write, or a folder that is there')
    .option('--name <name>', 'what to call it (default: worker-1, worker-2, …)')
    .option(
      '--listen <address>',
      'address, or ADDRESS:PORT, at which workers reach this machine (default: this machine alone)',
    )
    .option(
      '--shared-folder <dir>',
      'folder that worker and this machine both see, for their files',
    )
    .action((options: JoinCreateOptions) => choose((context) => joinCreate(context, options)));
  add(joins, 'list', 'who may join', '').action(() => choose(joinList));
  add(joins, 'revoke <name>', 'let a join in no more', help.joinRevoke).action((name: string) =>
    choose((context) => joinRevoke(context, name)),
  );
}
