import { describe, expect, it } from 'vitest';
import { refusing } from '../../../src/engine/datasets/refusal';

const failing = (code: string) =>
  refusing('archive.zip', 'it is damaged', async () => {
    throw Object.assign(new Error(`${code}: no, write`), { code, syscall: 'write' });
  });

describe('a file that is refused', () => {
  it('is not blamed for a full disk', async () => {
    for (const code of ['ENOSPC', 'EDQUOT', 'EFBIG', 'EMFILE']) {
      await expect(failing(code)).rejects.toMatchObject({ code });
    }
  });

  it('is blamed in words for what is its own', async () => {
    await expect(failing('EIO')).rejects.toMatchObject({
      data: {
        code: 'corrupt-file',
        message:
          'archive.zip is refused: it is damaged (the disk failed while it was read or written).',
      },
    });
  });
});
