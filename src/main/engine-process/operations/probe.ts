import { probe as numbersOf } from '../../../engine/probe';
import { type Operation } from '../operation';

export const probe: Operation<'probe'> = async (_input, context) => {
  const { catalogues, signal, report } = context;
  const sha256 = await numbersOf({
    runtime: await context.runtime(),
    networks: catalogues.networks,
    operators: catalogues.operators,
    signal,
    report: (done, total) => report({ done, total, unit: 'networks' }),
  });
  return { sha256 };
};
