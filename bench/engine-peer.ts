import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { logitsOf } from '../src/engine/models/evaluate';
import { initialise } from '../src/engine/models/initialise';
import { pixelsOf } from '../src/engine/models/inputs';
import { type Model } from '../src/engine/models/model';
import { trainModel } from '../src/engine/models/train';
import { builtInAlgorithms } from '../src/engine/catalogues';
import { decodeModel, encodeModel } from '../src/engine/models/weights';
import { loadRuntime, type Runtime } from '../src/engine/runtime/load';
import { type Tensor1D, type Tensor4D } from '../src/engine/runtime/tensorflow';
import { makeMaps, noiseOf } from '../src/engine/saliency/make-maps';
import { predict } from '../src/engine/saliency/predict';
import { parseComposition } from '../src/shared/catalogue/compositions';
import { paperMethods } from '../src/shared/catalogue/methods';
import { defaultMapParameters } from '../src/shared/catalogue/parameters';
import { encodeNpy } from '../src/shared/npy';
import { type KernelTime, timeKernels } from './kernel-times';
import {
  dataOf,
  modelOf,
  recipeOf,
  type Workload,
  type WorkloadData,
  workloadSchema,
} from './workload';
import { builtInOperators } from '../src/engine/saliency/operators';

/**
 * The engine as the bench's other peer: reads one JSON command a line, answers with one. It calls
 * the engine's own functions, the same that the engine process calls.
 */
const commandSchema = z.discriminatedUnion('do', [
  z.object({
    do: z.literal('prepare'),
    folder: z.string(),
    images: z.int(),
    mnist: z.string(),
    workload: workloadSchema,
    epochs: z.int(),
  }),
  z.object({
    do: z.literal('load'),
    folder: z.string(),
    mnist: z.string(),
    workload: workloadSchema,
  }),
  z.object({ do: z.literal('maps') }),
  z.object({ do: z.literal('train'), batch: z.int(), steps: z.int() }),
  z.object({ do: z.literal('forward'), count: z.int() }),
  z.object({ do: z.literal('gradient'), count: z.int(), batch: z.int().optional() }),
  z.object({ do: z.literal('nine'), count: z.int() }),
  z.object({ do: z.literal('map') }),
  z.object({ do: z.literal('kernels'), work: z.enum(['gradient', 'train']).optional() }),
  z.object({ do: z.literal('peak'), size: z.int() }),
  z.object({
    do: z.literal('memory_of'),
    what: z.enum(['train', 'gradient', 'nine']),
    options: z.record(z.string(), z.int()),
  }),
]);
type Command = z.infer<typeof commandSchema>;

function memory(key: 'VmRSS' | 'VmHWM'): number {
  const line = readFileSync('/proc/self/status', 'utf8')
    .split('\n')
    .find((text) => text.startsWith(key));
  return Number(line?.split(/\s+/)[1] ?? 0) * 1024;
}

