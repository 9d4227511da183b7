import { computed } from 'vue';
import { completeImages } from '../../../shared/catalogue/own-images';
import { fromWire } from '../../../shared/arrays';
import { maskBytes } from '../../../shared/dataset-masks';
import { type ImageMask } from '../../../shared/display/mask';
import { imageSize, sliceImage } from '../../../shared/display/slice';
import { type RouteInput, type RouteOutput } from '../../../shared/routes';
import { useLatest } from '../../composables/useLatest';
import { useDatasets } from '../../stores/datasets';
import { looksSame, settingErrors, type TypedImages } from './images-form';

type From = Pick<
  RouteInput<'datasets.previewImages'>,
  'path' | 'upload' | 'labels' | 'labelsUpload' | 'masks' | 'masksUpload'
>;
type Shown = Pick<RouteOutput<'datasets.previewImages'>, 'samples' | 'pixels' | 'maskBits'>;

/**
 * What images of one's own would come to, asked again where they come from elsewhere or are split
 * otherwise; their samples alone where they are to look otherwise.
 *
 * @param from null: nothing was chosen yet
 * @param typed the settings that a person changed
 */
export function useImagesPreview(from: () => From | null, typed: () => TypedImages) {
  const store = useDatasets();
  const wanted = () => {
    const chosen = from();
    const { coarse, validation, seed } = typed();
    const wrong = settingErrors({ ...usual(), ...typed() });
    if (chosen === null || wrong.validation !== undefined || wrong.seed !== undefined) return null;
    return {
      ...chosen,
      ...(coarse !== undefined && { coarse }),
      ...(validation !== undefined && { validation }),
      ...(seed !== undefined && { seed }),
    };
  };
  const looked = (input: NonNullable<ReturnType<typeof wanted>>) => {
    const { size, fit, grayscale } = sound(typed());
    return store.preview({
      ...input,
      ...(size !== undefined && { size }),
      ...(fit !== undefined && { fit }),
      ...(grayscale !== undefined && { grayscale }),
    });
  };
  const look = useLatest(wanted, looked, { patienceMs: 500 });
  const preview = look.answer;
  /** All settings as they are now. */
  const settings = computed(() => ({ ...usual(), ...preview.value?.settings, ...typed() }));
  const errors = computed(() => settingErrors(settings.value));
  const otherwise = useLatest(
    () => {
      const shown = preview.value;
      const chosen = wanted();
      if (!shown || !chosen || look.asking.value || shown.samples.length === 0) return null;
      if (looksSame(shown.settings, settings.value)) return null;
      if (Object.keys(errors.value).length > 0) return null;
      return { chosen, settings: settings.value };
    },
    async ({ chosen, settings: asked }): Promise<Shown | null> => {
      const shown = preview.value;
      if (!shown) return null;
      // Masks are found by a look at all of them.
      if (shown.masks !== null) return looked(chosen);
      const { path = null, upload = null } = chosen;
      const files = shown.samples.map((each) => each.path);
      const { pixels, refused } = await store.samples({ path, upload, files, ...asked });
      const why = new Map(refused.map((each) => [each.path, each.reason]));
      const samples = shown.samples.map((sample) => ({
        ...sample,
        why: why.get(sample.path) ?? null,
      }));
      return { samples, pixels, maskBits: shown.maskBits };
    },
    { keep: false },
  );
  const samples = computed(() => {
    const first = preview.value;
    if (!first) return [];
    const same = looksSame(first.settings, settings.value);
    // Until others are made, those of before stay in sight.
    const shown: Shown = (same ? null : otherwise.answer.value) ?? first;
    const pixels = fromWire(shown.pixels);
    const bits = Uint8Array.from(fromWire(shown.maskBits).data);
    let [next, nextMask] = [0, 0];
    return shown.samples.map((sample) => {
      const image = sample.why === null ? sliceImage(pixels, next) : null;
      if (image) next += 1;
      if (!image || !sample.masked) return { ...sample, image, mask: null };
      const { height, width } = imageSize(image);
      const bytes = maskBytes(height * width);
      const at = nextMask * bytes;
      nextMask += 1;
      const mask: ImageMask = { bits: bits.subarray(at, at + bytes), height, width };
      return { ...sample, image, mask };
    });
  });
  return {
    preview,
    samples,
    settings,
    errors,
    looking: look.asking,
    redoing: otherwise.asking,
    error: computed(() => look.error.value ?? otherwise.error.value),
    again: look.ask,
  };
}

export type SeenSample = ReturnType<typeof useImagesPreview>['samples']['value'][number];

const usual = () => completeImages({}, null);

/** Without what cannot be asked for. */
function sound(typed: TypedImages): TypedImages {
  const wrong = settingErrors({ ...usual(), ...typed });
  return Object.fromEntries(Object.entries(typed).filter(([name]) => !(name in wrong)));
}
