/** A length or place in a drawing, to a hundredth. */
export const coordinate = (value: number): string => String(Number(finite(value).toFixed(2)));

function finite(value: number): number {
  if (Number.isFinite(value)) return value;
  throw new RangeError(`${value} is no finite number: it is not drawn`);
}
