import { asksForHelp, digitOf, isCommand, letterOf } from '../keyboard';
import { type RatingSession } from './session';
import { inputOf, momentOf } from './walk/attention';
import { labelsAsked } from './walk/walk';

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

  const trialKeys: Record<string, () => void> = {
    Backspace: () => void walk.back(),
    '+': look.zoomIn,
    '=': look.zoomIn,
    '-': look.zoomOut,
    ArrowRight: () => void walk.goOn(),
  };
  /** How many there are to choose from. */
  const labels = (): number => {
    const { value: shown } = walk.shown;
    const { value: state } = session.state;
    return shown && state ? labelsAsked(shown, state).length : 0;
  };
  const typed = (event: KeyboardEvent) =>
    event.target instanceof HTMLElement &&
    event.target.matches('input:not([type="radio"]), textarea, select');
  const pans = (event: KeyboardEvent) =>
    event.key.startsWith('Arrow') &&
    event.target instanceof HTMLElement &&
    event.target.matches('[data-pans]');

  function act(event: KeyboardEvent): boolean {
    const { key } = event;
    if (asksForHelp(event)) {
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
    const digit = digitOf(event);
    // Before anything that the key may print: + lies on the key of label 1 in Czechia.
    if (digit !== null && digit >= 1 && digit <= labels()) {
      void walk.choose({
        score: digit,
        input: inputOf(event),
        at: momentOf(event, page.now()),
      });
      return true;
    }
    const action = trialKeys[key] ?? (digit === 0 ? look.fit : undefined);
    if (action) {
      action();
      return true;
    }
    if (letterOf(event) !== 'o') return false;
    look.press(momentOf(event, page.now()));
    return true;
  }

  return {
    down(event) {
      if (isCommand(event) || event.defaultPrevented) return;
      if (event.repeat || page.dialogOpen() || typed(event)) return;
      if (act(event)) event.preventDefault();
    },
    up(event) {
      if (letterOf(event) === 'o') look.release(momentOf(event, page.now()));
    },
  };
}
