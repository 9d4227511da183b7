import { basename } from 'node:path';
import { z } from 'zod';
import { type DatasetFacts, datasetIdSchema } from '../../../shared/catalogue/datasets';
import { type NetworkCatalogue } from '../../../shared/catalogue/network';
import { refuse, StudioError } from '../../../shared/errors';
import { nameByFile } from '../../../shared/weights-file';
import { identifyingText } from '../../../shared/identifying-text';
import { modelIdSchema } from '../../../shared/ids';
import { type CommandContext, exits, type Outcome, withApp } from '../context';
import { chosenNetwork } from '../network-options';
import { namedFile, refusingFile, writeTo } from '../files';
import { parseOptions, scalars } from '../options';
import { shareCell, table } from '../output';
import { outFile } from '../places';

export async function modelsList(context: CommandContext): Promise<Outcome> {
  const models = await withApp(context, 'read', ({ api }) => api.call('models.list', {}));
  return {
    json: { command: 'models list', models },
    text:
      models.length === 0
        ? ['There is no model in this data directory.']
        : table(
            ['model', 'dataset', 'network', 'from', 'state', 'accuracy', 'name'],
            models.map(({ id, dataset, architecture, origin, state, validationAccuracy, name }) => [
              id,
              dataset,
              architecture,
              origin,
              state,
              shareCell(validationAccuracy),
              name,
            ]),
          ),
    exit: exits.done,
  };
}

export interface ModelsImportOptions {
  readonly dataset: string;
  readonly network?: string;
  readonly name?: string;
  readonly mean?: string;
  readonly std?: string;
  readonly leaveOutExtra?: boolean;
  readonly weightsKey?: string;
}

/** Weights that another program trained: checked, measured on the validation split and kept. */
export async function modelsImport(
  context: CommandContext,
  path: string,
  options: ModelsImportOptions,
): Promise<Outcome> {
  const { datasets, networks } = context.world.catalogues;
  const { dataset } = parseOptions(z.object({ dataset: datasetIdSchema }), options, {
    dataset: '--dataset',
  });
  // Refuse what can be refused before anything is opened.
  const known = datasets.find(dataset);
  if (known) importInput(basename(path), options, networks, known);
  const file = await namedFile(path);
  const model = await withApp(context, 'write', ({ api, files, datasets: here }) => {
    const input = importInput(basename(path), options, networks, here.facts(dataset, '--dataset'));
    return refusingFile(async () => {
      const { upload } = await files.adopt(file);
      return api.call('models.import', { ...input, upload }).catch((error: unknown) => {
        throw naming(error);
      });
    });
  });
  return {
    json: { command: 'models import', model },
    text: [
      `${model.name} (${model.id}): validation accuracy ${shareCell(model.validationAccuracy)}`,
      ...model.adapted,
    ],
    exit: exits.done,
  };
}

/** Options that lift a refusal at a field, and what they do. */
const remedies: ReadonlyMap<string, readonly [option: string, remedy: string]> = new Map([
  ['leaveOutExtra', ['--leave-out-extra', 'Give --leave-out-extra to pass over them.']],
  ['weightsKey', ['--weights-key', 'Give one of them by --weights-key.']],
]);

/** A refusal that an option would lift says which. */
function naming(error: unknown): unknown {
  if (!(error instanceof StudioError)) return error;
  const [option, remedy] = remedies.get(error.data.field ?? '') ?? [];
  if (option === undefined) return error;
  // What was asked for and is not there has said what there is.
  const asked = option === '--weights-key' && error.data.value !== 'null';
  const message = asked ? error.message : `${error.message} ${remedy}`;
  return new StudioError({ ...error.data, message, field: option }, error);
}

/** Everything that can be refused before the file is opened. */
function importInput(
  file: string,
  options: ModelsImportOptions,
  networks: NetworkCatalogue,
  dataset: DatasetFacts,
) {
  const { id: architecture } = chosenNetwork(networks, dataset, options.network);
  const [, , channels] = dataset.shape;
  const what = channels === 1 ? 'one number' : `${channels} numbers with commas between`;
  const perChannel = z.array(z.number(what)).length(channels, what);
  const above = 'numbers above 0';
  const schema = z.object({
    name: identifyingText(),
    mean: perChannel.nullable(),
    std: perChannel.refine((values) => values.every((value) => value > 0), above).nullable(),
  });
  const numbers = (text: string | undefined, option: string) =>
    text === undefined ? null : scalars(text, option);
  const { name = nameByFile(file) } = options;
  const given = {
    name,
    mean: numbers(options.mean, '--mean'),
    std: numbers(options.std, '--std'),
  };
  const names = { name: '--name', mean: '--mean', std: '--std' };
  const { mean, std, ...rest } = parseOptions(schema, given, names);
  if ((mean === null) !== (std === null)) {
    throw refuse(mean === null ? '--mean' : '--std', null, 'numbers: --mean and --std go together');
  }
  return {
    ...rest,
    dataset: dataset.id,
    architecture,
    mean,
    std,
    leaveOutExtra: options.leaveOutExtra ?? false,
    weightsKey: options.weightsKey ?? null,
  };
}

export interface ModelsExportOptions {
  readonly out: string;
}

/** The weights of a model as PyTorch’s `load_state_dict` takes them. */
export async function modelsExport(
  context: CommandContext,
  id: string,
  { out }: ModelsExportOptions,
): Promise<Outcome> {
  const { model } = parseOptions(
    z.object({ model: modelIdSchema }),
    { model: id },
    { model: 'ID' },
  );
  const to = await outFile(out);
  const path = await withApp(context, 'read', async (app) =>
    writeTo(to, app, await app.api.call('models.export', { model })),
  );
  return {
    json: { command: 'models export', model, files: [path] },
    text: [`Written to ${path}.`],
    exit: exits.done,
  };
}
