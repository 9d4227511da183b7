import { type Runtime } from '../src/engine/runtime/load';
import { type NativeBackend, type Tensor } from '../src/engine/runtime/tensorflow';

export interface KernelTime {
  /** The operation and its inputs' shapes. */
  readonly name: string;
  readonly calls: number;
  /** Of all calls together, per run. */
  readonly milliseconds: number;
  /** As if the convolution were done as sums of products; null where it is none. */
  readonly gflops: number | null;
}

/** Time every operation of `work`, `runs` times after once unmeasured: the costliest first. */
export async function timeKernels(
  runtime: Runtime,
  work: () => unknown,
  runs: number,
): Promise<KernelTime[]> {
  const backend = runtime.tf.backend() as unknown as NativeBackend;
  const times = new Map<string, { calls: number; milliseconds: number; flop: number }>();
  const { executeSingleOutput: single, executeMultipleOutputs: many } = backend;
  function timed<T extends Tensor | Tensor[]>(
    name: string,
    inputs: readonly Tensor[],
    run: () => T,
  ): T {
    const started = performance.now();
    const result = run();
    const milliseconds = performance.now() - started;
    const key = `${name} ${inputs.map(({ shape }) => `[${shape.join(',')}]`).join(' ')}`;
    const entry = times.get(key) ?? {
      calls: 0,
      milliseconds: 0,
      flop: flopOf(name, inputs, result),
    };
    times.set(key, entry);
    entry.calls += 1;
    entry.milliseconds += milliseconds;
    return result;
  }
  await work();
  backend.executeSingleOutput = (name, attributes, inputs) =>
    timed(name, inputs, () => single.call(backend, name, attributes, inputs));
  backend.executeMultipleOutputs = (name, attributes, inputs, outputs) =>
    timed(name, inputs, () => many.call(backend, name, attributes, inputs, outputs));
  try {
    for (let run = 0; run < runs; run += 1) await work();
  } finally {
    backend.executeSingleOutput = single;
    backend.executeMultipleOutputs = many;
  }
  return [...times]
    .map(([name, { calls, milliseconds, flop }]) => ({
      name,
      calls: calls / runs,
      milliseconds: milliseconds / runs,
      gflops: flop === 0 ? null : (flop * calls) / milliseconds / 1e6,
    }))
    .sort((a, b) => b.milliseconds - a.milliseconds);
}

/** Two for each product of a convolution; 0 for anything else. */
function flopOf(name: string, inputs: readonly Tensor[], result: Tensor | Tensor[]): number {
  const [first, second] = inputs.map(({ shape }) => shape);
  const [batch = 0, height = 0, width = 0, channels = 0] = first ?? [];
  const places = batch * height * width;
  const sizeOf = (shape: readonly number[] | undefined) =>
    (shape ?? []).reduce((product, side) => product * side, 1);
  // A filter at the points, [D / 16, points, C, 16], stands for nine taps.
  if (name === 'StudioWinograd' || name === 'StudioWinogradPooled') {
    const [panels = 0, points = 1, , width16 = 0] = second ?? [];
    const taps = points === 1 ? 1 : points === 9 ? 4 : 9;
    return 2 * places * taps * channels * panels * width16;
  }
  if (name === 'StudioStridedGradient') return 2 * places * sizeOf(second);
  if (name === 'StudioConvolution' && !Array.isArray(result)) {
    const [, tall = 0, wide = 0] = result.shape;
    return 2 * batch * tall * wide * sizeOf(second);
  }
  return 0;
}
