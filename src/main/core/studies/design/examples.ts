import { type NdArray } from '../../../../shared/arrays';
import { mapRgba, type Rgba } from '../../../../shared/display/colour';
import { reduceChannels } from '../../../../shared/display/reduce';
import { imageSize } from '../../../../shared/display/slice';
import {
  coherenceId,
  edgesId,
  labelOf,
  onDefaultScale,
  type QuestionId,
  type Scaled,
} from '../../../../shared/ratings/questions';
import { type StudyConfig } from '../../../../shared/ratings/study';
import { seededPermutation } from '../../../../shared/selection';

/**
 * Maps for practice and for checks, made from an image by plain pixel operations: no saliency
 * method is among them, so that practice favours none.
 */
export const practiceKinds = ['outline', 'blob', 'dots', 'flat'] as const;
export type ExampleKind = (typeof practiceKinds)[number];

export function isExampleKind(text: string): text is ExampleKind {
  return practiceKinds.some((kind) => kind === text);
}

/** What is said of an example in the words of the paper's questions and their default scale. */
interface Example {
  readonly drawn: string;
  /** Where both are asked, and nothing else. */
  readonly both: string;
  readonly coherence: string;
  readonly edges: string;
}

/** Lowest and highest score of a flat map, which shows nothing. */
export const flatRange: readonly [number, number] = [1, 2];

const outlineEdges =
  'The outline of the object stands out, so edge differentiation is High or Very High.';
const outlineCoherence =
  'The bright pixels lie along the object: the fewer there are elsewhere, the higher is visual coherence, here about High.';
const blobCoherence =
  'The bright pixels are in the right place but spill over into the background, so visual coherence is about Medium.';
const blobEdges = 'The borders are washed out, so edge differentiation is Low or Very Low.';

const examples: Readonly<Record<ExampleKind, Example>> = {
  outline: {
    drawn: 'This map was drawn by tracing edges.',
    both: `${outlineEdges} ${outlineCoherence}`,
    coherence: outlineCoherence,
    edges: outlineEdges,
  },
  blob: {
    drawn: 'This map was drawn by blurring the object.',
    both: `${blobCoherence} ${blobEdges}`,
    coherence: blobCoherence,
    edges: blobEdges,
  },
  dots: {
    drawn: 'This map was drawn by scattering dots over the whole image.',
    both: 'They have nothing to do with the object and show no outline, so both answers are Very Low.',
    coherence: 'They have nothing to do with the object, so visual coherence is Very Low.',
    edges: 'They show no outline, so edge differentiation is Very Low.',
  },
  flat: {
    drawn: 'This map marks every pixel the same.',
    both: 'Nothing is highlighted and no outline can be made out, so both answers are Very Low.',
    coherence: 'Nothing is highlighted, so visual coherence is Very Low.',
    edges: 'No outline can be made out, so edge differentiation is Very Low.',
  },
};

const parts: Readonly<Record<QuestionId, 'coherence' | 'edges'>> = {
  [coherenceId]: 'coherence',
  [edgesId]: 'edges',
};

/** What of an example a question is about; null: of this question, or on its scale, nothing is known. */
function partOf(question: Scaled): 'coherence' | 'edges' | null {
  return onDefaultScale(question) ? (parts[question.id] ?? null) : null;
}

/** The questions of which it is known what fits a flat map: a check can be judged by their labels. */
export const judgedByFlat = <Q extends Scaled>(questions: readonly Q[]): Q[] =>
  questions.filter((question) => partOf(question) !== null);

/** What is said after a practice trial. */
export function explanationOf(kind: ExampleKind, questions: readonly Scaled[]): string {
  const { drawn, both, ...each } = examples[kind];
  const known = questions.flatMap((question) => partOf(question) ?? []);
  if (known.length === 2 && questions.length === 2) return `${drawn} ${both}`;
  const others = known.length < questions.length ? [othersAreYours(known.length)] : [];
  return [drawn, ...known.map((part) => each[part]), ...others].join(' ');
}

const othersAreYours = (known: number): string =>
  `What fits ${known > 0 ? 'the other questions' : 'your questions'} is for you to judge.`;

