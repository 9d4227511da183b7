// @ts-check
import { registerHooks } from 'node:module';

/** Loaded into a process, keeps TensorFlow out of it. */
registerHooks({
  load(url, context, nextLoad) {
    if (url.includes('/@tensorflow/tfjs-node-gpu/')) {
      throw new Error('a test file that needs TensorFlow is named NAME.engine.test.ts');
    }
    return nextLoad(url, context);
  },
});
