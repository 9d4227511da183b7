import { type Command } from 'commander';
import { plainText } from '../../shared/identifying-text';
import {
  methodsImport,
  type MethodsImportOptions,
  methodsInspect,
  type MethodsInspectOptions,
  methodsList,
  methodsRemove,
} from './commands/methods';
import { type CommandContext, type Outcome } from './context';
import * as help from './help';

type Add = (parent: Command, nameAndArgs: string, summary: string, after: string) => Command;
type Choose = (run: (context: CommandContext) => Promise<Outcome>) => void;

/** Listing methods, and taking in maps that were made elsewhere. */
export function addMethodCommands(program: Command, add: Add, choose: Choose): void {
  const methods = add(program, 'methods', 'list methods, and import maps as one', help.methods);
  add(methods, 'list', 'what there is', '').action(() => choose(methodsList));
  add(methods, 'import <file>', 'take in the maps of any method (.npy, .npz)', help.methodsImport)
    .requiredOption('--name <text>', 'what to call the method')
    .requiredOption('--dataset <id>', 'dataset of the images', plainText)
    .option(
      '--images <list>',
      'validation images in the order of the maps: 0-99,120 or a file (default: all)',
    )
    .option('--array <name>', 'which array of an .npz')
    .option('--train <file>', 'maps of training images, for protocols that retrain')
    .option('--train-images <list>', 'training images in the order of those maps (default: all)')
    .option('--train-array <name>', 'which array of an .npz of those')
    .option('--model <id>', 'model that the maps explain (default: any of the dataset)')
    .option('--citation <text>', 'where the method is from; it appears in exports and reports')
    .option('--constant', 'take maps that are the same at every pixel')
    .action((file: string, options: MethodsImportOptions) =>
      choose((context) => methodsImport(context, file, options)),
    );
  add(methods, 'inspect <file>', 'what a file of maps holds', help.methodsInspect)
    .requiredOption('--dataset <id>', 'dataset of the images', plainText)
    .option(
      '--images <list>',
      'images in the order of the maps: 0-99,120 or a file (default: all of the split)',
    )
    .option('--split <split>', 'train or validation (default: validation)')
    .option('--array <name>', 'which array of an .npz')
    .option('--model <id>', 'model that the maps explain (default: any of the dataset)')
    .action((file: string, options: MethodsInspectOptions) =>
      choose((context) => methodsInspect(context, file, options)),
    );
  add(methods, 'remove <id>', 'remove a method that was imported or composed', '').action(
    (id: string) => choose((context) => methodsRemove(context, id)),
  );
}
