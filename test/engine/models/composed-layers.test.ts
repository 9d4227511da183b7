import { beforeAll, describe, expect, test } from 'vitest';
import { initialise } from '../../../src/engine/models/initialise';
import { Activation } from '../../../src/engine/models/layers/activation';
import { Add } from '../../../src/engine/models/layers/add';
import { BatchNorm } from '../../../src/engine/models/layers/batch-norm';
import { Conv2d } from '../../../src/engine/models/layers/conv2d';
import { ConvolutionBlock } from '../../../src/engine/models/layers/convolution-block';
import { Flatten } from '../../../src/engine/models/layers/flatten';
import type { Layer } from '../../../src/engine/models/layers/layer';
import { Linear } from '../../../src/engine/models/layers/linear';
import { MaxPool } from '../../../src/engine/models/layers/max-pool';
import { ResidualBlock } from '../../../src/engine/models/layers/residual-block';
import { Sequential } from '../../../src/engine/models/layers/sequential';
import { Stem } from '../../../src/engine/models/layers/stem';
import type { Gate } from '../../../src/engine/models/model';
import { Network } from '../../../src/engine/models/network';
import type { NetworkBuilder } from '../../../src/engine/models/networks/network-builder';
import { mnistCnn } from '../../../src/engine/models/networks/mnist-cnn';
import { resnet18 } from '../../../src/engine/models/networks/resnets';
import { rewritten } from '../../../src/engine/models/rewrites/rewrite';
import type { Runtime } from '../../../src/engine/runtime/load';
import type { NetworkForm } from '../../../src/shared/catalogue/network';
import { valueAt } from '../../../src/shared/checked-reads';
import { StudioError } from '../../../src/shared/errors';
import { int1d, relativeError, signed, taken, tensor4d, testRuntime } from '../support';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await testRuntime();
});

function network(inputShape: [number, number, number], classes: number, layers: Layer[]): Network {
  const definition = { architecture: 'made', inputShape, classes, layers };
  return new Network(runtime.kernels, definition, { mean: [0], std: [1] });
}

function gradientOf(net: Network, pixels: Float32Array, target: number, gate: Gate = 'none') {
  const x = tensor4d(runtime, pixels, [1, ...net.inputShape]);
  const y = int1d(runtime, [target]);
  const result = net.inputGradient(x, y, { score: 'logit', gate });
  runtime.tf.dispose([x, y, result.logits]);
  return { gradient: taken(result.gradient), score: taken(result.scores)[0] ?? NaN };
}

