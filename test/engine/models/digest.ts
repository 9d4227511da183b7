import { createHash } from 'node:crypto';
import { initialise } from '../../../src/engine/models/initialise';
import { trainModel } from '../../../src/engine/models/train';
import { encodeModel } from '../../../src/engine/models/weights';
import { createModel } from '../networks';
import { int1d, taken, tensor4d, testRuntime, uniform } from '../support';

/** sha256 of weights after a short training and of input gradients: printed by a process's end. */
export async function digest(): Promise<string> {
  const runtime = await testRuntime();
  const { kernels } = runtime;
  const model = createModel(kernels, 'mnist-cnn');
  initialise(kernels, model, 7);
  const count = 300;
  const images = uniform(count * 784, 1).map((value) => Math.floor(value * 256) / 255);
  const labels = Uint8Array.from({ length: count }, (_, index) => index % 10);
  const data = { images, labels, count };
  await trainModel({
    kernels,
    model,
    train: data,
    validation: data,
    epochs: 1,
    batchSize: 128,
    learningRate: 1e-3,
    seed: 7,
  });
  const x = tensor4d(runtime, images.slice(0, 150 * 784), [150, 28, 28, 1]);
  const y = int1d(
    runtime,
    Array.from({ length: 150 }, (_, index) => index % 10),
  );
  const { gradient, scores, logits } = model.inputGradient(x, y, { score: 'logit', gate: 'none' });
  const hash = createHash('sha256').update(await encodeModel(model));
  for (const tensor of [gradient, scores, logits]) {
    hash.update(new Uint8Array(taken(tensor).buffer));
  }
  x.dispose();
  y.dispose();
  model.dispose();
  return hash.digest('hex');
}
