import { describe, expect, it } from 'vitest';
import { headTensors, stateTensors } from '../../src/shared/catalogue/network-size';
import { type NetworkForm } from '../../src/shared/catalogue/network';
import { builtInNetworks, mnistCnn, resnet18 } from '../../src/shared/catalogue/networks';
import {
  startFit,
  startOptions,
  type WeightShapes,
} from '../../src/shared/catalogue/starting-weights';

type Network = typeof resnet18;
const formOf = (form: Partial<NetworkForm> = {}): NetworkForm => ({
  ...{ inputShape: [64, 64, 3], classes: 10, options: {} },
  ...form,
});
const shapesOf = (network: Network, form: Partial<NetworkForm> = {}): WeightShapes =>
  new Map(stateTensors(network, formOf(form)).map(({ name, shape }) => [name, shape]));

describe('weights that training is to start from', () => {
  it('have one linear layer for a head in every network', () => {
    for (const network of builtInNetworks) {
      const head = [...headTensors(network, formOf())];
      const last = stateTensors(network, formOf()).slice(-2);
      expect(head).toEqual(last.map(({ name }) => name));
      expect(last.map(({ shape }) => shape[0])).toEqual([10, 10]);
    }
  });

  it('fit a network of their own form, and but for the head one of other classes or another size', () => {
    for (const network of builtInNetworks) {
      const shapes = shapesOf(network);
      expect(startFit(network, formOf(), shapes)).toEqual({ problem: null, head: true });
      expect(startFit(network, formOf({ classes: 3 }), shapes)).toEqual({
        ...{ problem: null, head: false },
      });
    }
    const larger = formOf({ inputShape: [224, 224, 3] });
    expect(startFit(resnet18, larger, shapesOf(resnet18))).toEqual({ problem: null, head: true });
  });

  it('are refused by the tensor that keeps them from it', () => {
    const problem = (network: Network, form: NetworkForm, shapes: WeightShapes) =>
      startFit(network, form, shapes).problem;
    const digits = { inputShape: [28, 28, 1] } as const;
    expect(problem(mnistCnn, formOf({ inputShape: [32, 32, 1] }), shapesOf(mnistCnn, digits))).toBe(
      'linear1.weight is of shape [128, 3136] there, and is to be [128, 4096]',
    );
    expect(problem(mnistCnn, formOf({ inputShape: [28, 28, 3] }), shapesOf(mnistCnn, digits))).toBe(
      'conv1.weight is of shape [32, 1, 3, 3] there, and is to be [32, 3, 3, 3]',
    );
    expect(problem(resnet18, formOf(), shapesOf(mnistCnn))).toMatch(/^they lack /);
    const more = new Map([...shapesOf(resnet18), ['more.weight', [1]] as const]);
    expect(problem(resnet18, formOf(), more)).toBe('they hold more.weight, which it lacks');
  });

  it('tell the options that they were trained with', () => {
    const small = shapesOf(resnet18, { options: { stem: 'small' } });
    expect(startOptions(resnet18, formOf(), small)).toEqual({ stem: 'small' });
    expect(startOptions(resnet18, formOf({ classes: 3 }), shapesOf(resnet18))).toEqual({
      stem: 'imagenet',
    });
    expect(startOptions(mnistCnn, formOf(), small)).toBeNull();
  });
});