class EnginePeer {
  readonly #runtime: Runtime;
  readonly #loaded: number;
  #model: Model | null = null;
  #data: WorkloadData | null = null;
  #workload: Workload | null = null;
  #folder = '';
  #images = 0;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
    this.#loaded = memory('VmRSS');
  }

  get #ready() {
    const [model, data, workload] = [this.#model, this.#data, this.#workload];
    if (!model || !data || !workload) throw new Error('prepare comes first');
    const { inputShape, batches } = model;
    const size = inputShape[0] * inputShape[1] * inputShape[2];
    const plan = (kind: 'gradient' | 'forward') => batches[kind];
    const parameters = { ...defaultMapParameters, ...workload.maps };
    return { model, data, workload, size, plan, parameters, tf: this.#runtime.tf };
  }

  /** Train a little, so that gradients are those of a real model, and write what both peers use. */
  async prepare({ folder, images, mnist, workload, epochs }: Extract<Command, { do: 'prepare' }>) {
    const { kernels } = this.#runtime;
    const data = await dataOf(workload, mnist);
    this.#model?.dispose();
    const model = modelOf(kernels, workload);
    initialise(kernels, model, 0);
    this.#model = model;
    this.#data = data;
    this.#workload = workload;
    this.#folder = folder;
    this.#images = images;
    const { train, validation } = data;
    const [record] = await trainModel({
      kernels,
      model,
      train,
      validation: { ...validation, count: Math.min(250, validation.count) },
      epochs,
      ...recipeOf(workload),
      seed: 0,
    }).then((records) => records.slice(-1));
    writeFileSync(join(folder, 'model.safetensors'), await encodeModel(model));
    const indices = Int32Array.from({ length: images }, (_, i) => i);
    const save = (name: string, shape: number[], values: Float32Array | Uint8Array | Int32Array) =>
      writeFileSync(join(folder, `${name}.npy`), encodeNpy({ shape, data: values }));
    const { inputShape } = model;
    save('inputs', [images, ...inputShape], pixelsOf(validation.images, this.#ready.size, indices));
    save('targets', [images], Int32Array.from(validation.labels.subarray(0, images)));
    save('train-images', [train.count, ...inputShape], train.images);
    save('train-labels', [train.count], Int32Array.from(train.labels));
    return { accuracy: record?.validationAccuracy };
  }

  /** Take up the model that another peer prepared in `folder`, in a process that never trained. */
  async load({ folder, mnist, workload }: Extract<Command, { do: 'load' }>) {
    const file = 'model.safetensors';
    const bytes = readFileSync(join(folder, file));
    this.#model?.dispose();
    this.#model = decodeModel(this.#runtime.kernels, bytes, {
      ...builtInAlgorithms,
      file,
    });
    this.#data = await dataOf(workload, mnist);
    this.#workload = workload;
    this.#folder = folder;
    return {};
  }

  async #map(composition: string, count: number): Promise<Float32Array> {
    const { model, data, size, plan, parameters } = this.#ready;
    return makeMaps({
      runtime: this.#runtime,
      model,
      images: data.validation.images.subarray(0, count * size),
      labels: data.validation.labels.subarray(0, count),
      indices: Int32Array.from({ length: count }, (_, i) => i),
      operators: builtInOperators,
      composition: parseComposition(composition),
      parameters,
      seed: 0,
      batch: plan('gradient'),
      forwardBatch: plan('forward'),
    });
  }

  /** Write the nine maps and the noise they used. */
  async maps() {
    const { model, data, size, parameters } = this.#ready;
    const count = this.#images;
    const save = (name: string, shape: number[], values: Float32Array) =>
      writeFileSync(join(this.#folder, `${name}.npy`), encodeNpy({ shape, data: values }));
    const noise = noiseOf({
      runtime: this.#runtime,
      images: data.validation.images.subarray(0, count * size),
      indices: Int32Array.from({ length: count }, (_, i) => i),
      model,
      parameters,
      seed: 0,
    });
    save('noise', [count, parameters.n, ...model.inputShape], noise);
    for (const method of paperMethods) {
      save(method.id, [count, ...model.inputShape], await this.#map(method.composition, count));
    }
    return {};
  }

  async train({ batch, steps }: { batch: number; steps: number }) {
    const { kernels } = this.#runtime;
    const { data, workload } = this.#ready;
    const model = modelOf(kernels, workload);
    initialise(kernels, model, 1);
    const count = batch * steps;
    let seconds = 0;
    const started = performance.now();
    await trainModel({
      kernels,
      model,
      train: data.train,
      validation: { ...data.validation, count: 1 },
      subset: Int32Array.from({ length: count }, (_, i) => i % data.train.count),
      epochs: 1,
      ...recipeOf(workload),
      batchSize: batch,
      seed: 1,
      // The pass over the validation image afterwards is not training.
      onStep: () => (seconds = (performance.now() - started) / 1000),
    });
    model.dispose();
    return { rate: count / seconds };
  }

  async forward({ count }: { count: number }) {
    const { kernels } = this.#runtime;
    const { model, data, size } = this.#ready;
    const indices = Int32Array.from({ length: count }, (_, i) => i % data.validation.count);
    const pixels = pixelsOf(data.validation.images, size, indices);
    const started = performance.now();
    await logitsOf((start, end) => pixels.subarray(start * size, end * size), count, {
      kernels,
      model,
    });
    return { rate: (count / (performance.now() - started)) * 1000 };
  }

  gradient({ count, batch = this.#ready.plan('gradient') }: { count: number; batch?: number }) {
    const { model, data, size, tf } = this.#ready;
    const indices = Int32Array.from({ length: batch }, (_, i) => i % data.validation.count);
    const pixels = pixelsOf(data.validation.images, size, indices);
    const batches = Math.ceil(count / batch);
    const started = performance.now();
    for (let i = 0; i < batches; i += 1) {
      const gradient = tf.tidy(() => {
        const x = tf.tensor(pixels.slice(), [batch, ...model.inputShape], 'float32') as Tensor4D;
        const targets = tf.tensor1d(new Int32Array(batch).fill(3), 'int32') as Tensor1D;
        return model.inputGradient(x, targets, { score: 'logit', gate: 'none' }).gradient;
      });
      gradient.dataSync();
      gradient.dispose();
    }
    return { rate: (batches * batch * 1000) / (performance.now() - started) };
  }

  /** One batch of input gradients, and one step of training, by kernel. */
  async kernels({ work }: Extract<Command, { do: 'kernels' }>) {
    const { plan, workload } = this.#ready;
    const count = plan('gradient');
    const works = {
      gradient: () => this.gradient({ count }),
      train: () => this.train({ batch: workload.batch, steps: 1 }),
    };
    const times: Partial<Record<keyof typeof works, KernelTime[]>> = {};
    for (const name of work ? [work] : (['gradient', 'train'] as const)) {
      times[name] = await timeKernels(this.#runtime, works[name], 5);
    }
    return times;
  }

  async nine({ count }: { count: number }) {
    const started = performance.now();
    for (const method of paperMethods) await this.#map(method.composition, count);
    return { rate: (count / (performance.now() - started)) * 1000 };
  }

  /** What a person waits for who opens an image: its scores and the plain gradient's map. */
  async map() {
    const { model, data, size, plan } = this.#ready;
    const started = performance.now();
    await predict({
      runtime: this.#runtime,
      model,
      images: data.validation.images.subarray(0, size),
      forwardBatch: plan('forward'),
    });
    await this.#map('gradient', 1);
    return { rate: 1000 / (performance.now() - started) };
  }

  peak({ size }: { size: number }) {
    const { tf } = this.#runtime;
    const a = tf.randomUniform([size, size]);
    const b = tf.randomUniform([size, size]);
    const multiply = () => {
      const product = tf.matMul(a, b);
      product.dataSync();
      product.dispose();
    };
    multiply();
    const started = performance.now();
    for (let i = 0; i < 5; i += 1) multiply();
    const seconds = (performance.now() - started) / 1000;
    a.dispose();
    b.dispose();
    return { gflops: (5 * 2 * size ** 3) / seconds / 1e9 };
  }

  /** Peak resident memory while something runs, above the level after loading TensorFlow. */
  async memoryOf({ what, options }: Extract<Command, { do: 'memory_of' }>) {
    // What loading the model left over is no part of it; Python frees such things at once, and V8 gives
    // the memory of buffers that it collected back a little later.
    for (let round = 0; round < 2; round += 1) {
      globalThis.gc?.();
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    writeFileSync('/proc/self/clear_refs', '5');
    const tensors = this.#runtime.tf.memory().numTensors;
    await this.run(commandSchema.parse({ do: what, ...options }));
    return {
      bytes: memory('VmHWM') - this.#loaded,
      leaked: this.#runtime.tf.memory().numTensors - tensors,
    };
  }

  run(command: Command): Promise<object> | object {
    switch (command.do) {
      case 'prepare':
        return this.prepare(command);
      case 'load':
        return this.load(command);
      case 'maps':
        return this.maps();
      case 'train':
        return this.train(command);
      case 'forward':
        return this.forward(command);
      case 'gradient':
        return this.gradient({
          count: command.count,
          ...(command.batch ? { batch: command.batch } : {}),
        });
      case 'kernels':
        return this.kernels(command);
      case 'nine':
        return this.nine(command);
      case 'map':
        return this.map();
      case 'peak':
        return this.peak(command);
      case 'memory_of':
        return this.memoryOf(command);
    }
  }
}

const runtime = await loadRuntime({ threads: Number(process.env['BENCH_THREADS'] ?? 2) });
const peer = new EnginePeer(runtime);
console.log(JSON.stringify({ ready: true, versions: runtime.versions }));
for await (const line of createInterface({ input: process.stdin })) {
  try {
    console.log(JSON.stringify(await peer.run(commandSchema.parse(JSON.parse(line)))));
  } catch (error) {
    console.log(JSON.stringify({ error: error instanceof Error ? error.message : String(error) }));
  }
}
