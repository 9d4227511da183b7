import { z } from 'zod';
import { canonicalJson } from '../canonical';
import { valueAt } from '../checked-reads';
import { parse, refuse } from '../errors';
import { type Composition, operatorsOf, parseComposition } from './compositions';
import { isImportedComposition } from './methods';
import { type OperatorDescriptor, type OperatorFamily } from './operator';
import {
  costOf,
  type Parameters,
  type ParameterValue,
  type ParameterValues,
  shapeOf,
  factOf,
} from './parameter';

const importedMaps: Omit<OperatorDescriptor, 'id'> = {
  family: 'imported',
  label: 'Imported maps',
  help: 'made elsewhere',
  equation: '',
  parameters: {},
  drawn: false,
  usesModel: false,
  cost: [0],
};

export interface ParameterGroup {
  readonly title: string;
  readonly equation: string;
  readonly parameters: Parameters;
}

/** The operators that there are, and everything that follows from their descriptors. */
export class OperatorCatalogue {
  readonly operators: readonly OperatorDescriptor[];
  /** Every parameter of any operator, by its name. */
  readonly parameters: Parameters;
  readonly #byId: ReadonlyMap<string, OperatorDescriptor>;

  /** @throws RangeError for an id twice, and for a parameter that two operators describe differently */
  constructor(operators: readonly OperatorDescriptor[]) {
    this.operators = operators;
    this.#byId = new Map(operators.map((operator) => [operator.id, operator]));
    if (this.#byId.size < operators.length) throw new RangeError('two operators have one id');
    const parameters: Record<string, Parameters[string]> = {};
    for (const { id, parameters: own, cost } of operators) {
      for (const [name, parameter] of Object.entries(own)) {
        const known = (parameters[name] ??= parameter);
        if (canonicalJson(known) !== canonicalJson(parameter)) {
          throw new RangeError(`${id} describes the parameter ${name} in its own way`);
        }
      }
      const priced = cost.find((factor) => typeof factor === 'string' && !(factor in own));
      if (priced !== undefined) throw new RangeError(`${id} costs by ${priced}, which it lacks`);
    }
    this.parameters = parameters;
  }

  /** @throws StudioError `invalid-input` naming the field, for an operator that there is none of */
  get(id: string, field = 'composition'): OperatorDescriptor {
    const operator = this.#find(id);
    if (!operator) throw refuse(field, id, this.grammar);
    return operator;
  }

  /** Maps that were made elsewhere are named as operators are, and each is one of its own. */
  #find(id: string): OperatorDescriptor | undefined {
    return isImportedComposition(id) ? { ...importedMaps, id } : this.#byId.get(id);
  }

  ofFamily(family: OperatorFamily): readonly OperatorDescriptor[] {
    return this.operators.filter((operator) => operator.family === family);
  }

  /**
   * Parameters as forms show them: those of each wrapper, of each direct operator and control, and at last
   * those of all bases, of which others have some too. A form's own settings follow them.
   */
  groups(): readonly ParameterGroup[] {
    const shown = new Set<string>();
    const group = (operators: readonly OperatorDescriptor[]): ParameterGroup[] => {
      const names = operators
        .flatMap(({ parameters }) => Object.keys(parameters))
        .filter((name) => !shown.has(name) && Boolean(shown.add(name)));
      if (names.length === 0) return [];
      return [
        {
          title: operators.map(({ label }) => label).join(', '),
          equation: operators.flatMap(({ equation }) => equation || []).join('; '),
          parameters: Object.fromEntries(
            Object.entries(this.parameters).filter(([name]) => names.includes(name)),
          ),
        },
      ];
    };
    const each = (family: OperatorFamily) =>
      this.ofFamily(family).flatMap((operator) => group([operator]));
    // Whoever comes first has what is shared.
    const wrappers = each('wrapper');
    const bases = group(this.ofFamily('base'));
    return [...wrappers, ...each('direct'), ...each('control'), ...bases];
  }

  /** What is accepted as a composition. */
  get grammar(): string {
    const of = (family: OperatorFamily) => this.ofFamily(family).map(({ id }) => id);
    const wrapped = `${listed(of('base'))}, wrapped in any of ${of('wrapper')
      .map((id) => `${id}(…)`)
      .join(', ')} at most once each, with one draw of noise`;
    return [wrapped, ...of('direct'), ...of('control')].join('; or ');
  }

