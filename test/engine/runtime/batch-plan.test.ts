import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  batchPlan,
  parsePlan,
  planVariable,
  wholePlan,
} from '../../../src/engine/runtime/batch-plan';
import { StudioError } from '../../../src/shared/errors';

describe('a batch plan of the user’s', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it('replaces the sizes that it names, and nothing else', () => {
    vi.stubEnv(planVariable, undefined);
    const standard = wholePlan();
    vi.stubEnv(planVariable, 'resnet18/gradient=75, mnist-cnn/forward=500');
    expect(wholePlan()).toEqual({
      ...standard,
      'resnet18/gradient': 75,
      'mnist-cnn/forward': 500,
    });
    expect(batchPlan('resnet18', 'gradient')).toEqual({ batch: 75 });
    vi.stubEnv(planVariable, undefined);
    expect(wholePlan()).toEqual(standard);
  });

  it.each([
    'resnet18/gradient=0',
    'resnet18/gradient=1025',
    'resnet18/gradient=7.5',
    'resnet18/train=64',
    'resnet50/gradient=64',
    'resnet18/gradient',
    'resnet18/gradient=75,',
    'constructor/forward=1',
  ])('refuses %s and says what is accepted', (text) => {
    expect(() => parsePlan(text)).toThrow(StudioError);
    expect(() => parsePlan(text)).toThrow(planVariable);
  });
});
