import { type ExportFile } from '../../shared/export-file';
import { saveFrom } from '../api/carrier';
import { useClient } from '../api/client';

/** Give a blob to the person as a file, the way a browser does. */
export function saveBlob(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  saveFrom(url, name);
  // The download has its own hold on the blob by then.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** A function that saves an exported file. */
export function useDownload(): (file: ExportFile) => Promise<void> {
  const client = useClient();
  return async (file) => void (await client.save(file));
}
