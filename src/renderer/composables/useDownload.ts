import { type ExportFile } from '../../shared/export-file';

/** Give a blob to the person as a file, the way a browser does. */
export function saveBlob(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = name;
  anchor.hidden = true;
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
  // The download has its own hold on the blob by then.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** The bytes of an exported file. */
export function fileBlob(file: ExportFile): Blob {
  const binary = atob(file.data);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i += 1) bytes[i] = binary.charCodeAt(i);
  return new Blob([bytes], { type: file.mime });
}

/** A function that saves an exported file. */
export function useDownload(): (file: ExportFile) => void {
  return (file) => saveBlob(fileBlob(file), file.name);
}
