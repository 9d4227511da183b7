import { type EventOf } from '../../shared/events';
import { formatBytes } from '../../shared/format/bytes';
import { formatCount } from '../../shared/format/counts';
import { formatRate } from '../../shared/format/rates';
import { formatDuration } from '../../shared/format/times';
import { type JobProgress } from '../../shared/jobs';
import { type CommandEnvironment } from './context';

/** One line: share, item, items done, rate, time left. */
export function progressLine(progress: JobProgress): string {
  const parts = [
    `${String(Math.floor(progress.share * 100)).padStart(3)}%`,
    progress.item,
    `${progress.itemsDone} of ${progress.itemsTotal} items`,
  ];
  if (progress.rate !== null) parts.push(formatRate(progress.rate, progress.unit ?? 'items'));
  if (progress.loss !== undefined) parts.push(`loss ${progress.loss.toFixed(3)}`);
  if (progress.secondsLeft !== null) parts.push(`${formatDuration(progress.secondsLeft)} left`);
  return parts.join(' · ');
}

/** The same of a look at images: what was read or seen, rate, time left. */
export function lookLine({ done, rate, unit, secondsLeft }: EventOf<'preview.progress'>): string {
  const seen = unit === 'bytes' ? formatBytes(done) : `${formatCount(done)} ${unit}`;
  const parts = ['Looking through the images', seen];
  if (rate !== null) parts.push(formatRate(rate, unit));
  if (secondsLeft !== null) parts.push(`${formatDuration(secondsLeft)} left`);
  return parts.join(' · ');
}

export interface ProgressDisplay {
  show(line: string): void;
  /** Leave the last line where it is and go on below. */
  end(): void;
}

/** Milliseconds between plain lines, where stderr is no terminal. */
const pause = 5000;

/** A single line that is written over on a terminal; elsewhere a plain line every five seconds. */
export function progressDisplay(
  world: Pick<CommandEnvironment, 'stderr' | 'terminal' | 'monotonic'>,
): ProgressDisplay {
  const { terminal } = world;
  if (terminal) {
    let shown = false;
    return {
      show(line) {
        const text =
          line.length >= terminal.columns ? `${line.slice(0, terminal.columns - 2)}…` : line;
        world.stderr(`\r\u001B[2K${text}`);
        shown = true;
      },
      end() {
        if (shown) world.stderr('\n');
        shown = false;
      },
    };
  }
  let last = Number.NEGATIVE_INFINITY;
  return {
    show(line) {
      const now = world.monotonic();
      if (now - last < pause) return;
      last = now;
      world.stderr(`${line}\n`);
    },
    end: () => undefined,
  };
}
