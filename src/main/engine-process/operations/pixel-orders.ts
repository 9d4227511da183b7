import { rankMaps } from '../../../engine/removal/rank-maps';
import { breathe } from '../../../engine/runtime/cancel';
import { makeMaps } from '../../../engine/saliency/make-maps';
import { reduceChannels } from '../../../engine/saliency/reduction';
import { readMap } from '../map-file';
import { type Operation } from '../operation';
import { writeArray } from '../output';
import { newOrders } from '../../../shared/pixel-orders';

/** Images ranked between two pauses: some tens of milliseconds. */
const rankedPerPause = 64;

export const pixelOrders: Operation<'pixel-orders'> = async (input, context) => {
  const { indices, split, seed, outDir } = input;
  const { signal, report } = context;
  const { images, labels, shape } = await context.datasets.pick(input);
  const { operators } = context.catalogues;
  const composition = operators.catalogue.parse(input.composition);
  const parameters = operators.catalogue.complete(input.parameters);
  const pixels = shape[0] * shape[1];
  const count = indices.length;
  // Maps that are there already ask nothing of the model.
  const made = async () => {
    const runtime = await context.runtime();
    return context.models.use(runtime, input.model, (model) =>
      makeMaps({
        runtime,
        model,
        images,
        labels,
        indices,
        operators,
        composition,
        parameters,
        seed,
        batch: model.batches.gradient,
        forwardBatch: model.batches.forward,
        signal,
        report,
      }),
    );
  };
  const raw = input.map === null ? await made() : (await readMap(input.map, count, shape)).raw;
  // A control has one value a location, an attribution one a channel.
  const maps = reduceChannels(raw, raw.length / (count * pixels), input.reduction);
  const orders = newOrders(count, pixels);
  for (let start = 0; start < count; start += rankedPerPause) {
    await breathe(signal);
    const end = Math.min(count, start + rankedPerPause);
    const part = maps.subarray(start * pixels, end * pixels);
    orders.set(rankMaps(part, indices.slice(start, end), pixels, { seed, split }), start * pixels);
  }
  return {
    files: [await writeArray(outDir, 'orders.npy', { shape: [count, pixels], data: orders })],
    gradients: Math.round(count * operators.catalogue.cost(composition, parameters)),
  };
};
