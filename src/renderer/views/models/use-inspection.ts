import { ref, type Ref, watch } from 'vue';
import { type ErrorData, toErrorData } from '../../../shared/errors';
import { type RouteInput } from '../../../shared/routes';
import { type WeightsInspection } from '../../../shared/weights-inspection';
import { type UseUpload } from '../../composables/useUpload';
import { useModels } from '../../stores/models';

type Asked = Omit<RouteInput<'models.inspectFile'>, 'upload'>;

/** What a chosen file holds, looked at anew when something changes that it is looked at for. */
export function useInspection(
  file: Readonly<Ref<File | null>>,
  asked: () => Asked,
  upload: UseUpload,
): {
  readonly found: Ref<WeightsInspection | null>;
  readonly refused: Ref<ErrorData | null>;
  readonly looking: Ref<boolean>;
} {
  const models = useModels();
  const found = ref<WeightsInspection | null>(null);
  const refused: Ref<ErrorData | null> = ref(null);
  const looking = ref(false);
  let latest = 0;
  let sending: { readonly file: File; readonly upload: Promise<string> } | null = null;
  // What is on its way is not sent again because something else changed meanwhile.
  function sent(chosen: File): Promise<string> {
    if (sending?.file === chosen) return sending.upload;
    const own = { file: chosen, upload: upload.bring(chosen) };
    sending = own;
    const done = () => {
      if (sending === own) sending = null;
    };
    own.upload.then(done, done);
    return own.upload;
  }
  watch(file, () => (found.value = null), { flush: 'sync' });
  watch([file, () => JSON.stringify(asked())], async ([chosen]) => {
    const own = ++latest;
    refused.value = null;
    looking.value = chosen !== null;
    if (!chosen) return;
    try {
      const inspection = await models.inspect({ upload: await sent(chosen), ...asked() });
      if (own === latest) found.value = inspection;
    } catch (failure) {
      if (own === latest) refused.value = toErrorData(failure);
    } finally {
      if (own === latest) looking.value = false;
    }
  });
  return { found, refused, looking };
}
