import { onScopeDispose, readonly, type Ref, ref } from 'vue';
import { StudioError } from '../../shared/errors';
import { type Upload } from '../../shared/uploads';
import { useClient } from '../api/client';
import { TransferPace } from '../../shared/transfer-pace';

/** How far a file is on its way. */
export interface SendProgress {
  readonly name: string;
  readonly sent: number;
  readonly total: number;
  /** Bytes a second. */
  readonly rate: number | null;
  readonly secondsLeft: number | null;
}

export interface UseUpload {
  /** Null while nothing is being sent. */
  readonly progress: Readonly<Ref<SendProgress | null>>;
  /** Bring a file to core; one that is there already (another try, a look before) is not sent again. */
  bring(file: File): Promise<string>;
  /** Stop what is being sent: `bring` throws `cancelled`, and nothing is kept. */
  cancel(): void;
  /** Stop, and give up what was brought. */
  release(): void;
}

/** One file at a time from this component to core; given up when the component goes. */
export function useUpload(now = () => performance.now()): UseUpload {
  const client = useClient();
  const progress = ref<SendProgress | null>(null);
  let sending: { readonly name: string; readonly abort: AbortController } | null = null;
  let brought: { readonly file: File; readonly upload: Upload } | null = null;

  async function isThere(upload: string): Promise<boolean> {
    return client.call('uploads.get', { upload }).then(
      () => true,
      () => false,
    );
  }

  async function bring(file: File): Promise<string> {
    if (brought?.file === file && (await isThere(brought.upload.upload))) {
      return brought.upload.upload;
    }
    release();
    const own = { name: file.name, abort: new AbortController() };
    sending = own;
    const pace = new TransferPace(file.size, now());
    const tell = (sent: number) => {
      if (sending !== own) return;
      pace.add(now(), sent);
      const { rate, secondsLeft } = pace;
      progress.value = { name: file.name, sent, total: file.size, rate, secondsLeft };
    };
    progress.value = {
      name: file.name,
      sent: 0,
      total: file.size,
      rate: null,
      secondsLeft: null,
    };
    try {
      const upload = await client.upload(file, { signal: own.abort.signal, onProgress: tell });
      if (own.abort.signal.aborted) {
        client.discard(upload);
        throw own.abort.signal.reason;
      }
      brought = { file, upload };
      return upload.upload;
    } finally {
      if (sending === own) {
        sending = null;
        progress.value = null;
      }
    }
  }

  function cancel(): void {
    const message = `Sending ${sending?.name ?? 'the file'} was cancelled. Nothing of it was kept.`;
    sending?.abort.abort(new StudioError({ code: 'cancelled', message }));
  }

  function release(): void {
    cancel();
    if (brought) client.discard(brought.upload);
    brought = null;
  }

  onScopeDispose(release);
  return { progress: readonly(progress), bring, cancel, release };
}
