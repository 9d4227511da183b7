import { type Rgba } from '../../shared/display/colour';

/** Put a picture into a canvas, one canvas pixel for each of its pixels. */
export function draw(canvas: HTMLCanvasElement, rgba: Rgba, width: number, height: number): void {
  canvas.width = width;
  canvas.height = height;
  canvas.getContext('2d')?.putImageData(new ImageData(rgba, width, height), 0, 0);
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
