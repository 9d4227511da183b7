import { evaluate as evaluateModel } from '../../../engine/models/evaluate';
import { type Operation } from '../operation';

export const evaluate: Operation<'evaluate'> = async (input, context) => {
  const dataset = await context.datasets.get(input);
  const runtime = await context.runtime();
  const { split, removal, removalSeed } = input;
  return context.models.use(runtime, input.model, (model) =>
    evaluateModel({
      kernels: runtime.kernels,
      model,
      data: dataset[split],
      split,
      prepare: context.removal.random(dataset, removal, removalSeed),
      signal: context.signal,
      report: (done, total) => context.report({ done, total, unit: 'images' }),
    }),
  );
};
