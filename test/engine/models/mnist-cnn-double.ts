import type { Gate, Model, ScoreKind } from '../../../src/engine/models/model';
import { type ConvolutionCase, directSum } from '../runtime/direct-sum';

/** SELU's constants (Klambauer et al. 2017). */
const [scale, alpha] = [1.0507009873554805, 1.6732632423543772];
const side = { kernel: 3, stride: 1, padding: 1, batch: 1 };
const first: ConvolutionCase = { ...side, height: 28, width: 28, inputs: 1, outputs: 32 };
const second: ConvolutionCase = { ...side, height: 14, width: 14, inputs: 32, outputs: 64 };

interface Passed {
  values: Float64Array;
  /** Eq. 4's where the gate guides. */
  back: (signal: Float64Array, gate: Gate) => Float64Array;
}

/** A convolution from its definition, of PyTorch's filter [D, C, 3, 3]. */
function convolve(
  x: Float64Array,
  { weight, bias }: { weight: Float32Array; bias: Float32Array },
  sizes: ConvolutionCase,
): Passed {
  const { inputs, outputs } = sizes;
  const filter = weight.map((_, at) => {
    const [tap, c, d] = [
      Math.floor(at / (inputs * outputs)),
      Math.floor(at / outputs) % inputs,
      at % outputs,
    ];
    return weight[(d * inputs + c) * 9 + tap] ?? 0;
  });
  const size = sizes.height * sizes.width * outputs;
  const { result } = directSum(sizes, x, filter, new Float64Array(size));
  return {
    values: result.map((sum, at) => sum + (bias[at % outputs] ?? 0)),
    back: (signal) => directSum(sizes, x, filter, signal).byInput,
  };
}

function selu(x: Float64Array): Passed {
  return {
    values: x.map((v) => scale * (v > 0 ? v : alpha * Math.expm1(v))),
    back: (signal, gate) =>
      signal.map((r, at) => {
        const v = x[at] ?? 0;
        if (gate === 'all-activations') return v > 0 && r > 0 ? r * scale : 0;
        return r * scale * (v > 0 ? 1 : alpha * Math.exp(v));
      }),
  };
}

/** Maxima of 2x2 windows of [H, W, C]; the first of equals is the one. */
function pool(x: Float64Array, { height, width, outputs }: ConvolutionCase): Passed {
  const from = Int32Array.from({ length: x.length / 4 }, (_, at) => {
    const [c, place] = [at % outputs, Math.floor(at / outputs)];
    const [row, column] = [Math.floor(place / (width / 2)), place % (width / 2)];
    const corner = (2 * row * width + 2 * column) * outputs + c;
    const window = [0, outputs, width * outputs, (width + 1) * outputs].map((by) => corner + by);
    return window.reduce((best, one) => ((x[one] ?? 0) > (x[best] ?? 0) ? one : best));
  });
  return {
    values: Float64Array.from(from, (at) => x[at] ?? 0),
    back: (signal) => {
      const result = new Float64Array(height * width * outputs);
      from.forEach((at, i) => (result[at] = signal[i] ?? 0));
      return result;
    },
  };
}

function linear(
  x: Float64Array,
  { weight, bias }: { weight: Float32Array; bias: Float32Array },
): Passed {
  const values = Float64Array.from(bias, (start, k) =>
    x.reduce((sum, value, i) => sum + value * (weight[k * x.length + i] ?? 0), start),
  );
  return {
    values,
    back: (signal) =>
      x.map((_, i) => signal.reduce((sum, r, k) => sum + r * (weight[k * x.length + i] ?? 0), 0)),
  };
}

/** From [H, W, C] to PyTorch's order of features [C, H, W]. */
function flatten(x: Float64Array, channels: number): Passed {
  const places = x.length / channels;
  const at = (i: number) => (i % places) * channels + Math.floor(i / places);
  return {
    values: x.map((_, i) => x[at(i)] ?? 0),
    back: (signal) => {
      const result = new Float64Array(x.length);
      signal.forEach((r, i) => (result[at(i)] = r));
      return result;
    },
  };
}

/** A score's derivative by the logits z: without a subtraction of what is nearly equal. */
export function scoreDerivative(z: Float64Array, target: number, score: ScoreKind): Float64Array {
  if (score === 'logit') return z.map((_, k) => (k === target ? 1 : 0));
  const top = Math.max(...z);
  const powers = z.map((value) => Math.exp(value - top));
  const sum = powers.reduce((total, value) => total + value, 0);
  const p = powers.map((value) => value / sum);
  const others = p.reduce((total, value, k) => (k === target ? total : total + value), 0);
  const by = score === 'probability' ? (p[target] ?? 0) : 1;
  return p.map((value, k) => by * (k === target ? others : -value));
}

/** The paper's network in double precision, from its weights as PyTorch names and lays them out. */
export async function mnistCnnInDouble(model: Model) {
  const named = new Map<string, Float32Array>();
  for (const parameter of model.parameters()) named.set(parameter.name, await parameter.read());
  const of = (layer: string) => {
    const [weight, bias] = [named.get(`${layer}.weight`), named.get(`${layer}.bias`)];
    if (!weight || !bias) throw new RangeError(`no ${layer}`);
    return { weight, bias };
  };
  return (image: Float32Array) => {
    const passed: Passed[] = [];
    const step = (next: Passed) => {
      passed.push(next);
      return next.values;
    };
    let x = step(convolve(Float64Array.from(image), of('conv1'), first));
    x = step(pool(step(selu(x)), first));
    x = step(pool(step(selu(step(convolve(x, of('conv2'), second)))), second));
    x = step(selu(step(linear(step(flatten(x, 64)), of('linear1')))));
    const logits = step(linear(x, of('linear2')));
    return {
      logits,
      gradient: (target: number, score: ScoreKind, gate: Gate = 'none') =>
        passed.reduceRight(
          (signal, { back }) => back(signal, gate),
          scoreDerivative(logits, target, score),
        ),
    };
  };
}
