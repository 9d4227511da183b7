import { describe, expect, it } from 'vitest';
import { baseOperator, directOperator } from '../../../src/engine/saliency/operator';
import { builtInOperators, Operators } from '../../../src/engine/saliency/operators';
import { OperatorCatalogue } from '../../../src/shared/catalogue/operator-catalogue';
import { gradient, smooth } from '../../../src/shared/catalogue/operators';
import { integer } from '../../../src/shared/catalogue/parameter';

const own = { ...gradient, id: 'own' };

describe('an engine’s operators', () => {
  it('are refused at start where one reads what its descriptor lacks', () => {
    const reads = (values: object) => (values as { sigma: number }).sigma;
    const base = baseOperator(own, (values) => ({
      gate: reads(values) > 0 ? 'none' : 'relu-only',
      score: values.score,
      target: values.target,
    }));
    expect(() => new Operators([...builtInOperators.all, base])).toThrow(
      'the operator own reads sigma, which its descriptor lacks',
    );
    const direct = directOperator({ ...own, family: 'direct' }, (values) => ({
      target: reads(values) > 0 ? 'label' : 'predicted',
      attribute: () => Promise.resolve(new Float32Array(0)),
    }));
    expect(() => new Operators([...builtInOperators.all, direct])).toThrow(/reads sigma/);
  });

  it('are refused at start where one is of another family than it says', () => {
    const base = baseOperator({ ...own, family: 'control' }, ({ score, target }) => ({
      gate: 'none',
      score,
      target,
    }));
    expect(() => new Operators([base])).toThrow('own is no control operator');
  });

  it('are told apart from another build’s by every word of a descriptor', () => {
    const others = [{ ...smooth, cost: [2] }];
    expect(() => builtInOperators.requireSame(others)).toThrow(/smooth has other parameters/);
    expect(() => builtInOperators.requireSame([own])).toThrow(/no operator own/);
    builtInOperators.requireSame(builtInOperators.catalogue.operators);
  });
});

describe('a catalogue of operators', () => {
  it('is refused where two share an id, or a parameter in two ways', () => {
    expect(() => new OperatorCatalogue([gradient, gradient])).toThrow('two operators have one id');
    const n = integer({ label: 'Another n', low: 0, high: 9, default: 1 });
    expect(
      () => new OperatorCatalogue([smooth, { ...own, parameters: { ...own.parameters, n } }]),
    ).toThrow('own describes the parameter n in its own way');
    expect(() => new OperatorCatalogue([{ ...own, cost: ['n'] }])).toThrow('own costs by n');
  });

  it('groups parameters as forms show them: each once', () => {
    const { catalogue } = builtInOperators;
    const groups = catalogue
      .groups()
      .map(({ title, parameters }) => [title, Object.keys(parameters).length]);
    expect(groups).toEqual([
      ['Smooth', 4],
      ['Integrate', 3],
      ['Gradient, Guided backprop', 3],
    ]);
    expect(Object.keys(catalogue.parameters)).toHaveLength(10);
  });
});
