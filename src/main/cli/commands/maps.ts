import { z } from 'zod';
import { markedName, type Method, methodFormula } from '../../../shared/catalogue/methods';
import { seedSchema } from '../../../shared/catalogue/parameters';
import { refuse, StudioError, toErrorData } from '../../../shared/errors';
import { modelIdSchema } from '../../../shared/ids';
import { someNames } from '../../../shared/name-list';
import { type Api } from '../../../shared/routes';
import { type EngineProgress } from '../../../shared/engine';
import { type CommandContext, exits, type Outcome, withApp } from '../context';
import { methodIds, namedMethods } from '../methods';
import { namedDataset } from '../named-dataset';
import { indices, namingOption, parseOptions, scalar } from '../options';
import { table } from '../output';
import { outFolder, writeInto } from '../places';
import { progressDisplay } from '../progress';
import { mapParameters } from '../settings';

export interface MapsCommandOptions {
  readonly dataset: string;
  readonly images: string;
  readonly model?: string;
  readonly methods: string;
  readonly set: readonly string[];
  readonly seed: string;
  readonly out: string;
}

const inputSchema = z.object({
  model: modelIdSchema.nullable(),
  images: z.array(z.int()).max(10_000, 'at most 10000 images at once'),
  seed: seedSchema,
});
const optionNames = {
  dataset: '--dataset',
  model: '--model',
  images: '--images',
  methods: '--methods',
  seed: '--seed',
};

/** Maps of some images, written with all that is needed to compute them again elsewhere. */
export async function mapsCommand(
  context: CommandContext,
  options: MapsCommandOptions,
): Promise<Outcome> {
  const { operators } = context.world.catalogues;
  const named = namedMethods(operators, options.methods);
  const parameters = mapParameters(operators, options.set);
  const input = parseOptions(
    inputSchema,
    {
      model: options.model ?? null,
      images: indices(options.images, '--images'),
      seed: scalar(options.seed),
    },
    optionNames,
  );
  const out = await outFolder(options.out);
  const { world } = context;
  // Maps go to their folder alone.
  return withApp(context, 'write-if-possible', async (app) => {
    const { id: dataset } = namedDataset(app, options.dataset);
    await requireModel(app.api, dataset, input.model);
    const methods = await methodIds(app.api, named);
    const display = progressDisplay(world);
    const report = (progress: EngineProgress) => display.show(line(progress));
    try {
      const { value, files, replaced } = await writeInto(context, out, (folder) =>
        app.exportMaps(
          { ...input, dataset, split: 'validation', methods, parameters, out: folder },
          { signal: world.signal, report },
        ),
      );
      return {
        json: {
          command: 'maps',
          out,
          ...value,
          files,
          replaced,
          parameters,
          images: input.images,
        },
        text: [...summary(value.methods, input.images.length), `Written to ${out}.`],
        exit: exits.done,
      };
    } catch (error) {
      if (world.signal.aborted && toErrorData(error).code === 'cancelled') return interrupted();
      throw error instanceof StudioError ? namingOption(error, optionNames) : error;
    } finally {
      display.end();
    }
  });
}

/** The model named by --model, if one is, must be there. */
async function requireModel(api: Api, dataset: string, model: string | null) {
  if (model === null) return;
  const models = await api.call('models.list', {});
  if (models.some(({ id }) => id === model)) return;
  const ids = models.filter((each) => each.dataset === dataset).map(({ id }) => id);
  const none = `nothing, because there is no model of ${dataset}: train one first`;
  throw refuse('--model', model, ids.length > 0 ? someNames(ids) : none);
}

const line = ({ done, total, unit }: EngineProgress) =>
  `${String(Math.floor((100 * done) / Math.max(total, 1))).padStart(3)}% · ${done} of ${total} ${unit}`;

const summary = (methods: readonly Method[], images: number): string[] => [
  `${images} images, ${methods.length} methods`,
  ...table(
    ['file', 'method', 'composition'],
    methods.map((method) => [`${method.id}.npy`, markedName(method), methodFormula(method)]),
  ),
];

function interrupted(): Outcome {
  return {
    json: { command: 'maps', how: 'interrupted', resumable: true },
    text: ['Interrupted before the maps were whole: run the same command again.'],
    exit: exits.interrupted,
  };
}
