import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Composition,
  formatComposition,
  parseComposition,
} from '../../src/shared/catalogue/compositions';
import { builtInMethods, composedMethodId, methodSchema } from '../../src/shared/catalogue/methods';
import { OperatorCatalogue } from '../../src/shared/catalogue/operator-catalogue';
import { builtInOperators } from '../../src/shared/catalogue/operators';
import { defaultMapParameters } from '../../src/shared/catalogue/parameters';
import { StudioError } from '../../src/shared/errors';

const operators = new OperatorCatalogue(builtInOperators);
const wrappers = operators.ofFamily('wrapper').map(({ id }) => id);

const compositions: fc.Arbitrary<Composition> = fc
  .tuple(fc.constantFrom('gradient', 'guided'), fc.shuffledSubarray(wrappers))
  .map(([base, ops]) => ops.reduce<Composition>((of, op) => ({ op, of }), { op: base }));

describe('compositions', () => {
  it('reads what it writes', () => {
    fc.assert(
      fc.property(compositions, (composition) => {
        expect(parseComposition(formatComposition(composition))).toEqual(composition);
      }),
    );
  });

  it.each([
    '',
    'grad',
    'smooth()',
    'smooth(smooth(gradient))',
    'smooth(variance(gradient))',
    'smooth(random)',
    'integrate(gradient',
    'gradient)',
  ])('refuses %j and says what is accepted', (text) => {
    expect(() => operators.parse(text)).toThrow(StudioError);
    expect(() => operators.parse(text)).toThrow(/accepted: (gradient or guided|an operator)/);
  });

  it('knows which wrappers repeat the backward pass and go together, whatever there are', () => {
    const idsOf = (without: string) =>
      new OperatorCatalogue(builtInOperators.filter(({ id }) => id !== without)).repeating.map(
        ({ id }) => id,
      );
    expect(idsOf('')).toEqual(['smooth', 'integrate']);
    expect(idsOf('smooth')).toEqual(['variance', 'integrate']);
    expect(new OperatorCatalogue([]).repeating).toEqual([]);
  });

  it('counts the gradients of the methods as the plan does', () => {
    const counts = builtInMethods.map((method) =>
      operators.cost(parseComposition(method.composition), defaultMapParameters),
    );
    expect(counts).toEqual([1, 1, 15, 50, 1, 750, 15, 750, 50, 15, 15, 1, 22, 1334, 0, 0]);
  });

  it('knows whose values hold the input already', () => {
    const holds = (text: string) => operators.holdsInput(parseComposition(text));
    const without = ['gradient', 'guided', 'smooth(guided)', 'variance(gradient)'];
    expect(without.filter(holds)).toEqual([]);
    const within = [
      ...['times-input(gradient)', 'smooth(times-input(gradient))', 'integrate(smooth(guided))'],
      ...['grad-cam', 'occlusion', 'rise', 'random', 'sobel'],
    ];
    expect(within.filter(holds)).toEqual(within);
  });

  it('gives every composition an id that the schema takes', () => {
    fc.assert(
      fc.property(compositions, (composition) => {
        const text = formatComposition(composition);
        const method = {
          id: composedMethodId(text),
          name: text,
          composition: text,
          group: 'composed',
          equations: '',
        };
        expect(methodSchema.safeParse(method).success).toBe(true);
      }),
    );
    expect(composedMethodId('integrate(smooth(guided))')).toBe('composed-integrate-smooth-guided');
  });

  it('keys a map only by the parameters that its composition depends on', () => {
    const gradient = operators.relevant(parseComposition('gradient'), defaultMapParameters);
    expect(Object.keys(gradient).sort()).toEqual(['score', 'target']);
    const smooth = operators.relevant(parseComposition('smooth(guided)'), defaultMapParameters);
    expect(smooth).toMatchObject({ n: 15, sigma: 0.15, guidedGate: 'all-activations' });
    expect(smooth).not.toHaveProperty('steps');
    expect(operators.relevant(parseComposition('random'), defaultMapParameters)).toEqual({});
  });
});
