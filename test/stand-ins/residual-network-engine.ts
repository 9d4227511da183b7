import { builtInAlgorithms } from '../../src/engine/catalogues';
import { Activation } from '../../src/engine/models/layers/activation';
import { Add } from '../../src/engine/models/layers/add';
import { Conv2d } from '../../src/engine/models/layers/conv2d';
import { Flatten } from '../../src/engine/models/layers/flatten';
import { Linear } from '../../src/engine/models/layers/linear';
import { MaxPool } from '../../src/engine/models/layers/max-pool';
import { Sequential } from '../../src/engine/models/layers/sequential';
import { builtInBuilders } from '../../src/engine/models/networks';
import { type NetworkBuilder } from '../../src/engine/models/networks/network-builder';
import { Networks } from '../../src/engine/models/networks/networks';
import { serveEngine } from '../../src/main/engine-process/serve-engine';
import { optionOf } from '../../src/shared/catalogue/network';
import { channelsOf, standInNetwork } from './residual-network';

const standIn: NetworkBuilder = {
  descriptor: standInNetwork,
  layers(kernels, form) {
    const [height, width, inputs] = form.inputShape;
    const outputs = channelsOf(optionOf(form, 'width'));
    const sizes = { outputs, kernel: 3, stride: 1, padding: 1 };
    const features = [Math.floor(height / 2), Math.floor(width / 2), outputs];
    return [
      new Conv2d(kernels, 'first', { ...sizes, inputs }),
      new Activation(kernels, 'selu', 'selu'),
      new Add(kernels, 'sum', {
        main: new Sequential('main', [
          new Conv2d(kernels, 'second', { ...sizes, inputs: outputs }),
          new Activation(kernels, 'inner', 'relu'),
        ]),
        shortcut: null,
      }),
      new Activation(kernels, 'rectified', 'relu'),
      new MaxPool(kernels, 'pool'),
      new Flatten('flatten'),
      new Linear(kernels, 'out', { inputs: features, outputs: form.classes }),
    ];
  },
  formOf(shapes, size) {
    const [count, inputs = 1] = shapes.get('first.weight')?.shape ?? [];
    const [classes = 10] = shapes.get('out.weight')?.shape ?? [];
    const [height, width] = size ?? [28, 28];
    return {
      inputShape: [height, width, inputs],
      classes,
      options: { width: count === channelsOf('wide') ? 'wide' : 'narrow' },
    };
  },
};

serveEngine({ ...builtInAlgorithms, networks: new Networks([...builtInBuilders, standIn]) });
