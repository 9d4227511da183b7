import { computed, onScopeDispose, type Ref, ref, watch } from 'vue';
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
  /** How far the look is, from 0 to 1; null: it is not known yet. */
  readonly share: Readonly<Ref<number | null>>;
  /** A person gave the look up: nothing is known of the file. */
  readonly stopped: Ref<boolean>;
  readonly stop: () => void;
  readonly again: () => void;
} {
  const models = useModels();
  const found = ref<WeightsInspection | null>(null);
  const refused: Ref<ErrorData | null> = ref(null);
  const looking = ref(false);
  const stopped = ref(false);
  /** The upload that is looked into. */
  const at = ref<string | null>(null);
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
  async function look(): Promise<void> {
    const own = ++latest;
    const chosen = file.value;
    refused.value = null;
    stopped.value = false;
    at.value = null;
    looking.value = chosen !== null;
    if (!chosen) return;
    try {
      const brought = await sent(chosen);
      if (own !== latest) return;
      at.value = brought;
      const inspection = await models.inspect({ upload: brought, ...asked() });
      if (own === latest) found.value = inspection;
    } catch (failure) {
      if (own === latest) refused.value = toErrorData(failure);
    } finally {
      if (own === latest) looking.value = false;
    }
  }
  /** What is asked last stands; what comes of the look that is given up is passed over. */
  function giveUp(): void {
    latest += 1;
    if (at.value !== null && looking.value) models.cancelInspect();
    looking.value = false;
  }
  watch(file, () => (found.value = null), { flush: 'sync' });
  watch([file, () => JSON.stringify(asked())], () => void look());
  onScopeDispose(giveUp);
  return {
    found,
    refused,
    looking,
    share: computed(() => (at.value === null ? null : models.lookAt(at.value))),
    stopped,
    stop() {
      giveUp();
      stopped.value = true;
      found.value = null;
    },
    again: () => void look(),
  };
}
