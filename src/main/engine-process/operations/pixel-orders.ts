import { rankMaps } from '../../../engine/removal/rank-maps';
import { breathe } from '../../../engine/runtime/cancel';
import { makeMaps } from '../../../engine/saliency/make-maps';
import { reduceChannels } from '../../../engine/saliency/reduction';
import { readMap } from '../map-file';
import { type Operation } from '../operation';
import { writeArray } from '../output';
import { newOrders } from '../../../shared/pixel-orders';
import { seenImages } from '../seen';

/** Images ranked between two pauses: some tens of milliseconds. */
const rankedPerPause = 64;

export const pixelOrders: Operation<'pixel-orders'> = async (input, context) => {
  const { indices, split, seed, outDir } = input;
  const { signal, report } = context;
  const { operators } = context.catalogues;
  const composition = operators.catalogue.parse(input.composition);
  const parameters = operators.catalogue.complete(input.parameters);
  const count = indices.length;
  // Maps that are there already ask nothing of the model.
  const made = async () => {
    const runtime = await context.runtime();
    return context.models.use(runtime, input.model, async (model) => {
      const { images, outputs, shape } = await seenImages(context.datasets, input, model);
      const raw = await makeMaps({
        runtime,
        model,
        images,
        labels: outputs,
        indices,
        operators,
        composition,
        parameters,
        seed,
        batch: model.batches.gradient,
        forwardBatch: model.batches.forward,
        signal,
        report,
      });
      return { raw, pixels: shape[0] * shape[1] };
    });
  };
  const given = async (map: string) => {
    const { shape } = await context.datasets.pick(input, input.sight);
    const { raw } = await readMap(map, count, shape);
    return { raw, pixels: shape[0] * shape[1] };
  };
  const { raw, pixels } = input.map === null ? await made() : await given(input.map);
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
