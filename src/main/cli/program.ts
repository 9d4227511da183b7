import { Command, CommanderError } from 'commander';
import { fullPreset } from '../../shared/catalogue/preset-ids';
import { runSettings } from '../../shared/catalogue/roar';
import { type ErrorData, toErrorData } from '../../shared/errors';
import { plainText } from '../../shared/identifying-text';
import { showHidden } from '../../shared/invisible';
import { chooseDataPlace } from '../core/storage/data-directory';
import { doctorCommand } from './commands/doctor';
import { mapsCommand, type MapsCommandOptions } from './commands/maps';
import { reproduceCommand, type ReproduceCommandOptions } from './commands/reproduce';
import { roarCommand, type RoarCommandOptions } from './commands/roar';
import { sensitivityCommand } from './commands/sensitivity';
import { trainCommand, type TrainCommandOptions } from './commands/train';
import {
  type CommandContext,
  type ExitCode,
  exits,
  type Outcome,
  type CommandEnvironment,
} from './context';
import { FileRefused } from './files';
import { JobFailed } from './follow';
import * as help from './help';
import { collect } from './options';
import { addRecipeOptions } from './recipe-options';
import { addSettingOptions } from './setting-options';
import { trainSeed, trainSettings } from './settings';
import { addDatasetCommands } from './program-datasets';
import { addJoinCommands } from './program-joins';
import { addMethodCommands } from './program-methods';
import { addModelCommands } from './program-models';
import { addQueueCommands } from './program-queue';
import { addRatingCommands } from './program-ratings';
import { addWorkOptions } from './work-options';
import { addWorkerCommand } from './program-worker';

type Run = (context: CommandContext) => Promise<Outcome>;

/** Run one command line; answers with the exit code and never throws. */
export async function runCli(
  argv: readonly string[],
  world: CommandEnvironment,
): Promise<ExitCode> {
  let chosen: Run | null = null;
  const program = buildProgram(world, (run) => {
    chosen = run;
  });
  // Errors of usage are told in JSON too, so this is read before anything is parsed.
  const json = argv.includes('--json');
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return exits.done;
    const message = showHidden(error.message.replace(/^error: /, ''));
    if (json) writeJson(world, { error: { code: 'invalid-input', message } });
    return exits.usage;
  }
  const run = chosen as Run | null;
  if (run === null) return exits.usage;
  let announced = false;
  const announce = ({ json: value, text }: Pick<Outcome, 'json' | 'text'>) => {
    announced = true;
    if (json) writeJson(world, value);
    else world.stdout(`${text.join('\n')}\n`);
  };
  try {
    const { data = null } = program.opts<{ data?: string }>();
    const place = chooseDataPlace(data, world.defaultData);
    const outcome = await run({
      world,
      dataDir: place.path,
      dataFrom: place.from,
      say: (text) => world.stderr(`${text}\n`),
      announce,
    });
    if (!announced) announce(outcome);
    return outcome.exit;
  } catch (error) {
    const data = toErrorData(error);
    world.stderr(`${data.message}\n`);
    if (json && !announced) writeJson(world, { error: data });
    if (error instanceof JobFailed || error instanceof FileRefused) return exits.failed;
    return exitFor(data, world.signal.aborted);
  }
}

function exitFor(error: ErrorData, interrupted: boolean): ExitCode {
  if (error.code === 'invalid-input') return exits.usage;
  return interrupted && error.code === 'cancelled' ? exits.interrupted : exits.failed;
}

function writeJson(world: CommandEnvironment, value: object): void {
  world.stdout(`${JSON.stringify(value, null, 2)}\n`);
}

