import { type Images } from '../src/engine/models/inputs';

/** A stream of numbers from 0 up to 1 (xorshift): the images are the same on every machine. */
function stream(seed: number): () => number {
  let state = (seed * 2654435761 + 1) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
}

/**
 * Colour images that a network can learn without a download: the class decides the direction and
 * width of stripes and their tint; place, contrast and noise differ from image to image.
 */
export function madeImages(count: number, side: number, classes: number, seed: number): Images {
  const images = new Uint8Array(count * side * side * 3);
  const labels = new Uint8Array(count);
  for (let n = 0; n < count; n += 1) {
    const random = stream(seed * 1_000_003 + n + 1);
    const label = n % classes;
    labels[n] = label;
    const angle = (Math.PI * label) / classes;
    const frequency = (2 * Math.PI * (2 + (label % 4))) / side;
    const phase = 2 * Math.PI * random();
    const contrast = 50 + 50 * random();
    const tint = [0, 1, 2].map((colour) => (colour === label % 3 ? 30 : 0) + 20 * random());
    for (let y = 0; y < side; y += 1) {
      for (let x = 0; x < side; x += 1) {
        const along = x * Math.cos(angle) + y * Math.sin(angle);
        const wave = contrast * Math.sin(frequency * along + phase);
        for (let colour = 0; colour < 3; colour += 1) {
          const value = 110 + wave + (tint[colour] ?? 0) + 40 * (random() - 0.5);
          images[((n * side + y) * side + x) * 3 + colour] = value;
        }
      }
    }
  }
  return { images, labels, count };
}
