import { type Command } from 'commander';
import { type DatasetCatalogue } from '../../shared/catalogue/datasets';
import { ownImageSettings } from '../../shared/catalogue/own-images';
import {
  datasetsDescribe,
  type DatasetsDescribeOptions,
  datasetsExport,
  type DatasetsExportOptions,
  datasetsImport,
  datasetsInstall,
  type DatasetsInstallOptions,
  datasetsList,
  datasetsRemove,
  datasetsRename,
  datasetsVerify,
} from './commands/datasets';
import { importImages, type ImportImagesOptions } from './commands/import-images';
import { type CommandContext, type Outcome } from './context';
import * as help from './help';
import { addSettingOptions } from './setting-options';

type Add = (parent: Command, nameAndArgs: string, summary: string, after: string) => Command;
type Choose = (run: (context: CommandContext) => Promise<Outcome>) => void;

/** Listing, installing, checking and removing datasets. */
export function addDatasetCommands(
  program: Command,
  known: DatasetCatalogue,
  add: Add,
  choose: Choose,
): void {
  const datasets = add(
    program,
    'datasets',
    'list, install, import, export, verify and remove datasets',
    help.datasets(known),
  );
  add(datasets, 'list', 'what is installed', '').action(() => choose(datasetsList));
  cut(
    add(datasets, 'install <name>', 'download and install a dataset', help.datasetsInstall(known)),
  )
    .option('--from <source>', 'download or package (default: download)')
    .action((name: string, options: DatasetsInstallOptions) =>
      choose((context) => datasetsInstall(context, name, options)),
    );
  const importing = cut(
    add(
      datasets,
      'import <name> <path>',
      'install a dataset from an archive or folder',
      help.datasetsImport(known),
    ),
  ).action((name: string, path: string, options: DatasetsInstallOptions) =>
    choose((context) => datasetsImport(context, name, path, options)),
  );
  addSettingOptions(
    add(importing, 'images <path>', 'make a dataset of your own images', help.importImages)
      .option('--name <text>', 'what it is called (not needed for a preview)')
      .option(
        '--labels <file>',
        'a CSV with the columns path and label, and, if wanted, split and mask',
      )
      .option(
        '--masks <path>',
        'masks of the object: a folder, an archive, or boxes as a COCO JSON',
      )
      .option('--strict', 'import nothing where a single file is no image')
      .option('--preview', 'say what it would come to, and import nothing'),
    ownImageSettings,
  ).action((path: string, options: ImportImagesOptions) =>
    choose((context) => importImages(context, path, options)),
  );
  add(datasets, 'verify <name>', 'check every file of a dataset', '').action((name: string) =>
    choose((context) => datasetsVerify(context, name)),
  );
  add(datasets, 'rename <id> <name>', 'call a dataset of your own otherwise', '').action(
    (id: string, name: string) => choose((context) => datasetsRename(context, id, name)),
  );
  add(
    datasets,
    'describe <id>',
    'say whose a dataset of your own is; exports and reports repeat it',
    help.datasetsDescribe,
  )
    .option('--licence <text>', 'its licence')
    .option('--citation <text>', 'how it is cited')
    .action((id: string, options: DatasetsDescribeOptions) =>
      choose((context) => datasetsDescribe(context, id, options)),
    );
  add(datasets, 'export <id>', 'write a dataset as a ZIP of PNG images', help.datasetsExport)
    .requiredOption('--out <file>', 'file to write, or a folder that is there')
    .action((id: string, options: DatasetsExportOptions) =>
      choose((context) => datasetsExport(context, id, options)),
    );
  add(datasets, 'remove <name>', 'delete a dataset’s files', help.datasetsRemove).action(
    (name: string) => choose((context) => datasetsRemove(context, name)),
  );
}

function cut(command: Command): Command {
  return command
    .option('--classes <list>', 'these classes alone, by name or WordNet id, e.g. cat,dog')
    .option('--per-class <number>', 'the first so many training images of each class');
}