/** h = W x + s(x) with W = [[1, -1], [2, 1]] and a shortcut s; the first class is 3 h0 - h1. */
describe('a residual sum, worked by hand', () => {
  const build = (shortcut: 'input' | 'doubled' | 'rectified') => {
    const { kernels } = runtime;
    const main = new Linear(kernels, 'main', { inputs: [2], outputs: 2 });
    main.parameters[0]?.write(Float32Array.of(1, -1, 2, 1));
    const doubled = new Linear(kernels, 'doubled', { inputs: [2], outputs: 2 });
    doubled.parameters[0]?.write(Float32Array.of(2, 0, 0, 2));
    const branches = {
      input: null,
      doubled,
      rectified: new Activation(kernels, 'rectified', 'relu'),
    };
    const out = new Linear(kernels, 'out', { inputs: [2], outputs: 2 });
    out.parameters[0]?.write(Float32Array.of(3, -1, 7, 7));
    return network([1, 2, 1], 2, [
      new Flatten('flatten'),
      new Add(kernels, 'sum', { main, shortcut: branches[shortcut] }),
      out,
    ]);
  };

  test.each([
    // (W + I)^T (3, -1) with W^T (3, -1) = (1, -4).
    ['input', [1, 2], 3 * 0 - 6, [1 + 3, -4 - 1]],
    // (W + 2 I): h = (1, 8).
    ['doubled', [1, 2], 3 * 1 - 8, [1 + 6, -4 - 2]],
    // x = (-1, 2): W x = (-3, 0), plus (0, 2); the ReLU passes the second alone.
    ['rectified', [-1, 2], 3 * -3 - 2, [1, -4 - 1]],
  ] as const)('beside the %s', (shortcut, x, score, gradient) => {
    const net = build(shortcut);
    const before = runtime.tf.memory().numTensors;
    const result = gradientOf(net, Float32Array.from(x), 0);
    expect(result.score).toBeCloseTo(score, 5);
    expect([...result.gradient]).toEqual([...gradient]);
    expect(runtime.tf.memory().numTensors).toBe(before);
    net.dispose();
  });

  test('gates what comes back through a guided branch alone', () => {
    const net = build('rectified');
    // Signals (3, -1): the guided ReLU would pass the first, which is not above 0 at its output.
    const guided = gradientOf(net, Float32Array.of(-1, 2), 0, 'relu-only').gradient;
    expect([...guided]).toEqual([1, -4]);
    net.dispose();
  });

  test('gives a layer’s activations, and the score’s gradient by them, wherever it stands', () => {
    const net = build('doubled');
    const { tf } = runtime;
    const before = tf.memory().numTensors;
    const x = tensor4d(runtime, Float32Array.of(1, 2), [1, 1, 2, 1]);
    const y = int1d(runtime, [0]);
    const read = (layer: string) => {
      const { activations, gradients, scores, logits } = net.activationsAndGradients(x, y, layer);
      tf.dispose([scores, logits]);
      return [[...taken(activations)], [...taken(gradients)]];
    };
    expect(read('flatten')).toEqual([
      [1, 2],
      [7, -6],
    ]);
    expect(read('main')).toEqual([
      [-1, 4],
      [3, -1],
    ]);
    expect(read('doubled')).toEqual([
      [2, 4],
      [3, -1],
    ]);
    expect(read('sum')).toEqual([
      [1, 8],
      [3, -1],
    ]);
    expect(read('out')).toEqual([
      [-5, 63],
      [1, 0],
    ]);
    expect(() => read('layer9')).toThrow(StudioError);
    expect(() => read('layer9')).toThrow(
      'layer is "layer9"; accepted: a layer of made: flatten, sum',
    );
    tf.dispose([x, y]);
    expect(tf.memory().numTensors).toBe(before);
    net.dispose();
  });
});

/** A network of every kind of composed layer, small enough for differences. */
function composed(): Network {
  const { kernels } = runtime;
  const sizes = { kernel: 3, stride: 1, padding: 1 };
  const layers = [
    new Sequential('stage', [
      new Conv2d(kernels, 'conv', { inputs: 2, outputs: 4, ...sizes }),
      new Activation(kernels, 'selu', 'selu'),
      new Add(kernels, 'sum', {
        main: new Sequential('sum.main', [
          new Conv2d(kernels, 'inner', { inputs: 4, outputs: 4, ...sizes }),
          new BatchNorm(kernels, 'norm', 4),
          new Activation(kernels, 'inner.selu', 'selu'),
        ]),
        shortcut: new Conv2d(kernels, 'beside', {
          inputs: 4,
          outputs: 4,
          ...sizes,
          kernel: 1,
          padding: 0,
        }),
      }),
    ]),
    new MaxPool(kernels, 'pool'),
    new Flatten('flatten'),
    new Linear(kernels, 'out', { inputs: [3, 3, 4], outputs: 3 }),
  ];
  const net = network([6, 6, 2], 3, layers);
  net.parameters().forEach((parameter, index) => {
    const size = parameter.layout.shape.reduce((product, side) => product * side, 1);
    parameter.write(signed(size, index + 20));
  });
  return net;
}

test('the input gradient through composed layers is that of central differences', () => {
  const net = composed();
  const pixels = signed(72, 1);
  const { gradient } = gradientOf(net, pixels, 1);
  const step = 1e-2;
  const differences = pixels.map((_, at) => {
    const moved = (by: number) => {
      const image = pixels.slice();
      image[at] = valueAt(image, at) + by;
      return gradientOf(net, image, 1).score;
    };
    return (moved(step) - moved(-step)) / (2 * step);
  });
  expect(relativeError(gradient, differences)).toBeLessThan(2e-2);
  net.dispose();
});

