import { type NdArray } from '../../../shared/arrays';
import { encodeNpy } from '../../../shared/npy';

/** A raw attribution as a file that NumPy reads: float32, [H, W, C], signed. */
export function npyBlob(map: NdArray): Blob {
  const bytes = encodeNpy(map);
  return new Blob([new Uint8Array(bytes)], { type: 'application/octet-stream' });
}
