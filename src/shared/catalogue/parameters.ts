import { z } from 'zod';
import { leftOut } from '../left-out';
import { gradCam, guided, integrate, occlusion, rise, smooth } from './operators';
import { choiceOf, integer, parameterValueSchema, shapeOf, type ValuesOf } from './parameter';
import { schemaOf, type Setting } from './setting';

/** How a map's channels become one value. */
export const reduction = {
  ...choiceOf('Channels to one value', [
    { value: 'absolute', label: 'Absolute sum', help: 'Σ |a| over channels' },
    { value: 'signed', label: 'Signed sum', help: 'Σ a over channels' },
    { value: 'positive', label: 'Positive part', help: 'Σ max(a, 0) over channels' },
    { value: 'max-absolute', label: 'Largest channel', help: 'max |a| over channels' },
  ]),
  option: 'reduction',
} as const satisfies Setting;
export const reductionSchema = schemaOf(reduction).unwrap();
export type Reduction = z.infer<typeof reductionSchema>;

/** A seed of what is drawn at random. */
export const seedOf = (about: { readonly label: string; readonly help: string }) =>
  integer({ ...about, low: 0, high: 2 ** 31 - 1, default: 0 });
export const mapSeed = seedOf({ label: 'Seed of noise and random map', help: 'of both' });
export const seedSchema = schemaOf(mapSeed).unwrap();

/** Of the operators that Saliency Studio comes with. */
const builtIn = {
  ...guided.parameters,
  ...smooth.parameters,
  ...integrate.parameters,
  ...gradCam.parameters,
  ...occlusion.parameters,
  ...rise.parameters,
};

export type MapParameters = ValuesOf<typeof builtIn>;

/**
 * Parameters of the saliency operators, missing ones as the paper has them. Those of operators that
 * were added go through: the catalogue completes and checks them before anything is keyed or stored.
 */
export const mapParametersSchema = z
  .object(shapeOf(builtIn))
  .catchall(parameterValueSchema) as unknown as z.ZodType<MapParameters, Partial<MapParameters>>;

/** What a request gives of them. */
export const parametersInputSchema = leftOut(shapeOf(builtIn)).catchall(
  parameterValueSchema,
) as unknown as z.ZodType<Partial<MapParameters>, Partial<MapParameters>>;

export const targetSchema = shapeOf({ target: builtIn.target }).target;
export const defaultMapParameters: MapParameters = mapParametersSchema.parse({});