/** The score from a layer on: it moves by its gradient where the layer's activations move. */
test('activations of mnist-cnn move its score by their gradients, as differences say', () => {
  const { kernels, tf } = runtime;
  const form: NetworkForm = { inputShape: [28, 28, 1], classes: 10, options: {} };
  const layers = mnistCnn.layers(kernels, form);
  const definition = { architecture: 'mnist-cnn', ...form, layers };
  const net = new Network(kernels, definition, { mean: [0], std: [1] });
  initialise(kernels, net, 2);
  const x = tensor4d(runtime, signed(784, 3), [1, 28, 28, 1]);
  const y = int1d(runtime, [4]);
  const at = layers.findIndex(({ name }) => name === 'selu2') + 1;
  const rest = new Network(
    kernels,
    { architecture: 'rest', inputShape: [14, 14, 64], classes: 10, layers: layers.slice(at) },
    { mean: [0], std: [1] },
  );
  const result = net.activationsAndGradients(x, y, 'selu2');
  const activations = result.activations.dataSync<'float32'>().slice();
  const gradients = result.gradients.dataSync<'float32'>().slice();
  tf.dispose(Object.values(result));
  expect(gradients.some((value) => value !== 0)).toBe(true);
  // Along the gradient itself, which moves each activation little: few maxima change hands.
  const length = Math.hypot(...gradients);
  const direction = gradients.map((value) => value / length);
  const step = 1e-2;
  const scoreAt = (by: number) => {
    const moved = activations.map((value, i) => value + by * valueAt(direction, i));
    const input = tensor4d(runtime, moved, [1, 14, 14, 64]);
    const logits = taken(rest.logits(input));
    input.dispose();
    return logits[4] ?? NaN;
  };
  const slope = (scoreAt(step) - scoreAt(-step)) / (2 * step);
  expect(Math.abs(length - slope)).toBeLessThan(1e-2 * length);
  tf.dispose([x, y]);
  net.dispose();
});

