import { canonicalJson } from '../../../shared/canonical';
import { type DatasetFacts } from '../../../shared/catalogue/datasets';
import { type TrainInput } from '../../../shared/catalogue/train-input';
import { type ModelRecord } from '../../../shared/records';
import { type App } from '../../core/app';
import { manifestName } from '../../core/export/folder/manifest';
import { trainedName, weightsFileName } from '../../core/models/weights-file-name';
import { type CommandContext, exits, type Outcome, withApp } from '../context';
import { followJob, goOnOrBegin } from '../follow';
import { fetched } from '../files';
import { knownDataset, namedDataset } from '../named-dataset';
import { shareCell, table } from '../output';
import { outFolder, writeInto } from '../places';
import { trainInput, type TrainOptions } from '../settings';
import { requireStart, withStart } from '../starting-model';
import { askedWork, type WorkOptions } from '../work-options';

export interface TrainCommandOptions extends TrainOptions, WorkOptions {
  readonly out?: string;
}

/** Train one model, or go on with the one of the same settings. */
export async function trainCommand(
  context: CommandContext,
  options: TrainCommandOptions,
): Promise<Outcome> {
  const { datasets, networks } = context.world.catalogues;
  const prepared = async (facts: DatasetFacts, given: TrainCommandOptions = options) => {
    const input = trainInput(given, networks, facts);
    if (options.out === undefined) return { input, out: null };
    return { input, out: await outFolder(options.out, [manifestName, newFileName(input, facts)]) };
  };
  // Refuse what can be refused before anything is opened.
  const asked = askedWork(options);
  const known = knownDataset(datasets, options.dataset);
  requireStart(options, known);
  // What training starts from says of which network it is.
  if (known && options.init === undefined) await prepared(known);
  return withApp(
    context,
    'write',
    async (app) => {
      const facts = namedDataset(app, options.dataset);
      const { input, out } = await prepared(facts, await withStart(context, app, options, facts));
      const { model, how } = await finishModel(context, app, input);
      if (model.state !== 'ready') {
        return {
          json: { command: 'train', how: 'interrupted', model, resumable: true },
          text: [
            `${model.name} (${model.id}) is interrupted after ${model.epochs.length} of ${input.recipe.epochs} epochs: run the same command again and it goes on from there.`,
          ],
          exit: exits.interrupted,
        };
      }
      const written = out === null ? null : await writeWeights(context, app, model, out);
      const files = written?.files ?? [];
      return {
        json: { command: 'train', how, model, files, replaced: written?.replaced ?? null },
        text: [...report(model), ...files.map((path) => `Written to ${path}.`)],
        exit: exits.done,
      };
    },
    asked,
  );
}

/** The weights as they are called when the model is new. */
const newFileName = ({ recipe, removal }: TrainInput, dataset: DatasetFacts): string =>
  weightsFileName({
    name: trainedName(dataset, recipe.architecture, removal.level),
    id: 'model',
  });

function writeWeights(context: CommandContext, app: App, model: ModelRecord, out: string) {
  const { id, name } = model;
  return writeInto(context, out, async (folder) => {
    const file = await app.api.call('models.export', { model: id });
    await fetched(app.files, file, (path) => folder.addCopy(file.name, path));
    await folder.addManifest({
      format: 'saliency-studio/model/1',
      result: { kind: 'model', id, name },
      model,
    });
  });
}

const settingsOf = (
  model: Pick<TrainInput, 'dataset' | 'removal' | 'removalSeed'> & {
    recipe: TrainInput['recipe'] | null;
  },
) =>
  canonicalJson({
    dataset: model.dataset,
    recipe: model.recipe,
    removal: model.removal,
    removalSeed: model.removalSeed,
  });

type How = 'trained' | 'resumed' | 'stored';

async function finishModel(
  context: CommandContext,
  app: App,
  input: TrainInput,
): Promise<{ model: ModelRecord; how: How }> {
  const models = await app.api.call('models.list', {});
  const same = models.filter((model) => settingsOf(model) === settingsOf(input));
  const stored = same.find((model) => model.state === 'ready');
  if (stored) {
    context.say(`${stored.name} (${stored.id}) has been trained with these settings already.`);
    return { model: stored, how: 'stored' };
  }
  const unfinished = same.find((model) => model.job !== null);
  let id = unfinished?.id;
  let how: How = unfinished ? 'resumed' : 'trained';
  const begin = async () => {
    const started = await app.api.call('models.train', input);
    id = started.model.id;
    how = 'trained';
    return started.job;
  };
  if (unfinished && unfinished.job !== null) {
    context.say(`Going on with ${unfinished.name} (${unfinished.id}).`);
    await goOnOrBegin(context, app, unfinished.job, begin);
  } else await followJob(context, app, begin);
  if (id === undefined) throw new Error('The model is no longer there.');
  const model = await app.api.call('models.get', { model: id });
  return { model, how };
}

function report(model: ModelRecord): string[] {
  return [
    `${model.name} (${model.id}): validation accuracy ${model.validationAccuracy === null ? 'not known' : shareCell(model.validationAccuracy)}${model.paperAccuracy === null ? '' : ` (the paper: ${shareCell(model.paperAccuracy)})`}`,
    ...table(
      ['epoch', 'loss', 'training accuracy', 'validation accuracy', 'seconds'],
      model.epochs.map(({ epoch, loss, trainAccuracy, validationAccuracy, seconds }) => [
        String(epoch + 1),
        loss.toFixed(4),
        shareCell(trainAccuracy),
        shareCell(validationAccuracy),
        seconds.toFixed(1),
      ]),
    ),
  ];
}
