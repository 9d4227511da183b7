// @ts-check
/**
 * The way in which PyTorch does a measure fastest: channels first or last, eager or compiled, and in
 * batches of which size. All of them are tried.
 * @typedef {{layout: string, mode: string, batch?: number}} Way
 * @typedef {{way: Way, rate: number}} Tried
 */

const layouts = ['first', 'last'];
const modes = ['eager', 'compiled'];

/**
 * @param {import('./peer.mjs').Peer} torch
 * @param {import('./workloads.mjs').Workload} workload
 * @param {import('./workloads.mjs').Measure} measure
 * @returns {Promise<Tried[]>} every way, the fastest first
 */
export async function tryWays(torch, workload, measure) {
  const command = measure.torch ?? measure.engine;
  /** @type {Tried[]} */
  const tried = [];
  for (const mode of modes) {
    for (const layout of layouts) {
      for (const batch of workload.batches[measure.id] ?? [null]) {
        const way = { layout, mode, ...(batch === null ? {} : { batch }) };
        const { rate } = await torch.ask({ ...command, ...way });
        tried.push({ way, rate });
      }
    }
  }
  return tried.sort((a, b) => b.rate - a.rate);
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
