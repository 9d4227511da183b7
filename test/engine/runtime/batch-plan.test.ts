import { afterEach, describe, expect, it, vi } from 'vitest';
import { parsePlan, planVariable } from '../../../src/engine/runtime/batch-plan';
import { builtInNetworks } from '../../../src/shared/catalogue/networks';
import { StudioError } from '../../../src/shared/errors';
import { batchPlan, networks } from '../networks';

const standard = new Map(builtInNetworks.map(({ id, batches }) => [id, batches]));

describe('a batch plan of the user’s', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it('replaces the sizes that it names, and nothing else', () => {
    vi.stubEnv(planVariable, undefined);
    const usual = networks.wholePlan();
    vi.stubEnv(planVariable, 'resnet18/gradient=75, mnist-cnn/forward=500');
    expect(networks.wholePlan()).toEqual({
      ...usual,
      'resnet18/gradient': 75,
      'mnist-cnn/forward': 500,
    });
    expect(batchPlan('resnet18', 'gradient')).toEqual({ batch: 75 });
    vi.stubEnv(planVariable, undefined);
    expect(networks.wholePlan()).toEqual(usual);
  });

  it.each([
    'resnet18/gradient=0',
    'resnet18/gradient=1025',
    'resnet18/gradient=7.5',
    'resnet18/train=64',
    'resnet5/gradient=64',
    'resnet18/gradient',
    'resnet18/gradient=75,',
    'constructor/forward=1',
  ])('refuses %s and says what is accepted', (text) => {
    expect(() => parsePlan(text, standard)).toThrow(StudioError);
    expect(() => parsePlan(text, standard)).toThrow(planVariable);
  });
});
