import { type Telemetry } from '../../../shared/ratings/rating-routes';

export type InputKind = Telemetry['input'];

/** A day, the longest response time that is recorded. */
const longest = 86_400_000;

/** What a rater does between the paint of a map and the choice. */
export interface Attention {
  /** A map with a question is about to be painted: everything counts from here. */
  begin(): void;
  painted(at: number): void;
  zoomed(): void;
  overlaid(): void;
  take(choice: { at: number; input: InputKind; zoom: number }): Telemetry;
}

interface AttentionOptions {
  /** Milliseconds since the page's time origin, monotonic. */
  readonly now: () => number;
  readonly timeOrigin: number;
  readonly window: Pick<Window, 'addEventListener'>;
  readonly document: Pick<Document, 'addEventListener' | 'hasFocus' | 'visibilityState'>;
}

export function createAttention(options: AttentionOptions): Attention {
  const { now, window, document } = options;
  const focused = () => document.visibilityState === 'visible' && document.hasFocus();
  let begun = now();
  let paintedAt: number | null = null;
  let zoomChanges = 0;
  let overlayUses = 0;
  let focusLosses = 0;
  let unfocusedMs = 0;
  let awaySince: number | null = focused() ? null : now();

  const notice = (isFocused: boolean) => {
    if (isFocused && awaySince !== null) {
      unfocusedMs += now() - Math.max(awaySince, begun);
      awaySince = null;
    } else if (!isFocused && awaySince === null) {
      awaySince = now();
      focusLosses += 1;
    }
  };
  window.addEventListener('blur', () => notice(false));
  window.addEventListener('focus', () => notice(true));
  document.addEventListener('visibilitychange', () => notice(focused()));

  return {
    begin() {
      begun = now();
      paintedAt = null;
      zoomChanges = 0;
      overlayUses = 0;
      focusLosses = 0;
      unfocusedMs = 0;
    },
    painted: (at) => void (paintedAt = at),
    zoomed: () => void (zoomChanges += 1),
    overlaid: () => void (overlayUses += 1),
    take({ at, input, zoom }) {
      const away = awaySince === null ? 0 : now() - Math.max(awaySince, begun);
      return {
        responseMs: Math.min(longest, Math.max(0, at - (paintedAt ?? at))),
        monotonicMs: options.timeOrigin + at,
        focusLosses,
        unfocusedMs: Math.max(0, unfocusedMs + away),
        zoomChanges,
        zoom,
        overlayUses,
        input,
      };
    },
  };
}

/** Pointer, pen or finger; a click that no pointer made comes from a key or an assistive tool. */
export function inputOf(event: Event): InputKind {
  if (event instanceof KeyboardEvent) return 'keyboard';
  const pointer = 'pointerType' in event ? event.pointerType : '';
  const known = (['mouse', 'touch', 'pen'] as const).find((kind) => kind === pointer);
  if (known) return known;
  return 'detail' in event && event.detail === 0 ? 'keyboard' : 'other';
}

/** When an event happened, on the clock of performance.now(). */
export function momentOf(event: Event, now: number): number {
  return event.timeStamp > 0 && event.timeStamp <= now ? event.timeStamp : now;
}
