import { type Command } from 'commander';
import { type NetworkCatalogue } from '../../shared/catalogue/network';
import { plainText } from '../../shared/identifying-text';
import { modelsExport, type ModelsExportOptions, modelsList } from './commands/models';
import { modelsImport, type ModelsImportOptions } from './commands/models-import';
import { type CommandContext, type Outcome } from './context';
import * as help from './help';
import { modelsTest, type ModelsTestOptions } from './commands/models-test';
import { modelsInspect, type ModelsInspectOptions } from './commands/models-inspect';
import { networkIds } from './network-options';
import { meanHelp, presetHelp, stdHelp } from './normalisation-options';

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
    .option('--network <name>', `that they are of: ${networkIds(networks)} (default: by the file)`)
    .option('--name <text>', 'what to call the model (default: the file’s name)')
    .option('--mean <numbers>', meanHelp)
    .option('--std <numbers>', stdHelp)
    .option('--preset <name>', presetHelp)
    .option(
      '--resize <side|none>',
      'it sees images whose shorter side was made so many pixels (default: as a file of ours says)',
    )
    .option(
      '--crop <side|none>',
      'of those, it sees the centre, so many pixels wide and high (default: as a file of ours says)',
    )
    .option('--classes <file>', 'names of its classes in order: text, JSON or CSV')
    .option('--map-classes <file>', 'which of its classes is which of the dataset’s: CSV or JSON')
    .option('--other-classes', 'its classes are not the dataset’s: explained by its own')
    .option('--leave-out-extra', 'pass over tensors that the network lacks')
    .option('--weights-key <key>', 'which weights of a checkpoint, such as state_dict_ema')
    .action((file: string, options: ModelsImportOptions) =>
      choose((context) => modelsImport(context, file, options)),
    );
  add(models, 'inspect <file>', 'what a file of weights holds', help.modelsInspect)
    .option('--dataset <id>', 'dataset whose images it is to take', plainText)
    .option('--resize <side>', 'as models import takes it')
    .option('--crop <side>', 'as models import takes it')
    .option('--weights-key <key>', 'which weights of a checkpoint, such as state_dict_ema')
    .action((file: string, options: ModelsInspectOptions) =>
      choose((context) => modelsInspect(context, file, options)),
    );
  add(models, 'test <id>', 'accuracy and some predictions of a model', help.modelsTest)
    .option('--images <count>', 'predictions to show, of all classes in turn (default: 10)')
    .option('--seed <number>', 'of the choice of images (default: 0)')
    .action((id: string, options: ModelsTestOptions) =>
      choose((context) => modelsTest(context, id, options)),
    );
  add(models, 'export <id>', 'write a model’s weights (safetensors)', help.modelsExport)
    .requiredOption('--out <file>', 'file to write, or a folder that is there')
    .action((id: string, options: ModelsExportOptions) =>
      choose((context) => modelsExport(context, id, options)),
    );
}
