import { mnistCnn } from './mnist-cnn';
import type { NetworkBuilder } from './network-builder';
import { resnet18, resnet34, resnet50 } from './resnets';
import { vgg11, vgg11Bn, vgg16, vgg16Bn } from './vgg';

/** Every network that Saliency Studio comes with: one file and one line each. */
export const builtInBuilders: readonly NetworkBuilder[] = [
  mnistCnn,
  resnet18,
  resnet34,
  resnet50,
  vgg11,
  vgg11Bn,
  vgg16,
  vgg16Bn,
];