function buildProgram(world: CommandEnvironment, choose: (run: Run) => void): Command {
  const program = new Command('saliency-studio')
    .description('Saliency Studio without a window: the same jobs on the same data.')
    .option('--data <dir>', 'data directory (default: the user’s own, as in the app)')
    .option('--json', 'print one JSON object on stdout and everything else on stderr')
    .addHelpText('after', help.program);
  // Global options may stand anywhere: before the command and after it.
  const add = (parent: Command, nameAndArgs: string, summary: string, after: string) =>
    parent
      .command(nameAndArgs)
      .description(summary)
      .addHelpText('after', after)
      .allowExcessArguments(false);

  add(program, 'doctor', 'say what is here, what is missing and how to get it', help.doctor).action(
    () => choose(doctorCommand),
  );

  addDatasetCommands(program, world.catalogues.datasets, add, choose);

  addModelCommands(program, world.catalogues.networks, add, choose);

  addMethodCommands(program, add, choose);

  const { metrics, networks } = world.catalogues;
  addWorkOptions(
    addSettingOptions(
      addRecipeOptions(add(program, 'train', 'train a model', help.train), networks),
      trainSettings,
    ),
  )
    .requiredOption('--dataset <id>', 'dataset to train on', plainText)
    .option('--out <dir>', 'write the weights (safetensors) there')
    .action((options: TrainCommandOptions) => choose((context) => trainCommand(context, options)));

  add(
    program,
    'maps',
    'make saliency maps and write them as arrays',
    help.maps(world.catalogues.operators),
  )
    .requiredOption('--dataset <id>', 'dataset of the images', plainText)
    .requiredOption('--images <indices>', 'indices into the validation split, e.g. 0-9,42')
    .requiredOption('--out <dir>', 'folder to write to')
    .option('--model <id>', 'model to explain (default: the newest trained without removal)')
    .option('--methods <list>', 'all (the nine), ids or compositions, separated by commas', 'all')
    .option('--set <name=value>', 'a map parameter, repeatable', collect, [])
    .option('--seed <number>', 'seed of the noise and the random map', '0')
    .action((options: MapsCommandOptions) => choose((context) => mapsCommand(context, options)));

  const roar = addRecipeOptions(
    add(program, 'roar', 'measure methods with RemOve And Retrain', help.roar(metrics)),
    networks,
  );
  addSettingOptions(roar, runSettings, 'the preset’s');
  addWorkOptions(addSettingOptions(roar, trainSeed, 'that of --seed'))
    .requiredOption('--dataset <id>', 'dataset', plainText)
    .requiredOption('--out <dir>', 'folder to write to')
    .option('--protocol <name>', help.alternatives(metrics.ids), metrics.usual.id)
    .option('--preset <name>', 'quick or paper: where the other options start', fullPreset)
    .option('--methods <list>', 'all (the nine), ids or compositions; random is always added')
    .option('--set <name=value>', 'a map parameter, repeatable', collect, [])
    .option('--name <text>', 'name of the run')
    .option('--sensitivity', 'rerun it under every other reading of the paper that a setting holds')
    .action((options: RoarCommandOptions) =>
      choose((context) =>
        options.sensitivity === true
          ? sensitivityCommand(context, options)
          : roarCommand(context, options),
      ),
    );

  addWorkOptions(
    add(
      program,
      'reproduce',
      'the paper on its datasets: figures, accuracies, claims',
      help.reproduce,
    ),
  )
    .requiredOption('--out <dir>', 'folder to write to')
    .option('--preset <name>', 'quick or paper (default: paper)')
    .option('--datasets <list>', 'which, separated by commas (default: all three)')
    .option('--seed <number>', 'seed of everything drawn at random (default: 0)')
    .option('--study <study>', 'id or name of the study whose ratings decide claims')
    .action((options: ReproduceCommandOptions) =>
      choose((context) => reproduceCommand(context, options)),
    );

  addRatingCommands(program, add, choose);

  addQueueCommands(program, add, choose);
  addJoinCommands(program, add, choose);

  addWorkerCommand(program, add, choose);

  prepare(program, world);
  return program;
}

/** Every command throws instead of exiting, writes where it is told and takes the global options. */
function prepare(command: Command, world: CommandEnvironment): void {
  command.exitOverride().configureOutput({
    writeOut: (text) => world.stdout(text),
    writeErr: (text) => world.stderr(showHidden(text)),
  });
  for (const child of command.commands) prepare(child, world);
}
