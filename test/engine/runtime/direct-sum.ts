/** Convolutions by their definition, in double precision: what the engine's are judged by. */

export interface ConvolutionCase {
  batch: number;
  height: number;
  width: number;
  inputs: number;
  outputs: number;
  kernel: number;
  stride: number;
  padding: number;
}

export function resultShape(sizes: ConvolutionCase): [number, number, number, number] {
  const { batch, height, width, outputs, kernel, stride, padding } = sizes;
  const along = (side: number) => Math.floor((side + 2 * padding - kernel) / stride) + 1;
  return [batch, along(height), along(width), outputs];
}

/** Products of one pass. */
export function productsOf(sizes: ConvolutionCase): number {
  const [batch, rows, columns, outputs] = resultShape(sizes);
  return batch * rows * columns * outputs * sizes.inputs * sizes.kernel ** 2;
}

/** Call `visit` for every tap inside the image: offsets of its pixel, result and filter channels. */
function eachTap(
  sizes: ConvolutionCase,
  visit: (pixel: number, result: number, tap: number) => void,
): void {
  const { height, width, inputs, outputs, kernel, stride, padding } = sizes;
  const [batch, rows, columns] = resultShape(sizes);
  for (let place = 0; place < batch * rows * columns; place += 1) {
    const image = Math.floor(place / (rows * columns));
    const top = (Math.floor(place / columns) % rows) * stride - padding;
    const left = (place % columns) * stride - padding;
    for (let tap = 0; tap < kernel ** 2; tap += 1) {
      const y = top + Math.floor(tap / kernel);
      const x = left + (tap % kernel);
      if (y < 0 || x < 0 || y >= height || x >= width) continue;
      const pixel = ((image * height + y) * width + x) * inputs;
      visit(pixel, place * outputs, tap * inputs * outputs);
    }
  }
}

/** Result, and the gradients of sum(result * signal) by image and filter. */
export function directSum(
  sizes: ConvolutionCase,
  x: Float32Array | Float64Array,
  filter: Float32Array,
  signal: Float32Array | Float64Array,
): { result: Float64Array; byInput: Float64Array; byFilter: Float64Array } {
  const { inputs, outputs } = sizes;
  const result = new Float64Array(signal.length);
  const byInput = new Float64Array(x.length);
  const byFilter = new Float64Array(filter.length);
  eachTap(sizes, (pixel, place, tap) => {
    for (let c = 0; c < inputs; c += 1) {
      const value = x[pixel + c] ?? 0;
      let back = 0;
      for (let d = 0; d < outputs; d += 1) {
        const at = tap + c * outputs + d;
        const weight = filter[at] ?? 0;
        const given = signal[place + d] ?? 0;
        result[place + d] = (result[place + d] ?? 0) + value * weight;
        byFilter[at] = (byFilter[at] ?? 0) + value * given;
        back += weight * given;
      }
      byInput[pixel + c] = (byInput[pixel + c] ?? 0) + back;
    }
  });
  return { result, byInput, byFilter };
}
