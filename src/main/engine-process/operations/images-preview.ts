import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  previewImages,
  type SampleImages,
  sampleImages,
} from '../../../engine/datasets/images/preview-images';
import { type EngineFile } from '../../../shared/engine';
import { fileFailure } from '../../../shared/errors';
import {
  imagesPreviewFile,
  sampleMasksFile,
  samplePixelsFile,
} from '../../../shared/images-preview';
import { type Operation } from '../operation';
import { writeArray } from '../output';

export const imagesPreview: Operation<'images-preview'> = async (input, context) => {
  const { report, samples: kept, signal } = context;
  try {
    const request = { ...input, kept, signal, report };
    const { images, maskBits, ...preview } = await previewImages(request);
    const text = Buffer.from(JSON.stringify(preview));
    await writeFile(join(input.outDir, imagesPreviewFile), text);
    const sha256 = createHash('sha256').update(text).digest('hex');
    const about = { name: imagesPreviewFile, bytes: text.length, sha256 };
    const masks = { shape: [...maskBits.shape], data: maskBits.bits };
    return {
      files: [
        about,
        await writeSamples(input.outDir, images),
        await writeArray(input.outDir, sampleMasksFile, masks),
      ],
    };
  } catch (error) {
    throw fileFailure(error, input.outDir);
  }
};

export const imagesSamples: Operation<'images-samples'> = async (input, { samples, signal }) => {
  try {
    const images = await sampleImages({ ...input, kept: samples, signal });
    const refused = [...images.refused];
    return { files: [await writeSamples(input.outDir, images)], refused };
  } catch (error) {
    throw fileFailure(error, input.outDir);
  }
};

const writeSamples = (folder: string, { pixels, shape }: SampleImages): Promise<EngineFile> =>
  writeArray(folder, samplePixelsFile, { shape: [...shape], data: pixels });
