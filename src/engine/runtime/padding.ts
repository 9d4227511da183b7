import type { Operations } from './operations';
import type { Tensor4D } from './tensorflow';

/** Rows or columns added to an image's two sides; cut off where negative. */
export interface Padding {
  readonly before: number;
  readonly after: number;
}

/**
 * The padding that give a side of a convolution's input exactly what its windows reach: the padding
 * before it, and after it as much as the last window needs, which may be less.
 */
export function windowPadding(
  side: number,
  { kernel, stride, padding }: { kernel: number; stride: number; padding: number },
): Padding {
  const windows = Math.floor((side + 2 * padding - kernel) / stride) + 1;
  return { before: padding, after: (windows - 1) * stride + kernel - side - padding };
}

export function opposite({ before, after }: Padding): Padding {
  return { before: -before, after: -after };
}

/** x [B, H, W, C] with zeros added, or values cut off, above and below, left and right. */
export function padded({ tf }: Operations, x: Tensor4D, rows: Padding, columns: Padding): Tensor4D {
  const sides = [rows, columns];
  if (sides.every(({ before, after }) => before === 0 && after === 0)) return x.clone();
  return tf.tidy(() => {
    const [batch, height, width, channels] = x.shape;
    const cut = (value: number) => Math.max(0, -value);
    const add = ({ before, after }: Padding): [number, number] => [
      Math.max(0, before),
      Math.max(0, after),
    ];
    const kept = [height, width].map((side, axis) => {
      const { before = 0, after = 0 } = sides[axis] ?? {};
      return side - cut(before) - cut(after);
    });
    const inner = tf.slice(
      x,
      [0, cut(rows.before), cut(columns.before), 0],
      [batch, kept[0] ?? height, kept[1] ?? width, channels],
    );
    return tf.pad(inner, [[0, 0], add(rows), add(columns), [0, 0]]);
  });
}
