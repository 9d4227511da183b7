import { basename } from 'node:path';
import { type DatasetFacts } from '../../shared/catalogue/datasets';
import { type NetworkCatalogue } from '../../shared/catalogue/network';
import { type Recipe, startSettings } from '../../shared/catalogue/training';
import { refuse, StudioError } from '../../shared/errors';
import { type ModelRecord } from '../../shared/records';
import { type App } from '../core/app';
import { type CommandContext } from './context';
import { namedFile, refusingFile } from './files';
import { importInput, naming } from './commands/models-import';
import { normalisationOf } from './normalisation-options';
import { givenOptions } from './setting-options';

/** What training takes from the weights that it starts from. */
export type Start = Pick<Recipe, 'architecture' | 'options' | 'resize' | 'crop'> & {
  readonly init: NonNullable<Recipe['init']>;
  /** What keeps its last layer from being kept, as a clause; null: nothing. */
  readonly otherHead: string | null;
};

/** What training starts from, as text from commander. */
export interface StartOptions {
  readonly init?: string;
  /** What the weights of a file take of pixels, where it does not say it. */
  readonly mean?: string;
  readonly std?: string;
  readonly initPreset?: string;
}

interface Asked extends StartOptions {
  readonly initHead?: string;
  readonly trainLayers?: string;
  readonly network?: string;
  readonly resize?: string;
  readonly crop?: string;
}

const presetOption = '--init-preset';

/** The first of the options of a normalisation that is given. */
const givenNormalisation = ({ mean, std, initPreset }: StartOptions) =>
  (
    [
      ['--mean', mean],
      ['--std', std],
      [presetOption, initPreset],
    ] as const
  ).find(([, text]) => text !== undefined);

/**
 * Refuses, before anything is opened, what says how to start from weights and names none, and a
 * normalisation that is none.
 *
 * @param dataset undefined where it is known only once the data is open
 */
export function requireStart(options: Asked, dataset: DatasetFacts | undefined): void {
  if (options.init !== undefined) {
    const { mean, std, initPreset: preset } = options;
    if (dataset) normalisationOf({ mean, std, preset }, dataset.shape[2], presetOption);
    return;
  }
  const nothing = 'nothing without --init';
  const [given] = givenOptions(startSettings, options);
  if (given) throw refuse(`--${given.option}`, given.text, nothing);
  const [option, text] = givenNormalisation(options) ?? [];
  if (option !== undefined) throw refuse(option, text, nothing);
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
  options: Asked,
  dataset: DatasetFacts,
): Promise<ModelRecord> {
  const models = await app.api.call('models.list', {});
  const ready = models.filter(({ state }) => state === 'ready');
  const found = ready.find((model) => [model.id, model.sha256, model.name].includes(text));
  if (found) {
    const [option, given] = givenNormalisation(options) ?? [];
    if (option === undefined) return found;
    const accepted = `nothing where --init names a model that is here: ${found.name} has its own`;
    throw refuse(option, given, accepted);
  }
  const path = await namedFile(text, '--init').catch(() => {
    throw refuse(
      '--init',
      text,
      'a file of weights, or the id, name or SHA-256 of a model that is here and ready',
    );
  });
  const file = basename(path);
  const { network, mean, std, initPreset: preset, resize, crop } = options;
  const given = { network, mean, std, preset, resize: sideText(resize), crop: sideText(crop) };
  const input = importInput(file, given, networks, dataset, presetOption);
  const asked = await refusingFile(async () => {
    const { upload } = await app.files.adopt(path);
    return { ...input, upload };
  });
  if (input.mean === null && !(await refusingFile(() => statesNormalisation(app, asked)))) {
    throw refuse(
      '--init',
      text,
      `with --mean and --std, or ${presetOption}: the file does not say how its weights take pixels (mean 0 and std 1 for each channel: as they are, in 0..1)`,
    );
  }
  const made = await refusingFile(async () => {
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

/** A recipe's side as an import takes it: `all` is none. */
const sideText = (text: string | undefined) => (text === 'all' ? 'none' : text);

/** Whether a file says what its weights take of pixels: to guess would train on other ones. */
async function statesNormalisation(
  { api }: App,
  {
    dataset,
    upload,
    weightsKey,
    resize,
    crop,
  }: ReturnType<typeof importInput> & { upload: string },
): Promise<boolean> {
  const { undecided, stated } = await api
    .call('models.inspectFile', { dataset, upload, weightsKey, resize, crop })
    .catch((error: unknown) => {
      throw naming(error);
    });
  // Of several sets of weights the import says which there are.
  return undecided || stated.input !== null;
}
