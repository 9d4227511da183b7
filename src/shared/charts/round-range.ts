const nice = [1, 2, 2.5, 5, 10];

/** Round ends of an axis around values, at least one, and its step; 0 is in it unless it lies far off. */
export function roundRange(values: readonly number[]): {
  min: number;
  max: number;
  interval: number;
} {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const far = least > 0.25 * most && most > 0;
  const [low, high] = [far ? least : Math.min(0, least), Math.max(0, most)];
  const raw = Math.max(high - low, 1e-6) / 5;
  const power = 10 ** Math.floor(Math.log10(raw));
  const interval = power * (nice.find((step) => step * power >= raw - 1e-12) ?? 10);
  const to = (value: number) => Number((value * interval).toPrecision(12));
  return {
    min: to(Math.floor(low / interval + 1e-9)),
    max: to(Math.ceil(high / interval - 1e-9)),
    interval,
  };
}
