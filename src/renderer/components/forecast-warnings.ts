import { formatBytes, formatDuration } from '../format';

const day = 86_400;

/** What a person should know before starting something this long or this large. */
export function forecastWarnings(
  cost: { readonly seconds: number; readonly bytes: number },
  freeBytes: number,
): string[] {
  const days = cost.seconds / day;
  return [
    ...(cost.bytes > freeBytes
      ? [
          `It needs ${formatBytes(cost.bytes)} of disk, and ${formatBytes(freeBytes)} are free: it would stop when the disk is full.`,
        ]
      : []),
    ...(days > 1
      ? [
          `It takes ${days < 2 ? `more than a day (${formatDuration(cost.seconds)})` : `about ${Math.round(days)} days`} on this machine. It survives restarts and goes on where it stopped.`,
        ]
      : []),
  ];
}
