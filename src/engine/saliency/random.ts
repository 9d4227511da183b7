import { valueAt } from '../../shared/checked-reads';
import { deriveSeed } from '../../shared/seeds';
import { random as descriptor } from '../../shared/catalogue/operators';
import { controlOperator } from './operator';

/** Uniform values in [0, 1), one fixed draw per (seed, 'random-map', image). */
export const random = controlOperator(
  descriptor,
  () =>
    ({ runtime, shape: [height, width], seed, indices }, position) => {
      const pair = deriveSeed(seed, 'random-map', valueAt(indices, position));
      const map = runtime.kernels.uniform([height, width], pair);
      const values = map.dataSync<'float32'>();
      map.dispose();
      return values;
    },
);
