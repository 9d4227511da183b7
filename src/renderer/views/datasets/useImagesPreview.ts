import { computed } from 'vue';
import { completeImages } from '../../../shared/catalogue/own-images';
import { fromWire } from '../../../shared/arrays';
import { sliceImage } from '../../../shared/display/slice';
import { type RouteInput } from '../../../shared/routes';
import { useLatest } from '../../composables/useLatest';
import { useDatasets } from '../../stores/datasets';
import { looksSame, settingErrors, type TypedImages } from './images-form';

type From = Pick<
  RouteInput<'datasets.previewImages'>,
  'path' | 'upload' | 'labels' | 'labelsUpload'
>;

/**
 * What images of one's own would come to, asked again where they come from elsewhere or are split
 * otherwise; their samples alone where they are to look otherwise.
 *
 * @param from null: nothing was chosen yet
 * @param typed the settings that a person changed
 */
export function useImagesPreview(from: () => From | null, typed: () => TypedImages) {
  const store = useDatasets();
  const look = useLatest(
    () => {
      const chosen = from();
      const { coarse, validation, seed } = typed();
      const wrong = settingErrors({ ...usual(), ...typed() });
      if (chosen === null || wrong.validation !== undefined || wrong.seed !== undefined)
        return null;
      return {
        ...chosen,
        ...(coarse !== undefined && { coarse }),
        ...(validation !== undefined && { validation }),
        ...(seed !== undefined && { seed }),
      };
    },
    (input) => {
      const { size, fit, grayscale } = sound(typed());
      return store.preview({
        ...input,
        ...(size !== undefined && { size }),
        ...(fit !== undefined && { fit }),
        ...(grayscale !== undefined && { grayscale }),
      });
    },
    { patienceMs: 500 },
  );
  const preview = look.answer;
  /** All settings as they are now. */
  const settings = computed(() => ({ ...usual(), ...preview.value?.settings, ...typed() }));
  const errors = computed(() => settingErrors(settings.value));
  const otherwise = useLatest(
    () => {
      const shown = preview.value;
      const chosen = from();
      if (!shown || !chosen || look.asking.value || shown.samples.length === 0) return null;
      if (looksSame(shown.settings, settings.value)) return null;
      if (Object.keys(errors.value).length > 0) return null;
      const { path = null, upload = null } = chosen;
      return { path, upload, files: shown.samples.map((each) => each.path), ...settings.value };
    },
    (input) => store.samples(input),
    { keep: false },
  );
  const samples = computed(() => {
    const shown = preview.value;
    if (!shown) return [];
    const same = looksSame(shown.settings, settings.value);
    const newer = same ? null : otherwise.answer.value;
    // Until others are made, those of before stay in sight.
    const pixels = fromWire((newer ?? shown).pixels);
    const why = new Map(newer?.refused.map(({ path, reason }) => [path, reason]));
    let next = 0;
    return shown.samples.map((sample) => {
      const reason = newer ? (why.get(sample.path) ?? null) : sample.why;
      const image = reason === null ? sliceImage(pixels, next) : null;
      if (image) next += 1;
      return { ...sample, why: reason, image };
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

const usual = () => completeImages({}, null);

/** Without what cannot be asked for. */
function sound(typed: TypedImages): TypedImages {
  const wrong = settingErrors({ ...usual(), ...typed });
  return Object.fromEntries(Object.entries(typed).filter(([name]) => !(name in wrong)));
}
