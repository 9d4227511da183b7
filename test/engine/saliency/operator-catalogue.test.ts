import { describe, expect, it } from 'vitest';
import { noisyPoints } from '../../../src/engine/saliency/noisy-points';
import {
  baseOperator,
  controlOperator,
  type DirectContext,
  directOperator,
  wrapperOperator,
} from '../../../src/engine/saliency/operator';
import { builtInOperators, Operators } from '../../../src/engine/saliency/operators';
import { OperatorCatalogue } from '../../../src/shared/catalogue/operator-catalogue';
import { gradient, smooth } from '../../../src/shared/catalogue/operators';
import { integer } from '../../../src/shared/catalogue/parameter';
import { analyticModel, maps } from './models';

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

  it('are refused at start where one takes noise that is not drawn, or hides the model', () => {
    const noisy = wrapperOperator(
      { ...smooth, id: 'noisy', drawn: false },
      ({ n, sigma, sigmaMode }) => ({
        ...noisyPoints({ n, sigma, sigmaMode }),
        aggregate: { kind: 'variance' },
        factor: null,
      }),
    );
    expect(() => new Operators([...builtInOperators.all, noisy])).toThrow(
      'the operator noisy takes noise and is not drawn',
    );
    const hidden = baseOperator({ ...own, usesModel: false }, ({ score, target }) => ({
      gate: 'none',
      score,
      target,
    }));
    expect(() => new Operators([...builtInOperators.all, hidden])).toThrow(
      'own is a gradient of the model, and its usesModel is false',
    );
  });

  it('are stopped where one reads the seed or the model, which its key would lack', async () => {
    const alone = { ...own, parameters: {}, cost: [0], drawn: false, usesModel: false };
    const control = controlOperator(
      { ...alone, id: 'seeded', family: 'control' },
      () =>
        ({ seed }) =>
          Float32Array.of(seed),
    );
    const reading = (id: string, values: (context: DirectContext) => number) =>
      directOperator({ ...alone, id, family: 'direct' }, () => ({
        target: 'predicted',
        attribute: (context) => Promise.resolve(Float32Array.of(values(context))),
      }));
    const operators = new Operators([
      ...builtInOperators.all,
      control,
      reading('modelled', ({ model }) => model.classes),
      reading('aimed', ({ targets }) => targets.length),
      reading('scaled', ({ input }) => input(0).length),
      reading('seeded-too', ({ seed }) => seed),
      reading('honest', ({ pixels }) => pixels(0)[0] as number),
    ]);
    const model = analyticModel({ shape: [1, 1, 1], logits: () => [0], gradient: (x) => x });
    const make = (composition: string) =>
      maps(model, Float32Array.of(0.25), composition, {}, { operators });
    await expect(make('seeded')).rejects.toThrow(
      'the operator seeded reads seed, and its descriptor’s drawn is false',
    );
    await expect(make('modelled')).rejects.toThrow('modelled reads model');
    await expect(make('aimed')).rejects.toThrow('aimed reads targets');
    await expect(make('scaled')).rejects.toThrow('scaled reads input');
    await expect(make('seeded-too')).rejects.toThrow('seeded-too reads seed');
    expect([...(await make('honest'))]).toEqual([0.25]);
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
      ['Grad-CAM', 1],
      ['Occlusion', 2],
      ['RISE', 3],
      ['Gradient, Guided backprop', 3],
    ]);
    expect(Object.keys(catalogue.parameters)).toHaveLength(16);
  });
});
