import { type Dtype, dtypeOf, type NdArray } from '../../../../shared/arrays';
import { z } from 'zod';
import { type DatasetFacts } from '../../../../shared/catalogue/datasets';
import { type MetricCatalogue } from '../../../../shared/catalogue/metric';
import {
  type NetworkCatalogue,
  type NetworkDescriptor,
  type NetworkForm,
  type StateTensor,
  statesSize,
} from '../../../../shared/catalogue/network';
import { optimiserTensors, stateTensors } from '../../../../shared/catalogue/network-size';
import { type OperatorCatalogue } from '../../../../shared/catalogue/operator-catalogue';
import { type EngineOperation } from '../../../../shared/engine';
import { recipeSchema } from '../../../../shared/catalogue/training';
import { shapeSeen, type Sight, sightOf, sightSchema } from '../../../../shared/model-input';
import { areOrders, locationsOf, orderBytes } from '../../../../shared/pixel-orders';
import { type WorkOrder } from '../../jobs/item-spec';
import {
  longestHeader,
  type Metadata,
  safetensorsProblem,
  tensorBytes,
} from './safetensors-problem';
import { decodeNpy } from '../../../../shared/npy';
import { reasonOf } from '../../../../shared/errors';

/** A dataset as far as results depend on it: [H, W, C], classes, and how many images a split has. */
export type DatasetForm = Pick<DatasetFacts, 'shape' | 'classes' | 'train' | 'validation'>;

/** What a file that an order makes must be. */
export interface ExpectedFile {
  readonly file: string;
  /** The most bytes that it can have. */
  readonly atMost: number;
  /** What keeps it from being what was asked for, as a clause; null: nothing. */
  problem(bytes: Uint8Array): string | null;
}

/** What is known before anything arrives. */
export interface Known {
  readonly networks: NetworkCatalogue;
  readonly metrics: MetricCatalogue;
  readonly operators: Pick<OperatorCatalogue, 'cost' | 'get' | 'parse'>;
  readonly dataset: DatasetForm;
}

type Expect<K extends EngineOperation> = (order: WorkOrder<K>, known: Known) => ExpectedFile[];

const unit = (array: NdArray) =>
  array.data.every((value) => value >= 0 && value <= 1) ? null : 'a value is not between 0 and 1';

/** By operation, what it writes; one that is not here is done on this machine alone. */
const expectations: { readonly [K in EngineOperation]?: Expect<K> } = {
  evaluate: () => [],

  'train-epoch': ({ input: { recipe } }, { networks, dataset: { shape, classes } }) => {
    const network = networks.get(recipe.architecture as string);
    const options = (recipe.options ?? {}) as NetworkForm['options'];
    const parsed = recipeSchema.parse(recipe);
    const { optimiser } = parsed;
    const form = { inputShape: shapeSeen(shape, parsed), classes, options };
    return [
      tensorsFile(
        'model.safetensors',
        stateTensors(network, form),
        ofModel(network, form, sightOf(parsed)),
      ),
      tensorsFile(
        'optimiser.safetensors',
        optimiserTensors(network, form, parsed),
        ofOptimiser(optimiser),
      ),
    ];
  },

  maps: ({ input: { composition, indices, sight } }, { operators, dataset: { shape } }) => {
    const [height, width, channels] = shapeSeen(shape, sight);
    const { family } = operators.get(operators.parse(composition as string).op);
    if (family === 'imported') throw new RangeError('maps that were made elsewhere are not made');
    // An attribution has one value a channel, a control one a location, a direct operator either.
    const depths = { base: [channels], wrapper: [channels], control: [1], direct: [1, channels] };
    const shapes = depths[family].map((depth) => [indices.length, height, width, depth]);
    return [arrayFile('map.npy', ['float32'], shapes)];
  },

  'pixel-orders': ({ input: { indices, sight } }, { dataset: { shape } }) => {
    const [height, width] = shapeSeen(shape, sight);
    const pixels = height * width;
    const dtype = orderBytes(pixels) === 2 ? 'uint16' : 'uint32';
    return [
      arrayFile('orders.npy', [dtype], [[indices.length, pixels]], ({ data }) =>
        areOrders(data, pixels) && arePermutations(locationsOf(data), pixels)
          ? null
          : 'a row does not hold every pixel once',
      ),
    ];
  },

  score: ({ input: { maps, indices } }) =>
    ['scores.npy', 'tied.npy'].map((file) =>
      arrayFile(file, ['float32'], [[maps.length, indices.length]], unit),
    ),

  measure: ({ input: { metric, maps, levels, indices } }, { metrics }) => {
    const curve = metrics.get(metric as string).result === 'curve';
    const shape = [maps.length, ...(curve ? [levels.length] : []), indices.length];
    return [arrayFile('values.npy', ['float32'], [shape])];
  },
};

