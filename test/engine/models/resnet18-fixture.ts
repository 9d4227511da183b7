import { readFileSync } from 'node:fs';
import type { Model } from '../../../src/engine/models/model';
import { decodeSafetensors } from '../../../src/engine/models/safetensors';
import type { Runtime } from '../../../src/engine/runtime/load';
import { createModel, type Stem } from '../networks';
import { signed, uniform } from '../support';

const file = new URL('../../fixtures/torch-resnet18.safetensors', import.meta.url);
const fixture = decodeSafetensors(readFileSync(file), 'torch-resnet18.safetensors');

/** What test/fixtures/torch-resnet18.py computed, or a sample of it. */
export function reference(name: string): Float32Array {
  const tensor = fixture.tensors.get(name);
  if (!tensor) throw new RangeError(`the fixture has no ${name}`);
  return tensor.data;
}

export type { Stem } from '../networks';
export const count = 4;
export const targets = [3, 1, 4, 9];
export const sides = { imagenet: 64, small: 32 } as const;

/** Every so many-th value, about `wanted` of them, as the script takes them. */
export function sample(values: Float32Array, wanted = 24): Float32Array {
  const step = Math.ceil(values.length / wanted);
  return values.filter((_, index) => index % step === 0);
}

/** The script's model. The caller disposes it. */
export function scriptedModel({ kernels }: Runtime, stem: Stem): Model {
  const inputShape = [sides[stem], sides[stem], 3] as const;
  const model = createModel(kernels, 'resnet18', undefined, { inputShape, classes: 10, stem });
  model.parameters().forEach((parameter, index) => {
    const { name, torchShape } = parameter.layout;
    parameter.write(values(name, torchShape, index + 1));
  });
  const statistics = model.buffers().filter(({ shape }) => shape.length > 0);
  statistics.forEach((buffer) => {
    // The script counts all buffers, three a layer.
    const salt = model.buffers().indexOf(buffer) + 1001;
    buffer.write(values(buffer.name, buffer.shape, salt));
  });
  return model;
}

const drawn = new Map<string, Float32Array>();

/** The two stems share most of their values. */
function values(name: string, shape: readonly number[], salt: number): Float32Array {
  const key = `${name} ${shape.join()}`;
  const result = drawn.get(key) ?? draw(name, shape, salt);
  drawn.set(key, result);
  return result;
}

function draw(name: string, shape: readonly number[], salt: number): Float32Array {
  const size = shape.reduce((product, side) => product * side, 1);
  if (shape.length === 4) {
    const [outputs = 1, , height = 1, width = 1] = shape;
    const bound = Math.fround(Math.sqrt(6 / (outputs * height * width)));
    return signed(size, salt).map((value) => value * bound);
  }
  if (name.startsWith('fc.')) {
    const bound = Math.fround(1 / Math.sqrt(512));
    return signed(size, salt).map((value) => value * bound);
  }
  if (name.endsWith('weight') || name.endsWith('running_var')) {
    return uniform(size, salt).map((value) => value + 0.5);
  }
  return signed(size, salt).map((value) => value * 0.5);
}

/** The script's images, float32 [4, side, side, 3]. */
export function scriptedImages(stem: Stem): Float32Array {
  const side = sides[stem];
  const pixels = uniform(count * side * side * 3, 100).map((value) => value * 4 - 2);
  return pixels.map((value, index) => {
    const x = Math.floor(index / 3) % side;
    const y = Math.floor(index / (3 * side)) % side;
    return y >= 4 && y < side / 2 && x >= 6 && x < side / 2 ? 0 : value;
  });
}