  /**
   * A composition of these operators: each wrapper at most once around a base, or one that stands
   * alone.
   *
   * @throws StudioError `invalid-input` naming the field and what is accepted
   */
  parse(text: string, field = 'composition'): Composition {
    const composition = parseComposition(text);
    const refusal = refuse(field, text, this.grammar);
    const wrappers = [...operatorsOf(composition)];
    const inner = this.#find(wrappers.pop() ?? '')?.family;
    if (inner === undefined || inner === 'wrapper') throw refusal;
    const inside: string[] = [];
    for (const id of wrappers.reverse()) {
      if (inner !== 'base' || !this.wrappersAround(inside).some((one) => one.id === id)) {
        throw refusal;
      }
      inside.push(id);
    }
    return composition;
  }

  /** The wrappers that may go around a base that is wrapped by those already. */
  wrappersAround(wrapped: readonly string[]): readonly OperatorDescriptor[] {
    // An image's noise is one draw, which one wrapper takes.
    const draws = wrapped.some((id) => this.get(id).drawn);
    return this.ofFamily('wrapper').filter(
      ({ id, drawn }) => !wrapped.includes(id) && !(draws && drawn),
    );
  }

  /** The wrappers that repeat the backward pass, in their order, as far as they go together. */
  get repeating(): readonly OperatorDescriptor[] {
    return this.ofFamily('wrapper').reduce<readonly OperatorDescriptor[]>((taken, wrapper) => {
      const offered = this.wrappersAround(taken.map(({ id }) => id));
      return wrapper.cost.length > 0 && offered.includes(wrapper) ? [...taken, wrapper] : taken;
    }, []);
  }

  /** The descriptors of a composition, outermost first. */
  of(composition: Composition): readonly OperatorDescriptor[] {
    return operatorsOf(composition).map((id) => this.get(id));
  }

  /** Backward passes an image, or what comes to as many: a whole number. */
  cost(composition: Composition, values: ParameterValues): number {
    const factors = this.of(composition).flatMap(({ cost }) => cost);
    const passes = costOf(factors, (name) => this.#value(name, values));
    // A product of thirds may come out a hair above a whole number.
    return Math.max(0, Math.ceil(passes - 1e-9));
  }

  /** The parameters that a composition's values depend on: an artifact's key holds these alone. */
  relevant(composition: Composition, values: ParameterValues): ParameterValues {
    const names = this.of(composition).flatMap(({ parameters }) => Object.keys(parameters));
    return Object.fromEntries([...new Set(names)].map((name) => [name, this.#value(name, values)]));
  }

  /** The numbers of bases and wrappers, and whatever is not as by default, in a line. */
  inWords(values: ParameterValues): string {
    const usual = new Set(
      [...this.ofFamily('base'), ...this.ofFamily('wrapper')].flatMap(({ parameters }) =>
        Object.keys(parameters),
      ),
    );
    return Object.entries(this.parameters)
      .flatMap(([name, parameter]) => {
        const value = values[name];
        const numeric = parameter.kind === 'integer' || parameter.kind === 'number';
        const told = numeric && usual.has(name);
        if (value === undefined || (!told && value === parameter.default)) return [];
        return factOf(parameter, value);
      })
      .join(', ');
  }

  /** Whether the seed counts. */
  drawn(composition: Composition): boolean {
    return this.of(composition).some(({ drawn }) => drawn);
  }

  /** Whether the maps were made elsewhere: then nothing is computed, and its content is its key. */
  isImported(composition: Composition): boolean {
    return this.of(composition).some(({ family }) => family === 'imported');
  }

  /** Whether values are shares of the score, of which a part's is their plain sum. */
  holdsInput(composition: Composition): boolean {
    return this.of(composition).some(({ holdsInput }) => holdsInput === true);
  }

  usesModel(composition: Composition): boolean {
    return this.of(composition).some(({ usesModel }) => usesModel);
  }

  /**
   * Values of all parameters, those that are missing filled in.
   *
   * @throws StudioError `invalid-input` naming the field, for an unknown name and a value out of bounds
   */
  complete<V extends ParameterValues>(values: V, field = 'parameters'): V & ParameterValues {
    const unknown = Object.keys(values).find((name) => !(name in this.parameters));
    if (unknown !== undefined) {
      const known = Object.keys(this.parameters).join(', ');
      throw refuse(`${field}.${unknown}`, values[unknown], `a parameter that there is: ${known}`);
    }
    return parse(z.object(shapeOf(this.parameters)), values, field) as V & ParameterValues;
  }

  /** What was stored before a parameter was there has its default. */
  #value(name: string, values: ParameterValues): ParameterValue {
    const value = values[name] ?? this.parameters[name]?.default;
    if (value === undefined) throw new RangeError(`there is no parameter ${name}`);
    return value;
  }
}

function listed(ids: readonly string[]): string {
  return ids.length < 2
    ? ids.join('')
    : `${ids.slice(0, -1).join(', ')} or ${valueAt(ids, ids.length - 1)}`;
}