/** The sentence in place of the questions of an instructed check. */
export function instruction(score: number, question: Scaled): string {
  return `This is a check that the page is being read. Please choose ${labelOf(question, score)}.`;
}

/**
 * RGBA of an example map, of the length of the image's own.
 *
 * @param image uint8 [H, W, 1 or 3]
 * @param display the study's: the examples look as its maps do
 */
export function exampleMap(
  kind: ExampleKind,
  image: NdArray,
  display: StudyConfig['display'],
): Rgba {
  const { height, width } = imageSize(image);
  if (kind === 'flat') return flat(height * width, display);
  const data = { outline, blob, dots }[kind](image);
  return mapRgba({ shape: [height, width, 1], data }, display, null, 'positive');
}

/** All equal: middle grey, or the white of no attribution where the sign is shown. */
function flat(pixels: number, display: StudyConfig['display']): Rgba {
  const level = display === 'grayscale' ? 128 : 255;
  const rgba = new Uint8ClampedArray(pixels * 4);
  for (let i = 0; i < pixels; i += 1) rgba.set([level, level, level, 255], i * 4);
  return rgba;
}

/** Gradient magnitude of the brightness (central differences), where the object is. */
function outline(image: NdArray): Float32Array {
  const { height, width } = imageSize(image);
  const grey = brightness(image);
  const where = blob(image);
  const most = where.reduce((a, b) => Math.max(a, b), 0) || 1;
  const at = (y: number, x: number) =>
    grey[
      Math.min(height - 1, Math.max(0, y)) * width + Math.min(width - 1, Math.max(0, x))
    ] as number;
  return where.map((weight, i) => {
    const [y, x] = [Math.floor(i / width), i % width];
    const slope = Math.hypot(at(y, x + 1) - at(y, x - 1), at(y + 1, x) - at(y - 1, x));
    return slope * Math.min(1, (2 * weight) / most);
  });
}

/** The object, blurred: how far pixels are from the border's mean brightness, middle first. */
function blob(image: NdArray): Float32Array {
  const { height, width } = imageSize(image);
  const grey = brightness(image);
  const onBorder = (i: number) =>
    i < width || i >= grey.length - width || i % width === 0 || i % width === width - 1;
  const border = grey.filter((_, i) => onBorder(i));
  const ground = border.reduce((sum, value) => sum + value, 0) / Math.max(1, border.length);
  const spread = Math.max(height, width) / 3;
  const object = grey.map((value, i) => {
    const [y, x] = [Math.floor(i / width) - (height - 1) / 2, (i % width) - (width - 1) / 2];
    return Math.abs(value - ground) * Math.exp(-(y * y + x * x) / (2 * spread * spread));
  });
  return blurred(object, height, width, Math.max(height, width) / 10);
}

/** One pixel in eight at full strength, wherever; the same for pictures of the same size. */
function dots(image: NdArray): Float32Array {
  const { height, width } = imageSize(image);
  const pixels = height * width;
  const map = new Float32Array(pixels);
  for (const pixel of seededPermutation(pixels, 0, 'practice', 'dots').slice(0, pixels / 8)) {
    map[pixel] = 1;
  }
  return map;
}

function brightness(image: NdArray): Float32Array {
  const { channels } = imageSize(image);
  return reduceChannels(image, 'signed').map((sum) => sum / (255 * channels));
}

/** Gaussian blur in both directions, sigma in pixels; the border's values go on outside. */
function blurred(values: Float32Array, height: number, width: number, sigma: number): Float32Array {
  const radius = Math.ceil(3 * sigma);
  const kernel = Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * sigma * sigma)),
  );
  const sum = kernel.reduce((total, weight) => total + weight, 0);
  const along = (from: Float32Array, dy: number, dx: number) =>
    from.map((_, i) => {
      const [y, x] = [Math.floor(i / width), i % width];
      let total = 0;
      kernel.forEach((weight, k) => {
        const row = Math.min(height - 1, Math.max(0, y + (k - radius) * dy));
        const column = Math.min(width - 1, Math.max(0, x + (k - radius) * dx));
        total += weight * (from[row * width + column] as number);
      });
      return total / sum;
    });
  return along(along(values, 1, 0), 0, 1);
}
