import { arithmeticOn, numerics } from '../../../engine/runtime/arithmetic';
import { toErrorData } from '../../../shared/errors';
import { type Operation } from '../operation';

/**
 * Load TensorFlow and say what it runs on, or why it is not there and how to mend it. An engine whose
 * operators or measured metrics are not those that core knows is none.
 */
export const describe: Operation<'describe'> = async ({ operators, metrics }, context) => {
  const { networks } = context.catalogues;
  const plan = networks.wholePlan();
  try {
    context.catalogues.operators.requireSame(operators);
    context.catalogues.measures.requireSame(metrics);
    const { device, deviceName, threads, oneDnn, versions } = await context.runtime();
    return {
      available: true,
      reason: null,
      remedy: null,
      device,
      deviceName,
      threads,
      oneDnn,
      versions: { ...versions },
      plan,
      numerics,
      arithmetic: arithmeticOn(device, networks.arithmetic(), { operators, metrics }),
    };
  } catch (error) {
    const { message, details } = toErrorData(error);
    return {
      available: false,
      reason: details?.['reason'] ?? message,
      remedy: details?.['remedy'] ?? 'npm run setup',
      device: null,
      deviceName: null,
      threads: null,
      oneDnn: null,
      versions: { node: process.versions.node },
      plan,
      numerics,
      arithmetic: {},
    };
  }
};