describe('layers of our own kernels in the place of a network’s', () => {
  const cases: readonly (readonly [string, NetworkBuilder, NetworkForm])[] = [
    ['mnist-cnn', mnistCnn, { inputShape: [28, 28, 1], classes: 10, options: {} }],
    ['resnet18', resnet18, { inputShape: [32, 32, 3], classes: 5, options: { stem: 'imagenet' } }],
    [
      'resnet18, small',
      resnet18,
      { inputShape: [16, 16, 3], classes: 5, options: { stem: 'small' } },
    ],
  ];

  /** The same weights behind the plain layers, and behind those that the rewrites make of them. */
  function both({ layers, rewrites = [] }: NetworkBuilder, form: NetworkForm) {
    const { kernels } = runtime;
    const plain = layers(kernels, form);
    const fast = rewritten(kernels, plain, rewrites);
    const definition = { architecture: 'made', ...form, layers: plain };
    const [, , channels] = form.inputShape;
    const input = {
      mean: new Array<number>(channels).fill(0),
      std: new Array<number>(channels).fill(1),
    };
    const slow = new Network(kernels, definition, input);
    const quick = new Network(kernels, { ...definition, fast }, input);
    initialise(kernels, slow, 3);
    for (const buffer of slow.buffers().filter(({ shape }) => shape.length > 0)) {
      const spread = signed(buffer.shape[0] ?? 1, 7).map((value) => value / 4);
      buffer.write(buffer.least === 0 ? spread.map((value) => 1 + value) : spread);
    }
    return { slow, quick, fast };
  }

  test.each(cases)('compute the same function and gradients: %s', (_, builder, form) => {
    const { slow, quick } = both(builder, form);
    const { tf } = runtime;
    const [height, width, channels] = form.inputShape;
    const count = 3;
    const x = tensor4d(runtime, signed(count * height * width * channels, 5), [
      count,
      ...form.inputShape,
    ]);
    const y = int1d(runtime, [0, 1, 2]);
    const values = (net: Network, gate: Gate) => {
      const result = net.inputGradient(x, y, { score: 'logit', gate });
      result.scores.dispose();
      return { logits: taken(result.logits), gradient: taken(result.gradient) };
    };
    for (const gate of ['none', 'all-activations'] as const) {
      const [one, other] = [values(slow, gate), values(quick, gate)];
      expect(relativeError(other.logits, one.logits)).toBeLessThan(2e-5);
      // A ReLU whose argument is 0 but for rounding may open in one and not in the other.
      expect(relativeError(other.gradient, one.gradient)).toBeLessThan(2e-2);
    }
    // Whichever is asked, activations come from the layers as they are defined.
    const layer = builder.descriptor.layers.at(-1)?.name ?? '';
    const [of, same] = [slow, quick].map((net) => net.activationsAndGradients(x, y, layer));
    expect(taken(same?.gradients ?? x)).toEqual(taken(of?.gradients ?? x));
    tf.dispose([...Object.values(of ?? {}), ...Object.values(same ?? {}), x, y]);
    quick.dispose();
  });

  test.each(cases)('learn the same: %s', (_, builder, form) => {
    const { tf } = runtime;
    const { slow, quick } = both(builder, form);
    const [height, width, channels] = form.inputShape;
    const count = 8;
    const x = tensor4d(runtime, signed(count * height * width * channels, 6), [
      count,
      ...form.inputShape,
    ]);
    const y = int1d(runtime, [0, 1, 2, 3, 4, 0, 1, 2]);
    const gradients = (net: Network) => {
      const seen = new Map<string, Float32Array>();
      const optimiser = {
        apply(found: ReadonlyMap<{ name: string }, { dataSync(): unknown }>) {
          for (const [{ name }, gradient] of found) {
            seen.set(name, (gradient.dataSync() as Float32Array).slice());
          }
        },
      };
      const { loss, correct } = net.trainStep(x, y, { optimiser, seed: 1, step: 0 });
      correct.dispose();
      return { loss: taken(loss)[0] ?? NaN, seen };
    };
    const [one, other] = [gradients(slow), gradients(quick)];
    expect(Math.abs(one.loss - other.loss)).toBeLessThan(1e-4);
    expect([...other.seen.keys()].sort()).toEqual([...one.seen.keys()].sort());
    expect([...one.seen.keys()].sort()).toEqual(
      slow
        .parameters()
        .map(({ name }) => name)
        .sort(),
    );
    const errors = [...one.seen].map(([name, values]) =>
      relativeError(other.seen.get(name) ?? [], values),
    );
    expect(errors.sort((a, b) => a - b)[Math.floor(errors.length / 2)]).toBeLessThan(1e-3);
    tf.dispose([x, y]);
    quick.dispose();
  });

  test('stand where a pattern fits, and nowhere else', () => {
    const { kernels } = runtime;
    const kinds = (builder: NetworkBuilder, form: NetworkForm) => {
      const { quick, fast } = both(builder, form);
      const found = fast.map((layer) => layer.constructor);
      quick.dispose();
      return found;
    };
    const [[, cnn, digits], [, resnet, colour]] = cases as [(typeof cases)[0], (typeof cases)[0]];
    expect(kinds(cnn, digits).slice(0, 3)).toEqual([ConvolutionBlock, ConvolutionBlock, Flatten]);
    const blocks = kinds(resnet, colour);
    expect(blocks.slice(0, 9)).toEqual([Stem, ...new Array<unknown>(8).fill(ResidualBlock)]);
    expect(blocks).toHaveLength(11);
    // A ReLU in SELU's place, or a convolution without a pool behind it, stays as it is.
    const sizes = { inputs: 1, outputs: 4, kernel: 3, stride: 1, padding: 1 };
    const other = [
      new Conv2d(kernels, 'conv', sizes),
      new Activation(kernels, 'relu', 'relu'),
      new MaxPool(kernels, 'pool'),
      new Conv2d(kernels, 'last', { ...sizes, inputs: 4 }),
      new Activation(kernels, 'selu', 'selu'),
    ];
    expect(rewritten(kernels, other, mnistCnn.rewrites ?? [])).toEqual(other);
    for (const layer of other) for (const parameter of layer.parameters) parameter.dispose();
  });
});
