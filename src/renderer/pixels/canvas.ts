import { type Rgba } from '../../shared/display/colour';

/** Put a picture into a canvas, one canvas pixel for each of its pixels. */
export function draw(canvas: HTMLCanvasElement, rgba: Rgba, width: number, height: number): void {
  canvas.width = width;
  canvas.height = height;
  canvas.getContext('2d')?.putImageData(new ImageData(rgba, width, height), 0, 0);
}

/**
 * The same, smoothly made smaller to the pixels that the screen has for it: the browser's own way
 * drops some of them.
 */
export function drawSmaller(
  canvas: HTMLCanvasElement,
  rgba: Rgba,
  { width, height }: { readonly width: number; readonly height: number },
  screen: { readonly width: number; readonly height: number },
): void {
  const whole = document.createElement('canvas');
  draw(whole, rgba, width, height);
  canvas.width = screen.width;
  canvas.height = screen.height;
  const context = canvas.getContext('2d');
  if (!context) return;
  context.imageSmoothingQuality = 'high';
  context.drawImage(whole, 0, 0, screen.width, screen.height);
}

/** The picture as a PNG, each pixel a square of `zoom` pixels (no smoothing). */
export async function toPng(
  rgba: Rgba,
  width: number,
  height: number,
  zoom: number,
): Promise<Blob> {
  const small = document.createElement('canvas');
  draw(small, rgba, width, height);
  const large = document.createElement('canvas');
  large.width = width * zoom;
  large.height = height * zoom;
  const context = large.getContext('2d');
  if (context) {
    context.imageSmoothingEnabled = false;
    context.drawImage(small, 0, 0, large.width, large.height);
  }
  return new Promise((resolve, reject) => {
    large.toBlob((blob) => {
      if (blob) resolve(blob);
      else reject(new Error('The picture could not be encoded as PNG.'));
    }, 'image/png');
  });
}
