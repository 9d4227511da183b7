import { canonicalJson } from '../../shared/canonical';
import { type OperatorDescriptor } from '../../shared/catalogue/operator';
import { OperatorCatalogue } from '../../shared/catalogue/operator-catalogue';
import { otherBuild } from '../../shared/errors';
import { gradCam } from './grad-cam';
import { gradient } from './gradient';
import { guided } from './guided';
import { integrate } from './integrate';
import { meanSquare } from './mean-square';
import { occlusion } from './occlusion';
import { type Operator } from './operator';
import { random } from './random';
import { rise } from './rise';
import { smooth } from './smooth';
import { sobel } from './sobel';
import { timesInput } from './times-input';
import { variance } from './variance';

/** Algorithms by the ids that compositions name, and what follows from their descriptors. */
export class Operators {
  readonly all: readonly Operator[];
  readonly catalogue: OperatorCatalogue;
  readonly #byId: ReadonlyMap<string, Operator>;

  /**
   * @throws RangeError for an operator of another family than its descriptor's, for a base that does not
   *   say that it uses the model, and for one that reads a parameter, or takes noise, that its
   *   descriptor lacks
   */
  constructor(operators: readonly Operator[]) {
    this.all = operators;
    this.catalogue = new OperatorCatalogue(operators.map(({ descriptor }) => descriptor));
    this.#byId = new Map(operators.map((operator) => [operator.descriptor.id, operator]));
    const defaults = this.catalogue.complete({});
    for (const operator of operators) {
      const { id, family, usesModel } = operator.descriptor;
      if (family !== operator.family) throw new RangeError(`${id} is no ${family} operator`);
      if (family === 'base' && !usesModel) {
        throw new RangeError(`${id} is a gradient of the model, and its usesModel is false`);
      }
      operator.bind(defaults);
    }
  }

  /**
   * Keys are made of descriptors: whoever asks must have the same.
   *
   * @throws StudioError `engine-unavailable` naming the first operator that differs or is missing
   */
  requireSame(descriptors: readonly OperatorDescriptor[]): void {
    for (const descriptor of descriptors) {
      const own = this.#byId.get(descriptor.id)?.descriptor;
      if (own && canonicalJson(own) === canonicalJson(descriptor)) continue;
      throw otherBuild(
        own
          ? `its operator ${descriptor.id} has other parameters than the application’s`
          : `it has no operator ${descriptor.id}`,
      );
    }
  }

  /** @throws StudioError `invalid-input` for an operator that there is none of */
  get(id: string): Operator {
    const operator = this.#byId.get(id);
    if (!operator) throw new RangeError(`${this.catalogue.get(id).id} has no algorithm`);
    return operator;
  }
}

/** Those that Saliency Studio comes with: one file and one line each. */
export const builtInOperators = new Operators([
  gradient,
  guided,
  timesInput,
  smooth,
  variance,
  meanSquare,
  integrate,
  gradCam,
  occlusion,
  rise,
  random,
  sobel,
]);
