import { type FillOperator } from './fill';

/** The mean of each channel over the whole original image (the paper's "image mean"). */
export const imageMean: FillOperator = (pixels, { shape: [height, width, channels] }) => {
  const means = new Float32Array(channels);
  for (let c = 0; c < channels; c += 1) {
    let sum = 0;
    for (let i = c; i < pixels.length; i += channels) sum += pixels[i] as number;
    means[c] = sum / (height * width);
  }
  return means;
};
