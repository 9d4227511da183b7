import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Rectangle } from 'electron';
import { z } from 'zod';

const windowStateSchema = z.object({
  x: z.int().optional(),
  y: z.int().optional(),
  width: z.int().min(480),
  height: z.int().min(360),
  maximised: z.boolean(),
});
export type WindowState = z.infer<typeof windowStateSchema>;

export const defaultWindowState: WindowState = { width: 1360, height: 900, maximised: false };

/** A state that cannot be read is no reason not to open. */
export function readWindowState(path: string): WindowState {
  try {
    return windowStateSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return defaultWindowState;
  }
}

export function writeWindowState(path: string, state: WindowState): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${JSON.stringify(state)}\n`);
  } catch {
    // The next start opens with the default size.
  }
}

/** A position on a screen that is no longer there is dropped, a size larger than any is cut. */
export function fitWindowState(state: WindowState, screens: readonly Rectangle[]): WindowState {
  const { x, y, ...size } = state;
  const width = Math.min(state.width, Math.max(480, ...screens.map((screen) => screen.width)));
  const height = Math.min(state.height, Math.max(360, ...screens.map((screen) => screen.height)));
  const fitted = { ...size, width, height };
  if (x === undefined || y === undefined) return fitted;
  const visible = screens.some(
    (screen) =>
      x + width > screen.x + 80 &&
      x < screen.x + screen.width - 80 &&
      y >= screen.y &&
      y < screen.y + screen.height - 80,
  );
  return visible ? { ...fitted, x, y } : fitted;
}
