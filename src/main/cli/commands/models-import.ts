import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { z } from 'zod';
import { mappedOutputs, readClassList, readMapping } from '../../../shared/class-list';
import { type DatasetFacts } from '../../../shared/catalogue/datasets';
import { type NetworkCatalogue } from '../../../shared/catalogue/network';
import { refuse, StudioError } from '../../../shared/errors';
import { identifyingText } from '../../../shared/identifying-text';
import {
  knowsLabels,
  type LabelChoice,
  matchClasses,
  type NamedOutput,
} from '../../../shared/model-classes';
import {
  cropSchema,
  largestCrop,
  shapeSeen,
  sideChoiceSchema,
  sightChosen,
} from '../../../shared/model-input';
import { type ModelRecord } from '../../../shared/records';
import { type RouteInput } from '../../../shared/routes';
import { decodeText } from '../../../shared/text-encoding';
import { nameByFile } from '../../../shared/weights-file';
import { type App } from '../../core/app';
import { type CommandContext, exits, type Outcome, withApp } from '../context';
import { namedFile, refusingFile } from '../files';
import { followJob } from '../follow';
import { knownDataset, namedDataset } from '../named-dataset';
import { chosenNetwork } from '../network-options';
import { type NormalisationOptions, normalisationOf } from '../normalisation-options';
import { parseOptions, scalar } from '../options';
import { shareCell } from '../output';

export interface ModelsImportOptions extends NormalisationOptions {
  readonly dataset: string;
  readonly network?: string | undefined;
  readonly name?: string;
  readonly resize?: string | undefined;
  readonly crop?: string | undefined;
  readonly classes?: string;
  readonly mapClasses?: string;
  readonly otherClasses?: boolean;
  readonly leaveOutExtra?: boolean;
  readonly weightsKey?: string;
}

/** Weights that another program trained: checked, kept, and measured on the validation split. */
export async function modelsImport(
  context: CommandContext,
  path: string,
  options: ModelsImportOptions,
): Promise<Outcome> {
  const { datasets, networks } = context.world.catalogues;
  // Refuse what can be refused before anything is opened.
  const known = knownDataset(datasets, options.dataset);
  if (known) importInput(basename(path), options, networks, known);
  const [named, pairs] = await classFiles(options);
  const file = await namedFile(path);
  return withApp(context, 'write', async (app) => {
    const facts = namedDataset(app, options.dataset);
    const input = importInput(basename(path), options, networks, facts);
    const model = await refusingFile(async () => {
      const { upload } = await app.files.adopt(file);
      const asked = { ...input, upload };
      const labels = await labelsOf(app, asked, { named, pairs, other: options.otherClasses });
      const classes = named?.map(({ name }) => name) ?? null;
      return app.api
        .call('models.import', { ...asked, classes, labels, measure: false })
        .catch((error: unknown) => {
          throw naming(error);
        });
    });
    return measured(context, app, model);
  });
}

/** Its accuracy, with progress; weights that cannot be measured are not kept. */
async function measured(
  context: CommandContext,
  app: App,
  { id, classes }: ModelRecord,
): Promise<Outcome> {
  const labelled = knowsLabels(classes);
  const stopped =
    labelled &&
    (await refusingFile(async () => {
      try {
        const job = await followJob(context, app, async () => {
          const { job: begun } = await app.api.call('models.test', { model: id });
          return begun;
        });
        return job.state !== 'done';
      } catch (error) {
        await app.api.call('models.remove', { model: id });
        throw error;
      }
    }));
  const model = await app.api.call('models.get', { model: id });
  const found = stopped
    ? `its accuracy is not measured: models test ${id} does`
    : labelled
      ? `validation accuracy ${shareCell(model.validationAccuracy)}`
      : 'it tells other classes apart than its dataset’s: explain its predicted class (--target predicted)';
  return {
    json: { command: 'models import', model },
    text: [`${model.name} (${id}): ${found}`, ...model.adapted],
    exit: stopped ? exits.interrupted : exits.done,
  };
}

type Classes = readonly [NamedOutput[] | null, [string, string][] | null];

/** Names of the network's classes, and which is which, before anything is opened. */
async function classFiles(options: ModelsImportOptions): Promise<Classes> {
  const { classes, mapClasses, otherClasses = false } = options;
  if (otherClasses && mapClasses !== undefined) {
    throw refuse('--other-classes', mapClasses, 'it or --map-classes, not both');
  }
  return [
    classes === undefined ? null : await readWith(classes, '--classes', readClassList),
    mapClasses === undefined ? null : await readWith(mapClasses, '--map-classes', readMapping),
  ];
}

async function readWith<T>(
  path: string,
  option: string,
  read: (text: string, file: string, field: string) => T,
): Promise<T> {
  const bytes = await readFile(await namedFile(path, option));
  const decoded = decodeText(bytes);
  if ('reason' in decoded) throw refuse(option, path, `a text file; ${decoded.reason}`);
  return read(decoded.text, path, option);
}

