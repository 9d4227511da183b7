import { evaluate as evaluateModel } from '../../../engine/models/evaluate';
import { subsetOf } from '../../../engine/datasets/subset';
import { valueAt } from '../../../shared/checked-reads';
import { stratifiedIndices } from '../../../shared/selection';
import { type Operation } from '../operation';

export const evaluate: Operation<'evaluate'> = async (input, context) => {
  const dataset = await context.datasets.get(input);
  const runtime = await context.runtime();
  const { split, choice, removal, removalSeed } = input;
  const whole = dataset[split];
  const chosen =
    choice && choice.count < whole.count
      ? Int32Array.from(stratifiedIndices(whole.labels, choice.count, choice.seed))
      : null;
  const random = context.removal.random(dataset, removal, removalSeed);
  return context.models.use(runtime, input.model, (model) =>
    evaluateModel({
      kernels: runtime.kernels,
      model,
      data: chosen ? subsetOf(whole, chosen) : whole,
      split,
      // Removal is drawn for an image's index in its split, not for its place among the chosen.
      prepare:
        random && chosen
          ? (pixels, places, at) =>
              random(
                pixels,
                places.map((place) => valueAt(chosen, place)),
                at,
              )
          : random,
      signal: context.signal,
      report: (done, total) => context.report({ done, total, unit: 'images' }),
    }),
  );
};
