import { beforeAll, describe, expect, it } from 'vitest';
import { createModel } from '../../../src/engine/models/architectures';
import { createOptimiser } from '../../../src/engine/models/create-optimiser';
import { encodeModel, encodeOptimiser } from '../../../src/engine/models/weights';
import type { Runtime } from '../../../src/engine/runtime/load';
import { architectures } from '../../../src/shared/catalogue/datasets';
import {
  type NetworkForm,
  optimiserBytes,
  parameterCount,
  stateTensors,
  weightsBytes,
} from '../../../src/shared/catalogue/networks';
import { testRuntime } from '../support';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await testRuntime();
});

const forms: Readonly<Record<(typeof architectures)[number], readonly NetworkForm[]>> = {
  'mnist-cnn': [{ inputShape: [28, 28, 1], classes: 10, stem: 'imagenet' }],
  resnet18: [
    { inputShape: [32, 32, 3], classes: 10, stem: 'imagenet' },
    { inputShape: [64, 64, 3], classes: 200, stem: 'small' },
    { inputShape: [28, 28, 1], classes: 2, stem: 'small' },
  ],
};
const cases = architectures.flatMap((architecture) =>
  forms[architecture].map((form) => ({ architecture, ...form })),
);

describe.each(cases)(
  '$architecture of $inputShape, $classes classes, stem $stem',
  ({ architecture, ...form }) => {
    it('has the tensors of its definition', () => {
      const shape = [...form.inputShape] as [number, number, number];
      const model = createModel(runtime.kernels, architecture, undefined, {
        ...form,
        inputShape: shape,
      });
      const own = [
        ...model.parameters().map(({ name, layout }) => [name, layout.torchShape, 'F32', true]),
        ...model.buffers().map(({ name, shape: of, type }) => [name, of, type, false]),
      ];
      model.dispose();
      const stated = stateTensors(architecture, form).map((tensor) => [
        ...[tensor.name, tensor.shape, tensor.type, tensor.trained],
      ]);
      const byName = (a: unknown[], b: unknown[]) => String(a[0]).localeCompare(String(b[0]));
      expect(stated.sort(byName)).toEqual(own.sort(byName));
    });

    it('takes the disk that is forecast for its weights and its optimisers', async () => {
      const model = createModel(runtime.kernels, architecture, undefined, form);
      const close = (forecast: number, real: number) => {
        // All values, and a header of less than a thousandth.
        expect(real).toBeGreaterThanOrEqual(forecast);
        expect(real).toBeLessThan(forecast * 1.001);
      };
      close(weightsBytes(architecture, form), (await encodeModel(model)).length);
      for (const settings of [
        { kind: 'adam' as const },
        { kind: 'sgd' as const, momentum: 0.9, weightDecay: 0 },
        { kind: 'sgd' as const, momentum: 0, weightDecay: 0 },
      ]) {
        const optimiser = createOptimiser(runtime.kernels, model.parameters(), {
          ...settings,
          learningRate: 0.1,
        });
        const real = (await encodeOptimiser(model, optimiser)).length;
        optimiser.dispose();
        close(optimiserBytes(architecture, form, { optimiser: settings.kind }), real);
      }
      model.dispose();
    });
  },
);

it('counts torchvision’s resnet18 as torchvision does, and the paper’s network by hand', () => {
  const form: NetworkForm = { inputShape: [224, 224, 3], classes: 1000, stem: 'imagenet' };
  expect(parameterCount('resnet18', form)).toBe(11_689_512);
  // And its buffers: two running statistics for each of 4,800 channels, 20 counts of batches.
  expect(weightsBytes('resnet18', form)).toBe(4 * (11_689_512 + 2 * 4800) + 20 * 8);
  expect(parameterCount('mnist-cnn', form)).toBe(421_642);
});
