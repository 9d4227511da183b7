import { type RatingSession } from './session';
import { inputOf, momentOf } from './walk/attention';

export interface Keys {
  down(event: KeyboardEvent): void;
  up(event: KeyboardEvent): void;
}

/** Keys of the page, wherever the focus is; none while something is typed or a dialog is open. */
export function createKeys(
  session: RatingSession,
  page: { dialogOpen: () => boolean; help: () => void; now: () => number },
): Keys {
  const { walk, look } = session;

  const trialKeys: Record<string, (event: KeyboardEvent) => void> = {
    Backspace: () => void walk.back(),
    '+': look.zoomIn,
    '=': look.zoomIn,
    '-': look.zoomOut,
    '0': look.fit,
    o: (event) => look.press(momentOf(event, page.now())),
    ArrowRight: () => void walk.goOn(),
  };
  const typed = (event: KeyboardEvent) =>
    event.target instanceof HTMLElement &&
    event.target.matches('input:not([type="radio"]), textarea, select');
  const pans = (event: KeyboardEvent) =>
    event.key.startsWith('Arrow') &&
    event.target instanceof HTMLElement &&
    event.target.matches('[data-pans]');

  function act(event: KeyboardEvent): boolean {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (key === '?') {
      page.help();
      return true;
    }
    const { value: screen } = session.screen;
    if (screen === 'thanks' && key === 'Backspace') {
      void walk.back();
      return true;
    }
    if (walk.pause.value && key === 'Backspace') {
      void walk.back();
      return true;
    }
    if (screen !== 'trial' || pans(event)) return false;
    if (/^[1-5]$/.test(key)) {
      void walk.choose({
        score: Number(key),
        input: inputOf(event),
        at: momentOf(event, page.now()),
      });
      return true;
    }
    const action = trialKeys[key];
    action?.(event);
    return action !== undefined;
  }

  return {
    down(event) {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (event.repeat || page.dialogOpen() || typed(event)) return;
      if (act(event)) event.preventDefault();
    },
    up(event) {
      if (event.key.toLowerCase() === 'o') look.release(momentOf(event, page.now()));
    },
  };
}
