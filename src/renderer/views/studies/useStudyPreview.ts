import { computed, onBeforeUnmount, ref, type Ref, watch } from 'vue';
import { type ErrorData, toErrorData } from '../../../shared/errors';
import { type StudyPreview } from '../../../shared/ratings/study';
import { useStatus } from '../../stores/status';
import { useStudies } from '../../stores/studies';
import { studyErrors } from './wizard';

/** What the draft's configuration will ask for, asked anew shortly after each change. */
export function useStudyPreview(): {
  preview: Ref<StudyPreview | null>;
  previewing: Ref<boolean>;
  error: Ref<ErrorData | null>;
  ask: () => Promise<void>;
} {
  const studies = useStudies();
  const status = useStatus();
  const preview = ref<StudyPreview | null>(null);
  const previewing = ref(false);
  const error = ref<ErrorData | null>(null);
  const accepted = computed(() => {
    const { config, name } = studies.draft;
    return Object.keys(studyErrors(config, name)).every((path) => path === 'name');
  });

  let timer: ReturnType<typeof setTimeout> | undefined;
  let asked = 0;
  async function ask(): Promise<void> {
    asked += 1;
    const own = asked;
    previewing.value = true;
    try {
      const answer = await studies.preview(studies.draft.config);
      if (own !== asked) return;
      preview.value = answer;
      error.value = null;
    } catch (failure) {
      if (own !== asked) return;
      preview.value = null;
      error.value = toErrorData(failure);
    } finally {
      if (own === asked) previewing.value = false;
    }
  }

  watch(
    [() => JSON.stringify(studies.draft.config), () => status.engineReady],
    () => {
      clearTimeout(timer);
      asked += 1;
      previewing.value = false;
      error.value = null;
      if (accepted.value) timer = setTimeout(() => void ask(), 250);
    },
    { immediate: true },
  );
  onBeforeUnmount(() => clearTimeout(timer));

  return { preview, previewing, error, ask };
}
