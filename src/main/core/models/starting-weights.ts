import { type Catalogues } from '../../../shared/catalogue/catalogues';
import { type DatasetFacts } from '../../../shared/catalogue/datasets';
import { inputWords, takes } from '../../../shared/catalogue/network';
import { startFit, startOptions } from '../../../shared/catalogue/starting-weights';
import { type Init, type Recipe } from '../../../shared/catalogue/training';
import { refuse } from '../../../shared/errors';
import { largestCrop, shapeSeen, sightWords } from '../../../shared/model-input';
import { unlikeClasses } from '../../../shared/model-classes';
import { type ArtifactStore } from '../artifacts/artifact-store';
import { type DatasetsService } from '../datasets/datasets-service';
import { networkChoice, networkOf } from './model-form';
import { type ModelsRepository, type StoredModel } from './models-repository';
import { weightShapes } from './weights-header';

/** Where models are found that training starts from. */
export interface StartParts {
  readonly artifacts: ArtifactStore;
  readonly catalogues: Pick<Catalogues, 'networks'>;
  readonly datasets: Pick<DatasetsService, 'record'>;
  readonly models: Pick<ModelsRepository, 'withWeights'>;
}

/** What a recipe that starts from a model's weights takes from it. */
export type StartingRecipe = Pick<Recipe, 'architecture' | 'options' | 'resize' | 'crop'> & {
  readonly init: Init;
  /** What keeps its last layer from being kept, as a clause; null: nothing. */
  readonly otherHead: string | null;
};

type Images = Pick<DatasetFacts, 'id' | 'name' | 'shape' | 'classes'>;

/**
 * The recipe with its last layer `anew` where it cannot be kept. The network and its options fit the
 * images.
 *
 * @param path where the recipe stands, for refusals
 * @throws StudioError `invalid-input` where there are no such weights, or they are another network's, of
 *   other options or for other images
 */
export async function withFittingStart(
  parts: StartParts,
  recipe: Recipe,
  images: Images,
  path: string,
): Promise<Recipe> {
  const { init, architecture, options } = recipe;
  if (!init) return recipe;
  const [model] = parts.models.withWeights(init.weights);
  const field = `${path}.init.weights`;
  if (!model) {
    throw refuse(
      field,
      init.weights,
      'the SHA-256 of the weights of a model that is here and ready',
    );
  }
  if (model.architecture !== architecture) {
    const accepted = `${model.architecture}, the network of ${model.name}, from which it is to start`;
    throw refuse(`${path}.architecture`, architecture, accepted);
  }
  const seen = { ...images, shape: shapeSeen(images.shape, recipe) };
  const { fitting, otherHead } = await fitOf(parts, model, seen, options, field, init.weights);
  for (const [id, value] of Object.entries(fitting)) {
    if (options[id] === value) continue;
    const accepted = `${value}, as ${model.name} has it, from which it is to start`;
    throw refuse(`${path}.options.${id}`, options[id] ?? 'missing', accepted);
  }
  return { ...recipe, init: { ...init, head: otherHead === null ? init.head : 'anew' } };
}

/**
 * What a recipe for a dataset takes from a model that it is to start from: its network, the options
 * that its weights tell, and its last layer where it tells the same classes apart, by their names.
 *
 * It sees of the images what the model sees of its own, where they are large enough.
 *
 * @throws StudioError `invalid-input` at `model` where its network is not for such images
 */
export async function startingRecipe(
  parts: StartParts,
  model: StoredModel & { readonly sha256: string },
  whole: Images,
): Promise<StartingRecipe> {
  const { architecture, options } = networkChoice(model);
  const network = parts.catalogues.networks.get(architecture);
  const { resize = null, crop = null } = model.input ?? {};
  const fits = crop === null || crop <= largestCrop(whole.shape, { resize });
  const looked = fits ? { resize, crop } : { resize: null, crop: null };
  const images = { ...whole, shape: shapeSeen(whole.shape, looked) };
  if (!takes(network, { inputShape: images.shape, classes: images.classes })) {
    throw refuse(
      'model',
      model.name,
      `a model for the images of ${images.name}; ${architecture} takes ${inputWords(network)}`,
    );
  }
  const { fitting, otherHead } = await fitOf(parts, model, images, options, 'model', model.name);
  return {
    architecture,
    options: fitting,
    ...looked,
    init: { weights: model.sha256, head: otherHead === null ? 'keep' : 'anew', layers: 'all' },
    otherHead,
  };
}

/** The options with which a model can be the start for images, and what keeps its last layer from being kept. */
async function fitOf(
  { artifacts, catalogues: { networks }, datasets }: StartParts,
  model: StoredModel,
  images: Images,
  options: Recipe['options'],
  field: string,
  value: string,
) {
  const network = networks.get(model.architecture);
  const shapes = await weightShapes(await artifacts.open(model.artifact ?? ''));
  const { form } = networkOf(images, { architecture: network.id, options });
  const fitting = startOptions(network, form, shapes);
  if (fitting === null) {
    const [height, width, channels] = images.shape;
    const { problem } = startFit(network, form, shapes);
    const sight = sightWords(model.input);
    const hint = sight === null ? '' : `; ${model.name} sees images ${sight}`;
    throw refuse(
      field,
      value,
      `weights of a ${network.id} for images of ${height} x ${width} x ${channels}, as those of ${images.name} are seen (of ${model.name} ${problem})${hint}`,
    );
  }
  const { head } = startFit(network, { ...form, options: fitting }, shapes);
  const own = await datasets.record(model.dataset);
  const { classes } = await datasets.record(images.id);
  // As many outputs may be of other classes, or of these in another order.
  const unlike = unlikeClasses(model.classes, own.classes, classes);
  const otherHead = unlike ?? (head ? null : 'its tensors have another shape');
  return { fitting, otherHead };
}
