import type { Kernels } from '../runtime/kernels';
import { Variable } from '../runtime/variable';
import { fromTorch, type Parameter, toTorch } from './parameter';

/** What an optimiser remembers of each parameter, under PyTorch's names: zeros at first. */
export class Moments<Kind extends string> {
  private readonly kernels: Kernels;
  private readonly kinds: readonly Kind[];
  private readonly parameters: readonly Parameter[];
  private readonly variables = new Map<string, Variable>();

  constructor(kernels: Kernels, kinds: readonly Kind[], parameters: readonly Parameter[]) {
    this.kernels = kernels;
    this.kinds = kinds;
    this.parameters = parameters;
    for (const { name, parameter } of this.entries()) {
      this.variables.set(name, new Variable(kernels, parameter.layout.shape));
    }
  }

  of(kind: Kind, parameter: Parameter): Variable {
    const variable = this.variables.get(`${kind}.${parameter.name}`);
    if (!variable) throw new RangeError(`there is no ${kind} of ${parameter.name}`);
    return variable;
  }

  /** `<kind>.<parameter>` in PyTorch's layouts, for a checkpoint. */
  async read(): Promise<ReadonlyMap<string, Float32Array>> {
    const result = new Map<string, Float32Array>();
    for (const { name, kind, parameter } of this.entries()) {
      const tensor = this.of(kind, parameter).read();
      const values = (await tensor.data()) as Float32Array;
      tensor.dispose();
      result.set(name, toTorch(parameter.layout, values));
    }
    return result;
  }

  /** Go on from a checkpoint's. */
  write(moments: ReadonlyMap<string, Float32Array>): void {
    const { tf } = this.kernels.operations;
    for (const { name, kind, parameter } of this.entries()) {
      const values = moments.get(name);
      if (!values) throw new RangeError(`the optimiser's state lacks ${name}`);
      const { layout } = parameter;
      const tensor = tf.tensor(fromTorch(layout, values), [...layout.shape], 'float32');
      this.of(kind, parameter).assign(tensor);
      tensor.dispose();
    }
  }

  dispose(): void {
    for (const variable of this.variables.values()) variable.dispose();
  }

  private *entries(): Generator<{ name: string; kind: Kind; parameter: Parameter }> {
    for (const kind of this.kinds) {
      for (const parameter of this.parameters) {
        yield { name: `${kind}.${parameter.name}`, kind, parameter };
      }
    }
  }
}
