import { onBeforeUnmount, onMounted, ref, type Ref } from 'vue';
import { useRouter } from 'vue-router';
import { asksForHelp, isCommand, letterOf } from '../keyboard';

/** Second key after g, and the route that it opens. */
export const goKeys: Readonly<Record<string, string>> = {
  o: 'overview',
  d: 'datasets',
  m: 'models',
  a: 'maps',
  r: 'roar',
  p: 'paper',
  s: 'studies',
  t: 'results',
  w: 'machines',
};

const patience = 1500;

function typing(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

/** g then a letter goes to a view; ? opens the list of shortcuts. Silent while a person types. */
export function useShortcuts(): { helpOpen: Ref<boolean> } {
  const router = useRouter();
  const helpOpen = ref(false);
  let armed = 0;

  function onKey(event: KeyboardEvent): void {
    if (isCommand(event) || typing(event.target)) return;
    if (asksForHelp(event)) {
      helpOpen.value = !helpOpen.value;
      return;
    }
    const letter = event.shiftKey ? null : letterOf(event);
    if (letter === 'g') {
      armed = event.timeStamp;
      return;
    }
    const name = goKeys[letter ?? ''];
    if (armed > 0 && event.timeStamp - armed < patience && name) {
      event.preventDefault();
      helpOpen.value = false;
      void router.push({ name });
    }
    armed = 0;
  }

  onMounted(() => window.addEventListener('keydown', onKey));
  onBeforeUnmount(() => window.removeEventListener('keydown', onKey));
  return { helpOpen };
}