/**
 * Whether an order can be done by another machine: what comes back can be checked. Images of a dataset
 * are here already, and raters see them: nobody is asked for others.
 */
export const isForWorkers = ({ operation }: WorkOrder): boolean =>
  Object.hasOwn(expectations, operation);

/** The files that an order stores, as they must be. Throws RangeError for one not for workers. */
export function expectedFiles(order: WorkOrder, known: Known): ExpectedFile[] {
  const expect = expectations[order.operation] as Expect<EngineOperation> | undefined;
  if (!expect) throw new RangeError(`${order.operation} is not for workers`);
  const stored = new Set(order.outputs.map(({ file }) => file));
  return expect(order, known).filter(({ file }) => stored.has(file));
}

const productOf = (shape: readonly number[]) => shape.reduce((total, size) => total * size, 1);
const widths: Readonly<Record<Dtype, number>> = {
  float32: 4,
  int32: 4,
  uint32: 4,
  uint16: 2,
  uint8: 1,
};
/** Bytes of the longest header of a `.npy` file of ours. */
const npyHeader = 1024;

/** @param other what else its values must be */
function arrayFile(
  file: string,
  dtypes: readonly Dtype[],
  shapes: readonly (readonly number[])[],
  other: (array: NdArray) => string | null = () => null,
): ExpectedFile {
  const width = Math.max(...dtypes.map((dtype) => widths[dtype]));
  return {
    file,
    atMost: npyHeader + width * Math.max(...shapes.map(productOf)),
    problem(bytes) {
      let array: NdArray;
      try {
        array = decodeNpy(bytes, file);
      } catch (error) {
        return reasonOf(error);
      }
      const dtype = dtypeOf(array.data);
      if (!dtypes.includes(dtype)) return `it holds ${dtype}, not ${dtypes.join(' or ')}`;
      if (!shapes.some((shape) => shape.join() === array.shape.join())) {
        const expected = shapes.map((shape) => `[${shape.join(', ')}]`).join(' or ');
        return `it is of shape [${array.shape.join(', ')}], not ${expected}`;
      }
      if (!array.data.every(Number.isFinite)) return 'it holds what is no finite number';
      return other(array);
    },
  };
}

function tensorsFile(
  file: string,
  tensors: readonly StateTensor[],
  stated: (metadata: Metadata) => string | null,
): ExpectedFile {
  return {
    file,
    atMost: 8 + longestHeader + tensorBytes(tensors),
    problem: (bytes) => safetensorsProblem(bytes, tensors, stated),
  };
}

/** What the engine reads a model by, besides its tensors: another network, say, would be another model. */
function ofModel(network: NetworkDescriptor, { inputShape }: NetworkForm, sight: Sight = {}) {
  const [height, width, channels] = inputShape;
  const perChannel = z.array(z.number()).length(channels);
  const inputSchema = z
    .strictObject({
      mean: perChannel,
      std: perChannel.refine((std) => std.every((value) => value > 0)),
      ...sightSchema.shape,
    })
    .refine(({ resize, crop }) => resize === sight.resize && crop === sight.crop);
  return ({ architecture, input = '', size, ...more }: Metadata): string | null => {
    const [extra] = Object.keys(more);
    if (extra !== undefined) return `its metadata holds ${JSON.stringify(extra.slice(0, 80))}`;
    if (architecture !== network.id) return `its metadata does not say that it is a ${network.id}`;
    if (!inputSchema.safeParse(jsonOf(input)).success) {
      return `its metadata does not say how an input of ${channels} channels is normalised, or what is seen of it`;
    }
    const expected = statesSize(network, inputShape) ? JSON.stringify([height, width]) : undefined;
    if (size === expected) return null;
    return `its metadata does not say that its images are of ${height} x ${width}`;
  };
}

const ofOptimiser =
  (kind: string) =>
  ({ optimiser, step = '', ...more }: Metadata): string | null => {
    const counts = /^\d{1,15}$/.test(step) && Object.keys(more).length === 0;
    return optimiser === kind && counts
      ? null
      : `its metadata does not say that it is the state of ${kind} after some steps`;
  };

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function arePermutations(locations: ArrayLike<number>, pixels: number): boolean {
  const seen = new Uint32Array(pixels);
  for (let at = 0; at < locations.length; at += 1) {
    const location = locations[at] as number;
    const row = Math.floor(at / pixels) + 1;
    if (location >= pixels || seen[location] === row) return false;
    seen[location] = row;
  }
  return true;
}
