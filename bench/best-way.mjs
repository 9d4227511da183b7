// @ts-check
/**
 * The way in which PyTorch does a measure fastest: channels first or last, eager or compiled, and in
 * batches of which size. All of them are tried.
 * @typedef {{layout: string, mode: string, batch?: number}} Way
 * @typedef {{way: Way, rate: number}} Tried
 */

const layouts = ['first', 'last'];
const modes = ['eager', 'compiled'];

/** A machine that others use slows down for a while: the fastest are measured so often more. */
const finalists = 3;
const again = 2;

/**
 * @param {import('./peer.mjs').Peer} torch
 * @param {import('./workloads.mjs').Workload} workload
 * @param {import('./workloads.mjs').Measure} measure
 * @returns {Promise<Tried[]>} every way, the fastest first; of the first few the median of three rates
 */
export async function tryWays(torch, workload, measure) {
  const command = measure.torch ?? measure.engine;
  /** @type {(way: Way) => Promise<number>} */
  const rateOf = async (way) => (await torch.ask({ ...command, ...way })).rate;
  /** @type {Tried[]} */
  const tried = [];
  for (const mode of modes) {
    for (const layout of layouts) {
      for (const batch of workload.batches[measure.id] ?? [null]) {
        const way = { layout, mode, ...(batch === null ? {} : { batch }) };
        tried.push({ way, rate: await rateOf(way) });
      }
    }
  }
  tried.sort((a, b) => b.rate - a.rate);
  for (const one of tried.slice(0, finalists)) {
    const rates = [one.rate];
    for (let i = 0; i < again; i += 1) rates.push(await rateOf(one.way));
    one.rate = rates.sort((a, b) => a - b)[again / 2] ?? one.rate;
  }
  const best = tried.splice(0, finalists).sort((a, b) => b.rate - a.rate);
  return [...best, ...tried];
}

/** @param {Way} way */
export function describeWay({ batch, layout, mode }) {
  return [batch && `batch ${batch}`, `channels ${layout}`, mode].filter(Boolean).join(', ');
}

/**
 * The same layout and batches, eager.
 * @param {Partial<Way>} way its layout is by default channels last, the faster one nearly everywhere
 * @returns {Way}
 */
export const uncompiled = (way) => ({ layout: 'last', ...way, mode: 'eager' });
