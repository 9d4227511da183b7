import { evaluate as evaluateModel } from '../../../engine/models/evaluate';
import { subsetOf } from '../../../engine/datasets/subset';
import { valueAt } from '../../../shared/checked-reads';
import { stratifiedIndices } from '../../../shared/selection';
import { type Operation } from '../operation';
import { requireLabels, seenDataset, seenLabels } from '../seen';

export const evaluate: Operation<'evaluate'> = async (input, context) => {
  const runtime = await context.runtime();
  const { split, choice, removal, removalSeed } = input;
  return context.models.use(runtime, input.model, async (model) => {
    requireLabels(model);
    const dataset = await seenDataset(context.datasets, input, model);
    const outputs = await seenLabels(context.datasets, input, model);
    const whole = dataset[split];
    const chosen =
      choice && choice.count < whole.count
        ? Int32Array.from(stratifiedIndices(whole.labels, choice.count, choice.seed))
        : null;
    const random = context.removal.random(dataset, removal, removalSeed);
    const data = chosen ? subsetOf(whole, chosen) : whole;
    return evaluateModel({
      kernels: runtime.kernels,
      model,
      // Outputs may be more than the dataset's classes, which fit in bytes.
      data: {
        ...data,
        labels: Uint16Array.from(data.labels, (label) => outputs?.[label] ?? label),
      },
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
    });
  });
};
