import { z } from 'zod';
import { seedSchema } from '../../../shared/catalogue/parameters';
import { modelIdSchema } from '../../../shared/ids';
import { knowsLabels, noLabels } from '../../../shared/model-classes';
import { type RouteOutput } from '../../../shared/routes';
import { type CommandContext, exits, type Outcome, withApp } from '../context';
import { followJob } from '../follow';
import { parseOptions, scalar } from '../options';
import { shareCell, table } from '../output';

export interface ModelsTestOptions {
  readonly images?: string;
  readonly seed?: string;
}

const accepted = 'a whole number from 1 to 100';

/** A model's accuracy on the validation split, and what it says of some images. */
export async function modelsTest(
  context: CommandContext,
  id: string,
  options: ModelsTestOptions,
): Promise<Outcome> {
  const {
    model,
    images: count,
    seed,
  } = parseOptions(
    z.object({
      model: modelIdSchema,
      images: z.int(accepted).min(1, accepted).max(100, accepted),
      seed: seedSchema,
    }),
    { model: id, images: scalar(options.images ?? '10'), seed: scalar(options.seed ?? '0') },
    { model: 'ID', images: '--images', seed: '--seed' },
  );
  return withApp(context, 'write', async (app) => {
    const before = await app.api.call('models.get', { model });
    const { images } = await app.api.call('models.predictions', { model, images: count, seed });
    const labelled = knowsLabels(before.classes);
    const job = labelled
      ? await followJob(context, app, async () => {
          const { job: begun } = await app.api.call('models.test', { model });
          return begun;
        })
      : null;
    const stopped = job !== null && job.state !== 'done';
    const { name, validationAccuracy } = await app.api.call('models.get', { model });
    const predictions = images.map(({ image, label, labelName, output, top }) => ({
      image,
      label,
      labelName,
      output,
      right: output === null ? null : top[0]?.output === output,
      top,
    }));
    const head = stopped
      ? 'its accuracy was not measured to the end: run the same command again'
      : labelled
        ? `validation accuracy ${shareCell(validationAccuracy)}`
        : noLabels(name);
    return {
      json: {
        command: 'models test',
        model,
        accuracy: stopped ? null : validationAccuracy,
        predictions,
      },
      text: [labelled ? `${name} (${model}): ${head}` : head, ...predictionTable(images)],
      exit: stopped ? exits.interrupted : exits.done,
    };
  });
}

function predictionTable(images: RouteOutput<'models.predictions'>['images']): string[] {
  return table(
    ['image', 'label', 'first', '', 'second', '', 'third', ''],
    images.map(({ image, labelName, top }) => {
      const cells = top.flatMap(({ name, probability }) => [name, shareCell(probability)]);
      return [String(image), labelName, ...cells, ...new Array<string>(6 - cells.length).fill('')];
    }),
  );
}