/** What is imported, as far as its outputs depend on it. */
type Asked = Required<Omit<RouteInput<'models.inspectFile'>, 'dataset'>> & {
  readonly dataset: string;
  readonly architecture: string | null;
};

/** Which output is of which class: by the mapping, else by names; by none where that does not tell. */
async function labelsOf(
  { api }: App,
  asked: Asked,
  given: {
    readonly named: NamedOutput[] | null;
    readonly pairs: [string, string][] | null;
    readonly other: boolean | undefined;
  },
): Promise<LabelChoice> {
  const { named, pairs, other = false } = given;
  if (other) return 'none';
  if (!named && !pairs) return 'match';
  const { dataset } = asked;
  const records = await api.call('datasets.list', {});
  const classes = records.find(({ id }) => id === dataset)?.classes ?? [];
  if (pairs) {
    const found = named ? { named, count: named.length } : await outputsIn(api, asked);
    // The import says why.
    if (!found) return 'match';
    return mappedOutputs(pairs, classes, found.named, found.count, '--map-classes');
  }
  const { outputs } = matchClasses(classes, named ?? []);
  const found = outputs.flatMap((output) => (output === null ? [] : [output]));
  const whole = found.length === classes.length && new Set(found).size === found.length;
  return whole ? found : 'match';
}

/** The outputs of the network that a file is imported as; null: it is of none, or of several. */
async function outputsIn(
  api: App['api'],
  { dataset, upload, weightsKey, resize, crop, architecture }: Asked,
): Promise<{ readonly named: NamedOutput[] | null; readonly count: number } | null> {
  const found = await api
    .call('models.inspectFile', { dataset, upload, weightsKey, resize, crop })
    .catch((error: unknown) => {
      throw naming(error);
    });
  const wanted = architecture ?? found.stated.architecture;
  const fit = found.guesses.find(
    (one) => (wanted === null || one.architecture === wanted) && one.fits,
  );
  if (!fit) return null;
  const named = found.stated.classes?.map((name) => ({ name, alias: null })) ?? null;
  return { named, count: fit.classes };
}

/** Options that lift a refusal at a field, and what they do. */
const remedies: ReadonlyMap<string, readonly [option: string, remedy: string]> = new Map([
  ['leaveOutExtra', ['--leave-out-extra', 'Give --leave-out-extra to pass over them.']],
  ['weightsKey', ['--weights-key', 'Give one of them by --weights-key.']],
  ['classes', ['--classes', 'Give --classes FILE, or --other-classes.']],
  ['labels', ['--map-classes', 'Give --map-classes FILE, or --other-classes.']],
  ['resize', ['--resize', '']],
  ['crop', ['--crop', '']],
  ['architecture', ['--network', '']],
]);

/** A refusal that an option would lift says which. */
export function naming(error: unknown): unknown {
  if (!(error instanceof StudioError)) return error;
  const [option, remedy] = remedies.get(error.data.field ?? '') ?? [];
  if (option === undefined) return error;
  // What was asked for and is not there has said what there is.
  const asked = option === '--weights-key' && error.data.value !== 'null';
  const message = asked || remedy === '' ? error.message : `${error.message} ${remedy}`;
  return new StudioError({ ...error.data, message, field: option }, error);
}

/**
 * Everything that can be refused before the file is opened.
 *
 * @param presetOption what `preset` is called where it is asked for
 */
export function importInput(
  file: string,
  options: Omit<ModelsImportOptions, 'dataset'>,
  networks: NetworkCatalogue,
  dataset: DatasetFacts,
  presetOption = '--preset',
) {
  const [, , channels] = dataset.shape;
  const sides = { resize: sideOf(options.resize), crop: sideOf(options.crop) };
  const resized = cropSchema.safeParse(sides.resize).data ?? null;
  // What a file of ours says of resizing only the file knows.
  const side = sides.resize === null ? 1024 : largestCrop(dataset.shape, { resize: resized });
  const schema = z.object({
    name: identifyingText(),
    resize: sideChoiceSchema,
    crop: sideChoiceSchema.refine(
      (crop) => typeof crop !== 'number' || crop <= side,
      `a whole number from 8 to ${side}, the side of the images, or none`,
    ),
  });
  const { name = nameByFile(file) } = options;
  const { mean, std } = normalisationOf(options, channels, presetOption);
  const names = { name: '--name', resize: '--resize', crop: '--crop' };
  const { resize, crop, ...rest } = parseOptions(schema, { name, ...sides }, names);
  const seen = { ...dataset, shape: shapeSeen(dataset.shape, sightChosen({ resize, crop })) };
  const { network } = options;
  return {
    ...rest,
    dataset: dataset.id,
    architecture: network === undefined ? null : chosenNetwork(networks, seen, network).id,
    mean,
    std,
    resize,
    crop,
    leaveOutExtra: options.leaveOutExtra ?? false,
    weightsKey: options.weightsKey ?? null,
  };
}

/** A side as an option says it. */
export const sideOf = (text: string | undefined) =>
  text === undefined ? null : text === 'none' ? 'none' : scalar(text);
