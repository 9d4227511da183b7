import { parse, StudioError } from '../../shared/errors';
import { type ExportFile } from '../../shared/export-file';
import { type Upload } from '../../shared/uploads';
import { givenSchema, savedSchema, type StudioBridge } from '../../shared/wire';

export interface SendOptions {
  /** Aborted: nothing more is sent, and `send` rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Told of the bytes sent so far. */
  readonly onProgress?: ((sent: number) => void) | undefined;
}

/** Carries files to a shell and back, beside the frames. Both shells' carriers look the same. */
export interface FileCarrier {
  /** A file that need not travel, as an upload; null for one that must be sent. */
  give(file: File): Promise<Upload | null>;
  /**
   * Send the bytes of an upload that was announced. Resolves when nothing more will be sent, whether
   * all arrived or not: core is asked that.
   */
  send(upload: string, file: Blob, options: SendOptions): Promise<void>;
  /** Hand an exported file to the person; false where they chose not to have it. */
  save(file: ExportFile): Promise<boolean>;
}

/** Click a link to a file, the way a browser saves one. */
export function saveFrom(address: string, name: string): void {
  const anchor = document.createElement('a');
  anchor.href = address;
  anchor.download = name;
  anchor.hidden = true;
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
}

/** The browser shell's carrier: HTTP to the page's own origin, which streams from and to the disk. */
export function httpCarrier(newRequest = () => new XMLHttpRequest()): FileCarrier {
  return {
    give: async () => null,
    // Of all that a page can do, XMLHttpRequest alone tells how much of a body was sent.
    send: (upload, file, { signal, onProgress }) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        const request = newRequest();
        const abort = () => request.abort();
        signal?.addEventListener('abort', abort, { once: true });
        request.upload.addEventListener('progress', ({ loaded }) => onProgress?.(loaded));
        request.addEventListener('loadend', () => {
          signal?.removeEventListener('abort', abort);
          if (signal?.aborted) reject(signal.reason as Error);
          else resolve();
        });
        request.open('PUT', `/files/${upload}`);
        request.setRequestHeader('content-type', 'application/octet-stream');
        request.send(file);
      }),
    async save({ file, name }) {
      saveFrom(`/files/${file}`, name);
      return true;
    },
  };
}

/** Bytes of one message to the desktop shell's main process. */
const pieceBytes = 2 ** 20;

/** The desktop shell's carrier: files by their paths, pieces of what has none, save dialogs. */
export function bridgeCarrier(bridge: StudioBridge): FileCarrier {
  return {
    async give(file) {
      const given = await bridge.give(file);
      if (given === null) return null;
      const answer = parse(givenSchema, given, 'file');
      if ('error' in answer) throw new StudioError(answer.error);
      return answer;
    },
    async send(upload, file, { signal, onProgress }) {
      for (let start = 0; start < file.size; start += pieceBytes) {
        signal?.throwIfAborted();
        const piece = file.slice(start, start + pieceBytes);
        if (!(await bridge.piece(upload, new Uint8Array(await piece.arrayBuffer())))) return;
        onProgress?.(Math.min(file.size, start + pieceBytes));
      }
    },
    async save({ file }) {
      const answer = parse(savedSchema, await bridge.save(file), 'file');
      if ('error' in answer) throw new StudioError(answer.error);
      return answer.path !== null;
    },
  };
}
