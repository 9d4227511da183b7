import { sobel as descriptor } from '../../shared/catalogue/operators';
import { type ControlContext, controlOperator } from './operator';

/**
 * Edges: the magnitude √(g_x² + g_y²) of the Sobel gradients (kernels 1 2 1 by -1 0 1, not
 * normalised) of the mean over channels of the pixels in [0, 1]. Beyond the border the image goes
 * on with its outermost pixels, so that a constant image has no edges.
 */
export const sobel = controlOperator(descriptor, () => edgesOf);

function edgesOf(context: ControlContext, position: number): Float32Array {
  const [height, width, channels] = context.shape;
  const pixels = context.pixels(position);
  const gray = new Float64Array(height * width);
  for (let i = 0; i < gray.length; i += 1) {
    let sum = 0;
    for (let c = 0; c < channels; c += 1) sum += pixels[i * channels + c] as number;
    gray[i] = sum / channels;
  }
  const clamp = (value: number, size: number) => Math.min(Math.max(value, 0), size - 1);
  const at = (y: number, x: number) => gray[clamp(y, height) * width + clamp(x, width)] as number;
  const edges = new Float32Array(height * width);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const column = (dx: number) => at(y - 1, x + dx) + 2 * at(y, x + dx) + at(y + 1, x + dx);
      const row = (dy: number) => at(y + dy, x - 1) + 2 * at(y + dy, x) + at(y + dy, x + 1);
      edges[y * width + x] = Math.hypot(column(1) - column(-1), row(1) - row(-1));
    }
  }
  return edges;
}
