import { mnistCnn } from './mnist-cnn';
import type { NetworkBuilder } from './network-builder';
import { resnet18 } from './resnet18';

/** Every network that Saliency Studio comes with: one file and one line each. */
export const builtInBuilders: readonly NetworkBuilder[] = [mnistCnn, resnet18];
