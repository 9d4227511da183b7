import { basename } from 'node:path';
import { type DatasetFacts } from '../../shared/catalogue/datasets';
import { type NetworkCatalogue } from '../../shared/catalogue/network';
import { type Recipe, startSettings } from '../../shared/catalogue/training';
import { refuse, StudioError } from '../../shared/errors';
import { type ModelRecord } from '../../shared/records';
import { nameByFile } from '../../shared/weights-file';
import { type App } from '../core/app';
import { type CommandContext } from './context';
import { namedFile, refusingFile } from './files';
import { chosenNetwork } from './network-options';
import { givenOptions } from './setting-options';

/** What training takes from the weights that it starts from. */
export type Start = Pick<Recipe, 'architecture' | 'options' | 'resize' | 'crop'> & {
  readonly init: NonNullable<Recipe['init']>;
  /** What keeps its last layer from being kept, as a clause; null: nothing. */
  readonly otherHead: string | null;
};

interface Asked {
  readonly init?: string;
  readonly initHead?: string;
  readonly trainLayers?: string;
  readonly network?: string;
}

/** Refuses, before anything is opened, what says how to start from weights and names none. */
export function requireStart(options: Asked): void {
  if (options.init !== undefined) return;
  const [given] = givenOptions(startSettings, options);
  if (given) throw refuse(`--${given.option}`, given.text, 'nothing without --init');
}

/** Options with what `--init` names: training starts from it. */
export async function withStart<O extends Asked>(
  context: CommandContext,
  app: App,
  options: O,
  dataset: DatasetFacts,
): Promise<O & { readonly start?: Start }> {
  if (options.init === undefined) return options;
  const { networks } = context.world.catalogues;
  const model = await namedModel(context, app, networks, options.init, options, dataset);
  const start = await app.api
    .call('models.startFrom', { dataset: dataset.id, model: model.id })
    .catch((error: unknown) => {
      if (!(error instanceof StudioError) || error.data.field !== 'model') throw error;
      throw refuse('--init', options.init, error.data.accepted ?? error.message);
    });
  return { ...options, start };
}

/** A model that is here, by its id, name or SHA-256; or one of a file of weights, which is imported. */
async function namedModel(
  context: CommandContext,
  app: App,
  networks: NetworkCatalogue,
  text: string,
  { network }: Asked,
  dataset: DatasetFacts,
): Promise<ModelRecord> {
  const models = await app.api.call('models.list', {});
  const ready = models.filter(({ state }) => state === 'ready');
  const found = ready.find((model) => [model.id, model.sha256, model.name].includes(text));
  if (found) return found;
  const path = await namedFile(text, '--init').catch(() => {
    throw refuse(
      '--init',
      text,
      'a file of weights, or the id, name or SHA-256 of a model that is here and ready',
    );
  });
  const file = basename(path);
  const made = await refusingFile(async () => {
    const architecture =
      network === undefined ? null : chosenNetwork(networks, dataset, network).id;
    const { upload } = await app.files.adopt(path);
    const asked = { dataset: dataset.id, architecture, name: nameByFile(file), upload };
    const brought = (labels: 'match' | 'none') =>
      app.api.call('models.import', { ...asked, labels, measure: false });
    // Of other classes than the dataset's, all but the last layer is what is started from.
    return brought('match').catch((error: unknown) => {
      const field = error instanceof StudioError ? error.data.field : undefined;
      const others = field === 'classes' || field === 'labels';
      if (others) return brought('none');
      throw error;
    });
  });
  const same = ready.find(({ sha256 }) => sha256 === made.sha256);
  if (same) {
    // The same file was a model already: one is enough.
    await app.api.call('models.remove', { model: made.id });
    return same;
  }
  context.say(`Imported ${file} as ${made.name} (${made.id}), to start from.`);
  return made;
}
