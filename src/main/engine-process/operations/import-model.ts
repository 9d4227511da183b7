import { guessNetworks } from '../../../engine/models/inspect-weights';
import { type InputNormalisation } from '../../../engine/models/model';
import { type Networks } from '../../../engine/models/networks/networks';
import { type OpenWeights, withWeights } from '../../../engine/models/open-weights';
import { outputClasses } from '../../../engine/models/output-classes';
import { adaptModel, modelPieces, statedFacts } from '../../../engine/models/weights';
import {
  inputWords,
  type NetworkDescriptor,
  type NetworkForm,
  takes,
} from '../../../shared/catalogue/network';
import { type EngineInput } from '../../../shared/engine';
import { refuse } from '../../../shared/errors';
import { type ModelClasses } from '../../../shared/model-classes';
import {
  largestCrop,
  modelInputSchema,
  shapeSeen,
  sightChosen,
  sightOf,
} from '../../../shared/model-input';
import { chosenClasses, keptClasses } from '../model-labels';
import { type Operation } from '../operation';
import { writePieces } from '../output';

type Input = EngineInput<'import-model'>;

export const importModel: Operation<'import-model'> = async (input, context) => {
  const { path, file, mean, std, leaveOutExtra, weightsKey, outDir } = input;
  if ((mean === null) !== (std === null)) {
    throw refuse(mean === null ? 'mean' : 'std', null, 'both mean and std, or neither');
  }
  if (std?.some((value) => value <= 0)) throw refuse('std', std, 'numbers above 0');
  const dataset = await context.datasets.get(input);
  const channels = dataset.shape[2];
  const { kernels } = await context.runtime();
  const { networks } = context.catalogues;
  let classes: ModelClasses | null = null;
  const { model, adapted } = await withWeights(path, { name: file, weightsKey }, (weights) => {
    const stated = statedFacts(weights, { file, networks });
    const seen = inputOf(input, stated.input, dataset.shape);
    const [height, width] = shapeSeen(dataset.shape, seen);
    const architecture =
      stated.architecture ?? architectureOf(input, weights, networks, [height, width]);
    requireTaken(networks.get(architecture).descriptor, [height, width, channels]);
    return adaptModel(kernels, weights, {
      file,
      networks,
      architecture: input.architecture ?? architecture,
      input: seen,
      size: [height, width],
      outputs(count, known) {
        const labels = { dataset: dataset.classes, count };
        const asSaid = input.classes === null && input.labels === 'match';
        classes = known && asSaid ? keptClasses(known, labels) : null;
        classes ??= chosenClasses(input, labels, known);
        return classes && outputClasses(classes, dataset.classes);
      },
      leaveOutExtra,
    });
  });
  try {
    if (model.inputShape[2] !== channels) {
      const found = `a model of ${model.inputShape[2]} channels`;
      throw refuse('file', found, `one of ${channels}, as the images have`);
    }
    const kept = await writePieces(outDir, 'model.safetensors', modelPieces(model));
    return {
      files: [kept],
      adapted: [...adapted],
      architecture: model.architecture,
      input: modelInputSchema.parse(model.input),
      classes,
    };
  } finally {
    model.dispose();
  }
};

/** What is chosen, else what a file of ours says; undefined: neither says anything. */
function inputOf(
  { mean, std, resize, crop }: Input,
  stated: InputNormalisation | undefined,
  shape: readonly [number, number, number],
): InputNormalisation | undefined {
  const looked = sightChosen({ resize, crop }, stated);
  const most = largestCrop(shape, looked);
  if (looked.crop != null && looked.crop > most) {
    throw refuse('crop', looked.crop, `at most ${most}, the side of the images`);
  }
  const normalisation =
    mean && std ? { mean, std } : stated && { mean: stated.mean, std: stated.std };
  const sight = sightOf(looked);
  if (sight === undefined) return normalisation;
  const plain = { mean: zeros(shape[2]), std: zeros(shape[2]).map(() => 1) };
  return { ...(normalisation ?? plain), ...sight };
}

const zeros = (count: number): number[] => new Array<number>(count).fill(0);

/** The network that the file's tensors are of, else the one that the dataset suggests. */
function architectureOf(
  { architecture, suggested }: Input,
  weights: OpenWeights,
  networks: Networks,
  size: readonly [number, number],
): string {
  if (architecture !== null) return architecture;
  const [best] = guessNetworks(weights, networks, size);
  return best?.fits ? best.architecture : suggested;
}

/** Refuses images that a network does not take, before anything of the file is read. */
function requireTaken(network: NetworkDescriptor, inputShape: NetworkForm['inputShape']): void {
  if (takes(network, { inputShape, classes: null })) return;
  const [height, width, channels] = inputShape;
  const given = `images of ${height} x ${width} pixels and ${channels} channel${channels === 1 ? '' : 's'}`;
  throw refuse(
    'architecture',
    network.id,
    `a network for ${given}; ${network.id} takes ${inputWords(network)}`,
  );
}
