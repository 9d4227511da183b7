import { type Command } from 'commander';
import { type NetworkCatalogue } from '../../shared/catalogue/network';
import { plainText } from '../../shared/identifying-text';
import {
  modelsExport,
  type ModelsExportOptions,
  modelsImport,
  type ModelsImportOptions,
  modelsList,
} from './commands/models';
import { type CommandContext, type Outcome } from './context';
import * as help from './help';
import { networkIds, suggestedWord } from './network-options';

type Add = (parent: Command, nameAndArgs: string, summary: string, after: string) => Command;
type Choose = (run: (context: CommandContext) => Promise<Outcome>) => void;

/** Listing, importing and exporting models. */
export function addModelCommands(
  program: Command,
  networks: NetworkCatalogue,
  add: Add,
  choose: Choose,
): void {
  const models = add(program, 'models', 'list, import and export models', help.models);
  add(models, 'list', 'what there is', '').action(() => choose(modelsList));
  add(
    models,
    'import <file>',
    'take in weights from elsewhere (safetensors, PyTorch)',
    help.modelsImport,
  )
    .requiredOption('--dataset <id>', 'dataset that they were trained on', plainText)
    .option('--network <name>', `that they are of: ${networkIds(networks)} ${suggestedWord}`)
    .option('--name <text>', 'what to call the model (default: the file’s name)')
    .option('--mean <numbers>', 'subtracted from pixels in 0..1, one number for each channel')
    .option('--std <numbers>', 'divided by after that')
    .option('--leave-out-extra', 'pass over tensors that the network lacks')
    .option('--weights-key <key>', 'which weights of a checkpoint, such as state_dict_ema')
    .action((file: string, options: ModelsImportOptions) =>
      choose((context) => modelsImport(context, file, options)),
    );
  add(models, 'export <id>', 'write a model’s weights (safetensors)', help.modelsExport)
    .requiredOption('--out <file>', 'file to write, or a folder that is there')
    .action((id: string, options: ModelsExportOptions) =>
      choose((context) => modelsExport(context, id, options)),
    );
}
